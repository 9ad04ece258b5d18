//! Where what the phone says goes: to its owner, the store and the media thread.

use std::collections::HashMap;

use cooee_call::{CallDirection, CallId, CallSnapshot, CallState, LogEntry, MediaKeys, Milestone, Peer};
use cooee_machine::Pii;
use cooee_net::{Step, now, since_boot};
use cooee_phone::probe::{Answered, Protocol, person_keys};
use cooee_phone::{AccountId, Address, Inquiry, MessageId, Output, PhoneEvent, Reply, Rest, SystemCall};

use crate::desk::{Desk, Job};
use crate::engine::Shared;
use crate::media::{CallSound, MediaCommand, MediaThread};
use crate::prober::AskedSince;
use crate::snapshot::CallView;
use crate::store::OpenCall;
use crate::{EngineEvent, MessageState, PastCall, StoredMessage};

/// Where the phone's outputs go.
pub(crate) struct Outlet<'a> {
    media: &'a MediaThread,
    desk: &'a Desk,
    shared: &'a Shared,
    ring: bool,
    sounds: HashMap<CallId, CallSound>,
    /// Incoming calls that the snapshot does not show yet: whoever hears of one must be able to answer it at once.
    announced: HashMap<CallId, EngineEvent>,
    /// Calls that are kept as open, and how: as answered, as one that asks to be let through.
    open: HashMap<CallId, (bool, bool)>,
    /// The keys of calls that are kept already.
    keys: HashMap<CallId, MediaKeys>,
    is_awake: bool,
    /// How many people were asked since the desk looked last.
    asked: AskedSince,
}

impl<'a> Outlet<'a> {
    pub(crate) fn new(media: &'a MediaThread, desk: &'a Desk, shared: &'a Shared, ring: bool) -> Self {
        Self {
            media,
            desk,
            shared,
            ring,
            sounds: HashMap::new(),
            announced: HashMap::new(),
            open: HashMap::new(),
            keys: HashMap::new(),
            is_awake: false,
            asked: AskedSince::default(),
        }
    }

    pub(crate) fn take(&mut self, output: Output) -> Step {
        match output {
            Output::Io(action) => return Step::Io(action),
            Output::Wake(wake) => return Step::Wake(wake),
            Output::Rest(rest) => self.rest(rest),
            Output::ShutDown => return Step::Stop,
            Output::Media(request) => self.media.send(request),
            Output::Recall { call, dialled, addresses } => self.desk.put(Job::Recall { call, dialled: Box::new(dialled), addresses }),
            Output::Event(event) => self.tell(event),
            other => tracing::error!(?other, "an output of the phone has nowhere to go"),
        }
        Step::Taken
    }

    fn tell(&mut self, event: PhoneEvent) {
        let event = match event {
            PhoneEvent::AccountChanged { account, state } => {
                self.shared.change(|snapshot| {
                    if let Some(view) = snapshot.account_mut(account) {
                        view.state = Some(state.clone());
                    }
                });
                EngineEvent::AccountChanged { account, state }
            }
            PhoneEvent::ServerHeard { account, heard } => {
                return self.shared.change(|snapshot| {
                    if let Some(view) = snapshot.account_mut(account) {
                        view.heard = Some(heard);
                    }
                });
            }
            PhoneEvent::AccountTold { account, begun, story } => {
                return self.desk.put(Job::KeepAccountStory { account, begun, story: Box::new(story) });
            }
            PhoneEvent::IncomingCall { call, account, from, silently } => {
                // Whoever was blocked by another process just now does not ring for long.
                self.desk.put(Job::Look);
                self.announced.insert(call, EngineEvent::IncomingCall { call, account, from, silently });
                return;
            }
            PhoneEvent::RingTested(result) => EngineEvent::RingTested(result),
            PhoneEvent::CallChanged { account, call } => self.call_changed(account, call),
            PhoneEvent::CallEnded { account, entry, reached } => return self.call_ended(account, entry, reached.as_ref()),
            PhoneEvent::Digit { call, digit } => EngineEvent::Digit { call, digit },
            PhoneEvent::ActionFailed { call, action, status } => EngineEvent::ActionFailed { call, action, status },
            PhoneEvent::Transfer { call, progress } => EngineEvent::Transfer { call, progress },
            PhoneEvent::TransferAsked { call, by, target, decision } => EngineEvent::TransferAsked { call, by, target, decision },
            PhoneEvent::MessageReceived { account, from, text, silently } => return self.message_received(account, from, text, silently),
            // Not told: that is what blocking is for.
            PhoneEvent::MessageBlocked { rule, .. } => {
                if !self.desk.is_crowded() {
                    self.desk.put(Job::CountBlocked(rule));
                }
                return;
            }
            PhoneEvent::MessageDelivered(message) => {
                self.desk.put(Job::MessageState(message, MessageState::Delivered));
                EngineEvent::MessageDelivered(message)
            }
            PhoneEvent::MessageFailed { message, trouble } => {
                self.desk.put(Job::MessageState(message, MessageState::Failed(Some(trouble))));
                EngineEvent::MessageFailed { message, trouble }
            }
            PhoneEvent::PersonAsked { address, .. } => return self.person_asked(&address),
            PhoneEvent::PersonReplied { address, reply } => {
                let unix = now().unix;
                self.keep_inquiry(
                    &address,
                    Inquiry { asked: unix, said: Some((reply, unix)).filter(|(reply, _)| *reply != Reply::Unknown) },
                );
                EngineEvent::PersonReplied { address: address.canonical(), reply }
            }
            PhoneEvent::Woken { wake, outcome } => return self.shared.wakings.answer(wake, outcome),
            PhoneEvent::MessagesWaiting { account, waiting } => EngineEvent::MessagesWaiting { account, waiting },
            PhoneEvent::RouteUnused { call, domain } => EngineEvent::RouteUnused { call, domain },
            PhoneEvent::DialRefused { call, reason, looked_up } => {
                let line = looked_up.map(|looked_up| {
                    let account = looked_up.account.map(|account| self.address(account)).unwrap_or_default();
                    PastCall::looked_up(account, &looked_up, reason.end_reason())
                });
                self.shared.events.push(EngineEvent::DialRefused { call, reason });
                if let Some(line) = line {
                    self.desk.log(call, line, false);
                }
                return;
            }
            other => return tracing::error!(?other, "an event of the phone has nowhere to go"),
        };
        self.shared.events.push(event);
    }

    /// It is written down before an answer comes: whatever happens meanwhile, nobody is asked twice.
    fn person_asked(&self, address: &Address) {
        if self.asked.add("your account's server", "OPTIONS of a person".to_owned()) {
            self.desk.put(Job::NoteAsked(self.asked.clone()));
        }
        self.keep_inquiry(address, Inquiry { asked: now().unix, said: None });
    }

    fn keep_inquiry(&self, address: &Address, inquiry: Inquiry) {
        if let Some(person) = person_keys(address).into_iter().next() {
            self.desk.put(Job::KeepInquiry { person, inquiry });
        }
    }

    fn call_changed(&mut self, account: AccountId, call: Box<CallSnapshot>) -> EngineEvent {
        // First: whoever sees the call can compare its key.
        if let Some(keys) = comparable(&call).filter(|keys| self.keys.insert(call.id, *keys) != Some(*keys)) {
            self.keep_key(account, &call, keys);
        }
        self.keep_open(account, &call);
        self.shared.change(|snapshot| match call.state {
            // Only its line in the log is to come.
            CallState::Ended(_) => snapshot.calls.retain(|view| view.call.id != call.id),
            _ => snapshot.put_call(CallView { account, call: (*call).clone() }),
        });
        self.sound(&call);
        self.sound_again();
        if let Some(incoming) = self.announced.remove(&call.id) {
            self.shared.events.push(incoming);
        }
        EngineEvent::CallChanged { account, call }
    }

    fn call_ended(&mut self, account: AccountId, entry: Box<LogEntry>, reached: Option<&Address>) {
        self.sounds.remove(&entry.call.id);
        self.announced.remove(&entry.call.id);
        self.shared.change(|snapshot| snapshot.calls.retain(|view| view.call.id != entry.call.id));
        self.sound_again();
        if let Some((person, answered)) = answered(&entry, reached) {
            self.desk.put(Job::KeepAnswered { person, answered });
        }
        self.keys.remove(&entry.call.id);
        if let Some(keys) = comparable(&entry.call) {
            self.keep_key(account, &entry.call, keys);
        }
        // A call of the phone to itself is no past call of anybody's.
        let line = (!entry.call.is_test).then(|| PastCall::new(account, &entry, |account| self.address(account)));
        let call = entry.call.id;
        // Told before it is given away: that it stands in the log must not overtake it.
        self.shared.events.push(EngineEvent::CallEnded { account, entry });
        let is_open = self.open.remove(&call).is_some();
        if let Some(line) = line {
            self.desk.log(call, line, is_open);
        }
    }

    /// So that the log can tell of it whatever becomes of this process. Of more calls than can be kept it does not.
    fn keep_open(&mut self, account: AccountId, call: &CallSnapshot) {
        let is_none = matches!(call.state, CallState::Announced | CallState::Ended(_));
        let kept = (call.timeline.step(Milestone::Answered).is_some(), call.request.is_some());
        if is_none || call.is_test || self.open.get(&call.id) == Some(&kept) || self.desk.is_crowded() {
            return;
        }
        self.open.insert(call.id, kept);
        self.desk.put(Job::KeepOpen { call: call.id, open: Box::new(OpenCall::new(self.address(account), call)) });
    }

    /// So that people can compare it: while they speak, and afterwards.
    fn keep_key(&self, account: AccountId, call: &CallSnapshot, keys: MediaKeys) {
        self.desk.put(Job::KeepKey { account: self.address(account), peer: call.peer.address.clone(), keys });
    }

    /// A text is kept and then told, unless so many come that the store cannot follow.
    fn message_received(&self, account: AccountId, from: Peer, text: Pii<String>, silently: bool) {
        let message = StoredMessage {
            id: MessageId::default(),
            account: self.address(account),
            peer: from.address,
            peer_name: from.display_name,
            at: now().unix,
            text,
            state: MessageState::Received,
        };
        if self.desk.is_crowded() {
            tracing::warn!("more texts come than can be kept");
            self.shared.events.push(EngineEvent::received(None, account, message, silently));
        } else {
            self.desk.put(Job::Received { account, message: Box::new(message), silently });
        }
    }

    fn address(&self, account: AccountId) -> Pii<String> {
        self.shared.snapshot().account(account).map(|view| view.address.clone()).unwrap_or_default()
    }

    /// A call that rings falls back to knocking while somebody is spoken to, and rings again afterwards.
    fn sound_again(&mut self) {
        let ringing: Vec<CallSnapshot> =
            self.shared.snapshot().calls.iter().map(|view| &view.call).filter(|call| call.rings_here()).cloned().collect();
        for call in &ringing {
            self.sound(call);
        }
    }

    /// Rings or knocks here, or plays that it rings there.
    fn sound(&mut self, call: &CallSnapshot) {
        let talks = |call: &CallSnapshot| matches!(call.state, CallState::Connecting | CallState::Active | CallState::Reconnecting);
        let snapshot = self.shared.snapshot();
        let is_talking = snapshot.system_call != SystemCall::None || snapshot.calls.iter().any(|view| talks(&view.call));
        let wanted = match (&call.state, call.direction) {
            // Who is not known asks without a sound.
            _ if call.request.is_some() => None,
            _ if call.rings_here() && !self.ring => None,
            _ if call.rings_here() => Some(if is_talking { CallSound::Waiting } else { CallSound::Ringing }),
            (CallState::Ringing, CallDirection::Outgoing) => Some(CallSound::Ringback),
            _ => None,
        };
        if self.sounds.get(&call.id).copied() == wanted {
            return;
        }
        match wanted {
            Some(sound) => _ = self.sounds.insert(call.id, sound),
            None => _ = self.sounds.remove(&call.id),
        }
        self.media.send(MediaCommand::Sound { call: call.id, sound: wanted });
    }

    /// The alarm is set before the device may sleep. It stays set while it may not: an early one does no harm.
    fn rest(&mut self, rest: Rest) {
        if let Rest::Asleep(alarm) = rest {
            let moment = now().instant;
            let boot_time = alarm.map(|alarm| since_boot() + alarm.at.saturating_duration_since(moment));
            self.desk.put(Job::WakeAt { boot_time, slack: alarm.map(|alarm| alarm.slack).unwrap_or_default() });
        }
        let is_awake = rest == Rest::Awake;
        if std::mem::replace(&mut self.is_awake, is_awake) != is_awake {
            self.desk.put(Job::Awake(is_awake));
        }
    }
}

/// A phone that has ended keeps nobody awake, and wakes nobody.
impl Drop for Outlet<'_> {
    fn drop(&mut self) {
        self.rest(Rest::Asleep(None));
    }
}

/// The keys that two people who speak can compare.
fn comparable(call: &CallSnapshot) -> Option<MediaKeys> {
    call.keys.filter(|_| call.timeline.step(Milestone::Answered).is_some() && !call.anonymous)
}

/// Whom a call shows to be there to be called, in the form of the store.
fn answered(entry: &LogEntry, reached: Option<&Address>) -> Option<(Pii<String>, Answered)> {
    let step = entry.call.timeline.step(Milestone::Answered)?;
    // A mailbox that was called by SIP was there by SIP; its first name in the store is that.
    let person = person_keys(reached?).into_iter().next()?;
    Some((person, Answered { when: step.at, protocol: Protocol::Sip }))
}
