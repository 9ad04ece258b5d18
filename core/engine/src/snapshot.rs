use cooee_call::{CallSnapshot, LoginTrouble};
use cooee_machine::Pii;
use cooee_phone::{AccountId, AccountState, AccountTrouble, BlockRule, Numbering, ServerHeard, SystemCall, WhoRings};

/// The phone as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// All accounts, in the order in which they were added.
    pub accounts: Vec<AccountView>,
    /// All calls that are not over.
    pub calls: Vec<CallView>,
    /// Whose calls and messages are not taken.
    pub blocked: Vec<BlockRule>,
    /// Whose calls ring at any time.
    pub allowed: Vec<BlockRule>,
    /// No call rings but of who is allowed.
    pub do_not_disturb: bool,
    /// Data is dear: calls take little of it.
    pub low_data: bool,
    /// What a call of the device's own does to ours.
    pub system_call: SystemCall,
    /// Calls of who withholds an address are refused.
    pub reject_anonymous: bool,
    /// Whose calls ring aloud.
    pub who_rings: WhoRings,
    /// How numbers are understood, and who may learn which are dialled.
    pub numbering: Numbering,
    /// The engine has ended.
    pub stopped: bool,
}

/// An account as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountView {
    /// Names it.
    pub id: AccountId,
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// Where it is with its server; `None` while the phone is offline.
    pub state: Option<AccountState>,
    /// What its server has shown when it was heard last.
    pub heard: Option<ServerHeard>,
    /// So often it was told to log in anew, with another password, say: what its state was before is over then.
    pub attempts: u64,
}

/// A call as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct CallView {
    /// The account it runs over.
    pub account: AccountId,
    /// How it is.
    pub call: CallSnapshot,
}

impl AccountView {
    /// One that is not connected yet.
    pub(crate) fn new(id: AccountId, address: Pii<String>, display_name: Option<Pii<String>>) -> Self {
        Self { id, address, display_name, state: None, heard: None, attempts: 0 }
    }
}

impl Snapshot {
    pub(crate) fn account(&self, id: AccountId) -> Option<&AccountView> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn account_mut(&mut self, id: AccountId) -> Option<&mut AccountView> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// An account without its password does not work, and says so.
    pub(crate) fn show_unread(&mut self, id: AccountId) {
        let trouble = AccountTrouble::Login(LoginTrouble::PasswordLost);
        self.try_anew(id, Some(AccountState::Failed { trouble, retry_in: None }));
    }

    /// Whatever was wrong with an account was so before.
    pub(crate) fn try_anew(&mut self, id: AccountId, state: Option<AccountState>) {
        if let Some(account) = self.account_mut(id) {
            (account.state, account.attempts) = (state, account.attempts + 1);
        }
    }

    pub(crate) fn put_call(&mut self, view: CallView) {
        match self.calls.iter_mut().find(|known| known.call.id == view.call.id) {
            Some(known) => *known = view,
            None => self.calls.push(view),
        }
    }
}
