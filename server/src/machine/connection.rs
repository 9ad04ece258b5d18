use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Now, StreamId, Wake, source};
use cooee_sip::{Flow, FlowId, Framer, MAX_HEAD};

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
    /// It is not held to the measure of those that have proven nothing: it has, or the operator lets strangers call.
    is_trusted: bool,
    /// Messages that have come before it was trusted.
    unproven: u32,
}

impl Connection {
    /// A ping keeps a connection up that is trusted; any other once.
    pub(super) fn is_kept_by_pings(&self) -> bool {
        self.is_trusted || !self.has_spoken
    }

    fn patience(&self, limits: &ServerLimits) -> Duration {
        match (self.has_spoken, self.is_registered, self.has_pinged) {
            (false, ..) => limits.first_message,
            (true, true, false) => limits.idle_registered,
            (true, true, true) => limits.idle_pinged,
            (true, ..) => limits.idle,
        }
    }
}

/// All of them, and when each has to be looked at again.
pub(super) struct Connections {
    limits: ServerLimits,
    trusts_strangers: bool,
    open: BTreeMap<StreamId, Connection>,
    /// One for each connection: when its patience ends.
    checks: BTreeSet<(Instant, StreamId)>,
    sources: BTreeMap<IpAddr, usize>,
    /// Those that have not proven whose they are; the driver names connections in the order in which they come.
    unproven: BTreeSet<StreamId>,
}

impl Connections {
    pub(super) fn new(limits: ServerLimits, trusts_strangers: bool) -> Self {
        Self {
            limits,
            trusts_strangers,
            open: BTreeMap::new(),
            checks: BTreeSet::new(),
            sources: BTreeMap::new(),
            unproven: BTreeSet::new(),
        }
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
        let source = source(flow.remote.ip());
        if self.sources.get(&source).is_some_and(|from_one| *from_one >= self.limits.connections_from_one) {
            return Err(TurnedAway::TooManyFromOne);
        }
        if self.open.len() >= self.limits.connections {
            return Err(TurnedAway::TooMany);
        }
        *self.sources.entry(source).or_default() += 1;
        let mut framer = Framer::new(self.limits.body);
        let check = now.instant + self.limits.first_message;
        let (has_spoken, has_pinged, is_registered) = (false, false, false);
        let is_proven = !domains.is_empty();
        let is_trusted = is_proven || self.trusts_strangers;
        if !is_trusted {
            framer.set_limits(self.limits.unproven_octets, self.limits.unproven_octets);
        }
        let (last, unproven) = (now.instant, 0);
        let connection = Connection { flow, framer, domains, last, check, has_spoken, has_pinged, is_registered, is_trusted, unproven };
        if !is_proven {
            self.unproven.insert(stream);
        }
        self.open.insert(stream, connection);
        self.checks.insert((check, stream));
        Ok(())
    }

    pub(super) fn get_mut(&mut self, stream: StreamId) -> Option<&mut Connection> {
        self.open.get_mut(&stream)
    }

    /// Domains that the other end of a flow has proven to speak for.
    pub(super) fn domains(&self, flow: FlowId) -> &[String] {
        stream_of(flow).and_then(|stream| self.open.get(&stream)).map_or(&[], |connection| &connection.domains)
    }

    /// Who gives way where there are too many: the oldest of those that have not proven whose they are.
    pub(super) fn first_to_go(&self) -> Option<StreamId> {
        self.unproven.first().copied()
    }

    pub(super) fn close(&mut self, stream: StreamId) -> Option<Connection> {
        let connection = self.open.remove(&stream)?;
        self.checks.remove(&(connection.check, stream));
        self.unproven.remove(&stream);
        let source = source(connection.flow.remote.ip());
        if let Some(count) = self.sources.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
        Some(connection)
    }

    /// A message came. Whether the connection has had as many as it may before it proves whose it is.
    pub(super) fn asks_too_much(&mut self, stream: StreamId) -> bool {
        let Some(connection) = self.open.get_mut(&stream).filter(|connection| !connection.is_trusted) else { return false };
        connection.unproven = connection.unproven.saturating_add(1);
        connection.unproven > self.limits.unproven_messages
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
        let body = self.limits.body;
        let Some((stream, connection)) = self.of(flow) else { return };
        connection.is_trusted = true;
        connection.framer.set_limits(MAX_HEAD, body);
        self.unproven.remove(&stream);
    }

    pub(super) fn registered(&mut self, flow: FlowId, is_registered: bool) {
        let Some((stream, connection)) = self.of(flow) else { return };
        connection.is_registered = is_registered;
        self.schedule(stream);
    }

    fn of(&mut self, flow: FlowId) -> Option<(StreamId, &mut Connection)> {
        let stream = stream_of(flow)?;
        Some((stream, self.open.get_mut(&stream)?))
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

fn stream_of(flow: FlowId) -> Option<StreamId> {
    if let FlowId::Stream(stream) = flow { Some(stream) } else { None }
}
