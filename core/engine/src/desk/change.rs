//! What changes of an account that is there.

use cooee_machine::Secret;
use cooee_phone::AccountId;
use tokio::sync::oneshot;

use super::Note;
use super::work::Work;
use crate::{EngineEvent, Refused, SecretName, StoredAccount, Trouble};

impl<F: FnMut(Note)> Work<F> {
    /// People have compared an authority: first kept, then told.
    pub(super) async fn trust_authority(&mut self, id: AccountId, sha256: &[u8; 32], reply: oneshot::Sender<Result<(), Refused>>) {
        let kept = match self.store.trust_authority(id, sha256) {
            Ok(kept) => kept.ok_or(Refused::NoSuchAccount),
            Err(error) => Err(self.not_kept(error.into())),
        };
        self.answer(kept, reply).await;
    }

    /// Keeps another password, in place of the one there was.
    pub(super) async fn change_password(&mut self, id: AccountId, password: &Secret, reply: oneshot::Sender<Result<(), Refused>>) {
        let stored = self.store.accounts().map(|all| all.into_iter().find(|account| account.id == id));
        let kept = match stored {
            Ok(Some(account)) => {
                let name = SecretName::password(id);
                let kept = self.platform.within(|platform| platform.keep_secret(&name, password)).await;
                kept.map(|()| account).map_err(|error| self.not_kept(error.into()))
            }
            Ok(None) => Err(Refused::NoSuchAccount),
            Err(error) => Err(self.not_kept(error.into())),
        };
        self.answer(kept, reply).await;
    }

    fn not_kept(&mut self, trouble: Trouble) -> Refused {
        (self.tell)(Note::Event(EngineEvent::Trouble(trouble)));
        Refused::NotKept
    }

    /// Whoever asked may have gone; the account logs in anew all the same.
    async fn answer(&mut self, kept: Result<StoredAccount, Refused>, reply: oneshot::Sender<Result<(), Refused>>) {
        let _ = reply.send(kept.as_ref().map(|_| ()).map_err(|refused| *refused));
        if let Ok(account) = kept {
            self.changed(account).await;
        }
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
