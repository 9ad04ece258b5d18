use std::time::{Duration, Instant};

use cooee_machine::Now;
use cooee_sdp::{Direction, Negotiated};

use super::dialog::Told;
use super::{Call, CallOutput};
use crate::{CallAction, CallDirection, CallState, Held, LegCommand, MediaRequest, Side};

/// After an offer of ours met one of the peer's (RFC 3261 14.1), or an answer that waits for its acknowledgement.
const AGAIN: Duration = Duration::from_secs(1);
/// So often.
const TRIES: u8 = 5;

/// Who has put the call on hold (RFC 3264 8.4), and how much of it the peer knows.
#[derive(Debug, Default)]
pub(super) struct Hold {
    by_us: bool,
    by_peer: bool,
    /// What the peer has been told of `by_us`, and agreed to.
    told: bool,
    /// Our offer is under way, of this direction.
    offered: Option<Direction>,
    /// An offer that the peer asked for is under way; whether it says that we hold.
    late: Option<bool>,
    again: Option<Instant>,
    tries: u8,
}

impl Hold {
    pub(super) fn held(&self) -> Held {
        Held { by_us: self.by_us, by_peer: self.by_peer }
    }

    /// What an answer of ours, or an offer that was asked for, allows.
    pub(super) fn direction(&self) -> Direction {
        if self.by_us { Direction::SendOnly } else { Direction::SendRecv }
    }

    /// What an offer of ours says: a stream that we only receive becomes inactive when we hold it as well.
    fn offer(&self) -> Direction {
        if self.by_us && self.by_peer { Direction::Inactive } else { self.direction() }
    }

    /// When our offer is made again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.again
    }

    /// Whether it is time; once.
    pub(super) fn take_due(&mut self, now: Now) -> bool {
        self.again.take_if(|at| *at <= now.instant).is_some()
    }

    /// The peer knows all there is to know.
    pub(super) fn is_settled(&self) -> bool {
        self.offered.is_none() && self.again.is_none() && self.by_us == self.told
    }

    /// We hold, and the peer need not know.
    pub(super) fn step_aside(&mut self) {
        (self.by_us, self.told, self.again) = (true, true, None);
    }

    /// The call is answered by one that knows so much.
    pub(super) fn begins(&mut self, told: Told) {
        (self.told, self.offered) = (told.hold, told.offered);
    }

    /// What was offered before the answer has not arrived.
    pub(super) fn was_not_told(&mut self) {
        self.offered = None;
    }

    /// The peer's offer was answered.
    pub(super) fn answered(&mut self, negotiated: &Negotiated) {
        self.told = self.by_us;
        self.by_peer = !negotiated.direction.sends();
    }

    /// The peer answered again what it had answered before. An inactive stream does not tell who wants it so.
    pub(super) fn refreshed(&mut self, negotiated: &Negotiated) {
        if negotiated.direction != Direction::Inactive {
            self.by_peer = !negotiated.direction.sends();
        }
    }

    /// The peer asked for our offer, which was made.
    pub(super) fn offered_late(&mut self) {
        self.late = Some(self.by_us);
    }

    /// And it answered.
    pub(super) fn late_answer(&mut self, negotiated: &Negotiated) {
        self.told = self.late.take().unwrap_or(self.told);
        self.by_peer = !negotiated.direction.sends();
    }
}

impl Call {
    /// The person puts the call on hold: both directions fall silent here at once, and the peer is told. Whether the
    /// microphone is muted is remembered. A call that is not answered can be held once it may be heard.
    pub fn hold(&mut self, now: Now) {
        if (self.is_answered || self.has_early_media()) && !self.is_over() && !self.hold.by_us {
            self.set_hold(true);
            self.note_hold(now);
        }
    }

    /// The person takes it back.
    pub fn resume(&mut self, now: Now) {
        if !self.is_over() && self.hold.by_us {
            self.set_hold(false);
            self.note_hold(now);
        }
    }

    fn set_hold(&mut self, by_us: bool) {
        (self.hold.by_us, self.hold.tries, self.hold.again) = (by_us, 0, None);
        self.obey_hold();
        self.pursue_hold();
        self.pursue_early_hold();
    }

    /// Sound and state follow what is so now.
    pub(super) fn obey_hold(&mut self) {
        self.silence();
        for id in self.winner.map_or_else(|| self.dialogs.ids(), |winner| vec![winner]) {
            if let Some(negotiated) = self.dialogs.find(id).map(|dialog| dialog.negotiated.clone()) {
                self.update_media(id, &negotiated);
            }
        }
        if matches!(self.state, CallState::Active | CallState::Held(_)) {
            self.enter(self.settled());
        }
        self.is_changed = true;
    }

    /// Where a call is whose media works.
    pub(super) fn settled(&self) -> CallState {
        match self.hold.held() {
            Held { by_us: true, .. } => CallState::Held(Side::Us),
            Held { by_peer: true, .. } => CallState::Held(Side::Peer),
            Held { .. } => CallState::Active,
        }
    }

    /// What was agreed, less what we keep from happening: on hold, before a person has taken a call, and where data is dear.
    pub(super) fn restricted(&self, negotiated: &Negotiated) -> Negotiated {
        let rings_here = self.direction == CallDirection::Incoming && !self.is_answered;
        let allowed = if rings_here { Direction::Inactive } else { self.hold.direction() };
        let sent = self.preferences.sent_within(negotiated.clone());
        Negotiated { direction: negotiated.direction.and(allowed), ..sent }
    }

    /// Tells the media, if that is news.
    pub(super) fn update_media(&mut self, id: crate::DialogId, negotiated: &Negotiated) {
        let updated = self.restricted(negotiated);
        let Some(dialog) = self.dialogs.find_mut(id).filter(|dialog| dialog.updated != updated) else { return };
        dialog.updated = updated.clone();
        self.request(MediaRequest::Update { call: self.id, dialog: id, negotiated: Box::new(updated) });
    }

    /// Tells the peer what it does not know yet, once nothing else is under way.
    pub(super) fn pursue_hold(&mut self) {
        let hold = &self.hold;
        let is_busy = hold.offered.is_some() || hold.again.is_some();
        if !self.is_answered || self.is_over() || self.winner.is_none() || is_busy || hold.by_us == hold.told && !self.owes_more() {
            return;
        }
        let direction = self.hold.offer();
        if let Some(offer) = self.winner.and_then(|winner| self.make_offer(winner, direction)) {
            self.hold.offered = Some(direction);
            self.command(LegCommand::Reoffer { fork: None, offer });
        }
    }

    /// The peer answered our offer.
    pub(super) fn reanswered(&mut self, sdp: Option<&[u8]>, now: Now) {
        let Some(offered) = self.hold.offered.take() else { return };
        let Some(negotiated) = self.winner.and_then(|winner| self.read_answer(winner, sdp)) else {
            self.withdraw_offer();
            return if self.hold.by_us == self.hold.told { self.more_refused() } else { self.hold_refused(None) };
        };
        self.hold.told = offered != Direction::SendRecv;
        if offered != Direction::Inactive {
            self.hold.by_peer = !negotiated.direction.sends();
        }
        self.go_on(negotiated, now);
        self.pursue_hold();
        self.pursue_transfer();
    }

    /// The peer refused it, or it met an offer of the peer's.
    pub(super) fn reoffer_failed(&mut self, status: u16, now: Now) {
        if self.hold.offered.take().is_none() {
            return;
        }
        self.withdraw_offer();
        if status == 491 && self.hold.tries < TRIES {
            self.hold.tries += 1;
            self.hold.again = Some(now.instant + AGAIN);
        } else if self.hold.by_us == self.hold.told {
            self.more_refused();
        } else {
            self.hold_refused(Some(status));
        }
    }

    /// An offer of ours comes to nothing: what stood before it stands.
    pub(super) fn withdraw_offer(&mut self) {
        if let Some(dialog) = self.winner.and_then(|winner| self.dialogs.find_mut(winner)) {
            dialog.ours.withdraw();
        }
    }

    /// A peer that does not go along with a hold is held here alone; one that does not come back from it stays held.
    fn hold_refused(&mut self, status: Option<u16>) {
        let action = if self.hold.by_us { CallAction::Hold } else { CallAction::Resume };
        self.outputs.push_back(CallOutput::Failed { action, status });
        (self.hold.by_us, self.hold.told) = (true, true);
        self.obey_hold();
        self.pursue_transfer();
    }
}
