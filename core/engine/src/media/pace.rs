use std::time::{Duration, Instant};

use cooee_codec::BLOCK_TIME;

/// Ticks made up for at once after a delay; what is more is left out.
const CATCH_UP: u32 = 10;

/// The 10 ms tick, kept against the monotonic clock: it does not drift, and after a delay it catches up, within bounds.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Option<Instant>,
    /// Ticks that came more than one tick late.
    pub(super) late: u64,
    /// Ticks left out.
    pub(super) skipped: u64,
}

impl Pace {
    /// Begins to tick now, or goes on.
    pub(super) fn start(&mut self, now: Instant) {
        self.next.get_or_insert(now);
    }

    /// No more ticks.
    pub(super) fn stop(&mut self) {
        self.next = None;
    }

    /// When the next tick is due.
    #[cfg(test)]
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// How many ticks are due.
    pub(super) fn due(&mut self, now: Instant) -> u32 {
        let Some(next) = self.next else { return 0 };
        let Some(behind) = now.checked_duration_since(next) else { return 0 };
        let due = u32::try_from(behind.as_millis() / BLOCK_TIME.as_millis()).unwrap_or(u32::MAX).saturating_add(1);
        let made_up = due.min(CATCH_UP);
        self.late += u64::from(made_up - 1);
        if due > CATCH_UP {
            self.skipped += u64::from(due - CATCH_UP);
            // Counted from now: the past is given up.
            self.next = Some(now + BLOCK_TIME);
        } else {
            self.next = Some(next + BLOCK_TIME * due);
        }
        made_up
    }

    /// How long until the next tick; `None` without one.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.next.map(|next| next.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn ticks_follow_the_clock_without_drift_though_each_wake_up_is_late() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        assert_eq!(pace.due(start), 0);
        pace.start(start);
        let mut ticks = 0;
        for wake in 0..1_000 {
            ticks += pace.due(start + 10 * MS * wake + 3 * MS);
        }
        assert_eq!((ticks, pace.late, pace.skipped), (1_000, 0, 0));
        assert_eq!(pace.next(), Some(start + 10_000 * MS));
    }

    #[test]
    fn a_delay_is_caught_up_and_a_long_one_given_up() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.start(start);
        assert_eq!(pace.due(start + 45 * MS), 5);
        assert_eq!((pace.late, pace.skipped), (4, 0));
        assert_eq!(pace.due(start + 49 * MS), 0);
        assert_eq!(pace.due(start + 50 * MS), 1);
        assert_eq!(pace.due(start + 3_600_000 * MS), CATCH_UP);
        assert!(pace.skipped > 300_000);
        assert_eq!(pace.wait(start + 3_600_000 * MS), Some(10 * MS));
    }

    #[test]
    fn without_a_call_there_is_no_tick() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.start(start);
        pace.stop();
        assert_eq!((pace.next(), pace.due(start + 50 * MS), pace.wait(start)), (None, 0, None));
    }
}
