use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_sdp::Negotiated;

use crate::ice::Pair;

/// A peer without ICE: where it said it is, and where it was found to be (symmetric RTP, RFC 4961).
#[derive(Debug, Default)]
pub(super) struct WithoutIce {
    pub(super) rtcp: Option<SocketAddr>,
    pub(super) rtcp_mux: bool,
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
        Self { rtcp: remote.remote_rtcp, rtcp_mux: remote.rtcp_mux, ..Self::default() }
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

    /// Whether the peer may be where a packet came from.
    pub(super) fn may_be_at(&self, from: SocketAddr, is_path: bool, now: Instant) -> bool {
        let recently = |at: Instant| now.saturating_duration_since(at) < FOLLOW_AFTER;
        let has_left = self.left.is_some_and(|(left, at)| left == from && recently(at));
        !has_left && (is_path || !self.followed || !self.heard.is_some_and(recently))
    }

    /// An authentic packet (or where nothing can be authenticated, a believable one) came. Whether the path is where it came from.
    pub(super) fn hears(&mut self, from: SocketAddr, is_path: bool, now: Instant) -> bool {
        let leads = self.may_be_at(from, is_path, now);
        if leads {
            self.settles(now);
        }
        leads
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
