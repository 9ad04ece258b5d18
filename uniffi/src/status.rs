use std::time::Duration;

use cooee_engine::{AccountView, Snapshot};
use cooee_phone::{AccountState as CoreState, MessagesWaiting, RingLine as CoreRingLine, would_ring};

use crate::account::Transport;
use crate::{AccountTrouble, Conditions, RingLine, WhoRings};

/// Whether the phone can call and be called.
#[derive(Clone, Debug, Default, PartialEq, uniffi::Record)]
pub struct Status {
    /// All accounts, in the order in which they were added.
    pub accounts: Vec<Account>,
    /// No call rings but of who is allowed.
    pub do_not_disturb: bool,
    /// Calls take little data.
    pub low_data: bool,
    /// Calls of who withholds an address are refused.
    pub reject_anonymous: bool,
    /// Whose calls ring aloud.
    pub who_rings: WhoRings,
    /// Each thing that ringing needs, as it is now, with what mends it.
    pub ringing: Vec<RingLine>,
    /// Whether a call would ring now.
    pub would_ring: bool,
    /// What the platform said last of networks and power.
    pub conditions: Conditions,
}

/// An account as it is now.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Account {
    /// Names it for ever.
    pub id: u64,
    /// `anna@example.org`.
    pub address: String,
    /// Shown to the people called.
    pub display_name: Option<String>,
    /// Where it is with its server.
    pub state: AccountState,
    /// What its mailbox holds, once the server has said so.
    pub mailbox: Option<Mailbox>,
    /// So often it was told to log in anew, with another password, say. A state that comes with a higher number than before is of the new
    /// log-in, however fast that failed.
    pub attempts: u64,
}

/// Without whose it is.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Where an account is with its server.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AccountState {
    /// Stored; the phone was not told of it yet.
    Stored,
    /// Looking the domain up, connecting, or registering.
    Connecting,
    /// Connected, and not to be registered: calls can be made.
    Connected,
    /// Connected and registered: calls can be made and taken.
    Registered {
        /// What the signalling runs over.
        transport: Transport,
        /// How many devices this address has now, this one included; 0 if the server does not say.
        devices: u32,
    },
    /// It does not work.
    Failed {
        /// Why.
        trouble: AccountTrouble,
        /// When it is tried again by itself; none: only when the account or the network changes.
        retry_in: Option<Duration>,
    },
}

/// Voice messages at an account's server (RFC 3842).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Mailbox {
    /// Whether there is anything to be heard.
    pub waiting: bool,
    /// New ones, where they are counted.
    pub new: Option<u32>,
    /// Old ones, where they are counted.
    pub old: Option<u32>,
}

impl Status {
    /// What the engine says, with what came in events.
    pub(crate) fn new(
        snapshot: &Snapshot,
        ringing: Vec<CoreRingLine>,
        conditions: Conditions,
        mailbox: impl Fn(u64) -> Option<Mailbox>,
    ) -> Self {
        Self {
            would_ring: would_ring(&ringing),
            ringing: RingLine::all(ringing),
            accounts: snapshot.accounts.iter().map(|view| Account::new(view, mailbox(view.id.0))).collect(),
            do_not_disturb: snapshot.do_not_disturb,
            low_data: snapshot.low_data,
            reject_anonymous: snapshot.reject_anonymous,
            who_rings: snapshot.who_rings.into(),
            conditions,
        }
    }
}

impl Account {
    fn new(view: &AccountView, mailbox: Option<Mailbox>) -> Self {
        Self {
            id: view.id.0,
            address: view.address.reveal().clone(),
            display_name: view.display_name.as_ref().map(|name| name.reveal().clone()),
            state: view.state.as_ref().map_or(AccountState::Stored, AccountState::from),
            mailbox,
            attempts: view.attempts,
        }
    }
}

impl From<&CoreState> for AccountState {
    fn from(state: &CoreState) -> Self {
        match state {
            CoreState::Connecting => Self::Connecting,
            CoreState::Connected => Self::Connected,
            CoreState::Registered { transport, devices } => {
                Self::Registered { transport: (*transport).into(), devices: u32::try_from(*devices).unwrap_or(u32::MAX) }
            }
            CoreState::Failed { trouble, retry_in } => Self::Failed { trouble: trouble.into(), retry_in: *retry_in },
        }
    }
}

impl From<MessagesWaiting> for Mailbox {
    fn from(waiting: MessagesWaiting) -> Self {
        Self { waiting: waiting.waiting, new: waiting.new, old: waiting.old }
    }
}
