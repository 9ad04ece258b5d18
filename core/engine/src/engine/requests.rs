use cooee_phone::{Address, BlockRule, Command, WhoRings};

use super::Engine;
use crate::desk::{Job, WHO_RINGS};
use crate::{PastRequest, Refused, StoreError};

/// People whom the owner does not know: their calls make no sound, and ask to be let through.
impl Engine {
    /// From now on, calls of these ring aloud; those of others are requests. Kept, and also works offline.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_who_rings(&self, who: WhoRings) -> Result<(), Refused> {
        self.change_rules(|snapshot| {
            snapshot.who_rings = who;
            Ok((Job::Remember { name: WHO_RINGS, value: Some(who.as_str()) }, Command::SetWhoRings(who)))
        })
    }

    /// Who asked to be let through, and was neither answered nor called, written to, allowed or blocked since; the last one last, at
    /// most 100.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn requests(&self) -> Result<Vec<PastRequest>, StoreError> {
        self.ask(|reply| Job::Requests { reply }).await
    }

    /// Lets somebody through: their calls ring at any time, and one that asks just now does. Who was blocked is no more.
    ///
    /// # Errors
    /// It is no address, or the list of who is allowed is full.
    pub fn accept_request(&self, whom: &str) -> Result<BlockRule, Refused> {
        let rule = self.allow(whom)?;
        match self.unblock(whom) {
            Ok(_) | Err(Refused::NotBlocked) => Ok(rule),
            Err(refused) => Err(refused),
        }
    }

    /// Takes no calls and texts of somebody.
    ///
    /// # Errors
    /// It is no address, or the list of who is blocked is full.
    pub fn refuse_request(&self, whom: &str) -> Result<BlockRule, Refused> {
        let rule = self.block(whom)?;
        match self.disallow(whom) {
            Ok(_) | Err(Refused::NotAllowed) => Ok(rule),
            Err(refused) => Err(refused),
        }
    }

    /// The addresses of the owner's contacts from now on: their calls ring aloud. They are not kept, and no matter offline.
    ///
    /// # Errors
    /// The engine is ending.
    pub fn set_contacts(&self, addresses: Vec<Address>) -> Result<(), Refused> {
        match self.command(Command::SetContacts(addresses)) {
            Err(Refused::Offline) => Ok(()),
            done => done,
        }
    }
}
