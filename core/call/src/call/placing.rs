use std::time::Duration;

use cooee_machine::Now;
use cooee_sdp::Direction;

use super::{Call, CallOutput, CallSetup, Phase};
use crate::{CallDirection, CallState, EndReason, Fact, Leg, LegCommand, MediaTrouble, Milestone, NetworkTrouble};

/// An outgoing call on its way to the account's server.
impl Call {
    /// Begins an outgoing call: gathers as soon as may be, and is placed when the candidates are known and [`Call::server_ready`] was
    /// said.
    #[must_use]
    pub fn outgoing(setup: CallSetup, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Outgoing, CallState::Dialing, now);
        call.legs.begin(call.peer.address.clone(), call.account, Duration::ZERO);
        call.gather_when_known(now);
        call.wait(Phase::Server, call.times.server, now);
        call
    }

    /// The account's server can be reached: the call may be placed.
    pub fn server_ready(&mut self, now: Now) {
        self.is_server_ready = true;
        self.place(now);
    }

    /// The account's server cannot be reached any more: a call that is not placed yet waits for it again.
    pub fn server_lost(&mut self) {
        self.is_server_ready = false;
        self.server_trouble = NetworkTrouble::Timeout;
    }

    /// There is a way to the account's server, and nothing has come back on it yet: if it stays so, this is the call's end.
    pub fn server_silent(&mut self) {
        self.server_trouble = NetworkTrouble::Silent;
    }

    /// [`LegCommand::Place`] was carried out and became this leg.
    pub fn placed(&mut self, leg: Leg) {
        self.leg = Some(leg);
    }

    /// The account's server cannot be reached or refuses us, for this reason. Ends a call that is not placed yet; others have
    /// their leg to tell them.
    pub fn server_failed(&mut self, reason: EndReason, now: Now) {
        if self.direction == CallDirection::Outgoing && !self.is_placed {
            self.end_or_go_elsewhere(reason, now);
        }
    }

    /// Whether it waits for the account's server before it can be placed.
    #[must_use]
    pub fn awaits_server(&self) -> bool {
        self.direction == CallDirection::Outgoing && !self.is_placed && !self.is_over()
    }

    pub(super) fn place(&mut self, now: Now) {
        if self.is_placed || self.is_over() || !self.is_server_ready || self.direction == CallDirection::Incoming {
            return;
        }
        let Some(offer) = self.first_offer(Direction::SendRecv) else { return };
        self.is_placed = true;
        self.timeline.reach(Milestone::Invited, now);
        self.note(Fact::Invited, now);
        self.outputs.push_back(CallOutput::Leg(LegCommand::Place { offer }));
        self.wait(Phase::Answer, self.times.answer_within_bounds(), now);
        self.is_changed = true;
    }

    pub(super) fn server_trouble(&self) -> EndReason {
        if self.is_server_ready {
            return EndReason::Media(MediaTrouble::Timeout);
        }
        EndReason::Unreachable(self.server_trouble.clone())
    }
}
