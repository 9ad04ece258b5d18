//! Before a call: what the owner remembers of a person is asked for, and where a number leads. None of it holds a call up for long.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cooee_call::{CallId, Fact};
use cooee_machine::{Action, Now, Pii, QuestionId, Resolution, ResolveFailure, Wake};

use super::Phone;
use super::way::OpenRoute;
use crate::probe::{Reach, person_keys};
use crate::{
    AccountId, Address, AskedSuffix, Choice, DialPlan, DialRefusal, EnumAnswer, EnumLookup, EnumOutput, EnumSuffix, LookedUp, Number,
    Output, PhoneEvent, Recalled, Route, SuffixState,
};

/// So many calls may be on their way to being one at once.
const MOST: usize = 8;
/// What is remembered is a hint: it is not waited for longer than this.
const RECALL: Duration = Duration::from_millis(100);

/// Calls that are none yet.
pub(super) type Searches = BTreeMap<CallId, Search>;

/// Whom to call, and how.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The account that was named.
    pub(super) named: Option<AccountId>,
    /// The caller withholds who it is.
    pub(super) anonymous: bool,
    /// What it is about.
    pub(super) subject: Option<Pii<String>>,
    pub(super) address: Address,
}

/// What comes before a call.
#[derive(Debug)]
pub(super) struct Search {
    wanted: Wanted,
    begun: Now,
    /// What the owner remembers, as far as it has said so.
    choice: Choice,
    reach: BTreeMap<Pii<String>, Reach>,
    /// Where the number leads.
    found: Vec<EnumAnswer>,
    /// Somebody was asked about the number.
    has_looked: bool,
    /// Whose word bears wrong signatures.
    unused: Vec<EnumSuffix>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The owner was asked what it remembers of these, before the number is looked up or after.
    Recall {
        addresses: Vec<Address>,
        until: Instant,
        is_first: bool,
    },
    LookUp(Box<EnumLookup>),
    /// Between two of them.
    Open,
}

impl Search {
    pub(super) fn new(wanted: Wanted, begun: Now) -> Self {
        let (choice, reach, found) = (Choice::default(), BTreeMap::new(), Vec::new());
        Self { wanted, begun, choice, reach, found, has_looked: false, unused: Vec::new(), stage: Stage::Open }
    }

    /// By then there is a call, or none.
    fn deadline(&self) -> Instant {
        self.begun.instant + EnumLookup::PATIENCE
    }

    fn plan(&self, phone: &Phone) -> DialPlan {
        DialPlan { reach: self.reach.clone(), choice: self.choice.clone(), ..phone.plan(self.wanted.named) }
    }

    fn routes(&self, phone: &Phone, now: Now) -> Vec<Route> {
        self.plan(phone).routes(&self.wanted.address, &self.found, now.unix)
    }

    fn is_due(&self, now: Now) -> bool {
        matches!(self.stage, Stage::Recall { until, .. } if until <= now.instant)
    }

    fn next_wake(&self) -> Option<Wake> {
        match &self.stage {
            Stage::Recall { until, .. } => Some(Wake::at(*until, "dial: what is remembered")),
            Stage::LookUp(lookup) => lookup.next_wake(),
            Stage::Open => None,
        }
    }

    /// So many addresses the number has.
    fn found(&self) -> u32 {
        u32::try_from(self.found.len()).unwrap_or(u32::MAX)
    }

    fn looked_up(&self, account: Option<AccountId>, now: Now) -> LookedUp {
        LookedUp {
            address: self.wanted.address.canonical(),
            account,
            begun: self.begun.unix,
            took: now.instant.saturating_duration_since(self.begun.instant),
            found: self.found(),
        }
    }
}

impl Phone {
    /// What was chosen for a person decides who calls, and so who is asked about the number: that is recalled first, where there is a
    /// choice.
    pub(super) fn begin_search(&mut self, id: CallId, search: Search, now: Now) {
        let address = &search.wanted.address;
        let has_choice = search.wanted.named.is_none() && self.accounts.len() > 1 && !address.is_for_help();
        if has_choice && !person_keys(address).is_empty() {
            let addresses = vec![address.clone()];
            self.recall(id, search, addresses, true, now);
        } else {
            self.look_up(id, search, now);
        }
    }

    fn recall(&mut self, id: CallId, mut search: Search, addresses: Vec<Address>, is_first: bool, now: Now) {
        let until = (now.instant + RECALL).min(search.deadline());
        let is_crowded = self.searches.len() >= MOST;
        search.stage = Stage::Recall { addresses: addresses.clone(), until, is_first };
        if is_crowded || until <= now.instant {
            return self.recalled(id, search, now);
        }
        let dialled = search.wanted.address.clone();
        self.searches.insert(id, search);
        self.outputs.push_back(Output::Recall { call: id, dialled, addresses });
    }

    /// The owner has told what it remembers.
    pub(super) fn handle_recalled(&mut self, recalled: Recalled, now: Now) {
        let id = recalled.call;
        let is_waiting = |search: &Search| matches!(search.stage, Stage::Recall { .. });
        if !self.searches.get(&id).is_some_and(is_waiting) {
            return;
        }
        let Some(mut search) = self.searches.remove(&id) else { return };
        if let Stage::Recall { addresses, .. } = &search.stage {
            search.reach.extend(addresses.iter().map(Address::canonical).zip(recalled.reach));
        }
        search.choice = recalled.choice;
        self.recalled(id, search, now);
    }

    fn recalled(&mut self, id: CallId, mut search: Search, now: Now) {
        match std::mem::replace(&mut search.stage, Stage::Open) {
            Stage::Recall { is_first: true, .. } => self.look_up(id, search, now),
            _ => {
                let routes = search.routes(self, now);
                self.end_search(id, &search, &routes, now);
            }
        }
    }

    fn look_up(&mut self, id: CallId, mut search: Search, now: Now) {
        let plan = search.plan(self);
        let suffixes = self.numbering.lookup(&plan, &search.wanted.address);
        match &search.wanted.address {
            Address::Number(Number::International(number)) if !suffixes.is_empty() && self.searches.len() < MOST => {
                // Whoever will call gets ready meanwhile.
                let caller = plan.caller(&search.wanted.address).map(|caller| caller.account);
                if let Some(account) = caller.and_then(|caller| self.accounts.get_mut(&caller)) {
                    account.hurry(&mut self.ids, now);
                }
                let lookup = EnumLookup::new(number.clone(), suffixes, self.ids.questions(), now).until(search.deadline());
                (search.has_looked, search.stage) = (true, Stage::LookUp(Box::new(lookup)));
                self.searches.insert(id, search);
            }
            _ => self.rank(id, search, now),
        }
    }

    /// Where there are several ways, what is remembered of each decides their order.
    fn rank(&mut self, id: CallId, search: Search, now: Now) {
        let routes = search.routes(self, now);
        let addresses: Vec<Address> = OpenRoute::of(&routes).into_iter().map(|way| way.address).collect();
        let is_known = |address: &Address| search.reach.contains_key(&address.canonical());
        if addresses.len() > 1 && !addresses.iter().all(is_known) {
            self.recall(id, search, addresses, false, now);
        } else {
            self.end_search(id, &search, &routes, now);
        }
    }

    fn end_search(&mut self, id: CallId, search: &Search, routes: &[Route], now: Now) {
        for suffix in &search.unused {
            self.tell(PhoneEvent::RouteUnused { call: id, domain: suffix.domain().to_owned() });
        }
        match self.call_by(id, &search.wanted, routes, now) {
            Err(DialRefusal::OrdinaryDialler) if !search.unused.is_empty() => {
                let domain = search.unused.iter().map(EnumSuffix::domain).next().unwrap_or_default().to_owned();
                self.refuse_search(id, search, DialRefusal::WrongSignatures(domain), now);
            }
            Err(reason) => self.refuse_search(id, search, reason, now),
            Ok(()) if search.has_looked => self.with_call(id, |call| call.note(Fact::NumberLookedUp { found: search.found() }, now)),
            Ok(()) => {}
        }
    }

    /// What was asked of somebody leaves a line in the log.
    fn refuse_search(&mut self, id: CallId, search: &Search, reason: DialRefusal, now: Now) {
        let account = search.plan(self).caller(&search.wanted.address).map(|caller| caller.account);
        let looked_up = search.has_looked.then(|| search.looked_up(account, now));
        self.refuse_dial(id, reason, looked_up);
    }

    /// The person has changed their mind before there was a call. Whether there was such a search.
    pub(super) fn give_up_search(&mut self, id: CallId, now: Now) -> bool {
        let search = self.searches.remove(&id);
        if let Some(search) = &search {
            self.refuse_search(id, search, DialRefusal::GivenUp, now);
        }
        search.is_some()
    }

    pub(super) fn drop_searches(&mut self, now: Now) {
        for (id, search) in std::mem::take(&mut self.searches) {
            self.refuse_search(id, &search, DialRefusal::ShuttingDown, now);
        }
    }

    /// Somebody is being looked for.
    pub(super) fn is_searching(&self) -> bool {
        !self.searches.is_empty()
    }

    /// Whether the answer was to one of them.
    pub(super) fn search_resolved(&mut self, id: QuestionId, resolution: &Resolution, now: Now) -> bool {
        self.lookups().any(|lookup| lookup.handle_resolved(id, resolution.clone(), now))
    }

    pub(super) fn search_timeout(&mut self, now: Now) {
        self.lookups().for_each(|lookup| lookup.handle_timeout(now));
        let due: Vec<CallId> = self.searches.iter().filter(|(_, search)| search.is_due(now)).map(|(id, _)| *id).collect();
        for id in due {
            if let Some(search) = self.searches.remove(&id) {
                self.recalled(id, search, now);
            }
        }
    }

    pub(super) fn search_wakes(&self) -> impl Iterator<Item = Option<Wake>> {
        self.searches.values().map(Search::next_wake)
    }

    pub(super) fn pump_searches(&mut self, now: Now) -> bool {
        let mut has_moved = false;
        let ids: Vec<CallId> = self.searches.keys().copied().collect();
        for id in ids {
            while let Some(output) = self.searches.get_mut(&id).and_then(Search::poll) {
                has_moved = true;
                match output {
                    EnumOutput::Resolve { id, question } => self.outputs.push_back(Output::Io(Action::Resolve { id, question })),
                    EnumOutput::Done(result) => {
                        let Some(search) = self.searches.remove(&id) else { continue };
                        let is_bogus = |asked: &AskedSuffix| asked.state == SuffixState::Failed(ResolveFailure::Bogus);
                        let unused = result.suffixes.iter().filter(|asked| is_bogus(asked)).map(|asked| asked.suffix.clone()).collect();
                        let is_ours = |host: &str| self.accounts.values().any(|account| account.is_at(host));
                        let found = self.numbering.found_at(is_ours, result.answers);
                        self.rank(id, Search { found, unused, stage: Stage::Open, ..search }, now);
                    }
                }
            }
        }
        has_moved
    }

    fn lookups(&mut self) -> impl Iterator<Item = &mut EnumLookup> {
        self.searches
            .values_mut()
            .filter_map(|search| if let Stage::LookUp(lookup) = &mut search.stage { Some(&mut **lookup) } else { None })
    }
}

impl Search {
    fn poll(&mut self) -> Option<EnumOutput> {
        if let Stage::LookUp(lookup) = &mut self.stage { lookup.poll_output() } else { None }
    }
}
