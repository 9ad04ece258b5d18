use cooee_machine::Now;
use cooee_sdp::{Description, LocalMedia, Negotiated, answer};

use super::dialog::Remote;
use super::{Call, CallSetup, Phase, agree};
use crate::{CallDirection, CallState, EndReason, Fact, Leg, LegCommand, Milestone, Request, Side};

/// Who offers in an incoming call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomingOffer<'a> {
    /// The caller has: SDP.
    Theirs(&'a [u8]),
    /// We shall, with the answer.
    Ours,
    /// We shall, and before the answer: the caller is told that it rings here when our offer is there (RFC 3262 5).
    OursEarly,
}

impl Call {
    /// Somebody calls. It rings, and candidates are gathered, unless the offer could not be answered anyway: then the call is
    /// over at once.
    #[must_use]
    pub fn incoming(setup: CallSetup, leg: Leg, offer: IncomingOffer<'_>, now: Now) -> Self {
        let mut call = Self::new(setup, CallDirection::Incoming, CallState::Ringing, now);
        call.come_in(leg, offer, now);
        call
    }

    pub(super) fn come_in(&mut self, leg: Leg, offer: IncomingOffer<'_>, now: Now) {
        self.leg = Some(leg);
        self.wants_early_offer = offer == IncomingOffer::OursEarly;
        let theirs = if let IncomingOffer::Theirs(sdp) = offer { Some(sdp) } else { None };
        match theirs.map(Description::parse).transpose() {
            Err(_) => self.break_off(EndReason::BadDescription, now),
            Ok(offered) => match offered.as_ref().map(|offered| agree::judge(offered, &self.preferences, self.row.accepts)).transpose() {
                Err(refusal) => self.break_off(agree::end_reason(refusal), now),
                Ok(negotiated) => {
                    self.has_rtcp = negotiated.is_some_and(|negotiated| negotiated.has_rtcp_component());
                    self.ring(offered, now);
                }
            },
        }
    }

    fn ring(&mut self, offered: Option<Description>, now: Now) {
        self.theirs = offered;
        self.ring_here(now);
        if !self.wants_early_offer {
            self.command(LegCommand::Ring { offer: None });
        }
        self.gather_when_known(now);
        self.wait(Phase::Answer, self.times.answer_within_bounds(), now);
    }

    /// Who calls is let through after all: a call that still rings does so aloud from now on.
    pub fn let_through(&mut self, now: Now) {
        if self.caller.request.take().is_none() {
            return;
        }
        if self.rings_here() {
            self.note(Fact::RangHere { silently: false }, now);
            self.ring_aloud(now);
        }
        self.tell_again();
    }

    pub(super) fn ring_here(&mut self, now: Now) {
        if !std::mem::replace(&mut self.has_rung, true) {
            self.timeline.reach(Milestone::Ringing, now);
            // Nobody can let through whom nobody can name.
            if let Some(Request { domain, line }) = self.caller.request.clone().filter(|_| !self.caller.anonymous) {
                self.note(Fact::Introduced { domain, line }, now);
            }
            self.note(Fact::RangHere { silently: self.caller.request.is_some() }, now);
            if self.caller.request.is_none() {
                self.ring_aloud(now);
            }
        }
    }

    /// The person takes the call. What is still missing of the candidates is waited for; so is the call itself, where it is announced.
    pub fn answer(&mut self, now: Now) {
        if !self.rings_here() {
            return;
        }
        self.timeline.reach(Milestone::Answered, now);
        self.note(Fact::Answered(Side::Us), now);
        if self.is_announced() { self.enter(CallState::Connecting) } else { self.take(now) }
    }

    pub(super) fn take(&mut self, now: Now) {
        self.enter(CallState::Connecting);
        self.wait(Phase::Media, self.times.media, now);
        self.send_answer(now);
    }

    /// Sends the answer if the person took the call and the candidates are known.
    pub(super) fn send_answer(&mut self, now: Now) {
        if self.direction == CallDirection::Outgoing || self.is_answered || self.state != CallState::Connecting {
            return;
        }
        if self.dialogs.of(&Remote::Caller).is_some() {
            return self.answer_as_agreed(now);
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

    /// All has been agreed on before the answer: now sound may flow, and has to be proven.
    fn answer_as_agreed(&mut self, now: Now) {
        let Some(dialog) = self.dialogs.of_mut(&Remote::Caller) else { return };
        (dialog.is_active, dialog.one_way) = (false, None);
        let (id, negotiated, description) = (dialog.id, dialog.negotiated.clone(), dialog.ours.description.to_string().into_bytes());
        self.is_answered = true;
        self.command(LegCommand::Answer { description });
        self.win(id, now);
        self.update_media(id, &negotiated);
    }

    pub(super) fn begin_with_caller(&mut self, description: Description, negotiated: Negotiated, now: Now) {
        if let Some(dialog) = self.ours(description).and_then(|ours| self.begin(Remote::Caller, ours, negotiated)) {
            self.win(dialog, now);
        }
    }
}
