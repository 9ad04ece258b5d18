use cooee_machine::{Now, Pii};
use cooee_sip::ua::{EndKind, Ended, TransferEvent};

use super::{Call, CallOutput};
use crate::{CallAction, EndReason, Leg, LegCommand, TransferProgress};

/// Whom the peer is to have instead of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferTarget {
    /// Somebody it shall call.
    Address(Pii<String>),
    /// The peer of another answered call of ours.
    Leg(Leg),
}

/// What becomes of handing the call over.
#[derive(Debug, Default)]
pub(super) struct Handover {
    /// The peer is still to be asked, once it knows that it is on hold.
    to: Option<TransferTarget>,
    progress: Option<TransferProgress>,
    /// The call was put on hold for it.
    holds: bool,
    /// Another call of ours is being handed over to the peer of this one.
    is_joined: bool,
    /// The peer has handed us over to somebody we speak with by now.
    is_followed: bool,
}

impl Handover {
    pub(super) fn progress(&self) -> Option<TransferProgress> {
        self.progress
    }

    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.progress, Some(TransferProgress::Asked | TransferProgress::Trying(_)))
    }
}

impl Call {
    /// Asks the peer to call somebody else instead, or to take over another call of ours. The call is held meanwhile.
    pub fn transfer(&mut self, to: TransferTarget, now: Now) {
        if self.is_over() {
            return;
        }
        if !self.allowed().contains(&CallAction::Transfer) {
            return self.outputs.push_back(CallOutput::Failed { action: CallAction::Transfer, status: None });
        }
        self.handover = Handover { to: Some(to), holds: !self.is_held(), ..Handover::default() };
        self.hand_over_goes(TransferProgress::Asked);
        self.hold(now);
        self.pursue_transfer();
    }

    /// Asks the peer once it knows that it is on hold, or has refused to be.
    pub(super) fn pursue_transfer(&mut self) {
        if self.hold.is_settled()
            && let Some(to) = self.handover.to.take()
        {
            self.command(LegCommand::Transfer { to });
        }
    }

    /// What became of it.
    pub(super) fn transferred(&mut self, event: TransferEvent, now: Now) {
        if !self.handover.is_under_way() {
            return;
        }
        match event {
            TransferEvent::Accepted => self.hand_over_goes(TransferProgress::Trying(100)),
            TransferEvent::Progress(status) => self.hand_over_goes(TransferProgress::Trying(status)),
            TransferEvent::Succeeded => {
                self.hand_over_goes(TransferProgress::Succeeded);
                self.hand_over_ends(now);
            }
            TransferEvent::Failed(status) => {
                self.hand_over_goes(TransferProgress::Failed(status));
                if std::mem::take(&mut self.handover.holds) {
                    self.resume(now);
                }
            }
            _ => {}
        }
    }

    fn hand_over_goes(&mut self, progress: TransferProgress) {
        if self.handover.progress.replace(progress) != Some(progress) {
            self.outputs.push_back(CallOutput::Transfer(progress));
            self.is_changed = true;
        }
    }

    /// Another call of ours is being handed over to the peer of this one, or no longer.
    pub fn join(&mut self, is_joined: bool) {
        self.handover.is_joined = is_joined;
    }

    /// The others speak with each other: we say good-bye.
    pub fn hand_over_ends(&mut self, now: Now) {
        if !self.is_over() {
            self.end_leg(None, None);
            self.finish(EndReason::Transferred, now);
        }
    }

    /// Another call of ours has taken its place (RFC 3891).
    pub fn replaced(&mut self, now: Now) {
        if !self.is_over() {
            self.end_leg(None, None);
            self.finish(EndReason::Replaced, now);
        }
    }

    /// Whether the peer leaves because one of us has been handed over: some do as soon as they have been asked.
    pub(super) fn leaves_for_another(&self, ended: &Ended) -> bool {
        let is_asked = matches!(self.handover.progress, Some(TransferProgress::Trying(_)));
        ended.kind == EndKind::HungUp && self.is_answered && (is_asked || self.handover.is_joined || self.handover.is_followed)
    }

    /// Falls silent for a call that takes its place, without troubling a peer that is about to leave.
    pub fn step_aside(&mut self) {
        if !self.is_over() {
            self.handover.is_followed = true;
            self.hold.step_aside();
            self.obey_hold();
        }
    }
}
