//! The thread for everything that may take its time: the store and the platform. Jobs are done in order, one at a time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::LogEntry;
use cooee_machine::{Pii, Secret};
use cooee_net::{Trust, now, seed};
use cooee_phone::AccountId;
use tokio::sync::{mpsc, oneshot};

use crate::store::Store;
use crate::{
    EngineEvent, Lent, NewAccount, PastCall, Platform, PlatformError, Roots, SecretName, StartError, StoreError, StoreLocation,
    StoredAccount, Trouble,
};

/// The setting that names this device for ever (RFC 5626 4.1).
const INSTANCE: &str = "instance";

/// What the desk is asked to do.
pub(crate) enum Job {
    Add {
        id: AccountId,
        account: Box<NewAccount>,
    },
    Remove(AccountId),
    Log {
        account: Pii<String>,
        entry: Box<LogEntry>,
    },
    PastCalls {
        most: u32,
        reply: oneshot::Sender<Result<Vec<PastCall>, StoreError>>,
    },
    Accounts {
        reply: oneshot::Sender<Result<Vec<StoredAccount>, StoreError>>,
    },
    Setting {
        name: String,
        reply: oneshot::Sender<Result<Option<String>, StoreError>>,
    },
    SetSetting {
        name: String,
        value: Option<String>,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    WakeAt {
        boot_time: Option<Duration>,
        slack: Duration,
    },
    Awake(bool),
    /// The last one.
    Close,
}

/// What the desk tells.
pub(crate) enum Note {
    /// An account is stored, its password kept.
    Added { account: StoredAccount, password: Secret },
    /// An account is forgotten.
    Removed(AccountId),
    /// For the owner.
    Event(EngineEvent),
}

/// What was stored when the desk opened.
pub(crate) struct Opened {
    pub(crate) accounts: Vec<(StoredAccount, Result<Secret, Trouble>)>,
    pub(crate) last_account: u64,
    pub(crate) instance: String,
    pub(crate) roots: Trust,
}

/// The desk's handle.
#[derive(Clone)]
pub(crate) struct Desk(mpsc::UnboundedSender<Job>);

impl Desk {
    /// Opens the store and asks the platform for what is needed at once; then works until [`Job::Close`].
    pub(crate) async fn open(
        location: StoreLocation,
        platform: Lender,
        tell: impl FnMut(Note) + Send + 'static,
    ) -> Result<(Self, Opened), StartError> {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let (ready, opened) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("cooee-desk".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match Work::begin(&location, platform, tell).await {
                    Ok((work, opened)) => {
                        if ready.send(Ok(opened)).is_ok() {
                            work.run(inbox).await;
                        }
                    }
                    // Whoever started us has gone.
                    Err(error) => _ = ready.send(Err(error)),
                }
            });
        })?;
        let opened = opened.await.map_err(|_| io::Error::other("the desk's thread ended at once"))??;
        Ok((Self(jobs), opened))
    }

    /// Puts a job on the desk. Never blocks; after the end it is not done.
    pub(crate) fn put(&self, job: Job) {
        if self.0.send(job).is_err() {
            tracing::debug!("a job came after the desk was closed");
        }
    }
}

struct Work<F> {
    store: Store,
    platform: Lender,
    tell: F,
}

impl<F: FnMut(Note)> Work<F> {
    async fn begin(location: &StoreLocation, platform: Lender, tell: F) -> Result<(Self, Opened), StartError> {
        let mut store = Store::open(location)?;
        let roots = match platform.within(|platform| platform.trust_roots()).await? {
            Roots::System => Trust::system(),
            Roots::Only(roots) => Trust::nobody().with_der(roots),
        };
        let instance = match store.setting(INSTANCE)? {
            Some(instance) => instance,
            None => {
                let fresh = uuid_urn()?;
                store.set_setting(INSTANCE, Some(&fresh))?;
                fresh
            }
        };
        let mut accounts = Vec::new();
        for account in store.accounts()? {
            let password = match platform.password(account.id).await {
                Ok(Some(password)) => Ok(password),
                Ok(None) => Err(Trouble::NoPassword),
                Err(error) => Err(error.into()),
            };
            accounts.push((account, password));
        }
        let last_account = store.last_account()?;
        Ok((Self { store, platform, tell }, Opened { accounts, last_account, instance, roots }))
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Job>) {
        while let Some(job) = inbox.recv().await {
            match job {
                Job::Add { id, account } => self.add(id, &account).await,
                Job::Remove(id) => self.remove(id).await,
                Job::Log { account, entry } => {
                    let line = PastCall::new(account, &entry.call, &entry.reason);
                    if let Err(error) = self.store.log_call(&line) {
                        (self.tell)(Note::Event(EngineEvent::Trouble(error.into())));
                    }
                }
                // Whoever asked may have gone meanwhile.
                Job::PastCalls { most, reply } => _ = reply.send(self.store.past_calls(most)),
                Job::Accounts { reply } => _ = reply.send(self.store.accounts()),
                Job::Setting { name, reply } => _ = reply.send(self.store.setting(&name)),
                Job::SetSetting { name, value, reply } => _ = reply.send(self.store.set_setting(&name, value.as_deref())),
                Job::WakeAt { boot_time, slack } => self.platform.0.wake_at(boot_time, slack),
                Job::Awake(awake) => self.platform.0.awake(awake),
                Job::Close => break,
            }
        }
        if let Err(error) = self.store.close() {
            (self.tell)(Note::Event(EngineEvent::Trouble(error.into())));
        }
    }

    /// First the password, then the account: an account without one would be of no use.
    async fn add(&mut self, id: AccountId, account: &NewAccount) {
        let name = SecretName::password(id);
        let stored = StoredAccount::new(id, account, now().unix);
        let kept = match self.platform.within(|platform| platform.keep_secret(&name, &account.password)).await {
            Ok(()) => self.store.add_account(&stored).map_err(Trouble::from),
            Err(error) => Err(error.into()),
        };
        match kept {
            Ok(()) => (self.tell)(Note::Added { account: stored, password: account.password.clone() }),
            Err(trouble) => {
                if let Err(error) = self.platform.within(|platform| platform.forget_secret(&name)).await {
                    tracing::warn!(%error, "the password of an account that could not be added stays behind");
                }
                (self.tell)(Note::Removed(id));
                (self.tell)(Note::Event(EngineEvent::AccountFailed { account: id, trouble }));
            }
        }
    }

    async fn remove(&mut self, id: AccountId) {
        let removed = match self.store.remove_account(id) {
            Ok(()) => {
                let name = SecretName::password(id);
                self.platform.within(|platform| platform.forget_secret(&name)).await.map_err(Trouble::from)
            }
            Err(error) => Err(error.into()),
        };
        match removed {
            Ok(()) => {
                (self.tell)(Note::Removed(id));
                (self.tell)(Note::Event(EngineEvent::AccountRemoved(id)));
            }
            Err(trouble) => (self.tell)(Note::Event(EngineEvent::AccountFailed { account: id, trouble })),
        }
    }
}

/// The platform, and how long it may take to answer.
pub(crate) struct Lender(pub(crate) Arc<dyn Platform>, pub(crate) Duration);

impl Lender {
    async fn within<'a, T>(&'a self, ask: impl FnOnce(&'a dyn Platform) -> Lent<'a, T>) -> Result<T, PlatformError> {
        tokio::time::timeout(self.1, ask(self.0.as_ref())).await.unwrap_or(Err(PlatformError::Timeout))
    }

    async fn password(&self, account: AccountId) -> Result<Option<Secret>, PlatformError> {
        let name = SecretName::password(account);
        tokio::time::timeout(self.1, self.0.secret(&name)).await.unwrap_or(Err(PlatformError::Timeout))
    }
}

/// A random UUID as a URN (RFC 9562 5.4).
fn uuid_urn() -> io::Result<String> {
    let mut octets = [0; 16];
    seed()?.fill(&mut octets);
    let number = u128::from_be_bytes(octets);
    let version_4 = number & !(0xf000 << 64) | 0x4000 << 64;
    let variant = version_4 & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{variant:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    Ok(format!("urn:uuid:{}", parts.join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_a_random_uuid() {
        let (one, other) = (uuid_urn().unwrap(), uuid_urn().unwrap());
        assert_ne!(one, other);
        let uuid = one.strip_prefix("urn:uuid:").unwrap();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    }
}
