use cooee_machine::{Now, Pii};
use cooee_rtc::CandidatePolicy;
use cooee_sdp::Crypto;
use cooee_sip::ua::{EndKind, Ended};

use super::{Call, CallOutput};
use crate::end::{NO_COMMON_CODEC, reason_of};
use crate::{CallState, EndReason, Fact, LegOutcome, OfferRow, RedirectTrouble};

impl Call {
    /// A call that was not taken as it was placed may be placed otherwise: at another address, or with another offer. Whether it is.
    pub(super) fn tries_again(&mut self, ended: &Ended, now: Now) -> bool {
        if self.is_answered || !self.is_placed {
            return false;
        }
        match ended.kind {
            EndKind::Redirected => match self.redirect.follow(&ended.contacts) {
                Ok(target) => self.go_to(target, EndReason::Redirected(RedirectTrouble::Nowhere), now),
                Err(trouble) => self.redirect_failed(trouble, now),
            },
            EndKind::Rejected => return self.offers_otherwise(ended, now) || self.goes_to_the_next_place(ended, now),
            _ => return false,
        }
        true
    }

    /// A peer that cannot take an offer gets the next one. A Cooee that says what is missing would say so again.
    fn offers_otherwise(&mut self, ended: &Ended, now: Now) -> bool {
        let is_about_offer = matches!(ended.status, Some(415 | 488 | 606)) && ended.reason.as_deref() != Some(NO_COMMON_CODEC);
        let Some(next) = self.offered_next.take_if(|_| is_about_offer) else { return false };
        self.leave_leg();
        self.offered = next;
        self.note(Fact::OfferedOtherwise, now);
        self.place(now);
        self.await_sign(now);
        true
    }

    /// Where one of the places it was pointed to refuses, the next is called, unless the person is to be found nowhere (RFC 3261 8.1.3.4).
    fn goes_to_the_next_place(&mut self, ended: &Ended, now: Now) -> bool {
        let is_final = ended.status.is_none_or(|status| status >= 600);
        let reason = reason_of(ended, self.how_far());
        let next = if is_final { None } else { self.redirect.next().ok() };
        next.map(|target| self.go_to(target, reason, now)).is_some()
    }

    /// What the called side pointed to leads nowhere.
    fn redirect_failed(&mut self, trouble: RedirectTrouble, now: Now) {
        self.end_or_go_elsewhere(EndReason::Redirected(trouble), now);
    }

    /// `reason`: what became of the place that was called.
    fn go_to(&mut self, target: Pii<String>, reason: EndReason, now: Now) {
        self.note(Fact::LegFailed(reason.clone()), now);
        self.legs.settle(LegOutcome::Failed(reason));
        self.note(Fact::Redirected { address: target.clone() }, now);
        self.try_at(target, now);
    }

    fn try_at(&mut self, target: Pii<String>, now: Now) {
        self.leave_leg();
        self.legs.begin(target.clone(), self.account, self.timeline.since_begin(now));
        self.outputs.push_back(CallOutput::Redirected(target));
    }

    /// What comes of [`CallOutput::Redirected`]: this row holds at the other address, and so much of ours is told there.
    pub fn redirected(&mut self, row: OfferRow, shown: CandidatePolicy, now: Now) {
        self.shown = shown;
        (self.offered, self.offered_next, self.row) = (row.offers.0, row.offers.1, row);
        self.place(now);
        self.may_go_elsewhere(self.elsewhere, now);
    }

    /// The other address cannot, or should not, be called from here.
    pub fn redirected_in_vain(&mut self, trouble: RedirectTrouble, now: Now) {
        if self.is_over() {
            return;
        }
        self.redirect.pass_over();
        self.legs.take_back();
        match self.redirect.next() {
            Ok(target) => self.try_at(target, now),
            Err(RedirectTrouble::Nowhere) => self.redirect_failed(trouble, now),
            Err(other) => self.redirect_failed(other, now),
        }
    }

    /// Back to before the call was placed; the candidates serve again. The keys do not: who was offered them once could listen
    /// to whoever is called now.
    pub(super) fn leave_leg(&mut self) {
        self.crypto = Crypto::fresh(&mut self.entropy);
        (self.leg, self.is_placed, self.has_rung) = (None, false, false);
        for dialog in self.dialogs.ids() {
            self.drop_dialog(dialog);
        }
        self.enter(CallState::Dialing);
        self.is_changed = true;
    }
}
