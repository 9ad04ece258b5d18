use std::time::Instant;

use cooee_machine::{Now, Pii};

use super::{Call, CallOutput};
use crate::LegCommand;

/// More questions in one call are refused unasked: each of them is a noise.
const MOST: u8 = 3;

/// Whom the peer asks us to call instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRequest {
    /// Whom.
    pub target: Pii<String>,
    /// In the words of the protocol: the call that is to be taken over.
    pub replaces: Option<String>,
    /// In the words of the protocol: who asks.
    pub referred_by: Option<String>,
}

/// What the peer asks, until it is decided.
#[derive(Debug, Default)]
pub(super) struct Question {
    open: Option<(TransferRequest, Instant)>,
    asked: u8,
}

impl Question {
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// When it is refused for want of a decision.
    pub(super) fn due(&self) -> Option<Instant> {
        self.open.as_ref().map(|(_, until)| *until)
    }

    /// The call is over, and the question with it.
    pub(super) fn drop_open(&mut self) {
        self.open = None;
    }
}

impl Call {
    /// The peer asks us to call somebody else. Only who is spoken to may ask: on hold it would make itself heard again.
    pub(super) fn transfer_asked(&mut self, request: TransferRequest, now: Now) {
        let is_spoken_to = self.is_answered && self.winner.is_some() && !self.hold.held().by_us;
        if !is_spoken_to || self.question.is_open() || self.question.asked >= MOST {
            return self.command(LegCommand::RejectTransfer { status: 603 });
        }
        self.question.asked += 1;
        self.question.open = Some((request.clone(), now.instant + self.times.decision));
        self.is_changed = true;
        self.outputs.push_back(CallOutput::TransferAsked(request));
    }

    /// What the peer asks for and nobody has decided yet.
    #[must_use]
    pub fn transfer_request(&self) -> Option<&TransferRequest> {
        self.question.open.as_ref().map(|(request, _)| request)
    }

    /// We will call them; [`Call::notify_transfer`] tells how it goes. `None` if nothing is asked.
    pub fn accept_transfer(&mut self) -> Option<TransferRequest> {
        let (request, _) = self.question.open.take()?;
        self.is_changed = true;
        self.command(LegCommand::AcceptTransfer);
        Some(request)
    }

    /// We will not, for the reason of this status.
    pub fn reject_transfer(&mut self, status: u16) {
        if let Some((request, _)) = self.question.open.take() {
            self.is_changed = true;
            self.command(LegCommand::RejectTransfer { status });
            self.outputs.push_back(CallOutput::TransferRefused(request.target));
        }
    }

    /// Nobody has decided in time.
    pub(super) fn refuse_overdue(&mut self, now: Now) {
        if self.question.due().is_some_and(|until| until <= now.instant) {
            self.reject_transfer(603);
        }
    }

    /// How our call goes; a final status is the last.
    pub fn notify_transfer(&mut self, status: u16) {
        if !self.is_over() {
            self.command(LegCommand::NotifyTransfer { status });
        }
    }
}
