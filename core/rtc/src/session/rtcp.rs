//! RTCP on ports of its own: a peer that does not multiplex (RFC 5761 5.1.1) has a second component in ICE (RFC 8445 13), and in DTLS-SRTP
//! a second association (RFC 5764 4.1). Nothing of it may fail the session, which is about sound.
use std::time::Instant;

use cooee_machine::Wake;
use cooee_sdp::{Negotiated, NegotiatedSecurity, RemoteIce};
use is::stun::StunMessage;

use super::protection::Protection;
use super::{Context, Session};
use crate::dtls::{Dtls, Progress};
use crate::ice::{Ice, LocalIce, Pair};
use crate::outbox::Outbox;
use crate::srtp::Srtp;
use crate::{GatheringOutput, Timing};

/// The second component of ICE.
#[derive(Debug)]
pub(super) struct RtcpComponent {
    theirs: RemoteIce,
    controlling: bool,
    /// Our sockets and the checks from them, once both are there.
    checks: Option<(LocalIce, Ice)>,
    path: Option<Pair>,
}

impl RtcpComponent {
    fn new(remote: &Negotiated) -> Option<Self> {
        let theirs = remote.ice.clone().filter(|_| remote.has_rtcp_component())?;
        Some(Self { theirs, controlling: remote.controlling, checks: None, path: None })
    }

    fn begin(&mut self, ours: &LocalIce, timing: &Timing, now: Instant) {
        let local = LocalIce { credentials: self.theirs.ours.clone(), ..ours.clone() };
        let ice = Ice::new(&local, &self.theirs, 2, self.controlling, timing, now);
        self.checks = Some((local, ice));
    }

    fn ice(&mut self) -> Option<&mut Ice> {
        self.checks.as_mut().map(|(_, ice)| ice)
    }

    /// Whether a socket of ours is for it.
    fn is_at(&self, local: std::net::SocketAddr) -> bool {
        self.checks.as_ref().is_some_and(|(ours, _)| ours.hosts.contains(&local))
    }

    pub(super) fn accepts(&self, message: &StunMessage<'_>) -> bool {
        self.checks.as_ref().is_some_and(|(_, ice)| ice.accepts(message))
    }
}

/// The association of RTCP, and what protects it from then on.
#[derive(Debug)]
pub(super) struct RtcpKeys {
    /// Until a report has shown that the peer has the keys, too.
    dtls: Option<Dtls>,
    is_started: bool,
    pub(super) protection: Protection,
}

impl RtcpKeys {
    fn new(remote: &Negotiated, context: &Context<'_>) -> Option<Self> {
        let NegotiatedSecurity::Dtls { role, fingerprints } = &remote.security else { return None };
        if remote.rtcp_mux {
            return None;
        }
        let dtls = Dtls::new(context.certificate, *role, fingerprints, context.timing.dtls_rto).ok()?;
        Some(Self { dtls: Some(dtls), is_started: false, protection: Protection::Pending })
    }

    fn is_secured(&self) -> bool {
        matches!(self.protection, Protection::Srtp(_))
    }

    /// The peer has the keys.
    pub(super) fn retire(&mut self) {
        self.dtls.take_if(|dtls| dtls.is_complete());
    }
}

impl Session {
    /// What an agreement says of the way of reports.
    pub(super) fn agree_on_rtcp(&mut self, remote: &Negotiated, has_new_keys: bool, context: &Context<'_>, now: Instant) {
        if has_new_keys || remote.rtcp_mux || self.rtcp_keys.is_none() {
            self.rtcp_keys = RtcpKeys::new(remote, context);
        }
        let next = RtcpComponent::new(remote);
        match (&mut self.rtcp_component, next) {
            (Some(component), Some(next)) if is_same_ice(&component.theirs, &next.theirs) => {
                if let Some(ice) = component.ice() {
                    ice.add_candidates(&next.theirs);
                }
                component.theirs = next.theirs;
            }
            (component, next) => *component = next,
        }
        if let Some(ours) = context.rtcp {
            self.begin_rtcp(ours, now);
        }
    }

    /// Our sockets for RTCP are there: if the peer has a second component, it is checked.
    pub(crate) fn begin_rtcp(&mut self, ours: &LocalIce, now: Instant) {
        let timing = self.timing;
        if let Some(component) = self.rtcp_component.as_mut().filter(|component| component.checks.is_none()) {
            component.begin(ours, &timing, now);
        }
    }

    /// Whether reports can go and come: with RTP, or by a path of their own and with keys of their own.
    pub(super) fn has_reports(&self) -> bool {
        self.without_ice.rtcp_mux || self.rtcp_pair().is_some() && self.rtcp_keys.as_ref().is_none_or(RtcpKeys::is_secured)
    }

    /// The way of our reports.
    pub(super) fn rtcp_pair(&self) -> Option<Pair> {
        let path = self.path?;
        match &self.rtcp_component {
            _ if self.without_ice.rtcp_mux => Some(path),
            Some(component) => component.path,
            None if self.ice.is_some() => None,
            None => self.without_ice.rtcp_pair(path),
        }
    }

    pub(super) fn send_rtcp(&mut self, compound: Vec<u8>, out: &mut Outbox) {
        let Some(pair) = self.rtcp_pair() else { return };
        if let Some(payload) = self.rtcp_protection().protect_rtcp(compound) {
            self.traffic.sends(pair.remote, payload.len());
            out.transmit(pair.local, pair.remote, payload);
        }
    }

    /// What stands between RTCP and the wire.
    pub(super) fn rtcp_protection(&mut self) -> &mut Protection {
        self.rtcp_keys.as_mut().map_or(&mut self.protection, |keys| &mut keys.protection)
    }

    /// Whether a socket of ours is for reports alone.
    pub(super) fn is_for_rtcp(&self, pair: Pair) -> bool {
        self.without_ice.opened == Some(pair.local) || self.rtcp_component.as_ref().is_some_and(|component| component.is_at(pair.local))
    }

    /// A STUN message that came to such a socket.
    pub(super) fn handle_rtcp_stun(&mut self, message: StunMessage<'_>, transaction: [u8; 12], pair: Pair, now: Instant) {
        if let Some(ice) = self.rtcp_component.as_mut().and_then(RtcpComponent::ice).filter(|ice| ice.accepts(&message)) {
            ice.handle(message, transaction, pair, now);
        }
    }

    /// A DTLS datagram that came to such a socket.
    pub(super) fn handle_rtcp_dtls(&mut self, pair: Pair, datagram: &[u8], now: Instant) {
        let Some(keys) = self.rtcp_keys.as_mut().filter(|keys| keys.is_started) else { return };
        let Some(dtls) = &mut keys.dtls else { return };
        match dtls.handle_datagram(datagram, now) {
            Progress::None | Progress::Closed => {}
            Progress::Keys(master) => {
                keys.protection = Srtp::new(master).map_or(Protection::Pending, |srtp| Protection::Srtp(Box::new(srtp)));
                self.without_ice.hears_report(pair.remote);
            }
            Progress::Failed(_) => keys.dtls = None,
        }
    }

    pub(super) fn handle_rtcp_timeout(&mut self, now: Instant) {
        if let Some(ice) = self.rtcp_component.as_mut().and_then(RtcpComponent::ice) {
            ice.handle_timeout(now);
        }
        if let Some(dtls) = self.rtcp_keys.as_mut().and_then(|keys| keys.dtls.as_mut()) {
            dtls.handle_timeout(now);
        }
    }

    /// After every change: takes what the checks and the handshake have to say, and asks for the socket that reports need without ICE.
    pub(super) fn settle_rtcp(&mut self, now: Instant, out: &mut Outbox) {
        if let Some(component) = &mut self.rtcp_component
            && let Some((_, ice)) = &mut component.checks
        {
            ice.drain(now, |local, remote, payload| out.transmit(local, remote, payload));
            component.path = ice.chosen().or(component.path);
        }
        let Some(pair) = self.rtcp_pair().filter(|_| !self.without_ice.rtcp_mux) else { return };
        let is_open = self.ice.is_some() || self.path.is_some_and(|path| path.local == pair.local);
        if !is_open && self.without_ice.opened.replace(pair.local) != Some(pair.local) {
            out.push(GatheringOutput::Open { local: pair.local });
        }
        let rtt = self.rtt();
        if let Some(keys) = &mut self.rtcp_keys
            && let Some(dtls) = &mut keys.dtls
        {
            if !std::mem::replace(&mut keys.is_started, true) && dtls.start(rtt, now).is_err() {
                keys.dtls = None;
                return;
            }
            dtls.drain(now, |payload| out.transmit(pair.local, pair.remote, payload));
        }
    }

    pub(super) fn next_rtcp_wake(&mut self) -> Option<Wake> {
        let ice = self.rtcp_component.as_mut().and_then(RtcpComponent::ice).and_then(Ice::deadline);
        let dtls = self.rtcp_keys.as_ref().and_then(|keys| keys.dtls.as_ref()).and_then(Dtls::deadline);
        Wake::earlier(ice.map(|at| Wake::at(at, "ice check for rtcp")), dtls.map(|at| Wake::at(at, "dtls retransmission for rtcp")))
    }
}

fn is_same_ice(known: &RemoteIce, new: &RemoteIce) -> bool {
    (&known.credentials, &known.ours) == (&new.credentials, &new.ours)
}
