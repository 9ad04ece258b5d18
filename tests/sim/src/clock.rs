use std::time::{Duration, Instant};

use cooee_machine::Now;

/// Virtual time. It moves only when the [`World`](crate::World) takes the next entry off its agenda.
///
/// A machine's [`Instant`]s need *some* base; it is taken from the system once, and only differences to it are ever seen, so
/// that it never shows in a trace.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base: Instant,
    elapsed: Duration,
}

impl Clock {
    /// What the calendar says when a world begins, since the Unix epoch: 2027-01-15T08:00:00Z.
    pub const CALENDAR_START: Duration = Duration::from_secs(1_800_000_000);

    /// A clock at the beginning of virtual time.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the one base that all virtual instants are counted from")]
    pub fn start() -> Self {
        Self { base: Instant::now(), elapsed: Duration::ZERO }
    }

    /// The moment as a machine is told it.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { instant: self.base + self.elapsed, unix: Self::CALENDAR_START + self.elapsed }
    }

    /// Time since the world began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The same scale for an instant a machine named. One before the beginning counts as the beginning.
    #[must_use]
    pub fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.base)
    }

    /// Moves on. Never back.
    pub(crate) fn advance_to(&mut self, elapsed: Duration) {
        self.elapsed = self.elapsed.max(elapsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_move_together_and_never_back() {
        let mut clock = Clock::start();
        let before = clock.now();
        clock.advance_to(Duration::from_millis(1500));
        clock.advance_to(Duration::from_millis(20));
        assert_eq!(clock.now(), before.after(Duration::from_millis(1500)));
        assert_eq!(clock.since_start(clock.now().instant), Duration::from_millis(1500));
        assert_eq!(before.unix, Clock::CALENDAR_START);
    }
}
