use std::collections::BTreeSet;
use std::sync::Arc;

use cooee_phone::Address;
use cooee_phone::probe::{ProbeCommand, Reach};
use tokio::sync::oneshot;

use super::Engine;
use crate::desk::{Desk, Job, Known};
use crate::prober::{ProberFeed, ProberThread};
use crate::{Asked, Refused, StoreError, Stored, Trouble};

/// The book of an engine, to be set when the contacts change. It does not keep the engine running.
#[derive(Clone)]
pub struct Book {
    prober: Arc<ProberThread>,
    desk: Desk,
}

impl Book {
    /// As [`Engine::set_book`].
    ///
    /// # Errors
    /// The engine is ending, or the system has no room for another thread.
    pub fn set(&self, domains: BTreeSet<String>) -> Result<(), Refused> {
        self.prober.send(ProberFeed::Book(domains))
    }

    /// As [`Engine::set_people`].
    pub fn set_people(&self, addresses: Vec<Address>) {
        self.desk.put(Job::People(addresses));
    }
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Book")
    }
}

/// Which contacts can be called, and what that tells whom.
impl Engine {
    /// The domains of the user's contacts from now on, in ASCII and lower case. They are not kept. With a resolver that nobody reads
    /// along with, they are asked about in the background, a few a day.
    ///
    /// # Errors
    /// The engine is ending, or the system has no room for another thread.
    pub fn set_book(&self, domains: BTreeSet<String>) -> Result<(), Refused> {
        self.prober.send(ProberFeed::Book(domains))
    }

    /// For whoever watches where the contacts are, and does not have the engine at hand.
    #[must_use]
    pub fn book(&self) -> Book {
        Book { prober: Arc::clone(&self.prober), desk: self.desk.clone() }
    }

    /// Asks now about all domains of the book that are not fresh. [`crate::EngineEvent::Probed`] follows.
    ///
    /// # Errors
    /// As above.
    pub fn probe(&self) -> Result<(), Refused> {
        self.prober.send(ProberFeed::Command(ProbeCommand::Probe))
    }

    /// Stops that; what was found is kept. [`crate::EngineEvent::Probed`] follows.
    ///
    /// # Errors
    /// As above.
    pub fn stop_probing(&self) -> Result<(), Refused> {
        self.prober.send(ProberFeed::Command(ProbeCommand::Stop))
    }

    /// What is known of these addresses, in their order. Nobody is asked.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn reach(&self, addresses: &[Address]) -> Result<Vec<Reach>, StoreError> {
        Ok(self.remembered(None, addresses).await?.reach)
    }

    /// The same for addresses as people write them; of what is none, nothing is known.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn reach_written(&self, written: &[String]) -> Result<Vec<Reach>, StoreError> {
        let understood: Vec<Option<Address>> = written.iter().map(|text| self.person(text).ok()).collect();
        let addresses: Vec<Address> = understood.iter().flatten().cloned().collect();
        let mut known = self.reach(&addresses).await?.into_iter();
        Ok(understood.into_iter().map(|address| address.and_then(|_| known.next()).unwrap_or_default()).collect())
    }

    /// The domains that addresses name, as people write them: what [`Engine::set_book`] takes.
    #[must_use]
    pub fn domains_written(&self, written: &[String]) -> BTreeSet<String> {
        written.iter().filter_map(|text| self.person(text).ok()?.domain().map(str::to_owned)).collect()
    }

    /// Those of these texts that are addresses: what [`Engine::set_contacts`] takes.
    #[must_use]
    pub fn addresses_written(&self, written: &[String]) -> Vec<Address> {
        written.iter().filter_map(|text| self.person(text).ok()).collect()
    }

    /// What is known of addresses, and what was chosen for who is dialled, if anybody is.
    pub(super) async fn remembered(&self, dialled: Option<&Address>, addresses: &[Address]) -> Result<Known, StoreError> {
        let (dialled, addresses) = (dialled.cloned().map(Box::new), addresses.to_vec());
        self.ask(|reply| Job::Known { dialled, addresses, reply }).await
    }

    /// Who was asked what kind of thing in the last 30 days, the newest last.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn asked(&self) -> Result<Vec<Asked>, StoreError> {
        self.ask(|reply| Job::AskedLately { reply }).await
    }

    /// How much is stored.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn stored(&self) -> Result<Stored, StoreError> {
        self.ask(|reply| Job::Stored { reply }).await
    }

    /// Forgets what is known of contacts, whom was asked, and the key to both.
    ///
    /// # Errors
    /// The store cannot be written, or the platform keeps the key.
    pub async fn wipe_contacts(&self) -> Result<(), Trouble> {
        let (reply, answer) = oneshot::channel();
        self.desk.put(Job::WipeContacts { reply });
        answer.await.unwrap_or(Err(Trouble::Store(StoreError::Closed)))
    }
}
