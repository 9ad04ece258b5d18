use std::net::SocketAddr;

use super::{MAX_HEAD, ParseError};
use crate::build::ResponseBuilder;
use crate::grammar::{TOKEN, is, skip_space, span, split, text, trim};
use crate::header::{HeaderName, Via};
use crate::method::Method;

/// The answer to a request that is no proper message.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 501, 505 or 513.
    pub status: u16,
    /// The whole response; it goes back where the request came from.
    pub response: Vec<u8>,
}

/// Answers octets that [`crate::Message::parse`] refused with `error`, without state: what can be told of `Via`, `From`,
/// `To`, `Call-ID` and `CSeq` is copied. `None` for what must be dropped: responses, ACKs, and what is not even a request
/// with a `Via`.
#[must_use]
pub fn refuse(bytes: &[u8], error: &ParseError, source: Option<SocketAddr>) -> Option<Refusal> {
    let mut lines = Lines(split(bytes, MAX_HEAD).0);
    let start = lines.by_ref().find(|l| !l.is_empty())?;
    let (method, rest) = span(start, TOKEN);
    if method.is_empty() || rest.first() != Some(&b' ') || Method::from_bytes(method) == Method::Ack {
        return None;
    }
    let mut response = ResponseBuilder::new(error.status(), &error.reason());
    let mut seen = [false; 4];
    let mut vias = 0usize;
    for line in lines.take_while(|l| !l.is_empty()) {
        let (name, rest) = span(line, TOKEN);
        let Some(value) = skip_space(rest).strip_prefix(b":").map(trim) else { continue };
        let name = HeaderName::from_bytes(name);
        let place = match name {
            HeaderName::Via => {
                vias += 1;
                let stamped = source.filter(|_| vias == 1).and_then(|source| stamp(value, source));
                response = response.header(name, stamped.as_deref().unwrap_or(value));
                continue;
            }
            HeaderName::From => 0,
            HeaderName::To => 1,
            HeaderName::CallId => 2,
            HeaderName::CSeq => 3,
            _ => continue,
        };
        if seen.get_mut(place).is_some_and(|s| !std::mem::replace(s, true)) {
            let tagged = (name == HeaderName::To && !value.windows(4).any(|w| w.eq_ignore_ascii_case(b"tag=")))
                .then(|| [value, b";tag=", tag(bytes).as_bytes()].concat());
            response = response.header(name, tagged.as_deref().unwrap_or(value));
        }
    }
    (vias > 0).then(|| Refusal { status: error.status(), response: response.into_bytes() })
}

fn stamp(value: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let (via, rest) = Via::read(value)?;
    let mut stamped = Vec::with_capacity(value.len() + 48);
    via.stamp(source, &mut stamped);
    stamped.extend_from_slice(rest);
    Some(stamped)
}

/// The same tag for the same octets, so that a retransmission gets the same answer (FNV-1a).
fn tag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Lines with what was folded onto them, whatever ends them.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let mut end = 0;
        loop {
            end = match self.0.iter().skip(end).position(|b| *b == b'\n') {
                Some(line_feed) => end + line_feed + 1,
                None => self.0.len(),
            };
            let folded = matches!(self.0.get(end), Some(b' ' | b'\t')) && self.0.first().is_some_and(|b| is(*b, TOKEN));
            if !folded {
                break;
            }
        }
        let (line, rest) = split(self.0, end);
        self.0 = rest;
        Some(line.strip_suffix(b"\n").map_or(line, |l| l.strip_suffix(b"\r").unwrap_or(l)))
    }
}

impl std::fmt::Debug for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Refusal({})", text(self.status.to_string().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Framing, Message};

    fn answer(request: &str) -> Option<String> {
        let error = Message::parse(request.as_bytes(), Framing::Datagram).unwrap_err();
        let refusal = refuse(request.as_bytes(), &error, "192.0.2.9:7".parse().ok())?;
        Some(String::from_utf8(refusal.response).unwrap())
    }

    #[test]
    fn a_broken_request_is_answered_with_what_can_be_told() {
        let text = answer(
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n ;rport, SIP/2.0/TCP y\r\nTo: \"A <sip:a@b>\r\n\
             f: <sip:c@d>;tag=1\r\nCSeq: 1 INVITE\r\nCSeq: 2 INVITE\r\n\r\n",
        )
        .unwrap();
        assert!(text.starts_with("SIP/2.0 400 Bad Request: the header field To is malformed\r\n"), "{text}");
        assert!(text.contains("Via: SIP/2.0/UDP x;branch=z9hG4bK1;received=192.0.2.9;rport=7, SIP/2.0/TCP y\r\n"), "{text}");
        assert!(text.contains("To: \"A <sip:a@b>;tag=") && text.contains("From: <sip:c@d>;tag=1\r\n"), "{text}");
        assert!(text.contains("CSeq: 1 INVITE\r\n") && !text.contains("CSeq: 2"), "{text}");
        assert!(text.ends_with("Content-Length: 0\r\n\r\n"), "{text}");
    }

    #[test]
    fn responses_acks_and_noise_are_dropped() {
        for dropped in [
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x\r\n\r\n",
            "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n\r\n",
            "INVITE sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\n\r\n",
            "\0\0\0\0",
            "",
            "\r\n\r\n",
        ] {
            assert_eq!(answer(dropped), None, "{dropped:?}");
        }
    }

    #[test]
    fn an_unfinished_or_unknown_version_request_is_answered_too() {
        assert!(answer("OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP x\r\n").unwrap().starts_with("SIP/2.0 400 "));
        assert!(answer("OPTIONS sip:a@b SIP/7.0\r\nv: SIP/7.0/UDP x\r\n\r\n").unwrap().starts_with("SIP/2.0 505 "));
    }
}
