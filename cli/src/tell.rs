//! Turns the engine's events into lines: what is new about a call, once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallDirection, CallId, CallSnapshot, CallState, EndReason, LogEntry, Milestone};
use cooee_engine::{EngineEvent, MediaSummary, Snapshot};
use cooee_phone::{AccountId, AccountState, DialRefusal};

use crate::line::{Line, Media};
use crate::numbers::Numbers;
use crate::report::Reporter;
use crate::words;

/// What was told of a call already.
#[derive(Default)]
struct Told {
    state: &'static str,
    path: bool,
    secured: bool,
    warned: bool,
    muted: bool,
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
            EngineEvent::CallChanged { call, .. } => self.call(call),
            EngineEvent::Digit { call, digit } => self.tell_of(*call, &Line::Digit { call: number(*call), digit: *digit }),
            EngineEvent::MediaSummary { call, summary } => self.tell_of(*call, &Line::Media(media(number(*call), summary))),
            EngineEvent::CallEnded { entry, .. } => self.ended(entry),
            EngineEvent::DialRefused { call, reason } => self.refused(*call, reason),
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
        let state = call.state.as_str();
        let lines = [
            (!told.path).then(|| path_line(call)).flatten().inspect(|_| told.path = true),
            (!told.secured).then(|| secured_line(call)).flatten().inspect(|_| told.secured = true),
            (told.state != state && !matches!(call.state, CallState::Ended(_))).then(|| state_line(call)),
            (!told.warned).then(|| warning_line(call)).flatten().inspect(|_| told.warned = true),
            (told.muted != call.muted).then(|| Line::Muted { call: number(call.id), muted: call.muted }),
        ];
        told.state = state;
        told.muted = call.muted;
        for line in lines.into_iter().flatten() {
            self.tell_of(call.id, &line);
        }
    }

    fn ended(&mut self, entry: &LogEntry) {
        let call = &entry.call;
        self.calls.remove(&number(call.id));
        let active = call.timeline.between(Milestone::Active, Milestone::Ended).unwrap_or_default();
        self.tell_of(call.id, &ended_line(call.id, &entry.reason, active));
        self.numbers.remove(call.id);
    }

    fn refused(&mut self, call: CallId, refusal: &DialRefusal) {
        self.tell_of(call, &ended_line(call, &refusal.end_reason(), Duration::ZERO));
    }
}

/// What happened and what to do, as one text.
#[must_use]
pub fn explain(reason: &EndReason) -> String {
    let explanation = reason.explanation();
    [explanation.what.as_str(), explanation.advice].join(" ").trim().to_owned()
}

/// The line for an account's state.
#[must_use]
pub fn account_line(address: &str, state: &AccountState) -> Line {
    let (text, retry_in_ms) = match state {
        AccountState::Failed { trouble, retry_in } => (Some(explain_account(trouble)), retry_in.map(milliseconds)),
        _ => (None, None),
    };
    Line::Account { address: address.to_owned(), state: state.as_str(), text, retry_in_ms }
}

/// What is wrong with an account and what to do, as one text.
#[must_use]
pub fn explain_account(trouble: &cooee_phone::AccountTrouble) -> String {
    format!("{} {}", trouble.end_reason().explanation().what, trouble.advice()).trim().to_owned()
}

/// The address of an account, or a question mark if it is gone.
#[must_use]
pub fn address(snapshot: &Snapshot, account: AccountId) -> String {
    snapshot.accounts.iter().find(|view| view.id == account).map_or_else(|| "?".to_owned(), |view| view.address.reveal().clone())
}

/// A call's number.
#[must_use]
pub fn number(call: CallId) -> u64 {
    call.0
}

/// Whole milliseconds.
#[must_use]
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `outgoing` or `incoming`.
#[must_use]
pub fn direction(direction: CallDirection) -> &'static str {
    match direction {
        CallDirection::Outgoing => "outgoing",
        CallDirection::Incoming => "incoming",
    }
}

fn after(call: &CallSnapshot, milestone: Milestone) -> u64 {
    call.timeline.step(milestone).or_else(|| call.timeline.steps().last()).map_or(0, |step| milliseconds(step.after))
}

fn state_line(call: &CallSnapshot) -> Line {
    let milestone = match call.state {
        CallState::Dialing => Milestone::Begun,
        CallState::Ringing => Milestone::Ringing,
        CallState::Connecting => Milestone::Answered,
        CallState::Active => Milestone::Active,
        _ => Milestone::Ended,
    };
    Line::Call {
        call: number(call.id),
        state: call.state.as_str(),
        direction: direction(call.direction),
        peer: call.peer.address.reveal().clone(),
        name: call.peer.display_name.as_ref().map(|name| name.reveal().clone()),
        after_ms: after(call, milestone),
    }
}

fn ended_line(call: CallId, reason: &EndReason, active: Duration) -> Line {
    Line::Ended {
        call: number(call),
        reason: reason.id().to_owned(),
        fault: words::fault(reason.fault()),
        text: explain(reason),
        active_ms: milliseconds(active),
    }
}

fn path_line(call: &CallSnapshot) -> Option<Line> {
    let path = call.path?;
    Some(Line::Path {
        call: number(call.id),
        local: format!("{} {}", path.local, words::candidate(path.local_kind)),
        remote: format!("{} {}", path.remote, words::candidate(path.remote_kind)),
        after_ms: after(call, Milestone::PathFound),
    })
}

fn secured_line(call: &CallSnapshot) -> Option<Line> {
    let security = words::security(call.security?);
    Some(Line::Secured { call: number(call.id), security, cipher: call.cipher, after_ms: after(call, Milestone::Secured) })
}

fn warning_line(call: &CallSnapshot) -> Option<Line> {
    let text = words::one_way(call.warning?);
    Some(Line::Warning { call: number(call.id), text: text.to_owned() })
}

/// The summary as a line.
#[must_use]
pub fn media(call: u64, summary: &MediaSummary) -> Media {
    let precise = |duration: Duration| duration.as_secs_f64() * 1000.0;
    Media {
        call,
        codec: summary.codec.clone(),
        codec_received: summary.codec_received.clone(),
        bitrate_sent: summary.bitrate_sent,
        bitrate_received: summary.bitrate_received,
        delay_ms: summary.delay.map(precise),
        loss: summary.loss(),
        jitter_ms: precise(summary.statistics.jitter),
        rtt_ms: summary.statistics.rtt.map(precise),
        concealed_ms: milliseconds(summary.concealed),
        recovered_ms: milliseconds(summary.recovered),
        cpu_ms: summary.cpu.map(milliseconds),
    }
}
