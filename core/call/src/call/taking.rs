use cooee_machine::Now;
use cooee_sdp::{Description, LocalMedia, Negotiated, answer};

use super::dialog::Remote;
use super::{Call, CallSetup, Phase, agree};
use crate::{CallDirection, CallState, EndReason, Leg, LegCommand, MediaRequest, Milestone};

impl Call {
    /// Somebody calls. It rings, and candidates are gathered, unless the offer could not be answered anyway: then the call is
    /// over at once. `offer` is `None` if the caller wants ours.
    #[must_use]
    pub fn incoming(setup: CallSetup, leg: Leg, offer: Option<&[u8]>, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Incoming, CallState::Ringing, now);
        call.leg = Some(leg);
        match offer.map(Description::parse).transpose() {
            Err(_) => call.break_off(EndReason::BadDescription, now),
            Ok(offered) => match offered.as_ref().map_or(Ok(()), |offered| agree::judge(offered, &call.preferences, call.row.accepts)) {
                Err(refusal) => call.break_off(agree::end_reason(refusal), now),
                Ok(()) => call.ring(offered, now),
            },
        }
        call
    }

    fn ring(&mut self, offered: Option<Description>, now: Now) {
        self.theirs = offered;
        self.has_rung = true;
        self.timeline.reach(Milestone::Ringing, now);
        self.command(LegCommand::Ring);
        self.gather_when_known(now);
        self.wait(Phase::Answer, self.times.answer_within_bounds(), now);
    }

    /// The person takes the call. What is still missing of the candidates is waited for.
    pub fn answer(&mut self, now: Now) {
        if self.direction == CallDirection::Incoming && self.state == CallState::Ringing {
            self.timeline.reach(Milestone::Answered, now);
            self.enter(CallState::Connecting);
            self.wait(Phase::Media, self.times.media, now);
            self.send_answer(now);
        }
    }

    /// Sends the answer if the person took the call and the candidates are known.
    pub(super) fn send_answer(&mut self, now: Now) {
        if self.direction == CallDirection::Outgoing || self.is_answered || self.state != CallState::Connecting {
            return;
        }
        let Some(local) = self.local_media(None, self.hold.direction()) else { return };
        let Some(offered) = self.theirs.take() else { return self.answer_with_offer() };
        let local = LocalMedia { security: self.row.accepts, ..local };
        match answer(&offered, &local, &self.origin) {
            Err(refusal) => self.break_off(agree::end_reason(refusal), now),
            Ok((description, negotiated)) => {
                self.is_answered = true;
                self.command(LegCommand::Answer { description: description.to_string().into_bytes() });
                self.begin_with_caller(description, negotiated, now);
            }
        }
    }

    /// The caller made no offer: ours goes into the answer, and its acknowledgement brings the caller's.
    fn answer_with_offer(&mut self) {
        if let Some(description) = self.first_offer(self.hold.direction()) {
            self.is_answered = true;
            self.command(LegCommand::Answer { description });
        }
    }

    pub(super) fn begin_with_caller(&mut self, description: Description, negotiated: Negotiated, now: Now) {
        let dialog = self.ours(description).and_then(|ours| self.dialogs.add(Remote::Caller, ours, negotiated.clone()));
        if let Some(dialog) = dialog {
            self.request(MediaRequest::Start { call: self.id, dialog, negotiated: Box::new(negotiated) });
            self.win(dialog, now);
        }
    }
}
