use std::time::Duration;

use cooee_machine::Pii;

use crate::{AccountId, EndReason};

/// An address that an outgoing call went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedLeg {
    /// Which.
    pub address: Pii<String>,
    /// Over which account.
    pub account: AccountId,
    /// How long after the call began it was its turn.
    pub after: Duration,
    /// What became of it.
    pub outcome: LegOutcome,
}

/// What became of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegOutcome {
    /// It is on its way.
    Open,
    /// It was answered.
    Answered,
    /// Nothing came of it.
    Failed(EndReason),
}

/// All of a call, one after the other; none of an incoming one.
#[derive(Debug, Default)]
pub(crate) struct PlacedLegs(Vec<PlacedLeg>);

impl PlacedLegs {
    pub(crate) fn begin(&mut self, address: Pii<String>, account: AccountId, after: Duration) {
        self.0.push(PlacedLeg { address, account, after, outcome: LegOutcome::Open });
    }

    /// What became of the one that is on its way; said once.
    pub(crate) fn settle(&mut self, outcome: LegOutcome) {
        if let Some(leg) = self.0.last_mut().filter(|leg| leg.outcome == LegOutcome::Open) {
            leg.outcome = outcome;
        }
    }

    /// The one that was begun last could not be called from here after all, and was not.
    pub(crate) fn take_back(&mut self) {
        self.0.pop();
    }

    pub(crate) fn all(&self) -> &[PlacedLeg] {
        &self.0
    }
}
