use cooee_machine::{Now, Pii};
use cooee_rtc::CandidatePolicy;
use cooee_sdp::Crypto;
use cooee_sip::ua::{EndKind, Ended};

use super::{Call, CallOutput};
use crate::end::{NO_COMMON_CODEC, reason_of};
use crate::{CallState, EndReason, OfferRow, RedirectTrouble};

impl Call {
    /// A call that was not taken as it was placed may be placed otherwise: at another address, or with another offer. Whether it is.
    pub(super) fn tries_again(&mut self, ended: &Ended, now: Now) -> bool {
        if self.is_answered || !self.is_placed {
            return false;
        }
        match ended.kind {
            EndKind::Redirected => match self.redirect.follow(&ended.contacts) {
                Ok(target) => self.go_to(target, EndReason::Redirected(RedirectTrouble::Nowhere)),
                Err(trouble) => self.finish(EndReason::Redirected(trouble), now),
            },
            EndKind::Rejected => return self.offers_otherwise(ended, now) || self.goes_elsewhere(ended),
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
        self.place(now);
        true
    }

    /// Where one of the places it was pointed to refuses, the next is called, unless the person is to be found nowhere (RFC 3261 8.1.3.4).
    /// So it is with addresses that were known from the start, but for who is busy: that person was reached.
    fn goes_elsewhere(&mut self, ended: &Ended) -> bool {
        let is_reached = ended.status == Some(486) && !self.redirect.was_pointed();
        let is_final = is_reached || ended.status.is_none_or(|status| status >= 600);
        let reason = reason_of(ended, self.how_far());
        let next = if is_final { None } else { self.redirect.next().ok() };
        next.map(|target| self.go_to(target, reason)).is_some()
    }

    /// The same person is known by these addresses too: they are called one after the other if the first refuses, as
    /// [`CallOutput::Redirected`] says.
    pub fn also_at(&mut self, further: Vec<Pii<String>>) {
        self.redirect.know(further);
    }

    /// Whether this is one of them: nobody had to point there.
    #[must_use]
    pub fn is_also_at(&self, place: &Pii<String>) -> bool {
        self.redirect.knew(place)
    }

    /// `reason`: what became of the place that was called.
    fn go_to(&mut self, target: Pii<String>, reason: EndReason) {
        self.redirect.remember(reason);
        self.try_at(target);
    }

    fn try_at(&mut self, target: Pii<String>) {
        self.leave_leg();
        self.outputs.push_back(CallOutput::Redirected(target));
    }

    /// What comes of [`CallOutput::Redirected`]: this row holds at the other address, and so much of ours is told there.
    pub fn redirected(&mut self, row: OfferRow, shown: CandidatePolicy, now: Now) {
        self.shown = shown;
        (self.offered, self.offered_next, self.row) = (row.offers.0, row.offers.1, row);
        self.place(now);
    }

    /// The other address cannot, or should not, be called from here.
    pub fn redirected_in_vain(&mut self, trouble: RedirectTrouble, now: Now) {
        if self.is_over() {
            return;
        }
        self.redirect.pass_over();
        match self.redirect.next() {
            Ok(target) => self.try_at(target),
            Err(RedirectTrouble::Nowhere) => self.finish(EndReason::Redirected(trouble), now),
            Err(other) => self.finish(EndReason::Redirected(other), now),
        }
    }

    /// Where it was sent on to, one after the other.
    pub(super) fn followed(&self) -> Vec<Pii<String>> {
        self.redirect.followed().to_vec()
    }

    /// Back to before the call was placed; the candidates serve again. The keys do not: who was offered them once could listen
    /// to whoever is called now.
    fn leave_leg(&mut self) {
        self.crypto = Crypto::fresh(&mut self.entropy);
        (self.leg, self.is_placed, self.has_rung) = (None, false, false);
        for dialog in self.dialogs.ids() {
            self.drop_dialog(dialog);
        }
        self.enter(CallState::Dialing);
        self.is_changed = true;
    }
}
