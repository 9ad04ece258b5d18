//! The DTLS-SRTP handshake (RFC 5764): the one module that knows `rtc-dtls`, and what it needs around it.
mod last_flight;
#[cfg(test)]
mod openssl;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use cooee_sdp::{DtlsRole, Fingerprint};
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, HandshakeConfig};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::Error;
use rtc_srtp::config::{Config as SrtpConfig, LABEL_EXTRACTOR_DTLS_SRTP};

use crate::certificate;
use crate::srtp::{Keys, Profile};
use crate::{Certificate, MediaFailure};
use last_flight::LastFlight;

/// One association. It belongs to the session and not to a path: it outlives every change of address.
pub(crate) struct Dtls {
    endpoint: Endpoint,
    role: DtlsRole,
    /// What a client begins with.
    config: Option<Arc<HandshakeConfig>>,
    verdict: Arc<AtomicU8>,
    peer: Arc<OnceLock<[u8; 32]>>,
    complete: bool,
    first_rto: Duration,
    rto: Duration,
    /// How often the timer has run out since the last new flight.
    expiries: u32,
    retransmit_at: Option<Instant>,
    flights: Flights,
    last: LastFlight,
    /// Datagrams shown to the library that hold records of the coming epoch, which it queues without bound.
    ahead: u32,
    /// Records that the library refused: forged, damaged or repeated.
    pub(crate) refused: u64,
}

/// What became of a datagram.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Go on.
    None,
    /// The handshake is complete and the peer is who signalling said.
    Keys(Keys),
    /// The peer closed the association after the handshake.
    Closed,
    /// It can never succeed.
    Failed(MediaFailure),
}

/// The library keys associations by address; ours has one made-up, constant one (port 0 is refused).
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 0, 8)), 9);
const MTU: usize = 1200;
/// The longest pause between repeats, unless the round trip is longer: a flight each half a second is no more traffic than the call itself,
/// and a handshake over a bad path needs many tries within the session's deadline.
const MAX_PAUSE: Duration = Duration::from_millis(500);
/// What is believed at most of a round trip that ICE measured: it holds the wait for signalling if the check came before the answer.
const MAX_RTO: Duration = Duration::from_secs(2);

/// After so many timeouts each datagram goes twice: tries are few, and the copy that comes second is dropped as a replay.
const TRIES_ALONE: u32 = 2;

/// What the callback that sees the peer's certificate has found.
const NOT_SEEN: u8 = 0;
const RIGHT: u8 = 1;
const WRONG: u8 = 2;

impl Dtls {
    pub(crate) fn new(own: &Certificate, role: DtlsRole, announced: &[Fingerprint], rto: Duration) -> Result<Self, MediaFailure> {
        let (verdict, peer) = (Arc::new(AtomicU8::new(NOT_SEEN)), Arc::new(OnceLock::new()));
        let config =
            Arc::new(handshake_config(own, role, announced.to_vec(), verdict.clone(), peer.clone()).map_err(|_| MediaFailure::Crypto)?);
        let (client, server) = match role {
            DtlsRole::Client => (Some(config), None),
            DtlsRole::Server => (None, Some(config)),
        };
        Ok(Self {
            endpoint: Endpoint::new(PEER, TransportProtocol::UDP, server),
            role,
            config: client,
            verdict,
            peer,
            complete: false,
            first_rto: rto,
            rto,
            expiries: 0,
            retransmit_at: None,
            flights: Flights::default(),
            last: LastFlight::default(),
            ahead: 0,
            refused: 0,
        })
    }

    /// SHA-256 of the peer's certificate, once it has shown the announced one.
    pub(crate) fn peer_key(&self) -> Option<[u8; 32]> {
        self.peer.get().copied()
    }

    /// There is a path: a client speaks first.
    pub(crate) fn start(&mut self, rtt: Option<Duration>, now: Instant) -> Result<(), MediaFailure> {
        self.first_rto = self.first_rto.max(rtt.unwrap_or_default().saturating_mul(3) / 2).min(MAX_RTO);
        self.rto = self.first_rto;
        match self.config.take() {
            Some(config) => self.endpoint.connect(now, PEER, config, None).map_err(|_| MediaFailure::Crypto),
            None => Ok(()),
        }
    }

    /// Whether a flight of ours has gone out.
    pub(crate) fn has_spoken(&self) -> bool {
        self.retransmit_at.is_some() || self.complete
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(crate) fn handle_datagram(&mut self, datagram: &[u8], now: Instant) -> Progress {
        // A client that has not begun cannot read.
        if self.config.is_some() || (!self.complete && !is_plausible(datagram)) {
            self.refused += 1;
            return Progress::None;
        }
        if !self.complete && !self.flights.is_news(datagram, self.role) {
            self.last.handle_repeat(self.first_rto, now);
            return Progress::None;
        }
        if !self.complete && self.is_too_far_ahead(datagram) {
            return Progress::None;
        }
        // The library sees no repeat in a copy, and answers the others a few times only.
        if self.complete && plain_handshake(datagram).1 != 0 {
            self.last.handle_repeat(self.first_rto, now);
        }
        let read = self.endpoint.read(now, PEER, None, BytesMut::from(datagram));
        if self.verdict.load(Ordering::Relaxed) == WRONG {
            return Progress::Failed(MediaFailure::Fingerprint);
        }
        // An error does not mean that the association is over: anyone can forge a record before the keys. The session's deadline decides.
        let Ok(events) = read else {
            self.refused += 1;
            return Progress::None;
        };
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => {
                    self.complete = true;
                    self.retransmit_at = None;
                    if self.role == DtlsRole::Client {
                        // The server had the last word.
                        self.last = LastFlight::default();
                    }
                    return self.keys().map_or_else(Progress::Failed, Progress::Keys);
                }
                EndpointEvent::PeerClosed if self.complete => return Progress::Closed,
                _ => {}
            }
        }
        Progress::None
    }

    fn is_too_far_ahead(&mut self, datagram: &[u8]) -> bool {
        self.ahead += u32::from(!plain_handshake(datagram).0);
        self.ahead > MAX_AHEAD
    }

    /// Only after completion: the library itself would export earlier, before the peer's Finished was verified.
    fn keys(&self) -> Result<Keys, MediaFailure> {
        if self.verdict.load(Ordering::Relaxed) != RIGHT {
            return Err(MediaFailure::Fingerprint);
        }
        let state = self.endpoint.get_connection_state(PEER).ok_or(MediaFailure::Handshake)?;
        // The handshake completes without use_srtp, too: the profile is then none of these.
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::AeadAes128Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Aes128CmHmacSha1_80,
            _ => return Err(MediaFailure::NoSrtpProfile),
        };
        let mut config = SrtpConfig { profile, ..SrtpConfig::default() };
        let secret =
            state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], config.keying_material_len()).map_err(|_| MediaFailure::Crypto)?;
        config.set_session_keys_from_keying_material(secret.as_ref(), state.is_client()).map_err(|_| MediaFailure::Crypto)?;
        let keys = config.keys;
        Ok(Keys::new(profile, (keys.local_master_key, keys.local_master_salt), (keys.remote_master_key, keys.remote_master_salt)))
    }

    /// Takes the datagrams to send. A new flight arms the timer anew: the library's own is fixed and short-lived.
    pub(crate) fn drain(&mut self, now: Instant, mut send: impl FnMut(Bytes)) {
        let fresh: Vec<Bytes> = std::iter::from_fn(|| self.endpoint.poll_transmit()).map(|message| message.message.freeze()).collect();
        let copies = self.last.take(&fresh, now);
        let datagrams = if fresh.is_empty() { copies } else { fresh };
        let sent = !datagrams.is_empty();
        for datagram in datagrams {
            if self.expiries >= TRIES_ALONE {
                send(datagram.clone());
            }
            send(datagram);
        }
        if sent && !self.complete {
            if self.flights.answered() {
                (self.rto, self.expiries) = (self.first_rto, 0);
            }
            self.retransmit_at = Some(now + self.rto);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.retransmit_at.filter(|_| self.endpoint.poll_timeout(&PEER).is_some())
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline().is_none_or(|at| now < at) {
            return;
        }
        self.rto = (self.rto * 2).min(MAX_PAUSE.max(self.first_rto));
        self.expiries = self.expiries.saturating_add(1);
        self.retransmit_at = Some(now + self.rto);
        if self.last.expire() && self.endpoint.handle_timeout(PEER, now).is_err() {
            // It can never go on: the session's deadline ends it.
            self.retransmit_at = None;
        }
    }

    /// Says close_notify (RFC 5246 7.2.1).
    pub(crate) fn close(&mut self, now: Instant) {
        self.endpoint.stop(now, PEER);
    }
}

impl std::fmt::Debug for Dtls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dtls({:?}, complete: {})", self.role, self.complete)
    }
}

fn handshake_config(
    own: &Certificate,
    role: DtlsRole,
    announced: Vec<Fingerprint>,
    verdict: Arc<AtomicU8>,
    peer: Arc<OnceLock<[u8; 32]>>,
) -> Result<HandshakeConfig, Error> {
    ConfigBuilder::default()
        .with_crypto_provider(own.provider())
        .with_certificates(vec![own.chain()])
        .with_srtp_protection_profiles(vec![
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ])
        // Else a server never asks for the peer's certificate, and the callback never runs.
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        // There is no chain to verify: signalling names the certificate. The library still checks the signatures made with its key.
        .with_insecure_skip_verify(true)
        .with_verify_peer_certificate(Some(Arc::new(move |chain, _| {
            let right = chain.first().is_some_and(|der| certificate::matches(&announced, der));
            if let Some(der) = chain.first().filter(|_| right) {
                peer.get_or_init(|| certificate::sha_256(der));
            }
            verdict.store(if right { RIGHT } else { WRONG }, Ordering::Relaxed);
            if right { Ok(()) } else { Err(Error::Other("the certificate is not the announced one".to_owned())) }
        })))
        .with_server_name("phone".to_owned())
        .with_mtu(MTU)
        .with_replay_protection_window(2 * MAX_PLAIN as usize)
        // The timer is ours; the library only checks that its own moment has passed.
        .with_flight_interval(Duration::from_millis(1))
        .build(role == DtlsRole::Client, None)
}

/// Which handshake messages have come in, and which of them a flight of ours has answered.
///
/// A repeat of a flight that is already answered must not reach the library: it would end the retransmission of our own flight for good,
/// and two lost datagrams would hang the handshake.
#[derive(Debug, Default)]
struct Flights {
    seen: u64,
    answered: u64,
}

impl Flights {
    fn is_news(&mut self, datagram: &[u8], role: DtlsRole) -> bool {
        let (only_plain, numbers) = plain_handshake(datagram);
        // A server that has sent nothing but HelloVerifyRequest must see the first ClientHello again: it keeps no timer for it.
        let hello_again = role == DtlsRole::Server && self.answered == 1;
        if only_plain && !hello_again && numbers & !self.answered == 0 {
            return false;
        }
        self.seen |= numbers;
        true
    }

    /// A flight went out. Whether it was a new one.
    fn answered(&mut self) -> bool {
        let new = self.seen != self.answered;
        self.answered = self.seen;
        new
    }
}

/// A Finished and all its repeats are fewer.
const MAX_AHEAD: u32 = 64;
/// No handshake needs this many records before the keys.
const MAX_PLAIN: u64 = 512;

/// Whether a datagram before the keys may be shown to the library. Anyone can forge such a record: the library takes its sequence number
/// into the replay window (a high one would lock the peer out for good), echoes a forged alert, and forgets the association on a forged
/// close_notify. The price: an honest alert of the peer is not seen, and the session's deadline ends the call instead.
fn is_plausible(datagram: &[u8]) -> bool {
    match datagram {
        [21, _, _, 0, 0, ..] => false,
        [_, _, _, 0, 0, sequence @ ..] => {
            sequence.first_chunk::<6>().is_some_and(|octets| octets.iter().fold(0, |n, octet| (n << 8) | u64::from(*octet)) < MAX_PLAIN)
        }
        _ => true,
    }
}

/// Whether there are only handshake records of epoch 0 in a datagram, and which message numbers they carry.
fn plain_handshake(mut rest: &[u8]) -> (bool, u64) {
    let (mut only, mut numbers) = (true, 0);
    while let Some(([kind, _, _, e0, e1, _, _, _, _, _, _, l0, l1], tail)) = rest.split_first_chunk::<13>() {
        let Some((body, tail)) = tail.split_at_checked(usize::from(u16::from_be_bytes([*l0, *l1]))) else { break };
        match (kind, e0, e1, body) {
            (22, 0, 0, [_, _, _, _, 0, number @ 0..=63, ..]) => numbers |= 1 << number,
            (22, 0, 0, _) => {}
            _ => only = false,
        }
        rest = tail;
    }
    (only, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, epoch: u8, sequence: [u8; 6], body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u16).to_be_bytes();
        [&[kind, 254, 253, 0, epoch][..], &sequence, &length, body].concat()
    }

    #[test]
    fn plain_alerts_and_high_sequence_numbers_are_not_plausible() {
        assert!(!is_plausible(&record(21, 0, [0; 6], &[2, 40])));
        assert!(is_plausible(&record(21, 1, [0; 6], &[0; 40])));
        assert!(is_plausible(&record(22, 0, [0, 0, 0, 0, 1, 255], &[1; 20])));
        assert!(!is_plausible(&record(22, 0, [0, 0, 0, 0, 2, 0], &[1; 20])));
        assert!(!is_plausible(&record(22, 0, [255; 6], &[1; 20])));
        assert!(!is_plausible(&[22, 254, 253, 0, 0, 0]));
    }

    #[test]
    fn an_answered_flight_is_news_only_to_a_server_that_has_verified_nothing() {
        let hello = record(22, 0, [0; 6], &[1, 0, 0, 4, 0, 0, 0, 0, 0]);
        let second = record(22, 0, [0, 0, 0, 0, 0, 1], &[1, 0, 0, 4, 0, 1, 0, 0, 0]);
        let mut server = Flights::default();
        assert!(server.is_news(&hello, DtlsRole::Server));
        assert!(server.answered());
        assert!(server.is_news(&hello, DtlsRole::Server));
        assert!(server.is_news(&second, DtlsRole::Server));
        assert!(server.answered());
        assert!(!server.is_news(&second, DtlsRole::Server));
        assert!(!server.answered());
        let finished = record(22, 1, [0; 6], &[7; 40]);
        assert!(server.is_news(&[second, finished].concat(), DtlsRole::Server));
    }
}
