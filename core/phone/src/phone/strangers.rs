//! Who is let through to ring aloud, and who asks to be.

use std::collections::BTreeSet;

use cooee_call::{Call, Caller, Peer, Request};
use cooee_machine::{Now, Pii};
use cooee_sip::{Scheme, Uri};

use super::calls::is_number;
use super::route::{is_vouched_for, proven_domain};
use super::who::Who;
use super::{Phone, Running};
use crate::account::Account;
use crate::{Address, BlockRule, PhoneEvent, WhoRings};

/// Of a longer address book the first are known.
const MOST_CONTACTS: usize = 20_000;

/// The people of the address book, as rules that mean them.
#[derive(Debug, Default)]
pub(super) struct Contacts(BTreeSet<BlockRule>);

impl Contacts {
    pub(super) fn set(&mut self, addresses: &[Address]) {
        self.0 = addresses.iter().filter_map(BlockRule::meaning_one).take(MOST_CONTACTS).collect();
    }

    fn has(&self, who: Who<'_>) -> bool {
        who.rules().iter().any(|rule| self.0.contains(rule))
    }
}

impl Phone {
    /// How somebody asks to be let through whose call does not ring aloud; `None`: it does.
    ///
    /// Who it is says the account's own server, where it says anything; else the caller, whose word is as good as the servers on the way.
    pub(super) fn request_of(&self, account: &Account, peer: &Peer, caller: &Caller, subject: Option<&Pii<String>>) -> Option<Request> {
        let who = Who::of(account, &peer.address, caller.asserted.as_ref());
        let rings = match self.who_rings {
            WhoRings::Everybody => true,
            _ if caller.is_test => true,
            _ if caller.anonymous => false,
            WhoRings::OwnDomain => is_connected_by(account, who) || self.is_known(account, who),
            WhoRings::Known => self.is_known(account, who),
        };
        let domain = || proven_domain(account, peer, caller, who);
        (!rings).then(|| Request::new(domain(), subject.map(|subject| subject.reveal().as_str())))
    }

    /// Whether this is somebody of the address book, who was called or written to, or is allowed; or the person itself.
    pub(super) fn is_known(&self, account: &Account, who: Who<'_>) -> bool {
        // Whoever calls knows the address that is called, and may write it into `From`.
        let is_surely_own = (who.is_asserted || is_vouched_for(account, who.address)) && account.is_own(who.address);
        is_surely_own || self.called.has(who.address) || self.contacts.has(who) || self.screen.allows([who])
    }

    pub(super) fn set_who_rings(&mut self, who: WhoRings, now: Now) {
        self.who_rings = who;
        self.let_through(now);
    }

    pub(super) fn set_allowed(&mut self, rules: Vec<BlockRule>, now: Now) {
        self.screen.set_allowed(rules);
        self.let_through(now);
    }

    pub(super) fn set_contacts(&mut self, addresses: &[Address], now: Now) {
        self.contacts.set(addresses);
        self.let_through(now);
    }

    /// Calls whose callers are let through by now are requests no longer.
    fn let_through(&mut self, now: Now) {
        let let_through = self.calls.iter().filter(|(_, Running { call, account, .. })| {
            let account = self.accounts.get(account).filter(|_| call.caller().request.is_some());
            account.is_some_and(|account| self.request_of(account, call.peer(), call.caller(), None).is_none())
        });
        for id in let_through.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.with_call(id, |call| call.let_through(now));
        }
    }

    /// Tells that somebody calls.
    pub(super) fn announce(&mut self, call: &Call, account: crate::AccountId) {
        let (from, silently) = (call.peer().clone(), call.caller().request.is_some());
        self.tell(PhoneEvent::IncomingCall { call: call.id(), account, from, silently });
    }
}

/// Whether the account's server answers for who this is: one of its own people, or a telephone number that it connects.
fn is_connected_by(account: &Account, who: Who<'_>) -> bool {
    let Ok(uri) = Uri::parse(who.address) else { return false };
    account.is_at(uri.host()) || account.config.numbers && (uri.scheme() == Scheme::Tel || who.is_asserted && is_number(&uri))
}
