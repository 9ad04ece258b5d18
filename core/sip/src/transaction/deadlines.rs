use std::collections::BTreeSet;
use std::time::Instant;

use cooee_machine::Wake;

use super::step::LAZY;
use super::table::TransactionId;

/// The next timer of every transaction, soonest first. Timers that must be punctual and those that only forget something
/// stand apart, so that the latter can wait for company.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    exact: BTreeSet<(Instant, TransactionId)>,
    lazy: BTreeSet<(Instant, TransactionId)>,
}

impl Deadlines {
    pub(super) fn insert(&mut self, wake: Wake, id: TransactionId) {
        self.kind(wake).insert((wake.at, id));
    }

    pub(super) fn remove(&mut self, wake: Wake, id: TransactionId) {
        self.kind(wake).remove(&(wake.at, id));
    }

    fn kind(&mut self, wake: Wake) -> &mut BTreeSet<(Instant, TransactionId)> {
        if wake.slack.is_zero() { &mut self.exact } else { &mut self.lazy }
    }

    pub(super) fn due(&self, now: Instant) -> Option<TransactionId> {
        let due = |set: &BTreeSet<(Instant, TransactionId)>| set.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id);
        due(&self.exact).or_else(|| due(&self.lazy))
    }

    pub(super) fn next(&self) -> Option<Wake> {
        let exact = self.exact.first().map(|(at, _)| Wake::at(*at, "transaction timer"));
        let lazy = self.lazy.first().map(|(at, _)| Wake::at(*at, "transaction end").with_slack(LAZY));
        Wake::earlier(exact, lazy)
    }
}
