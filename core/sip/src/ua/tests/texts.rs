//! Short texts (RFC 3428), keys by INFO, mailboxes (RFC 3842).

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{ANNA, answer, request, session, within};
use super::scene::{self, BEN, Scene, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

const PLAIN: (&str, &str) = ("Content-Type", "text/plain;charset=UTF-8");

fn received(event: &MessageEvent) -> (&str, &str) {
    match event {
        MessageEvent::Received { from, text, .. } => (from.reveal(), text.reveal()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_goes_over_and_is_told_once_whatever_the_air_loses() {
    for seed in 0..30 {
        let mut scene = Scene::with(Transport::Udp, seed, scene::config("anna"), scene::config("ben"));
        scene.air.loss = 30;
        let now = scene.now;
        let id = scene.anna().message("sip:ben@example.org", "Grüße\r\n& more", now);
        assert!(!scene.anna().is_idle());
        scene.run(Duration::from_secs(40));
        assert_eq!(scene.ends[BEN].texts.len(), 1, "seed {seed}");
        assert_eq!(received(&scene.ends[BEN].texts[0]), ("sip:anna@example.org", "Grüße\r\n& more"));
        assert_eq!(scene.ends[scene::ANNA].texts, [MessageEvent::Delivered(id)], "seed {seed}");
        assert!(scene.anna().is_idle());
    }
}

#[test]
fn a_text_looks_like_this_and_is_sent_once_more_with_credentials() {
    let mut script = Script::new(Transport::Tls);
    let id = script.agent.message("sip:ben@example.org", "hello", script.now);
    let sent = script.only();
    assert_eq!(summary(&sent), "MESSAGE");
    assert_eq!(header(&sent, HeaderName::ContentType).as_deref(), Some("text/plain;charset=UTF-8"));
    assert_eq!(header(&sent, HeaderName::Contact), None);
    let challenge = "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\"";
    script.answer(&sent, 407, "p", challenge, b"");
    let again = script.only();
    assert_eq!(header(&again, HeaderName::CSeq).as_deref(), Some("2 MESSAGE"));
    assert!(header(&again, HeaderName::ProxyAuthorization).is_some());
    script.answer(&again, 407, "p", &challenge.replace("n1", "n2"), b"");
    assert_eq!(script.texts, [MessageEvent::Failed { id, status: Some(407) }]);
}

#[test]
fn a_text_that_cannot_be_delivered_says_why() {
    let mut script = Script::new(Transport::Udp);
    for (target, text, status) in [("tel:+4930123", "x".to_owned(), None), ("sip:ben@example.org", "x".repeat(8193), Some(413))] {
        let id = script.agent.message(target, &text, script.now);
        script.collect();
        assert_eq!(script.texts.pop(), Some(MessageEvent::Failed { id, status }));
    }
    assert_eq!(script.sent_lines(), [""; 0]);
    let id = script.agent.message("sip:ben@example.org", "x", script.now);
    let sent = script.only();
    script.answer(&sent, 404, "p", "Server: x", b"");
    assert_eq!(script.texts.pop(), Some(MessageEvent::Failed { id, status: Some(404) }));
    let id = script.agent.message("sip:ben@example.org", "x", script.now);
    script.run(Duration::from_secs(33));
    assert_eq!(script.texts.pop(), Some(MessageEvent::Failed { id, status: Some(408) }));
    script.agent.flow_closed(script.now);
    let id = script.agent.message("sip:ben@example.org", "x", script.now);
    script.collect();
    assert_eq!(script.texts.pop(), Some(MessageEvent::Failed { id, status: Some(503) }));
}

#[test]
fn only_plain_text_of_a_sane_length_is_taken() {
    let long = "x".repeat(8193);
    for (kind, body, status) in [
        ("text/plain", "hi".as_bytes(), 200),
        ("TEXT/Plain; charset=\"utf-8\"", "hi".as_bytes(), 200),
        ("text/plain;charset=iso-8859-1", "hi".as_bytes(), 415),
        ("text/html", "hi".as_bytes(), 415),
        ("application/im-iscomposing+xml", "hi".as_bytes(), 415),
        ("text/plain", b"\xff\xfe", 415),
        ("text/plain", long.as_bytes(), 413),
        ("", "hi".as_bytes(), 415),
    ] {
        let mut script = Script::new(Transport::Tls);
        let answer = answer(&mut script, &request("MESSAGE", ANNA, &[("Content-Type", kind)], body));
        assert_eq!(summary(&answer), format!("{status} MESSAGE"), "{kind}");
        assert_eq!(header(&answer, HeaderName::Accept), (status == 415).then(|| "text/plain".to_owned()));
        assert_eq!(script.texts.len(), usize::from(status == 200), "{kind}");
    }
}

#[test]
fn a_text_that_came_by_two_ways_is_told_once() {
    let mut script = Script::new(Transport::Tls);
    let by = |branch: &str, cseq: &str| {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}");
        request("MESSAGE", ANNA, &[("Via", &via), ("CSeq", cseq), PLAIN], b"hi")
    };
    assert_eq!(summary(&answer(&mut script, &by("one", "1 MESSAGE"))), "200 MESSAGE");
    assert_eq!(summary(&answer(&mut script, &by("two", "1 MESSAGE"))), "482 MESSAGE");
    assert_eq!(summary(&answer(&mut script, &by("three", "2 MESSAGE"))), "200 MESSAGE");
    assert_eq!(script.texts.len(), 2);
    for number in 0..1000 {
        script.receive(&by(&format!("f{number}"), &format!("{number} MESSAGE")));
    }
    assert!(script.agent.core.texts.len() <= 32);
    assert_eq!(script.texts.len(), 30, "more at once come of no person");
    let refused = answer(&mut script, &by("last", "5000 MESSAGE"));
    assert_eq!((summary(&refused).as_str(), header(&refused, HeaderName::RetryAfter).as_deref()), ("480 MESSAGE", Some("60")));
    let other =
        request("MESSAGE", ANNA, &[("From", "<sip:carol@example.org>;tag=c"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-c"), PLAIN], b"hi");
    assert_eq!(summary(&answer(&mut script, &other)), "200 MESSAGE", "others are not held up by it");
    script.run(Duration::from_secs(1));
    assert_eq!(summary(&answer(&mut script, &by("later", "5001 MESSAGE"))), "200 MESSAGE");
}

#[test]
fn a_text_may_come_within_a_call() {
    let (mut script, to) = session();
    assert_eq!(summary(&answer(&mut script, &within("MESSAGE", &to, 11, &[PLAIN], b"hi"))), "200 MESSAGE");
    assert_eq!(received(&script.texts[0]), ("sip:ben@example.org", "hi"));
}

#[test]
fn a_text_within_a_call_is_its_peers_whatever_name_is_on_it() {
    let (mut script, to) = session();
    let mut forged = String::from_utf8(within("MESSAGE", &to, 11, &[PLAIN], b"hi")).unwrap();
    forged = forged.replace("\"Ben\" <sip:ben@example.org>", "\"Carol\" <sip:carol@example.org>");
    assert!(forged.contains("From: \"Carol\""), "{forged}");
    assert_eq!(summary(&answer(&mut script, forged.as_bytes())), "200 MESSAGE");
    assert_eq!(received(&script.texts[0]), ("sip:ben@example.org", "hi"));
}

#[test]
fn keys_that_come_by_info_are_told_and_other_infos_refused() {
    let (mut script, to) = session();
    let mut info = |cseq: u32, kind: &str, body: &str| {
        let answer = answer(&mut script, &within("INFO", &to, cseq, &[("Content-Type", kind)], body.as_bytes()));
        let digit = match script.events.pop() {
            Some(LegEvent::Digit(digit)) => Some(digit),
            Some(other) => {
                script.events.push(other);
                None
            }
            None => None,
        };
        (summary(&answer), digit)
    };
    let ok = || "200 INFO".to_owned();
    assert_eq!(info(11, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), (ok(), Some('5')));
    assert_eq!(info(12, "application/dtmf-relay", "Duration=160\nSignal= #\n"), (ok(), Some('#')));
    assert_eq!(info(13, "application/dtmf-relay", "Signal=10"), (ok(), Some('*')));
    assert_eq!(info(14, "application/dtmf", "a"), (ok(), Some('A')));
    assert_eq!(info(15, "application/dtmf", "55"), ("415 INFO".to_owned(), None));
    assert_eq!(info(16, "application/dtmf-relay", "Signal=flash"), ("415 INFO".to_owned(), None));
    assert_eq!(info(17, "application/media_control+xml", "<x/>"), ("415 INFO".to_owned(), None));
    assert_eq!(info(18, "", ""), (ok(), None));
}

#[test]
fn what_a_mailbox_holds_is_told_and_nothing_else_that_nobody_asked_for() {
    let mut script = Script::new(Transport::Tls);
    let summary_kind = ("Content-Type", "application/simple-message-summary");
    let notify = |branch: &str, event: &str, body: &str| {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}");
        let lines = [("Via", via.as_str()), ("Event", event), ("Subscription-State", "active"), summary_kind];
        request("NOTIFY", ANNA, &lines, body.as_bytes())
    };
    let body = "Messages-Waiting: yes\r\nMessage-Account: sip:anna@example.org\r\nVoice-Message: 2/8 (0/2)\r\n";
    assert_eq!(summary(&answer(&mut script, &notify("1", "message-summary", body))), "200 NOTIFY");
    assert_eq!(script.waiting, [MessagesWaiting { waiting: true, new: Some(2), old: Some(8) }]);
    assert_eq!(summary(&answer(&mut script, &notify("2", "message-summary", "Messages-Waiting: no"))), "200 NOTIFY");
    assert_eq!(script.waiting[1], MessagesWaiting { waiting: false, new: None, old: None });
    assert_eq!(summary(&answer(&mut script, &notify("3", "message-summary", "nonsense"))), "400 NOTIFY");
    assert_eq!(summary(&answer(&mut script, &notify("4", "presence", body))), "489 NOTIFY");
    assert_eq!(script.waiting.len(), 2);
    // A stranger's has come by more than our server.
    for (branch, from, status, believed) in
        [("5", "<sip:eve@evil.example>;tag=f", 403, 2), ("6", "<sip:mailbox@voice.example.org>;tag=f", 200, 3)]
    {
        let via = format!("SIP/2.0/TLS a;branch=z9hG4bK-{branch}, SIP/2.0/TLS b;branch=z9hG4bK-{branch}");
        let lines = [("Via", via.as_str()), ("From", from), ("Event", "message-summary"), summary_kind];
        let answer = answer(&mut script, &request("NOTIFY", ANNA, &lines, body.as_bytes()));
        assert_eq!((summary(&answer), script.waiting.len()), (format!("{status} NOTIFY"), believed), "{from}");
    }
}
