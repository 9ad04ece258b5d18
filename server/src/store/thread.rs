use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Domain, MemoryStore, StoreFailure, StoreReply, StoreRequest};

/// What lends storage.
pub(crate) enum Backend {
    Memory(Box<MemoryStore>),
    Sqlite(Box<Domain>),
}

/// Expired bindings are deleted this often, when there is something to do anyway.
const PURGE: Duration = Duration::from_secs(600);

/// A thread of its own for storage, so that signalling never waits for a disk. It ends when this is dropped.
pub(crate) struct StoreThread {
    requests: Option<mpsc::SyncSender<StoreRequest>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl StoreThread {
    /// `deliver` takes the replies, in the thread. `room` bounds what may wait.
    pub(crate) fn start(mut backend: Backend, room: usize, mut deliver: impl FnMut(StoreReply) + Send + 'static) -> std::io::Result<Self> {
        let (requests, waiting) = mpsc::sync_channel::<StoreRequest>(room);
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || {
            let mut purged = None;
            while let Ok(request) = waiting.recv() {
                backend.purge(&mut purged);
                deliver(backend.perform(request));
            }
        })?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Never waits: without room or without a thread the failure comes back at once.
    pub(crate) fn ask(&self, request: StoreRequest) -> Result<(), StoreReply> {
        let Some(requests) = &self.requests else { return Err(failed(&request, StoreFailure::Gone)) };
        requests.try_send(request).map_err(|error| match error {
            mpsc::TrySendError::Full(request) => failed(&request, StoreFailure::Busy),
            mpsc::TrySendError::Disconnected(request) => failed(&request, StoreFailure::Gone),
        })
    }
}

fn failed(request: &StoreRequest, failure: StoreFailure) -> StoreReply {
    StoreReply { ticket: request.ticket, outcome: Err(failure) }
}

impl Backend {
    fn perform(&mut self, request: StoreRequest) -> StoreReply {
        match self {
            Self::Memory(memory) => memory.perform(request),
            Self::Sqlite(database) => {
                let outcome = database.perform(&request.operation);
                if let Err(error) = &outcome {
                    tracing::error!(%error, "storage fails");
                }
                StoreReply { ticket: request.ticket, outcome: outcome.map_err(|error| StoreFailure::from(&error)) }
            }
        }
    }

    fn purge(&mut self, purged: &mut Option<Duration>) {
        let Self::Sqlite(database) = self else { return };
        let unix = cooee_net::now().unix;
        if purged.is_some_and(|last| unix.saturating_sub(last) < PURGE) {
            return;
        }
        *purged = Some(unix);
        if let Err(error) = database.purge(unix) {
            tracing::warn!(%error, "expired registrations cannot be deleted");
        }
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the storage thread has panicked");
        }
    }
}
