//! Transfer: RFC 3515, 4488, 5589.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{answer, session, within};
use super::scene::{ANNA, ANSWER, BEN, Scene, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

fn to(target: &str) -> ReferTo {
    ReferTo { target: target.to_owned(), replaces: None }
}

fn news(script: &Script) -> Vec<TransferEvent> {
    script.events.iter().filter_map(|event| if let LegEvent::Transfer(news) = event { Some(*news) } else { None }).collect()
}

/// A notification of ben's about a REFER.
fn notify(to: &str, cseq: u32, event: &str, state: &str, body: &str) -> Vec<u8> {
    let lines = [("Event", event), ("Subscription-State", state), ("Content-Type", "message/sipfrag;version=2.0")];
    within("NOTIFY", to, cseq, &lines, body.as_bytes())
}

#[test]
fn two_phones_of_this_make_transfer_a_call() {
    for transport in [Transport::Udp, Transport::Tls] {
        let (mut scene, anna, ben) = Scene::established(transport);
        let now = scene.now;
        scene.anna().refer(anna, &to("sip:carol@example.org"), now);
        scene.settle();
        let Some((_, LegEvent::TransferAsked { target, replaces, referred_by })) = scene.ends[BEN].events.last() else { panic!() };
        assert_eq!((target.reveal().as_str(), replaces.as_ref()), ("sip:carol@example.org", None));
        assert_eq!(referred_by.as_deref(), Some("<sip:anna@example.org>"));
        let now = scene.now;
        scene.ben().accept_transfer(ben, now);
        scene.settle();
        let now = scene.now;
        scene.ben().notify_transfer(ben, 180, "", now);
        scene.settle();
        let now = scene.now;
        scene.ben().notify_transfer(ben, 200, "Fine\r\nX: y", now);
        scene.settle();
        let told: Vec<_> = scene.ends[ANNA].events.iter().filter(|(_, event)| matches!(event, LegEvent::Transfer(_))).collect();
        let told: Vec<_> = told.iter().map(|(_, event)| event.clone()).collect();
        let expected = [TransferEvent::Accepted, TransferEvent::Progress(100), TransferEvent::Progress(180), TransferEvent::Succeeded];
        assert_eq!(told, expected.map(LegEvent::Transfer));
        let lines: Vec<_> = scene.ladder.iter().map(String::as_str).filter(|line| !line.contains("200 NOTIFY")).collect();
        assert_eq!(lines, ["anna REFER", "ben 202 REFER", "ben NOTIFY", "ben NOTIFY", "ben NOTIFY"]);
        assert!(scene.messages.last().is_some_and(|message| message.starts_with("SIP/2.0 200 OK")));
        let last = scene.messages.iter().rfind(|message| message.starts_with("NOTIFY")).unwrap();
        assert!(
            last.contains("Subscription-State: terminated;reason=noresource\r\n") && last.ends_with("SIP/2.0 200 FineX: y\r\n"),
            "{last}"
        );
    }
}

#[test]
fn an_attended_transfer_names_the_other_call_as_its_far_end_knows_it() {
    let (mut script, _) = session();
    let (other, invite) = script.call();
    script.answer(&invite, 200, "carols-tag", "Contact: <sip:carol@192.0.2.33>", ANSWER);
    script.sent();
    let carol = script.agent.take_over(other).unwrap();
    script.agent.refer(LegId(1), &carol, script.now);
    let refer = script.only();
    let (call_id, from) = (header(&invite, HeaderName::CallId).unwrap(), header(&invite, HeaderName::From).unwrap());
    let our_tag = from.split(";tag=").nth(1).unwrap();
    let expected = format!("<sip:ben@example.org?Replaces={call_id}%3Bto-tag%3Dcarols-tag%3Bfrom-tag%3D{our_tag}>");
    assert_eq!(header(&refer, HeaderName::ReferTo), Some(expected));
    assert_eq!(header(&refer, HeaderName::ReferredBy).as_deref(), Some("<sip:anna@example.org>"));
    script.answer(&refer, 202, "f", "Contact: <sip:ben@192.0.2.2>", b"");
    assert_eq!(news(&script), [TransferEvent::Accepted]);
}

#[test]
fn what_cannot_be_asked_for_fails_at_once() {
    let (mut script, _) = session();
    for (refer_to, status) in [(to("ben"), 484), (to("http://example.org"), 484), (to("sip:carol@example.org?Subject=x"), 484)] {
        script.agent.refer(LegId(1), &refer_to, script.now);
        script.collect();
        assert_eq!(script.events.pop(), Some(LegEvent::Transfer(TransferEvent::Failed(status))));
    }
    assert_eq!((script.sent_lines(), script.agent.take_over(LegId(77))), (vec![], None));
    script.agent.refer(LegId(1), &to("tel:+4930123"), script.now);
    script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
    assert_eq!(script.sent_lines(), ["REFER"]);
    assert_eq!(news(&script), [TransferEvent::Failed(491)]);
}

#[test]
fn a_refused_transfer_says_by_what_and_the_call_goes_on() {
    for status in [405, 481, 603] {
        let (mut script, _) = session();
        script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
        let refer = script.only();
        script.answer(&refer, status, "f", "Server: x", b"");
        assert_eq!(news(&script), [TransferEvent::Failed(status)]);
        script.run(Duration::from_secs(400));
        assert!(!script.events.iter().any(|event| matches!(event, LegEvent::Ended(_))));
    }
    let (mut script, to_us) = session();
    script.learn_realm();
    script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
    let refer = script.only();
    script.answer(&refer, 407, "f", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"", b"");
    let again = script.only();
    assert!(header(&again, HeaderName::ProxyAuthorization).is_some());
    assert_eq!(header(&again, HeaderName::ReferTo), header(&refer, HeaderName::ReferTo));
    script.answer(&again, 202, "f", "Server: x", b"");
    assert_eq!(news(&script), [TransferEvent::Accepted]);
    // Notifications name the REFER that was accepted.
    let number = |refer: &[u8]| header(refer, HeaderName::CSeq).unwrap().split(' ').next().unwrap().to_owned();
    for (cseq, id, status) in [(11, number(&refer), 481), (12, number(&again), 200)] {
        let answer = answer(&mut script, &notify(&to_us, cseq, &format!("refer;id={id}"), "active", "SIP/2.0 180 Ringing"));
        assert_eq!(summary(&answer), format!("{status} NOTIFY"));
    }
}

#[test]
fn notifications_tell_how_the_transfer_goes_even_before_the_202() {
    let (mut script, to_us) = session();
    script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
    let refer = script.only();
    let cseq = header(&refer, HeaderName::CSeq).unwrap();
    let event = format!("refer;id={}", cseq.split(' ').next().unwrap());
    assert_eq!(summary(&answer(&mut script, &notify(&to_us, 11, &event, "active;expires=60", "SIP/2.0 100 Trying"))), "200 NOTIFY");
    script.answer(&refer, 202, "f", "Server: x", b"");
    assert_eq!(summary(&answer(&mut script, &notify(&to_us, 12, "refer;id=99", "active", "SIP/2.0 200 OK"))), "481 NOTIFY");
    let failed = "SIP/2.0 486 Busy Here\r\nFrom: x\r\n";
    assert_eq!(summary(&answer(&mut script, &notify(&to_us, 13, "refer", "terminated;reason=noresource", failed))), "200 NOTIFY");
    assert_eq!(news(&script), [TransferEvent::Accepted, TransferEvent::Progress(100), TransferEvent::Failed(486)]);
    assert_eq!(summary(&answer(&mut script, &notify(&to_us, 14, "refer", "terminated", "SIP/2.0 200 OK"))), "481 NOTIFY");
}

#[test]
fn a_transfer_whose_end_nobody_tells_has_failed() {
    let (mut script, to_us) = session();
    script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
    let refer = script.only();
    script.answer(&refer, 202, "f", "Server: x", b"");
    for (cseq, state, body, status) in [
        (11, "active", "nonsense", 400),
        (12, "active", "SIP/2.0 999 x", 400),
        (13, "active", "SIP/2.0", 400),
        (14, "terminated;reason=giveup", "SIP/2.0 180 Ringing", 200),
    ] {
        assert_eq!(summary(&answer(&mut script, &notify(&to_us, cseq, "refer", state, body))), format!("{status} NOTIFY"), "{body}");
    }
    script.agent.refer(LegId(1), &to("sip:carol@example.org"), script.now);
    let refer = script.only();
    script.answer(&refer, 202, "f", "Server: x", b"");
    script.run(Duration::from_secs(301));
    let failed = [TransferEvent::Accepted, TransferEvent::Failed(408)];
    assert_eq!(news(&script), [failed, failed].concat());
}

fn refer(to: &str, cseq: u32, lines: &[(&str, &str)]) -> Vec<u8> {
    within("REFER", to, cseq, lines, b"")
}

#[test]
fn a_transfer_asked_of_us_is_told_with_the_call_it_takes_over() {
    let (mut script, to_us) = session();
    let refer_to = "<sip:carol@example.org;user=phone?Replaces=90210%40pc33%3Bto-tag%3Da%3Bfrom-tag%3Db&Require=replaces>";
    script.receive(&refer(&to_us, 11, &[("Refer-To", refer_to), ("Referred-By", "<sip:ben@example.org>")]));
    let Some(LegEvent::TransferAsked { target, replaces, referred_by }) = script.events.last() else { panic!("{:?}", script.events) };
    assert_eq!(target.reveal(), "sip:carol@example.org;user=phone");
    assert_eq!(replaces.as_deref(), Some("90210@pc33;to-tag=a;from-tag=b"));
    assert_eq!(referred_by.as_deref(), Some("<sip:ben@example.org>"));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.accept_transfer(LegId(1), script.now);
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["202 REFER", "NOTIFY"]);
    assert!(header(&sent[0], HeaderName::Contact).is_some());
    assert_eq!(header(&sent[1], HeaderName::Event).as_deref(), Some("refer;id=11"));
    assert_eq!(header(&sent[1], HeaderName::SubscriptionState).as_deref(), Some("active;expires=300"));
    assert_eq!(header(&sent[1], HeaderName::ContentType).as_deref(), Some("message/sipfrag;version=2.0"));
    assert!(sent[1].ends_with(b"\r\n\r\nSIP/2.0 100 Trying\r\n"));
    // A challenge costs one more round, and one at a time is enough.
    script.learn_realm();
    script.answer(&sent[1], 407, "f", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"", b"");
    let again = script.only();
    assert!(header(&again, HeaderName::ProxyAuthorization).is_some() && again.ends_with(b"\r\n\r\nSIP/2.0 100 Trying\r\n"));
    assert_eq!(summary(&answer(&mut script, &refer(&to_us, 12, &[("Refer-To", "<sip:dave@example.org>")]))), "491 REFER");
    script.agent.notify_transfer(LegId(1), 486, "", script.now);
    assert!(script.only().ends_with(b"SIP/2.0 486 Busy Here\r\n"));
    script.agent.notify_transfer(LegId(1), 200, "", script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.receive(&refer(&to_us, 13, &[("Refer-To", "<sip:dave@example.org>")]));
    script.agent.reject_transfer(LegId(1), 603, script.now);
    assert_eq!(script.sent_lines(), ["603 REFER"]);
}

#[test]
fn a_person_may_take_longer_than_the_transaction_lives() {
    let (mut script, to_us) = session();
    script.receive(&refer(&to_us, 11, &[("Refer-To", "sip:carol@example.org")]));
    script.run(Duration::from_secs(11));
    assert_eq!(script.sent_lines(), ["202 REFER", "NOTIFY"]);
    script.agent.reject_transfer(LegId(1), 603, script.now);
    let notify = script.only();
    assert!(notify.ends_with(b"SIP/2.0 603 Decline\r\n"), "{}", String::from_utf8_lossy(&notify));
    assert_eq!(header(&notify, HeaderName::SubscriptionState).as_deref(), Some("terminated;reason=noresource"));
}

#[test]
fn a_transfer_of_which_nothing_more_is_told_is_over_after_a_while_and_another_may_be_asked_for() {
    for subscribes in [true, false] {
        let (mut script, to_us) = session();
        let silence = if subscribes { vec![] } else { vec![("Refer-Sub", "false")] };
        script.receive(&refer(&to_us, 11, &[&[("Refer-To", "<sip:carol@example.org>")], &silence[..]].concat()));
        script.agent.accept_transfer(LegId(1), script.now);
        for notify in script.sent().iter().filter(|message| summary(message) == "NOTIFY") {
            script.answer(notify, 200, "f", "Server: x", b"");
        }
        script.run(Duration::from_secs(200));
        script.agent.notify_transfer(LegId(1), 180, "", script.now);
        for notify in script.sent().iter().filter(|message| summary(message) == "NOTIFY") {
            script.answer(notify, 200, "f", "Server: x", b"");
        }
        script.run(Duration::from_secs(200));
        assert_eq!(summary(&answer(&mut script, &refer(&to_us, 12, &[("Refer-To", "<sip:dave@example.org>")]))), "491 REFER");
        script.run(Duration::from_secs(101));
        let notify = script.sent().into_iter().find(|message| summary(message) == "NOTIFY");
        let state = notify.and_then(|notify| header(&notify, HeaderName::SubscriptionState));
        assert_eq!(state.as_deref(), subscribes.then_some("terminated;reason=timeout"));
        script.receive(&refer(&to_us, 13, &[("Refer-To", "<sip:dave@example.org>")]));
        assert!(matches!(script.events.last(), Some(LegEvent::TransferAsked { target, .. }) if target.reveal().contains("dave")));
    }
}

#[test]
fn a_peer_that_does_not_want_to_hear_how_it_goes_does_not() {
    let (mut script, to_us) = session();
    script.receive(&refer(&to_us, 11, &[("Refer-To", "<sip:carol@example.org>"), ("Refer-Sub", "false"), ("Require", "norefersub")]));
    script.agent.accept_transfer(LegId(1), script.now);
    let accepted = script.only();
    assert_eq!((summary(&accepted).as_str(), header(&accepted, HeaderName::Other(b"Refer-Sub")).as_deref()), ("202 REFER", Some("false")));
    script.agent.notify_transfer(LegId(1), 200, "", script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn a_subscriber_that_hangs_up_or_refuses_hears_no_more() {
    let (mut script, to_us) = session();
    script.receive(&refer(&to_us, 11, &[("Refer-To", "<sip:carol@example.org>")]));
    script.agent.accept_transfer(LegId(1), script.now);
    let notify = script.sent().pop().unwrap();
    script.answer(&notify, 481, "f", "Server: x", b"");
    script.agent.notify_transfer(LegId(1), 180, "", script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.notify_transfer(LegId(1), 200, "", script.now);
    script.receive(&refer(&to_us, 12, &[("Refer-To", "<sip:carol@example.org>")]));
    script.receive(&within("BYE", &to_us, 13, &[], b""));
    assert_eq!(script.sent_lines(), ["200 BYE", "487 REFER"]);
    let (mut script, to_us) = session();
    script.receive(&refer(&to_us, 11, &[("Refer-To", "<sip:carol@example.org>")]));
    script.agent.hang_up(LegId(1), HangUp::default(), script.now);
    assert_eq!(script.sent_lines(), ["487 REFER", "BYE"], "whoever hangs up");
    script.agent.accept_transfer(LegId(1), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn a_refer_without_exactly_one_address_to_call_is_refused() {
    let long = format!("<sip:{}@example.org>", "x".repeat(2000));
    for (lines, status) in [
        (vec![], 400),
        (vec![("Refer-To", "<sip:a@example.org>"), ("r", "<sip:b@example.org>")], 400),
        (vec![("Refer-To", "nonsense")], 400),
        (vec![("Refer-To", long.as_str())], 400),
        (vec![("Refer-To", "<http://example.org/>")], 416),
        (vec![("Refer-To", "<sip:a@example.org;method=BYE>")], 603),
    ] {
        let (mut script, to_us) = session();
        assert_eq!(summary(&answer(&mut script, &refer(&to_us, 11, &lines))), format!("{status} REFER"), "{lines:?}");
        assert!(!script.events.iter().any(|event| matches!(event, LegEvent::TransferAsked { .. })));
    }
}
