//! SRTP and SRTCP (RFC 3711, RFC 7714): the one module that knows `rtc-srtp`, and what it needs around it. Keys from DTLS and from SDES
//! are the same octets.
mod incoming;

use bytes::{Bytes, BytesMut};
use cooee_sdp::{Crypto, SrtpSuite};
use rtc_shared::error::{Error, Result};
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
pub(crate) use rtc_srtp::protection_profile::ProtectionProfile as Profile;

use incoming::Incoming;

/// Master key and master salt.
type Master = (Vec<u8>, Vec<u8>);

/// Master keys of both directions.
#[derive(Clone)]
pub(crate) struct Keys {
    profile: Profile,
    ours: Master,
    theirs: Master,
    /// Stands in every packet of the peer (RFC 3711 3.1).
    mki: Option<Vec<u8>>,
}

impl Keys {
    pub(crate) fn new(profile: Profile, ours: Master, theirs: Master) -> Self {
        Self { profile, ours, theirs, mki: None }
    }

    /// From `a=crypto` of both sides (RFC 4568). `None` for a suite that is not known, or a key of the wrong length.
    pub(crate) fn sdes(ours: &Crypto, theirs: &Crypto) -> Option<Self> {
        let suite = SrtpSuite::from_name(&ours.suite)?;
        let (profile, same) = (profile(suite), SrtpSuite::from_name(&theirs.suite) == Some(suite));
        let cut = |key_salt: &[u8]| {
            let (key, salt) = key_salt.split_at_checked(profile.key_len())?;
            (salt.len() == profile.salt_len()).then(|| (key.to_vec(), salt.to_vec()))
        };
        let (ours, theirs, mki) = (cut(&ours.key_salt)?, cut(&theirs.key_salt)?, theirs.mki());
        same.then_some(Self { profile, ours, theirs, mki })
    }

    /// The IANA name of the DTLS-SRTP profile or SDES suite.
    pub(crate) fn cipher(&self) -> &'static str {
        match self.profile {
            Profile::Aes128CmHmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Profile::Aes128CmHmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Profile::Aes256CmHmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Profile::Aes256CmHmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            Profile::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Profile::AeadAes256Gcm => "AEAD_AES_256_GCM",
            _ => "unknown",
        }
    }

    /// Client key, server key, client salt, server salt, as RFC 5764 4.2 lays them out.
    #[cfg(test)]
    pub(crate) fn exported(&self, we_are_client: bool) -> Vec<u8> {
        let (client, server) = if we_are_client { (&self.ours, &self.theirs) } else { (&self.theirs, &self.ours) };
        [&client.0[..], &server.0, &client.1, &server.1].concat()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        for part in [&mut self.ours.0, &mut self.ours.1, &mut self.theirs.0, &mut self.theirs.1] {
            part.fill(0);
            // Else the compiler may leave out a write that nothing reads.
            std::hint::black_box(part);
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.cipher())
    }
}

fn profile(suite: SrtpSuite) -> Profile {
    match suite {
        SrtpSuite::Aes128CmHmacSha1_80 => Profile::Aes128CmHmacSha1_80,
        SrtpSuite::Aes128CmHmacSha1_32 => Profile::Aes128CmHmacSha1_32,
        SrtpSuite::Aes256CmHmacSha1_80 => Profile::Aes256CmHmacSha1_80,
        SrtpSuite::Aes256CmHmacSha1_32 => Profile::Aes256CmHmacSha1_32,
        SrtpSuite::AeadAes128Gcm => Profile::AeadAes128Gcm,
        SrtpSuite::AeadAes256Gcm => Profile::AeadAes256Gcm,
    }
}

/// Both directions of one session.
pub(crate) struct Srtp {
    keys: Keys,
    outgoing: Context,
    incoming: Incoming,
    /// What the peer protected by the keys before; packets of both are under way while it changes them.
    previous: Option<Incoming>,
}

impl Srtp {
    pub(crate) fn new(keys: Keys) -> Result<Self> {
        let (outgoing, incoming) = (context(&keys, &keys.ours)?, Incoming::new(&keys)?);
        Ok(Self { keys, outgoing, incoming, previous: None })
    }

    /// Goes on with other keys (RFC 4568 7.1.4): of the directions whose key stays, counters and replay windows stay as well. Whether
    /// anything has changed.
    pub(crate) fn rekey(&mut self, keys: Keys) -> Result<bool> {
        let same_profile = self.keys.cipher() == keys.cipher();
        let (same_out, same_in) =
            (same_profile && self.keys.ours == keys.ours, same_profile && (&self.keys.theirs, &self.keys.mki) == (&keys.theirs, &keys.mki));
        if !same_out {
            self.outgoing = context(&keys, &keys.ours)?;
        }
        if !same_in {
            self.previous = Some(std::mem::replace(&mut self.incoming, Incoming::new(&keys)?));
        }
        self.keys = keys;
        Ok(!(same_out && same_in))
    }

    /// Protects a whole RTP packet.
    pub(crate) fn protect(&mut self, packet: &[u8]) -> Result<Bytes> {
        self.outgoing.encrypt_rtp(packet).map(BytesMut::freeze)
    }

    /// Protects a whole compound RTCP packet.
    pub(crate) fn protect_rtcp(&mut self, compound: &[u8]) -> Result<Bytes> {
        self.outgoing.encrypt_rtcp(compound).map(BytesMut::freeze)
    }

    /// Whether an RTP packet's source is one that has authenticated before, as far as any has. Costs nothing, and shows nothing.
    pub(crate) fn may_know(&self, datagram: &[u8]) -> bool {
        self.incoming.may_know(datagram) || self.previous.as_ref().is_some_and(|previous| previous.may_know(datagram))
    }

    /// The same of an RTCP packet's.
    pub(crate) fn may_know_rtcp(&self, datagram: &[u8]) -> bool {
        self.incoming.may_know_rtcp(datagram) || self.previous.as_ref().is_some_and(|previous| previous.may_know_rtcp(datagram))
    }

    /// The RTP packet inside, header included, if it is authentic and new.
    pub(crate) fn unprotect(&mut self, datagram: &[u8]) -> Result<Bytes> {
        self.incoming_of(|incoming| incoming.unprotect(datagram))
    }

    /// The compound RTCP packet inside, if it is authentic and new.
    pub(crate) fn unprotect_rtcp(&mut self, datagram: &[u8]) -> Result<Bytes> {
        self.incoming_of(|incoming| incoming.unprotect_rtcp(datagram))
    }

    fn incoming_of(&mut self, unprotect: impl Fn(&mut Incoming) -> Result<Bytes>) -> Result<Bytes> {
        let plain = unprotect(&mut self.incoming);
        if plain.is_ok() {
            self.previous.take_if(|_| self.incoming.authentic >= LATE_PACKETS);
            return plain;
        }
        self.previous.as_mut().map_or(plain, unprotect)
    }
}

impl std::fmt::Debug for Srtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Srtp({})", self.keys.cipher())
    }
}

/// After so many packets by the new keys, none by the old ones is under way.
const LATE_PACKETS: u64 = 25;

/// `None` for the options would mean no replay protection.
fn context(keys: &Keys, master: &Master) -> Result<Context> {
    let provider = rtc_srtp::crypto::default_provider().map_err(|e| Error::Crypto(e.to_string()))?;
    let (srtp, srtcp) = (srtp_replay_protection(REPLAY_WINDOW), srtcp_replay_protection(REPLAY_WINDOW));
    Context::new(&master.0, &master.1, keys.profile, Some(srtp), Some(srtcp), provider.crypto())
}

const REPLAY_WINDOW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::{Header, packet};

    fn crypto(suite: &str, octet: u8, length: usize) -> Crypto {
        Crypto { tag: 1, suite: suite.to_owned(), key_salt: vec![octet; length], parameters: String::new() }
    }

    fn two(suite: &str, length: usize) -> (Srtp, Srtp) {
        let (a, b) = (crypto(suite, 7, length), crypto(suite, 9, length));
        (Srtp::new(Keys::sdes(&a, &b).unwrap()).unwrap(), Srtp::new(Keys::sdes(&b, &a).unwrap()).unwrap())
    }

    fn rtp(sequence: u16, ssrc: u32) -> Vec<u8> {
        packet(&Header { marker: false, payload_type: 111, sequence, timestamp: 1, ssrc }, b"sound")
    }

    #[test]
    fn every_suite_protects_both_ways_and_refuses_a_replay_or_a_changed_octet() {
        for (suite, length) in [
            ("AES_CM_128_HMAC_SHA1_80", 30),
            ("AES_CM_128_HMAC_SHA1_32", 30),
            ("AES_256_CM_HMAC_SHA1_80", 46),
            ("AES_256_CM_HMAC_SHA1_32", 46),
            ("AEAD_AES_128_GCM", 28),
            ("aead_aes_256_gcm", 44),
        ] {
            let (mut a, mut b) = two(suite, length);
            let sent = a.protect(&rtp(1, 5)).unwrap();
            let mut changed = sent.to_vec();
            *changed.last_mut().unwrap() ^= 1;
            assert!(b.unprotect(&changed).is_err(), "{suite}");
            assert_eq!(b.unprotect(&sent).unwrap(), rtp(1, 5), "{suite}");
            assert!(b.unprotect(&sent).is_err(), "{suite}");
            let back = b.protect(&rtp(9, 6)).unwrap();
            assert_eq!(a.unprotect(&back).unwrap(), rtp(9, 6), "{suite}");
            assert_eq!(a.keys.cipher(), suite.to_ascii_uppercase());
        }
        assert!(Keys::sdes(&crypto("AES_CM_128_HMAC_SHA1_80", 1, 29), &crypto("AES_CM_128_HMAC_SHA1_80", 1, 30)).is_none());
        assert!(Keys::sdes(&crypto("F8_128_HMAC_SHA1_80", 1, 30), &crypto("F8_128_HMAC_SHA1_80", 1, 30)).is_none());
        assert!(Keys::sdes(&crypto("AES_CM_128_HMAC_SHA1_80", 1, 30), &crypto("AES_CM_128_HMAC_SHA1_32", 1, 30)).is_none());
    }

    #[test]
    fn sequence_numbers_wrap_with_reordering() {
        let (mut a, mut b) = two("AES_CM_128_HMAC_SHA1_80", 30);
        let sent: Vec<_> = (0..140_000u32).map(|i| a.protect(&rtp((60_000 + i) as u16, 1)).unwrap()).collect();
        for pair in sent.chunks(2) {
            assert!(b.unprotect(&pair[1]).is_ok() && b.unprotect(&pair[0]).is_ok() && b.unprotect(&pair[0]).is_err());
        }
    }

    #[test]
    fn forged_sources_leave_nothing_behind() {
        let (mut a, mut b) = two("AES_CM_128_HMAC_SHA1_80", 30);
        let mut forged = a.protect(&rtp(1, 2)).unwrap().to_vec();
        for ssrc in 0..10_000u32 {
            forged[8..12].copy_from_slice(&ssrc.wrapping_mul(2_654_435_761).to_be_bytes());
            assert!(b.unprotect(&forged).is_err());
        }
        assert_eq!(b.incoming.known(), 0);
        assert!(b.unprotect(&a.protect(&rtp(2, 2)).unwrap()).is_ok());
    }

    #[test]
    fn a_peer_that_changes_its_source_for_ever_is_heard_for_ever() {
        let (mut a, mut b) = two("AEAD_AES_128_GCM", 28);
        for ssrc in 0..100 {
            assert!(b.unprotect(&a.protect(&rtp(1, ssrc)).unwrap()).is_ok());
            assert!(b.incoming.known() <= 32);
        }
    }

    #[test]
    fn sources_that_come_and_go_leave_the_counters_of_the_one_that_plays() {
        let (mut a, mut b) = two("AES_CM_128_HMAC_SHA1_80", 30);
        let play = |a: &mut Srtp, b: &mut Srtp, sequence: u32| b.unprotect(&a.protect(&rtp(sequence as u16, 5)).unwrap()).is_ok();
        assert!((0..70_000).all(|sequence| play(&mut a, &mut b, sequence)), "its counter has rolled over");
        for ssrc in 100..200 {
            assert!(b.unprotect(&a.protect(&rtp(1, ssrc)).unwrap()).is_ok());
            assert!(play(&mut a, &mut b, 70_000 + ssrc), "{ssrc}");
            assert!(b.incoming.known() <= 32);
        }
    }

    #[test]
    fn a_new_key_of_one_side_leaves_the_other_direction_as_it_is() {
        let suite = "AES_CM_128_HMAC_SHA1_80";
        let keys = |a: u8, b: u8| Keys::sdes(&crypto(suite, a, 30), &crypto(suite, b, 30)).unwrap();
        let (mut a, mut b) = (Srtp::new(keys(7, 9)).unwrap(), Srtp::new(keys(9, 7)).unwrap());
        for sequence in 0..65_536_u32 + 10 {
            a.protect(&rtp(sequence as u16, 5)).unwrap();
        }
        let replayed = b.protect(&rtp(1, 6)).unwrap();
        assert!(a.unprotect(&replayed).is_ok());
        let late = a.protect(&rtp(10, 5)).unwrap();
        assert!(b.unprotect(&late).is_err(), "the roll-over counter of a stream joined late cannot be known");
        let (mut a, mut b) = (Srtp::new(keys(7, 9)).unwrap(), Srtp::new(keys(9, 7)).unwrap());
        let on_its_way = a.protect(&rtp(10, 5)).unwrap();
        let replayed = b.protect(&rtp(1, 6)).unwrap();
        assert!(a.unprotect(&replayed).is_ok());
        assert!(a.rekey(keys(8, 9)).unwrap() && b.rekey(keys(9, 8)).unwrap());
        assert!(!a.rekey(keys(8, 9)).unwrap(), "nothing is new");
        let first = a.protect(&rtp(11, 5)).unwrap();
        assert!(b.unprotect(&first).is_ok() && b.unprotect(&on_its_way).is_ok(), "both keys are known for a while");
        assert!(b.unprotect(&first).is_err() && b.unprotect(&on_its_way).is_err(), "and neither is open to replays");
        assert!(a.unprotect(&replayed).is_err(), "the other direction kept its window");
        for sequence in 12..40 {
            assert!(b.unprotect(&a.protect(&rtp(sequence, 5)).unwrap()).is_ok());
        }
        assert!(b.previous.is_none());
    }

    #[test]
    fn the_peers_key_identifier_is_taken_out_of_every_kind_of_packet() {
        for (suite, length, tag) in [("AES_CM_128_HMAC_SHA1_80", 30, 10), ("AES_CM_128_HMAC_SHA1_32", 30, 4), ("AEAD_AES_128_GCM", 28, 0)] {
            let (mut a, _) = two(suite, length);
            let theirs = Crypto { parameters: "|2^20|258:4".to_owned(), ..crypto(suite, 7, length) };
            let mut b = Srtp::new(Keys::sdes(&crypto(suite, 9, length), &theirs).unwrap()).unwrap();
            let with = |sent: &[u8], tag: usize| {
                let (body, tag) = sent.split_at(sent.len() - tag);
                [body, &[0, 0, 1, 2], tag].concat()
            };
            let sent = a.protect(&rtp(1, 5)).unwrap();
            assert!(b.unprotect(&sent).is_err(), "{suite}");
            assert_eq!(b.unprotect(&with(&sent, tag)).unwrap(), rtp(1, 5), "{suite}");
            let report =
                crate::rtcp::Compound { ssrc: 5, sender: None, block: None, cname: "a", rate_request: None, rate_notice: None, bye: false }
                    .to_bytes();
            let sent = a.protect_rtcp(&report).unwrap();
            assert_eq!(b.unprotect_rtcp(&with(&sent, if tag == 0 { 0 } else { 10 })).unwrap(), report, "{suite}");
            assert!(b.unprotect(&[0x80; 3]).is_err() && b.unprotect_rtcp(&[0x80, 200, 0, 1]).is_err());
        }
    }
}
