use cooee_machine::Now;

use super::{Call, CallOutput, Phase, gather::Gathering};
use crate::{CallDirection, CallState, EndReason, Fact, LegCommand, LegOutcome, LogEntry, MediaRequest, MediaTrouble, Milestone, Side};

impl Call {
    /// The person hangs up, or gives up, or declines.
    pub fn hang_up(&mut self, now: Now) {
        match self.state {
            CallState::Ended(_) => {}
            _ if self.direction == CallDirection::Incoming && !self.is_answered => self.decline(now),
            _ => {
                self.end_leg(None, None);
                let reason = if self.is_answered { EndReason::HungUp(Side::Us) } else { EndReason::Cancelled(Side::Us) };
                self.finish(reason, now);
            }
        }
    }

    /// The phone is going down, or the account is removed.
    pub fn shut_down(&mut self, now: Now) {
        if self.direction == CallDirection::Incoming && !self.is_answered && !self.is_over() {
            self.command(LegCommand::Reject { status: 480, text: "Temporarily Unavailable" });
            self.finish(EndReason::ShutDown, now);
        } else {
            self.hang_up(now);
        }
    }

    /// Ends a call because of this side's trouble or the network's, and tells the other side (RFC 3326).
    pub(super) fn break_off(&mut self, reason: EndReason, now: Now) {
        let (status, text) = match &reason {
            EndReason::Media(MediaTrouble::Fingerprint) => (488, "Certificate Does Not Match"),
            EndReason::Media(MediaTrouble::NoPath) => (488, crate::end::NO_MEDIA_PATH),
            EndReason::Media(MediaTrouble::Handshake) => (488, crate::end::NO_MEDIA_KEYS),
            EndReason::Media(_) => (488, crate::end::NO_MEDIA),
            EndReason::PeerSilent => (408, "Media Silent"),
            EndReason::NetworkChanged => (408, "Network Changed"),
            EndReason::NoCommonCodec => (488, crate::end::NO_COMMON_CODEC),
            EndReason::SecurityRefused => (488, crate::end::SECURITY_REFUSED),
            _ => (488, "Not Acceptable Here"),
        };
        self.end_leg(Some(status), Some(text));
        self.finish(reason, now);
    }

    pub(super) fn end_leg(&mut self, status: Option<u16>, text: Option<&'static str>) {
        match (self.direction, self.is_answered) {
            (CallDirection::Incoming, false) => {
                self.command(LegCommand::Reject { status: status.unwrap_or(603), text: text.unwrap_or("Decline") });
            }
            _ if self.is_placed || self.leg.is_some() => self.command(LegCommand::HangUp { status, text }),
            _ => {}
        }
    }

    /// The end, from this side's view; the leg is over or has been told. The log line follows when the media has told its
    /// last figures, or is out of time.
    pub(super) fn finish(&mut self, reason: EndReason, now: Now) {
        if self.is_over() {
            return;
        }
        self.question.drop_open();
        self.sign_due = None;
        self.legs.settle(if self.is_answered { LegOutcome::Answered } else { LegOutcome::Failed(reason.clone()) });
        self.timeline.reach(Milestone::Ended, now);
        self.note(Fact::Ended(reason.clone()), now);
        self.enter(CallState::Ended(reason));
        if self.gathering.has_begun() {
            self.request(MediaRequest::Stop { call: self.id });
            self.wait(Phase::Figures, self.times.figures, now);
        } else {
            self.gathering = Gathering::No;
            self.log();
        }
    }

    pub(super) fn log(&mut self) {
        let CallState::Ended(reason) = self.state.clone() else { return };
        if std::mem::replace(&mut self.is_logged, true) {
            return;
        }
        self.waiting = None;
        self.note_traffic();
        let is_of_others = self.direction == CallDirection::Incoming && !self.caller.is_test;
        let missed = is_of_others && !self.is_answered && !is_known(&reason);
        self.outputs.push_back(CallOutput::Log(Box::new(LogEntry { call: self.snapshot(), reason, missed, story: self.story.clone() })));
    }

    /// What was waited for did not come.
    pub(super) fn give_up(&mut self, phase: Phase, now: Now) {
        match phase {
            Phase::Announced => self.finish(EndReason::NotArrived, now),
            Phase::Server => self.end_or_go_elsewhere(self.server_trouble(), now),
            Phase::Answer if self.direction == CallDirection::Incoming => {
                self.command(LegCommand::Reject { status: 480, text: "No Answer" });
                self.finish(EndReason::NoAnswer(Side::Us), now);
            }
            Phase::Answer => {
                self.end_leg(Some(408), Some("No Answer"));
                self.finish(EndReason::NoAnswer(Side::Peer), now);
            }
            Phase::Media => self.break_off(EndReason::Media(MediaTrouble::Timeout), now),
            Phase::Path => self.break_off(self.why_silent(), now),
            Phase::Figures => self.log(),
        }
    }
}

/// Somebody here knows of an incoming call that ended so, or wants to know nothing of such calls.
fn is_known(reason: &EndReason) -> bool {
    matches!(
        reason,
        EndReason::Declined(_)
            | EndReason::AnsweredElsewhere
            | EndReason::DeclinedElsewhere
            | EndReason::Replaced
            | EndReason::Blocked
            | EndReason::Anonymous
    )
}
