//! From every torture message to the exact verdict.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use cooee_sip::{Forward, Framing, HeaderName, Message, ParseError, forward_request, forward_response, parse_date, refuse};
use cooee_torture::{Torture, rfc4475, rfc5118};

/// What the wire says to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    /// Well-formed: what becomes of it is for user agent, registrar or proxy to say.
    Accepted,
    /// Refused for this fault, and answered with this status.
    Answered(u16, ParseError),
    /// Refused for this fault, and dropped: it is a response.
    Dropped(ParseError),
}

use Wire::{Accepted, Answered, Dropped};

const fn invalid(name: HeaderName<'static>) -> ParseError {
    ParseError::Invalid(name)
}

const RFC_4475: &[(&str, Wire)] = &[
    // 3.1.1 Valid messages.
    ("wsinv", Accepted),
    ("intmeth", Accepted),
    ("esc01", Accepted),
    ("escnull", Accepted),
    ("esc02", Accepted),
    ("lwsdisp", Accepted),
    ("longreq", Accepted),
    ("dblreq", Accepted),
    ("semiuri", Accepted),
    ("transports", Accepted),
    ("mpart01", Accepted),
    ("unreason", Accepted),
    ("noreason", Accepted),
    // 3.1.2 Invalid messages.
    ("badinv01", Answered(400, invalid(HeaderName::Via))),
    ("clerr", Answered(400, ParseError::Truncated)),
    ("ncl", Answered(400, invalid(HeaderName::ContentLength))),
    ("scalar02", Answered(400, invalid(HeaderName::CSeq))),
    ("scalarlg", Dropped(invalid(HeaderName::CSeq))),
    ("quotbal", Answered(400, invalid(HeaderName::To))),
    ("ltgtruri", Answered(400, ParseError::RequestUri)),
    ("lwsruri", Answered(400, ParseError::RequestUri)),
    ("lwsstart", Answered(400, ParseError::StartLine)),
    ("trws", Answered(400, ParseError::StartLine)),
    ("escruri", Answered(400, ParseError::RequestUri)),
    // "An element shouldn't [reject it] unless the contents of the Date header field were actually important to its
    // processing": nothing of ours reads it; `parse_date` refuses it.
    ("baddate", Accepted),
    ("regbadct", Answered(400, invalid(HeaderName::Contact))),
    ("badaspec", Answered(400, invalid(HeaderName::To))),
    // As published it also lacks its empty line, which is found first.
    ("baddn", Answered(400, ParseError::Unfinished)),
    ("badvers", Answered(505, ParseError::Version)),
    ("mismatch01", Answered(400, ParseError::MethodMismatch { known: true })),
    ("mismatch02", Answered(501, ParseError::MethodMismatch { known: false })),
    ("bigcode", Dropped(ParseError::StartLine)),
    // 3.2 Transaction layer: matched in the manner of RFC 2543.
    ("badbranch", Accepted),
    // 3.3 Application layer.
    ("insuf", Answered(400, ParseError::Missing(HeaderName::From))),
    ("unkscm", Accepted),
    ("novelsc", Accepted),
    ("unksm2", Accepted),
    ("bext01", Accepted),
    ("invut", Accepted),
    ("regaut01", Accepted),
    ("multi01", Answered(400, ParseError::Repeated(HeaderName::CSeq))),
    ("mcl01", Answered(400, ParseError::Repeated(HeaderName::ContentLength))),
    ("bcast", Accepted),
    ("zeromf", Accepted),
    ("cparam01", Accepted),
    ("cparam02", Accepted),
    ("regescrt", Accepted),
    ("sdp01", Accepted),
    // 3.4 Backward compatibility.
    ("inv2543", Accepted),
];

const RFC_5118: &[(&str, Wire)] = &[
    ("ipv6-good", Accepted),
    ("ipv6-bad", Answered(400, ParseError::RequestUri)),
    ("port-ambiguous", Accepted),
    ("port-unambiguous", Accepted),
    ("via-received-param-with-delim", Accepted),
    ("via-received-param-no-delim", Accepted),
    ("ipv6-in-sdp", Accepted),
    ("mult-ip-in-header", Accepted),
    ("mult-ip-in-sdp", Accepted),
    ("ipv4-mapped-ipv6", Accepted),
    ("ipv6-bug-abnf-3-colons", Accepted),
    ("ipv6-correct-abnf-2-colons", Accepted),
];

fn verdict(bytes: &[u8]) -> Wire {
    match Message::parse(bytes, Framing::Datagram) {
        Ok(_) => Accepted,
        Err(fault) => match refuse(bytes, &fault, None) {
            Some(refusal) => {
                let answer = Message::parse(&refusal.response, Framing::Stream).map(|m| m.status());
                assert!(answer.is_ok_and(|s| s == Some(refusal.status)) || fault != ParseError::Version, "a readable answer");
                Answered(refusal.status, fault)
            }
            None => Dropped(fault),
        },
    }
}

fn check(messages: &[Torture], table: &[(&str, Wire)]) {
    let mut seen = BTreeSet::new();
    for message in messages {
        let expected = table.iter().find(|(name, _)| *name == message.name);
        assert_eq!(Some((message.name.as_str(), verdict(&message.bytes))), expected.copied());
        seen.insert(&message.name);
    }
    assert_eq!(seen.len(), table.len(), "every row of the table has its message");
}

#[test]
fn every_message_of_rfc_4475_gets_its_verdict() {
    assert_eq!(RFC_4475.len(), 49);
    check(&rfc4475().unwrap(), RFC_4475);
}

#[test]
fn every_message_of_rfc_5118_gets_its_verdict() {
    check(&rfc5118().unwrap(), RFC_5118);
}

fn all() -> impl Iterator<Item = Torture> {
    rfc4475().unwrap().into_iter().chain(rfc5118().unwrap())
}

fn with<T>(name: &str, look: impl FnOnce(&Message<'_>) -> T) -> T {
    let bytes = all().find(|t| t.name == name).unwrap().bytes;
    look(&Message::parse(&bytes, Framing::Datagram).unwrap())
}

#[test]
fn accepted_messages_are_forwarded_octet_by_octet() {
    for message in all() {
        let Ok(parsed) = Message::parse(&message.bytes, Framing::Datagram) else { continue };
        let mut out = Vec::new();
        let ours = "SIP/2.0/TLS proxy.example.org;branch=z9hG4bKx";
        let forwarded = if parsed.is_request() {
            forward_request(&parsed, &Forward { via: ours, ..Forward::default() }, &mut out)
        } else {
            forward_response(&parsed, &mut out)
        };
        if let Err(refused) = forwarded {
            assert!(matches!(message.name.as_str(), "zeromf" | "unreason" | "noreason"), "{}: {refused}", message.name);
            continue;
        }
        let sent = Message::parse(&out, Framing::Stream).unwrap();
        let kept = |m: &Message<'_>| -> Vec<Vec<u8>> {
            let edited = [HeaderName::Via, HeaderName::MaxForwards, HeaderName::ContentLength];
            m.headers().filter(|h| !edited.contains(&h.name)).map(|h| h.raw.to_vec()).collect()
        };
        assert_eq!(kept(&sent), kept(&parsed), "{}", message.name);
        assert_eq!((sent.start_line(), sent.body()), (parsed.start_line(), parsed.body()), "{}", message.name);
        let vias = |m: &Message<'_>| m.vias().map(|v| v.as_bytes().to_vec()).collect::<Vec<_>>();
        let shorter = if parsed.is_request() { vias(&sent) } else { vias(&parsed) };
        assert_eq!(shorter[1..], if parsed.is_request() { vias(&parsed) } else { vias(&sent) }, "{}", message.name);
    }
}

#[test]
fn what_the_valid_messages_say_is_read() {
    with("wsinv", |m| {
        assert_eq!(m.from().display().unwrap(), "J Rosenberg \\\"");
        assert_eq!((m.to().tag(), m.cseq().number, m.max_forwards()), (Some("1918181833n"), 9, Some(68)));
        let vias: Vec<_> = m.vias().map(|v| (v.transport().to_owned(), v.host().to_owned())).collect();
        let expected = [("UDP", "192.0.2.2"), ("TCP", "spindle.example.com"), ("UDP", "192.168.255.111")];
        assert_eq!(vias, expected.map(|(t, h)| (t.to_owned(), h.to_owned())));
        assert_eq!((m.contacts().next().unwrap().q(), m.body().len()), (330, 150));
    });
    with("intmeth", |m| {
        assert_eq!(m.method().as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
        assert_eq!(m.to().display().unwrap(), "BEL:\u{7} NUL:\0 DEL:\u{7f}");
        assert_eq!(m.from().tag(), Some("_token~1'+`*%!-."));
    });
    with("esc01", |m| {
        assert_eq!(m.request_uri().unwrap().decoded_user().unwrap().as_ref(), b"sips:user@example.com");
        assert_eq!(m.to().uri().address_of_record().unwrap(), "sip:user@example.com");
    });
    with("escnull", |m| {
        let users: Vec<_> = m.contacts().map(|c| c.uri().decoded_user().unwrap().into_owned()).collect();
        assert_eq!(users, [b"\0".to_vec(), b"\0\0".to_vec()]);
        assert_eq!(m.to().uri().decoded_user().unwrap().as_ref(), b"null-\0-null");
    });
    with("esc02", |m| {
        assert_eq!((m.contacts().count(), m.to().display().unwrap().as_str()), (2, "%Z%45"));
        assert!(m.header(HeaderName::Other(b"C%6Fntact")).is_some());
    });
    with("longreq", |m| assert_eq!(m.vias().count(), 34));
    with("dblreq", |m| assert_eq!((m.body(), m.as_bytes().ends_with(b"Content-Length: 0\r\n\r\n")), (&b""[..], true)));
    with("semiuri", |m| assert_eq!(m.request_uri().unwrap().user(), Some("user;par=u%40example.net")));
    with("mpart01", |m| assert!(m.content_type().unwrap().is("multipart", "mixed") && m.body().contains(&0)));
    with("noreason", |m| assert_eq!(m.status(), Some(100)));
}

#[test]
fn what_the_other_accepted_messages_say_is_read() {
    with("baddate", |m| assert_eq!(parse_date(m.header(HeaderName::Date).unwrap()), None));
    with("badbranch", |m| assert_eq!((m.via().branch(), m.via().is_rfc3261()), (None, false)));
    with("unkscm", |m| assert!(!m.request_uri().unwrap().is_sip()));
    with("unksm2", |m| assert_eq!(m.to().uri().address_of_record(), None));
    with("bext01", |m| {
        assert!(m.has_token(HeaderName::ProxyRequire, "norDoAnyProxiesSupportThis"));
        assert_eq!(m.header_values(HeaderName::Require).count(), 2);
    });
    with("zeromf", |m| assert_eq!(m.max_forwards(), Some(0)));
    with("cparam01", |m| {
        let contact = m.contacts().next().unwrap();
        assert!(contact.params().has("unknownparam") && contact.uri().param("unknownparam").is_none());
    });
    with("cparam02", |m| {
        let contact = m.contacts().next().unwrap();
        assert!(!contact.params().has("unknownparam") && contact.uri().param("unknownparam").is_some());
    });
    with("regescrt", |m| {
        let uri = m.contacts().next().unwrap().uri();
        assert_eq!(uri.headers().next(), Some(("Route", "%3Csip:sip.example.com%3E")));
    });
    with("inv2543", |m| {
        assert_eq!((m.from().tag(), m.via().branch(), m.max_forwards()), (None, None, None));
        assert!(m.body().ends_with(b"m=audio 49217 RTP/AVP 0\r\n"));
    });
}

#[test]
fn what_the_messages_with_ipv6_say_is_read() {
    with("port-ambiguous", |m| assert_eq!(m.request_uri().unwrap().port(), None));
    with("port-unambiguous", |m| assert_eq!(m.request_uri().unwrap().port(), Some(5070)));
    for name in ["via-received-param-with-delim", "via-received-param-no-delim"] {
        with(name, |m| assert_eq!(m.via().received(), Some("2001:db8::9:255".parse().unwrap()), "{name}"));
    }
    with("mult-ip-in-header", |m| assert_eq!(m.vias().last().unwrap().received(), Some("192.0.2.200".parse().unwrap())));
}
