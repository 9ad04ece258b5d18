use std::time::{Duration, Instant};

use cooee_machine::{SocketId, StreamId};
use cooee_sip::FlowId;
use cooee_sip::locate::Hop;

/// A server's next address is tried beside one that takes longer (RFC 8305 5).
pub(super) const STAGGER: Duration = Duration::from_millis(250);

/// What is opened: by a stream or, for UDP, a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Stream(StreamId),
    Socket(SocketId),
}

impl From<FlowId> for Id {
    fn from(flow: FlowId) -> Self {
        match flow {
            FlowId::Udp { socket, .. } => Self::Socket(socket),
            FlowId::Stream(stream) => Self::Stream(stream),
        }
    }
}

#[derive(Debug)]
struct Attempt {
    id: Id,
    hop: Hop,
    until: Instant,
}

/// The attempts to reach one server that run side by side; the first that succeeds ends the others.
#[derive(Debug, Default)]
pub(super) struct Opening {
    attempts: Vec<Attempt>,
    next_at: Option<Instant>,
}

impl Opening {
    /// One more attempt, and when another may join it.
    pub(super) fn add(&mut self, id: Id, hop: Hop, until: Instant, next_at: Option<Instant>) {
        self.attempts.push(Attempt { id, hop, until });
        self.next_at = next_at;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    pub(super) fn hop(&self, id: Id) -> Option<&Hop> {
        self.attempts.iter().find(|attempt| attempt.id == id).map(|attempt| &attempt.hop)
    }

    /// This one is over, well or not.
    pub(super) fn take(&mut self, id: Id) -> Option<Hop> {
        let place = self.attempts.iter().position(|attempt| attempt.id == id)?;
        Some(self.attempts.swap_remove(place).hop)
    }

    /// Those that took too long.
    pub(super) fn take_expired(&mut self, now: Instant) -> Vec<(Id, Hop)> {
        let (expired, left) = std::mem::take(&mut self.attempts).into_iter().partition(|attempt: &Attempt| attempt.until <= now);
        self.attempts = left;
        expired.into_iter().map(|attempt| (attempt.id, attempt.hop)).collect()
    }

    /// Whether the server's next address is due; it is once.
    pub(super) fn take_next(&mut self, now: Instant) -> bool {
        self.next_at.take_if(|at| *at <= now).is_some()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        self.attempts.iter().map(|attempt| attempt.id)
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.attempts.iter().map(|attempt| attempt.until).chain(self.next_at).min()
    }
}
