//! What another process changes in the store: a command typed beside a running phone takes effect there at once.

use cooee_phone::Command;

use super::Note;
use super::work::Work;
use crate::{AccountView, EngineEvent, StoreError};

impl<F: FnMut(Note)> Work<F> {
    /// Whether another process has changed the store; if so, tells who may ring and which accounts there are.
    pub(super) async fn look(&mut self) {
        match self.store.was_changed() {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => return self.kept(Err(error)),
        }
        // Contacts may have been wiped, and their key with them.
        self.key = None;
        self.tell_rules();
        // Another process has called or written to somebody.
        match self.store.called() {
            Ok(called) => (self.tell)(Note::Command(Command::AddCalled(called))),
            Err(error) => self.kept(Err(error)),
        }
        let found = self.find_accounts().await;
        self.kept(found);
    }

    /// What the owner has changed is kept; or it is not, and what is stored holds again.
    pub(super) fn kept_rule(&mut self, kept: Result<(), StoreError>) {
        self.kept(kept);
        (self.tell)(Note::Saved);
        self.tell_rules();
    }

    /// Tells who may ring, as it is stored.
    fn tell_rules(&mut self) {
        match self.rules() {
            Ok(rules) => (self.tell)(Note::Rules(Box::new(rules))),
            Err(error) => self.kept(Err(error)),
        }
    }

    async fn find_accounts(&mut self) -> Result<(), StoreError> {
        let stored = self.store.accounts()?;
        let gone: Vec<_> = self.accounts.keys().copied().filter(|id| stored.iter().all(|account| account.id != *id)).collect();
        for id in gone {
            self.forget_account(id);
            (self.tell)(Note::Event(EngineEvent::AccountRemoved(id)));
        }
        for account in stored {
            let id = account.id;
            let trust = account.options.trust.clone();
            match self.accounts.insert(id, trust.clone()) {
                Some(before) if before == trust => continue,
                Some(_) => {
                    self.changed(account).await;
                    continue;
                }
                None => {}
            }
            (self.tell)(Note::Adding(AccountView::new(id, account.address.clone(), account.options.display_name.clone())));
            self.identity(id).await;
            match self.password(id).await {
                Ok(password) => (self.tell)(Note::Added { account, password }),
                Err(trouble) => (self.tell)(Note::Unread { account: id, trouble }),
            }
        }
        Ok(())
    }
}
