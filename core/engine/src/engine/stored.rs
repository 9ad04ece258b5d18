use std::time::Duration;

use cooee_call::Story;
use cooee_phone::AccountId;
use tokio::sync::oneshot;

use super::Engine;
use crate::desk::Job;
use crate::{StoreError, StoredAccount};

/// What is stored.
impl Engine {
    /// How an account's last attempt to reach its server went, and when it began, since the Unix epoch. Empty before the first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn account_story(&self, account: AccountId) -> Result<(Duration, Story), StoreError> {
        self.ask(|reply| Job::AccountStory { account, reply }).await
    }

    /// The accounts with everything that is stored of them.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn stored_accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        self.ask(|reply| Job::Accounts { reply }).await
    }

    /// A setting of the owner's.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.ask(|reply| Job::Setting { name: name.to_owned(), reply }).await
    }

    /// Keeps a setting, or with `None` forgets it.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.map(str::to_owned));
        self.ask(|reply| Job::SetSetting { name, value, reply }).await
    }

    pub(super) async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.desk.put(job(reply));
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}
