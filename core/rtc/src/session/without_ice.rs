use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use cooee_sdp::Negotiated;

use crate::ice::Pair;

/// A peer without ICE: where it said it is, and where it was found to be (symmetric RTP, RFC 4961).
#[derive(Debug, Default)]
pub(super) struct WithoutIce {
    pub(super) rtcp: Option<SocketAddr>,
    pub(super) rtcp_mux: bool,
    /// Where its description says it is.
    named: Option<IpAddr>,
    /// The peer's packets have shown where it is.
    pub(super) followed: bool,
    /// When they last came from there.
    heard: Option<Instant>,
    /// Where it was until its description named another address, and when that was: what comes from there was under way.
    left: Option<(SocketAddr, Instant)>,
    /// The socket for reports that was asked for.
    pub(super) opened: Option<SocketAddr>,
    /// Where its reports come from, without rtcp-mux.
    rtcp_source: Option<SocketAddr>,
}

/// A peer found at one address is looked for at another only after this silence.
const FOLLOW_AFTER: Duration = Duration::from_secs(2);

impl WithoutIce {
    pub(super) fn new(remote: &Negotiated) -> Self {
        let mut without_ice = Self::default();
        without_ice.is_described(remote);
        without_ice
    }

    /// What a description says of it.
    pub(super) fn is_described(&mut self, remote: &Negotiated) {
        (self.rtcp, self.rtcp_mux) = (remote.remote_rtcp, remote.rtcp_mux);
        self.named = remote.remote_address.map(|address| address.ip());
    }

    /// The peer is there: nobody else is believed as long as it speaks.
    pub(super) fn settles(&mut self, now: Instant) {
        (self.followed, self.heard) = (true, Some(now));
    }

    /// Its description names another address.
    pub(super) fn moves(&mut self, from: Option<Pair>, now: Instant) {
        (self.followed, self.heard, self.rtcp_source) = (false, None, None);
        self.left = from.map(|from| (from.remote, now));
    }

    /// Whether the peer's description says that it is there, at whichever port.
    pub(super) fn is_named(&self, from: SocketAddr) -> bool {
        self.named == Some(from.ip())
    }

    /// Whether the peer may be where a packet came from. Until it is found, that is anywhere (RFC 4961); then, while it speaks, where it
    /// was found, or at the IP address that its description names; and when it is silent, at another port of that, or wherever a packet
    /// comes from that is `surely_its` by other proof than its address.
    pub(super) fn may_be_at(&self, from: SocketAddr, path: Option<Pair>, now: Instant, surely_its: impl FnOnce() -> bool) -> bool {
        let recently = |at: Instant| now.saturating_duration_since(at) < FOLLOW_AFTER;
        if self.left.is_some_and(|(left, at)| left == from && recently(at)) {
            return false;
        }
        let found = path.map(|path| path.remote);
        if !self.followed || found == Some(from) {
            return true;
        }
        let (is_named, is_near) = (self.is_named(from), found.is_some_and(|found| found.ip() == from.ip()));
        (is_named && !is_near) || !self.heard.is_some_and(recently) && (is_near || surely_its())
    }

    /// An authentic report came to the socket of its own.
    pub(super) fn hears_report(&mut self, from: SocketAddr) {
        self.rtcp_source.get_or_insert(from);
    }

    /// The way of reports on ports of their own: to where the peer's come from, else where it said, else one port further (RFC 3550 11).
    pub(super) fn rtcp_pair(&self, path: Pair) -> Option<Pair> {
        let next = |address: SocketAddr| Some(SocketAddr::new(address.ip(), address.port().checked_add(1)?));
        let remote = self.rtcp_source.or(self.rtcp).or_else(|| next(path.remote))?;
        Some(Pair { local: next(path.local)?, remote })
    }
}
