use std::time::{Duration, Instant};

use cooee_codec::BLOCK_TIME;

/// Blocks made up for at once after a delay; what is more is left out.
const CATCH_UP: u32 = 10;

/// The tick, kept against the monotonic clock: it does not drift, and after a delay it catches up, within bounds. It comes every 10 ms,
/// or where nobody minds every 20 ms for two blocks at once, which halves what waking up costs.
#[derive(Debug)]
pub(super) struct Pace {
    next: Option<Instant>,
    /// Blocks a tick.
    step: u32,
    /// Blocks that were due a whole tick before they came, or longer.
    pub(super) late: u64,
    /// Of these, those for which we were still at work then: on the blocks before, or on what was asked between. For the others the system
    /// woke us too late.
    pub(super) overrun: u64,
    /// Blocks left out.
    pub(super) skipped: u64,
    /// When we were last at work, if we had begun before the next tick was due.
    finished: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { next: None, step: 1, late: 0, overrun: 0, skipped: 0, finished: None }
    }
}

impl Pace {
    /// Begins to tick now, or goes on; from the next tick on for so many blocks at once.
    pub(super) fn start(&mut self, step: u32, now: Instant) {
        self.step = step.clamp(1, CATCH_UP);
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

    /// From one tick to the next.
    pub(super) fn period(&self) -> Duration {
        BLOCK_TIME * self.step
    }

    /// How many blocks are due.
    pub(super) fn due(&mut self, now: Instant) -> u32 {
        let Some(next) = self.next else { return 0 };
        let Some(behind) = now.checked_duration_since(next) else { return 0 };
        let period = self.period();
        let ticks = u32::try_from(behind.as_millis() / period.as_millis()).unwrap_or(u32::MAX / CATCH_UP).saturating_add(1);
        let due = ticks.saturating_mul(self.step);
        let made_up = due.min(CATCH_UP / self.step * self.step);
        let late = u64::from(made_up - self.step);
        self.late += late;
        if self.finished.is_some_and(|finished| finished >= next + period) {
            self.overrun += late;
        }
        if due > made_up {
            self.skipped += u64::from(due - made_up);
            // Counted from now: the past is given up.
            self.next = Some(now + period);
        } else {
            self.next = Some(next + period * ticks);
        }
        made_up
    }

    /// Whatever was begun then is done now. What was only begun when the next tick was late already did not make it so.
    pub(super) fn finish(&mut self, began: Instant, now: Instant) {
        if self.next.is_none_or(|next| began < next + self.period()) {
            self.finished = Some(now);
        }
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
        pace.start(1, start);
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
        pace.start(1, start);
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
        pace.start(1, start);
        pace.stop();
        assert_eq!((pace.next(), pace.due(start + 50 * MS), pace.wait(start)), (None, 0, None));
    }

    #[test]
    fn two_blocks_at_once_come_every_twenty_milliseconds_and_from_the_next_tick_on() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.start(1, start);
        assert_eq!(pace.due(start), 1);
        pace.start(2, start + 5 * MS);
        assert_eq!((pace.due(start + 5 * MS), pace.due(start + 10 * MS), pace.due(start + 29 * MS)), (0, 2, 0));
        assert_eq!((pace.due(start + 49 * MS), pace.late), (2, 0));
        assert_eq!((pace.due(start + 69 * MS), pace.late), (2, 0));
        assert_eq!((pace.due(start + 111 * MS), pace.late, pace.next()), (6, 4, Some(start + 130 * MS)));
        assert_eq!((pace.due(start + 3_600_000 * MS), pace.late), (CATCH_UP, 12));
    }

    #[test]
    fn a_tick_is_late_because_of_the_work_before_it_or_because_nobody_woke_us() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.start(1, start);
        pace.due(start);
        pace.finish(start, start + 12 * MS);
        assert_eq!((pace.due(start + 25 * MS), pace.late, pace.overrun), (2, 1, 0));
        pace.finish(start + 25 * MS, start + 41 * MS);
        assert_eq!((pace.due(start + 41 * MS), pace.late, pace.overrun), (2, 2, 1));
    }

    #[test]
    fn what_was_asked_between_two_ticks_makes_one_late_only_if_it_was_begun_in_time() {
        for (began, ours) in [(12, 1), (24, 0)] {
            let (start, mut pace) = (Instant::now(), Pace::default());
            pace.start(1, start);
            pace.due(start);
            pace.finish(start, start + MS);
            pace.finish(start + began * MS, start + 25 * MS);
            assert_eq!((pace.due(start + 25 * MS), pace.late, pace.overrun), (2, 1, ours), "{began}");
        }
    }
}
