use std::sync::Arc;

use cooee_phone::AccountId;

use super::{Phone, bounded};
use crate::door::guarded;
use crate::{AddressReach, Refused, Understanding};

#[uniffi::export]
impl Phone {
    /// What a text means and what calling it would do, while it is being typed. Nobody is asked anything. `seq` comes back with the
    /// answer, so that one to an older text can be dropped.
    ///
    /// # Errors
    /// What is stored cannot be read.
    pub async fn understand(&self, text: String, seq: u64) -> Result<Understanding, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(Understanding::new(seq, engine.explain(&text, None, false).await?)) }).await
    }

    /// What is known of these addresses, in their order, at most 100. What is no address is unknown. Nobody is asked anything.
    ///
    /// # Errors
    /// There are more, or what is stored cannot be read.
    pub async fn reach(&self, addresses: Vec<String>) -> Result<Vec<AddressReach>, Refused> {
        bounded(addresses.len())?;
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.reach_written(&addresses).await?.iter().map(AddressReach::from).collect()) }).await
    }

    /// The addresses of the owner's contacts from now on; none is kept. Their calls ring. Of their domains, a resolver that nobody reads
    /// along with is asked in the background, a few a day.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn set_contacts(&self, addresses: Vec<String>) -> Result<(), Refused> {
        guarded(|| {
            self.engine.set_contacts(self.engine.addresses_written(&addresses))?;
            Ok(self.engine.set_book(self.engine.domains_written(&addresses))?)
        })
    }

    /// Asks now about all domains of the contacts that are not fresh. [`Event::Probing`](crate::Event::Probing) and
    /// [`Event::Probed`](crate::Event::Probed) follow.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn probe(&self) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.probe()?))
    }

    /// Stops that; what was found is kept.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn stop_probing(&self) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.stop_probing()?))
    }

    /// From now on this person is called from this account, and at this address first; what is left out stays as it is.
    ///
    /// # Errors
    /// There is no such account, or an address is none that something can be chosen for.
    #[uniffi::method(default(account = None, address = None))]
    pub fn choose(&self, target: String, account: Option<u64>, address: Option<String>) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.choose(&target, account.map(AccountId), address.as_deref())?)))
    }

    /// Nothing is chosen for this person any more. Whether something was.
    ///
    /// # Errors
    /// It is no address, or what is stored cannot be written.
    pub async fn forget_choice(&self, target: String) -> Result<bool, Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { engine.forget_choice(&target).await?.map_err(|_| Refused::BadAddress) }).await)
    }

    /// Forgets what is known of contacts, whom was asked, and the key to both.
    ///
    /// # Errors
    /// What is stored cannot be written, or the platform keeps the key.
    pub async fn wipe_contacts(&self) -> Result<(), Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(
            self.room
                .run(async move {
                    engine.wipe_contacts().await.map_err(|trouble| {
                        tracing::warn!(%trouble, "what is known of contacts was not wiped");
                        Refused::Storage
                    })
                })
                .await,
        )
    }

    /// Keeps a short text, of 1 to 900 octets, and sends it. Its id; [`Event::MessageDelivered`](crate::Event::MessageDelivered) or
    /// [`Event::MessageFailed`](crate::Event::MessageFailed) follows.
    ///
    /// # Errors
    /// There is no account, nothing is written, or too much.
    #[uniffi::method(default(account = None))]
    pub async fn send_message(&self, target: String, text: String, account: Option<u64>) -> Result<u64, Refused> {
        let engine = Arc::clone(&self.engine);
        self.of_people(self.room.run(async move { Ok(engine.send_message(&target, account.map(AccountId), &text).await?.0) }).await)
    }

    /// Takes no more calls and messages of `ben@example.org`, or of everybody at `example.org`.
    ///
    /// # Errors
    /// It is no address and no domain, or the list is full.
    pub fn block(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.block(&whom).map(|_| ())?)))
    }

    /// Takes them again.
    ///
    /// # Errors
    /// It is no address and no domain, or is not blocked.
    pub fn unblock(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.unblock(&whom).map(|_| ())?)))
    }

    /// Lets calls of this address or domain ring although no call is to.
    ///
    /// # Errors
    /// It is no address and no domain, or the list is full.
    pub fn allow(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.allow(&whom).map(|_| ())?)))
    }

    /// No longer.
    ///
    /// # Errors
    /// It is no address and no domain, or is not allowed.
    pub fn disallow(&self, whom: String) -> Result<(), Refused> {
        self.of_people(guarded(|| Ok(self.engine.disallow(&whom).map(|_| ())?)))
    }

    /// From now on calls, those that go on too, take little data: at most 20 kbit/s each way with all headers (over IPv4), as far as the
    /// other phone goes along; or as much as is good again.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn set_low_data(&self, on: bool) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.set_low_data(on)?))
    }

    /// From now on no call rings but of who is allowed, or they ring again.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn set_do_not_disturb(&self, on: bool) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.set_do_not_disturb(on)?))
    }

    /// Whether calls of who withholds an address are refused.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn set_reject_anonymous(&self, on: bool) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.set_reject_anonymous(on)?))
    }
}
