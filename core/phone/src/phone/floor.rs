use cooee_call::{Call, CallAction, CallDirection, CallId};
use cooee_machine::Now;

use super::{Phone, Running};

/// One person has one microphone: of all answered calls one has the floor, the others are on hold.
impl Phone {
    /// Takes a call and holds the others.
    pub(super) fn answer(&mut self, id: CallId, now: Now) {
        if self.allows(id, CallAction::Answer) {
            self.give_floor(id, now);
            self.with_call(id, |call| call.answer(now));
        }
    }

    /// Takes a call and ends the others; who else rings goes on ringing.
    pub(super) fn answer_ending(&mut self, id: CallId, now: Now) {
        if self.allows(id, CallAction::Answer) {
            let rings = |call: &Call| call.direction() == CallDirection::Incoming && !call.is_answered();
            for running in self.calls.values_mut().filter(|running| running.call.id() != id && !rings(&running.call)) {
                running.call.hang_up(now);
            }
            self.answer(id, now);
        }
    }

    pub(super) fn hold(&mut self, id: CallId, now: Now) {
        if self.floor == Some(id) {
            self.floor = None;
        }
        self.interruption.leave(id);
        self.with_call(id, |call| call.hold(now));
    }

    pub(super) fn resume(&mut self, id: CallId, now: Now) {
        if self.allows(id, CallAction::Resume) {
            self.give_floor(id, now);
            self.with_call(id, |call| call.resume(now));
        }
    }

    /// This call is the one that the person wants to speak in.
    pub(super) fn give_floor(&mut self, id: CallId, now: Now) {
        self.floor = Some(id);
        self.interruption.forget();
        for running in self.calls.values_mut().filter(|running| running.call.id() != id) {
            running.call.hold(now);
        }
    }

    /// A call that is answered over there, or heard before that, while the person speaks in another is held. One that is to take the place of
    /// another is heard beside it until it is answered.
    pub(super) fn keep_one_voice(&mut self, id: CallId, now: Now) {
        let is_alive = |id: CallId| self.calls.get(&id).is_some_and(|running| !running.call.is_over());
        let holder = self.floor.filter(|floor| is_alive(*floor));
        let is_heard_early = |running: &Running| running.call.has_early_media() && running.errand.is_none();
        let is_heard = |running: &Running| (running.call.is_answered() || is_heard_early(running)) && !running.call.is_over();
        let Some(running) = self.calls.get_mut(&id).filter(|running| is_heard(running)) else { return };
        match holder {
            Some(floor) if floor != id => running.call.hold(now),
            // One that is on hold already stays so, unless the person said otherwise.
            None if self.interruption.has_sound() && !running.call.is_held() => {
                running.call.hold(now);
                self.interruption.put_off(id);
            }
            None if running.call.is_answered() && !running.call.is_held() => self.floor = Some(id),
            _ => {}
        }
    }

    fn allows(&self, id: CallId, action: CallAction) -> bool {
        self.calls.get(&id).is_some_and(|running| running.call.allowed().contains(&action))
    }
}
