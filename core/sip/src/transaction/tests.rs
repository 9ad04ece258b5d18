//! The table: who belongs to whom, and how much of it there may be.

use std::time::Duration;

use cooee_machine::{Now, SocketId, StreamId};

use super::*;
use crate::build::response_to;
use crate::flow::FlowId;
use crate::message::{Framing, Message};

const LIMITS: TransactionLimits = TransactionLimits { client: 3, server: 3, bytes: 10_000 };

fn udp() -> FlowId {
    FlowId::Udp { socket: SocketId(1), remote: "192.0.2.9:5060".parse().unwrap() }
}

fn table() -> (Transactions, Now) {
    (Transactions::new(Timers::default(), LIMITS), start_of_test())
}

fn request(method: &str, via: &str) -> Vec<u8> {
    format!(
        "{method} sip:ben@example.org SIP/2.0\r\nVia: SIP/2.0/UDP {via}\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:ben@example.org>\r\n\
         Call-ID: c\r\nCSeq: 1 {method}\r\nRoute: <sip:one;lr>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

fn receive(table: &mut Transactions, request: &[u8], now: Now) -> RequestMatch {
    table.receive_request(udp(), &Message::parse(request, Framing::Datagram).unwrap(), now)
}

fn answer(request: &[u8], status: u16) -> Vec<u8> {
    response_to(&Message::parse(request, Framing::Datagram).unwrap(), status, "", Some("t")).into_bytes()
}

fn hear(table: &mut Transactions, response: &[u8], now: Now) -> ResponseMatch {
    table.receive_response(&Message::parse(response, Framing::Datagram).unwrap(), now)
}

/// The first lines of what is sent, and the other outputs.
fn outputs(table: &mut Transactions) -> (Vec<String>, Vec<TransactionOutput>) {
    let (mut sent, mut others) = (Vec::new(), Vec::new());
    while let Some(output) = table.poll_output() {
        match output {
            TransactionOutput::Send { payload, .. } => sent.push(String::from_utf8(payload).unwrap().lines().next().unwrap().to_owned()),
            other => others.push(other),
        }
    }
    (sent, others)
}

fn id_of(matched: RequestMatch) -> TransactionId {
    match matched {
        RequestMatch::New { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_belongs_to_a_transaction_by_branch_sender_and_method() {
    let (mut table, now) = table();
    let first = request("OPTIONS", "host:5060;branch=z9hG4bK1");
    let id = id_of(receive(&mut table, &first, now));
    table.respond(id, 200, answer(&first, 200), now);
    assert_eq!(outputs(&mut table).0, ["SIP/2.0 200 OK"]);
    assert_eq!(receive(&mut table, &request("OPTIONS", "HOST:5060;branch=z9hG4bK1"), now), RequestMatch::Absorbed);
    assert_eq!(outputs(&mut table).0, ["SIP/2.0 200 OK"]);
    assert_ne!(id_of(receive(&mut table, &request("OPTIONS", "host:5061;branch=z9hG4bK1"), now)), id);
    assert_ne!(id_of(receive(&mut table, &request("INFO", "host:5060;branch=z9hG4bK1"), now)), id);
}

#[test]
fn a_cancel_finds_its_invite_and_an_ack_to_a_refusal_too() {
    let (mut table, now) = table();
    let invite = request("INVITE", "host;branch=z9hG4bK1");
    let id = id_of(receive(&mut table, &invite, now));
    assert!(table.awaits_answer(id));
    let cancel = receive(&mut table, &request("CANCEL", "host;branch=z9hG4bK1"), now);
    assert!(matches!(cancel, RequestMatch::New { cancels: Some(of), .. } if of == id));
    table.respond(id, 487, answer(&invite, 487), now);
    assert!(!table.awaits_answer(id));
    assert_eq!(receive(&mut table, &request("ACK", "host;branch=z9hG4bK1"), now), RequestMatch::Absorbed);
    assert_eq!(receive(&mut table, &request("ACK", "host;branch=z9hG4bK2"), now), RequestMatch::Ack);
    let stray = receive(&mut table, &request("CANCEL", "host;branch=z9hG4bK3"), now);
    assert!(matches!(stray, RequestMatch::New { cancels: None, .. }));
}

#[test]
fn without_the_magic_cookie_requests_are_matched_as_in_rfc_2543() {
    for via in ["host", "host;branch=1", "host;branch=z9hG4bK"] {
        let (mut table, now) = table();
        let invite = request("INVITE", via);
        let id = id_of(receive(&mut table, &invite, now));
        assert_eq!(receive(&mut table, &invite, now), RequestMatch::Absorbed);
        table.respond(id, 486, answer(&invite, 486), now);
        let ack = String::from_utf8(request("ACK", via)).unwrap().replace("To: <sip:ben@example.org>", "To: <sip:ben@example.org>;tag=t");
        assert_eq!(receive(&mut table, ack.as_bytes(), now), RequestMatch::Absorbed, "{via}");
        let other = String::from_utf8(invite).unwrap().replace("Call-ID: c", "Call-ID: d");
        assert!(matches!(receive(&mut table, other.as_bytes(), now), RequestMatch::New { .. }), "{via}");
    }
}

#[test]
fn a_response_belongs_to_a_request_by_branch_and_method() {
    let (mut table, now) = table();
    let options = request("OPTIONS", "us;branch=z9hG4bK1");
    let id = table.request(udp(), options.clone(), now).unwrap();
    assert_eq!(hear(&mut table, &answer(&request("OPTIONS", "us;branch=z9hG4bK2"), 200), now), ResponseMatch::Stray);
    assert_eq!(hear(&mut table, &answer(&request("INFO", "us;branch=z9hG4bK1"), 200), now), ResponseMatch::Stray);
    assert_eq!(hear(&mut table, &answer(&options, 200), now), ResponseMatch::Pass(id));
    assert_eq!(hear(&mut table, &answer(&options, 200), now), ResponseMatch::Absorbed);
    assert_eq!(
        receive(&mut table, &options, now),
        RequestMatch::New { id: TransactionId(id.0 + 1), cancels: None },
        "our own request, come back"
    );
}

#[test]
fn cancel_leaves_only_between_a_provisional_and_a_final_response() {
    let (mut table, now) = table();
    let invite = request("INVITE", "us;branch=z9hG4bK1");
    let id = table.request(udp(), invite.clone(), now).unwrap();
    assert!(!table.is_cancellable(id) && table.cancel(id, None, now).is_none());
    hear(&mut table, &answer(&invite, 100), now);
    assert!(table.is_cancellable(id));
    assert!(table.cancel(id, Some("SIP;cause=200"), now).is_some());
    hear(&mut table, &answer(&invite, 487), now);
    assert!(!table.is_cancellable(id) && table.cancel(id, None, now).is_none());
    let (sent, _) = outputs(&mut table);
    assert_eq!(sent, ["INVITE sip:ben@example.org SIP/2.0", "CANCEL sip:ben@example.org SIP/2.0", "ACK sip:ben@example.org SIP/2.0"]);
}

#[test]
fn neither_more_transactions_nor_more_octets_than_the_limit_are_held() {
    let (mut table, now) = table();
    for count in 0..5 {
        let matched = receive(&mut table, &request("OPTIONS", &format!("host;branch=z9hG4bK{count}")), now);
        assert_eq!(matched == RequestMatch::Full, count >= 3);
        let sent = table.request(udp(), request("OPTIONS", &format!("us;branch=z9hG4bK{count}")), now);
        assert_eq!(sent == Err(SendError::Full), count >= 3);
    }
    assert_eq!(table.len(), 6);
    let (mut table, now) = self::table();
    let big = request("OPTIONS", "host;branch=z9hG4bK1");
    let id = id_of(receive(&mut table, &big, now));
    table.respond(id, 200, vec![b'x'; 20_000], now);
    assert_eq!(receive(&mut table, &request("OPTIONS", "host;branch=z9hG4bK2"), now), RequestMatch::Full);
    table.handle_timeout(now.after(Duration::from_secs(60)));
    assert_eq!((table.len(), table.kept_bytes()), (0, 0));
    assert!(matches!(receive(&mut table, &request("OPTIONS", "host;branch=z9hG4bK2"), now), RequestMatch::New { .. }));
}

#[test]
fn a_closed_flow_fails_the_requests_on_it_and_later_responses_take_another() {
    let (mut table, now) = table();
    let (old, new) = (FlowId::Stream(StreamId(2)), FlowId::Stream(StreamId(4)));
    let id = table.request(old, request("OPTIONS", "us;branch=z9hG4bK1"), now).unwrap();
    let invite = request("INVITE", "host;branch=z9hG4bK1");
    let RequestMatch::New { id: server, .. } = table.receive_request(old, &Message::parse(&invite, Framing::Stream).unwrap(), now) else {
        panic!()
    };
    outputs(&mut table);
    table.flow_closed(old);
    assert_eq!(outputs(&mut table).1, [TransactionOutput::TransportFailed(id), TransactionOutput::Terminated(id)]);
    table.reroute(old, new);
    table.respond(server, 200, answer(&invite, 200), now);
    assert!(matches!(table.poll_output(), Some(TransactionOutput::Send { flow, .. }) if flow == new));
}

#[test]
fn what_is_no_request_with_a_branch_cannot_be_sent() {
    let (mut table, now) = table();
    for bytes in [
        request("ACK", "us;branch=z9hG4bK1"),
        request("OPTIONS", "us"),
        b"OPTIONS".to_vec(),
        answer(&request("OPTIONS", "us;branch=z9hG4bK1"), 200),
    ] {
        assert_eq!(table.request(udp(), bytes, now), Err(SendError::NoRequest));
    }
    assert!(table.is_empty());
}

#[test]
fn punctual_timers_are_not_held_up_by_those_that_can_wait() {
    let (mut table, now) = table();
    let options = request("OPTIONS", "host;branch=z9hG4bK1");
    let id = id_of(receive(&mut table, &options, now));
    table.respond(id, 200, answer(&options, 200), now);
    let wake = table.next_wake().unwrap();
    assert_eq!((wake.at - now.instant, wake.slack), (Duration::from_secs(32), Duration::from_secs(5)));
    table.request(udp(), request("OPTIONS", "us;branch=z9hG4bK1"), now).unwrap();
    let wake = table.next_wake().unwrap();
    assert_eq!((wake.at - now.instant, wake.slack), (Duration::from_millis(500), Duration::ZERO));
}

#[test]
fn every_transaction_says_once_that_it_is_gone() {
    let (mut table, mut now) = table();
    let invite = request("INVITE", "us;branch=z9hG4bK1");
    let ours = table.request(udp(), invite.clone(), now).unwrap();
    let theirs = id_of(receive(&mut table, &request("OPTIONS", "host;branch=z9hG4bK1"), now));
    table.respond(theirs, 200, answer(&request("OPTIONS", "host;branch=z9hG4bK1"), 200), now);
    let mut gone = Vec::new();
    while let Some(wake) = table.next_wake() {
        now = now.after(wake.at - now.instant);
        table.handle_timeout(now);
        gone.extend(outputs(&mut table).1);
    }
    let expected = [TransactionOutput::Timeout(ours), TransactionOutput::Terminated(ours), TransactionOutput::Terminated(theirs)];
    assert_eq!(gone, expected);
}
