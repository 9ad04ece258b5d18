use cooee_phone::Address;
use cooee_phone::probe::person_keys;

use super::Engine;
use crate::desk::Job;
use crate::{Refused, StoreError};

/// Who may be asked whether they are there (OPTIONS): whom the owner has called or marked.
impl Engine {
    /// The addresses of the user's contacts from now on; they are not kept. Of these, whoever was called or is marked may be asked, a few a
    /// day, over the user's own account and by TLS. Said again from time to time, it takes note of whom was called since. The calls of all
    /// of them ring aloud, as after [`Engine::set_contacts`].
    pub fn set_people(&self, addresses: Vec<Address>) {
        self.desk.put(Job::People(addresses));
    }

    /// From now on this person may be asked though never called, or (`wanted` false) is not asked even though called.
    ///
    /// # Errors
    /// It is no address of somebody in particular, or of a kind that cannot be asked: people are asked by SIP.
    pub fn mark(&self, target: &str, wanted: bool) -> Result<(), Refused> {
        self.running()?;
        let person = self.person(target).map_err(|_| Refused::BadAddress)?;
        if !matches!(person, Address::Sip(_) | Address::Mailbox(_)) {
            return Err(Refused::BadAddress);
        }
        self.desk.put(Job::KeepMark { person: person_keys(&person), wanted });
        Ok(())
    }

    /// What was said of each of these, in their order; `None` where nothing was.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn marks(&self, addresses: &[Address]) -> Result<Vec<Option<bool>>, StoreError> {
        let addresses = addresses.to_vec();
        self.ask(|reply| Job::Marks { addresses, reply }).await
    }
}
