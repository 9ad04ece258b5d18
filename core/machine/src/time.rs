use std::time::{Duration, Instant};

/// A moment, made by the driver only: a base plus the boot-time clock, so that it counts the time a device slept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For differences and timers.
    pub instant: Instant,
    /// Time since the Unix epoch, for what is shown, stored or sent (NTP stamps, dates).
    pub unix: Duration,
}

impl Now {
    /// The same two clocks, `later` further on.
    #[must_use]
    pub fn after(self, later: Duration) -> Self {
        Self { instant: self.instant + later, unix: self.unix + later }
    }
}

/// When a machine wants to be called again, at the latest `slack` after `at`, and why, so that a trace explains itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// The earliest moment the machine has something to do.
    pub at: Instant,
    /// How much later still does no harm; lets a phone batch its wake-ups.
    pub slack: Duration,
    /// The timer's name in its standard, e.g. `"invite timer A"`.
    pub why: &'static str,
}

impl Wake {
    /// A wake-up without slack.
    #[must_use]
    pub fn at(at: Instant, why: &'static str) -> Self {
        Self { at, slack: Duration::ZERO, why }
    }

    /// The same wake-up, allowed to come `slack` late.
    #[must_use]
    pub fn with_slack(self, slack: Duration) -> Self {
        Self { slack, ..self }
    }

    /// Whichever must come first; `None` means "never".
    #[must_use]
    pub fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(a), Some(b)) => Some(if b.at + b.slack < a.at + a.slack { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// One wake-up for all of these: no later than each of them allows, and not before as many of them as possible are due, so that a
    /// device that sleeps wakes up once. It bears the name of the most urgent.
    #[must_use]
    pub fn together(wakes: impl IntoIterator<Item = Self>) -> Option<Self> {
        let wakes: Vec<Self> = wakes.into_iter().collect();
        let urgent = wakes.iter().min_by_key(|wake| wake.at + wake.slack)?;
        let deadline = urgent.at + urgent.slack;
        let at = wakes.iter().map(|wake| wake.at).filter(|at| *at <= deadline).max()?;
        Some(Self { at, slack: deadline.saturating_duration_since(at), why: urgent.why })
    }

    /// Whether the moment has come.
    #[must_use]
    pub fn is_due(&self, now: Now) -> bool {
        self.at <= now.instant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "some base to count from")]
    fn one_wake_up_serves_all_whose_times_overlap_with_the_most_urgent_one() {
        let start = Instant::now();
        let wake = |at: u64, slack: u64, why| Wake::at(start + Duration::from_secs(at), why).with_slack(Duration::from_secs(slack));
        let together = Wake::together([wake(100, 20, "a"), wake(110, 30, "b"), wake(90, 60, "c"), wake(121, 5, "d")]).unwrap();
        assert_eq!(together, wake(110, 10, "a"));
        assert_eq!(Wake::together([wake(7, 0, "alone")]), Some(wake(7, 0, "alone")));
        assert_eq!(Wake::together([]), None);
    }
}
