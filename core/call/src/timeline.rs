use std::time::{Duration, Instant};

use cooee_machine::Now;

/// The steps of a call that a person or a measurement cares about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Milestone {
    /// Dialled, or the call came in.
    Begun,
    /// Our candidates are known.
    Gathered,
    /// The offer is on its way to the server.
    Invited,
    /// It rings.
    Ringing,
    /// Somebody, here or there, took the call.
    Answered,
    /// Packets have a way.
    PathFound,
    /// The keys are agreed and proven.
    Secured,
    /// Sound flows.
    Active,
    /// Over.
    Ended,
}

impl Milestone {
    /// For logs and scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Gathered => "gathered",
            Self::Invited => "invited",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::PathFound => "path-found",
            Self::Secured => "secured",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}

/// One step, the first time it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub milestone: Milestone,
    /// When, since the Unix epoch.
    pub at: Duration,
    /// How long after the call began.
    pub after: Duration,
}

/// The steps of one call in the order in which they were taken; each at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    begun: Instant,
    steps: Vec<Step>,
}

impl Timeline {
    /// Begins with [`Milestone::Begun`].
    pub(crate) fn new(now: Now) -> Self {
        Self { begun: now.instant, steps: vec![Step { milestone: Milestone::Begun, at: now.unix, after: Duration::ZERO }] }
    }

    /// So long ago it began.
    pub(crate) fn since_begin(&self, now: Now) -> Duration {
        now.instant.saturating_duration_since(self.begun)
    }

    pub(crate) fn reach(&mut self, milestone: Milestone, now: Now) {
        if self.step(milestone).is_none() {
            let after = self.since_begin(now);
            self.steps.push(Step { milestone, at: now.unix, after });
        }
    }

    /// All of them.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// One of them, if it was taken.
    #[must_use]
    pub fn step(&self, milestone: Milestone) -> Option<&Step> {
        self.steps.iter().find(|step| step.milestone == milestone)
    }

    /// How long it took from one step to another, if both were taken in this order.
    #[must_use]
    pub fn between(&self, from: Milestone, to: Milestone) -> Option<Duration> {
        self.step(to)?.after.checked_sub(self.step(from)?.after)
    }
}
