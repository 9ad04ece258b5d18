//! Calls that a push announces, and the calls themselves.

use std::collections::VecDeque;

use cooee_call::{Call, CallDirection, CallId, Caller, EndReason, LogEntry, Peer, Request, Side};
use cooee_machine::{Now, Pii};

use super::{Phone, Running, Shutdown};
use crate::AccountId;
use crate::wake::{Announcement, CallIds};

/// So many calls that came in are known by what others call them.
const REMEMBERED: usize = 32;

/// The calls that came in last, by what others call them.
#[derive(Debug, Default)]
pub(super) struct KnownCalls(VecDeque<KnownCall>);

#[derive(Debug)]
struct KnownCall {
    ids: CallIds,
    call: CallId,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Announced,
    /// The person did not want it, before it came.
    Declined,
    Here,
}

impl KnownCalls {
    fn add(&mut self, ids: CallIds, call: CallId, stage: Stage) {
        self.0.push_back(KnownCall { ids, call, stage });
        self.0.drain(..self.0.len().saturating_sub(REMEMBERED));
    }

    /// A call is here.
    pub(super) fn came(&mut self, ids: CallIds, call: CallId) {
        match self.0.iter_mut().find(|known| known.call == call) {
            Some(known) => *known = KnownCall { ids, call, stage: Stage::Here },
            None => self.add(ids, call, Stage::Here),
        }
    }

    fn find(&self, ids: &CallIds) -> Option<&KnownCall> {
        self.0.iter().rev().find(|known| known.ids.meet(ids))
    }

    /// A call is over.
    pub(super) fn ended(&mut self, entry: &LogEntry) {
        if entry.reason == EndReason::Declined(Side::Us)
            && let Some(known) = self.0.iter_mut().find(|known| known.call == entry.call.id && known.stage == Stage::Announced)
        {
            known.stage = Stage::Declined;
        }
    }

    /// Whether the person has declined it before it came.
    pub(super) fn is_declined(&self, ids: &CallIds) -> bool {
        self.find(ids).is_some_and(|known| known.stage == Stage::Declined)
    }
}

impl Phone {
    /// Lets the call ring that a push tells of, unless it is here already, or would not ring.
    pub(super) fn announce_by_push(&mut self, announcement: Announcement, now: Now) {
        let Announcement { ids, from, name, to } = announcement;
        let Some(account_id) = self.addressee(to.reveal()).filter(|_| self.shutdown == Shutdown::No && self.known.find(&ids).is_none())
        else {
            return;
        };
        let (peer, mut caller) = (Peer { address: from, display_name: name }, Caller::default());
        let Some(account) = self.accounts.get(&account_id) else { return };
        let is_stranger = !self.is_known_by_name(account, &peer, &caller);
        // Nothing proves what a push says.
        caller.request = self.request_of(account, &peer, &caller, None).map(|request| Request { domain: None, ..request });
        if self.screen.judge(account, &peer, &caller).is_some() || self.places_taken(is_stranger) >= self.config.max_calls {
            return;
        }
        let id = self.next_id();
        let Some(setup) = self.setup(id, account_id, peer, caller, CallDirection::Incoming) else { return };
        self.known.add(ids, id, Stage::Announced);
        let call = Call::announced(setup, now);
        self.announce(&call, account_id);
        self.calls.insert(id, Running { is_of_stranger: is_stranger, ..Running::new(account_id, call, Pii::default()) });
    }

    /// The announcement of a call that comes in now, to go on from.
    pub(super) fn announced(&mut self, ids: &CallIds) -> Option<Call> {
        let id = self.known.find(ids)?.call;
        self.calls.get(&id).filter(|running| running.call.is_announced())?;
        self.calls.remove(&id).map(|running| running.call)
    }

    /// Whose address this is: of the accounts that stay, the one it names, else the only one.
    fn addressee(&self, to: &str) -> Option<AccountId> {
        let staying = || self.accounts.iter().filter(|(_, account)| !account.is_leaving());
        let named = staying().find(|(_, account)| account.is_own(to));
        named.or_else(|| staying().next().filter(|_| staying().nth(1).is_none())).map(|(id, _)| *id)
    }
}
