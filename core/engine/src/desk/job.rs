use std::time::Duration;

use cooee_call::{CallId, MediaKeys, Story};
use cooee_machine::{Pii, Secret};
use cooee_net::Trust;
use cooee_phone::probe::{Answered, Finding, Reach};
use cooee_phone::{AccountId, Address, BlockRule, Choice, Command, Inquiry, MessageId, Numbering, Recalled, VerifiedKey, WhoRings};
use cooee_rtc::Certificate;
use tokio::sync::oneshot;

use crate::prober::AskedSince;
use crate::store::{List, OpenCall, Table};
use crate::{
    AccountView, Asked, EngineEvent, KnownKey, MessageState, NewAccount, Page, PastCall, PastRequest, Refused, StoreError, Stored,
    StoredAccount, StoredMessage, Trouble, Unseen,
};

/// What the desk is asked to do.
pub(crate) enum Job {
    /// The number comes back at once; how it goes on is told by notes.
    Add {
        account: Box<NewAccount>,
        reply: oneshot::Sender<Result<AccountId, Refused>>,
    },
    /// As adding; but one that is there already gets this password.
    SignIn {
        account: Box<NewAccount>,
        reply: oneshot::Sender<Result<AccountId, Refused>>,
    },
    Remove(AccountId),
    /// This account has another password.
    ChangePassword {
        account: AccountId,
        password: Secret,
        reply: oneshot::Sender<Result<AccountId, Refused>>,
    },
    /// People have compared the authority of this account's server, by its SHA-256.
    TrustAuthority {
        account: AccountId,
        sha256: [u8; 32],
        reply: oneshot::Sender<Result<AccountId, Refused>>,
    },
    /// The owner is told under which number a call is kept, where it has a name. One that is kept as open is no longer.
    Log {
        call: Option<CallId>,
        is_open: bool,
        line: Box<PastCall>,
    },
    /// A call has begun, or was answered: told of by whoever finds it, if this process is ended before it.
    KeepOpen {
        call: CallId,
        open: Box<OpenCall>,
    },
    PastCalls {
        page: Page,
        /// Only those that nobody took notice of.
        missed: bool,
        reply: oneshot::Sender<Result<Vec<PastCall>, StoreError>>,
    },
    PastCall {
        number: u64,
        reply: oneshot::Sender<Result<Option<PastCall>, StoreError>>,
    },
    /// A call was encrypted end to end with these keys.
    KeepKey {
        account: Pii<String>,
        peer: Pii<String>,
        keys: MediaKeys,
    },
    KeysOf {
        account: Pii<String>,
        peer: String,
        reply: oneshot::Sender<Result<Vec<KnownKey>, StoreError>>,
    },
    /// People have compared a key, or do not count on it any more; the keys that were compared are answered.
    SetVerified {
        key: Box<KnownKey>,
        is_verified: bool,
        reply: oneshot::Sender<Result<Vec<VerifiedKey>, StoreError>>,
    },
    /// Forgets a line of the history, or all; how many is answered.
    Forget {
        table: Table,
        number: Option<u64>,
        reply: oneshot::Sender<Result<usize, StoreError>>,
    },
    Unseen {
        reply: oneshot::Sender<Result<Unseen, StoreError>>,
    },
    SetSeen {
        table: Table,
        up_to: u64,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    /// How an account's last attempt to log in went.
    KeepAccountStory {
        account: AccountId,
        begun: Duration,
        story: Box<Story>,
    },
    AccountStory {
        account: AccountId,
        reply: oneshot::Sender<Result<(Duration, Story), StoreError>>,
    },
    Accounts {
        reply: oneshot::Sender<Result<Vec<StoredAccount>, StoreError>>,
    },
    Setting {
        name: String,
        reply: oneshot::Sender<Result<Option<String>, StoreError>>,
    },
    SetSetting {
        name: String,
        value: Option<String>,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    WakeAt {
        boot_time: Option<Duration>,
        slack: Duration,
    },
    Awake(bool),
    /// A setting that holds for the phone at once; `None` for what is usual.
    Remember {
        name: &'static str,
        value: Option<&'static str>,
    },
    /// Who asked to be let through.
    Requests {
        reply: oneshot::Sender<Result<Vec<PastRequest>, StoreError>>,
    },
    /// Puts a rule on a list, or takes it off.
    SetListed {
        list: List,
        rule: BlockRule,
        is_on_it: bool,
    },
    /// A text came of somebody whom this rule blocks.
    CountBlocked(BlockRule),
    Blocked {
        reply: oneshot::Sender<Result<Vec<(BlockRule, u32)>, StoreError>>,
    },
    SetNumbering(Box<Numbering>),
    /// A text came to this account; the owner is told after it was kept.
    Received {
        account: AccountId,
        message: Box<StoredMessage>,
        silently: bool,
    },
    /// A text is about to be sent.
    Send {
        message: Box<StoredMessage>,
        reply: oneshot::Sender<Result<MessageId, StoreError>>,
    },
    /// What became of one that was sent.
    MessageState(MessageId, MessageState),
    Messages {
        page: Page,
        reply: oneshot::Sender<Result<Vec<StoredMessage>, StoreError>>,
    },
    /// What is known of domains.
    Findings {
        domains: Vec<String>,
        reply: oneshot::Sender<Result<Vec<(String, Finding)>, StoreError>>,
    },
    /// What is known of addresses, and what was chosen for who is dialled, if anybody is.
    Known {
        dialled: Option<Box<Address>>,
        addresses: Vec<Address>,
        reply: oneshot::Sender<Result<Known, StoreError>>,
    },
    /// The same for the phone, which is told by [`Note::Recalled`].
    Recall {
        call: CallId,
        dialled: Box<Address>,
        addresses: Vec<Address>,
    },
    KeepChoice {
        person: Vec<Pii<String>>,
        choice: Choice,
    },
    ForgetChoice {
        person: Vec<Pii<String>>,
        reply: oneshot::Sender<Result<bool, StoreError>>,
    },
    KeepFindings(Vec<(String, Finding)>),
    /// A person was there, by a canonical address.
    KeepAnswered {
        person: Pii<String>,
        answered: Answered,
    },
    /// Whether a person, by all of its canonical addresses, may be asked if it is there.
    KeepMark {
        person: Vec<Pii<String>>,
        wanted: bool,
    },
    /// Whether each of these may be asked, where that was said.
    Marks {
        addresses: Vec<Address>,
        reply: oneshot::Sender<Result<Vec<Option<bool>>, StoreError>>,
    },
    /// A person was asked, by a canonical address.
    KeepInquiry {
        person: Pii<String>,
        inquiry: Inquiry,
    },
    /// Whom of these the owner has called or marked: the phone is told by [`Command::SetPeople`].
    People(Vec<Address>),
    /// Resolvers or people were asked something.
    NoteAsked(AskedSince),
    AskedLately {
        reply: oneshot::Sender<Result<Vec<Asked>, StoreError>>,
    },
    Stored {
        reply: oneshot::Sender<Result<Stored, StoreError>>,
    },
    WipeContacts {
        reply: oneshot::Sender<Result<(), Trouble>>,
    },
    /// Another process may have changed what is stored.
    Look,
    /// The last one.
    Close,
}

/// What is known of people.
pub(crate) struct Known {
    pub(crate) reach: Vec<Reach>,
    pub(crate) choice: Choice,
}

/// What the desk tells.
pub(crate) enum Note {
    /// An account has its number.
    Adding(AccountView),
    /// An account is stored, its password kept.
    Added { account: StoredAccount, password: Secret },
    /// What the media of an account proves itself with.
    Identity(AccountId, Box<Certificate>),
    /// An account is stored otherwise than before.
    Changed { account: StoredAccount, password: Secret },
    /// The password of an account is not there, or could not be read.
    Unread { account: AccountId, trouble: Trouble },
    /// An account is forgotten.
    Removed(AccountId),
    /// A change of the owner's to the rules has been dealt with.
    Saved,
    /// The rules as they are stored now.
    Rules(Box<Rules>),
    /// For the phone: what is remembered of people.
    Recalled(Recalled),
    /// For the phone: who is known to the owner.
    Command(Command),
    /// For the owner.
    Event(EngineEvent),
}

/// What was stored when the desk opened.
pub(crate) struct Opened {
    pub(crate) accounts: Vec<(StoredAccount, Result<Secret, Trouble>)>,
    pub(crate) rules: Rules,
    /// Who has taken a call of ours.
    pub(crate) acquaintances: Vec<Pii<String>>,
    /// Who was called, written to or answered.
    pub(crate) familiar: Vec<Pii<String>>,
    /// Who was called or written to.
    pub(crate) called: Vec<Pii<String>>,
    pub(crate) instance: String,
    pub(crate) roots: Trust,
}

/// Who may ring here, and how numbers are understood.
pub(crate) struct Rules {
    pub(crate) blocked: Vec<BlockRule>,
    pub(crate) allowed: Vec<BlockRule>,
    pub(crate) do_not_disturb: bool,
    pub(crate) low_data: bool,
    pub(crate) reject_anonymous: bool,
    pub(crate) who_rings: WhoRings,
    pub(crate) numbering: Numbering,
    /// Keys that people have compared.
    pub(crate) verified: Vec<VerifiedKey>,
}
