//! The thread for everything that may take its time: the store and the platform. Jobs are done in order, one at a time.

mod change;
mod contacts;
mod identity;
mod job;
mod look;
mod people;
mod watch;
mod work;

pub(crate) use job::{Job, Known, Note, Opened, Rules};

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use cooee_call::{CallDirection, CallId, Milestone};
use cooee_machine::Secret;
use cooee_phone::{AccountId, Region};
use tokio::sync::{mpsc, oneshot};

use crate::{Lent, PastCall, Platform, PlatformError, SecretName, StartError, StoreLocation};
use watch::Watch;
use work::Work;

/// Settings that the engine itself knows.
pub(crate) const DO_NOT_DISTURB: &str = "do-not-disturb";
pub(crate) const LOW_DATA: &str = "low-data";
pub(crate) const REJECT_ANONYMOUS: &str = "reject-anonymous";
pub(crate) const WHO_RINGS: &str = "who-rings";

/// With so many jobs waiting, texts that come and calls that nobody answers are no longer kept one by one.
const CROWDED: usize = 1024;

/// The desk's handle.
#[derive(Clone)]
pub(crate) struct Desk {
    jobs: mpsc::UnboundedSender<Job>,
    load: Arc<Load>,
}

/// What was said with the start, and holds whatever is stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// Where the owner telephones from.
    pub(crate) telephones_from: Option<Region>,
    /// Data is dear.
    pub(crate) low_data: bool,
    /// This is a device of its own that nobody remembers.
    pub(crate) passing: bool,
}

/// How much the desk has to do.
#[derive(Default)]
struct Load {
    /// Jobs that wait.
    waiting: AtomicUsize,
    /// Calls that nobody answered and that came faster than they could be logged.
    unlogged: AtomicU32,
}

impl Load {
    fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= CROWDED
    }
}

impl Desk {
    /// Opens the store and asks the platform for what is needed at once; then works until [`Job::Close`].
    pub(crate) async fn open(
        location: StoreLocation,
        platform: Lender,
        said: Said,
        tell: impl FnMut(Note) + Send + 'static,
    ) -> Result<(Self, Opened), StartError> {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let (ready, opened) = oneshot::channel();
        let load = Arc::new(Load::default());
        let count = Arc::clone(&load);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        std::thread::Builder::new().name("cooee-desk".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match Work::begin(&location, platform, said, tell, count).await {
                    Ok((work, opened)) => {
                        if ready.send(Ok(opened)).is_ok() {
                            work.run(inbox, Watch::new(&location)).await;
                        }
                    }
                    // Whoever started us has gone.
                    Err(error) => _ = ready.send(Err(error)),
                }
            });
        })?;
        let opened = opened.await.map_err(|_| io::Error::other("the desk's thread ended at once"))??;
        Ok((Self { jobs, load }, opened))
    }

    /// Puts a job on the desk. Never blocks; after the end it is not done.
    pub(crate) fn put(&self, job: Job) {
        self.load.waiting.fetch_add(1, Ordering::Relaxed);
        if self.jobs.send(job).is_err() {
            tracing::debug!("a job came after the desk was closed");
        }
    }

    /// More waits than can be worked off soon.
    pub(crate) fn is_crowded(&self) -> bool {
        self.load.is_crowded()
    }

    /// Puts a line of the call log on the desk. Of calls that nobody answered, and that come faster than they can be kept, only the
    /// number is kept, as one line; unless it stands among the open ones (`is_open`).
    pub(crate) fn log(&self, call: CallId, line: PastCall, is_open: bool) {
        let is_wanted = line.direction == CallDirection::Outgoing || line.step(Milestone::Answered).is_some();
        if self.is_crowded() && !is_wanted && !is_open {
            self.load.unlogged.fetch_add(1, Ordering::Relaxed);
        } else {
            self.put(Job::Log { call: Some(call), is_open, line: Box::new(line) });
        }
    }
}

/// The platform, and how long it may take to answer.
pub(crate) struct Lender(pub(crate) Arc<dyn Platform>, pub(crate) Duration);

impl Lender {
    pub(crate) async fn within<'a, T>(&'a self, ask: impl FnOnce(&'a dyn Platform) -> Lent<'a, T>) -> Result<T, PlatformError> {
        tokio::time::timeout(self.1, ask(self.0.as_ref())).await.unwrap_or(Err(PlatformError::Timeout))
    }

    async fn password(&self, account: AccountId) -> Result<Option<Secret>, PlatformError> {
        let name = SecretName::password(account);
        self.within(|platform| platform.secret(&name)).await
    }

    /// Forgets each of these secrets, whatever becomes of the others; the first error.
    async fn forget(&self, names: impl IntoIterator<Item = SecretName>) -> Result<(), PlatformError> {
        let mut forgotten = Ok(());
        for name in names {
            forgotten = forgotten.and(self.within(|platform| platform.forget_secret(&name)).await);
        }
        forgotten
    }
}
