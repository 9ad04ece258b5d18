//! What is known of contacts: read and kept by hashes whose key is a secret of the platform's.

use cooee_machine::{Pii, Secret};
use cooee_net::{now, seed};
use cooee_phone::probe::{Answered, Finding, Source};

use super::Note;
use super::work::Work;
use crate::prober::Questions;
use crate::store::ContactKey;
use crate::{EngineEvent, SecretName, StoreError, Trouble};

impl<F: FnMut(Note)> Work<F> {
    /// The key; made when first needed. `None`: the platform does not keep it, and the owner has been told.
    async fn contact_key(&mut self) -> Option<ContactKey> {
        if self.key.is_none() {
            match self.find_or_make_key().await {
                Ok(secret) => self.key = Some(ContactKey::new(&secret)),
                Err(trouble) => (self.tell)(Note::Event(EngineEvent::Trouble(trouble))),
            }
        }
        self.key.clone()
    }

    async fn find_or_make_key(&self) -> Result<Secret, Trouble> {
        let name = SecretName::contacts();
        if let Some(secret) = self.platform.within(|platform| platform.secret(&name)).await? {
            return Ok(secret);
        }
        let mut octets = [0_u8; 32];
        seed().map_err(crate::PlatformError::System)?.fill(&mut octets);
        let secret = Secret::new(octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>());
        self.platform.within(|platform| platform.keep_secret(&name, &secret)).await?;
        Ok(secret)
    }

    pub(super) async fn findings(&mut self, domains: Vec<String>) -> Result<Vec<(String, Finding)>, StoreError> {
        let Some(key) = self.contact_key().await else { return Ok(Vec::new()) };
        self.store.findings(&key, domains)
    }

    pub(super) async fn keep_findings(&mut self, mut findings: Vec<(String, Finding)>) {
        // What our own list says is looked up there each time: it changes with the version.
        findings.retain(|(_, finding)| finding.source == Source::Dns);
        if findings.is_empty() {
            return;
        }
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_findings(&key, &findings);
            self.kept(kept);
        }
    }

    pub(super) async fn answered(&mut self, addresses: &[Pii<String>]) -> Result<Vec<Option<Answered>>, StoreError> {
        let Some(key) = self.contact_key().await else { return Ok(vec![None; addresses.len()]) };
        self.store.answered(&key, addresses)
    }

    pub(super) async fn keep_answered(&mut self, address: &Pii<String>, answered: Answered) {
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_answered(&key, address, answered);
            self.kept(kept);
        }
    }

    pub(super) fn note_asked(&mut self, asked: Questions) {
        for (what, times) in asked {
            *self.asked.entry(what).or_default() += times;
        }
    }

    /// Writes what was noted since the last time, all at once.
    pub(super) fn write_asked(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let asked: Vec<(String, String, u64)> =
            std::mem::take(&mut self.asked).into_iter().map(|((whom, kind), times)| (whom, kind, times)).collect();
        let noted = self.store.note_asked(now().unix, &asked);
        self.kept(noted);
    }

    /// With the key, what may be left of the hashes anywhere says nothing any more.
    pub(super) async fn wipe_contacts(&mut self) -> Result<(), Trouble> {
        self.asked.clear();
        self.store.wipe_contacts()?;
        self.key = None;
        let name = SecretName::contacts();
        Ok(self.platform.within(|platform| platform.forget_secret(&name)).await?)
    }
}
