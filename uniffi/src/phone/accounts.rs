use std::sync::Arc;

use cooee_machine::Secret;
use cooee_phone::AccountId;

use super::Phone;
use crate::door::guarded;
use crate::{NewAccount, Refused};

#[uniffi::export]
impl Phone {
    /// Gives an account a number, then stores it with its secret and registers it. Its id; [`Event::AccountAdded`](crate::Event::AccountAdded) or
    /// [`Event::AccountFailed`](crate::Event::AccountFailed) follows.
    ///
    /// # Errors
    /// It is no address, is there already, or its credentials are of a kind that this version cannot use.
    pub async fn add_account(&self, account: NewAccount) -> Result<u64, Refused> {
        let (engine, account) = (Arc::clone(&self.engine), account.into_engine()?);
        self.room.run(async move { Ok(engine.add_account(account).await?.0) }).await
    }

    /// As [`add_account`](Self::add_account); but of an address that is there already the password is changed, and nothing else.
    ///
    /// # Errors
    /// As of both.
    pub async fn sign_in(&self, account: NewAccount) -> Result<u64, Refused> {
        let (engine, account) = (Arc::clone(&self.engine), account.into_engine()?);
        self.room.run(async move { Ok(engine.sign_in(account).await?.0) }).await
    }

    /// Keeps another password of this account, in place of the one there was. Its calls end, and it logs in anew.
    ///
    /// # Errors
    /// There is no such account, or the password cannot be kept.
    pub async fn change_password(&self, account: u64, password: String) -> Result<(), Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.change_password(AccountId(account), Secret::new(password)).await?) }).await
    }

    /// The owner has compared the authority that `UnknownAuthority` or `OtherAuthority` showed with who runs the server: from now on this
    /// account's server is whom that authority vouches for, and nobody else. `shown`: its SHA-256 in hexadecimal. The account's calls end,
    /// and it logs in anew.
    ///
    /// # Errors
    /// There is no such account, or that is no fingerprint.
    pub async fn trust_authority(&self, account: u64, shown: String) -> Result<(), Refused> {
        let sha256 = cooee_engine::read_fingerprint(&shown).ok_or(Refused::BadPin)?;
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.trust_authority(AccountId(account), sha256).await?) }).await
    }

    /// Ends the account's calls, unregisters it, and forgets it and its secret; its calls stay in the log.
    ///
    /// # Errors
    /// There is none.
    pub fn remove_account(&self, account: u64) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.remove_account(AccountId(account)).map(|_| ())?))
    }
}
