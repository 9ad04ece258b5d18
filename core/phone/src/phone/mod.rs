mod acquaintances;
mod announcing;
mod calls;
mod dial;
mod floor;
mod inquiries;
mod keys;
mod messages;
mod pump;
mod ring_test;
mod route;
mod screen;
mod search;
mod shutdown;
mod strangers;
mod system_call;
mod transfer;
mod waking;
mod way;
mod who;

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use cooee_call::{Call, CallId};
use cooee_machine::{Entropy, Event, Interface, Machine, Now, Pii, Wake};

use cooee_sip::ua::InviteOptions;

use crate::account::{Account, Ids};
use crate::inquiry::Inquirer;
use crate::{
    AccountConfig, AccountId, AccountState, AccountTrouble, Command, Input, Numbering, Output, PhoneConfig, PhoneEvent, Rest, WhoRings,
};
use acquaintances::Acquaintances;
use announcing::KnownCalls;
use inquiries::Asking;
use keys::VerifiedKeys;
use messages::Messages;
use ring_test::RingTest;
use screen::Screen;
use search::Searches;
use strangers::Contacts;
use system_call::Interruption;
use transfer::Errand;
use waking::Waking;
use way::OpenRoute;

/// The signalling half of a phone as one value: its accounts, their flows and user agents, and its calls. The media half
/// (gathering, sessions, sound) runs beside it; the two exchange [`cooee_call::MediaRequest`] and [`cooee_call::MediaEvent`].
///
/// The owner names the calls it dials with even numbers; the phone names incoming ones with odd numbers.
#[derive(Debug)]
pub struct Phone {
    config: PhoneConfig,
    entropy: Entropy,
    ids: Ids,
    accounts: BTreeMap<AccountId, Account>,
    calls: BTreeMap<CallId, Running>,
    /// The call that the person speaks in, or wants to.
    floor: Option<CallId>,
    interruption: Interruption,
    screen: Screen,
    low_data: bool,
    /// Who has taken a call of ours: they may learn where in its network this phone is.
    acquaintances: Acquaintances,
    /// With whom there was a call or a text that we wanted: they may know that we are there.
    familiar: Acquaintances,
    /// Whom we have called or written to: their calls ring aloud, as those of the address book.
    called: Acquaintances,
    contacts: Contacts,
    who_rings: WhoRings,
    inquirer: Inquirer,
    /// Who is being asked.
    asking: Option<Asking>,
    verified: VerifiedKeys,
    messages: Messages,
    numbering: Numbering,
    searches: Searches,
    ring_test: Option<RingTest>,
    known: KnownCalls,
    /// Wake-ups that are not answered yet.
    wakings: Vec<Waking>,
    /// What was said last of whether the device may sleep.
    rest: Option<Rest>,
    next_incoming: u64,
    networks: Option<Vec<IpAddr>>,
    shutdown: Shutdown,
    outputs: VecDeque<Output>,
}

/// A call and the account it runs over.
#[derive(Debug)]
struct Running {
    account: AccountId,
    call: Call,
    /// The URI that is called, for an outgoing call.
    target: Pii<String>,
    /// The way it takes, for an outgoing call that the person dialled.
    way: Option<OpenRoute>,
    /// Further ways to the same person.
    further: VecDeque<OpenRoute>,
    /// Particulars of its INVITE.
    options: InviteOptions,
    /// It was asked for by the peer of another call.
    errand: Option<Errand>,
    /// The call of ours that it replaces as soon as it is answered.
    replaces: Option<CallId>,
    /// The call of ours that its peer is to take over.
    joins: Option<CallId>,
    /// Somebody calls whom the person has nothing to do with yet.
    is_of_stranger: bool,
}

impl Running {
    fn new(account: AccountId, call: Call, target: Pii<String>) -> Self {
        let (way, further, options) = (None, VecDeque::new(), InviteOptions::default());
        Self { account, call, target, way, further, options, errand: None, replaces: None, joins: None, is_of_stranger: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shutdown {
    /// Not asked for.
    No,
    /// Everything is being ended.
    Begun,
    /// [`Output::ShutDown`] was given.
    Done,
}

impl Phone {
    /// A phone without accounts.
    #[must_use]
    pub fn new(config: PhoneConfig, mut entropy: Entropy) -> Self {
        Self {
            inquirer: Inquirer::new(config.inquiries.clone(), entropy.fork()),
            config,
            entropy,
            ids: Ids::default(),
            accounts: BTreeMap::new(),
            calls: BTreeMap::new(),
            floor: None,
            interruption: Interruption::default(),
            screen: Screen::default(),
            low_data: false,
            acquaintances: Acquaintances::default(),
            familiar: Acquaintances::default(),
            called: Acquaintances::default(),
            contacts: Contacts::default(),
            who_rings: WhoRings::default(),
            asking: None,
            verified: VerifiedKeys::default(),
            messages: Messages::new(),
            numbering: Numbering::default(),
            searches: Searches::new(),
            ring_test: None,
            known: KnownCalls::default(),
            wakings: Vec::new(),
            rest: None,
            next_incoming: 1,
            networks: None,
            shutdown: Shutdown::No,
            outputs: VecDeque::new(),
        }
    }

    /// Where an account is; `None` if there is none of this name, or it is leaving.
    #[must_use]
    pub fn account_state(&self, account: AccountId) -> Option<&AccountState> {
        self.accounts.get(&account).filter(|account| !account.is_leaving()).map(Account::state)
    }

    /// The calls that are not over.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values().map(|running| &running.call).filter(|call| !call.is_over())
    }

    fn add_account(&mut self, id: AccountId, config: AccountConfig, now: Now) {
        self.remove_account_at_once(id, now);
        if self.shutdown != Shutdown::No {
            return;
        }
        let address = config.proxy.clone().map_or_else(|| config.address.clone(), Pii);
        match Account::new(config, &self.config, self.entropy.fork(), &mut self.ids, now) {
            Some(account) => drop(self.accounts.insert(id, account)),
            None => {
                let state = AccountState::Failed { trouble: AccountTrouble::BadAddress(address), retry_in: None };
                self.tell(PhoneEvent::AccountChanged { account: id, state });
            }
        }
    }

    fn remove_account(&mut self, id: AccountId, now: Now) {
        for running in self.calls.values_mut().filter(|running| running.account == id) {
            running.call.shut_down(now);
        }
        // The calls say good-bye over it before it takes its leave.
        self.pump_calls(now);
        if let Some(account) = self.accounts.get_mut(&id) {
            account.leave(self.config.shutdown, now);
        }
    }

    /// Another configuration takes its name: no time for an orderly leave-taking beyond what fits now.
    fn remove_account_at_once(&mut self, id: AccountId, now: Now) {
        if self.accounts.contains_key(&id) {
            self.remove_account(id, now);
            self.pump(now);
            self.drop_account(id, now);
        }
    }

    fn network_changed(&mut self, interfaces: &[Interface], now: Now) {
        let up: Vec<IpAddr> = interfaces.iter().map(|interface| interface.address).collect();
        let before = self.networks.replace(up.clone());
        let lost: Vec<IpAddr> = before.iter().flatten().copied().filter(|address| !up.contains(address)).collect();
        let has_new = before.as_ref().is_none_or(|before| up.iter().any(|address| !before.contains(address)));
        // The first word about networks is no change to flows that were opened on them.
        if before.is_none() || (lost.is_empty() && !has_new) {
            return;
        }
        for account in self.accounts.values_mut() {
            account.network_changed(&lost, &mut self.ids, now);
        }
        for running in self.calls.values_mut() {
            running.call.handle_networks(&up, &lost, now);
        }
    }

    fn handle_io(&mut self, event: &Event<'_>, now: Now) {
        match event {
            Event::NetworkChanged(interfaces) => self.network_changed(interfaces, now),
            Event::Timeout => self.handle_timeout(now),
            Event::Resolved { id, resolution } if self.search_resolved(*id, resolution, now) => {}
            Event::Resolved { id, resolution } => {
                for account in self.accounts.values_mut() {
                    if account.handle_resolved(*id, resolution, &mut self.ids, now) {
                        break;
                    }
                }
            }
            event => {
                for account in self.accounts.values_mut() {
                    if account.handle_io(event, &mut self.ids, now) {
                        break;
                    }
                }
            }
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        for account in self.accounts.values_mut() {
            account.handle_timeout(&mut self.ids, now);
        }
        for running in self.calls.values_mut() {
            running.call.handle_timeout(now);
        }
        self.search_timeout(now);
        self.ring_test_timeout(now);
    }

    fn next_wake(&self) -> Option<Wake> {
        let accounts = self.accounts.values().map(Account::next_wake);
        let calls = self.calls.values().map(|running| running.call.next_wake());
        let others = [self.inquirer.next_wake(), self.ring_test_wake(), self.next_waking()];
        accounts.chain(calls).chain(self.search_wakes()).chain(others).fold(None, Wake::earlier)
    }

    fn tell(&mut self, event: PhoneEvent) {
        self.outputs.push_back(Output::Event(event));
    }
}

impl Machine for Phone {
    type Command = Command;
    type Input<'a> = Input<'a>;
    type Output = Output;

    fn handle_command(&mut self, command: Command, now: Now) {
        match command {
            Command::AddAccount { account, config } => self.add_account(account, *config, now),
            Command::RemoveAccount(account) => self.remove_account(account, now),
            Command::Dial { call, account, target, anonymous, subject } => self.dial(call, (account, anonymous, subject), &target, now),
            Command::Answer(call) => self.answer(call, now),
            Command::AnswerEnding(call) => self.answer_ending(call, now),
            Command::Decline(call) => self.with_call(call, |call| call.decline(now)),
            Command::DeclineBusy(call) => self.with_call(call, |call| call.decline_busy(now)),
            Command::Hold(call) => self.hold(call, now),
            Command::Resume(call) => self.resume(call, now),
            Command::SetDoNotDisturb(on) => self.screen.set_do_not_disturb(on),
            Command::SetRejectAnonymous(on) => self.screen.set_reject_anonymous(on),
            Command::SetAllowed(rules) => self.set_allowed(rules, now),
            Command::SetLowData(on) => {
                self.low_data = on;
                self.calls.values_mut().for_each(|running| running.call.set_low_data(on));
            }
            Command::SetSystemCall(call) => self.set_system_call(call, now),
            Command::SetWhoRings(who) => self.set_who_rings(who, now),
            Command::SetContacts(addresses) => self.set_contacts(&addresses, now),
            Command::AddCalled(addresses) => addresses.iter().for_each(|address| self.called.meet(address.reveal())),
            Command::SetNumbering(numbering) => self.numbering = *numbering,
            Command::SetBlocked(rules) => self.set_blocked(rules, now),
            Command::SetVerified(keys) => {
                self.verified.set(keys);
                self.calls.values_mut().for_each(|running| running.call.tell_again());
            }
            Command::SetAcquaintances(addresses) => self.acquaintances.set(&addresses),
            Command::SetFamiliar(addresses) => self.familiar.set(&addresses),
            Command::SetPeople(people) => self.inquirer.set_people(people),
            Command::SetConditions(conditions) => self.inquirer.set_conditions(conditions),
            Command::HangUp(call) if self.give_up_search(call, now) => {}
            Command::HangUp(call) => self.with_call(call, |call| call.hang_up(now)),
            Command::Digit { call, digit } => self.with_call(call, |call| call.digit(digit, now)),
            Command::Mute { call, muted } => self.with_call(call, |call| call.mute(muted, now)),
            Command::Transfer { call, target } => self.transfer(call, &target, now),
            Command::TransferTo { call, other } => self.transfer_to(call, other, now),
            Command::FollowTransfer(call) => self.follow_transfer(call, now),
            Command::RefuseTransfer(call) => self.refuse_transfer_request(call),
            Command::TestRinging { account, after } => self.test_ringing(account, after, now),
            Command::SendMessage { message, account, target, text } => self.send_message(message, account, &target, &text, now),
            Command::Wake { wake, reason } => self.wake(wake, reason, now),
            Command::Shutdown => self.shut_down(now),
        }
        self.pump(now);
    }

    fn handle_input(&mut self, input: Input<'_>, now: Now) {
        match input {
            Input::Io(event) => self.handle_io(&event, now),
            Input::Recalled(recalled) => self.handle_recalled(recalled, now),
            Input::Media { call, event } => self.with_call(call, |call| call.handle_media(event, now)),
        }
        self.pump(now);
    }

    fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Wake(self.next_wake()))
    }
}
