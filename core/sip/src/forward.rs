use std::net::SocketAddr;

use crate::header::{HeaderName, NameAddr, Via, list, position};
use crate::message::{Field, Header, Message, StartLine};

/// What a proxy changes in a request it forwards (RFC 3261 16.6). All else goes out octet by octet as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forward<'e> {
    /// The value of our `Via`, e.g. `SIP/2.0/TLS example.org;branch=z9hG4bK…`.
    pub via: &'e str,
    /// Where the request came from: stamps the `Via` below ours (RFC 3261 18.2.1, RFC 3581).
    pub source: Option<SocketAddr>,
    /// A new request-URI.
    pub request_uri: Option<&'e str>,
    /// How many values of `Route` to take off the top.
    pub pop_routes: usize,
    /// Values of `Route` to put on top, first one first.
    pub routes: &'e [&'e str],
    /// Values of `Record-Route` to put on top, first one first.
    pub record_routes: &'e [&'e str],
    /// Headers to leave out.
    pub remove: &'e [HeaderName<'e>],
    /// Headers to add at the end.
    pub append: &'e [(HeaderName<'e>, &'e str)],
}

/// Why a message cannot be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForwardError {
    /// `Max-Forwards` is 0: answer 483 (RFC 3261 16.3).
    #[error("the request has no hops left")]
    TooManyHops,
    /// The response has no `Via` below ours: it is for us, or for nobody.
    #[error("the response has no further Via")]
    LastVia,
    /// A response where a request was expected, or the other way round.
    #[error("a request and a response were mistaken for each other")]
    WrongKind,
}

/// The `Max-Forwards` that a request without one gets (RFC 3261 16.6).
const DEFAULT_HOPS: u8 = 70;

/// Appends the forwarded request to `out`: our `Via` on top, `Max-Forwards` one less, `Content-Length` added where it was
/// missing, noise behind the body cut off, and what `edit` says.
///
/// # Errors
/// [`ForwardError::TooManyHops`], [`ForwardError::WrongKind`]; `out` is untouched then.
pub fn forward_request(message: &Message<'_>, edit: &Forward<'_>, out: &mut Vec<u8>) -> Result<(), ForwardError> {
    let StartLine::Request { method, .. } = message.start_line() else { return Err(ForwardError::WrongKind) };
    let hops = match message.max_forwards() {
        Some(hops) => hops.checked_sub(1).ok_or(ForwardError::TooManyHops)?,
        None => DEFAULT_HOPS,
    };
    out.reserve(message.as_bytes().len() + 512);
    match edit.request_uri {
        Some(uri) => push(out, &[method.as_bytes(), b" ", uri.as_bytes(), b" SIP/2.0\r\n"]),
        None => push(out, &[message.head().start_line, b"\r\n"]),
    }
    line(out, HeaderName::Via, edit.via.as_bytes());
    edit.record_routes.iter().for_each(|value| line(out, HeaderName::RecordRoute, value.as_bytes()));
    edit.routes.iter().for_each(|value| line(out, HeaderName::Route, value.as_bytes()));

    let head = message.head();
    let mut copy = Copy { message, out, from: None };
    let (mut source, mut routes, mut hops) = (edit.source, edit.pop_routes, Some(hops));
    for field in head.fields() {
        match field.name {
            position::MAX_FORWARDS => {
                if let Some(hops) = hops.take() {
                    max_forwards(copy.flush(), hops);
                }
            }
            position::VIA if source.is_some() => stamped(message, head.header(field), source.take(), copy.flush()),
            position::ROUTE if routes > 0 => popped(head.header(field), &mut routes, copy.flush()),
            _ if !edit.remove.is_empty() && edit.remove.contains(&head.header(field).name) => {
                copy.flush();
            }
            _ => copy.keep(field),
        }
    }
    let out = copy.flush();
    if let Some(hops) = hops {
        max_forwards(out, hops);
    }
    edit.append.iter().for_each(|(name, value)| line(out, *name, value.as_bytes()));
    finish(message, out);
    Ok(())
}

/// Appends the forwarded response to `out`: the top `Via`, which was ours, taken off (RFC 3261 16.7).
///
/// # Errors
/// [`ForwardError::LastVia`], [`ForwardError::WrongKind`]; `out` is untouched then.
pub fn forward_response(message: &Message<'_>, out: &mut Vec<u8>) -> Result<(), ForwardError> {
    if message.is_request() {
        return Err(ForwardError::WrongKind);
    }
    if message.vias().nth(1).is_none() {
        return Err(ForwardError::LastVia);
    }
    out.reserve(message.as_bytes().len() + 32);
    push(out, &[message.head().start_line, b"\r\n"]);
    let mut ours = Some(message.via());
    let mut copy = Copy { message, out, from: None };
    for field in message.head().fields() {
        match ours.filter(|_| field.name == position::VIA) {
            Some(via) => {
                ours = None;
                let below = message.head().header(field).value.get(via.as_bytes().len()..).unwrap_or_default();
                let below = below.iter().position(|b| *b == b',').and_then(|comma| below.get(comma + 1..));
                let out = copy.flush();
                below.into_iter().for_each(|values| line(out, HeaderName::Via, values));
            }
            None => copy.keep(field),
        }
    }
    finish(message, copy.flush());
    Ok(())
}

/// Copies lines, neighbours in one piece.
struct Copy<'m, 'a, 'o> {
    message: &'m Message<'a>,
    out: &'o mut Vec<u8>,
    /// Offsets of the piece that waits to be copied.
    from: Option<(usize, usize)>,
}

impl Copy<'_, '_, '_> {
    #[inline]
    fn keep(&mut self, field: Field) {
        let (start, end) = field.range();
        self.from = Some((self.from.map_or(start, |(start, _)| start), end));
    }

    /// Copies what waits; what is written next stands behind it, and the line in hand is left out.
    fn flush(&mut self) -> &mut Vec<u8> {
        if let Some((start, end)) = self.from.take() {
            self.out.extend_from_slice(self.message.as_bytes().get(start..end).unwrap_or_default());
        }
        self.out
    }
}

fn push(out: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

fn line(out: &mut Vec<u8>, name: HeaderName<'_>, value: &[u8]) {
    push(out, &[name.as_bytes(), b": ", crate::grammar::skip_space(value), b"\r\n"]);
}

fn number(out: &mut Vec<u8>, name: HeaderName<'_>, value: usize) {
    let mut digits = [0u8; 20];
    let mut rest = value;
    let mut length = 0;
    for place in digits.iter_mut().rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    line(out, name, digits.get(digits.len() - length..).unwrap_or_default());
}

fn max_forwards(out: &mut Vec<u8>, hops: u8) {
    number(out, HeaderName::MaxForwards, usize::from(hops));
}

/// The first `Via` line, its first value stamped.
fn stamped(message: &Message<'_>, header: Header<'_>, source: Option<SocketAddr>, out: &mut Vec<u8>) {
    let Some(source) = source else { return };
    let via: Via<'_> = message.via();
    out.extend_from_slice(b"Via: ");
    via.stamp(source, out);
    push(out, &[header.value.get(via.as_bytes().len()..).unwrap_or_default(), b"\r\n"]);
}

/// A `Route` line without as many of its first values as are still to be popped.
fn popped(header: Header<'_>, routes: &mut usize, out: &mut Vec<u8>) {
    let mut values = list::read(header.value, NameAddr::read);
    while *routes > 0 && values.next().is_some() {
        *routes -= 1;
    }
    if let Some(rest) = values.rest().filter(|r| !r.is_empty()) {
        line(out, HeaderName::Route, rest);
    }
}

/// `Content-Length` where it was missing, the empty line, the body.
fn finish(message: &Message<'_>, out: &mut Vec<u8>) {
    if !message.has_content_length() {
        number(out, HeaderName::ContentLength, message.body().len());
    }
    push(out, &[b"\r\n", message.body()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Framing;

    const INVITE: &[u8] = b"INVITE sip:ben@example.org;x=1 SIP/2.0\r\n\
        X-Odd :\xff caf\xe9 \r\n\
        v: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKa, SIP/2.0/TCP far\r\n\
        Route: <sip:proxy.example.org;lr> , <sip:next.example.org;lr>\r\n\
        Route: <sip:third.example.org;lr>\r\n\
        MAX-forwards: 007\r\n\
        From: <sip:anna@example.com>;tag=1\r\nTo: <sip:ben@example.org>\r\ni: 1\r\nCSeq: 1 INVITE\r\n\
        Proxy-Authorization: Digest secret\r\nSubject: a\r\n folded\r\n\r\nbody";

    fn forward(edit: &Forward<'_>) -> String {
        let message = Message::parse(INVITE, Framing::Datagram).unwrap();
        let mut out = Vec::new();
        forward_request(&message, edit, &mut out).unwrap();
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn what_is_not_edited_goes_out_as_it_came() {
        let edit = Forward { via: "SIP/2.0/TLS us;branch=z9hG4bKb", ..Forward::default() };
        let expected = String::from_utf8_lossy(INVITE)
            .replacen("SIP/2.0\r\n", "SIP/2.0\r\nVia: SIP/2.0/TLS us;branch=z9hG4bKb\r\n", 1)
            .replace("MAX-forwards: 007", "Max-Forwards: 6")
            .replace("folded\r\n", "folded\r\nContent-Length: 4\r\n");
        assert_eq!(forward(&edit), expected);
    }

    #[test]
    fn every_edit_of_a_proxy_is_made() {
        let text = forward(&Forward {
            via: "SIP/2.0/TLS us;branch=z9hG4bKb",
            source: "192.0.2.7:4000".parse().ok(),
            request_uri: Some("sip:ben@10.0.0.2"),
            pop_routes: 1,
            routes: &["<sip:edge.example.org;lr>"],
            record_routes: &["<sip:us;lr>", "<sip:us;transport=udp;lr>"],
            remove: &[HeaderName::ProxyAuthorization],
            append: &[(HeaderName::Other(b"X-New"), "1")],
        });
        let expected = "INVITE sip:ben@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/TLS us;branch=z9hG4bKb\r\n\
            Record-Route: <sip:us;lr>\r\nRecord-Route: <sip:us;transport=udp;lr>\r\nRoute: <sip:edge.example.org;lr>\r\n\
            X-Odd :\u{fffd} caf\u{fffd} \r\n\
            Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa;received=192.0.2.7;rport=4000, SIP/2.0/TCP far\r\n\
            Route: <sip:next.example.org;lr>\r\nRoute: <sip:third.example.org;lr>\r\nMax-Forwards: 6\r\n\
            From: <sip:anna@example.com>;tag=1\r\nTo: <sip:ben@example.org>\r\ni: 1\r\nCSeq: 1 INVITE\r\n\
            Subject: a\r\n folded\r\nX-New: 1\r\nContent-Length: 4\r\n\r\nbody";
        assert_eq!(text, expected);
    }

    #[test]
    fn routes_are_popped_across_lines() {
        let popped = |pop_routes| forward(&Forward { via: "SIP/2.0/TLS us", pop_routes, ..Forward::default() });
        assert!(popped(2).contains("far\r\nRoute: <sip:third.example.org;lr>\r\n"));
        assert!(!popped(3).contains("Route:") && !popped(30).contains("Route:"));
    }

    #[test]
    fn a_request_without_hops_left_is_not_forwarded() {
        let zero = String::from_utf8_lossy(INVITE).replace("007", "0");
        let message = Message::parse(zero.as_bytes(), Framing::Datagram).unwrap();
        let mut out = Vec::new();
        assert_eq!(forward_request(&message, &Forward::default(), &mut out), Err(ForwardError::TooManyHops));
        assert!(out.is_empty());
        let absent = String::from_utf8_lossy(INVITE).replace("MAX-forwards: 007\r\n", "");
        let message = Message::parse(absent.as_bytes(), Framing::Datagram).unwrap();
        forward_request(&message, &Forward::default(), &mut out).unwrap();
        assert!(String::from_utf8_lossy(&out).contains("Max-Forwards: 70\r\n"));
    }

    #[test]
    fn a_response_loses_its_top_via_and_nothing_else() {
        let head = "SIP/2.0 180 Ringing\r\nTo: <sip:a@b>;tag=1\r\n";
        let tail = "From: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n";
        for (vias, left) in [
            ("Via: SIP/2.0/TLS us\r\nVia: SIP/2.0/UDP them\r\n", "Via: SIP/2.0/UDP them\r\n"),
            ("v: SIP/2.0/TLS us;x=\"a,b\" ,SIP/2.0/UDP them, SIP/2.0/UDP far\r\n", "Via: SIP/2.0/UDP them, SIP/2.0/UDP far\r\n"),
        ] {
            let bytes = format!("{head}{vias}{tail}noise");
            let message = Message::parse(bytes.as_bytes(), Framing::Datagram).unwrap();
            let mut out = Vec::new();
            forward_response(&message, &mut out).unwrap();
            assert_eq!(String::from_utf8_lossy(&out), format!("{head}{left}{tail}"));
        }
        let last = format!("{head}Via: SIP/2.0/TLS us\r\n{tail}");
        let message = Message::parse(last.as_bytes(), Framing::Datagram).unwrap();
        assert_eq!(forward_response(&message, &mut Vec::new()), Err(ForwardError::LastVia));
        assert_eq!(forward_request(&message, &Forward::default(), &mut Vec::new()), Err(ForwardError::WrongKind));
    }
}
