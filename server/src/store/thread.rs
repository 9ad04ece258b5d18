use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
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

/// A thread of its own for storage, so that signalling never waits for a disk. When this is dropped it does what it was asked to and ends;
/// the drop waits for that, but not for ever: a disk may hang.
pub(crate) struct StoreThread {
    requests: Option<mpsc::SyncSender<StoreRequest>>,
    /// Ends with the thread.
    ended: Mutex<mpsc::Receiver<()>>,
    /// What still waits is left undone.
    is_late: Arc<AtomicBool>,
}

/// How long what was asked for may take at the end.
const GOODBYE: Duration = Duration::from_secs(3);

impl StoreThread {
    /// `deliver` takes the replies, in the thread. `room` bounds what may wait.
    pub(crate) fn start(mut backend: Backend, room: usize, mut deliver: impl FnMut(StoreReply) + Send + 'static) -> std::io::Result<Self> {
        let (requests, waiting) = mpsc::sync_channel::<StoreRequest>(room);
        let (end, ended) = mpsc::sync_channel::<()>(1);
        let is_late = Arc::new(AtomicBool::new(false));
        let late = Arc::clone(&is_late);
        thread::Builder::new().name("store".to_owned()).spawn(move || {
            let _end = end;
            let mut purged = None;
            while let Ok(request) = waiting.recv() {
                if late.load(Ordering::Relaxed) {
                    break;
                }
                backend.purge(&mut purged);
                deliver(backend.perform(request));
            }
        })?;
        Ok(Self { requests: Some(requests), ended: Mutex::new(ended), is_late })
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
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(GOODBYE) == Err(mpsc::RecvTimeoutError::Timeout) {
            self.is_late.store(true, Ordering::Relaxed);
            tracing::warn!("not all could be stored in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::UserName;
    use crate::store::{StoreOperation, StoreTicket};

    #[test]
    fn a_store_that_hangs_keeps_nobody_from_leaving() {
        let (go_on, wait) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let store = StoreThread::start(Backend::Memory(Box::default()), 8, move |reply| {
            tell.send(reply.ticket).unwrap();
            // Hangs until the test is over.
            let _ = wait.recv();
        })
        .unwrap();
        for number in 0..3 {
            let operation = StoreOperation::Bindings(UserName::parse("anna").unwrap());
            store.ask(StoreRequest { ticket: StoreTicket(number), operation }).unwrap();
        }
        told.recv().unwrap();
        drop(store);
        drop(go_on);
        assert!(told.recv().is_err(), "what was left undone is not done afterwards");
    }
}
