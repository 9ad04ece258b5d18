use cooee_sip::ua::{self, DialogKey};

use crate::TransferTarget;

/// The signalling side of a call. An enum and not a trait object: a further protocol must be thought about in every `match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leg {
    /// A leg of the account's SIP user agent.
    Sip(ua::LegId),
}

/// What a call asks of its leg. Whoever owns the user agents carries it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegCommand {
    /// Call the peer with this offer, then say by [`crate::Call::placed`] which leg it became.
    Place {
        /// SDP.
        offer: Vec<u8>,
    },
    /// Tell the caller that it rings here.
    Ring {
        /// SDP: our offer, for a caller that made none and wants ours before the answer.
        offer: Option<Vec<u8>>,
    },
    /// Take the call.
    Answer {
        /// SDP: the answer, or the offer if the caller made none, or what has been agreed on already.
        description: Vec<u8>,
    },
    /// Refuse the call.
    Reject {
        /// SIP status 400-699.
        status: u16,
        /// Its words.
        text: &'static str,
    },
    /// End the call in whatever way fits the leg's state.
    HangUp {
        /// A SIP status that says why, if it was no ordinary good-bye.
        status: Option<u16>,
        /// Why, in words.
        text: Option<&'static str>,
    },
    /// Offer the peer another description.
    Reoffer {
        /// Before the call is answered: which of the places it went to.
        fork: Option<DialogKey>,
        /// SDP.
        offer: Vec<u8>,
    },
    /// Agree to a changed description.
    AcceptReoffer {
        /// Before the call is answered: which of the places it went to asks.
        fork: Option<DialogKey>,
        /// SDP: the answer, or the offer if the peer made none.
        description: Vec<u8>,
    },
    /// Do not; the call goes on as before.
    RejectReoffer {
        /// As in [`LegCommand::AcceptReoffer`].
        fork: Option<DialogKey>,
        /// SIP status.
        status: u16,
    },
    /// Ask the peer to take somebody else in our place.
    Transfer {
        /// Whom.
        to: TransferTarget,
    },
    /// Agree to call whom the peer asked us to.
    AcceptTransfer,
    /// Do not.
    RejectTransfer {
        /// SIP status.
        status: u16,
    },
    /// Tell the peer how that call goes.
    NotifyTransfer {
        /// Its SIP status; a final one is the last.
        status: u16,
    },
}

/// What a leg tells its call, in the words of its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegEvent {
    /// Of [`Leg::Sip`].
    Sip(ua::LegEvent),
}
