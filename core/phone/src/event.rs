use std::time::Duration;

use cooee_call::{CallAction, CallId, CallSnapshot, LogEntry, Peer, Story, TransferProgress};
use cooee_machine::Pii;
use cooee_sip::ua::MessagesWaiting;

#[cfg(doc)]
use crate::Command;
use crate::{
    AccountId, AccountState, Address, BlockRule, DialRefusal, LookedUp, MessageId, MessageTrouble, Reply, RingTestResult, ServerHeard,
    WakeId, Woken,
};

/// News for the owner of the phone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PhoneEvent {
    /// An account came to another state.
    AccountChanged {
        /// Which.
        account: AccountId,
        /// Where it is now.
        state: AccountState,
    },
    /// What happened on the way to an account's server until it was reached, or was not: why it does not log in. Comes before
    /// [`PhoneEvent::AccountChanged`].
    AccountTold {
        /// Which.
        account: AccountId,
        /// When it began, since the Unix epoch.
        begun: Duration,
        /// What happened.
        story: Story,
    },
    /// An account's server has shown that it is there: it answered a REGISTER or a ping.
    ServerHeard {
        /// Which account.
        account: AccountId,
        /// When, and what it showed.
        heard: ServerHeard,
    },
    /// A test of ringing is over.
    RingTested(Box<RingTestResult>),
    /// Somebody calls: it rings here, aloud or not. [`PhoneEvent::CallChanged`] with the same id follows.
    IncomingCall {
        /// The new call's name.
        call: CallId,
        /// The account that is called.
        account: AccountId,
        /// Who calls, as the server let it pass.
        from: Peer,
        /// Without a sound: somebody asks to be let through ([`CallSnapshot::request`]).
        silently: bool,
    },
    /// A call changed in any way: here is how it is now.
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
    /// A call is over; this is its line in the log, the last that is heard of it.
    CallEnded {
        /// Which account it ran over.
        account: AccountId,
        /// The line.
        entry: Box<LogEntry>,
        /// Which address of those that were dialled was answered.
        reached: Option<Address>,
    },
    /// What was asked of a call did not come about; it goes on as before.
    ActionFailed {
        /// Which call.
        call: CallId,
        /// What was asked.
        action: CallAction,
        /// The SIP status of the peer's refusal; `None` if it is not possible now.
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
    /// With the call ends the question.
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
        /// To which account.
        account: AccountId,
        /// From whom, as the server let it pass.
        from: Peer,
        /// The text.
        text: Pii<String>,
        /// Without a sound: of nobody the owner knows, as a call of theirs would ask to be let through, or while not to be disturbed.
        silently: bool,
    },
    /// A short text came of somebody who is blocked; it is gone.
    MessageBlocked {
        /// To which account.
        account: AccountId,
        /// What blocks them.
        rule: BlockRule,
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
    /// Somebody is being asked over the account whether they are there (OPTIONS); [`PhoneEvent::PersonReplied`] follows.
    PersonAsked {
        /// Which account asks.
        account: AccountId,
        /// Whom.
        address: Address,
    },
    /// What came of it.
    PersonReplied {
        /// Who was asked.
        address: Address,
        /// What was said, in whoever's name.
        reply: Reply,
    },
    /// What the account's mailbox holds (RFC 3842).
    MessagesWaiting {
        /// Which account.
        account: AccountId,
        /// What.
        waiting: MessagesWaiting,
    },
    /// What a domain says of the number that is dialled bears wrong signatures (DNSSEC): the call goes on without it, or ends.
    RouteUnused {
        /// Which call.
        call: CallId,
        /// Whose word it is, e.g. `e164.arpa`.
        domain: String,
    },
    /// A wake-up ([`Command::Wake`]) is over, or has come to a call.
    Woken {
        /// Which.
        wake: WakeId,
        /// What it came to.
        outcome: Woken,
    },
    /// [`Command::Dial`] was refused outright; no call came of it.
    DialRefused {
        /// The name it would have had.
        call: CallId,
        /// Why.
        reason: DialRefusal,
        /// Somebody was asked about the number before: that leaves a line in the log.
        looked_up: Option<LookedUp>,
    },
}

/// Whether a call is made that a peer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferDecision {
    /// The person is to say so: [`Command::FollowTransfer`] or [`Command::RefuseTransfer`].
    Open {
        /// After this time it is refused.
        within: Duration,
    },
    /// It is: this one, whose name is odd, as an incoming call's.
    Follows(CallId),
    /// It is not.
    Refused,
    /// It is not: it would be a call for help, which the person makes with the ordinary dialler, and no account carries.
    Emergency,
}
