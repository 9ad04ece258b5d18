use cooee_phone::AccountId;
use cooee_sip::Uri;
use tokio::sync::oneshot;

use super::Engine;
use crate::desk::Job;
use crate::{NewAccount, Refused};

/// Accounts.
impl Engine {
    /// Stores an account and its password and, if online, registers it; the store gives it a number. [`EngineEvent::AccountAdded`] or
    /// [`EngineEvent::AccountFailed`] follows.
    ///
    /// # Errors
    /// It is no address, is there already, or the store cannot be written, which is told as a trouble.
    pub async fn add_account(&self, account: NewAccount) -> Result<AccountId, Refused> {
        self.running()?;
        if !is_account_address(account.address.reveal()) {
            return Err(Refused::BadAddress);
        }
        let (reply, answer) = oneshot::channel();
        self.desk.put(Job::Add { account: Box::new(account), reply });
        answer.await.unwrap_or(Err(Refused::ShuttingDown))
    }

    /// Ends the account's calls, unregisters it, and forgets it and its password; its calls stay in the log.
    /// [`EngineEvent::AccountRemoved`] follows.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_account(&self, account: AccountId) -> Result<AccountId, Refused> {
        self.running()?;
        self.shared.snapshot().account(account).ok_or(Refused::NoSuchAccount)?;
        self.desk.put(Job::Remove(account));
        Ok(account)
    }
}

/// Whether an account can have this address: `user@domain`, with or without `sip:` or `sips:` before it.
#[must_use]
pub fn is_account_address(address: &str) -> bool {
    let uri = if address.contains(':') { address.to_owned() } else { format!("sip:{address}") };
    Uri::parse(&uri).is_ok_and(|uri| uri.is_sip() && uri.user().is_some_and(|user| !user.is_empty()))
}
