//! A small world for phones: names, a server that registers and relays, media that works or does not, and one clock.
//! Everything arrives at once; what takes time is timers.

mod media;
mod server;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_call::{CallDirection, CallId, CallSnapshot, CallState, EndReason, LogEntry, MediaRequest};
use cooee_machine::{
    Action, CloseReason, DnsSecurity, Entropy, Event, Interface, Machine, NaptrRecord, Now, PeerIdentity, Record, RecordType, Resolution,
    ResolveFailure, Secret, SrvRecord, StreamEvent, StreamId, StreamOrigin,
};
use cooee_phone::probe::Reach;
use cooee_phone::{AccountConfig, AccountId, AccountState, Choice, Command, Input, Output, Phone, PhoneConfig, PhoneEvent, Recalled, Rest};

pub use media::{MediaMode, transport};
pub use server::{Login, Server};

pub const SERVER: &str = "198.51.100.1:5061";
pub const SPARE: &str = "198.51.100.2:5061";
pub const ACCOUNT: AccountId = AccountId(1);

/// What happens to who connects to an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Listener {
    /// The server takes it.
    Accept,
    /// It fails.
    Fail(CloseReason),
    /// Nothing ever comes back.
    Silent,
}

/// Something on its way to a phone.
enum Mail {
    Opened(StreamId, SocketAddr),
    Bytes(StreamId, Vec<u8>),
    Closed(StreamId, CloseReason),
    Resolved(cooee_machine::QuestionId, Resolution),
    Bound(cooee_machine::SocketId),
    Media(CallId, cooee_call::MediaEvent),
    Recalled(Recalled),
}

pub struct World {
    pub now: Now,
    pub phones: Vec<Phone>,
    pub server: Server,
    pub listeners: BTreeMap<SocketAddr, Listener>,
    pub media: Vec<MediaMode>,
    /// What each phone told its owner.
    pub events: Vec<Vec<PhoneEvent>>,
    /// What each phone asked to open: address and name for TLS.
    pub opened: Vec<Vec<(SocketAddr, Option<String>)>>,
    /// Every datagram's destination.
    pub datagrams: Vec<SocketAddr>,
    /// Whom each call's gathering was told to ask for its public address.
    pub stun_servers: Vec<Vec<SocketAddr>>,
    pub shut_down: Vec<bool>,
    /// Whether each device may sleep.
    pub rest: Vec<Rest>,
    pub wakes: usize,
    /// Everything that went to phones over connections.
    pub said: Vec<(usize, Vec<u8>)>,
    /// What all owners remember of people, by their canonical address.
    pub reach: BTreeMap<String, Reach>,
    pub choices: BTreeMap<String, Choice>,
    pub recalls: usize,
    /// They never answer what they remember.
    pub forgetful: bool,
    zone: BTreeMap<(String, RecordType), Vec<Record>>,
    has_resolver: bool,
    silent: BTreeSet<RecordType>,
    forged: Vec<String>,
    /// Every name that was asked for.
    pub asked: Vec<String>,
    streams: BTreeMap<(usize, StreamId), SocketAddr>,
    mail: VecDeque<(usize, Mail)>,
}

impl World {
    /// `example.org` has one server for TLS at [`SERVER`].
    pub fn new() -> Self {
        let mut world = Self {
            now: Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) },
            phones: Vec::new(),
            server: Server::default(),
            listeners: BTreeMap::from([(address(SERVER), Listener::Accept)]),
            media: Vec::new(),
            events: Vec::new(),
            opened: Vec::new(),
            datagrams: Vec::new(),
            stun_servers: Vec::new(),
            shut_down: Vec::new(),
            rest: Vec::new(),
            wakes: 0,
            said: Vec::new(),
            reach: BTreeMap::new(),
            choices: BTreeMap::new(),
            recalls: 0,
            forgetful: false,
            zone: BTreeMap::new(),
            has_resolver: true,
            silent: BTreeSet::new(),
            forged: Vec::new(),
            asked: Vec::new(),
            streams: BTreeMap::new(),
            mail: VecDeque::new(),
        };
        world.srv("_sips._tcp.example.org", 10, "sip.example.org", 5061);
        world.a("sip.example.org", "198.51.100.1");
        world
    }

    pub fn srv(&mut self, name: &str, priority: u16, target: &str, port: u16) {
        let record = Record::Srv(SrvRecord { priority, weight: 0, port, target: target.into() });
        self.zone.entry((name.into(), RecordType::Srv)).or_default().push(record);
    }

    pub fn a(&mut self, name: &str, address: &str) {
        self.zone.entry((name.into(), RecordType::A)).or_default().push(Record::A(address.parse().unwrap()));
    }

    /// A rule of ENUM, below the suffix.
    pub fn naptr(&mut self, number: &str, suffix: &str, preference: u16, service: &str, regexp: &str) {
        let name: String = number.chars().rev().flat_map(|digit| [digit, '.']).collect::<String>() + suffix;
        let (flags, services, regexp, replacement) = ("u".into(), service.into(), regexp.into(), String::new());
        let record = Record::Naptr(NaptrRecord { order: 100, preference, flags, services, regexp, replacement });
        self.zone.entry((name, RecordType::Naptr)).or_default().push(record);
    }

    /// Questions for this type get no answer from now on.
    pub fn silence(&mut self, kind: RecordType) {
        self.silent.insert(kind);
    }

    /// Everything below this domain bears wrong signatures from now on.
    pub fn forge(&mut self, domain: &str) {
        self.forged.push(domain.to_owned());
    }

    pub fn aaaa(&mut self, name: &str, address: &str) {
        self.zone.entry((name.into(), RecordType::Aaaa)).or_default().push(Record::Aaaa(address.parse().unwrap()));
    }

    pub fn forget_names(&mut self) {
        self.zone.clear();
    }

    pub fn lose_resolver(&mut self) {
        self.has_resolver = false;
    }

    /// A second server for `example.org`, less preferred.
    pub fn add_spare(&mut self) {
        self.srv("_sips._tcp.example.org", 20, "spare.example.org", 5061);
        self.a("spare.example.org", "198.51.100.2");
        self.listeners.insert(address(SPARE), Listener::Accept);
    }

    pub fn add_phone(&mut self) -> usize {
        self.add_phone_with(PhoneConfig::default())
    }

    pub fn add_phone_with(&mut self, config: PhoneConfig) -> usize {
        let index = self.phones.len();
        self.phones.push(Phone::new(config, Entropy::for_test(100 + index as u64)));
        self.media.push(MediaMode::Works);
        self.events.push(Vec::new());
        self.opened.push(Vec::new());
        self.shut_down.push(false);
        self.rest.push(Rest::Awake);
        index
    }

    /// A phone with a registered account of this user at example.org.
    pub fn registered(&mut self, user: &str) -> usize {
        let phone = self.add_phone();
        self.add_account(phone, account(user));
        assert!(matches!(self.state(phone), AccountState::Registered { .. }), "{:?}", self.state(phone));
        phone
    }

    pub fn add_account(&mut self, phone: usize, config: AccountConfig) {
        self.command(phone, Command::AddAccount { account: ACCOUNT, config: Box::new(config) });
    }

    pub fn command(&mut self, phone: usize, command: Command) {
        self.phones[phone].handle_command(command, self.now);
        self.settle();
    }

    pub fn dial(&mut self, phone: usize, target: &str) -> CallId {
        let call = CallId(2 * (1 + self.events[phone].len() as u64));
        self.command(phone, Command::Dial { call, account: None, target: target.into(), anonymous: false, subject: None });
        call
    }

    pub fn networks(&mut self, phone: usize, addresses: &[&str]) {
        let interface = |address: &&str| Interface { name: "wlan0".into(), address: address.parse().unwrap() };
        let up = addresses.iter().map(interface).collect();
        self.phones[phone].handle_input(Input::Io(Event::NetworkChanged(up)), self.now);
        self.settle();
    }

    /// The server drops every connection.
    pub fn cut(&mut self) {
        for (phone, stream) in std::mem::take(&mut self.streams).into_keys() {
            self.server.gone(phone, stream);
            self.mail.push_back((phone, Mail::Closed(stream, CloseReason::ByPeer)));
        }
        self.settle();
    }

    pub fn is_connected(&self, phone: usize) -> bool {
        self.streams.keys().any(|(owner, _)| *owner == phone)
    }

    /// Octets from the server, cut anywhere by the test.
    pub fn tell(&mut self, phone: usize, octets: &[u8]) {
        let stream = *self.streams.keys().find(|(owner, _)| *owner == phone).map(|(_, stream)| stream).unwrap();
        self.mail.push_back((phone, Mail::Bytes(stream, octets.to_vec())));
        self.settle();
    }

    /// Lets time pass, and timers fire.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.instant + time;
        loop {
            let due: Vec<Option<Instant>> = (0..self.phones.len()).map(|phone| self.wake(phone)).collect();
            let Some(next) = due.iter().flatten().min().copied().filter(|at| *at <= end) else { break };
            self.now = self.now.after(next.saturating_duration_since(self.now.instant));
            for (phone, _) in due.iter().enumerate().filter(|(_, at)| at.is_some_and(|at| at <= next)) {
                self.wakes += 1;
                self.phones[phone].handle_input(Input::Io(Event::Timeout), self.now);
                self.settle();
            }
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    pub fn pass_seconds(&mut self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    fn wake(&mut self, phone: usize) -> Option<Instant> {
        match self.phones[phone].poll_output() {
            Output::Wake(wake) => wake.map(|wake| wake.at + wake.slack),
            other => panic!("not drained: {other:?}"),
        }
    }

    /// Carries everything to everybody until nothing moves.
    pub fn settle(&mut self) {
        loop {
            for phone in 0..self.phones.len() {
                loop {
                    let output = self.phones[phone].poll_output();
                    if matches!(output, Output::Wake(_)) {
                        break;
                    }
                    self.take(phone, output);
                }
            }
            let Some((phone, mail)) = self.mail.pop_front() else { return };
            self.deliver(phone, &mail);
        }
    }

    fn take(&mut self, phone: usize, output: Output) {
        match output {
            Output::Io(action) => self.act(phone, action),
            Output::Media(request) => {
                let call = request.call();
                if let MediaRequest::Gather { stun_servers, .. } = &request {
                    self.stun_servers.push(stun_servers.clone());
                }
                for event in self.media[phone].answer(phone, &request) {
                    self.mail.push_back((phone, Mail::Media(call, event)));
                }
            }
            Output::Recall { call, dialled, addresses } if !self.forgetful => {
                let reach = addresses.iter().map(|address| self.reach.get(&address.canonical().0).cloned().unwrap_or_default()).collect();
                let choice = self.choices.get(&dialled.canonical().0).cloned().unwrap_or_default();
                self.recalls += 1;
                self.mail.push_back((phone, Mail::Recalled(Recalled { call, choice, reach })));
            }
            Output::Event(event) => self.events[phone].push(event),
            Output::ShutDown => self.shut_down[phone] = true,
            Output::Rest(rest) => self.rest[phone] = rest,
            _ => {}
        }
    }

    fn act(&mut self, phone: usize, action: Action) {
        match action {
            Action::Open { stream, target } => {
                self.opened[phone].push((target.remote, target.tls));
                match self.listeners.get(&target.remote).cloned().unwrap_or(Listener::Fail(CloseReason::Refused)) {
                    Listener::Accept => {
                        self.streams.insert((phone, stream), target.remote);
                        self.mail.push_back((phone, Mail::Opened(stream, target.remote)));
                    }
                    Listener::Fail(reason) => self.mail.push_back((phone, Mail::Closed(stream, reason))),
                    Listener::Silent => {}
                }
            }
            Action::Write { stream, payload } => {
                let Some(remote) = self.streams.get(&(phone, stream)) else { return };
                for (to, through, octets) in self.server.take((phone, stream), *remote, &payload, self.now) {
                    self.said.push((to, octets.clone()));
                    self.mail.push_back((to, Mail::Bytes(through, octets)));
                }
            }
            Action::Close(stream) => {
                if self.streams.remove(&(phone, stream)).is_some() {
                    self.server.gone(phone, stream);
                }
                self.mail.push_back((phone, Mail::Closed(stream, CloseReason::ByUs)));
            }
            Action::Resolve { id, question } => {
                self.asked.push(question.name.clone());
                if !self.silent.contains(&question.kind) {
                    let answer = self.resolve(&question.name, question.kind);
                    self.mail.push_back((phone, Mail::Resolved(id, answer)));
                }
            }
            Action::Bind { socket, .. } | Action::BindToward { socket, .. } => self.mail.push_back((phone, Mail::Bound(socket))),
            Action::Send { remote, .. } => self.datagrams.push(remote),
            Action::Unbind(_) => {}
        }
    }

    fn resolve(&self, name: &str, kind: RecordType) -> Resolution {
        let (ttl, security) = (Duration::from_secs(60), DnsSecurity::Insecure);
        if !self.has_resolver {
            return Resolution::Failed(ResolveFailure::NoResolver);
        }
        if self.forged.iter().any(|domain| name.ends_with(domain)) {
            return Resolution::Failed(ResolveFailure::Bogus);
        }
        match self.zone.get(&(name.to_owned(), kind)) {
            Some(records) => Resolution::Records { records: records.clone(), ttl, security },
            None => {
                let exists = self.zone.keys().any(|(known, _)| known == name || known.ends_with(&format!(".{name}")));
                Resolution::Nothing { no_such_name: !exists, ttl, security }
            }
        }
    }

    fn deliver(&mut self, phone: usize, mail: &Mail) {
        let local = address(&format!("192.0.2.{}:40000", 10 + phone));
        let stream = |stream, event| Input::Io(Event::Stream { stream, event });
        let input = match mail {
            Mail::Opened(id, remote) => {
                let (peer, origin) = (PeerIdentity::default(), StreamOrigin::Opened);
                stream(*id, StreamEvent::Opened { local, remote: *remote, peer, origin })
            }
            Mail::Bytes(id, octets) => stream(*id, StreamEvent::Bytes(octets)),
            Mail::Closed(id, reason) => stream(*id, StreamEvent::Closed(reason.clone())),
            Mail::Resolved(id, resolution) => Input::Io(Event::Resolved { id: *id, resolution: resolution.clone() }),
            Mail::Bound(socket) => Input::Io(Event::Bound { socket: *socket, local: Ok(local) }),
            Mail::Recalled(recalled) => Input::Recalled(recalled.clone()),
            Mail::Media(call, event) => Input::Media { call: *call, event: event.clone() },
        };
        self.phones[phone].handle_input(input, self.now);
    }

    // What tests ask.

    pub fn state(&self, phone: usize) -> AccountState {
        self.phones[phone].account_state(ACCOUNT).cloned().unwrap()
    }

    /// The account's states in order.
    pub fn states(&self, phone: usize) -> Vec<&'static str> {
        let state = |event: &PhoneEvent| if let PhoneEvent::AccountChanged { state, .. } = event { Some(state.as_str()) } else { None };
        self.events[phone].iter().filter_map(state).collect()
    }

    pub fn call(&self, phone: usize, call: CallId) -> CallSnapshot {
        let snapshot = |event: &PhoneEvent| match event {
            PhoneEvent::CallChanged { call: snapshot, .. } if snapshot.id == call => Some((**snapshot).clone()),
            _ => None,
        };
        self.events[phone].iter().rev().find_map(snapshot).unwrap_or_else(|| panic!("no call {call:?}"))
    }

    pub fn incoming(&self, phone: usize) -> Option<CallId> {
        let incoming = |event: &PhoneEvent| if let PhoneEvent::IncomingCall { call, .. } = event { Some(*call) } else { None };
        self.events[phone].iter().rev().find_map(incoming)
    }

    pub fn end(&self, phone: usize, call: CallId) -> Option<EndReason> {
        if let CallState::Ended(reason) = self.call(phone, call).state { Some(reason) } else { None }
    }

    pub fn log(&self, phone: usize) -> Vec<LogEntry> {
        let entry = |event: &PhoneEvent| if let PhoneEvent::CallEnded { entry, .. } = event { Some((**entry).clone()) } else { None };
        self.events[phone].iter().filter_map(entry).collect()
    }

    pub fn missed(&self, phone: usize) -> usize {
        self.log(phone).iter().filter(|entry| entry.call.direction == CallDirection::Incoming).count()
    }
}

pub fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn account(user: &str) -> AccountConfig {
    let instance = format!("urn:uuid:00000000-0000-4000-8000-{:012x}", user.bytes().fold(0_u64, |sum, octet| sum * 31 + u64::from(octet)));
    AccountConfig::new(format!("{user}@example.org"), Secret::new("secret"), instance)
}
