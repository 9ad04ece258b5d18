use std::time::{Duration, Instant};

use cooee_machine::Wake;
use cooee_sip::locate::Locate;
use cooee_sip::{Flow, Framer};

use super::opening::Opening;

/// How far the way to the server has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// Not wanted (any more).
    Closed,
    /// Waits before the next attempt; `None`: until something changes.
    Waiting(Option<Instant>),
    Locating(Box<Locate>),
    Opening(Opening),
    Open {
        flow: Flow,
        framer: Box<Framer>,
    },
}

impl Stage {
    /// A server is being looked for.
    pub(super) fn is_looking(&self) -> bool {
        matches!(self, Self::Locating(_) | Self::Opening(_))
    }

    /// When the next attempt begins by itself.
    pub(super) fn next_attempt(&self) -> Option<Wake> {
        let Self::Waiting(Some(at)) = self else { return None };
        Some(Wake::at(*at, "account: reconnect").with_slack(Duration::from_millis(500)))
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        match self {
            Self::Opening(opening) => Some(Wake::at(opening.next_wake()?, "account: connect").with_slack(Duration::from_millis(100))),
            _ => self.next_attempt(),
        }
    }
}
