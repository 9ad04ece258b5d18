use cooee_audio::{DeviceError, DeviceEvent, RecordError};
use cooee_call::{CallAction, CallId, CallSnapshot, LogEntry, Peer, TransferProgress};
use cooee_machine::Pii;
use cooee_phone::probe::{Burst, Finding};
use cooee_phone::{
    AccountId, AccountState, DialRefusal, MessageId, MessageTrouble, MessagesWaiting, Reply, RingTestResult, TransferDecision,
};

use crate::media::{MediaSummary, SoundTrouble};
use crate::{PlatformError, StoreError, StoredMessage};

/// A moment in the life of the phone.
#[derive(Debug)]
#[non_exhaustive]
pub enum EngineEvent {
    /// An account was stored, its password kept.
    AccountAdded(AccountId),
    /// An account and its password are forgotten.
    AccountRemoved(AccountId),
    /// An account could not be stored, or is stored and cannot be used.
    AccountFailed {
        /// Which.
        account: AccountId,
        /// Why.
        trouble: Trouble,
    },
    /// An account came to another state with its server.
    AccountChanged {
        /// Which.
        account: AccountId,
        /// Where it is now.
        state: AccountState,
    },
    /// Somebody calls.
    IncomingCall {
        /// Which call; answer or decline it.
        call: CallId,
        /// The account that is called.
        account: AccountId,
        /// Who calls, as the server let it pass.
        from: Peer,
        /// Without a sound: somebody asks to be let through ([`CallSnapshot::request`]).
        silently: bool,
    },
    /// A test of ringing is over.
    RingTested(Box<RingTestResult>),
    /// A call changed in any way.
    CallChanged {
        /// Which account it runs over.
        account: AccountId,
        /// How it is.
        call: Box<CallSnapshot>,
    },
    /// The peer pressed a digit.
    Digit {
        /// In which call.
        call: CallId,
        /// Which.
        digit: char,
    },
    /// How a call's media has fared, just before it ends; only if there was any.
    MediaSummary {
        /// Which call.
        call: CallId,
        /// How.
        summary: Box<MediaSummary>,
    },
    /// A call is over; this is its line in the log.
    CallEnded {
        /// Which account it ran over.
        account: AccountId,
        /// The line.
        entry: Box<LogEntry>,
    },
    /// A call that is over, as `CallEnded` or `DialRefused` told before, stands in the log, under this number. One that was one too many for the log never does.
    CallLogged {
        /// Which call.
        call: CallId,
        /// Names it in the log.
        number: u64,
    },
    /// What was asked of a call did not come about; it goes on as before.
    ActionFailed {
        /// Which call.
        call: CallId,
        /// What was asked.
        action: CallAction,
        /// The SIP status of the peer's refusal; `None` if it was not possible any more.
        status: Option<u16>,
    },
    /// News of handing a call over.
    Transfer {
        /// Which call.
        call: CallId,
        /// How far it has come.
        progress: TransferProgress,
    },
    /// The peer asks us to call somebody else instead: once when it asks, unless that is decided at once, and when it is decided.
    TransferAsked {
        /// In which call.
        call: CallId,
        /// Who asks: the peer of that call.
        by: Pii<String>,
        /// Whom we shall call.
        target: Pii<String>,
        /// Whether we do.
        decision: TransferDecision,
    },
    /// A short text came.
    MessageReceived {
        /// Names it in the store; `None` if it could not be kept.
        message: Option<MessageId>,
        /// To which account.
        account: AccountId,
        /// From whom, as the server let it pass.
        from: Peer,
        /// What it says.
        text: Pii<String>,
        /// Without a sound: of nobody the owner knows, as a call of theirs would ask to be let through, or while not to be disturbed.
        silently: bool,
    },
    /// A text arrived at the other side, or at a server that keeps it for them.
    MessageDelivered(MessageId),
    /// A text did not arrive.
    MessageFailed {
        /// Which.
        message: MessageId,
        /// Why.
        trouble: MessageTrouble,
    },
    /// What an account's mailbox holds.
    MessagesWaiting {
        /// Which account.
        account: AccountId,
        /// What.
        waiting: MessagesWaiting,
    },
    /// No call came of a dial.
    DialRefused {
        /// The name it would have had.
        call: CallId,
        /// Why.
        reason: DialRefusal,
    },
    /// Something is wrong with a call's sound, or is right again.
    Sound {
        /// Which call.
        call: CallId,
        /// What; it has an id for programs and a sentence for people.
        trouble: SoundTrouble,
        /// It begins now; otherwise it is over.
        begins: bool,
    },
    /// What happened to the sound device.
    Device(DeviceEvent),
    /// The sound device cannot be opened; calls go on without sound of ours.
    DeviceFailed(DeviceError),
    /// A recording could not begin or has ended early.
    RecordingFailed {
        /// Of which call.
        call: CallId,
        /// Why.
        error: RecordError,
    },
    /// What a domain of the book says about calls.
    Found {
        /// Which.
        domain: Pii<String>,
        /// What, when, how far to be believed.
        finding: Finding,
    },
    /// How far asking about the whole book is.
    Probing {
        /// Domains done with.
        done: usize,
        /// Domains to be asked about.
        total: usize,
    },
    /// Asking about the whole book is over.
    Probed(Burst),
    /// Somebody on this network answers in everybody's name: nothing of it is kept, and nobody is asked until the network changes or
    /// [`crate::Engine::probe`] is called.
    CaptiveNetwork,
    /// What a domain says of the number that is dialled bears wrong signatures (DNSSEC): the call goes on without it, or ends.
    RouteUnused {
        /// Which call.
        call: CallId,
        /// Whose word it is, e.g. `e164.arpa`.
        domain: String,
    },
    /// Somebody was asked whether they are there.
    PersonReplied {
        /// Who.
        address: Pii<String>,
        /// What was said, in whoever's name.
        reply: Reply,
    },
    /// Something could not be kept; the phone goes on.
    Trouble(Trouble),
    /// So many events before this one were dropped, because nobody fetched them. The snapshot is up to date.
    Overflow {
        /// How many.
        lost: u64,
    },
    /// The engine has ended; the last event.
    Stopped,
}

impl EngineEvent {
    /// A text has come, and was kept under this number.
    pub(crate) fn received(message: Option<MessageId>, account: AccountId, kept: StoredMessage, silently: bool) -> Self {
        let from = Peer { address: kept.peer, display_name: kept.peer_name };
        Self::MessageReceived { message, account, from, text: kept.text, silently }
    }
}

/// What went wrong behind the scenes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The account's password is not there.
    #[error("the password of this account is gone: remove the account and add it again")]
    NoPassword,
}
