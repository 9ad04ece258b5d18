use std::fmt;
use std::time::Duration;

use cooee_call::CallId;
use cooee_machine::Pii;

use crate::probe::Conditions;
use crate::{
    AccountConfig, AccountId, Address, BlockRule, MessageId, Numbering, Person, SystemCall, VerifiedKey, WakeId, WakeReason, WhoRings,
};
#[cfg(doc)]
use crate::{Output, PhoneEvent};

/// What the phone's owner asks of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Use this account from now on. With an id that is in use: the old one is removed first.
    AddAccount {
        /// Its name.
        account: AccountId,
        /// What it is.
        config: Box<AccountConfig>,
    },
    /// Hang up its calls, unregister, forget it.
    RemoveAccount(AccountId),
    /// Call somebody; other calls are put on hold first. [`PhoneEvent::CallChanged`] follows with this id, or [`PhoneEvent::DialRefused`].
    Dial {
        /// Names the call: an even number that no other call has had.
        call: CallId,
        /// Which account calls; `None`: the one whose domain is dialled; for a telephone number, one that takes numbers; else the first
        /// that works, else the first. A number of the whole world is looked up before (ENUM), at most 2 s.
        account: Option<AccountId>,
        /// `anna@example.org`, `sip:…`, `sips:…`, `tel:…`, a telephone number as people write it, or a bare user of the account's own
        /// domain.
        target: String,
        /// Without showing who calls (RFC 3323); the account's own server knows.
        anonymous: bool,
        /// One line that the other side sees while it rings; a longer one is cut.
        subject: Option<Pii<String>>,
    },
    /// Take an incoming call; others are put on hold first.
    Answer(CallId),
    /// Take an incoming call; others are ended first.
    AnswerEnding(CallId),
    /// Refuse an incoming call, for all devices of the called person (603).
    Decline(CallId),
    /// Refuse an incoming call as busy (486).
    DeclineBusy(CallId),
    /// End a call in whatever state it is.
    HangUp(CallId),
    /// Put a call on hold. [`PhoneEvent::ActionFailed`] if the peer does not go along.
    Hold(CallId),
    /// Take a call back from hold; others are put on hold first.
    Resume(CallId),
    /// Ask the peer to call somebody else instead (RFC 3515, blind). [`PhoneEvent::Transfer`] tells how it goes; the call is
    /// held meanwhile, ends when it worked, and goes on when it did not.
    Transfer {
        /// Which call.
        call: CallId,
        /// As in [`Command::Dial`].
        target: String,
    },
    /// Join the peers of two of our calls and leave both (RFC 5589, attended). Both run over the same account. If the other one has not
    /// been answered yet, it is given up, and the peer calls there instead.
    TransferTo {
        /// The call whose peer is asked.
        call: CallId,
        /// The call whose peer it shall have.
        other: CallId,
    },
    /// Call whom the peer asks us to call instead ([`PhoneEvent::TransferAsked`]). The call in which it was asked falls silent when
    /// the other one is answered.
    FollowTransfer(CallId),
    /// Do not; the call goes on.
    RefuseTransfer(CallId),
    /// Send a digit (`0`-`9`, `*`, `#`, `A`-`D`).
    Digit {
        /// Which call.
        call: CallId,
        /// Which digit.
        digit: char,
    },
    /// Send silence, or the microphone again.
    Mute {
        /// Which call.
        call: CallId,
        /// Silence.
        muted: bool,
    },
    /// From now on, let no call ring (480) but of who is allowed, and log them as missed; or ring again.
    SetDoNotDisturb(bool),
    /// From now on, data is dear: calls, those that go on too, send and ask for no more than 20 kbit/s
    /// ([`MediaPreferences::low_data`](cooee_call::MediaPreferences::low_data)); or no longer.
    SetLowData(bool),
    /// What a call of the device's own does to ours from now on.
    SetSystemCall(SystemCall),
    /// How numbers are understood and looked up from now on.
    SetNumbering(Box<Numbering>),
    /// Whose calls are not taken (603, without ringing) and whose messages are dropped, in place of the former list.
    SetBlocked(Vec<BlockRule>),
    /// Whose calls ring at any time, in place of the former list.
    SetAllowed(Vec<BlockRule>),
    /// Whose calls ring aloud from now on.
    SetWhoRings(WhoRings),
    /// The address book, in place of the former one: calls of these people ring aloud. It is not kept.
    SetContacts(Vec<Address>),
    /// Whom the person has called or written to, beside those known before: their calls ring aloud. Whoever is called from now on is one of
    /// them by itself.
    AddCalled(Vec<Pii<String>>),
    /// Whether calls of who withholds an address are refused (433, without ringing).
    SetRejectAnonymous(bool),
    /// These people, whom we have called before and who took the call, are no strangers: offers to them tell all of our addresses, not
    /// only those that servers see. Whoever takes a call from now on is one of them by itself.
    SetAcquaintances(Vec<Pii<String>>),
    /// With whom there was a call or a text that this side wanted, in place of those known before: who asks whether this phone is there
    /// (OPTIONS) is told, if it is one of them. Whoever is called, or whose call is answered, is one from then on.
    SetFamiliar(Vec<Pii<String>>),
    /// Who may be asked, over their own account and by TLS, whether they are there; in place of those known before.
    SetPeople(Vec<Person>),
    /// What there is to ask with, at the start and on each change. Before it is known nobody is asked.
    SetConditions(Conditions),
    /// Keys that people have compared, in place of the former list: calls with these are verified.
    SetVerified(Vec<VerifiedKey>),
    /// Call this account's own address, to see whether it rings; after this time, if its server can wait ([`cooee_sip::feature`]).
    /// [`PhoneEvent::RingTested`] follows; a test before that is under way is given up.
    TestRinging {
        /// Which account.
        account: AccountId,
        /// Zero: at once.
        after: Duration,
    },
    /// Send a short text. [`PhoneEvent::MessageDelivered`] or [`PhoneEvent::MessageFailed`] follows.
    SendMessage {
        /// Names the message.
        message: MessageId,
        /// As in [`Command::Dial`].
        account: Option<AccountId>,
        /// As in [`Command::Dial`].
        target: String,
        /// 1 to [`MAX_TEXT`](crate::MAX_TEXT) octets.
        text: String,
    },
    /// The device has slept and is awake: what is due is done, connections that are dead are replaced, and the call that may be waiting
    /// rings. [`PhoneEvent::Woken`] follows, within [`PhoneConfig::wake`](crate::PhoneConfig::wake).
    Wake {
        /// Names the wake-up: no other has had it.
        wake: WakeId,
        /// Why it is awake.
        reason: WakeReason,
    },
    /// Hang up everything, unregister, close; [`Output::ShutDown`] follows.
    Shutdown,
}

/// Without what is dialled, which tells who a person is.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddAccount { account, .. } => write!(f, "AddAccount({account:?})"),
            Self::RemoveAccount(account) => write!(f, "RemoveAccount({account:?})"),
            Self::Dial { call, account, .. } => write!(f, "Dial({call:?}, {account:?})"),
            Self::Answer(call) => write!(f, "Answer({call:?})"),
            Self::AnswerEnding(call) => write!(f, "AnswerEnding({call:?})"),
            Self::DeclineBusy(call) => write!(f, "DeclineBusy({call:?})"),
            Self::Hold(call) => write!(f, "Hold({call:?})"),
            Self::Resume(call) => write!(f, "Resume({call:?})"),
            Self::Transfer { call, .. } => write!(f, "Transfer({call:?})"),
            Self::TransferTo { call, other } => write!(f, "TransferTo({call:?}, {other:?})"),
            Self::FollowTransfer(call) => write!(f, "FollowTransfer({call:?})"),
            Self::RefuseTransfer(call) => write!(f, "RefuseTransfer({call:?})"),
            Self::SetDoNotDisturb(on) => write!(f, "SetDoNotDisturb({on})"),
            Self::SetLowData(on) => write!(f, "SetLowData({on})"),
            Self::SetSystemCall(call) => write!(f, "SetSystemCall({})", call.as_str()),
            Self::SetAcquaintances(addresses) => write!(f, "SetAcquaintances({})", addresses.len()),
            Self::SetWhoRings(who) => write!(f, "SetWhoRings({who})"),
            Self::SetContacts(addresses) => write!(f, "SetContacts({})", addresses.len()),
            Self::AddCalled(addresses) => write!(f, "AddCalled({})", addresses.len()),
            Self::SetFamiliar(addresses) => write!(f, "SetFamiliar({})", addresses.len()),
            Self::SetPeople(people) => write!(f, "SetPeople({})", people.len()),
            Self::SetConditions(conditions) => write!(f, "SetConditions({conditions:?})"),
            Self::SetVerified(keys) => write!(f, "SetVerified({})", keys.len()),
            Self::SetNumbering(_) => f.write_str("SetNumbering"),
            Self::SetBlocked(rules) => write!(f, "SetBlocked({} rules)", rules.len()),
            Self::SetRejectAnonymous(on) => write!(f, "SetRejectAnonymous({on})"),
            Self::TestRinging { account, after } => write!(f, "TestRinging({account:?}, {after:?})"),
            Self::SendMessage { message, account, .. } => write!(f, "SendMessage({message:?}, {account:?})"),
            Self::SetAllowed(rules) => write!(f, "SetAllowed({} rules)", rules.len()),
            Self::Decline(call) => write!(f, "Decline({call:?})"),
            Self::HangUp(call) => write!(f, "HangUp({call:?})"),
            Self::Digit { call, .. } => write!(f, "Digit({call:?})"),
            Self::Mute { call, muted } => write!(f, "Mute({call:?}, {muted})"),
            Self::Wake { wake, reason } => write!(f, "Wake({wake:?}, {reason:?})"),
            Self::Shutdown => f.write_str("Shutdown"),
        }
    }
}
