//! What a server can do beyond the standards, as it tells those who register (RFC 6809 4.2.3, `Feature-Caps`). The names are of no
//! registered tree: they are written as the global one would be, and ignored by whoever does not know them.

use std::time::Duration;

use crate::header::HeaderName;
use crate::message::Message;

/// Nobody calls through this server under an address whose domain has not proven itself: its own people by password, other domains by
/// the certificate of their server.
pub const PROVEN_CALLERS: &str = "+g.cooee.proven-callers";

/// A call of a user to its own address waits before it rings, as long as [`RING_LATER_HEADER`] says, so that a sleeping phone can be
/// tested: at most [`LONGEST_WAIT`].
pub const RING_LATER: &str = "+g.cooee.ring-later";

/// How many seconds.
pub const RING_LATER_HEADER: HeaderName<'static> = HeaderName::Other(b"Cooee-Ring-Later");

/// How long a call of a user to itself waits at most. Longer, and callers take the silence for the end.
pub const LONGEST_WAIT: Duration = Duration::from_secs(240);

/// Names of a longer list are left out.
const MOST: usize = 32;
/// A longer name is none that anybody looks for.
const LONGEST: usize = 64;

/// The header field's value for these features.
#[must_use]
pub fn feature_caps(features: &[&str]) -> String {
    features.iter().fold("*".to_owned(), |value, feature| value + ";" + feature)
}

/// The names of the features that a message tells of, in lower case.
pub(crate) fn features(message: &Message<'_>) -> Vec<String> {
    let values = message.header_values(HeaderName::FeatureCaps).filter_map(|value| value.strip_prefix(b"*"));
    let names = values.flat_map(|value| crate::header::Params::of(value).map(|param| param.name().to_ascii_lowercase()));
    names.filter(|name| name.starts_with('+') && name.len() <= LONGEST).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Framing;

    fn told(line: &str) -> Vec<String> {
        let head = "SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\n\
                    CSeq: 1 REGISTER\r\nContent-Length: 0\r\n";
        let text = format!("{head}{line}\r\n\r\n");
        features(&Message::parse(text.as_bytes(), Framing::Stream).unwrap())
    }

    #[test]
    fn what_a_server_tells_of_is_read_and_what_breaks_the_grammar_is_not() {
        assert_eq!(told(&format!("Feature-Caps: {}", feature_caps(&[PROVEN_CALLERS]))), [PROVEN_CALLERS]);
        assert_eq!(told("Feature-Caps: *;+g.x=\"a,b\";+Sip.Y , *;+g.z"), ["+g.x", "+sip.y", "+g.z"]);
        assert_eq!(told("Feature-Caps: +g.x, *g.y;z, <sip:a>;+g.q"), [""; 0]);
        let many: String = (0..100).map(|n| format!(";+g.f{n}")).collect();
        assert_eq!(told(&format!("Feature-Caps: *{many};+g.{}", "x".repeat(100))).len(), MOST);
    }
}
