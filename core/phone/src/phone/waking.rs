//! What a wake-up does, when it is over, and when the device may sleep.

use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

use super::Phone;
use crate::account::Account;
use crate::wake::Announcement;
use crate::{Output, PhoneEvent, Rest, WakeId, WakeReason, Woken};

/// More wake-ups at a time are answered at once.
const MOST: usize = 16;
/// What is due so soon is not slept for.
const NAP: Duration = Duration::from_secs(5);
/// Nobody sends a push for nothing: what it does not name is waited for so long, once the server has been found.
const PUSHED: Duration = Duration::from_secs(5);

/// A wake-up that is not answered yet.
#[derive(Debug)]
pub(super) struct Waking {
    id: WakeId,
    /// Not before.
    from: Option<Instant>,
    /// In any case then.
    until: Instant,
}

impl Phone {
    /// Runs what is due after sleep, finds out which flows are dead, and tries at once what was only waited for, unless an alarm was set
    /// for the wait itself.
    pub(super) fn wake(&mut self, id: WakeId, reason: WakeReason, now: Now) {
        self.handle_timeout(now);
        let hurries = reason != WakeReason::Alarm;
        for account in self.accounts.values_mut() {
            account.wake(hurries, &mut self.ids, now);
        }
        let is_unnamed = match reason {
            WakeReason::Push(payload) => match Announcement::read(payload.reveal()) {
                Some(announcement) => {
                    self.announce_by_push(announcement, now);
                    false
                }
                None => true,
            },
            _ => false,
        };
        let from = is_unnamed.then(|| now.instant + PUSHED);
        if self.wakings.len() >= MOST {
            return self.tell(PhoneEvent::Woken { wake: id, outcome: self.outcome() });
        }
        self.wakings.push(Waking { id, from, until: now.instant + self.config.wake });
    }

    /// Answers the wake-ups that are over, and says whether the device may sleep, if that has changed.
    pub(super) fn settle(&mut self, now: Now) {
        let (outcome, is_quiet) = (self.outcome(), !self.accounts.values().any(Account::is_looking));
        for waking in std::mem::take(&mut self.wakings) {
            let from = waking.from.filter(|from| *from > now.instant);
            if outcome == Woken::Ringing || waking.until <= now.instant || is_quiet && from.is_none() {
                self.tell(PhoneEvent::Woken { wake: waking.id, outcome });
            } else {
                self.wakings.push(Waking { from, ..waking });
            }
        }
        let rest = self.rest(now);
        if self.rest != Some(rest) {
            self.rest = Some(rest);
            self.outputs.push_back(Output::Rest(rest));
        }
    }

    pub(super) fn next_waking(&self) -> Option<Wake> {
        let moments = self.wakings.iter().flat_map(|waking| waking.from.into_iter().chain([waking.until]));
        moments.min().map(|at| Wake::at(at, "wake-up"))
    }

    fn outcome(&self) -> Woken {
        if self.calls().any(cooee_call::Call::rings_here) { Woken::Ringing } else { Woken::Done }
    }

    fn rest(&self, now: Now) -> Rest {
        let is_settled = self.accounts.values().all(Account::is_settled);
        if !(is_settled && self.calls.is_empty() && !self.is_searching() && self.wakings.is_empty()) {
            return Rest::Awake;
        }
        let alarm = Wake::together(self.accounts.values().filter_map(Account::next_alarm));
        match alarm {
            Some(alarm) if alarm.at + alarm.slack <= now.instant + NAP => Rest::Awake,
            alarm => Rest::Asleep(alarm),
        }
    }
}
