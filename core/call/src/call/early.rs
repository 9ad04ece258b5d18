//! Before the answer: what is agreed with each place that an outgoing call went to, or with who calls.

use cooee_machine::Now;
use cooee_sdp::Direction;
use cooee_sip::ua::DialogKey;

use super::Call;
use super::dialog::Remote;
use super::reoffer::going_on;
use crate::{CallDirection, CallState, DialogId, LegCommand};

impl Call {
    /// One of the places it went to may be heard before the answer (and sent digits, and put on hold).
    #[must_use]
    pub fn has_early_media(&self) -> bool {
        let is_on_its_way = self.direction == CallDirection::Outgoing && !self.is_answered && !self.is_over();
        is_on_its_way && self.dialogs.latest().is_some()
    }

    /// Tells a caller that it rings here, with our offer, once the candidates are known (RFC 3262 5).
    pub(super) fn ring_with_offer(&mut self) {
        if self.state == CallState::Ringing
            && std::mem::take(&mut self.wants_early_offer)
            && let Some(offer) = self.first_offer(Direction::SendRecv)
        {
            self.command(LegCommand::Ring { offer: Some(offer) });
        }
    }

    /// The caller answered it. Path and keys are looked for while it rings; nothing is heard or said before a person has taken the call.
    pub(super) fn answered_early(&mut self, sdp: &[u8], now: Now) {
        if self.direction == CallDirection::Outgoing || self.dialogs.latest().is_some() {
            return;
        }
        match self.read_first_answer(Some(sdp)) {
            Ok((offered, negotiated)) if self.is_answered => self.begin_with_caller(offered, negotiated, now),
            Ok((offered, negotiated)) => {
                self.ours(offered).and_then(|ours| self.begin(Remote::Caller, ours, negotiated));
            }
            Err(reason) => self.break_off(reason, now),
        }
    }

    /// Tells each place that may be heard whether we hold, if it takes offers before the answer. The others learn it with the answer.
    pub(super) fn pursue_early_hold(&mut self) {
        if !self.has_early_media() {
            return;
        }
        let direction = self.hold.direction();
        for id in self.dialogs.ids() {
            let Some(dialog) = self.dialogs.find(id) else { continue };
            let (told, by_us) = (dialog.told, self.hold.held().by_us);
            let Remote::Sip(fork) = dialog.remote.clone() else { continue };
            if told.is_deaf || told.offered.is_some() || told.hold == by_us {
                continue;
            }
            if let Some(offer) = self.make_offer(id, direction) {
                self.dialogs.tell(id, |told| told.offered = Some(direction));
                self.command(LegCommand::Reoffer { fork: Some(fork), offer });
            }
        }
    }

    /// One of these places answered our offer; it may be the winner by now.
    pub(super) fn early_reanswered(&mut self, fork: &DialogKey, sdp: Option<&[u8]>, now: Now) {
        let Some(id) = self.fork(fork) else { return };
        let negotiated = self.read_answer(id, sdp);
        let Some(dialog) = self.dialogs.find_mut(id) else { return };
        let Some(offered) = dialog.told.offered.take() else { return };
        if self.winner == Some(id) {
            return self.reanswered(sdp, now);
        }
        let Some(negotiated) = negotiated else {
            dialog.told.is_deaf = true;
            return dialog.ours.withdraw();
        };
        (dialog.told.hold, dialog.ours.before) = (offered != Direction::SendRecv, None);
        dialog.negotiated = going_on(&dialog.negotiated, negotiated);
        let negotiated = dialog.negotiated.clone();
        self.update_media(id, &negotiated);
        self.pursue_early_hold();
    }

    /// It does not take it, or cannot be offered anything before the answer.
    pub(super) fn early_reoffer_failed(&mut self, fork: &DialogKey) {
        let Some(dialog) = self.fork(fork).and_then(|id| self.dialogs.find_mut(id)) else { return };
        if dialog.told.offered.take().is_none() {
            return;
        }
        dialog.ours.withdraw();
        dialog.told.is_deaf = true;
        if self.winner == Some(dialog.id) {
            self.hold.was_not_told();
            self.pursue_hold();
        }
    }

    fn fork(&self, fork: &DialogKey) -> Option<DialogId> {
        self.dialogs.of(&Remote::Sip(fork.clone())).map(|dialog| dialog.id)
    }
}
