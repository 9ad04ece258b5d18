use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::{Call, CallOutput};
use crate::{EndReason, Side};

/// What a call waits for, at most until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// For a call that a push has announced.
    Announced,
    Server,
    Answer,
    Media,
    Path,
    Figures,
}

impl Call {
    /// Lets what was waited for be given up if its time has come. Early calls do no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.gathering.due().is_some_and(|at| at <= now.instant) {
            self.gather();
        }
        if self.hold.take_due(now) {
            self.pursue_hold();
        }
        if !self.is_over() && self.good_bye.take_if(|at| *at <= now.instant).is_some() {
            self.end_leg(None, None);
            self.finish(EndReason::HungUp(Side::Peer), now);
        }
        if self.network_due().is_some_and(|at| at <= now.instant) {
            self.break_off(EndReason::NetworkChanged, now);
        }
        self.refuse_overdue(now);
        self.miss_permission(now);
        if self.sign_due.take_if(|at| *at <= now.instant).is_some() {
            self.outputs.push_back(CallOutput::Silent);
        }
        if let Some((phase, _)) = self.waiting.take_if(|(_, at)| *at <= now.instant) {
            self.give_up(phase, now);
        }
    }

    /// When to call [`Call::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let soon = |at: Option<Instant>, why| at.map(|at| Wake::at(at, why).with_slack(Duration::from_millis(20)));
        let gather = soon(self.gathering.due(), "call: STUN servers");
        let again = soon(self.hold.due().filter(|_| !self.is_over()), "call: offer again");
        let good_bye = soon(self.good_bye.filter(|_| !self.is_over()), "call: good-bye");
        let network = soon(self.network_due(), "call: network gone");
        let sign = soon(self.sign_due.filter(|_| !self.is_over()), "call: ringing sign");
        let decision = self.question.due().map(|at| Wake::at(at, "call: decision on a transfer").with_slack(Duration::from_millis(250)));
        let permission = soon(self.permission_due(), "call: system's word to ring");
        [gather, again, good_bye, network, sign, decision, permission].into_iter().fold(self.next_give_up(), Wake::earlier)
    }

    fn next_give_up(&self) -> Option<Wake> {
        let (phase, at) = self.waiting?;
        let why = match phase {
            Phase::Announced => "call: announced",
            Phase::Server => "call: account's server",
            Phase::Answer => "call: answer",
            Phase::Media => "call: media",
            Phase::Path => "call: path lost",
            Phase::Figures => "call: last figures",
        };
        Some(Wake::at(at, why).with_slack(Duration::from_millis(250)))
    }

    pub(super) fn wait(&mut self, phase: Phase, time: Duration, now: Now) {
        self.waiting = Some((phase, now.instant + time));
    }
}
