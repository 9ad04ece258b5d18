use cooee_machine::Pii;
use cooee_phone::{Address, MessageId};

use super::Engine;
use crate::desk::Job;
use crate::store::Table;
use crate::{Page, PastCall, StoreError, StoredMessage, Unseen};

/// What has happened: calls and texts, page by page.
impl Engine {
    /// Lines of the call log, the newest last: so many of the last ones, or a [`Page`].
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn past_calls(&self, page: impl Into<Page>) -> Result<Vec<PastCall>, StoreError> {
        let page = page.into();
        self.ask(|reply| Job::PastCalls { page, missed: false, reply }).await
    }

    /// Of such a page only what was with whoever has one of these addresses or numbers, however they are written.
    #[must_use]
    pub fn page_with<'a>(&self, page: impl Into<Page>, whom: impl IntoIterator<Item = &'a str>) -> Page {
        let snapshot = self.snapshot();
        let domains = || snapshot.accounts.iter().filter_map(|account| account.address.reveal().rsplit_once('@'));
        let spellings = |whom: &str| {
            let understood = snapshot.numbering.understand(whom).ok().map(|understood| understood.address);
            let number = match &understood {
                Some(Address::Number(number)) => Some(number.dialled().into_owned()),
                _ => None,
            };
            let at_ours =
                number.iter().flat_map(|number| domains().map(move |(_, domain)| format!("{number}@{domain}"))).collect::<Vec<_>>();
            [whom.to_owned()].into_iter().chain(understood.map(|address| address.canonical().0)).chain(number).chain(at_ours)
        };
        Page { with: whom.into_iter().flat_map(spellings).map(Pii).collect(), ..page.into() }
    }

    /// The same of calls that nobody here took notice of.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn missed_calls(&self, page: impl Into<Page>) -> Result<Vec<PastCall>, StoreError> {
        let page = page.into();
        self.ask(|reply| Job::PastCalls { page, missed: true, reply }).await
    }

    /// One line of the call log, by its number; `None` if it is not there (any more).
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn past_call(&self, number: u64) -> Result<Option<PastCall>, StoreError> {
        self.ask(|reply| Job::PastCall { number, reply }).await
    }

    /// Texts that came or were sent, the newest last: so many of the last ones, or a [`Page`].
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn messages(&self, page: impl Into<Page>) -> Result<Vec<StoredMessage>, StoreError> {
        let page = page.into();
        self.ask(|reply| Job::Messages { page, reply }).await
    }

    /// What has come since the owner looked last.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unseen(&self) -> Result<Unseen, StoreError> {
        self.ask(|reply| Job::Unseen { reply }).await
    }

    /// The owner has looked at the call log up to this line.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn set_calls_seen(&self, up_to: u64) -> Result<(), StoreError> {
        self.ask(|reply| Job::SetSeen { table: Table::Call, up_to, reply }).await
    }

    /// The owner has looked at the texts up to this one.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn set_messages_seen(&self, up_to: MessageId) -> Result<(), StoreError> {
        self.ask(|reply| Job::SetSeen { table: Table::Message, up_to: up_to.0, reply }).await
    }

    /// Forgets one line of the call log with its story, or with `None` all, and overwrites it in the file. How many there were. With its last
    /// call and text, somebody is a stranger again from the next start on.
    ///
    /// # Errors
    /// The store cannot be written, or another program holds on to what was there: it is forgotten then, and not overwritten.
    pub async fn forget_calls(&self, number: Option<u64>) -> Result<usize, StoreError> {
        self.ask(|reply| Job::Forget { table: Table::Call, number, reply }).await
    }

    /// The same for texts.
    ///
    /// # Errors
    /// As for [`Engine::forget_calls`].
    pub async fn forget_messages(&self, message: Option<MessageId>) -> Result<usize, StoreError> {
        let number = message.map(|message| message.0);
        self.ask(|reply| Job::Forget { table: Table::Message, number, reply }).await
    }
}
