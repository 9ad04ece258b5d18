//! The device has one microphone for its own calls and for ours.

use cooee_call::CallId;
use cooee_machine::Now;

use super::Phone;
use crate::SystemCall;

/// The device's own call, and whom it has interrupted.
#[derive(Debug, Default)]
pub(super) struct Interruption {
    call: SystemCall,
    /// Had the floor, and gets it back.
    waiting: Option<CallId>,
}

impl Interruption {
    /// How many of the calls that may be at a time it is.
    pub(super) fn places(&self) -> usize {
        usize::from(self.call != SystemCall::None)
    }

    /// Nobody of ours is heard.
    pub(super) fn has_sound(&self) -> bool {
        self.call == SystemCall::Held
    }

    /// This call is answered over there while nobody is heard: it is the one to come back to, if there is none yet.
    pub(super) fn put_off(&mut self, id: CallId) {
        self.waiting.get_or_insert(id);
    }

    /// The person has chosen a call, and is not overruled.
    pub(super) fn forget(&mut self) {
        self.waiting = None;
    }

    /// This call is not to be come back to: the person wants it to stay on hold, or it is over.
    pub(super) fn leave(&mut self, id: CallId) {
        self.waiting.take_if(|waiting| *waiting == id);
    }

    /// Another call takes the place of one.
    pub(super) fn replaced(&mut self, old: CallId, new: CallId) {
        if self.waiting == Some(old) {
            self.waiting = Some(new);
        }
    }
}

impl Phone {
    /// Falls silent for a call of the device's own, and comes back after it, unless the person has chosen otherwise meanwhile.
    pub(super) fn set_system_call(&mut self, call: SystemCall, now: Now) {
        // Systems repeat themselves; what the person has chosen since the first time stands.
        if self.interruption.call == call {
            return;
        }
        let had_sound = self.interruption.has_sound();
        self.interruption.call = call;
        if self.interruption.has_sound() {
            self.interruption.waiting = self.floor.take().or(self.interruption.waiting);
            self.calls.values_mut().for_each(|running| running.call.hold(now));
        } else if had_sound {
            let back = self.interruption.waiting.take().filter(|_| self.floor.is_none());
            let is_alive = |id: &CallId| self.calls.get(id).is_some_and(|running| !running.call.is_over());
            if let Some(id) = back.filter(is_alive) {
                self.give_floor(id, now);
                self.with_call(id, |call| call.resume(now));
            }
        }
    }
}
