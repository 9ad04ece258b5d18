use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cooee_phone::{Command, WakeId, WakeReason, Woken};
use tokio::sync::oneshot;

use crate::{Engine, Refused};

/// Who waits to hear what a wake-up came to.
#[derive(Debug, Default)]
pub(crate) struct Wakings(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    waits: BTreeMap<WakeId, oneshot::Sender<Woken>>,
}

impl Wakings {
    fn begin(&self) -> (WakeId, oneshot::Receiver<Woken>) {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.lock();
        waiting.last += 1;
        let wake = WakeId(waiting.last);
        waiting.waits.insert(wake, answer);
        (wake, answered)
    }

    /// A wake-up is over.
    pub(crate) fn answer(&self, wake: WakeId, outcome: Woken) {
        if let Some(answer) = self.lock().waits.remove(&wake) {
            // Whoever asked may have gone meanwhile.
            let _ = answer.send(outcome);
        }
    }

    /// No wake-up is answered any more.
    pub(crate) fn end(&self) {
        self.lock().waits.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// The device has slept, or its networks have changed while it did, and is awake now: everything that came due meanwhile is done, dead
    /// connections are replaced, and the call that may be waiting rings. Answers when that is so, after 20 s at most
    /// ([`PhoneConfig::wake`](cooee_phone::PhoneConfig::wake)). The device is kept awake by [`Platform::awake`](crate::Platform::awake)
    /// for as long as it takes; whoever calls this sees to it that it does not sleep before that has been said.
    ///
    /// # Errors
    /// The phone is shutting down, or not online.
    pub async fn wake(&self, reason: WakeReason) -> Result<Woken, Refused> {
        let (wake, answered) = self.shared.wakings.begin();
        if let Err(refused) = self.command(Command::Wake { wake, reason }) {
            self.shared.wakings.answer(wake, Woken::Done);
            return Err(refused);
        }
        answered.await.map_err(|_| Refused::ShuttingDown)
    }
}
