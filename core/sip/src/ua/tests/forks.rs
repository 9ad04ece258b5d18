//! One INVITE, several answers; challenges and redirections of an INVITE.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::scene::{ANSWER, config, summary};
use super::script::{Script, golden, header, response};
use crate::header::HeaderName;
use crate::message::{Framing, Message};

const CONTACT_1: &str = "Contact: <sip:ben@192.0.2.21>\nRecord-Route: <sip:b.example.org;lr>, <sip:a.example.org;lr>";
const CONTACT_2: &str = "Contact: <sip:ben@192.0.2.22>";

fn dialogs(script: &Script) -> Vec<(&str, u16, Option<&[u8]>)> {
    let progress = script.events.iter().filter_map(|event| match event {
        LegEvent::Progress { dialog, status, sdp } => Some((dialog.remote_tag.as_str(), *status, sdp.as_deref())),
        _ => None,
    });
    progress.collect()
}

#[test]
fn the_invite_and_what_follows_it_look_like_this() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    assert_eq!(
        golden(&invite),
        "INVITE sip:ben@example.org SIP/2.0\n\
         Via: SIP/2.0/TLS 192.0.2.1:5060;branch=BRANCH;rport\n\
         Max-Forwards: 70\n\
         From: \"anna\" <sip:anna@example.org>;tag=FROM-TAG\n\
         To: <sip:ben@example.org>\n\
         Call-ID: CALL-ID\n\
         CSeq: 1 INVITE\n\
         Contact: <sip:anna@192.0.2.1:5060;transport=tls;ob>\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, INFO\n\
         Supported: 100rel, norefersub, outbound, replaces, timer\n\
         Accept: application/sdp\n\
         Session-ID: SESSION;remote=00000000000000000000000000000000\n\
         Session-Expires: 1800\n\
         User-Agent: Cooee/test\n\
         Content-Type: application/sdp\n\
         Content-Length: 43\n\n\
         v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\n"
    );
    script.answer(&invite, 200, "tag-of-ben", CONTACT_1, ANSWER);
    assert_eq!(
        golden(&script.only()),
        "ACK sip:ben@192.0.2.21 SIP/2.0\n\
         Via: SIP/2.0/TLS 192.0.2.1:5060;branch=BRANCH;rport\n\
         Max-Forwards: 70\n\
         From: \"anna\" <sip:anna@example.org>;tag=FROM-TAG\n\
         To: <sip:ben@example.org>;tag=TO-TAG\n\
         Call-ID: CALL-ID\n\
         CSeq: 1 ACK\n\
         Route: <sip:a.example.org;lr>\n\
         Route: <sip:b.example.org;lr>\n\
         Session-ID: SESSION;remote=00000000000000000000000000000000\n\
         User-Agent: Cooee/test\n\
         Content-Length: 0\n\n"
    );
    script.agent.hang_up(leg, HangUp { status: Some(200), text: None }, script.now);
    assert_eq!(
        golden(&script.only()),
        "BYE sip:ben@192.0.2.21 SIP/2.0\n\
         Via: SIP/2.0/TLS 192.0.2.1:5060;branch=BRANCH;rport\n\
         Max-Forwards: 70\n\
         From: \"anna\" <sip:anna@example.org>;tag=FROM-TAG\n\
         To: <sip:ben@example.org>;tag=TO-TAG\n\
         Call-ID: CALL-ID\n\
         CSeq: 2 BYE\n\
         Route: <sip:a.example.org;lr>\n\
         Route: <sip:b.example.org;lr>\n\
         Session-ID: SESSION;remote=00000000000000000000000000000000\n\
         Reason: SIP;cause=200\n\
         User-Agent: Cooee/test\n\
         Content-Length: 0\n\n"
    );
}

#[test]
fn cancel_repeats_what_names_the_invite_and_nothing_else() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 180, "t", CONTACT_1, b"");
    script.agent.hang_up(leg, HangUp { status: Some(487), text: Some("Changed my mind".to_owned()) }, script.now);
    let cancel = script.only();
    assert_eq!(
        golden(&cancel),
        "CANCEL sip:ben@example.org SIP/2.0\n\
         Via: SIP/2.0/TLS 192.0.2.1:5060;branch=BRANCH;rport\n\
         Max-Forwards: 70\n\
         From: \"anna\" <sip:anna@example.org>;tag=FROM-TAG\n\
         To: <sip:ben@example.org>\n\
         Call-ID: CALL-ID\n\
         CSeq: 1 CANCEL\n\
         Reason: SIP;cause=487;text=\"Changed my mind\"\n\
         Content-Length: 0\n\n"
    );
    assert_eq!(header(&cancel, HeaderName::Via), header(&invite, HeaderName::Via));
}

#[test]
fn a_cancel_that_changes_nothing_ends_the_leg_after_64_t1() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 180, "t", CONTACT_1, b"");
    script.agent.hang_up(leg, HangUp::default(), script.now);
    let cancel = script.only();
    script.answer(&cancel, 200, "t", "Server: x", b"");
    script.run(Duration::from_secs(31));
    assert!(!script.agent.is_idle());
    script.run(Duration::from_secs(2));
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::Cancelled, by: EndedBy::Us, .. }))));
    assert!(script.agent.is_idle());
}

#[test]
fn silence_after_a_provisional_response_cancels_and_a_late_answer_is_hung_up() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 180, "t", CONTACT_1, b"");
    script.run(Duration::from_secs(290));
    script.answer(&invite, 180, "t", CONTACT_1, b"");
    script.run(Duration::from_secs(299));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.run(Duration::from_secs(2));
    assert_eq!(script.sent_lines(), ["CANCEL"]);
    script.answer(&invite, 200, "t", CONTACT_1, ANSWER);
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["ACK", "BYE"]);
    script.answer(&sent[1], 200, "t", "Server: x", b"");
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Server, kind: EndKind::Timeout, .. }))));
}

#[test]
fn silence_even_after_the_cancel_ends_the_leg_and_its_transaction() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 180, "t", CONTACT_1, b"");
    script.run(Duration::from_secs(340));
    assert_eq!(script.sent_lines(), ["CANCEL"]);
    assert!(matches!(
        script.events.last(),
        Some(LegEvent::Ended(Ended { by: EndedBy::Server, kind: EndKind::Timeout, status: Some(408), .. }))
    ));
    assert!(script.agent.core.transactions.is_empty());
}

#[test]
fn every_fork_is_a_dialog_of_its_own_with_its_own_description() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 100, "", "Server: x", b"");
    script.answer(&invite, 180, "one", CONTACT_1, b"");
    script.answer(&invite, 183, "two", CONTACT_2, b"early two");
    script.answer(&invite, 183, "one", CONTACT_1, b"early one");
    script.answer(&invite, 199, "", "Server: x", b"");
    script.sent();
    assert_eq!(
        dialogs(&script),
        [("one", 180, None), ("two", 183, Some(&b"early two"[..])), ("one", 183, Some(&b"early one"[..])), ("", 199, None)]
    );
    script.answer(&invite, 200, "two", CONTACT_2, ANSWER);
    assert!(golden(&script.only()).starts_with("ACK sip:ben@192.0.2.22 "));
    let Some(LegEvent::Answered { dialog, sdp: Some(sdp) }) = script.events.last() else { panic!("{:?}", script.events) };
    assert_eq!((dialog.remote_tag.as_str(), sdp.as_slice()), ("two", ANSWER));
}

#[test]
fn a_second_answer_is_acknowledged_and_hung_up_and_so_are_its_copies() {
    let mut script = Script::new(Transport::Udp);
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", CONTACT_1, ANSWER);
    assert_eq!(script.sent_lines(), ["ACK"]);
    script.answer(&invite, 200, "two", CONTACT_2, ANSWER);
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["ACK", "BYE"]);
    assert!(sent.iter().all(|message| golden(message).contains(" sip:ben@192.0.2.22 ") && golden(message).contains(";tag=two")));
    assert!(matches!(script.events.last(), Some(LegEvent::ForkDropped { dialog }) if dialog.remote_tag == "two"));
    let bye = sent[1].clone();
    script.answer(&bye, 200, "two", "Server: x", b"");
    script.answer(&invite, 200, "two", CONTACT_2, ANSWER);
    script.answer(&invite, 200, "one", CONTACT_1, ANSWER);
    let copies: Vec<_> = script.sent().iter().map(|message| golden(message)).collect();
    assert!(copies.len() == 2 && copies[0].contains(";tag=two") && copies[1].contains(";tag=one"));
    script.agent.hang_up(leg, HangUp::default(), script.now);
    let bye = script.only();
    script.answer(&bye, 200, "one", "Server: x", b"");
    script.answer(&invite, 200, "three", CONTACT_2, ANSWER);
    assert_eq!(script.sent_lines(), ["ACK", "BYE"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(_))));
}

#[test]
fn forks_beyond_the_limit_make_us_hold_nothing_more() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    for fork in 0..100 {
        script.answer(&invite, 180, &format!("fork{fork}"), CONTACT_1, b"");
    }
    script.sent();
    assert_eq!(dialogs(&script).len(), 16);
    for fork in 0..100 {
        script.answer(&invite, 200, &format!("fork{fork}"), CONTACT_1, ANSWER);
    }
    let sent = script.sent_lines();
    assert_eq!(sent.iter().filter(|line| *line == "ACK").count(), 16);
    assert_eq!(sent.iter().filter(|line| *line == "BYE").count(), 15);
}

#[test]
fn an_answer_from_a_fork_never_heard_of_before_wins_all_the_same() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    for fork in 0..16 {
        script.answer(&invite, 180, &format!("fork{fork}"), CONTACT_1, b"");
    }
    script.answer(&invite, 200, "seventeenth", CONTACT_2, ANSWER);
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Answered { dialog, .. }) if dialog.remote_tag == "seventeenth"));
}

#[test]
fn a_challenged_invite_is_sent_again_and_its_ack_bears_the_credentials_as_in_rfc_3665_3_2() {
    let mut script = Script::new(Transport::Udp);
    let (leg, invite) = script.call();
    let challenge = "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256";
    script.answer(&invite, 407, "p", challenge, b"");
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    assert_eq!(header(&sent[0], HeaderName::Via), header(&invite, HeaderName::Via));
    let second = sent[1].clone();
    assert_eq!(header(&second, HeaderName::CallId), header(&invite, HeaderName::CallId));
    assert_eq!(header(&second, HeaderName::From), header(&invite, HeaderName::From));
    assert_eq!(header(&second, HeaderName::CSeq).as_deref(), Some("2 INVITE"));
    script.answer(&second, 200, "one", CONTACT_1, ANSWER);
    let ack = script.only();
    assert!(header(&second, HeaderName::ProxyAuthorization).is_some());
    assert_eq!(header(&ack, HeaderName::ProxyAuthorization), header(&second, HeaderName::ProxyAuthorization));
    assert_eq!(header(&ack, HeaderName::CSeq).as_deref(), Some("2 ACK"));
    script.agent.hang_up(leg, HangUp::default(), script.now);
    let bye = script.only();
    let credentials = header(&bye, HeaderName::ProxyAuthorization).unwrap();
    assert!(credentials.contains("nc=00000002"), "{credentials}");
    script.answer(&bye, 407, "one", &challenge.replace("n1", "n2"), b"");
    let bye = script.only();
    assert!(header(&bye, HeaderName::ProxyAuthorization).unwrap().contains("n2"));
    script.answer(&bye, 407, "one", &challenge.replace("n1", "n3"), b"");
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Us, kind: EndKind::HungUp, .. }))));
}

#[test]
fn an_invite_refused_with_fresh_credentials_is_a_wrong_password() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    let challenge = "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n1\"";
    script.answer(&invite, 401, "p", challenge, b"");
    let second = script.sent().pop().unwrap();
    script.answer(&second, 401, "p", &challenge.replace("n1", "n2"), b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::WrongPassword, status: Some(401), .. }))));
}

#[test]
fn a_challenge_that_comes_after_hanging_up_is_not_answered() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.agent.hang_up(leg, HangUp::default(), script.now);
    script.answer(&invite, 407, "p", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"", b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert!(matches!(script.events[..], [LegEvent::Ended(Ended { by: EndedBy::Us, kind: EndKind::Cancelled, .. })]));
}

#[test]
fn a_redirection_is_told_with_its_targets() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 302, "p", "Contact: <sip:ben@elsewhere.example>, <tel:+4930123>\nReason: Q.850;cause=23;text=\"moved\"", b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
    let Some(LegEvent::Ended(ended)) = script.events.last() else { panic!() };
    assert_eq!((ended.kind, ended.status), (EndKind::Redirected, Some(302)));
    assert_eq!(
        ended.contacts.iter().map(|contact| contact.reveal().as_str()).collect::<Vec<_>>(),
        ["sip:ben@elsewhere.example", "tel:+4930123"]
    );
    assert_eq!((ended.cause.clone(), ended.reason.as_deref()), (Some(("Q.850".to_owned(), 23)), Some("moved")));
}

#[test]
fn in_a_call_over_a_strict_router_the_target_goes_to_the_end_of_the_route() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(
        &invite,
        200,
        "one",
        "Contact: <sip:ben@192.0.2.21>\nRecord-Route: <sip:b.example.org;lr>, <sip:strict.example.org>",
        b"",
    );
    let ack = script.only();
    let parsed = Message::parse(&ack, Framing::Stream).unwrap();
    assert_eq!(parsed.request_uri().unwrap().as_str(), "sip:strict.example.org");
    let routes: Vec<_> = parsed.routes().map(|route| route.uri().as_str().to_owned()).collect();
    assert_eq!(routes, ["sip:b.example.org;lr", "sip:ben@192.0.2.21"]);
}

#[test]
fn an_offer_whose_answer_never_comes_costs_the_call() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", CONTACT_1, ANSWER);
    script.sent();
    script.agent.reoffer(leg, b"new".to_vec(), script.now);
    script.run(Duration::from_secs(33));
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["INVITE", "BYE"]);
    script.answer(&sent[1], 481, "one", "Server: x", b"");
    script.sent();
    assert!(script.events.contains(&LegEvent::ReofferFailed { status: 408 }));
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::Timeout, by: EndedBy::Peer, .. }))));
}

#[test]
fn an_offer_refused_ends_the_call_only_where_the_peer_knows_of_none() {
    for (status, ends) in [(481, true), (408, true), (405, false), (486, false), (488, false), (500, false), (503, false), (603, false)] {
        let mut script = Script::new(Transport::Tls);
        let (leg, invite) = script.call();
        script.answer(&invite, 200, "one", CONTACT_1, ANSWER);
        script.sent();
        script.agent.reoffer(leg, b"new".to_vec(), script.now);
        let reinvite = script.only();
        script.answer(&reinvite, status, "one", "Server: x", b"");
        let expected: &[&str] = if ends { &["ACK", "BYE"] } else { &["ACK"] };
        assert_eq!(script.sent_lines(), expected, "{status}");
        assert_eq!(script.events.last(), Some(&LegEvent::ReofferFailed { status }));
    }
}

#[test]
fn the_answer_to_an_offer_is_acknowledged_even_when_the_call_is_over() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", CONTACT_1, ANSWER);
    script.sent();
    script.agent.reoffer(leg, b"new".to_vec(), script.now);
    let reinvite = script.only();
    script.agent.hang_up(leg, HangUp::default(), script.now);
    let bye = script.only();
    script.answer(&bye, 200, "one", "Server: x", b"");
    let answer = response(&reinvite, 200, "one", CONTACT_1, ANSWER);
    script.receive(&answer);
    script.receive(&answer);
    assert_eq!(script.sent_lines(), ["ACK", "ACK"]);
}

#[test]
fn more_calls_than_the_limit_are_not_made() {
    let mut limited = config("anna");
    limited.limits.legs = 2;
    let mut script = Script::with(Transport::Tls, limited);
    script.call();
    script.call();
    script.agent.invite("sip:ben@example.org", Vec::new(), InviteOptions::default(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    assert!(matches!(script.events[..], [LegEvent::Ended(Ended { kind: EndKind::Overload, .. })]));
}
