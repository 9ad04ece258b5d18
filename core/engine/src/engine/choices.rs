use cooee_phone::probe::person_keys;
use cooee_phone::{AccountId, Address, Choice, NoAddress};

use super::Engine;
use crate::desk::Job;
use crate::{Refused, StoreError};

/// What was chosen for a person is not asked again.
impl Engine {
    /// From now on this person is called from this account, and at this address first; what is `None` stays as it is. Calls for which an
    /// account is named choose it likewise.
    ///
    /// # Errors
    /// There is no such account, or an address is none that something can be chosen for: a bare user is somebody else in each domain.
    pub fn choose(&self, target: &str, account: Option<AccountId>, address: Option<&str>) -> Result<(), Refused> {
        self.running()?;
        if account.is_some_and(|account| self.snapshot().account(account).is_none()) {
            return Err(Refused::NoSuchAccount);
        }
        let person = self.person(target).ok().filter(|person| !person.is_for_help()).ok_or(Refused::BadAddress)?;
        let keys = person_keys(&person);
        let address = address.map(|text| self.person(text).map(called_as)).transpose().map_err(|_| Refused::BadAddress)?;
        if keys.is_empty() {
            return Err(Refused::BadAddress);
        }
        self.desk.put(Job::KeepChoice { person: keys, choice: Choice { account, address: address.map(|address| address.canonical()) } });
        Ok(())
    }

    /// Nothing is chosen for this person any more. Whether something was; inside, why it is no address.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn forget_choice(&self, target: &str) -> Result<Result<bool, NoAddress>, StoreError> {
        match self.person(target) {
            Ok(person) => Ok(Ok(self.ask(|reply| Job::ForgetChoice { person: person_keys(&person), reply }).await?)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// A call for which an account was named; what cannot be remembered is not.
    pub(super) fn note_choice(&self, target: &str, account: AccountId) {
        if let Err(refused) = self.choose(target, Some(account), None) {
            tracing::debug!(%refused, "from which account somebody is called is not remembered");
        }
    }

    pub(super) fn person(&self, text: &str) -> Result<Address, NoAddress> {
        self.snapshot().numbering.understand(text).map(|understood| understood.address)
    }
}

/// Routes name a protocol: a mailbox is called by SIP.
fn called_as(address: Address) -> Address {
    match &address {
        Address::Mailbox(mailbox) => mailbox.sip().map_or(address, Address::Sip),
        _ => address,
    }
}
