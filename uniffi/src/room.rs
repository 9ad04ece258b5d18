//! Threads of the facade's own, each with an event loop.

use std::future::Future;
use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinError};

use crate::Refused;

/// A thread with an event loop. Closed or dropped, what runs in it is given up.
pub(crate) struct Room {
    handle: Handle,
    open: Mutex<Option<oneshot::Sender<()>>>,
}

impl Room {
    /// Starts the thread.
    pub(crate) fn open(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let (open, closed) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // An error says that the room is dropped: closed as well.
            let _ = runtime.block_on(closed);
        })?;
        Ok(Self { handle, open: Mutex::new(Some(open)) })
    }

    /// Lets `work` run here, and go on if nobody waits for it.
    pub(crate) fn begin<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Begun<T> {
        Begun { task: self.handle.spawn(work) }
    }

    /// Lets `work` run here, for as long as the answer is waited for.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refused>> + Send + 'static,
    ) -> Result<T, Refused> {
        let begun = self.begin(work);
        let _giving_up = GiveUp(begun.task.abort_handle());
        begun.end().await.map_err(|error| if error.is_panic() { Refused::Broken } else { Refused::ShuttingDown })?
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Work under way in a room.
pub(crate) struct Begun<T> {
    task: tokio::task::JoinHandle<T>,
}

impl<T> Begun<T> {
    /// Its result; an error if it panicked or the room was closed.
    pub(crate) async fn end(self) -> Result<T, JoinError> {
        self.task.await
    }
}

struct GiveUp(AbortHandle);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// Waits as a foreign caller does: without an event loop of ours.
    fn wait<T>(future: impl Future<Output = T>) -> T {
        Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_panic_of_the_work_and_a_closed_room_are_answers() {
        let room = Room::open("test").unwrap();
        let nothing: Vec<u8> = Vec::new();
        assert_eq!(wait(room.run(async { Ok(1) })), Ok(1));
        assert_eq!(wait(room.run(async move { Ok(nothing[0]) })), Err(Refused::Broken));
        assert_eq!(wait(room.run(async { Ok(2) })), Ok(2), "the thread lives on");
        room.close();
        assert_eq!(wait(room.run(async { std::future::pending::<Result<(), Refused>>().await })), Err(Refused::ShuttingDown));
    }

    #[test]
    fn work_that_nobody_waits_for_any_more_is_given_up() {
        struct Told(Arc<AtomicBool>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let room = Room::open("test").unwrap();
        let given_up = Arc::new(AtomicBool::new(false));
        let told = Told(Arc::clone(&given_up));
        let work = room.run(async move {
            let _told = told;
            std::future::pending::<Result<(), Refused>>().await
        });
        wait(async {
            tokio::select! { biased;
                _ = work => panic!("it never ends"),
                () = async {} => {}
            }
        });
        // The room does what it was asked before in order: after this, it has given up.
        assert_eq!(wait(room.run(async { Ok(()) })), Ok(()));
        assert!(given_up.load(Ordering::Relaxed));
    }
}
