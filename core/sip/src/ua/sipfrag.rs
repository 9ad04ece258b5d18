//! The body of a notification about a transfer: RFC 3420, RFC 3515 2.4.5.

use crate::build::reason_phrase;
use crate::header::HeaderName;
use crate::message::Message;

/// The status in the status line that the body begins with.
pub(super) fn status_of(notify: &Message<'_>) -> Option<u16> {
    if !notify.content_type()?.is("message", "sipfrag") {
        return None;
    }
    let line = notify.body().split(|octet| matches!(octet, b'\r' | b'\n')).next()?;
    let digits = line.strip_prefix(b"SIP/2.0 ")?.get(..3)?;
    let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (100..700).contains(&status).then_some(status)
}

/// Whether no notification follows this one (RFC 6665 4.1.3).
pub(super) fn is_terminated(notify: &Message<'_>) -> bool {
    let state = notify.header_text(HeaderName::SubscriptionState).unwrap_or_default();
    state.split(';').next().is_some_and(|state| state.trim().eq_ignore_ascii_case("terminated"))
}

/// A body that says no more than a status.
pub(super) fn print(status: u16, phrase: &str) -> Vec<u8> {
    let phrase: String = phrase.chars().filter(|c| !c.is_control()).take(100).collect();
    let phrase = if phrase.is_empty() { reason_phrase(status) } else { &phrase };
    format!("SIP/2.0 {status} {phrase}\r\n").into_bytes()
}
