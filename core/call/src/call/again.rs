use cooee_machine::{Now, Pii};
use cooee_sdp::Crypto;
use cooee_sip::ua::{EndKind, Ended};

use super::{Call, CallOutput};
use crate::end::NO_COMMON_CODEC;
use crate::{CallState, EndReason, OfferRow};

impl Call {
    /// A call that was not taken as it was placed may be placed otherwise: at another address, or with another offer. Whether it is.
    pub(super) fn tries_again(&mut self, ended: &Ended, now: Now) -> bool {
        if self.is_answered || !self.is_placed {
            return false;
        }
        match ended.kind {
            EndKind::Redirected => match self.redirect.follow(&ended.contacts) {
                Ok(target) => {
                    self.leave_leg();
                    self.outputs.push_back(CallOutput::Redirected(target));
                }
                Err(trouble) => self.finish(EndReason::Redirected(trouble), now),
            },
            // A Cooee that says what is missing would say so again.
            EndKind::Rejected if matches!(ended.status, Some(415 | 488 | 606)) && ended.reason.as_deref() != Some(NO_COMMON_CODEC) => {
                let Some(next) = self.offered_next.take() else { return false };
                self.leave_leg();
                self.offered = next;
                self.place(now);
            }
            _ => return false,
        }
        true
    }

    /// What comes of [`CallOutput::Redirected`]: this row holds at the other address.
    pub fn redirected(&mut self, row: OfferRow, now: Now) {
        (self.offered, self.offered_next, self.accepted) = (row.offers.0, row.offers.1, row.accepts);
        self.place(now);
    }

    /// The other address cannot be called from here.
    pub fn redirected_in_vain(&mut self, now: Now) {
        self.finish(EndReason::Redirected(crate::RedirectTrouble::Nowhere), now);
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
