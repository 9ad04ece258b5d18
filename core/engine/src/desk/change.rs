//! What changes of an account that is there.

use cooee_machine::Secret;
use cooee_phone::AccountId;
use tokio::sync::oneshot;

use super::Note;
use super::work::Work;
use crate::{EngineEvent, NewAccount, Refused, SecretName, StoreError, StoredAccount, Trouble};

/// Answered with the account that changed.
type Reply = oneshot::Sender<Result<AccountId, Refused>>;

impl<F: FnMut(Note)> Work<F> {
    /// People have compared an authority: first kept, then told.
    pub(super) async fn trust_authority(&mut self, id: AccountId, sha256: &[u8; 32], reply: Reply) {
        let kept = match self.store.trust_authority(id, sha256) {
            Ok(kept) => kept.ok_or(Refused::NoSuchAccount),
            Err(error) => Err(self.not_kept(error.into())),
        };
        if let Some(account) = answer(kept, reply) {
            self.changed(account).await;
        }
    }

    /// Keeps another password of an account that is there, and adds one that is not. Here, where one thing is done after the other:
    /// whoever has just been removed is added anew.
    pub(super) async fn sign_in(&mut self, account: &NewAccount, reply: Reply) {
        match self.stored(|it| it.address == account.address) {
            Ok(Some(stored)) if account.options.key.is_none() => self.keep_password(Ok(stored), &account.password, reply).await,
            _ => self.add(account, reply).await,
        }
    }

    /// Keeps another password, in place of the one there was.
    pub(super) async fn change_password(&mut self, id: AccountId, password: &Secret, reply: Reply) {
        let stored = match self.stored(|account| account.id == id) {
            Ok(account) => account.ok_or(Refused::NoSuchAccount),
            Err(error) => Err(self.not_kept(error.into())),
        };
        self.keep_password(stored, password, reply).await;
    }

    async fn keep_password(&mut self, stored: Result<StoredAccount, Refused>, password: &Secret, reply: Reply) {
        let kept = match stored {
            Ok(account) => {
                let name = SecretName::password(account.id);
                let kept = self.platform.within(|platform| platform.keep_secret(&name, password)).await;
                kept.map(|()| account).map_err(|error| self.not_kept(error.into()))
            }
            Err(refused) => Err(refused),
        };
        if let Some(account) = answer(kept, reply) {
            self.unread.remove(&account.id);
            (self.tell)(Note::Changed { account, password: password.clone() });
        }
    }

    fn stored(&mut self, is_it: impl Fn(&StoredAccount) -> bool) -> Result<Option<StoredAccount>, StoreError> {
        Ok(self.store.accounts()?.into_iter().find(is_it))
    }

    pub(super) fn not_kept(&mut self, trouble: Trouble) -> Refused {
        (self.tell)(Note::Event(EngineEvent::Trouble(trouble)));
        Refused::NotKept
    }

    /// The account logs in anew, as it is stored now.
    pub(super) async fn changed(&mut self, account: StoredAccount) {
        let id = account.id;
        self.accounts.insert(id, account.options.trust.clone());
        match self.password(id).await {
            Ok(password) => (self.tell)(Note::Changed { account, password }),
            Err(trouble) => (self.tell)(Note::Unread { account: id, trouble }),
        }
    }
}

/// Whoever asked may have gone; the account is to log in anew all the same.
fn answer(kept: Result<StoredAccount, Refused>, reply: Reply) -> Option<StoredAccount> {
    let _ = reply.send(kept.as_ref().map(|account| account.id).map_err(|refused| *refused));
    kept.ok()
}
