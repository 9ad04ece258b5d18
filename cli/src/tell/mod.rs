//! Turns the engine's events into lines: what is new about a call, once.

mod explain;
mod lines;
mod ringing;
mod story;

pub use explain::{explain, explain_account, explain_message};
pub use lines::{account_line, address, direction, media, milliseconds, number, state_word};
pub use ringing::{ring_lines, ring_test_line};
pub use story::{steps, verdict};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallId, CallSnapshot, CallState, EndReason, LegOutcome, LogEntry, Milestone, PlacedLeg};
use cooee_engine::{EngineEvent, Snapshot};
use cooee_phone::DialRefusal;

use crate::line::Line;
use crate::numbers::Numbers;
use crate::report::Reporter;
use lines::{
    asked_line, caller_line, ended_line, key_line, path_line, plain_line, redirected_line, secured_line, sound_line, state_line,
    transfer_line, warning_line,
};

/// What was told of a call already.
#[derive(Default)]
struct Told {
    state: &'static str,
    /// It asks to be let through.
    asks: bool,
    /// Who the other side is.
    peer: bool,
    path: bool,
    secured: Option<&'static str>,
    warned: bool,
    muted: bool,
    caller: bool,
    redirected: usize,
}

/// Tells a person or a script what the engine says.
pub struct Teller {
    reporter: Arc<Reporter>,
    calls: BTreeMap<u64, Told>,
    numbers: Numbers,
}

impl Teller {
    /// Tells `reporter`.
    #[must_use]
    pub fn new(reporter: Arc<Reporter>) -> Self {
        Self { reporter, calls: BTreeMap::new(), numbers: Numbers::default() }
    }

    /// Tells what is new in `event`; `snapshot` gives accounts their addresses.
    pub fn tell(&mut self, event: &EngineEvent, snapshot: &Snapshot) {
        match event {
            EngineEvent::AccountChanged { account, state } => self.reporter.tell(&account_line(&address(snapshot, *account), state)),
            EngineEvent::AccountFailed { account, trouble } => self.reporter.tell(&Line::Account {
                address: address(snapshot, *account),
                state: "failed",
                text: Some(trouble.to_string()),
                retry_in_ms: None,
            }),
            EngineEvent::RingTested(result) => self.reporter.tell(&ring_test_line(result)),
            EngineEvent::CallChanged { call, .. } => self.call(call),
            EngineEvent::Digit { call, digit } => self.tell_of(*call, &Line::Digit { call: number(*call), digit: *digit }),
            EngineEvent::MediaSummary { call, summary } => self.tell_of(*call, &Line::Media(media(number(*call), summary))),
            EngineEvent::CallEnded { entry, .. } => self.ended(entry),
            EngineEvent::RouteUnused { domain, .. } => {
                self.note(&format!("What {domain} says of this number is not used: its signatures (DNSSEC) are wrong."));
            }
            EngineEvent::DialRefused { call, reason } => self.refused(*call, reason),
            EngineEvent::Sound { call, trouble, begins } => self.tell_of(*call, &sound_line(*call, *trouble, *begins)),
            EngineEvent::ActionFailed { call, action, status } => {
                self.tell_of(*call, &Line::Failed { call: number(*call), action: action.as_str(), status: *status });
            }
            EngineEvent::Transfer { call, progress } => self.tell_of(*call, &transfer_line(*call, *progress)),
            EngineEvent::TransferAsked { call, by, target, decision } => {
                self.tell_of(*call, &asked_line(*call, by.reveal(), target.reveal(), *decision));
            }
            EngineEvent::MessageReceived { message, account, from, text, silently } => self.reporter.tell(&Line::Message {
                new: false,
                silently: *silently,
                message: message.map(|message| message.0),
                account: address(snapshot, *account),
                peer: from.address.reveal().clone(),
                name: from.display_name.as_ref().map(|name| name.reveal().clone()),
                at: cooee_net::now().unix.as_secs(),
                state: "received",
                text: text.reveal().clone(),
                trouble: None,
            }),
            EngineEvent::MessageDelivered(message) => self.reporter.tell(&Line::Delivered { message: message.0 }),
            EngineEvent::MessageFailed { message, trouble } => {
                self.reporter.tell(&Line::Undelivered { message: message.0, text: explain_message(trouble) });
            }
            EngineEvent::MessagesWaiting { account, waiting } => {
                let address = address(snapshot, *account);
                self.reporter.tell(&Line::Mailbox { address, waiting: waiting.waiting, new: waiting.new });
            }
            EngineEvent::DeviceFailed(error) => self.note(&format!("Without sound: {error}.")),
            EngineEvent::RecordingFailed { error, .. } => self.note(&format!("The recording ended early: {error}.")),
            EngineEvent::Device(cooee_audio::DeviceEvent::Disconnected) => self.note("The sound device is gone."),
            EngineEvent::Device(cooee_audio::DeviceEvent::RecordingFailed(error)) => {
                self.note(&format!("The recording ended early: {error}."));
            }
            EngineEvent::Trouble(trouble) => self.note(&format!("{trouble}.")),
            EngineEvent::Overflow { lost } => {
                self.numbers.follow(snapshot);
                self.calls.retain(|id, _| snapshot.calls.iter().any(|view| number(view.call.id) == *id));
                self.note(&format!("{lost} events were lost, because nothing fetched them in time."));
            }
            _ => {}
        }
    }

    /// The calls as the person counts them.
    #[must_use]
    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Tells something by the way.
    pub fn note(&self, text: &str) {
        self.reporter.tell(&Line::Note { text: text.to_owned() });
    }

    fn tell_of(&self, call: CallId, line: &Line) {
        self.reporter.tell_of(self.numbers.telling(call), line);
    }

    fn call(&mut self, call: &CallSnapshot) {
        self.numbers.add(call.id);
        let told = self.calls.entry(number(call.id)).or_default();
        for line in told.news(call) {
            self.tell_of(call.id, &line);
        }
    }

    fn ended(&mut self, entry: &LogEntry) {
        let call = &entry.call;
        let was_told = self.calls.remove(&number(call.id)).is_some_and(|told| told.peer);
        let active = call.timeline.between(Milestone::Active, Milestone::Ended).unwrap_or_default();
        self.tell_of(call.id, &ended_line(call.id, &entry.reason, active, (!was_told).then_some(&call.peer)));
        self.numbers.remove(call.id);
    }

    fn refused(&mut self, call: CallId, refusal: &DialRefusal) {
        self.tell_of(call, &ended_line(call, &refusal.end_reason(), Duration::ZERO, None));
    }
}

impl Told {
    /// What is new about a call.
    fn news(&mut self, call: &CallSnapshot) -> Vec<Line> {
        let (state, secured) = (state_word(call), call.security.map(crate::words::security));
        let mut lines = Vec::new();
        if !self.path {
            lines.extend(path_line(call).inspect(|_| self.path = true));
        }
        if self.secured != secured {
            lines.extend(secured_line(call));
            lines.extend(plain_line(call));
            lines.extend(key_line(call));
        }
        let (asks, is_over) = (call.request.is_some(), matches!(call.state, CallState::Ended(_)));
        let is_let_through = self.asks && !asks && call.state == CallState::Ringing;
        if (self.state != state || is_let_through) && !is_over {
            lines.push(state_line(call));
            self.peer = true;
        }
        if !self.caller {
            lines.extend(caller_line(call).inspect(|_| self.caller = true));
        }
        let pairs = call.legs.iter().zip(call.legs.iter().skip(1)).skip(self.redirected);
        lines.extend(pairs.map(|(before, leg)| redirected_line(call.id, leg.address.reveal(), reason_of(before))));
        if !self.warned {
            lines.extend(warning_line(call).inspect(|_| self.warned = true));
        }
        if self.muted != call.muted {
            lines.push(Line::Muted { call: number(call.id), muted: call.muted });
        }
        *self = Self { state, asks, secured, muted: call.muted, redirected: call.legs.len().saturating_sub(1), ..*self };
        lines
    }
}

/// Why nothing came of a leg.
fn reason_of(leg: &PlacedLeg) -> Option<&EndReason> {
    if let LegOutcome::Failed(reason) = &leg.outcome { Some(reason) } else { None }
}
