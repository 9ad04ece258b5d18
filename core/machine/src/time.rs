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

    /// Whether the moment has come.
    #[must_use]
    pub fn is_due(&self, now: Now) -> bool {
        self.at <= now.instant
    }
}
