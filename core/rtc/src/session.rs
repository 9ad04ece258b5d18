//! One media session: who may send where, which keys, when to give up. Keys belong to it and not to a path.
mod activity;
mod evidence;
mod farewell;
mod handshake;
mod incoming;
mod liveness;
mod media;
mod protection;
mod rate;
mod rate_requests;
mod renewal;
mod rtcp;
mod terms;
mod traffic;
mod without_ice;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_machine::{Entropy, Now, Wake};
use cooee_sdp::{CandidateKind, Negotiated, NegotiatedSecurity};
use is::stun::StunMessage;

use crate::dtls::Dtls;
use crate::ice::{Heard, Ice, LocalIce, Pair};
use crate::outbox::Outbox;
use crate::srtp::Keys;
use crate::{Certificate, EncodedFrame, MediaFailure, MediaSecurity, Path, Playout, SessionEvent, SessionId, Statistics, Timing};
use activity::{Activity, Verdict};
use farewell::Farewell;
use liveness::{Liveness, Silence};
use media::Media;
use protection::Protection;
use rate::Rates;
use renewal::Agreed;
use rtcp::{RtcpComponent, RtcpKeys};
use terms::Terms;
use traffic::{Traffic, headers};
use without_ice::WithoutIce;

/// What a session takes from its gathering.
pub(crate) struct Context<'a> {
    pub(crate) local: &'a LocalIce,
    /// Of the second component, if there is one.
    pub(crate) rtcp: Option<&'a LocalIce>,
    pub(crate) certificate: &'a Certificate,
    pub(crate) timing: &'a Timing,
    pub(crate) cname: &'a str,
    /// The socket to use without ICE.
    pub(crate) socket: Option<SocketAddr>,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    timing: Timing,
    local: LocalIce,
    ice: Option<Ice>,
    /// From before an ICE restart, until the new agent has nominated.
    old_ice: Option<Ice>,
    agreed: Agreed,
    without_ice: WithoutIce,
    path: Option<Pair>,
    dtls: Option<Dtls>,
    sdes: Option<Keys>,
    protection: Protection,
    rtcp_component: Option<RtcpComponent>,
    rtcp_keys: Option<RtcpKeys>,
    /// What came before the path or the keys.
    early: Vec<Bytes>,
    deadline: Option<Instant>,
    media: Media,
    liveness: Liveness,
    activity: Activity,
    farewell: Farewell,
    rates: Rates,
    traffic: Traffic,
    over: bool,
}

/// Datagrams kept until the path or the keys are there.
const MAX_EARLY: usize = 16;
/// RTCP's least interval, with feedback (RFC 4585) and without.
const REPORTS_WITH_FEEDBACK: Duration = Duration::from_millis(2500);
const REPORTS: Duration = Duration::from_secs(5);

impl Session {
    pub(crate) fn new(id: SessionId, remote: &Negotiated, context: &Context<'_>, entropy: Entropy, now: Now, out: &mut Outbox) -> Self {
        let timing = *context.timing;
        let (dtls, sdes) = match &remote.security {
            NegotiatedSecurity::Dtls { role, fingerprints } => {
                (Some(Dtls::new(context.certificate, *role, fingerprints, timing.dtls_rto)), None)
            }
            NegotiatedSecurity::Sdes { ours, theirs } => (None, Some(Keys::sdes(ours, theirs).ok_or(MediaFailure::NoSrtpProfile))),
            NegotiatedSecurity::None => (None, None),
        };
        let refused =
            dtls.as_ref().and_then(|dtls| dtls.as_ref().err().copied()).or(sdes.as_ref().and_then(|keys| keys.as_ref().err().copied()));
        let interval = if dtls.is_some() { REPORTS_WITH_FEEDBACK } else { REPORTS };
        let ice = remote.ice.as_ref().map(|theirs| Ice::new(context.local, theirs, 1, remote.controlling, &timing, now.instant));
        let mut session = Self {
            id,
            timing,
            local: context.local.clone(),
            liveness: Liveness::new(ice.is_some(), now.instant),
            ice,
            old_ice: None,
            agreed: Agreed::new(remote),
            without_ice: WithoutIce::new(remote),
            path: None,
            dtls: dtls.and_then(Result::ok),
            sdes: sdes.and_then(Result::ok),
            protection: Protection::Pending,
            rtcp_component: None,
            rtcp_keys: None,
            early: Vec::new(),
            deadline: Some(now.instant + timing.fail_after),
            media: Media::new(Terms::new(remote), context.cname.to_owned(), interval, entropy, now),
            activity: Activity::default(),
            farewell: Farewell::default(),
            rates: Rates::default(),
            traffic: Traffic::default(),
            over: false,
        };
        session.agree_on_rtcp(remote, true, context, now.instant);
        if let Some(failure) = refused {
            session.fail(failure, out);
        } else if let (None, Some(remote)) = (&session.ice, remote.remote_address) {
            match context.socket {
                Some(local) => session.use_path(Pair { local, remote }, now.instant, out),
                None => session.fail(MediaFailure::NoPath, out),
            }
        }
        session.settle(now.instant, out);
        session
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn has_path(&self) -> bool {
        self.path.is_some()
    }

    pub(crate) fn is_without_ice(&self) -> bool {
        self.ice.is_none()
    }

    pub(crate) fn uses(&self, pair: Pair) -> bool {
        self.path == Some(pair)
    }

    /// Without ICE: whether the peer said it is at this IP address.
    pub(crate) fn expects(&self, remote: SocketAddr) -> bool {
        self.path.is_some_and(|path| path.remote.ip() == remote.ip())
    }

    pub(crate) fn accepts(&self, message: &StunMessage<'_>) -> bool {
        [&self.ice, &self.old_ice].into_iter().flatten().any(|ice| ice.accepts(message))
            || self.rtcp_component.as_ref().is_some_and(|component| component.accepts(message))
    }

    /// A STUN message that [`Session::accepts`].
    pub(crate) fn handle_stun(&mut self, message: StunMessage<'_>, transaction: [u8; 12], pair: Pair, now: Instant, out: &mut Outbox) {
        if self.is_for_rtcp(pair) {
            self.handle_rtcp_stun(message, transaction, pair, now);
            return self.settle(now, out);
        }
        let agents = [&mut self.ice, &mut self.old_ice].into_iter().flatten();
        let Some(ice) = agents.into_iter().find(|ice| ice.accepts(&message)) else { return };
        if ice.handle(message, transaction, pair, now) == Heard::Consent {
            self.liveness.consents(now);
            self.activity.arrives();
        }
        self.heard(now, out);
        self.settle(now, out);
    }

    fn is_secured(&self) -> bool {
        !matches!(self.protection, Protection::Pending)
    }

    fn heard(&mut self, now: Instant, out: &mut Outbox) {
        if self.liveness.heard(now)
            && let Some(path) = self.path
        {
            out.event(self.id, SessionEvent::Path(self.describe(path)));
        }
    }

    fn use_path(&mut self, path: Pair, now: Instant, out: &mut Outbox) {
        if self.path == Some(path) || self.over {
            return;
        }
        let first = self.path.replace(path).is_none();
        out.event(self.id, SessionEvent::Path(self.describe(path)));
        if !first {
            return;
        }
        let rtt = self.rtt();
        if let Some(dtls) = &mut self.dtls {
            if let Err(failure) = dtls.start(rtt, now) {
                return self.fail(failure, out);
            }
            for datagram in std::mem::take(&mut self.early) {
                // Repeats of what has been answered would only be answered again.
                if self.dtls.as_ref().is_some_and(|dtls| !dtls.has_spoken()) {
                    self.handshake(path, &datagram, now, out);
                    self.drain_dtls(now, out);
                }
            }
        } else if let Some(keys) = self.sdes.take() {
            self.install(keys, MediaSecurity::ToServers, now, out);
        } else {
            self.secured(Protection::Plain, MediaSecurity::None, "none", now, out);
        }
    }

    fn describe(&self, pair: Pair) -> Path {
        let kinds = self.ice.as_ref().map_or((CandidateKind::Host, CandidateKind::Host), |ice| ice.kinds(pair, &self.local));
        Path { local: pair.local, local_kind: kinds.0, remote: pair.remote, remote_kind: kinds.1, rtt: self.rtt() }
    }

    fn rtt(&self) -> Option<Duration> {
        self.ice.as_ref().and_then(Ice::rtt).or_else(|| self.old_ice.as_ref().and_then(Ice::rtt))
    }

    fn fail(&mut self, failure: MediaFailure, out: &mut Outbox) {
        if !std::mem::replace(&mut self.over, true) {
            out.event(self.id, SessionEvent::Failed(failure));
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, out: &mut Outbox) {
        for ice in [&mut self.ice, &mut self.old_ice].into_iter().flatten() {
            ice.handle_timeout(now);
        }
        if let Some(dtls) = &mut self.dtls {
            dtls.handle_timeout(now);
        }
        self.handle_rtcp_timeout(now);
        if let Some(path) = self.path {
            // With that of RTP, and what SRTP adds.
            self.media.overhead = headers(path.remote) + 12 + if matches!(self.protection, Protection::Srtp(_)) { 10 } else { 0 };
        }
        if let Some((report, widened)) = self.media.report(now) {
            if let Some(limit) = widened {
                out.event(self.id, SessionEvent::RateLimited(limit));
            }
            self.send_rtcp(report, out);
            out.event(self.id, SessionEvent::Report(self.statistics()));
            self.retire_handshake();
        }
        if self.farewell.is_due(now) {
            out.event(self.id, SessionEvent::Closed);
        }
        if let Some(packet) = self.media.digit_packet(now)
            && self.is_secured()
        {
            self.send_rtp(packet, out);
        }
        self.judge_deadline(now, out);
        self.settle(now, out);
    }

    fn judge_deadline(&mut self, now: Instant, out: &mut Outbox) {
        let Some(deadline) = self.deadline else { return };
        let hopeless = self.ice.as_ref().is_some_and(Ice::is_hopeless);
        if now < deadline && !hopeless {
            return;
        }
        match (self.path, self.ice.is_some()) {
            (None, true) => self.fail(MediaFailure::NoPath, out),
            (None, false) => self.fail(MediaFailure::NoAddress, out),
            (Some(_), _) if now >= deadline => self.fail(MediaFailure::Handshake, out),
            _ => {}
        }
    }

    /// After every change: take what ICE and DTLS have to say, and draw the conclusions.
    fn settle(&mut self, now: Instant, out: &mut Outbox) {
        for ice in [&mut self.ice, &mut self.old_ice].into_iter().flatten() {
            ice.drain(now, |local, remote, payload| out.transmit(local, remote, payload));
        }
        if let Some(path) = self.ice.as_ref().and_then(Ice::chosen) {
            self.use_path(path, now, out);
        }
        self.old_ice.take_if(|_| self.ice.as_ref().is_some_and(Ice::has_nominated));
        self.drain_dtls(now, out);
        self.settle_rtcp(now, out);
        if self.is_watched() && !self.over {
            self.judge_liveness(now, out);
        }
        if self.over {
            return;
        }
        match self.activity.judge(&self.media, self.is_secured(), now) {
            Some(Verdict::Active) => out.event(self.id, SessionEvent::Active),
            Some(Verdict::OneWay(cause)) => out.event(self.id, SessionEvent::OneWay(cause)),
            None => {}
        }
    }

    /// Whether silence can tell that the path is lost. A muted peer may send no sound, and then there must be something else to wait for.
    fn is_watched(&self) -> bool {
        self.is_secured() && (self.ice.is_some() || self.has_reports())
    }

    fn judge_liveness(&mut self, now: Instant, out: &mut Outbox) {
        let silence = self.liveness.judge(&self.timing, now);
        for ice in [&mut self.ice, &mut self.old_ice].into_iter().flatten() {
            ice.probe((silence != Silence::Alive).then_some(self.timing.probe));
        }
        match silence {
            Silence::JustLost => out.event(self.id, SessionEvent::PathLost),
            Silence::Expired => self.fail(MediaFailure::ConsentExpired, out),
            Silence::Alive | Silence::Doubt | Silence::Lost => {}
        }
    }

    pub(crate) fn next_wake(&mut self, now: Instant) -> Option<Wake> {
        let agents = [&mut self.ice, &mut self.old_ice].into_iter().flatten();
        let ice = agents.into_iter().filter_map(Ice::deadline).min().map(|at| Wake::at(at, "ice check"));
        let dtls = self.dtls.as_ref().and_then(Dtls::deadline).map(|at| Wake::at(at, "dtls retransmission"));
        let deadline = self.deadline.map(|at| Wake::at(at, "media deadline"));
        let report = self.media.report_deadline().map(|at| Wake::at(at, "rtcp report"));
        let digit = self.media.digit_deadline().map(|at| Wake::at(at, "telephone-event"));
        let liveness = if self.is_watched() { self.liveness.next_wake(&self.timing, now) } else { None };
        let rtcp = self.next_rtcp_wake();
        [ice, dtls, rtcp, deadline, report, digit, liveness, self.farewell.next_wake(), self.activity.next_wake()]
            .into_iter()
            .fold(None, Wake::earlier)
    }

    pub(crate) fn send(&mut self, frame: EncodedFrame<'_>, now: Instant, out: &mut Outbox) {
        let may_send = self.is_secured() && self.path.is_some();
        if let Some(packet) = self.media.frame(frame, may_send, now) {
            self.send_rtp(packet, out);
        }
    }

    pub(crate) fn send_digit(&mut self, digit: char, length: Duration, now: Instant) -> bool {
        self.is_secured() && self.media.push_digit(digit, length, now)
    }

    fn send_rtp(&mut self, packet: Vec<u8>, out: &mut Outbox) {
        if let (Some(path), Some(payload)) = (self.path, self.protection.protect(packet)) {
            self.traffic.sends(path.remote, payload.len());
            out.transmit(path.local, path.remote, payload);
        }
    }

    pub(crate) fn playout(&mut self, now: Instant) -> Playout {
        self.media.playout(now)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let Traffic { sent, received } = self.traffic;
        Statistics { wire_sent: sent, wire_received: received, ..self.media.statistics(self.rtt()) }
    }

    /// Good-bye: RTCP BYE, then close_notify if the association is still there.
    pub(crate) fn close(&mut self, now: Instant, out: &mut Outbox) {
        if self.over {
            return;
        }
        if let Some(report) = self.media.goodbye(now) {
            self.send_rtcp(report, out);
        }
        if let Some(dtls) = self.dtls.as_mut().filter(|dtls| dtls.is_complete()) {
            dtls.close(now);
        }
        self.drain_dtls(now, out);
        self.over = true;
    }
}
