use std::time::Instant;

use bytes::Bytes;

use super::media::{Received, Trust};
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
        let may_be_peers = if classify(datagram) == Class::Rtcp {
            self.may_report_from(pair) && self.rtcp_protection().may_know_rtcp(datagram)
        } else {
            (self.ice.is_some() || self.may_be_at(pair, datagram, now)) && self.protection.may_know(datagram)
        };
        if !self.rates.admits(may_be_peers, datagram, now) {
            self.media.refused += 1;
        } else if self.is_secured() {
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
        if self.is_a_strangers(pair, datagram, now) {
            self.media.refused += 1;
            return;
        }
        let plain = if is_rtcp { self.rtcp_protection().unprotect_rtcp(datagram) } else { self.protection.unprotect(datagram) };
        let Some(plain) = plain else {
            self.media.refused += 1;
            if !is_rtcp || self.rtcp_keys.is_none() {
                self.activity.undecryptable();
            }
            return;
        };
        let is_taken = if is_rtcp { self.receive_rtcp(&plain, now, out) } else { self.receive_rtp(pair, &plain, now, out) };
        if let Some(report) = self.media.take_farewell() {
            self.send_rtcp(report, out);
        }
        if !is_taken {
            return;
        }
        self.traffic.receives(pair.remote, datagram.len());
        self.follow(pair, is_rtcp, now, out);
        self.heard(now, out);
        self.activity.heard();
        if self.ice.is_none() && self.dtls.is_none() {
            // Without ICE, DTLS and perhaps RTCP, the peer's answer to our packets is all the proof there is.
            self.activity.arrives();
        }
    }

    fn receive_rtp(&mut self, pair: Pair, packet: &Bytes, now: Instant, out: &mut Outbox) -> bool {
        let Some((header, payload)) = rtp::parse(packet) else {
            self.media.refused += 1;
            return false;
        };
        let trust = self.trust(pair);
        if trust == Trust::None && self.without_ice.is_named(pair.remote) {
            // From here on, whoever was taken for the peer is a stranger.
            self.follow(pair, false, now, out);
        }
        match self.media.receive(&header, packet.slice(payload), trust, now) {
            // What has been authenticated comes from the peer, whatever it is.
            Received::Refused => return trust == Trust::Authentic,
            Received::Taken => {}
            Received::Digits(digits) => digits.chars().for_each(|digit| out.event(self.id, SessionEvent::Digit(digit))),
        }
        if self.activity.has_first_sound() {
            out.event(self.id, SessionEvent::Heard);
        }
        self.is_here(out);
        true
    }

    /// In the clear, where a packet comes from is all that tells whose it is.
    fn is_a_strangers(&self, pair: Pair, datagram: &[u8], now: Instant) -> bool {
        if self.ice.is_some() || !matches!(self.protection, Protection::Plain) {
            return false;
        }
        if !self.without_ice.rtcp_mux && classify(datagram) == Class::Rtcp {
            return self.path.is_none_or(|path| path.remote.ip() != pair.remote.ip());
        }
        !self.may_be_at(pair, datagram, now)
    }

    /// Without ICE: whether the peer may be where a packet came from. What its key does not show, the run of its stream does: whoever has
    /// not heard that cannot go on with it.
    fn may_be_at(&self, pair: Pair, datagram: &[u8], now: Instant) -> bool {
        let goes_on = || rtp::parse(datagram).is_some_and(|(header, _)| self.media.is_continued_by(&header, now));
        let surely_its = || !matches!(self.protection, Protection::Plain) || classify(datagram) == Class::Rtp && goes_on();
        self.without_ice.may_be_at(pair.remote, self.path, now, surely_its)
    }

    /// Whether a report may be the peer's by where it came from. Without rtcp-mux that is another port than the sound's.
    fn may_report_from(&self, pair: Pair) -> bool {
        self.ice.is_some() || self.without_ice.is_named(pair.remote) || self.path.is_none_or(|path| path.remote.ip() == pair.remote.ip())
    }

    fn trust(&self, pair: Pair) -> Trust {
        match self.protection {
            Protection::Srtp(_) => Trust::Authentic,
            _ if self.path == Some(pair) => Trust::Located,
            _ => Trust::None,
        }
    }

    fn receive_rtcp(&mut self, compound: &Bytes, now: Instant, out: &mut Outbox) -> bool {
        let Some(reports) = rtcp::parse(compound) else {
            self.media.refused += 1;
            return false;
        };
        if let Some(keys) = &mut self.rtcp_keys {
            keys.retire();
        }
        let (arrives, limit) = self.media.handle_reports(&reports, compound.len(), now);
        if let Some(limit) = limit {
            out.event(self.id, SessionEvent::RateLimited(limit));
        }
        if arrives {
            self.activity.arrives();
            out.event(self.id, SessionEvent::Report(self.statistics()));
        }
        if reports.iter().any(|report| matches!(report, rtcp::Report::Bye(_))) {
            self.farewell.said(now);
        } else {
            self.is_here(out);
        }
        true
    }

    /// The peer has ended the media beyond doubt (close_notify). What it sent before may still be under way.
    pub(super) fn close_by_peer(&mut self, now: Instant, out: &mut Outbox) {
        self.media.depart(now);
        if self.farewell.is_final() {
            out.event(self.id, SessionEvent::Closed);
        }
    }

    /// The peer speaks, reports or agrees on something: whatever good-bye it said was not the end.
    pub(super) fn is_here(&mut self, out: &mut Outbox) {
        if self.farewell.revoke() {
            out.event(self.id, SessionEvent::Reopened);
        }
    }

    /// Symmetric RTP: send where the peer's packets come from, which are authentic or no stranger's.
    fn follow(&mut self, pair: Pair, is_rtcp: bool, now: Instant, out: &mut Outbox) {
        if self.ice.is_some() {
            return;
        }
        if is_rtcp && !self.without_ice.rtcp_mux {
            return self.without_ice.hears_report(pair.remote);
        }
        if matches!(self.protection, Protection::Plain) || self.without_ice.may_be_at(pair.remote, self.path, now, || true) {
            self.without_ice.settles(now);
            self.use_path(pair, now, out);
        }
    }
}
