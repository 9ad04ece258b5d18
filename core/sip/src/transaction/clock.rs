use std::time::Instant;

use cooee_machine::Wake;

use super::step::{Deadline, Retransmission};

/// The two timers that a transaction may have running: for the next copy of its message, and for its end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    copy: Option<Retransmission>,
    end: Option<Deadline>,
}

/// Which of them has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Copy,
    /// Nothing runs any more.
    End,
}

impl Clock {
    /// Copies, if there are to be any, until the end.
    pub(super) fn repeating(copy: Option<Retransmission>, end: Deadline) -> Self {
        Self { copy, end: Some(end) }
    }

    /// No copies; then the end.
    pub(super) fn waiting(end: Deadline) -> Self {
        Self { copy: None, end: Some(end) }
    }

    /// Copies at the longest interval from now on.
    pub(super) fn slow_down(&mut self) {
        if let Some(copy) = self.copy.as_mut() {
            copy.slow_down();
        }
    }

    /// Lets the timer fire that is due; the end before a copy.
    pub(super) fn take_due(&mut self, now: Instant) -> Due {
        if self.end.is_some_and(|end| end.is_due(now)) {
            *self = Self::default();
            return Due::End;
        }
        if self.copy.as_mut().is_some_and(|copy| copy.take_due(now)) { Due::Copy } else { Due::Nothing }
    }

    /// When to ask again; `why` names the timer of the copies.
    pub(super) fn wake(&self, why: &'static str) -> Option<Wake> {
        Wake::earlier(self.copy.map(|copy| copy.wake(why)), self.end.map(|end| end.wake()))
    }
}
