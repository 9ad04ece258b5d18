//! A forwarded message costs no allocation besides the output buffer, which may be used again.
#![allow(clippy::unwrap_used, missing_docs)]

use cooee_sip::{Forward, Framing, HeaderName, Message, forward_request, forward_response};

const INVITE: &[u8] = include_bytes!("../../../tests/fixtures/sip/invite-822.sip");
const RINGING: &[u8] = include_bytes!("../../../tests/fixtures/sip/ringing.sip");

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn the_counter_sees_allocations() {
    assert_eq!(allocations(|| drop(Vec::<u8>::with_capacity(1000))), 1);
}

#[test]
fn a_request_is_parsed_edited_and_forwarded_without_allocating() {
    let mut out = Vec::with_capacity(4096);
    let edit = Forward {
        via: "SIP/2.0/TLS example.org;branch=z9hG4bKabc",
        source: "192.0.2.101:4000".parse().ok(),
        request_uri: Some("sip:ben@192.0.2.4"),
        pop_routes: 1,
        routes: &["<sip:edge.example.org;lr>"],
        record_routes: &["<sip:example.org;lr>"],
        remove: &[HeaderName::ProxyAuthorization],
        append: &[(HeaderName::Other(b"X-One"), "1")],
    };
    let count = allocations(|| {
        let message = Message::parse(INVITE, Framing::Datagram).unwrap();
        let hops = message.max_forwards().unwrap();
        assert!(hops > 0 && message.via().is_rfc3261() && message.to().tag().is_none() && message.from().tag().is_some());
        assert_eq!(message.routes().count(), 1);
        forward_request(&message, &edit, &mut out).unwrap();
    });
    assert!(out.len() > INVITE.len());
    assert_eq!(count, 0);
}

#[test]
fn a_response_is_parsed_and_forwarded_without_allocating() {
    let mut out = Vec::with_capacity(4096);
    let count = allocations(|| forward_response(&Message::parse(RINGING, Framing::Datagram).unwrap(), &mut out).unwrap());
    assert!(!out.is_empty());
    assert_eq!(count, 0);
}

#[test]
fn a_message_is_framed_by_one_allocation_each() {
    let mut framer = cooee_sip::Framer::default();
    framer.push(&INVITE.repeat(11));
    let _ = framer.poll();
    let count = allocations(|| (0..10).for_each(|_| drop(framer.poll().unwrap().unwrap())));
    assert_eq!(count, 10);
}
