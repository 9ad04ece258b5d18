//! Calling somebody: from what was typed, by ENUM where it is a number, to a call.

use std::collections::BTreeMap;

use cooee_call::{Call, CallDirection, CallId, Caller, Peer};
use cooee_machine::{Action, Now, Pii, QuestionId, Resolution, Wake};

use super::{Phone, Running, Shutdown};
use crate::account::Account;
use crate::address::Target;
use crate::{
    AccountId, Address, DialPlan, DialRefusal, EnumAnswer, EnumLookup, EnumOutput, Number, Obstacle, Output, PhoneEvent, Readiness, Reason,
    Route, Way,
};

/// So many numbers may be looked up at once.
const MOST: usize = 8;

/// Numbers on their way to a call.
pub(super) type Searches = BTreeMap<CallId, Search>;

/// A number that is looked up before it is called.
#[derive(Debug)]
pub(super) struct Search {
    lookup: EnumLookup,
    /// The account that was named.
    named: Option<AccountId>,
    /// The caller withholds who it is.
    anonymous: bool,
    address: Address,
}

impl Phone {
    pub(super) fn dial(&mut self, id: CallId, account: Option<AccountId>, target: &str, anonymous: bool, now: Now) {
        let dialled = self.try_dial(id, account, target, anonymous, now);
        self.tell_refusal(id, dialled);
    }

    fn tell_refusal(&mut self, call: CallId, dialled: Result<(), DialRefusal>) {
        if let Err(reason) = dialled {
            self.tell(PhoneEvent::DialRefused { call, reason });
        }
    }

    fn try_dial(&mut self, id: CallId, named: Option<AccountId>, target: &str, anonymous: bool, now: Now) -> Result<(), DialRefusal> {
        if self.shutdown != Shutdown::No {
            return Err(DialRefusal::ShuttingDown);
        }
        if self.calls.contains_key(&id) || self.searches.contains_key(&id) {
            return Err(DialRefusal::CallExists);
        }
        let address = self.numbering.understand(target).map_err(|_| DialRefusal::BadAddress)?.address;
        let plan = self.plan(named);
        let address = self.numbering.help_within(&plan, address);
        let suffixes = self.numbering.lookup(&plan, &address);
        match &address {
            Address::Number(Number::International(number)) if !suffixes.is_empty() && self.searches.len() < MOST => {
                // Whoever will call gets ready meanwhile.
                let caller = plan.caller(&address).map(|caller| caller.account);
                if let Some(account) = caller.and_then(|caller| self.accounts.get_mut(&caller)) {
                    account.hurry(&mut self.ids, now);
                }
                let lookup = EnumLookup::new(number.clone(), suffixes, self.ids.questions(), now);
                self.searches.insert(id, Search { lookup, named, anonymous, address });
                Ok(())
            }
            _ => self.call_by(id, &plan, &address, &[], anonymous, now),
        }
    }

    /// Takes the best way there is.
    fn call_by(
        &mut self,
        id: CallId,
        plan: &DialPlan,
        address: &Address,
        found: &[EnumAnswer],
        anonymous: bool,
        now: Now,
    ) -> Result<(), DialRefusal> {
        let routes = plan.routes(address, found, now.unix);
        let best = routes.first().ok_or(DialRefusal::BadAddress)?;
        let usable: Vec<&Route> = routes.iter().filter(|route| route.is_usable()).collect();
        match usable.first() {
            None => Err(refusal(best)),
            Some(route) => match route.account.zip(Target::of(&route.address)) {
                None => Err(refusal(route)),
                Some((account, target)) => {
                    let of_account = usable.iter().skip(1).filter(|route| route.account == Some(account));
                    let further = of_account.filter_map(|route| Target::of(&route.address)).collect();
                    self.place(id, account, Destination { target, further, dialled: number_of(address), anonymous }, now)
                }
            },
        }
    }

    fn place(&mut self, id: CallId, account_id: AccountId, to: Destination, now: Now) -> Result<(), DialRefusal> {
        let account = self.accounts.get_mut(&account_id).filter(|account| !account.is_leaving()).ok_or(DialRefusal::NoAccount)?;
        let trouble = account.hurry(&mut self.ids, now);
        let (is_ready, is_silent) = (account.is_ready(), account.is_unheard());
        let domain = account.own.domain.clone();
        let uri = to.target.within(&domain);
        // Who was found by a number is shown with it.
        let display_name = to.dialled.filter(|number| !uri.contains(number.reveal().as_str()));
        let peer = Peer { address: Pii(uri.clone()), display_name };
        let setup = self.setup(id, account_id, peer, Caller::default(), CallDirection::Outgoing).ok_or(DialRefusal::NoAccount)?;
        let mut call = Call::outgoing(setup, now);
        if is_silent {
            call.server_silent();
        }
        match trouble {
            Some(trouble) => call.server_failed(trouble.end_reason(), now),
            None if is_ready => call.server_ready(now),
            None => {}
        }
        call.also_at(to.further.into_iter().map(|target| Pii(target.within(&domain))).collect());
        let mut running = Running::new(account_id, call, Pii(uri));
        running.options.anonymous = to.anonymous;
        self.calls.insert(id, running);
        self.give_floor(id, now);
        Ok(())
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

    /// The person has changed their mind before there was a call. Whether there was such a search.
    pub(super) fn give_up_search(&mut self, id: CallId) -> bool {
        let is_there = self.searches.remove(&id).is_some();
        if is_there {
            self.tell_refusal(id, Err(DialRefusal::GivenUp));
        }
        is_there
    }

    pub(super) fn drop_searches(&mut self) {
        for id in std::mem::take(&mut self.searches).into_keys() {
            self.tell_refusal(id, Err(DialRefusal::ShuttingDown));
        }
    }

    /// Whether the answer was to one of them.
    pub(super) fn search_resolved(&mut self, id: QuestionId, resolution: &Resolution, now: Now) -> bool {
        self.searches.values_mut().any(|search| search.lookup.handle_resolved(id, resolution.clone(), now))
    }

    pub(super) fn search_timeout(&mut self, now: Now) {
        self.searches.values_mut().for_each(|search| search.lookup.handle_timeout(now));
    }

    pub(super) fn search_wakes(&self) -> impl Iterator<Item = Option<Wake>> {
        self.searches.values().map(|search| search.lookup.next_wake())
    }

    pub(super) fn pump_searches(&mut self, now: Now) -> bool {
        let mut has_moved = false;
        let ids: Vec<CallId> = self.searches.keys().copied().collect();
        for id in ids {
            while let Some(output) = self.searches.get_mut(&id).and_then(|search| search.lookup.poll_output()) {
                has_moved = true;
                match output {
                    EnumOutput::Resolve { id, question } => self.outputs.push_back(Output::Io(Action::Resolve { id, question })),
                    EnumOutput::Done(result) => {
                        let Some(search) = self.searches.remove(&id) else { continue };
                        let plan = self.plan(search.named);
                        let dialled = self.call_by(id, &plan, &search.address, &result.answers, search.anonymous, now);
                        self.tell_refusal(id, dialled);
                    }
                }
            }
        }
        has_moved
    }
}

/// Whom a call goes to.
struct Destination {
    target: Target,
    /// Over the same account, if the first comes to nothing.
    further: Vec<Target>,
    /// The number that was dialled.
    dialled: Option<Pii<String>>,
    anonymous: bool,
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

fn refusal(route: &Route) -> DialRefusal {
    match route.obstacle {
        Some(Obstacle::NoAccount) => DialRefusal::NoAccount,
        Some(Obstacle::NotSecure) => DialRefusal::NotSecure,
        Some(Obstacle::NotYet) => DialRefusal::NotYet,
        None if route.reasons.contains(&Reason::Emergency) => DialRefusal::Emergency,
        None if route.way == Way::OrdinaryDialler => DialRefusal::OrdinaryDialler,
        None => DialRefusal::BadAddress,
    }
}
