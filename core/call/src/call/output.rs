use cooee_machine::Pii;

use super::TransferRequest;
#[cfg(doc)]
use crate::Call;
use crate::{CallAction, EndReason, LegCommand, LogEntry, MediaRequest, TransferProgress};

/// What a call wants done or known.
#[derive(Clone, Debug, PartialEq)]
pub enum CallOutput {
    /// It changed: take a [`Call::snapshot`].
    Changed,
    /// For the media side.
    Media(MediaRequest),
    /// For its leg.
    Leg(LegCommand),
    /// The peer pressed a digit.
    Digit(char),
    /// The called side pointed elsewhere, and that may be followed: [`Call::redirected`] places the call there, or
    /// [`Call::redirected_in_vain`] ends it.
    Redirected(Pii<String>),
    /// The leg came to nothing for this reason, and the person may be reached in another way: [`Call::detour`] or [`Call::no_detour`].
    Elsewhere(EndReason),
    /// Nothing rings over there, and the person may be reached in another way: [`Call::give_up_silence`] or [`Call::bear_silence`].
    Silent,
    /// How far handing the call over has come.
    Transfer(TransferProgress),
    /// The peer asks us to call somebody else: [`Call::accept_transfer`] or [`Call::reject_transfer`], which comes by itself after
    /// [`CallTimes::decision`](crate::CallTimes::decision).
    TransferAsked(TransferRequest),
    /// We will not call this one, whom the peer had asked us to call.
    TransferRefused(Pii<String>),
    /// What the person asked for did not come about; the call goes on.
    Failed {
        /// What was asked.
        action: CallAction,
        /// The peer's status, if it was the peer.
        status: Option<u16>,
    },
    /// It is over, and this is its line in the log. The last output.
    Log(Box<LogEntry>),
}
