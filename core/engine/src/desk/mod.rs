//! The thread for everything that may take its time: the store and the platform. Jobs are done in order, one at a time.

mod job;
mod work;

pub(crate) use job::{Job, Note, Opened};

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cooee_machine::Secret;
use cooee_phone::AccountId;
use tokio::sync::{mpsc, oneshot};

use crate::{Lent, Platform, PlatformError, SecretName, StartError, StoreLocation};
use work::Work;

/// Settings that the engine itself knows.
pub(crate) const DO_NOT_DISTURB: &str = "do-not-disturb";
pub(crate) const REJECT_ANONYMOUS: &str = "reject-anonymous";

/// With so many jobs waiting, texts of strangers are no longer kept.
const CROWDED: usize = 1024;

/// The desk's handle.
#[derive(Clone)]
pub(crate) struct Desk {
    jobs: mpsc::UnboundedSender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Desk {
    /// Opens the store and asks the platform for what is needed at once; then works until [`Job::Close`].
    pub(crate) async fn open(
        location: StoreLocation,
        platform: Lender,
        tell: impl FnMut(Note) + Send + 'static,
    ) -> Result<(Self, Opened), StartError> {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let (ready, opened) = oneshot::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&waiting);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("cooee-desk".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match Work::begin(&location, platform, tell, count).await {
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
        Ok((Self { jobs, waiting }, opened))
    }

    /// Puts a job on the desk. Never blocks; after the end it is not done.
    pub(crate) fn put(&self, job: Job) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if self.jobs.send(job).is_err() {
            tracing::debug!("a job came after the desk was closed");
        }
    }

    /// More waits than can be worked off soon.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= CROWDED
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
