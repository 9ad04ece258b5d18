use std::time::Duration;

use cooee_call::CallId;
use cooee_machine::{Pii, Secret};
use cooee_net::Trust;
use cooee_phone::probe::{Answered, Finding, Reach};
use cooee_phone::{AccountId, Address, BlockRule, Choice, MessageId, Numbering, Recalled};
use tokio::sync::oneshot;

use crate::prober::AskedSince;
use crate::{Asked, EngineEvent, MessageState, NewAccount, PastCall, StoreError, Stored, StoredAccount, StoredMessage, Trouble};

/// What the desk is asked to do.
pub(crate) enum Job {
    Add {
        id: AccountId,
        account: Box<NewAccount>,
    },
    Remove(AccountId),
    Log(Box<PastCall>),
    PastCalls {
        most: u32,
        /// Only those that nobody took notice of.
        missed: bool,
        reply: oneshot::Sender<Result<Vec<PastCall>, StoreError>>,
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
    /// A setting that is either on or off.
    Remember {
        name: &'static str,
        on: bool,
    },
    SetBlocked(Vec<BlockRule>),
    SetAllowed(Vec<BlockRule>),
    /// A text came of somebody whom this rule blocks.
    CountBlocked(BlockRule),
    Blocked {
        reply: oneshot::Sender<Result<Vec<(BlockRule, u32)>, StoreError>>,
    },
    SetNumbering(Box<Numbering>),
    /// A text came or is being sent.
    Message(Box<StoredMessage>),
    /// What became of one that was sent.
    MessageState(MessageId, MessageState),
    Messages {
        most: u32,
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
    /// Resolvers were asked something.
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
    /// An account is stored, its password kept.
    Added { account: StoredAccount, password: Secret },
    /// An account is forgotten.
    Removed(AccountId),
    /// For the phone: what is remembered of people.
    Recalled(Recalled),
    /// For the owner.
    Event(EngineEvent),
}

/// What was stored when the desk opened.
pub(crate) struct Opened {
    pub(crate) accounts: Vec<(StoredAccount, Result<Secret, Trouble>)>,
    pub(crate) last_account: u64,
    pub(crate) last_message: u64,
    pub(crate) blocked: Vec<BlockRule>,
    /// Who has taken a call of ours.
    pub(crate) acquaintances: Vec<Pii<String>>,
    pub(crate) allowed: Vec<BlockRule>,
    pub(crate) do_not_disturb: bool,
    pub(crate) reject_anonymous: bool,
    pub(crate) numbering: Numbering,
    pub(crate) instance: String,
    pub(crate) roots: Trust,
}
