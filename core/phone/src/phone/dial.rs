//! Calling somebody: from what was typed, by what is known of that person and by ENUM where it is a number, to a call.

use cooee_call::{Call, CallDirection, CallId, CallSetup, Caller, Peer, Request};
use cooee_machine::{Now, Pii};
use cooee_sip::Uri;

use super::search::{Search, Wanted};
use super::way::OpenRoute;
use super::{Phone, Running, Shutdown};
use crate::account::Account;
use crate::{AccountId, Address, DialPlan, DialRefusal, LookedUp, Obstacle, PhoneEvent, Readiness, Reason, Route};

impl Phone {
    /// `how`: over which account, without showing who calls, and about what.
    pub(super) fn dial(&mut self, id: CallId, how: (Option<AccountId>, bool, Option<Pii<String>>), target: &str, now: Now) {
        let begun = self.wanted(id, how, target).map(|wanted| self.begin_search(id, Search::new(wanted, now), now));
        if let Err(reason) = begun {
            self.refuse_dial(id, reason, None);
        }
    }

    pub(super) fn refuse_dial(&mut self, call: CallId, reason: DialRefusal, looked_up: Option<LookedUp>) {
        self.tell(PhoneEvent::DialRefused { call, reason, looked_up });
    }

    fn wanted(
        &self,
        id: CallId,
        (named, anonymous, subject): (Option<AccountId>, bool, Option<Pii<String>>),
        target: &str,
    ) -> Result<Wanted, DialRefusal> {
        if self.shutdown != Shutdown::No {
            return Err(DialRefusal::ShuttingDown);
        }
        if self.calls.contains_key(&id) || self.searches.contains_key(&id) {
            return Err(DialRefusal::CallExists);
        }
        if is_emergency_service(target) {
            return Err(DialRefusal::Emergency);
        }
        let address = self.numbering.understand(target).map_err(|_| DialRefusal::BadAddress)?.address;
        let address = self.seen_for_help(address);
        let subject = Request::new(None, subject.as_ref().map(|subject| subject.reveal().as_str())).line;
        Ok(Wanted { named, anonymous, subject, address })
    }

    /// A call for help that was written as an address at a server of ours is one all the same.
    pub(super) fn seen_for_help(&self, address: Address) -> Address {
        self.numbering.help_at(|host| self.accounts.values().any(|account| account.is_at(host)), address)
    }

    /// Whether somebody points to a number for help. Such a call leaves over no account, whoever asks for it.
    pub(super) fn points_to_help(&self, place: &str) -> bool {
        is_emergency_service(place)
            || self.numbering.understand(place).is_ok_and(|understood| self.seen_for_help(understood.address).is_for_help())
    }

    /// Takes the best way there is; the others are kept for when it comes to nothing.
    pub(super) fn call_by(&mut self, id: CallId, wanted: &Wanted, routes: &[Route], now: Now) -> Result<(), DialRefusal> {
        let best = routes.iter().find(|route| route.is_usable()).or(routes.first()).ok_or(DialRefusal::BadAddress)?;
        let mut ways = OpenRoute::of(routes);
        match ways.pop_front().filter(|_| best.account.is_some()) {
            None => Err(refusal(best)),
            Some(way) => {
                self.place(id, &way, wanted, now)?;
                if let Some(running) = self.calls.get_mut(&id) {
                    running.way = Some(way);
                    running.further = ways;
                    running.call.may_go_elsewhere(OpenRoute::elsewhere(&running.further), now);
                }
                self.account_says(id, now);
                self.give_floor(id, now);
                Ok(())
            }
        }
    }

    fn place(&mut self, id: CallId, way: &OpenRoute, wanted: &Wanted, now: Now) -> Result<(), DialRefusal> {
        let account = self.staying(way.account).ok_or(DialRefusal::NoAccount)?;
        let uri = way.target.clone().within(&account.own.domain);
        // Who was found by a number is shown with it.
        let display_name = number_of(&wanted.address).filter(|number| !uri.contains(number.reveal().as_str()));
        let peer = Peer { address: Pii(uri.clone()), display_name };
        self.familiar.meet(&uri);
        self.called.meet(&uri);
        let setup = self.setup(id, way.account, peer, Caller::default(), CallDirection::Outgoing).ok_or(DialRefusal::NoAccount)?;
        let setup = CallSetup { hides_us: wanted.anonymous, ..setup };
        let mut running = Running::new(way.account, Call::outgoing(setup, now), Pii(uri));
        running.options.anonymous = wanted.anonymous;
        running.options.subject.clone_from(&wanted.subject);
        // All addresses that are tried for it are one call (RFC 7989): whoever is behind two of them can tell.
        running.options.session_id = Some(cooee_sip::new_session_id(&mut self.entropy));
        self.calls.insert(id, running);
        Ok(())
    }

    /// Wakes the account that a call is to go over, and tells the call how it is.
    pub(super) fn account_says(&mut self, id: CallId, now: Now) {
        let Some(running) = self.calls.get_mut(&id) else { return };
        let Some(account) = self.accounts.get_mut(&running.account) else { return };
        let trouble = account.hurry(&mut self.ids, now);
        if account.is_unheard() {
            running.call.server_silent();
        }
        account.explain(&mut running.call, now);
        match trouble {
            Some(trouble) => running.call.server_failed(trouble.end_reason(), now),
            None if account.is_ready() => running.call.server_ready(now),
            None => {}
        }
    }

    pub(super) fn staying(&self, account: AccountId) -> Option<&Account> {
        self.accounts.get(&account).filter(|account| !account.is_leaving())
    }

    /// The accounts as the dial plan sees them.
    pub(super) fn plan(&self, named: Option<AccountId>) -> DialPlan {
        let staying = self.accounts.iter().filter(|(_, account)| !account.is_leaving());
        DialPlan { callers: staying.map(|(id, account)| caller(*id, account)).collect(), named, ..DialPlan::default() }
    }

    /// The account to call from where none was named.
    pub(super) fn choose_account(&self, address: &Address) -> Option<AccountId> {
        self.plan(None).caller(address).map(|caller| caller.account)
    }
}

fn number_of(address: &Address) -> Option<Pii<String>> {
    if let Address::Number(number) = address { Some(Pii(number.dialled().into_owned())) } else { None }
}

fn caller(id: AccountId, account: &Account) -> crate::Caller {
    crate::Caller {
        account: id,
        host: account.own.domain.clone(),
        takes_numbers: account.config.numbers,
        is_encrypted: account.transport() == cooee_machine::Transport::Tls,
        readiness: Readiness::from(account.state()),
    }
}

fn is_emergency_service(place: &str) -> bool {
    Uri::parse(place.trim()).is_ok_and(|uri| uri.is_emergency_service())
}

fn refusal(route: &Route) -> DialRefusal {
    match route.obstacle {
        Some(Obstacle::NoAccount) => DialRefusal::NoAccount,
        Some(Obstacle::NotSecure) => DialRefusal::NotSecure,
        Some(Obstacle::NotYet) => DialRefusal::NotYet,
        Some(Obstacle::OtherNumber) => DialRefusal::OrdinaryDialler,
        None if route.reasons.contains(&Reason::Emergency) => DialRefusal::Emergency,
        None if route.way == crate::Way::OrdinaryDialler => DialRefusal::OrdinaryDialler,
        None => DialRefusal::BadAddress,
    }
}
