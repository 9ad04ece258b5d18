//! Who may be asked whether they are there: of the contacts, read where they are, those whom the owner has called or marked.

use cooee_machine::Pii;
use cooee_phone::probe::{Published, person_keys};
use cooee_phone::{Address, Command, Inquiry, Person};

use super::Note;
use super::work::Work;
use crate::store::{Chosen, ContactKey, Kind, person};
use crate::{EngineEvent, StoreError};

impl<F: FnMut(Note)> Work<F> {
    pub(super) async fn keep_mark(&mut self, person: &[Pii<String>], wanted: bool) {
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_mark(&key, person, wanted);
            self.kept(kept);
        }
    }

    pub(super) async fn marks(&mut self, addresses: &[Address]) -> Result<Vec<Option<bool>>, StoreError> {
        let Some(key) = self.contact_key().await else { return Ok(vec![None; addresses.len()]) };
        let chosen = self.store.chosen()?;
        Ok(addresses.iter().map(|address| chosen.mark(&key, address)).collect())
    }

    pub(super) async fn keep_inquiry(&mut self, person: &Pii<String>, inquiry: Inquiry) {
        if let Some(key) = self.contact_key().await {
            let kept = self.store.keep_inquiry(&key, person, inquiry);
            self.kept(kept);
        }
    }

    /// Tells the phone that these are the owner's contacts and whom of them it may ask, and looks at the device: nobody is asked while its battery is low.
    pub(super) async fn tell_people(&mut self, addresses: Vec<Address>) {
        self.platform.0.look();
        (self.tell)(Note::Command(Command::SetContacts(addresses.clone())));
        match self.people(addresses).await {
            Ok(people) => (self.tell)(Note::Command(Command::SetPeople(people))),
            Err(error) => (self.tell)(Note::Event(EngineEvent::Trouble(error.into()))),
        }
    }

    async fn people(&mut self, addresses: Vec<Address>) -> Result<Vec<Person>, StoreError> {
        let Some(key) = self.contact_key().await else { return Ok(Vec::new()) };
        let chosen = self.store.chosen()?;
        let addresses: Vec<Address> = addresses.iter().filter_map(called).filter(|address| chosen.allows(&key, address)).collect();
        let reach = self.known(None, &addresses).await?.reach;
        let mut people = Vec::new();
        for (address, reach) in addresses.into_iter().zip(reach) {
            // Nobody is there by the word of the domain itself.
            if reach.domain.is_some_and(|finding| finding.published == Published::Refuses) {
                continue;
            }
            let account = self.store.choice(&key, &person_keys(&address), &[])?.account;
            people.push(Person { address, account, answered: reach.answered.map(|answered| answered.when), inquiry: reach.inquiry });
        }
        Ok(people)
    }
}

/// People are asked by SIP.
fn called(address: &Address) -> Option<Address> {
    match address {
        Address::Sip(sip) => Some(Address::Sip(sip.clone())),
        Address::Mailbox(mailbox) => mailbox.sip().map(Address::Sip),
        _ => None,
    }
}

impl Chosen {
    fn mark(&self, key: &ContactKey, address: &Address) -> Option<bool> {
        person_keys(address).iter().find_map(|name| self.marks.get(&key.hash(Kind::Person, name.reveal())).copied())
    }

    /// Whether the owner wants somebody asked, or has called and not said otherwise.
    fn allows(&self, key: &ContactKey, address: &Address) -> bool {
        let name = address.canonical();
        let is_called =
            || self.answered.contains(&key.hash(Kind::Person, name.reveal())) || self.called.contains(&person(name.reveal(), ""));
        self.mark(key, address).unwrap_or_else(is_called)
    }
}
