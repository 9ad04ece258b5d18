use std::collections::BTreeMap;

use cooee_machine::{Entropy, Secret};
use cooee_sip::registrar::{Binding, BindingKey};

use super::{StoreAnswer, StoreOperation, StoreReply, StoreRequest};
use crate::account::{Account, AccountError, UserName};

/// Accounts and bindings in memory: for demonstrations, tests and simulations. A copy is a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    accounts: BTreeMap<UserName, Account>,
    bindings: BTreeMap<UserName, BTreeMap<BindingKey, Binding>>,
}

impl MemoryStore {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user, or changes the password of one.
    ///
    /// # Errors
    /// [`AccountError`], about the password.
    pub fn add_user(&mut self, user: UserName, domain: &str, password: &Secret, entropy: &mut Entropy) -> Result<(), AccountError> {
        let account = Account::new(user.clone(), domain, password, entropy)?;
        self.accounts.insert(user, account);
        Ok(())
    }

    /// Removes a user and all bindings; `false` if there was none.
    pub fn remove_user(&mut self, user: &UserName) -> bool {
        self.bindings.remove(user);
        self.accounts.remove(user).is_some()
    }

    /// All users in order.
    pub fn users(&self) -> impl Iterator<Item = &UserName> {
        self.accounts.keys()
    }

    /// A user's bindings as they are stored, expired ones included.
    pub fn bindings(&self, user: &UserName) -> impl Iterator<Item = &Binding> {
        self.bindings.get(user).into_iter().flat_map(BTreeMap::values)
    }

    /// Does what a server asks for.
    pub fn perform(&mut self, request: StoreRequest) -> StoreReply {
        let answer = match request.operation {
            StoreOperation::Verifier(user) => StoreAnswer::Verifier(self.accounts.get(&user).map(|account| account.digest.clone())),
            StoreOperation::Bindings(user) => {
                let known = self.accounts.contains_key(&user);
                StoreAnswer::Bindings(known.then(|| self.bindings(&user).cloned().collect()))
            }
            StoreOperation::Rebind { user, put, remove } => {
                if self.accounts.contains_key(&user) {
                    let bindings = self.bindings.entry(user).or_default();
                    remove.iter().for_each(|key| _ = bindings.remove(key));
                    bindings.extend(put.into_iter().map(|binding| (binding.key, binding)));
                }
                StoreAnswer::Done
            }
        };
        StoreReply { ticket: request.ticket, outcome: Ok(answer) }
    }
}
