use cooee_machine::Now;
use cooee_sdp::{Description, Negotiated, accept};
use cooee_sip::ua::{self, DialogKey};

use super::dialog::{Ours, Remote};
use super::{Call, CallOutput, Phase, TransferRequest, agree};
use crate::end::{Progress, reason_of};
use crate::{CallDirection, CallState, DialogId, EndReason, Fact, LegEvent, LegOutcome, MediaRequest, Milestone, Side};

impl Call {
    /// Takes what its leg has to tell.
    pub fn handle_leg(&mut self, event: LegEvent, now: Now) {
        if !self.is_over() {
            match event {
                LegEvent::Sip(event) => self.handle_sip(event, now),
            }
        }
    }

    fn handle_sip(&mut self, event: ua::LegEvent, now: Now) {
        match event {
            ua::LegEvent::Progress { dialog, status, sdp } => self.progress(dialog, status, sdp.as_deref(), now),
            ua::LegEvent::Answered { dialog, sdp } => self.answered(dialog, sdp.as_deref(), now),
            ua::LegEvent::ForkDropped { dialog } => self.drop_fork(dialog),
            ua::LegEvent::EarlyAnswered { sdp } => self.answered_early(&sdp, now),
            ua::LegEvent::Confirmed { sdp } => self.confirmed(sdp.as_deref(), now),
            ua::LegEvent::Reoffer { sdp } => self.reoffered(sdp.as_deref(), now),
            ua::LegEvent::ReofferConfirmed { sdp } => self.reoffer_confirmed(sdp.as_deref(), now),
            ua::LegEvent::Reanswered { sdp } => self.reanswered(sdp.as_deref(), now),
            ua::LegEvent::Refreshed { sdp } => self.refreshed(sdp.as_deref(), now),
            ua::LegEvent::ReofferFailed { status } => self.reoffer_failed(status, now),
            ua::LegEvent::EarlyReoffer { dialog, sdp } => self.early_reoffer(dialog, &sdp),
            ua::LegEvent::EarlyReanswered { dialog, sdp } => self.early_reanswered(&dialog, sdp.as_deref(), now),
            ua::LegEvent::EarlyReofferFailed { dialog, .. } => self.early_reoffer_failed(&dialog),
            ua::LegEvent::Digit(digit) => self.outputs.push_back(CallOutput::Digit(digit)),
            ua::LegEvent::Transfer(event) => self.transferred(event, now),
            ua::LegEvent::TransferAsked { target, replaces, referred_by } => {
                self.transfer_asked(TransferRequest { target, replaces, referred_by }, now);
            }
            ua::LegEvent::Ended(ended) if self.leaves_for_another(&ended) => self.finish(EndReason::Transferred, now),
            ua::LegEvent::Ended(ended) if self.tries_again(&ended, now) => {}
            ua::LegEvent::Ended(ended) => self.end_or_go_elsewhere(reason_of(&ended, self.how_far()), now),
            ua::LegEvent::Trying => self.note(Fact::ServerTook, now),
            // An incoming call was made of `Incoming`.
            _ => {}
        }
        self.note_hold(now);
    }

    /// What the end of a leg means depends on it.
    pub(super) fn how_far(&self) -> Progress {
        let is_outgoing = self.direction == CallDirection::Outgoing;
        Progress { is_outgoing, has_rung: self.has_rung, is_answered: self.is_answered }
    }

    /// A provisional response: 180 rings, an early answer may sound (183), the rest is only a sign of life.
    fn progress(&mut self, dialog: DialogKey, status: u16, sdp: Option<&[u8]>, now: Now) {
        if self.is_answered {
            return;
        }
        self.sign_came();
        if status == 180 || (status == 183 && sdp.is_some()) {
            self.has_rung = true;
            self.note(if status == 180 { Fact::RangThere } else { Fact::EarlySound }, now);
            self.timeline.reach(Milestone::Ringing, now);
            self.enter(CallState::Ringing);
        } else {
            self.note(Fact::Progress { status }, now);
        }
        if let Some(sdp) = sdp {
            // An early answer that cannot be used matters only if nothing better comes with the final one.
            let _ = self.attach(Remote::Sip(dialog), sdp);
        }
    }

    fn answered(&mut self, dialog: DialogKey, sdp: Option<&[u8]>, now: Now) {
        if self.is_answered {
            return;
        }
        self.is_answered = true;
        self.sign_came();
        self.legs.settle(LegOutcome::Answered);
        self.timeline.reach(Milestone::Answered, now);
        self.note(Fact::Answered(Side::Peer), now);
        self.enter(CallState::Connecting);
        self.wait(Phase::Media, self.times.media, now);
        let remote = Remote::Sip(dialog);
        let attached = match sdp {
            Some(sdp) => self.attach(remote, sdp),
            None => self.dialogs.of(&remote).map(|dialog| dialog.id).ok_or(EndReason::BadDescription),
        };
        match attached {
            Ok(dialog) => self.win(dialog, now),
            Err(reason) => self.break_off(reason, now),
        }
    }

    /// A media session for this answer: the one it has already, unless the answer changed.
    fn attach(&mut self, remote: Remote, sdp: &[u8]) -> Result<DialogId, EndReason> {
        let (offered, negotiated) = self.read_first_answer(Some(sdp))?;
        if let Some(known) = self.dialogs.of(&remote) {
            let known_id = known.id;
            if known.negotiated == negotiated || !self.is_answered && !self.dialogs.may_change() {
                return Ok(known_id);
            }
            self.drop_dialog(known_id);
        }
        let ours = self.ours(offered).ok_or(EndReason::BadDescription)?;
        let dialog = self.begin(remote, ours, negotiated).ok_or(EndReason::Overload)?;
        self.pursue_early_hold();
        Ok(dialog)
    }

    /// A media session with whoever answered. `None` if there are too many.
    pub(super) fn begin(&mut self, remote: Remote, ours: Ours, negotiated: Negotiated) -> Option<DialogId> {
        let allowed = self.restricted(&negotiated);
        let dialog = self.dialogs.add(remote, ours, negotiated, allowed.clone())?;
        self.request(MediaRequest::Start { call: self.id, dialog, negotiated: Box::new(allowed) });
        self.is_changed = true;
        Some(dialog)
    }

    fn drop_fork(&mut self, dialog: DialogKey) {
        let loser = self.dialogs.of(&Remote::Sip(dialog)).map(|dialog| dialog.id);
        if let Some(loser) = loser.filter(|loser| Some(*loser) != self.winner) {
            self.drop_dialog(loser);
        }
    }

    pub(super) fn drop_dialog(&mut self, dialog: DialogId) {
        self.dialogs.remove(dialog);
        self.request(MediaRequest::Drop { call: self.id, dialog });
    }

    /// This answer is the call's; the others' media stops.
    pub(super) fn win(&mut self, winner: DialogId, now: Now) {
        self.winner = Some(winner);
        self.request(MediaRequest::Keep { call: self.id, dialog: winner });
        for loser in self.dialogs.keep(winner) {
            self.request(MediaRequest::Drop { call: self.id, dialog: loser });
        }
        self.is_changed = true;
        if let Some((told, negotiated)) = self.dialogs.find(winner).map(|dialog| (dialog.told, dialog.negotiated.clone())) {
            self.hold.begins(told);
            self.gather_rtcp(&negotiated);
        }
        self.judge_media(now);
        self.pursue_hold();
    }

    /// Our 200 was acknowledged; if it bore the offer, this brings the answer.
    fn confirmed(&mut self, sdp: Option<&[u8]>, now: Now) {
        if self.winner.is_some() || self.direction == CallDirection::Outgoing {
            return;
        }
        match self.read_first_answer(sdp) {
            Ok((offered, negotiated)) => self.begin_with_caller(offered, negotiated, now),
            Err(reason) => self.break_off(reason, now),
        }
    }

    /// What an answer makes of our first offer.
    pub(super) fn read_first_answer(&self, sdp: Option<&[u8]>) -> Result<(Description, Negotiated), EndReason> {
        let offered = self.offer.clone().ok_or(EndReason::BadDescription)?;
        let answered = sdp.and_then(|sdp| Description::parse(sdp).ok()).ok_or(EndReason::BadDescription)?;
        let negotiated = accept(&offered, &answered, self.offered).map_err(agree::end_reason)?;
        Ok((offered, negotiated))
    }
}
