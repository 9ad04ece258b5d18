#![allow(clippy::expect_used, reason = "a panic is what a finding looks like")]

use cooee_machine::Secret;
use cooee_sip::digest::{Challenge, Credentials, Login, Verifier, challenges, strongest};
use cooee_sip::{
    Forward, ForwardError, Framing, HeaderName, MediaType, Message, NameAddr, ParseError, Reason, Uri, Via, forward_request,
    forward_response, parse_date, refuse, respond,
};

use crate::frames::frames;

/// Everything the wire offers, on octets that may be anything.
pub(crate) fn run(input: &[u8]) {
    for framing in [Framing::Datagram, Framing::Stream] {
        match Message::parse(input, framing) {
            Ok(message) => {
                read(&message);
                send_on(&message);
                answer(&message);
            }
            Err(error) => {
                if let Some(refusal) = refuse(input, &error, "192.0.2.1:5060".parse().ok()) {
                    assert!((400..600).contains(&refusal.status));
                    assert!(refusal.response.ends_with(b"\r\n\r\n"));
                }
            }
        }
    }
    frame(input);
    values(input);
}

/// Every accessor; what was checked reads back.
fn read(message: &Message<'_>) {
    assert!(message.is_request() != message.status().is_some());
    assert!(message.vias().next() == Some(message.via()));
    let _ = (message.call_id(), message.cseq(), message.max_forwards(), message.expires(), message.content_type().is_some());
    let _ = (message.has_star_contact(), message.reasons().count(), message.method(), format!("{message:?}"));
    for header in message.headers() {
        assert!(header.raw.ends_with(b"\r\n"));
        assert!(message.header(header.name).is_some());
        let _ = (message.header_values(header.name).count(), message.seconds(header.name), message.header_text(header.name));
        let _ = message.has_token(header.name, "outbound");
        for address in message.name_addrs(header.name) {
            uri(&address.uri());
            let _ = (address.display(), address.tag(), address.q(), address.expires());
            assert!(address.params().all(|p| !p.name().is_empty()));
        }
    }
    if let Some(target) = message.request_uri() {
        uri(&target);
    }
    if let Some(challenge) = strongest(challenges(message)) {
        let password = Secret::new("secret");
        let login = Login { username: "anna", password: &password };
        let answer = challenge.answer(login, message.method(), "sip:example.org", message.body(), 1, "c");
        let credentials = Credentials::parse(answer.as_bytes()).expect("our own answer reads back");
        let _ = Verifier::new("anna", &challenge.realm, &password).verify(&credentials, message.method(), message.body());
    }
}

fn uri(uri: &Uri<'_>) {
    assert!(uri.is_equivalent(uri), "a URI is equivalent to itself");
    let _ = (uri.decoded_user(), uri.address(), uri.transport(), uri.headers().count(), uri.params().count());
    if let Some(key) = uri.address_of_record() {
        let again = Uri::parse(&key).expect("a key is a URI").address_of_record();
        assert_eq!(again.as_deref(), Some(key.as_str()), "a key is its own key");
    }
}

/// What is forwarded is a message, and the same one but for the edits.
fn send_on(message: &Message<'_>) {
    let mut out = Vec::new();
    let edit = Forward {
        via: "SIP/2.0/TLS example.org;branch=z9hG4bKabc",
        source: "[2001:db8::1]:4000".parse().ok(),
        request_uri: Some("sip:ben@192.0.2.4"),
        pop_routes: 1,
        routes: &["<sip:edge.example.org;lr>"],
        record_routes: &["<sip:example.org;lr>"],
        remove: &[HeaderName::ProxyAuthorization],
        append: &[(HeaderName::Other(b"X-One"), "1")],
    };
    for edit in [edit, Forward { via: edit.via, ..Forward::default() }] {
        out.clear();
        match forward_request(message, &edit, &mut out) {
            Ok(()) => {}
            Err(ForwardError::WrongKind) => break,
            Err(_) => return assert!(out.is_empty()),
        }
        let sent = match Message::parse(&out, Framing::Stream) {
            // Only what was at the limit already grows beyond it.
            Err(ParseError::HeadTooLarge | ParseError::TooManyHeaders) => continue,
            sent => sent.expect("a forwarded request is a message"),
        };
        assert_eq!(sent.vias().count(), message.vias().count() + 1);
        assert_eq!((sent.call_id(), sent.cseq(), sent.body()), (message.call_id(), message.cseq(), message.body()));
        assert_eq!((sent.from().tag(), sent.to().tag()), (message.from().tag(), message.to().tag()));
    }
    if forward_response(message, &mut out).is_ok() {
        let sent = Message::parse(&out, Framing::Stream).expect("a forwarded response is a message");
        assert_eq!(sent.vias().count() + 1, message.vias().count());
        assert_eq!((sent.status(), sent.body()), (message.status(), message.body()));
    }
}

fn answer(request: &Message<'_>) {
    if request.is_request() {
        let bytes = respond(request, "192.0.2.1:5060".parse().ok(), 486, "", Some("tag")).into_bytes();
        let response = Message::parse(&bytes, Framing::Stream).expect("our own answer is a message");
        assert_eq!(response.vias().count(), request.vias().count());
        assert_eq!((response.call_id(), response.cseq()), (request.call_id(), request.cseq()));
        assert!(response.to().tag().is_some());
    }
}

/// A stream gives the same frames wherever it is cut.
fn frame(input: &[u8]) {
    let (head, tail) = input.split_at(input.len() / 2);
    assert_eq!(frames(&[input]), frames(&[head, tail]), "where the stream is cut makes no difference");
}

/// The value parsers on octets that never passed a message.
fn values(input: &[u8]) {
    for line in input.split(|b| *b == b'\n').take(64) {
        let value = line.iter().position(|b| *b == b':').and_then(|colon| line.get(colon + 1..)).unwrap_or(line);
        let _ = (Via::parse(value), NameAddr::parse(value), Reason::parse(value), MediaType::parse(value), parse_date(value));
        let _ = (Challenge::parse(value).map(|c| c.to_string()), Uri::from_bytes(value).map(|u| uri(&u)));
        if let Some(credentials) = Credentials::parse(value) {
            let again = Credentials::parse(credentials.to_string().as_bytes()).expect("our own print is a value");
            assert_eq!(again, credentials);
        }
    }
}
