//! What the core says, as lines.

use std::time::Duration;

use cooee_call::{CallDirection, CallId, CallSnapshot, CallState, EndReason, KeyTrust, Milestone, Peer, Side, TransferProgress};
use cooee_engine::{MediaSummary, Snapshot, SoundTrouble};
use cooee_phone::{AccountId, AccountState, TransferDecision};
use cooee_rtc::MediaSecurity;

use super::explain::{explain, explain_account};
use crate::line::{Introduction, Line, Media};
use crate::words;

/// The line for an account's state.
#[must_use]
pub fn account_line(address: &str, state: &AccountState) -> Line {
    let (text, retry_in_ms) = match state {
        AccountState::Failed { trouble, retry_in } => (Some(explain_account(address, trouble)), retry_in.map(milliseconds)),
        _ => (None, None),
    };
    Line::Account { address: address.to_owned(), state: state.as_str(), text, retry_in_ms }
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

/// The state of a call in a word. The other side's hold is one of its own: one hears its music, and can do nothing about it.
#[must_use]
pub fn state_word(call: &CallSnapshot) -> &'static str {
    match call.state {
        CallState::Held(Side::Peer) => "held-by-them",
        _ => call.state.as_str(),
    }
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

pub(super) fn state_line(call: &CallSnapshot) -> Line {
    let milestone = match call.state {
        CallState::Dialing => Milestone::Begun,
        CallState::Announced | CallState::Ringing => Milestone::Ringing,
        CallState::Connecting => Milestone::Answered,
        CallState::Active => Milestone::Active,
        _ => Milestone::Ended,
    };
    Line::Call {
        call: number(call.id),
        state: state_word(call),
        direction: direction(call.direction),
        peer: call.peer.address.reveal().clone(),
        name: call.peer.display_name.as_ref().map(|name| name.reveal().clone()),
        request: call.request.as_ref().map(Introduction::from),
        test: call.is_test,
        after_ms: after(call, milestone),
    }
}

/// `who`: of whom nothing was told yet.
pub(super) fn ended_line(call: CallId, reason: &EndReason, active: Duration, who: Option<&Peer>) -> Line {
    Line::Ended {
        call: number(call),
        reason: reason.id().to_owned(),
        fault: words::fault(reason.fault()),
        text: explain(reason),
        active_ms: milliseconds(active),
        peer: who.map(|peer| peer.address.reveal().clone()),
        name: who.and_then(|peer| peer.display_name.as_ref()).map(|name| name.reveal().clone()),
    }
}

pub(super) fn path_line(call: &CallSnapshot) -> Option<Line> {
    let path = call.path?;
    Some(Line::Path {
        call: number(call.id),
        local: format!("{} {}", path.local, words::candidate(path.local_kind)),
        remote: format!("{} {}", path.remote, words::candidate(path.remote_kind)),
        after_ms: after(call, Milestone::PathFound),
    })
}

pub(super) fn secured_line(call: &CallSnapshot) -> Option<Line> {
    let security = call.security?;
    let cipher = call.cipher.filter(|_| security != MediaSecurity::None);
    let is_new = call.key_trust != KeyTrust::Verified;
    let read = call.keys.filter(|_| is_new).map(|keys| keys.words().to_string());
    let (security, after_ms) = (words::security(security), after(call, Milestone::Secured));
    Some(Line::Secured { call: number(call.id), security, cipher, words: read, after_ms })
}

/// Somebody else may be at the other end, or in between.
pub(super) fn key_line(call: &CallSnapshot) -> Option<Line> {
    let text = "Their key is not the one that you have compared: another device of theirs, or somebody in between. Compare the words again: \
                cooee verify";
    let is_changed = call.key_trust == KeyTrust::Changed;
    is_changed.then(|| Line::Warning { call: number(call.id), kind: "key-changed", over: false, text: text.to_owned() })
}

/// Said each time, however often it was allowed.
pub(super) fn plain_line(call: &CallSnapshot) -> Option<Line> {
    let text = "This call is not encrypted: everybody on the way can listen.".to_owned();
    let is_plain = call.security == Some(MediaSecurity::None);
    is_plain.then(|| Line::Warning { call: number(call.id), kind: "not-encrypted", over: false, text })
}

/// What the caller's address alone does not say.
pub(super) fn caller_line(call: &CallSnapshot) -> Option<Line> {
    let reveal = |address: &cooee_machine::Pii<String>| address.reveal().clone();
    let (asserted, referred_by) = (call.asserted.as_ref().map(reveal), call.referred_by.as_ref().map(reveal));
    let is_news = call.anonymous || asserted.is_some() || referred_by.is_some();
    is_news.then(|| Line::Caller { call: number(call.id), anonymous: call.anonymous, asserted, referred_by })
}

/// `before`: what became of the address that was called before.
pub(super) fn redirected_line(call: CallId, target: &str, before: Option<&EndReason>) -> Line {
    let before = before.filter(|reason| !matches!(reason, EndReason::Redirected(_)));
    let (reason, text) = (before.map(|reason| reason.id().to_owned()), before.map(|reason| reason.explanation().what));
    Line::Redirected { call: number(call), target: target.to_owned(), reason, text }
}

pub(super) fn transfer_line(call: CallId, progress: TransferProgress) -> Line {
    let status = match progress {
        TransferProgress::Trying(status) | TransferProgress::Failed(status) => Some(status),
        _ => None,
    };
    Line::Transfer { call: number(call), state: progress.as_str(), status }
}

pub(super) fn asked_line(call: CallId, by: &str, target: &str, decision: TransferDecision) -> Line {
    let (state, decide_in_ms, follows) = match decision {
        TransferDecision::Open { within } => ("open", Some(milliseconds(within)), None),
        TransferDecision::Follows(follows) => ("followed", None, Some(number(follows))),
        TransferDecision::Refused => ("refused", None, None),
        TransferDecision::Emergency => ("emergency", None, None),
    };
    Line::TransferAsked { call: number(call), by: by.to_owned(), target: target.to_owned(), state, decide_in_ms, follows }
}

pub(super) fn sound_line(call: CallId, trouble: SoundTrouble, begins: bool) -> Line {
    let text = if begins { trouble.explanation() } else { words::sound_again(trouble) };
    Line::Warning { call: number(call), kind: trouble.id(), over: !begins, text: text.to_owned() }
}

pub(super) fn warning_line(call: &CallSnapshot) -> Option<Line> {
    let cause = call.warning?;
    Some(Line::Warning { call: number(call.id), kind: words::one_way_id(cause), over: false, text: words::one_way(cause).to_owned() })
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
        data_sent: summary.data_sent,
        data_received: summary.data_received,
        delay_ms: summary.delay.map(precise),
        loss: summary.loss(),
        jitter_ms: precise(summary.statistics.jitter),
        rtt_ms: summary.statistics.rtt.map(precise),
        concealed_ms: milliseconds(summary.concealed),
        recovered_ms: milliseconds(summary.recovered),
        cpu_ms: summary.cpu.map(milliseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_goes_on_says_why() {
        use cooee_call::RedirectTrouble;
        let told = |before: Option<&EndReason>| redirected_line(CallId(2), "sip:ben@example.org", before).sentence();
        assert_eq!(told(Some(&EndReason::Redirected(RedirectTrouble::Nowhere))), "sent on to sip:ben@example.org");
        assert_eq!(told(Some(&EndReason::NotFound)), "There is nobody at that address. Now calling sip:ben@example.org");
    }
}
