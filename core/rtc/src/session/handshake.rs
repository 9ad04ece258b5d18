use std::time::Instant;

use bytes::Bytes;

use super::protection::Protection;
use super::{MAX_EARLY, Session};
use crate::dtls::{Dtls, Progress};
use crate::ice::Pair;
use crate::outbox::Outbox;
use crate::srtp::{Keys, Srtp};
use crate::{MediaFailure, MediaSecurity, SessionEvent};

/// How a session comes by its keys.
impl Session {
    /// A DTLS datagram from where the peer is known, or without ICE may be.
    pub(crate) fn handle_dtls(&mut self, pair: Pair, datagram: &[u8], now: Instant, out: &mut Outbox) {
        if self.is_for_rtcp(pair) {
            self.handle_rtcp_dtls(pair, datagram, now);
            return self.settle(now, out);
        }
        if self.dtls.is_none() {
            return;
        }
        if self.path.is_none() && self.ice.is_some() {
            // Only a ClientHello and its repeats can come so early.
            if self.early.len() < MAX_EARLY / 4 {
                self.early.push(Bytes::copy_from_slice(datagram));
            }
            return;
        }
        if self.ice.is_none() && !self.is_secured() && (self.path.is_none() || !self.without_ice.followed) {
            // Answers must go where the handshake comes from; only its completion settles the matter.
            self.use_path(pair, now, out);
        }
        self.handshake(pair, datagram, now, out);
        self.settle(now, out);
    }

    pub(super) fn handshake(&mut self, pair: Pair, datagram: &[u8], now: Instant, out: &mut Outbox) {
        let Some(dtls) = &mut self.dtls else { return };
        match dtls.handle_datagram(datagram, now) {
            Progress::None => {}
            Progress::Keys(keys) => {
                self.without_ice.settles(now);
                if self.ice.is_none() {
                    self.use_path(pair, now, out);
                }
                // A handshake takes both directions.
                self.activity.arrives();
                if let Some(key) = self.dtls.as_ref().and_then(Dtls::peer_key) {
                    out.event(self.id, SessionEvent::PeerKey(key));
                }
                self.install(keys, MediaSecurity::EndToEnd, now, out);
            }
            Progress::Closed => self.close_by_peer(now, out),
            Progress::Failed(failure) => self.fail(failure, out),
        }
    }

    pub(super) fn install(&mut self, keys: Keys, security: MediaSecurity, now: Instant, out: &mut Outbox) {
        let cipher = keys.cipher();
        if let Protection::Srtp(srtp) = &mut self.protection {
            return match srtp.rekey(keys) {
                Ok(_) => self.rekeyed(security, cipher, now, out),
                Err(_) => self.fail(MediaFailure::Crypto, out),
            };
        }
        match Srtp::new(keys) {
            Ok(srtp) => self.secured(Protection::Srtp(Box::new(srtp)), security, cipher, now, out),
            Err(_) => self.fail(MediaFailure::Crypto, out),
        }
    }

    pub(super) fn secured(
        &mut self,
        protection: Protection,
        security: MediaSecurity,
        cipher: &'static str,
        now: Instant,
        out: &mut Outbox,
    ) {
        let before = std::mem::replace(&mut self.protection, protection);
        if !matches!(before, Protection::Pending) {
            return self.rekeyed(security, cipher, now, out);
        }
        self.deadline = None;
        self.heard(now, out);
        self.liveness.consents(now);
        self.media.begin(now);
        self.activity.secured(now + self.timing.one_way_after);
        out.event(self.id, SessionEvent::Secured { security, cipher });
        let path = self.path;
        for datagram in std::mem::take(&mut self.early) {
            if let Some(path) = path {
                self.receive(path, &datagram, now, out);
            }
        }
    }

    /// Other keys than before, in the same stream of sound.
    fn rekeyed(&mut self, security: MediaSecurity, cipher: &'static str, now: Instant, out: &mut Outbox) {
        self.deadline = None;
        self.liveness.consents(now);
        out.event(self.id, SessionEvent::Secured { security, cipher });
    }

    /// Once the peer has shown that it has the keys, the association has no flight to repeat and costs more memory than all the rest of the
    /// session. RTCP BYE stands in for the close_notify that is then neither sent nor understood.
    pub(super) fn retire_handshake(&mut self) {
        if self.activity.has_heard() {
            self.dtls.take_if(|dtls| dtls.is_complete());
        }
    }

    pub(super) fn drain_dtls(&mut self, now: Instant, out: &mut Outbox) {
        if let (Some(dtls), Some(path)) = (&mut self.dtls, self.path) {
            dtls.drain(now, |payload| out.transmit(path.local, path.remote, payload));
        }
    }
}
