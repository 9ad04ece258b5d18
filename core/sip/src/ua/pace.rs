use std::time::{Duration, Instant};

use cooee_machine::Now;

/// So many at once.
const BURST: u32 = 60;
/// Then one in this time.
const EACH: Duration = Duration::from_millis(500);

/// How fast strangers may make us work: a bucket that fills slowly.
#[derive(Debug)]
pub(super) struct Pace {
    left: u32,
    since: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { left: BURST, since: None }
    }
}

impl Pace {
    /// Whether there is room for another one, and takes it.
    pub(super) fn take(&mut self, now: Now) -> bool {
        let since = *self.since.get_or_insert(now.instant);
        let full = u32::try_from(now.instant.saturating_duration_since(since).as_millis() / EACH.as_millis()).unwrap_or(u32::MAX);
        if full > 0 {
            self.left = self.left.saturating_add(full).min(BURST);
            self.since = Some(if self.left == BURST { now.instant } else { since + EACH * full });
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::start_of_test;

    #[test]
    fn a_burst_passes_and_then_two_a_second() {
        let (mut pace, start) = (Pace::default(), start_of_test());
        let mut taken = |at: Duration, tries: u32| (0..tries).filter(|_| pace.take(start.after(at))).count();
        assert_eq!(taken(Duration::ZERO, 100), 60);
        assert_eq!(taken(Duration::from_millis(499), 10), 0);
        assert_eq!(taken(Duration::from_millis(1700), 10), 3);
        assert_eq!(taken(Duration::from_millis(2000), 10), 1);
        assert_eq!(taken(Duration::from_secs(3600), 100), 60);
    }
}
