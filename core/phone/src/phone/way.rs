//! Several ways to one person: the next is taken when one comes to nothing or does not ring.

use std::collections::VecDeque;

use cooee_call::{CallDirection, CallId, Detour, Elsewhere, EndReason};
use cooee_machine::{Now, Pii, Transport};
use cooee_sip::Uri;

use super::Phone;
use super::route::row;
use crate::address::Target;
use crate::{AccountId, Address, Route};

/// Whoever owns a number's records makes no phone call more addresses than this.
const MOST: usize = 8;

/// A route that can be taken.
#[derive(Clone, Debug)]
pub(super) struct OpenRoute {
    pub(super) account: AccountId,
    pub(super) address: Address,
    pub(super) target: Target,
    /// It was silent before: where all others came to nothing, it gets the time that it needs.
    is_again: bool,
}

impl OpenRoute {
    /// Those that can be taken, in their order; the exchange comes last, however many there are.
    pub(super) fn of(routes: &[Route]) -> VecDeque<Self> {
        let usable = || routes.iter().filter(|route| route.is_usable());
        let (exchange, internet): (Vec<&Route>, Vec<&Route>) = usable().partition(|route| route.way == crate::Way::Exchange);
        let most: Vec<&Route> = internet.into_iter().take(MOST).chain(exchange.into_iter().take(MOST)).collect();
        let way = |route: &Route| {
            let (account, target) = route.account.zip(Target::of(&route.address))?;
            Some(Self { account, address: route.address.clone(), target, is_again: false })
        };
        usable().filter(|route| most.iter().any(|one| std::ptr::eq(*one, *route))).filter_map(way).collect()
    }

    /// What a call may hope for while these are left.
    pub(super) fn elsewhere(left: &VecDeque<Self>) -> Elsewhere {
        match left.iter().any(|way| !way.is_again) {
            true => Elsewhere::AfterSilence,
            false if left.is_empty() => Elsewhere::Nowhere,
            false => Elsewhere::AfterFailure,
        }
    }
}

impl Phone {
    /// A leg came to nothing: takes the next way that can be taken now.
    pub(super) fn go_elsewhere(&mut self, id: CallId, reason: &EndReason, now: Now) {
        let Some(running) = self.calls.get_mut(&id) else { return };
        let over = running.account;
        if is_of_account(reason) {
            running.further.retain(|way| way.account != over);
        }
        while let Some(way) = self.calls.get_mut(&id).and_then(|running| running.further.pop_front()) {
            if self.take(id, way, now) {
                return self.account_says(id, now);
            }
        }
        self.with_call(id, |call| call.no_detour(now));
    }

    /// Whether it can be taken.
    fn take(&mut self, id: CallId, way: OpenRoute, now: Now) -> bool {
        let Some(account) = self.staying(way.account) else { return false };
        if way.target.is_secure && account.transport() != Transport::Tls {
            return false;
        }
        let uri = way.target.clone().within(&account.own.domain);
        let (media, is_stun_known) = (account.media(), account.is_stun_known());
        let shown = self.acquaintances.shown(account, &uri, CallDirection::Outgoing);
        let row = row(account, &uri, CallDirection::Outgoing);
        let Some(running) = self.calls.get_mut(&id) else { return false };
        if !way.is_again && running.has_been_at(&uri, way.account) {
            return false;
        }
        let elsewhere = OpenRoute::elsewhere(&running.further);
        running.call.detour(Detour { address: Pii(uri.clone()), account: way.account, media, is_stun_known, shown, row, elsewhere }, now);
        (running.account, running.target, running.way) = (way.account, Pii(uri), Some(way));
        true
    }

    /// Nothing rings over there. The next way is taken if it can be at once; this one gets another turn when all came to nothing.
    pub(super) fn hear_silence(&mut self, id: CallId, now: Now) {
        let is_ready = |way: &OpenRoute| !way.is_again && self.staying(way.account).is_some_and(|account| account.is_ready());
        let place = self.calls.get(&id).and_then(|running| running.further.iter().position(is_ready));
        let Some(running) = self.calls.get_mut(&id) else { return };
        let Some(next) = place.and_then(|place| running.further.remove(place)) else { return running.call.bear_silence(now) };
        running.further.push_front(next);
        if let Some(way) = running.way.clone().filter(|_| running.call.leg().is_some()) {
            running.further.push_back(OpenRoute { is_again: true, ..way });
        }
        running.call.give_up_silence(now);
    }
}

impl super::Running {
    /// Whom of those that we called this has shown to be there.
    pub(super) fn reached(&self) -> Option<Address> {
        if !self.call.is_answered() || self.call.direction() == CallDirection::Incoming {
            return None;
        }
        let asked_for = || Address::understand(self.target.reveal(), None).ok().map(|understood| understood.address);
        self.way.as_ref().map(|way| way.address.clone()).or_else(asked_for)
    }

    /// Whether this was called already over this account, be it that somebody pointed there.
    fn has_been_at(&self, uri: &str, over: AccountId) -> bool {
        let Ok(uri) = Uri::parse(uri) else { return true };
        let mut legs = self.call.legs().iter().filter(|leg| leg.account == over);
        legs.any(|leg| Uri::parse(leg.address.reveal()).is_ok_and(|known| known.is_equivalent(&uri)))
    }
}

/// No other address does better over the same account.
fn is_of_account(reason: &EndReason) -> bool {
    matches!(
        reason,
        EndReason::Login(_)
            | EndReason::Untrusted(_)
            | EndReason::Unreachable(_)
            | EndReason::ServerGone
            | EndReason::NoSuchDomain { .. }
            | EndReason::NoService { .. }
            | EndReason::InsecureOnly { .. }
    )
}
