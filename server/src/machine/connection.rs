use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Now, StreamId, Wake};
use cooee_sip::{Flow, FlowId, Framer};

use super::throttle::source;
use crate::config::ServerLimits;
use crate::event::TurnedAway;

/// One connection that came to us.
pub(super) struct Connection {
    pub(super) flow: Flow,
    pub(super) framer: Framer,
    /// Domains that the other end has proven to speak for.
    domains: Vec<String>,
    /// When something came last.
    last: Instant,
    /// Its entry among the checks.
    check: Instant,
    has_spoken: bool,
    has_pinged: bool,
    is_registered: bool,
    /// Somebody has logged in by it, or it is of a server that has proven its domain.
    is_proven: bool,
}

impl Connection {
    /// A ping keeps a connection up that has proven whose it is; any other once.
    pub(super) fn is_kept_by_pings(&self) -> bool {
        self.is_proven || !self.has_spoken
    }

    fn patience(&self, limits: &ServerLimits) -> Duration {
        match (self.has_spoken, self.is_registered, self.has_pinged) {
            (false, ..) => limits.first_message,
            (true, true, false) => limits.idle_registered,
            (true, ..) => limits.idle,
        }
    }
}

/// All of them, and when each has to be looked at again.
pub(super) struct Connections {
    limits: ServerLimits,
    open: BTreeMap<StreamId, Connection>,
    /// One for each connection: when its patience ends.
    checks: BTreeSet<(Instant, StreamId)>,
    sources: BTreeMap<IpAddr, usize>,
}

impl Connections {
    pub(super) fn new(limits: ServerLimits) -> Self {
        Self { limits, open: BTreeMap::new(), checks: BTreeSet::new(), sources: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn has(&self, stream: StreamId) -> bool {
        self.open.contains_key(&stream)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = StreamId> {
        self.open.keys().copied()
    }

    pub(super) fn open(&mut self, stream: StreamId, flow: Flow, domains: Vec<String>, now: Now) -> Result<(), TurnedAway> {
        if self.open.len() >= self.limits.connections {
            return Err(TurnedAway::TooMany);
        }
        let from_one = self.sources.entry(source(flow.remote.ip())).or_default();
        if *from_one >= self.limits.connections_from_one {
            return Err(TurnedAway::TooManyFromOne);
        }
        *from_one += 1;
        let framer = Framer::new(self.limits.body);
        let check = now.instant + self.limits.first_message;
        let (has_spoken, has_pinged, is_registered, is_proven) = (false, false, false, !domains.is_empty());
        let last = now.instant;
        let connection = Connection { flow, framer, domains, last, check, has_spoken, has_pinged, is_registered, is_proven };
        self.open.insert(stream, connection);
        self.checks.insert((check, stream));
        Ok(())
    }

    pub(super) fn get_mut(&mut self, stream: StreamId) -> Option<&mut Connection> {
        self.open.get_mut(&stream)
    }

    /// Domains that the other end of a flow has proven to speak for.
    pub(super) fn domains(&self, flow: FlowId) -> &[String] {
        match flow {
            FlowId::Stream(stream) => self.open.get(&stream).map_or(&[], |connection| &connection.domains),
            FlowId::Udp { .. } => &[],
        }
    }

    pub(super) fn close(&mut self, stream: StreamId) -> Option<Connection> {
        let connection = self.open.remove(&stream)?;
        self.checks.remove(&(connection.check, stream));
        let source = source(connection.flow.remote.ip());
        if let Some(count) = self.sources.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
        Some(connection)
    }

    /// Something came. A whole message or a ping counts as speaking; half a message does not.
    pub(super) fn heard(&mut self, stream: StreamId, has_spoken: bool, has_pinged: bool, now: Now) {
        let Some(connection) = self.open.get_mut(&stream).filter(|_| has_spoken) else { return };
        connection.has_spoken = true;
        connection.has_pinged |= has_pinged;
        connection.last = now.instant;
        self.schedule(stream);
    }

    /// Somebody has logged in by it.
    pub(super) fn proven(&mut self, flow: FlowId) {
        if let FlowId::Stream(stream) = flow
            && let Some(connection) = self.open.get_mut(&stream)
        {
            connection.is_proven = true;
        }
    }

    pub(super) fn registered(&mut self, flow: FlowId, is_registered: bool) {
        if let FlowId::Stream(stream) = flow
            && let Some(connection) = self.open.get_mut(&stream)
        {
            connection.is_registered = is_registered;
            self.schedule(stream);
        }
    }

    /// A connection whose time is up, and why.
    pub(super) fn overdue(&self, now: Now) -> Option<(StreamId, TurnedAway)> {
        let (_, stream) = self.checks.first().filter(|(at, _)| *at <= now.instant)?;
        let has_spoken = self.open.get(stream).is_some_and(|connection| connection.has_spoken);
        Some((*stream, if has_spoken { TurnedAway::Idle } else { TurnedAway::NoMessage }))
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        self.checks.first().map(|(at, _)| Wake::at(*at, "connection idle").with_slack(Duration::from_secs(5)))
    }

    fn schedule(&mut self, stream: StreamId) {
        let Some(connection) = self.open.get_mut(&stream) else { return };
        let check = connection.last + connection.patience(&self.limits);
        self.checks.remove(&(connection.check, stream));
        connection.check = check;
        self.checks.insert((check, stream));
    }
}
