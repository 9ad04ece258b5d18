use std::sync::Arc;

use super::Phone;
use crate::Refused;
use crate::media_key::{CodeMatch, MediaKey};

/// Comparing keys with people.
#[uniffi::export]
impl Phone {
    /// What is to be compared with somebody; none before the first call that was encrypted end to end. Also while one speaks with them.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn media_key(&self, address: String) -> Result<Option<MediaKey>, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.key_to_compare(&address).await?.map(|(key, trust)| MediaKey::new(&key, trust))) }).await
    }

    /// The two people have read the words to each other, and they are the same. `code`: that of the key whose words were read. Calls with it
    /// are verified from now on, the one under way too.
    ///
    /// # Errors
    /// Another key was used meanwhile or there is none: [`Refused::NoSuchKey`]; or what is stored cannot be read or written.
    pub async fn words_match(&self, address: String, code: String) -> Result<(), Refused> {
        let engine = Arc::clone(&self.engine);
        let verified = async move {
            let key = engine.key_to_compare(&address).await?.map(|(key, _)| key);
            let key = key.filter(|key| key.keys.to_code() == code).ok_or(Refused::NoSuchKey)?;
            Ok(engine.set_verified(&key, true).await?)
        };
        self.room.run(verified).await
    }

    /// Compares what a camera has read from their screen. If it is the same, the key is verified from now on.
    ///
    /// # Errors
    /// There is no key of theirs: [`Refused::NoSuchKey`]; or what is stored cannot be read or written.
    pub async fn compare_code(&self, address: String, scanned: String) -> Result<CodeMatch, Refused> {
        let engine = Arc::clone(&self.engine);
        let compared = async move {
            let (key, _) = engine.key_to_compare(&address).await?.ok_or(Refused::NoSuchKey)?;
            match key.keys.matches_code(&scanned) {
                None => Ok(CodeMatch::NoCode),
                Some(false) => Ok(CodeMatch::Different),
                Some(true) => {
                    engine.set_verified(&key, true).await?;
                    Ok(CodeMatch::Same)
                }
            }
        };
        self.room.run(compared).await
    }

    /// No key of theirs is counted on any more. Whether one was.
    ///
    /// # Errors
    /// What is stored cannot be read or written.
    pub async fn forget_verified(&self, address: String) -> Result<bool, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.distrust(&address).await?) }).await
    }
}
