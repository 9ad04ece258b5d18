use cooee_call::KeyTrust;
use cooee_phone::Command;

use super::Engine;
use crate::desk::Job;
use crate::{KnownKey, StoreError};

/// Comparing keys with people.
impl Engine {
    /// The keys that phones of somebody's proved themselves with, the one used last first. Empty before the first call that was encrypted
    /// end to end.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn keys_of(&self, address: &str) -> Result<Vec<KnownKey>, StoreError> {
        let account = self.snapshot().accounts.first().map(|account| account.address.clone()).unwrap_or_default();
        let peer = address.trim().to_owned();
        self.ask(|reply| Job::KeysOf { account, peer, reply }).await
    }

    /// The key that is to be compared with somebody, and what is known of it: that of the last call, or of the one under way. `None`: there
    /// was no call yet that was encrypted end to end.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn key_to_compare(&self, address: &str) -> Result<Option<(KnownKey, KeyTrust)>, StoreError> {
        let keys = self.keys_of(address).await?;
        let was_compared = keys.iter().any(|key| key.verified.is_some());
        Ok(keys.into_iter().next().map(|last| {
            let trust = match last.verified {
                Some(_) => KeyTrust::Verified,
                None if was_compared => KeyTrust::Changed,
                None => KeyTrust::Unknown,
            };
            (last, trust)
        }))
    }

    /// The two people count on none of the keys that they have compared any more. Whether they had compared one.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn distrust(&self, address: &str) -> Result<bool, StoreError> {
        let keys: Vec<KnownKey> = self.keys_of(address).await?.into_iter().filter(|key| key.verified.is_some()).collect();
        for key in &keys {
            self.set_verified(key, false).await?;
        }
        Ok(!keys.is_empty())
    }

    /// The two people have compared this key and it is the same at both ends, or they do not count on it any more. Calls with a key that was
    /// compared are verified, also those that are under way.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn set_verified(&self, key: &KnownKey, is_verified: bool) -> Result<(), StoreError> {
        let key = Box::new(key.clone());
        let verified = self.ask(|reply| Job::SetVerified { key, is_verified, reply }).await?;
        if self.is_online && self.command(Command::SetVerified(verified)).is_err() {
            tracing::debug!("a key was compared while the phone was ending");
        }
        Ok(())
    }
}
