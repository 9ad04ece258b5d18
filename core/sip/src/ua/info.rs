//! Keys of the dial pad that a peer sends by INFO, as many gateways do (RFC 2833 and its successors are what we offer).

use crate::message::Message;

/// The key, if an INFO is about one: `application/dtmf-relay` (`Signal=5`) or `application/dtmf` (`5`).
pub(super) fn digit(info: &Message<'_>) -> Option<char> {
    let kind = info.content_type()?;
    let body = std::str::from_utf8(info.body()).ok()?;
    let signal = if kind.is("application", "dtmf-relay") {
        let lines = body.lines().take(8).filter_map(|line| line.split_once('='));
        lines.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("Signal"))?.1
    } else if kind.is("application", "dtmf") {
        body
    } else {
        return None;
    };
    match signal.trim() {
        // By event number (RFC 4733).
        "10" => Some('*'),
        "11" => Some('#'),
        one => {
            let mut chars = one.chars();
            let digit = chars.next()?.to_ascii_uppercase();
            (chars.next().is_none() && "0123456789*#ABCD".contains(digit)).then_some(digit)
        }
    }
}
