use std::sync::atomic::Ordering;

use cooee_phone::{AccountId, Command};
use cooee_sip::Uri;

use super::Engine;
use crate::desk::Job;
use crate::snapshot::AccountView;
use crate::{NewAccount, Refused};

/// Accounts.
impl Engine {
    /// Stores an account and its password and, if online, registers it. [`EngineEvent::AccountAdded`] or
    /// [`EngineEvent::AccountFailed`] follows.
    ///
    /// # Errors
    /// It is no address, or is there already.
    pub fn add_account(&self, account: NewAccount) -> Result<AccountId, Refused> {
        self.running()?;
        let address = account.address.reveal();
        if !is_account_address(address) {
            return Err(Refused::BadAddress);
        }
        let id = AccountId(self.shared.next_account.fetch_add(1, Ordering::Relaxed));
        let mut is_new = false;
        self.shared.change(|snapshot| {
            is_new = snapshot.accounts.iter().all(|known| known.address.reveal() != address);
            if is_new {
                let (address, display_name) = (account.address.clone(), account.options.display_name.clone());
                snapshot.accounts.push(AccountView { id, address, display_name, state: None });
            }
        });
        if !is_new {
            return Err(Refused::AccountExists);
        }
        self.desk.put(Job::Add { id, account: Box::new(account) });
        Ok(id)
    }

    /// Ends the account's calls, unregisters it, and forgets it and its password; its calls stay in the log.
    /// [`EngineEvent::AccountRemoved`] follows.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_account(&self, account: AccountId) -> Result<AccountId, Refused> {
        self.running()?;
        self.shared.snapshot().account(account).ok_or(Refused::NoSuchAccount)?;
        if self.is_online {
            self.command(Command::RemoveAccount(account))?;
        }
        self.desk.put(Job::Remove(account));
        Ok(account)
    }
}

/// `user@domain`, with or without `sip:` or `sips:` before it.
fn is_account_address(address: &str) -> bool {
    let uri = if address.contains(':') { address.to_owned() } else { format!("sip:{address}") };
    Uri::parse(&uri).is_ok_and(|uri| uri.is_sip() && uri.user().is_some_and(|user| !user.is_empty()))
}
