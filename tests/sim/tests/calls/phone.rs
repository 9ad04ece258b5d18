//! A phone as the engine runs it: the signalling machine, and beside it the media of each call, exchanging values only.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_call::{CallId, CallSnapshot, CallState, DialogId, EndReason, LogEntry, MediaEvent, MediaRequest, Milestone};
use cooee_machine::{Action, Entropy, Event, Interface, Machine, Now, SocketId, Wake};
use cooee_phone::probe::Reach;
use cooee_phone::{
    AccountConfig, AccountId, AccountState, AccountTrouble, Choice, Command, DialRefusal, Input as PhoneInput, Output, Phone, PhoneConfig,
    PhoneEvent, Recalled, Rest, TransferDecision, WakeId, WakeReason, Woken,
};
use cooee_rtc::{CandidatePolicy, SessionId};
use cooee_sdp::Negotiated;
use cooee_sim::{Desk, Input, Nap, Node};

use crate::sound::{Heard, Sound, SoundEvent};

/// Media sockets are named from here up, the phone's own from 0.
const FIRST_MEDIA_SOCKET: u64 = 1 << 32;

/// The account every phone here has.
pub(crate) const ACCOUNT: AccountId = AccountId(1);

/// What a phone does by itself when it rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manners {
    Ring,
    AnswerAfter(Duration),
    DeclineAfter(Duration),
}

struct CallMedia {
    policy: CandidatePolicy,
    stun_servers: Vec<SocketAddr>,
    binding: BTreeSet<SocketId>,
    sockets: BTreeMap<SocketAddr, SocketId>,
    sound: Option<Sound>,
    sessions: BTreeMap<DialogId, SessionId>,
    kept: Option<DialogId>,
}

/// One phone.
pub(crate) struct PhoneNode {
    phone: Phone,
    account: AccountConfig,
    entropy: Entropy,
    interfaces: Vec<Interface>,
    media: BTreeMap<CallId, CallMedia>,
    next_socket: u64,
    manners: Manners,
    due: Option<(Instant, Command)>,
    wake: Option<Wake>,
    rest: Rest,
    /// Its device sleeps when it may, and tells it when its networks change.
    pub(crate) is_mobile: bool,
    wakes: u64,
    /// What wake-ups have come to.
    pub(crate) woken: Vec<Woken>,
    /// The Session-ID that it wrote last.
    pub(crate) session: Option<String>,
    /// What it told its owner, and when (time of the world's calendar).
    pub(crate) events: Vec<(Duration, PhoneEvent)>,
    /// What its owner knows of people, by their canonical addresses.
    pub(crate) reach: BTreeMap<String, Reach>,
    /// Ended calls.
    pub(crate) log: Vec<LogEntry>,
    /// What came out of the loudspeaker in each call.
    pub(crate) heard: BTreeMap<CallId, Heard>,
    pub(crate) has_shut_down: bool,
}

impl PhoneNode {
    pub(crate) fn new(account: AccountConfig, manners: Manners, mut entropy: Entropy) -> Self {
        Self {
            phone: Phone::new(PhoneConfig::default(), entropy.fork()),
            account,
            entropy: entropy.fork(),
            interfaces: Vec::new(),
            media: BTreeMap::new(),
            next_socket: FIRST_MEDIA_SOCKET,
            manners,
            due: None,
            wake: None,
            rest: Rest::Awake,
            is_mobile: false,
            wakes: 0,
            woken: Vec::new(),
            session: None,
            events: Vec::new(),
            reach: BTreeMap::new(),
            log: Vec::new(),
            heard: BTreeMap::new(),
            has_shut_down: false,
        }
    }

    /// Does what its owner would do.
    pub(crate) fn command(&mut self, command: Command, desk: &mut Desk, now: Now) {
        self.phone.handle_command(command, now);
        self.pump(desk, now);
    }

    /// Its device is awake, for this reason.
    pub(crate) fn wake(&mut self, reason: WakeReason, desk: &mut Desk, now: Now) {
        self.wakes += 1;
        self.command(Command::Wake { wake: WakeId(self.wakes), reason }, desk, now);
    }

    /// No call came of what was dialled last, and why.
    pub(crate) fn refusal(&self) -> Option<DialRefusal> {
        let refused = |(_, event): &(Duration, PhoneEvent)| match event {
            PhoneEvent::DialRefused { reason, .. } => Some(reason.clone()),
            _ => None,
        };
        self.events.iter().rev().find_map(refused)
    }

    pub(crate) fn account_state(&self) -> Option<&AccountState> {
        self.phone.account_state(ACCOUNT)
    }

    /// Every trouble its account has had.
    pub(crate) fn troubles(&self) -> impl Iterator<Item = &AccountTrouble> {
        self.events.iter().filter_map(|(_, event)| match event {
            PhoneEvent::AccountChanged { state: AccountState::Failed { trouble, .. }, .. } => Some(trouble),
            _ => None,
        })
    }

    pub(crate) fn is_registered(&self) -> bool {
        matches!(self.account_state(), Some(AccountState::Registered { .. }))
    }

    /// The latest of every call it had.
    pub(crate) fn snapshots(&self) -> BTreeMap<CallId, CallSnapshot> {
        let snapshots = self.events.iter().filter_map(|(_, event)| match event {
            PhoneEvent::CallChanged { call, .. } => Some((call.id, call.as_ref().clone())),
            PhoneEvent::CallEnded { entry, .. } => Some((entry.call.id, entry.call.clone())),
            _ => None,
        });
        snapshots.collect()
    }

    /// The latest of its only call, or of the one that began last.
    pub(crate) fn snapshot(&self) -> Option<CallSnapshot> {
        let begun = |call: &CallSnapshot| call.timeline.step(Milestone::Begun).map(|step| step.at);
        self.snapshots().into_values().max_by_key(begun)
    }

    pub(crate) fn state(&self) -> Option<CallState> {
        self.snapshot().map(|call| call.state)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state() == Some(CallState::Active)
    }

    /// How the last line of its log says that a call ended.
    pub(crate) fn end(&self) -> Option<EndReason> {
        self.log.last().map(|entry| entry.reason.clone())
    }

    /// Digits the other side pressed.
    pub(crate) fn digits(&self) -> String {
        let digit = |(_, event): &(Duration, PhoneEvent)| match event {
            PhoneEvent::Digit { digit, .. } => Some(*digit),
            _ => None,
        };
        self.events.iter().filter_map(digit).collect()
    }

    /// What was heard in the call that began last.
    pub(crate) fn last_heard(&self) -> Heard {
        self.snapshot().and_then(|call| self.heard.get(&call.id).cloned()).unwrap_or_default()
    }

    /// Whether nothing of a call is left: no call, no media, no socket.
    pub(crate) fn is_idle(&self) -> bool {
        self.media.is_empty() && self.phone.calls().next().is_none()
    }

    fn pump(&mut self, desk: &mut Desk, now: Now) {
        loop {
            match self.phone.poll_output() {
                Output::Io(action) => {
                    self.note_session(&action);
                    desk.act(action);
                }
                Output::Rest(rest) => self.rest = rest,
                Output::Media(request) => self.handle_request(request, desk, now),
                Output::Event(event) => self.handle_event(event, desk, now),
                Output::Recall { call, addresses, .. } => {
                    let reach = addresses.iter().map(|address| self.reach.get(&address.canonical().0).cloned().unwrap_or_default());
                    let recalled = Recalled { call, choice: Choice::default(), reach: reach.collect() };
                    self.phone.handle_input(PhoneInput::Recalled(recalled), now);
                }
                Output::ShutDown => self.has_shut_down = true,
                Output::Wake(wake) => {
                    self.wake = wake;
                    if !self.pump_media(desk, now) {
                        return;
                    }
                }
                other => panic!("an output nobody here knows: {other:?}"),
            }
        }
    }

    fn note_session(&mut self, action: &Action) {
        let Action::Write { payload, .. } = action else { return };
        let text = String::from_utf8_lossy(payload);
        let id = text.split_once("\r\nSession-ID: ").and_then(|(_, rest)| rest.get(..32)).map(str::to_owned);
        self.session = id.or(self.session.take());
    }

    /// Hands on what the media has to say; whether there was anything.
    fn pump_media(&mut self, desk: &mut Desk, now: Now) -> bool {
        let mut news = Vec::new();
        for (call, media) in &mut self.media {
            let Some(sound) = &mut media.sound else { continue };
            for event in sound.drain(desk) {
                match event {
                    SoundEvent::Gathered(transport) => news.push((*call, MediaEvent::Gathered(transport))),
                    SoundEvent::Session(session, event) => {
                        let dialog = media.sessions.iter().find(|(_, known)| **known == session).map(|(dialog, _)| *dialog);
                        news.extend(dialog.map(|dialog| (*call, MediaEvent::Session { dialog, event })));
                    }
                }
            }
            let session = media.kept.and_then(|dialog| media.sessions.get(&dialog));
            if let Some(heard) = session.and_then(|session| sound.heard.get(session)) {
                self.heard.insert(*call, heard.clone());
            }
        }
        let any = !news.is_empty();
        for (call, event) in news {
            self.phone.handle_input(PhoneInput::Media { call, event }, now);
        }
        any
    }

    fn handle_event(&mut self, event: PhoneEvent, desk: &mut Desk, now: Now) {
        match &event {
            PhoneEvent::AccountChanged { state, .. } => desk.note(format_args!("account {state:?}")),
            PhoneEvent::IncomingCall { call, .. } => {
                desk.note(format_args!("call {} comes in", call.0));
                self.due = match self.manners {
                    Manners::Ring => self.due.take(),
                    Manners::AnswerAfter(time) => Some((now.instant + time, Command::Answer(*call))),
                    Manners::DeclineAfter(time) => Some((now.instant + time, Command::Decline(*call))),
                };
            }
            PhoneEvent::TransferAsked { call, decision: TransferDecision::Open { .. }, .. } => {
                self.due = Some((now.instant, Command::FollowTransfer(*call)));
            }
            PhoneEvent::Woken { outcome, .. } => {
                desk.note(format_args!("woken: {outcome:?}"));
                self.woken.push(*outcome);
            }
            PhoneEvent::CallChanged { call, .. } => desk.note(format_args!("call {} is {}", call.id.0, call.state.as_str())),
            PhoneEvent::CallEnded { entry, .. } => {
                desk.note(format_args!("call {} ended: {}", entry.call.id.0, entry.reason));
                self.log.push(entry.as_ref().clone());
            }
            PhoneEvent::DialRefused { call, reason, .. } => desk.note(format_args!("call {} refused: {reason}", call.0)),
            _ => {}
        }
        self.events.push((now.unix, event));
    }

    fn handle_request(&mut self, request: MediaRequest, desk: &mut Desk, now: Now) {
        let call = request.call();
        match request {
            MediaRequest::Gather { policy, stun_servers, .. } => self.gather(call, policy, stun_servers, desk, now),
            MediaRequest::Start { dialog, negotiated, .. } => self.start(call, dialog, &negotiated, now),
            MediaRequest::Update { dialog, negotiated, .. } => {
                if let Some((sound, session)) = self.session(call, dialog) {
                    sound.gathering.update(session, &negotiated, now);
                }
            }
            MediaRequest::Keep { dialog, .. } => {
                if let Some((sound, session)) = self.session(call, dialog) {
                    sound.speaking = Some(session);
                }
                if let Some(media) = self.media.get_mut(&call) {
                    media.kept = Some(dialog);
                }
            }
            MediaRequest::Drop { dialog, .. } => {
                if let Some((sound, session)) = self.session(call, dialog) {
                    sound.stop(session, now);
                }
            }
            MediaRequest::Stop { .. } => self.stop(call, desk, now),
            MediaRequest::Mute { muted, .. } => {
                let Some(media) = self.media.get_mut(&call) else { return };
                let speaking = media.kept.and_then(|dialog| media.sessions.get(&dialog)).copied().filter(|_| !muted);
                media.sound.iter_mut().for_each(|sound| sound.speaking = speaking);
            }
            MediaRequest::Digit { digit, length, .. } => {
                // Before the answer it is for whoever is heard.
                let heard = |media: &CallMedia| media.kept.or(media.sessions.keys().next_back().copied());
                let kept = self.media.get(&call).and_then(heard);
                if let Some((sound, session)) = kept.and_then(|dialog| self.session(call, dialog)) {
                    sound.gathering.send_digit(session, digit, length, now);
                }
            }
            other => panic!("a request nobody here knows: {other:?}"),
        }
    }

    fn session(&mut self, call: CallId, dialog: DialogId) -> Option<(&mut Sound, SessionId)> {
        let media = self.media.get_mut(&call)?;
        Some((media.sound.as_mut()?, *media.sessions.get(&dialog)?))
    }

    fn gather(&mut self, call: CallId, policy: CandidatePolicy, stun_servers: Vec<SocketAddr>, desk: &mut Desk, now: Now) {
        let mut binding = BTreeSet::new();
        for interface in &self.interfaces {
            let socket = SocketId(self.next_socket);
            self.next_socket += 1;
            desk.act(Action::Bind { socket, local: SocketAddr::new(interface.address, 0) });
            binding.insert(socket);
        }
        if binding.is_empty() {
            let event = MediaEvent::GatherFailed("no network".to_owned());
            self.phone.handle_input(PhoneInput::Media { call, event }, now);
        }
        let (sockets, sessions) = (BTreeMap::new(), BTreeMap::new());
        self.media.insert(call, CallMedia { policy, stun_servers, binding, sockets, sound: None, sessions, kept: None });
    }

    fn start(&mut self, call: CallId, dialog: DialogId, negotiated: &Negotiated, now: Now) {
        if let Some(media) = self.media.get_mut(&call)
            && let Some(sound) = &mut media.sound
        {
            let session = sound.start(negotiated, now);
            media.sessions.insert(dialog, session);
        }
    }

    fn stop(&mut self, call: CallId, desk: &mut Desk, now: Now) {
        let Some(mut media) = self.media.remove(&call) else { return };
        let mut statistics = None;
        if let Some(sound) = &mut media.sound {
            let session = media.kept.and_then(|dialog| media.sessions.get(&dialog));
            statistics = session.and_then(|session| sound.gathering.statistics(*session));
            sound.stop_all(now);
            sound.drain(desk);
        }
        media.sockets.values().chain(&media.binding).for_each(|socket| desk.act(Action::Unbind(*socket)));
        self.phone.handle_input(PhoneInput::Media { call, event: MediaEvent::Stopped { statistics } }, now);
    }

    /// A media socket is bound; with the last of a call, gathering begins.
    fn bound(&mut self, socket: SocketId, local: Option<SocketAddr>, now: Now) {
        let entropy = self.entropy.fork();
        let Some(media) = self.media.values_mut().find(|media| media.binding.contains(&socket)) else { return };
        media.binding.remove(&socket);
        if let Some(local) = local {
            media.sockets.insert(local, socket);
        }
        if media.binding.is_empty() {
            let (sockets, stun_servers) = (media.sockets.clone(), media.stun_servers.clone());
            media.sound = Some(Sound::new(sockets, stun_servers, media.policy, entropy, now));
        }
    }

    fn handle_io(&mut self, event: Event<'_>, now: Now) {
        match event {
            Event::Bound { socket, local } if socket.0 >= FIRST_MEDIA_SOCKET => self.bound(socket, local.ok(), now),
            Event::Datagram { socket, local, remote, payload } if socket.0 >= FIRST_MEDIA_SOCKET => {
                let media = self.media.values_mut().find(|media| media.sockets.get(&local) == Some(&socket));
                if let Some(sound) = media.and_then(|media| media.sound.as_mut()) {
                    sound.datagram(local, remote, payload, now);
                }
            }
            Event::Timeout => {
                for sound in self.media.values_mut().filter_map(|media| media.sound.as_mut()) {
                    sound.timeout(now);
                }
                if let Some((_, command)) = self.due.take_if(|(at, _)| *at <= now.instant) {
                    self.phone.handle_command(command, now);
                }
                self.phone.handle_input(PhoneInput::Io(Event::Timeout), now);
            }
            event => {
                if let Event::NetworkChanged(interfaces) = &event {
                    self.interfaces.clone_from(interfaces);
                }
                self.phone.handle_input(PhoneInput::Io(event), now);
            }
        }
    }
}

impl Node for PhoneNode {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                let config = Box::new(self.account.clone());
                self.phone.handle_command(Command::AddAccount { account: ACCOUNT, config }, now);
            }
            Input::Io(event) => {
                let is_elsewhere = self.is_mobile && matches!(event, Event::NetworkChanged(_));
                self.handle_io(event, now);
                if is_elsewhere {
                    self.wake(WakeReason::Network, desk, now);
                }
            }
            Input::Alarm => self.wake(WakeReason::Alarm, desk, now),
            Input::Disk { .. } => {}
        }
        self.pump(desk, now);
    }

    fn nap(&self) -> Nap {
        match self.rest {
            Rest::Asleep(alarm) if self.media.is_empty() && self.due.is_none() => Nap::Asleep(alarm),
            _ => Nap::Awake,
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        let sounds = self.media.values().filter_map(|media| media.sound.as_ref()).map(Sound::next_wake);
        let due = self.due.as_ref().map(|(at, _)| Wake::at(*at, "its owner"));
        sounds.fold(Wake::earlier(self.wake, due), Wake::earlier)
    }
}
