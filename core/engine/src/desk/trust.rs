//! Whom an account believes about its server, once it is there.

use cooee_phone::AccountId;
use tokio::sync::oneshot;

use super::Note;
use super::work::Work;
use crate::{EngineEvent, Refused, StoredAccount};

impl<F: FnMut(Note)> Work<F> {
    /// People have compared an authority: first kept, then told.
    pub(super) async fn trust_authority(&mut self, id: AccountId, sha256: &[u8; 32], reply: oneshot::Sender<Result<(), Refused>>) {
        let kept = match self.store.trust_authority(id, sha256) {
            Ok(kept) => kept.ok_or(Refused::NoSuchAccount),
            Err(error) => {
                self.kept(Err(error));
                Err(Refused::NotKept)
            }
        };
        // Whoever asked may have gone.
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
            Err(trouble) => (self.tell)(Note::Event(EngineEvent::AccountFailed { account: id, trouble })),
        }
    }
}
