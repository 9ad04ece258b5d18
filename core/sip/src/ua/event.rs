mod end;
mod leg;
mod message;
mod query;
mod registration;
mod transfer;

pub use end::{EndKind, Ended, EndedBy, HangUp};
pub use leg::{InviteOptions, LegEvent, LegId};
pub use message::{MessageEvent, MessageId, MessagesWaiting};
pub use query::{QueryEvent, QueryId};
pub use registration::{RefusalKind, RegistrationEvent, RegistrationFailure};
pub use transfer::{ReferTo, TransferEvent};

use crate::flow::FlowId;

/// What a user agent asks of the world and tells its owner.
pub enum UserAgentOutput {
    /// Put these octets on the flow: one datagram, or a piece of the stream.
    Send {
        /// Which flow.
        flow: FlowId,
        /// One message or keep-alive.
        payload: Vec<u8>,
    },
    /// News of the registration.
    Registration(RegistrationEvent),
    /// News of a leg.
    Leg {
        /// Which.
        leg: LegId,
        /// What.
        event: LegEvent,
    },
    /// News of a short text, sent or received.
    Message(MessageEvent),
    /// News of a question whether somebody is there, ours or another's.
    Query(QueryEvent),
    /// The account's server says what its mailbox holds (RFC 3842).
    MessagesWaiting(MessagesWaiting),
    /// The flow is dead (keep-alive or REGISTER unanswered, or the NAT's address changed): close it and open another.
    FlowFailed(FlowId),
}
