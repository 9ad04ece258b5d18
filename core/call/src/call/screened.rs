use cooee_machine::Now;

use super::{Call, CallSetup};
use crate::{CallDirection, CallState, EndReason, Leg, LegCommand, Side};

/// Why an incoming call is answered for the person, without ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screened {
    /// This phone has as many calls as it takes: 486.
    Busy,
    /// The person does not want to be disturbed: 480, so that other devices may ring on.
    DoNotDisturb,
    /// The caller is blocked: 603, as if the person had declined.
    Blocked,
    /// The caller withholds who it is: 433 (RFC 5079).
    Anonymous,
}

impl Screened {
    fn answer(self) -> (u16, &'static str, EndReason) {
        match self {
            Self::Busy => (486, "Busy Here", EndReason::Busy(Side::Us)),
            Self::DoNotDisturb => (480, "Temporarily Unavailable", EndReason::DoNotDisturb),
            Self::Blocked => (603, "Decline", EndReason::Blocked),
            Self::Anonymous => (433, "Anonymity Disallowed", EndReason::Anonymous),
        }
    }
}

impl Call {
    /// Somebody calls and is not let through: a refusal, and a line in the log.
    #[must_use]
    pub fn screened(setup: CallSetup, leg: Leg, why: Screened, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Incoming, CallState::Ringing, now);
        let (status, text, reason) = why.answer();
        call.leg = Some(leg);
        call.command(LegCommand::Reject { status, text });
        call.finish(reason, now);
        call
    }

    /// The person declines, as busy.
    pub fn decline_busy(&mut self, now: Now) {
        self.refuse(486, "Busy Here", now);
    }

    /// The person declines.
    pub fn decline(&mut self, now: Now) {
        self.refuse(603, "Decline", now);
    }

    fn refuse(&mut self, status: u16, text: &'static str, now: Now) {
        if self.direction == CallDirection::Incoming && !self.is_answered && !self.is_over() {
            self.command(LegCommand::Reject { status, text });
            self.finish(EndReason::Declined(Side::Us), now);
        }
    }
}
