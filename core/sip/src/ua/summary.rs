//! What a mailbox holds: RFC 3842.

use super::MessagesWaiting;
use crate::message::Message;

/// Reads the body of a NOTIFY; `None` if it is no summary.
pub(super) fn read(notify: &Message<'_>) -> Option<MessagesWaiting> {
    if !notify.content_type()?.is("application", "simple-message-summary") {
        return None;
    }
    let body = std::str::from_utf8(notify.body()).ok()?;
    let mut summary = MessagesWaiting::default();
    let mut said = false;
    for (name, value) in body.lines().take(32).filter_map(|line| line.split_once(':')) {
        if name.trim().eq_ignore_ascii_case("Messages-Waiting") {
            summary.waiting = value.trim().eq_ignore_ascii_case("yes");
            said = true;
        } else if name.trim().eq_ignore_ascii_case("Voice-Message") {
            // `new/old (urgent new/urgent old)`
            let (new, old) = value.split('(').next().unwrap_or_default().split_once('/').unwrap_or_default();
            (summary.new, summary.old) = (new.trim().parse().ok(), old.trim().parse().ok());
        }
    }
    said.then_some(summary)
}
