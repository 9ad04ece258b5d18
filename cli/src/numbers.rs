//! Calls as a person counts them.

use std::collections::BTreeMap;

use cooee_call::{CallId, CallSnapshot, CallState, Side};
use cooee_engine::Snapshot;

/// Small numbers for the calls under way; free again when a call is over.
#[derive(Debug, Default)]
pub struct Numbers(BTreeMap<usize, CallId>);

impl Numbers {
    /// Gives a call a number, if it has none.
    pub fn add(&mut self, call: CallId) {
        if self.of(call).is_none() {
            let free = (1..).find(|number| !self.0.contains_key(number)).unwrap_or(usize::MAX);
            self.0.insert(free, call);
        }
    }

    /// Takes a call's number away.
    pub fn remove(&mut self, call: CallId) {
        self.0.retain(|_, known| *known != call);
    }

    /// Takes the numbers of all calls away that are over.
    pub fn follow(&mut self, snapshot: &Snapshot) {
        self.0.retain(|_, call| snapshot.calls.iter().any(|view| view.call.id == *call));
    }

    /// The number of a call.
    #[must_use]
    pub fn of(&self, call: CallId) -> Option<usize> {
        self.0.iter().find(|(_, known)| **known == call).map(|(number, _)| *number)
    }

    /// Its number, if it takes one to tell it from others.
    #[must_use]
    pub fn telling(&self, call: CallId) -> Option<usize> {
        self.of(call).filter(|_| self.0.len() > 1)
    }

    /// The calls in the order of their numbers.
    fn calls<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a CallSnapshot> {
        let find = |id: &CallId| snapshot.calls.iter().find(|view| view.call.id == *id).map(|view| &view.call);
        self.0.values().filter_map(find).collect()
    }

    /// The first call that rings here.
    #[must_use]
    pub fn ringing(&self, snapshot: &Snapshot) -> Option<CallId> {
        self.calls(snapshot).into_iter().find(|call| call.rings_here()).map(|call| call.id)
    }

    /// The first call that we hold.
    #[must_use]
    pub fn held(&self, snapshot: &Snapshot) -> Option<CallId> {
        self.calls(snapshot).into_iter().find(|call| call.held.by_us).map(|call| call.id)
    }

    /// The first call whose other side asks us to call somebody else.
    #[must_use]
    pub fn asking(&self, snapshot: &Snapshot) -> Option<CallId> {
        self.calls(snapshot).into_iter().find(|call| call.transfer_asked.is_some()).map(|call| call.id)
    }

    /// The call after the current one, among those that do not ring here.
    #[must_use]
    pub fn next(&self, snapshot: &Snapshot) -> Option<CallId> {
        let current = self.current(snapshot)?;
        let calls: Vec<CallId> = self.calls(snapshot).into_iter().filter(|call| !call.rings_here()).map(|call| call.id).collect();
        let at = calls.iter().position(|call| *call == current)?;
        calls.iter().cycle().nth(at + 1).copied().filter(|next| *next != current)
    }

    /// The call that keys are meant for: one that is not on hold, else the first that does not ring here.
    #[must_use]
    pub fn current(&self, snapshot: &Snapshot) -> Option<CallId> {
        let calls = self.calls(snapshot);
        let mut taken = calls.iter().filter(|call| !call.rings_here());
        let spoken = taken.clone().find(|call| !call.held.by_us && !matches!(call.state, CallState::Held(Side::Us)));
        spoken.or_else(|| taken.next()).map(|call| call.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_get_the_smallest_free_number_and_show_it_only_beside_others() {
        let mut numbers = Numbers::default();
        numbers.add(CallId(70));
        assert_eq!((numbers.of(CallId(70)), numbers.telling(CallId(70))), (Some(1), None));
        for call in [71, 72, 71] {
            numbers.add(CallId(call));
        }
        assert_eq!(numbers.telling(CallId(72)), Some(3));
        numbers.remove(CallId(71));
        numbers.add(CallId(73));
        assert_eq!((numbers.of(CallId(73)), numbers.of(CallId(72))), (Some(2), Some(3)));
    }
}
