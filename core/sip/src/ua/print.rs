//! What events look like in a log: sizes in place of messages and descriptions, which tell addresses and keys.

use std::fmt;

use super::{LegEvent, UserAgentOutput};

impl fmt::Debug for UserAgentOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { payload, .. } => write!(f, "Send({} octets)", payload.len()),
            Self::Registration(event) => f.debug_tuple("Registration").field(event).finish(),
            Self::Leg { leg, event } => f.debug_struct("Leg").field("leg", leg).field("event", event).finish(),
            Self::Message(event) => f.debug_tuple("Message").field(event).finish(),
            Self::Query(event) => f.debug_tuple("Query").field(event).finish(),
            Self::MessagesWaiting(waiting) => waiting.fmt(f),
            Self::FlowFailed(_) => f.write_str("FlowFailed"),
        }
    }
}

impl fmt::Debug for LegEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |sdp: &Option<Vec<u8>>| sdp.as_ref().map(Vec::len);
        match self {
            Self::Incoming { sdp, session_id, .. } => write!(f, "Incoming(sdp {:?}, session {session_id:?})", size(sdp)),
            Self::Trying => f.write_str("Trying"),
            Self::Progress { dialog, status, sdp } => write!(f, "Progress({status}, {dialog:?}, sdp {:?})", size(sdp)),
            Self::Answered { dialog, sdp } => write!(f, "Answered({dialog:?}, sdp {:?})", size(sdp)),
            Self::ForkDropped { dialog } => write!(f, "ForkDropped({dialog:?})"),
            Self::Confirmed { sdp } => write!(f, "Confirmed(sdp {:?})", size(sdp)),
            Self::Reoffer { sdp } => write!(f, "Reoffer(sdp {:?})", size(sdp)),
            Self::ReofferConfirmed { sdp } => write!(f, "ReofferConfirmed(sdp {:?})", size(sdp)),
            Self::Reanswered { sdp } => write!(f, "Reanswered(sdp {:?})", size(sdp)),
            Self::Refreshed { sdp } => write!(f, "Refreshed(sdp {:?})", size(sdp)),
            Self::ReofferFailed { status } => write!(f, "ReofferFailed({status})"),
            Self::EarlyReoffer { dialog, sdp } => write!(f, "EarlyReoffer({dialog:?}, sdp {})", sdp.len()),
            Self::EarlyAnswered { sdp } => write!(f, "EarlyAnswered(sdp {})", sdp.len()),
            Self::EarlyReanswered { dialog, sdp } => write!(f, "EarlyReanswered({dialog:?}, sdp {:?})", size(sdp)),
            Self::EarlyReofferFailed { dialog, status } => write!(f, "EarlyReofferFailed({dialog:?}, {status})"),
            Self::Transfer(event) => f.debug_tuple("Transfer").field(event).finish(),
            Self::TransferAsked { .. } => f.write_str("TransferAsked"),
            Self::Digit(_) => f.write_str("Digit"),
            Self::Ended(ended) => f.debug_tuple("Ended").field(ended).finish(),
        }
    }
}
