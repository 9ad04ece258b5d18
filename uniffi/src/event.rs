use std::time::Duration;

use cooee_audio::DeviceEvent;
use cooee_call::TransferProgress as CoreProgress;
use cooee_engine::EngineEvent;
use cooee_phone::TransferDecision as CoreDecision;

use crate::words::{DeviceTrouble, EndReason, Fault, MessageTrouble, Trouble};
use crate::{CallAction, Person, RingTest};

/// A moment. What lasts is in the streams.
#[derive(Clone, PartialEq, uniffi::Enum)]
#[non_exhaustive]
pub enum Event {
    /// An account was stored, its secret kept.
    AccountAdded {
        /// Which.
        account: u64,
    },
    /// An account and its secret are forgotten.
    AccountRemoved {
        /// Which.
        account: u64,
    },
    /// An account could not be stored, or is stored and cannot be used.
    AccountFailed {
        /// Which.
        account: u64,
        /// Why.
        trouble: Trouble,
    },
    /// Somebody calls. The stream of calls shows it already.
    IncomingCall {
        /// Which call; answer or decline it.
        call: u64,
        /// The account that is called.
        account: u64,
        /// Who calls, as the server let it pass.
        from: Person,
        /// Without a sound: somebody asks to be let through ([`Call::request`](crate::Call::request)).
        silently: bool,
    },
    /// A test of ringing is over.
    RingTested {
        /// How it went.
        test: RingTest,
    },
    /// A call is over.
    CallEnded {
        /// Which.
        call: u64,
        /// The account it ran over.
        account: u64,
        /// The other end.
        peer: Person,
        /// Why.
        reason: EndReason,
        /// Whose side that was on.
        fault: Fault,
        /// Somebody called and nobody here took notice: worth calling back.
        missed: bool,
        /// How long sound flowed.
        active: Duration,
    },
    /// A call that is over stands in the log.
    CallLogged {
        /// Which call; also one that was dialled and never came about.
        call: u64,
        /// Names it in the log: its story is [`Phone::story`](crate::Phone::story).
        number: u64,
    },
    /// No call came of a dial.
    DialRefused {
        /// The name it would have had.
        call: u64,
        /// Why.
        reason: EndReason,
    },
    /// The peer pressed a digit.
    Digit {
        /// In which call.
        call: u64,
        /// Which: `0` to `9`, `*`, `#`, `A` to `D`.
        digit: String,
    },
    /// What was asked of a call did not come about; it goes on as before.
    ActionFailed {
        /// Which call.
        call: u64,
        /// What was asked.
        action: Option<CallAction>,
        /// The SIP status of the peer's refusal; none if it was not possible any more.
        status: Option<u16>,
    },
    /// News of handing a call over.
    Transfer {
        /// Which call.
        call: u64,
        /// How far it has come.
        progress: TransferProgress,
    },
    /// The peer asks us to call somebody else instead, or that is decided.
    TransferAsked {
        /// In which call.
        call: u64,
        /// Who asks: the peer of that call.
        by: String,
        /// Whom we shall call.
        target: String,
        /// Whether we do.
        decision: TransferDecision,
    },
    /// A short text came.
    MessageReceived {
        /// Names it in the store; none if it could not be kept.
        message: Option<u64>,
        /// To which account.
        account: u64,
        /// From whom, as the server let it pass.
        from: Person,
        /// What it says.
        text: String,
        /// Without a sound: of nobody the owner knows, as a call of theirs would ask to be let through, or while not to be disturbed.
        silently: bool,
    },
    /// A text arrived at the other side, or at a server that keeps it for them.
    MessageDelivered {
        /// Which.
        message: u64,
    },
    /// A text did not arrive.
    MessageFailed {
        /// Which.
        message: u64,
        /// Why.
        trouble: MessageTrouble,
    },
    /// The sound device cannot be used; calls go on without sound of ours.
    DeviceFailed {
        /// Why.
        trouble: DeviceTrouble,
    },
    /// Sound goes another way now: a headset was plugged in, or pulled out.
    SoundRouteChanged,
    /// How far asking about the whole book is.
    Probing {
        /// Domains done with.
        done: u64,
        /// Domains to be asked about.
        total: u64,
    },
    /// Asking about the whole book is over.
    Probed,
    /// Somebody on this network answers in everybody's name, as where one must first agree to something.
    CaptiveNetwork,
    /// Something could not be kept; the phone goes on.
    Trouble {
        /// What.
        trouble: Trouble,
    },
    /// So many events before this one were dropped because nobody fetched them: read the streams again.
    Overflow {
        /// How many.
        dropped: u64,
    },
}

/// How far the handing over of a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum TransferProgress {
    /// It was asked.
    Asked,
    /// The other side calls.
    Trying {
        /// The latest provisional SIP status it got.
        status: u16,
    },
    /// The two speak. This call ends.
    Succeeded,
    /// Nothing came of it, and this call is taken back from hold.
    Failed {
        /// The SIP status; 0 if there was none.
        status: u16,
    },
}

/// Whether a call is made that a peer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TransferDecision {
    /// The person is to say so.
    Open {
        /// After this time it is refused.
        within: Duration,
    },
    /// It is: this one.
    Follows {
        /// Which.
        call: u64,
    },
    /// It is not.
    Refused,
    /// It is not: it would be a call for help, which is the ordinary dialler's.
    Emergency,
}

impl Event {
    /// What the engine tells; `None` for what the streams show.
    pub(crate) fn of(event: &EngineEvent) -> Option<Self> {
        Some(match event {
            EngineEvent::AccountAdded(account) => Self::AccountAdded { account: account.0 },
            EngineEvent::AccountRemoved(account) => Self::AccountRemoved { account: account.0 },
            EngineEvent::AccountFailed { account, trouble } => Self::AccountFailed { account: account.0, trouble: trouble.into() },
            EngineEvent::MessageReceived { message, account, from, text, silently } => Self::MessageReceived {
                message: message.map(|message| message.0),
                account: account.0,
                from: from.into(),
                text: text.reveal().clone(),
                silently: *silently,
            },
            EngineEvent::MessageDelivered(message) => Self::MessageDelivered { message: message.0 },
            EngineEvent::MessageFailed { message, trouble } => Self::MessageFailed { message: message.0, trouble: (*trouble).into() },
            EngineEvent::DeviceFailed(error) => Self::DeviceFailed { trouble: error.into() },
            EngineEvent::Device(DeviceEvent::RouteChanged | DeviceEvent::Disconnected) => Self::SoundRouteChanged,
            EngineEvent::Probing { done, total } => Self::Probing { done: *done as u64, total: *total as u64 },
            EngineEvent::Probed(_) => Self::Probed,
            EngineEvent::CaptiveNetwork => Self::CaptiveNetwork,
            EngineEvent::Trouble(trouble) => Self::Trouble { trouble: trouble.into() },
            other => return Self::of_call(other),
        })
    }

    fn of_call(event: &EngineEvent) -> Option<Self> {
        Some(match event {
            EngineEvent::IncomingCall { call, account, from, silently } => {
                Self::IncomingCall { call: call.0, account: account.0, from: from.into(), silently: *silently }
            }
            EngineEvent::RingTested(result) => Self::RingTested { test: (&**result).into() },
            EngineEvent::CallEnded { account, entry } => Self::CallEnded {
                call: entry.call.id.0,
                account: account.0,
                peer: (&entry.call.peer).into(),
                reason: (&entry.reason).into(),
                fault: entry.reason.fault().into(),
                missed: entry.missed,
                active: entry.call.timeline.between(cooee_call::Milestone::Active, cooee_call::Milestone::Ended).unwrap_or_default(),
            },
            EngineEvent::CallLogged { call, number } => Self::CallLogged { call: call.0, number: *number },
            EngineEvent::DialRefused { call, reason } => Self::DialRefused { call: call.0, reason: (&reason.end_reason()).into() },
            EngineEvent::Digit { call, digit } => Self::Digit { call: call.0, digit: digit.to_string() },
            EngineEvent::ActionFailed { call, action, status } => {
                Self::ActionFailed { call: call.0, action: CallAction::of(*action), status: *status }
            }
            EngineEvent::Transfer { call, progress } => Self::Transfer { call: call.0, progress: TransferProgress::of(*progress)? },
            EngineEvent::TransferAsked { call, by, target, decision } => {
                Self::TransferAsked { call: call.0, by: by.reveal().clone(), target: target.reveal().clone(), decision: (*decision).into() }
            }
            _ => return None,
        })
    }
}

impl TransferProgress {
    fn of(progress: CoreProgress) -> Option<Self> {
        Some(match progress {
            CoreProgress::Asked => Self::Asked,
            CoreProgress::Trying(status) => Self::Trying { status },
            CoreProgress::Succeeded => Self::Succeeded,
            CoreProgress::Failed(status) => Self::Failed { status },
            _ => return None,
        })
    }
}

impl From<CoreDecision> for TransferDecision {
    fn from(decision: CoreDecision) -> Self {
        match decision {
            CoreDecision::Open { within } => Self::Open { within },
            CoreDecision::Follows(call) => Self::Follows { call: call.0 },
            CoreDecision::Refused => Self::Refused,
            CoreDecision::Emergency => Self::Emergency,
        }
    }
}
