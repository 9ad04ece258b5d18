//! A person may be reached in several ways (house rule: one leg rings at a time): the next is tried when one comes to nothing, or shows no
//! sign of life for a while.

use cooee_machine::{Now, Pii};
use cooee_rtc::CandidatePolicy;

use super::{Call, CallOutput, Phase};
use crate::{AccountId, EndReason, Fact, LegOutcome, MediaPreferences, OfferRow, Side};

/// Whether the person may be reached in another way than this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elsewhere {
    /// No.
    #[default]
    Nowhere,
    /// If this one comes to nothing.
    AfterFailure,
    /// Also if nothing rings within [`CallTimes::ringing`](crate::CallTimes::ringing).
    AfterSilence,
}

/// Another way to the same person.
#[derive(Clone, Debug)]
pub struct Detour {
    /// Whom.
    pub address: Pii<String>,
    /// Over which account.
    pub account: AccountId,
    /// What that account allows and prefers.
    pub media: MediaPreferences,
    /// As in [`CallSetup`](crate::CallSetup).
    pub is_stun_known: bool,
    /// As in [`CallSetup`](crate::CallSetup).
    pub shown: CandidatePolicy,
    /// As in [`CallSetup`](crate::CallSetup).
    pub row: OfferRow,
    /// Whether there is a further one.
    pub elsewhere: Elsewhere,
}

impl Call {
    /// Whether there are further ways, for when this one comes to nothing: [`CallOutput::Elsewhere`] and [`CallOutput::Silent`] ask for
    /// them.
    pub fn may_go_elsewhere(&mut self, elsewhere: Elsewhere, now: Now) {
        self.elsewhere = elsewhere;
        self.await_sign(now);
    }

    /// What comes of [`CallOutput::Silent`]: this leg is cancelled, and [`CallOutput::Elsewhere`] follows.
    pub fn give_up_silence(&mut self, now: Now) {
        if !self.is_over() && !self.is_answered {
            self.end_leg(None, None);
            self.end_or_go_elsewhere(EndReason::NoSign, now);
        }
    }

    /// What else may come of [`CallOutput::Silent`]: it is asked again after the same time.
    pub fn bear_silence(&mut self, now: Now) {
        self.await_sign(now);
    }

    /// What comes of [`CallOutput::Elsewhere`]: the call is placed there as soon as [`Call::server_ready`] is said of that account.
    pub fn detour(&mut self, way: Detour, now: Now) {
        if self.is_over() {
            return;
        }
        self.leave_leg();
        self.failure = None;
        self.redirect.begin_anew(way.address.clone());
        self.note(Fact::NextTried { address: way.address.clone() }, now);
        self.legs.begin(way.address, way.account, self.timeline.since_begin(now));
        (self.account, self.preferences, self.shown) = (way.account, way.media, way.shown);
        (self.offered, self.offered_next, self.row) = (way.row.offers.0, way.row.offers.1, way.row);
        self.is_server_ready = false;
        self.server_trouble = crate::NetworkTrouble::Timeout;
        if way.is_stun_known && self.gathering.due().is_some() {
            self.gather();
        }
        self.wait(Phase::Server, self.times.server, now);
        self.may_go_elsewhere(way.elsewhere, now);
    }

    /// What else may come of [`CallOutput::Elsewhere`]: there is no way left, and the call ends as its last leg did.
    pub fn no_detour(&mut self, now: Now) {
        if let Some(reason) = self.failure.take() {
            self.finish(reason, now);
        }
    }

    /// Asks for another way, if one may do better where this one ended so. Whether it does.
    fn asks_elsewhere(&mut self, reason: &EndReason, now: Now) -> bool {
        let may = self.elsewhere != Elsewhere::Nowhere && !self.is_answered && !self.is_over() && may_be_mended(reason);
        if may {
            self.sign_due = None;
            self.note(Fact::LegFailed(reason.clone()), now);
            self.legs.settle(LegOutcome::Failed(reason.clone()));
            self.failure = Some(reason.clone());
            self.outputs.push_back(CallOutput::Elsewhere(reason.clone()));
            self.wait(Phase::Server, self.times.server, now);
        }
        may
    }

    /// Ends so, unless another way may do better.
    pub(super) fn end_or_go_elsewhere(&mut self, reason: EndReason, now: Now) {
        if !self.asks_elsewhere(&reason, now) {
            self.finish(reason, now);
        }
    }

    /// Something over there has shown that it lives.
    pub(super) fn sign_came(&mut self) {
        self.sign_due = None;
    }

    pub(super) fn await_sign(&mut self, now: Now) {
        let waits = self.elsewhere == Elsewhere::AfterSilence && !self.is_over() && !self.has_rung && !self.is_answered;
        self.sign_due = waits.then(|| now.instant + self.times.ringing);
    }
}

/// Another address may do better: nobody was reached by this one, or it rang in vain. Who is busy or says no was reached.
fn may_be_mended(reason: &EndReason) -> bool {
    !matches!(
        reason,
        EndReason::Busy(_)
            | EndReason::Declined(_)
            | EndReason::Cancelled(_)
            | EndReason::HungUp(_)
            | EndReason::NoAnswer(Side::Us)
            | EndReason::ShutDown
            | EndReason::Media(_)
            | EndReason::AnsweredElsewhere
            | EndReason::PeerError { status: 600.., .. }
    )
}
