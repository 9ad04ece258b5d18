use std::time::Instant;

use bytes::Bytes;

use super::media::Received;
use super::protection::Protection;
use super::{MAX_EARLY, Session};
use crate::ice::Pair;
use crate::mux::{Class, classify};
use crate::outbox::Outbox;
use crate::{SessionEvent, rtcp, rtp};

/// What the peer sends once there are keys.
impl Session {
    /// RTP or RTCP.
    pub(crate) fn handle_media(&mut self, pair: Pair, datagram: &[u8], now: Instant, out: &mut Outbox) {
        if self.is_secured() {
            self.receive(pair, datagram, now, out);
        } else if self.dtls.is_some() && self.path.is_some() && self.early.len() < MAX_EARLY {
            // The peer had its keys a little before us.
            self.early.push(Bytes::copy_from_slice(datagram));
        } else if self.path.is_none() && self.ice.is_none() {
            // The peer said nothing of where it is.
            self.use_path(pair, now, out);
            if self.is_secured() {
                self.receive(pair, datagram, now, out);
            }
        }
        self.settle(now, out);
    }

    pub(super) fn receive(&mut self, pair: Pair, datagram: &[u8], now: Instant, out: &mut Outbox) {
        if !self.is_secured() {
            return;
        }
        let is_rtcp = classify(datagram) == Class::Rtcp;
        let plain = if is_rtcp { self.protection.unprotect_rtcp(datagram) } else { self.protection.unprotect(datagram) };
        let Some(plain) = plain else {
            self.media.refused += 1;
            self.activity.undecryptable();
            return;
        };
        let is_taken = if is_rtcp { self.receive_rtcp(&plain, now, out) } else { self.receive_rtp(&plain, now, out) };
        if !is_taken {
            return;
        }
        self.follow(pair, is_rtcp, now, out);
        self.heard(now, out);
        self.activity.heard();
        if self.ice.is_none() && self.dtls.is_none() {
            // Without ICE, DTLS and perhaps RTCP, the peer's answer to our packets is all the proof there is.
            self.activity.arrives();
        }
    }

    fn receive_rtp(&mut self, packet: &Bytes, now: Instant, out: &mut Outbox) -> bool {
        let Some((header, payload)) = rtp::parse(packet) else {
            self.media.refused += 1;
            return false;
        };
        let authentic = !matches!(self.protection, Protection::Plain);
        match self.media.receive(&header, packet.slice(payload), authentic, now) {
            // What has been authenticated comes from the peer, whatever it is.
            Received::Refused => return authentic,
            Received::Taken => {}
            Received::Digit(digit) => out.event(self.id, SessionEvent::Digit(digit)),
        }
        self.goodbye = None;
        true
    }

    fn receive_rtcp(&mut self, compound: &Bytes, now: Instant, out: &mut Outbox) -> bool {
        let Some(reports) = rtcp::parse(compound) else {
            self.media.refused += 1;
            return false;
        };
        if self.media.handle_reports(&reports, compound.len(), now) {
            self.activity.arrives();
            out.event(self.id, SessionEvent::Report(self.statistics()));
        }
        if !self.closed && reports.iter().any(|report| matches!(report, rtcp::Report::Bye(_))) {
            self.goodbye = Some(now);
        }
        true
    }

    /// The peer has ended the media; said once.
    pub(super) fn close_by_peer(&mut self, out: &mut Outbox) {
        self.goodbye = None;
        if !std::mem::replace(&mut self.closed, true) {
            out.event(self.id, SessionEvent::Closed);
        }
    }

    /// Symmetric RTP: send where the peer's authentic packets come from.
    fn follow(&mut self, pair: Pair, is_rtcp: bool, now: Instant, out: &mut Outbox) {
        if self.ice.is_some() {
            return;
        }
        if is_rtcp && !self.without_ice.rtcp_mux {
            return self.without_ice.hears_report(pair.remote);
        }
        if self.without_ice.hears(pair.remote, self.path == Some(pair), now) {
            self.use_path(pair, now, out);
        }
    }
}
