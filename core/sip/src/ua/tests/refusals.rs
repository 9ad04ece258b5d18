//! What requests that come in are answered with: RFC 3261 8.2, 9.2, 12.2.2.

use cooee_machine::Transport;

use super::super::*;
use super::peer::{ANNA, SDP, answer, invite, request, session};
use super::scene::{ANSWER, OFFER, config, summary};
use super::script::{Script, golden, header};
use crate::header::HeaderName;

#[test]
fn an_incoming_call_is_answered_like_this() {
    let mut script = Script::new(Transport::Tls);
    let routes =
        [("Record-Route", "<sip:b.example.org;lr>,<sip:a.example.org;lr>"), ("Session-ID", "0123456789abcdef0123456789abcdef;remote=0")];
    let trying = answer(&mut script, &invite(&routes));
    assert_eq!(
        golden(&trying),
        "SIP/2.0 100 Trying\n\
         Via: SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK-1\n\
         From: \"Ben\" <sip:ben@example.org>;tag=f\n\
         To: <sip:anna@example.org>\n\
         Call-ID: call-1\n\
         CSeq: 1 INVITE\n\
         Content-Length: 0\n\n"
            .replace("BRANCH", "z9hG4bK-1")
            .replace("z9hG4bK-1", "BRANCH")
    );
    let Some(LegEvent::Incoming { display, session_id, .. }) = script.events.last() else { panic!() };
    assert_eq!(display.as_ref().map(|name| name.reveal().as_str()), Some("Ben"));
    assert_eq!(session_id.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    script.agent.ring(LegId(1), None, script.now);
    let ringing = script.only();
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    let ok = script.only();
    assert_eq!(header(&ringing, HeaderName::To), header(&ok, HeaderName::To));
    assert_eq!(
        golden(&ok),
        "SIP/2.0 200 OK\n\
         Via: SIP/2.0/TLS 192.0.2.9:5061;branch=BRANCH\n\
         From: \"Ben\" <sip:ben@example.org>;tag=f\n\
         To: <sip:anna@example.org>;tag=TO-TAG\n\
         Call-ID: call-1\n\
         CSeq: 1 INVITE\n\
         Record-Route: <sip:b.example.org;lr>,<sip:a.example.org;lr>\n\
         Contact: <sip:anna@192.0.2.1:5060;transport=tls;ob>\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, INFO\n\
         Supported: 100rel, norefersub, outbound, replaces, timer\n\
         Session-ID: SESSION;remote=0123456789abcdef0123456789abcdef\n\
         Server: Cooee/test\n\
         Content-Type: application/sdp\n\
         Content-Length: 43\n\n\
         v=0\no=- 2 2 IN IP4 192.0.2.2\ns=-\nt=0 0\n"
    );
}

const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, INFO";

#[test]
fn every_request_we_do_not_serve_gets_the_answer_of_its_standard() {
    let within = ("To", "<sip:anna@example.org>;tag=gone");
    type Header = (HeaderName<'static>, &'static str);
    let table: &[(&str, Vec<u8>, u16, Option<Header>)] = &[
        ("an unknown method", request("NEWMETHOD", ANNA, &[], b""), 501, Some((HeaderName::Allow, ALLOW))),
        ("SUBSCRIBE", request("SUBSCRIBE", ANNA, &[], b""), 405, Some((HeaderName::Allow, ALLOW))),
        ("PUBLISH", request("PUBLISH", ANNA, &[], b""), 405, Some((HeaderName::Allow, ALLOW))),
        ("an INFO to no dialog", request("INFO", ANNA, &[], b""), 481, None),
        ("an INFO to a dialog that is gone", request("INFO", ANNA, &[within], b""), 481, None),
        ("an UPDATE to no dialog", request("UPDATE", ANNA, &[], b""), 481, None),
        ("a REFER to no dialog", request("REFER", ANNA, &[("Refer-To", "<sip:carol@example.org>")], b""), 403, None),
        ("a REFER to a dialog that is gone", request("REFER", ANNA, &[within, ("Refer-To", "<sip:c@example.org>")], b""), 481, None),
        ("a NOTIFY of a transfer we did not ask for", request("NOTIFY", ANNA, &[("Event", "refer")], b""), 481, None),
        (
            "a NOTIFY of anything else",
            request("NOTIFY", ANNA, &[("Event", "check-sync")], b""),
            489,
            Some((HeaderName::AllowEvents, "refer, message-summary")),
        ),
        ("a NOTIFY of nothing", request("NOTIFY", ANNA, &[], b""), 489, None),
        (
            "a text that is none",
            request("MESSAGE", ANNA, &[("Content-Type", "message/cpim")], b"hi"),
            415,
            Some((HeaderName::Accept, "text/plain")),
        ),
        (
            "a session that lives too short",
            invite(&[("Supported", "timer"), ("Session-Expires", "89")]),
            422,
            Some((HeaderName::MinSe, "90")),
        ),
        ("a call in place of none", invite(&[("Replaces", "x;to-tag=a;from-tag=b")]), 481, None),
        ("a call in place of something unreadable", invite(&[("Replaces", "x;to-tag=a")]), 400, None),
        ("REGISTER", request("REGISTER", "sip:192.0.2.1", &[], b""), 405, None),
        ("PRACK", request("PRACK", ANNA, &[within], b""), 481, None),
        ("a foreign scheme", request("INVITE", "tel:+4930123", &[SDP], OFFER), 416, None),
        ("an opaque scheme", request("OPTIONS", "nobodyKnowsThisScheme:totallyopaquecontent", &[], b""), 416, None),
        ("another user", request("INVITE", "sip:other@192.0.2.1", &[SDP], OFFER), 404, None),
        ("our user in other letters", request("INVITE", "sip:Anna@192.0.2.1", &[SDP], OFFER), 404, None),
        ("nobody", request("INVITE", "sip:192.0.2.1", &[SDP], OFFER), 404, None),
        (
            "an extension",
            invite(&[("Require", "100rel, precondition, outbound, nothingSupportsThis")]),
            420,
            Some((HeaderName::Unsupported, "precondition, nothingSupportsThis")),
        ),
        (
            "a body of another type",
            request("INVITE", ANNA, &[("Content-Type", "text/plain")], b"hi"),
            415,
            Some((HeaderName::Accept, "application/sdp")),
        ),
        ("a body without a type", request("INVITE", ANNA, &[], b"hi"), 415, None),
        ("an encoded body", invite(&[("Content-Encoding", "gzip")]), 415, None),
        ("an answer in another format", invite(&[("Accept", "text/plain, application/pidf+xml")]), 406, None),
        ("an INVITE to a dialog that is gone", invite(&[within]), 481, None),
        ("a BYE to a dialog that is gone", request("BYE", ANNA, &[within], b""), 481, None),
        ("a BYE to no dialog", request("BYE", ANNA, &[], b""), 481, None),
        ("a CANCEL of nothing", request("CANCEL", ANNA, &[], b""), 481, None),
    ];
    for (what, request, status, expected) in table {
        for transport in [Transport::Tls, Transport::Udp] {
            let mut script = Script::new(transport);
            let answer = answer(&mut script, request);
            assert!(summary(&answer).starts_with(&format!("{status} ")), "{what}: {}", summary(&answer));
            assert!(golden(&answer).contains("\nTo: <sip:anna@example.org>;tag=") || *status == 481, "{what}");
            if let Some((name, value)) = expected {
                assert_eq!(header(&answer, *name).as_deref(), Some(*value), "{what}");
            }
            assert_eq!(script.events, []);
            script.receive(request);
            let copies = script.sent();
            let expected = if transport == Transport::Udp { 1 } else { copies.len() };
            assert_eq!(copies.len(), expected, "{what}");
            assert!(transport == Transport::Tls || copies[0] == answer, "{what}");
        }
    }
}

#[test]
fn escapes_in_the_request_uri_do_not_matter_and_max_forwards_neither() {
    let mut script = Script::new(Transport::Tls);
    let odd = request("INVITE", "sip:%61nna@host.invalid", &[SDP, ("Max-Forwards", "0")], OFFER);
    assert_eq!(summary(&answer(&mut script, &odd)), "100 INVITE");
}

#[test]
fn a_caller_that_takes_any_format_takes_ours() {
    for accept in ["application/sdp, text/plain", "text/plain, Application/SDP;level=1", "application/*", "*/*"] {
        let mut script = Script::new(Transport::Tls);
        assert_eq!(summary(&answer(&mut script, &invite(&[("Accept", accept)]))), "100 INVITE", "{accept}");
    }
}

#[test]
fn a_body_that_may_be_ignored_is() {
    let mut script = Script::new(Transport::Tls);
    let optional = [("Content-Type", "text/plain"), ("Content-Disposition", "render; handling=optional")];
    assert_eq!(summary(&answer(&mut script, &request("INVITE", ANNA, &optional, b"hi"))), "100 INVITE");
    assert!(matches!(script.events[..], [LegEvent::Incoming { sdp: None, .. }]));
}

#[test]
fn options_tells_what_any_phone_can_do_and_nothing_of_this_one() {
    let mut script = Script::new(Transport::Tls);
    for uri in [ANNA, "sip:192.0.2.1:5060;transport=tls"] {
        let ok = answer(&mut script, &request("OPTIONS", uri, &[("Contact", "")], b""));
        assert_eq!(summary(&ok), "200 OPTIONS");
        let text = golden(&ok);
        assert!(text.contains("Allow: ") && text.contains("Accept: application/sdp"), "{text}");
        for secret in ["Contact", "User-Agent", "Server", "Cooee", "v=0"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let probe = |script: &mut Script, branch: &str| {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}");
        golden(&answer(script, &request("OPTIONS", ANNA, &[("Via", &via), ("Contact", "")], b""))).replace(branch, "")
    };
    let idle = probe(&mut script, "idle");
    script.receive(&invite(&[]));
    script.sent();
    assert_eq!(probe(&mut script, "rings"), idle);
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    script.sent();
    assert_eq!(probe(&mut script, "talks"), idle);
}

#[test]
fn an_invite_that_came_by_two_ways_rings_once() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.sent();
    let merged = answer(&mut script, &invite(&[("Via", "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK-2")]));
    assert_eq!(summary(&merged), "482 INVITE");
    assert_eq!(script.events.len(), 1);
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    script.sent();
    let late = answer(&mut script, &invite(&[("Via", "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK-3")]));
    assert_eq!(summary(&late), "482 INVITE");
}

#[test]
fn more_calls_than_the_limit_are_busy() {
    let mut limited = config("anna");
    limited.limits.legs = 2;
    let mut script = Script::with(Transport::Tls, limited);
    for call in 0..3 {
        let (via, call_id) = (format!("SIP/2.0/TLS 192.0.2.9;branch=z9hG4bK-{call}"), format!("call-{call}"));
        let answer = answer(&mut script, &invite(&[("Via", &via), ("Call-ID", &call_id)]));
        assert_eq!(summary(&answer), if call < 2 { "100 INVITE" } else { "486 INVITE" });
    }
    assert_eq!(script.events.len(), 2);
}

#[test]
fn more_transactions_than_the_limit_are_answered_503_without_state() {
    let mut limited = config("anna");
    limited.limits.transactions.server = 3;
    let mut script = Script::with(Transport::Udp, limited);
    for count in 0..20 {
        let via = format!("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-{count}");
        let answer = answer(&mut script, &request("OPTIONS", ANNA, &[("Via", &via)], b""));
        assert_eq!(summary(&answer), if count < 3 { "200 OPTIONS" } else { "503 OPTIONS" });
        assert!(count < 3 || header(&answer, HeaderName::RetryAfter).is_some());
    }
    assert_eq!(script.agent.core.transactions.len(), 3);
}

#[test]
fn within_a_dialog_order_is_kept_and_an_old_request_is_answered_500() {
    let (mut script, to) = session();
    let within = |method: &str, cseq: &str, branch: &str| {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}");
        request(method, ANNA, &[("To", &to), ("CSeq", &format!("{cseq} {method}")), ("Via", &via)], b"")
    };
    assert_eq!(summary(&answer(&mut script, &within("OPTIONS", "12", "b"))), "200 OPTIONS");
    assert_eq!(summary(&answer(&mut script, &within("BYE", "11", "c"))), "500 BYE");
    assert_eq!(summary(&answer(&mut script, &within("INFO", "13", "d"))), "200 INFO");
    assert_eq!(summary(&answer(&mut script, &within("BYE", "14", "e"))), "200 BYE");
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Peer, kind: EndKind::HungUp, .. }))));
    assert_eq!(summary(&answer(&mut script, &within("BYE", "15", "f"))), "481 BYE");
}

#[test]
fn a_bye_says_why_if_its_reason_does() {
    let (mut script, to) = session();
    let lines = [
        ("To", to.as_str()),
        ("CSeq", "11 BYE"),
        ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-b"),
        ("Reason", "Q.850;cause=16, SIP;cause=600;text=\"Busy Everywhere\""),
    ];
    script.receive(&request("BYE", ANNA, &lines, b""));
    script.sent();
    let Some(LegEvent::Ended(ended)) = script.events.last() else { panic!() };
    assert_eq!((ended.cause.clone(), ended.reason.as_deref()), (Some(("SIP".to_owned(), 600)), Some("Busy Everywhere")));
}

#[test]
fn offers_that_overlap_are_refused_by_500_and_a_cancelled_one_by_487() {
    let (mut script, to) = session();
    let offer = |cseq: &str, branch: &str| {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}");
        request("INVITE", ANNA, &[("To", &to), ("CSeq", &format!("{cseq} INVITE")), ("Via", &via), SDP], OFFER)
    };
    assert_eq!(summary(&answer(&mut script, &offer("11", "b"))), "100 INVITE");
    let refused = answer(&mut script, &offer("12", "c"));
    assert_eq!(summary(&refused), "500 INVITE");
    assert!(header(&refused, HeaderName::RetryAfter).is_some());
    script.receive(&request("CANCEL", ANNA, &[("To", &to), ("CSeq", "11 CANCEL"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-b")], b""));
    assert_eq!(script.sent_lines(), ["200 CANCEL", "487 INVITE"]);
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(summary(&answer(&mut script, &offer("13", "d"))), "100 INVITE");
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), ["200 INVITE"]);
    assert_eq!(summary(&answer(&mut script, &offer("14", "e"))), "491 INVITE");
}

#[test]
fn a_late_cancel_is_answered_and_changes_nothing() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    script.sent();
    assert_eq!(summary(&answer(&mut script, &request("CANCEL", ANNA, &[], b""))), "200 CANCEL");
    assert!(!script.events.iter().any(|event| matches!(event, LegEvent::Ended(_))));
}

#[test]
fn a_bye_to_a_phone_that_still_rings_ends_the_invite_too() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.agent.ring(LegId(1), None, script.now);
    let ringing = script.sent().pop().unwrap();
    let to = header(&ringing, HeaderName::To).unwrap();
    script.receive(&request("BYE", ANNA, &[("To", &to), ("CSeq", "2 BYE"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-b")], b""));
    assert_eq!(script.sent_lines(), ["200 BYE", "487 INVITE"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Peer, kind: EndKind::Cancelled, .. }))));
}

#[test]
fn an_invite_that_expires_stops_ringing() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[("Expires", "20")]));
    script.agent.ring(LegId(1), None, script.now);
    script.run(std::time::Duration::from_secs(21));
    assert_eq!(script.sent_lines(), ["100 INVITE", "180 INVITE", "487 INVITE"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::Cancelled, .. }))));
}

#[test]
fn the_answers_to_a_cancel_and_to_its_invite_have_the_same_tag() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.sent();
    script.receive(&request("CANCEL", ANNA, &[], b""));
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["200 CANCEL", "487 INVITE"]);
    assert_eq!(header(&sent[0], HeaderName::To), header(&sent[1], HeaderName::To));
}

#[test]
fn a_call_that_nobody_cancels_stops_ringing_after_five_minutes() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.run(std::time::Duration::from_secs(301));
    assert_eq!(script.sent_lines(), ["100 INVITE", "480 INVITE"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Us, status: Some(480), .. }))));
}

#[test]
fn a_phone_of_rfc_2543_without_tags_and_cookies_can_call_too() {
    let mut script = Script::new(Transport::Udp);
    let old = [("Via", "SIP/2.0/UDP 192.0.2.9"), ("From", "<sip:ben@example.org>")];
    let call = invite(&old);
    assert_eq!(summary(&answer(&mut script, &call)), "100 INVITE");
    assert_eq!(summary(&answer(&mut script, &call)), "100 INVITE");
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    let ok = script.only();
    let to = header(&ok, HeaderName::To).unwrap();
    script.receive(&request("ACK", ANNA, &[old[0], old[1], ("To", &to)], b""));
    assert_eq!(script.events.last(), Some(&LegEvent::Confirmed { sdp: None }));
}
