use std::sync::Arc;
use std::time::Duration;

use cooee_phone::AccountId;

use super::Phone;
use crate::door::guarded;
use crate::{CallRequest, Refused, WhoRings};

#[uniffi::export]
impl Phone {
    /// Who asked to be let through, and was neither answered nor called, written to, allowed or blocked since; the last one last, at
    /// most 100.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn requests(&self) -> Result<Vec<CallRequest>, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.requests().await?.into_iter().map(CallRequest::from).collect()) }).await
    }

    /// Lets somebody through: their calls ring at any time, and one that asks just now does. Who was blocked is no more.
    ///
    /// # Errors
    /// It is no address, or the list of who is allowed is full.
    pub fn accept_request(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.accept_request(&whom).map(|_| ())?)))
    }

    /// Takes no calls and texts of somebody.
    ///
    /// # Errors
    /// It is no address, or the list of who is blocked is full.
    pub fn refuse_request(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.refuse_request(&whom).map(|_| ())?)))
    }

    /// Whose calls ring aloud from now on.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn set_who_rings(&self, who: WhoRings) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.set_who_rings(who.into())?))
    }

    /// Calls the account's own address, to see whether it rings: after this time, if its server can wait (240 s at most), else at once.
    /// `account`: which; else the first that works. [`Event::RingTested`](crate::Event::RingTested) follows; a test that is under way is given up.
    ///
    /// # Errors
    /// There is no account.
    #[uniffi::method(default(account = None))]
    pub fn test_ringing(&self, after: Duration, account: Option<u64>) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.test_ringing(account.map(AccountId), after).map(|_| ())?))
    }
}
