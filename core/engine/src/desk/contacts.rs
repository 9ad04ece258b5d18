//! What is known of contacts: read and kept by hashes whose key is a secret of the platform's.

use std::collections::{BTreeMap, BTreeSet};

use cooee_call::CallId;
use cooee_machine::{Pii, Secret};
use cooee_net::{now, seed};
use cooee_phone::probe::{Answered, Finding, Reach, Source, person_keys};
use cooee_phone::{Address, Choice, Command, Recalled};

use super::work::Work;
use super::{Known, Note};
use crate::prober::Questions;
use crate::store::ContactKey;
use crate::{EngineEvent, SecretName, StoreError, Trouble};

impl<F: FnMut(Note)> Work<F> {
    /// The key; made when first needed. `None`: the platform does not keep it, and the owner has been told.
    pub(super) async fn contact_key(&mut self) -> Option<ContactKey> {
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
        let secret = Secret::new(cooee_machine::hexadecimal(&octets));
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

    /// What is known of addresses, and what was chosen for who is dialled, if anybody is.
    pub(super) async fn known(&mut self, dialled: Option<&Address>, addresses: &[Address]) -> Result<Known, StoreError> {
        let keys: Vec<Vec<Pii<String>>> = addresses.iter().map(person_keys).collect();
        let canonical: Vec<Pii<String>> = addresses.iter().map(Address::canonical).collect();
        let domains: BTreeSet<&str> = addresses.iter().filter_map(Address::domain).collect();
        let (mut found, mut answered, mut asked, mut choice) = (BTreeMap::new(), Vec::new(), Vec::new(), Choice::default());
        if let Some(key) = self.contact_key().await {
            found.extend(self.store.findings(&key, domains.into_iter().map(str::to_owned).collect())?);
            answered = self.store.answered(&key, &keys.concat())?;
            asked = self.store.inquiries(&key, &keys.concat())?;
            if let Some(dialled) = dialled {
                choice = self.store.choice(&key, &person_keys(dialled), &canonical)?;
            }
        }
        let (mut answered, mut asked) = (answered.into_iter(), asked.into_iter());
        let reach = addresses.iter().zip(&keys).map(|(address, keys)| {
            let last = answered.by_ref().take(keys.len()).flatten().max_by_key(|answered| answered.when);
            let inquiry = asked.by_ref().take(keys.len()).flatten().max_by_key(|inquiry| inquiry.asked);
            let domain = address.domain().and_then(|domain| found.get(domain).cloned().or_else(|| Finding::known_provider(domain)));
            Reach::new(address, domain, last, inquiry)
        });
        Ok(Known { reach: reach.collect(), choice })
    }

    /// The same for a call that waits for it. A store that cannot be read holds no call up.
    pub(super) async fn recall(&mut self, call: CallId, dialled: &Address, addresses: &[Address]) {
        match self.known(Some(dialled), addresses).await {
            Ok(Known { reach, choice }) => (self.tell)(Note::Recalled(Recalled { call, choice, reach })),
            Err(error) => (self.tell)(Note::Event(EngineEvent::Trouble(error.into()))),
        }
    }

    pub(super) async fn keep_choice(&mut self, person: &[Pii<String>], choice: &Choice) {
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_choice(&key, person, choice);
            self.kept(kept);
        }
    }

    pub(super) async fn forget_choice(&mut self, person: &[Pii<String>]) -> Result<bool, StoreError> {
        let Some(key) = self.contact_key().await else { return Ok(false) };
        self.store.forget_choice(&key, person)
    }

    pub(super) async fn keep_answered(&mut self, person: &Pii<String>, answered: Answered) {
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_answered(&key, person, answered);
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
        self.key = None;
        (self.tell)(Note::Command(Command::SetPeople(Vec::new())));
        // First the key: a phone that runs beside this asks for it anew when it notices that the store has changed.
        let name = SecretName::contacts();
        self.platform.within(|platform| platform.forget_secret(&name)).await?;
        Ok(self.store.wipe_contacts()?)
    }
}
