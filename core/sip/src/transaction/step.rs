use std::fmt;
use std::time::{Duration, Instant};

use cooee_machine::Wake;

/// What a transaction wants done after an input.
#[derive(Default, PartialEq, Eq)]
pub struct Step {
    /// Octets to put on the wire.
    pub send: Option<Vec<u8>>,
    /// Whether the message that came is for the transaction user.
    pub pass: bool,
    /// Set when the transaction is over.
    pub end: Option<End>,
}

/// Why a transaction is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ran its course.
    Terminated,
    /// The other side never answered (timers B and F), or never acknowledged (timer H).
    Timeout,
}

impl Step {
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    pub(crate) fn send(bytes: Vec<u8>) -> Self {
        Self { send: Some(bytes), ..Self::default() }
    }

    /// Sends a kept message once more, if there is one.
    pub(crate) fn send_if_any(bytes: &[u8]) -> Self {
        Self { send: (!bytes.is_empty()).then(|| bytes.to_vec()), ..Self::default() }
    }

    pub(crate) fn pass() -> Self {
        Self { pass: true, ..Self::default() }
    }

    pub(crate) fn end(end: End) -> Self {
        Self { end: Some(end), ..Self::default() }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets = self.send.as_ref().map_or(0, Vec::len);
        write!(f, "Step(send {octets} octets, pass {}, end {:?})", self.pass, self.end)
    }
}

/// A copy sent again and again at a growing interval: timers A, E and G, and the TU's copies of a 2xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retransmission {
    at: Instant,
    interval: Duration,
    longest: Duration,
}

impl Retransmission {
    /// First copy after `interval`, then doubling up to `longest`.
    pub(crate) fn new(now: Instant, interval: Duration, longest: Duration) -> Self {
        Self { at: now + interval, interval, longest }
    }

    /// Whether a copy is due; if so, sets the next one.
    pub(crate) fn take_due(&mut self, now: Instant) -> bool {
        if self.at > now {
            return false;
        }
        self.interval = (self.interval * 2).min(self.longest);
        self.at = now + self.interval;
        true
    }

    /// From now on at the longest interval (timer E in state Proceeding).
    pub(crate) fn slow_down(&mut self) {
        self.interval = self.longest;
    }

    pub(crate) fn wake(&self, why: &'static str) -> Wake {
        Wake::at(self.at, why)
    }
}

/// How late a timer that only forgets something may fire.
pub(crate) const LAZY: Duration = Duration::from_secs(5);

/// A moment at which a transaction gives up (exact) or forgets (lazy).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    at: Instant,
    slack: Duration,
    why: &'static str,
}

impl Deadline {
    pub(crate) fn give_up(at: Instant, why: &'static str) -> Self {
        Self { at, slack: Duration::ZERO, why }
    }

    pub(crate) fn forget(at: Instant, why: &'static str) -> Self {
        Self { at, slack: LAZY, why }
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.at <= now
    }

    pub(crate) fn wake(&self) -> Wake {
        Wake::at(self.at, self.why).with_slack(self.slack)
    }
}
