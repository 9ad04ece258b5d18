use std::time::Duration;

use cooee_call::Fault as CoreFault;
use cooee_engine::{MessageState, PastCall as EngineCall, PastLeg as EngineLeg, StoredMessage, Unseen};

use crate::words::{EndReason, Fault, MessageTrouble};
use crate::{CallDirection, MediaSecurity, Person};

/// Past calls, the newest first.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct LogPage {
    /// As many as were asked for, or all that are left.
    pub calls: Vec<PastCall>,
    /// So many lines of missed calls have come in all since the owner looked last.
    pub missed: u32,
}

/// A line of the call log.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PastCall {
    /// Names it in the log; later ones have higher numbers.
    pub number: u64,
    /// The address of the account it ran over, which may be gone by now.
    pub account: String,
    /// Who called whom.
    pub direction: CallDirection,
    /// The other end. Empty where calls came faster than they could be logged one by one.
    pub peer: Person,
    /// When it began, since the Unix epoch.
    pub begun: Duration,
    /// Somebody called and nobody here took notice.
    pub missed: bool,
    /// And the owner has not looked at it yet.
    pub new: bool,
    /// So many calls in a row that were missed, of which this is the last; else 1.
    pub times: u32,
    /// From answer to end; none if it was never answered.
    pub talked: Option<Duration>,
    /// Why it ended.
    pub reason: EndReason,
    /// Whose side that was on.
    pub fault: Fault,
    /// How the sound was protected; none if none flowed.
    pub security: Option<MediaSecurity>,
    /// The codec, by its RTP name, for details.
    pub codec: Option<String>,
    /// Outgoing: the addresses it went to, one after the other.
    pub route: Vec<PastLeg>,
}

/// An address that a past call went to.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PastLeg {
    /// Which, e.g. `sip:ben@example.org`.
    pub address: String,
    /// The address of the account.
    pub account: String,
    /// How long after the call began it was its turn.
    pub after: Duration,
    /// Why nothing came of it; none if it was answered there.
    pub reason: Option<EndReason>,
}

/// Short texts, the newest first.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TextPage {
    /// As many as were asked for, or all that are left.
    pub texts: Vec<TextMessage>,
    /// So many have come in all since the owner looked last.
    pub unread: u32,
}

/// A short text that came or was sent.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TextMessage {
    /// Names it; later ones have higher numbers.
    pub message: u64,
    /// The address of our account, which may be gone by now.
    pub account: String,
    /// The other end; of one that was sent, as it was typed.
    pub peer: Person,
    /// When it came or was sent, since the Unix epoch.
    pub at: Duration,
    /// What it says.
    pub text: String,
    /// It came, and the owner has not looked at it yet.
    pub new: bool,
    /// What became of it.
    pub fate: TextFate,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TextFate {
    /// It came.
    Received,
    /// It was sent, and nobody said yet whether it arrived; nobody ever will if the phone has ended since.
    Sent,
    /// It arrived at the other side, or at a server that keeps it for them.
    Delivered,
    /// It did not arrive.
    Failed {
        /// Why; none if it did not even leave.
        trouble: Option<MessageTrouble>,
    },
}

impl LogPage {
    /// `calls`: the newest last.
    pub(crate) fn new(calls: &[EngineCall], unseen: &Unseen) -> Self {
        Self { calls: calls.iter().rev().map(|call| PastCall::new(call, unseen)).collect(), missed: unseen.missed }
    }
}

impl PastCall {
    fn new(call: &EngineCall, unseen: &Unseen) -> Self {
        Self {
            number: call.number,
            account: call.account.reveal().clone(),
            direction: call.direction.into(),
            peer: Person::new(&call.peer, call.peer_name.as_ref()),
            begun: call.begun,
            missed: call.missed,
            new: unseen.has_call(call),
            times: call.times,
            talked: call.talked(),
            reason: call.reason.as_ref().map_or_else(|| EndReason::Other { name: call.reason_id.clone() }, EndReason::from),
            fault: call.reason.as_ref().map_or(CoreFault::Nobody, cooee_call::EndReason::fault).into(),
            security: call.security.map(MediaSecurity::from),
            codec: call.codec.clone(),
            route: call.legs.iter().map(PastLeg::from).collect(),
        }
    }
}

impl From<&EngineLeg> for PastLeg {
    fn from(leg: &EngineLeg) -> Self {
        let unknown = || (!leg.is_answered()).then(|| EndReason::Other { name: leg.outcome.clone() });
        Self {
            address: leg.address.reveal().clone(),
            account: leg.account.reveal().clone(),
            after: leg.after,
            reason: leg.reason.as_ref().map(EndReason::from).or_else(unknown),
        }
    }
}

impl TextPage {
    /// `texts`: the newest last.
    pub(crate) fn new(texts: &[StoredMessage], unseen: &Unseen) -> Self {
        Self { texts: texts.iter().rev().map(|text| TextMessage::new(text, unseen)).collect(), unread: unseen.texts }
    }
}

impl TextMessage {
    fn new(text: &StoredMessage, unseen: &Unseen) -> Self {
        Self {
            message: text.id.0,
            account: text.account.reveal().clone(),
            peer: Person::new(&text.peer, text.peer_name.as_ref()),
            at: text.at,
            text: text.text.reveal().clone(),
            new: unseen.has_text(text),
            fate: match &text.state {
                MessageState::Received => TextFate::Received,
                MessageState::Sent => TextFate::Sent,
                MessageState::Delivered => TextFate::Delivered,
                MessageState::Failed(trouble) => TextFate::Failed { trouble: trouble.map(MessageTrouble::from) },
            },
        }
    }
}
