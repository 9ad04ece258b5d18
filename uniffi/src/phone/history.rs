use std::sync::Arc;

use cooee_engine::Page;
use cooee_phone::{AccountId, MessageId};

use super::{Phone, bounded};
use crate::Refused;
use crate::history::{LogPage, TextPage};
use crate::story::{Story, report};

/// What has happened. [`Event::CallLogged`](crate::Event::CallLogged) and the events of texts say when a page is to be read again.
#[uniffi::export]
impl Phone {
    /// Past calls, the newest first: `n` of them, at most 100, before the line of this number, or from the newest on.
    ///
    /// # Errors
    /// More are asked for, or what is stored cannot be read.
    pub async fn log(&self, before: Option<u64>, n: u32) -> Result<LogPage, Refused> {
        self.calls_of(page(before, n)?).await
    }

    /// The same of calls with whoever has one of these addresses or numbers, at most 100, however they are written.
    ///
    /// # Errors
    /// As for [`Phone::log`].
    pub async fn log_with(&self, addresses: Vec<String>, before: Option<u64>, n: u32) -> Result<LogPage, Refused> {
        self.calls_of(self.page_with(&addresses, before, n)?).await
    }

    /// The same of calls that nobody here took notice of.
    ///
    /// # Errors
    /// As for [`Phone::log`].
    pub async fn missed(&self, before: Option<u64>, n: u32) -> Result<LogPage, Refused> {
        let (engine, page) = (Arc::clone(&self.engine), page(before, n)?);
        self.room.run(async move { Ok(LogPage::new(&engine.missed_calls(page).await?, &engine.unseen().await?)) }).await
    }

    /// The owner has looked at the log up to the line of this number: missed calls up to there are new no longer.
    ///
    /// # Errors
    /// What is stored cannot be written.
    pub async fn see_calls(&self, up_to: u64) -> Result<(), Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { Ok(engine.set_calls_seen(up_to).await?) }).await)
    }

    /// Forgets one line of the log with its story, or with none all of it, and overwrites it. How many there were.
    ///
    /// # Errors
    /// What is stored cannot be written, or not be overwritten because another program reads it.
    pub async fn forget_calls(&self, number: Option<u64>) -> Result<u32, Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { Ok(count(engine.forget_calls(number).await?)) }).await)
    }

    /// Short texts, the newest first: `n` of them, at most 100, before this one, or from the newest on.
    ///
    /// # Errors
    /// More are asked for, or what is stored cannot be read.
    pub async fn texts(&self, before: Option<u64>, n: u32) -> Result<TextPage, Refused> {
        self.messages_of(page(before, n)?).await
    }

    /// The same of texts with whoever has one of these addresses, at most 100, however they are written.
    ///
    /// # Errors
    /// As for [`Phone::texts`].
    pub async fn texts_with(&self, addresses: Vec<String>, before: Option<u64>, n: u32) -> Result<TextPage, Refused> {
        self.messages_of(self.page_with(&addresses, before, n)?).await
    }

    /// The owner has looked at the texts up to this one.
    ///
    /// # Errors
    /// What is stored cannot be written.
    pub async fn see_texts(&self, up_to: u64) -> Result<(), Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { Ok(engine.set_messages_seen(MessageId(up_to)).await?) }).await)
    }

    /// Forgets one text, or with none all of them, and overwrites it. How many there were.
    ///
    /// # Errors
    /// As for [`Phone::forget_calls`].
    pub async fn forget_texts(&self, message: Option<u64>) -> Result<u32, Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { Ok(count(engine.forget_messages(message.map(MessageId)).await?)) }).await)
    }

    /// What happened to the call of this number in the log.
    ///
    /// # Errors
    /// There is no such line, or what is stored cannot be read.
    pub async fn story(&self, number: u64) -> Result<Story, Refused> {
        let engine = Arc::clone(&self.engine);
        let told = async move {
            let call = engine.past_call(number).await?.ok_or(Refused::NoSuchCall)?;
            Ok(Story::new(call.begun, &call.story))
        };
        self.room.run(told).await
    }

    /// The same as text for others to read, without whatever may say who is meant.
    ///
    /// # Errors
    /// As for [`Phone::story`].
    pub async fn report(&self, number: u64) -> Result<String, Refused> {
        let engine = Arc::clone(&self.engine);
        let told = async move {
            let call = engine.past_call(number).await?.ok_or(Refused::NoSuchCall)?;
            Ok(report(&call.story, Some(call.direction)))
        };
        self.room.run(told).await
    }

    /// What happened when an account tried to reach its server last.
    ///
    /// # Errors
    /// There is no such account, or what is stored cannot be read.
    pub async fn account_story(&self, account: u64) -> Result<Story, Refused> {
        let (engine, account) = (Arc::clone(&self.engine), self.known(account)?);
        let told = async move {
            let (begun, story) = engine.account_story(account).await?;
            Ok(Story::new(begun, &story))
        };
        self.room.run(told).await
    }

    /// The same as text for others to read, without whatever may say who is meant.
    ///
    /// # Errors
    /// As for [`Phone::account_story`].
    pub async fn account_report(&self, account: u64) -> Result<String, Refused> {
        let (engine, account) = (Arc::clone(&self.engine), self.known(account)?);
        self.room.run(async move { Ok(report(&engine.account_story(account).await?.1, None)) }).await
    }
}

impl Phone {
    fn known(&self, account: u64) -> Result<AccountId, Refused> {
        let is_there = self.engine.snapshot().accounts.iter().any(|view| view.id.0 == account);
        is_there.then_some(AccountId(account)).ok_or(Refused::NoSuchAccount)
    }

    async fn calls_of(&self, page: Page) -> Result<LogPage, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(LogPage::new(&engine.past_calls(page).await?, &engine.unseen().await?)) }).await
    }

    async fn messages_of(&self, page: Page) -> Result<TextPage, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(TextPage::new(&engine.messages(page).await?, &engine.unseen().await?)) }).await
    }

    fn page_with(&self, addresses: &[String], before: Option<u64>, n: u32) -> Result<Page, Refused> {
        bounded(addresses.len())?;
        let n = if addresses.is_empty() { 0 } else { n };
        Ok(self.engine.page_with(page(before, n)?, addresses.iter().map(String::as_str)))
    }
}

fn page(before: Option<u64>, most: u32) -> Result<Page, Refused> {
    bounded(most as usize)?;
    Ok(Page { before, ..Page::from(most) })
}

fn count(gone: usize) -> u32 {
    u32::try_from(gone).unwrap_or(u32::MAX)
}
