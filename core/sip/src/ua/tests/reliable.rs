//! Provisional responses that must arrive: RFC 3262.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{SDP, answer, invite, request, within};
use super::scene::{ANNA, ANSWER, BEN, OFFER, Scene, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

const CONTACT: &str = "Contact: <sip:ben@192.0.2.21>\nRecord-Route: <sip:b.example.org;lr>, <sip:a.example.org;lr>";

fn reliable(number: u32) -> String {
    format!("{CONTACT}\nRequire: 100rel\nRSeq: {number}")
}

fn progress(script: &Script) -> Vec<(u16, Option<Vec<u8>>)> {
    let progress = |event: &LegEvent| match event {
        LegEvent::Progress { status, sdp, .. } => Some((*status, sdp.clone())),
        _ => None,
    };
    script.events.iter().filter_map(progress).collect()
}

#[test]
fn a_caller_acknowledges_each_reliable_response_once_and_in_order() {
    let mut script = Script::new(Transport::Udp);
    let (_, invite) = script.call();
    assert!(header(&invite, HeaderName::Supported).unwrap().contains("100rel"));
    script.answer(&invite, 180, "one", &reliable(776_656), b"");
    let prack = script.only();
    assert_eq!(header(&prack, HeaderName::RAck).as_deref(), Some("776656 1 INVITE"));
    assert_eq!(header(&prack, HeaderName::CSeq).as_deref(), Some("2 PRACK"));
    assert!(String::from_utf8_lossy(&prack).starts_with("PRACK sip:ben@192.0.2.21 SIP/2.0\r\n"));
    assert_eq!(header(&prack, HeaderName::Route).as_deref(), Some("<sip:a.example.org;lr>"));
    // A copy is passed over, and so is one that is not the next.
    script.answer(&invite, 180, "one", &reliable(776_656), b"");
    script.answer(&invite, 183, "one", &reliable(776_658), b"too early");
    assert_eq!(script.sent_lines(), [""; 0]);
    script.answer(&prack, 200, "one", "Server: x", b"");
    script.answer(&invite, 183, "one", &reliable(776_657), b"early");
    let second = script.only();
    assert_eq!(header(&second, HeaderName::RAck).as_deref(), Some("776657 1 INVITE"));
    assert_eq!(header(&second, HeaderName::CSeq).as_deref(), Some("3 PRACK"));
    assert_eq!(progress(&script), [(180, None), (183, Some(b"early".to_vec()))]);
}

#[test]
fn every_fork_counts_for_itself() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    for (fork, number) in [("one", 5), ("two", 900), ("one", 6), ("two", 901)] {
        script.answer(&invite, 183, fork, &reliable(number), b"");
        let prack = script.only();
        assert_eq!(header(&prack, HeaderName::RAck), Some(format!("{number} 1 INVITE")));
        assert!(header(&prack, HeaderName::To).unwrap().ends_with(&format!(";tag={fork}")));
    }
    // The 2xx of a fork that loses is hung up with a number above those of its PRACKs.
    script.answer(&invite, 200, "one", CONTACT, ANSWER);
    script.answer(&invite, 200, "two", CONTACT, ANSWER);
    let bye = script.sent().pop().unwrap();
    let number: u32 = header(&bye, HeaderName::CSeq).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(summary(&bye) == "BYE" && number > 3, "{number}");
}

#[test]
fn an_answer_that_came_reliably_is_the_answer_whatever_comes_later() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 183, "one", &reliable(1), ANSWER);
    script.answer(&invite, 183, "one", &reliable(2), b"no answer any more");
    script.answer(&invite, 180, "one", CONTACT, b"nor this");
    script.answer(&invite, 200, "one", CONTACT, ANSWER);
    assert_eq!(progress(&script), [(183, Some(ANSWER.to_vec())), (183, None), (180, None)]);
    assert!(matches!(script.events.last(), Some(LegEvent::Answered { sdp: None, .. })));
}

#[test]
fn what_claims_to_be_reliable_and_cannot_be_is_passed_over() {
    for lines in ["Require: 100rel", "Require: 100rel\nRSeq: 0", "Require: 100rel\nRSeq: x", "Require: 100rel\nRSeq: 99999999999999"] {
        let mut script = Script::new(Transport::Tls);
        let (_, invite) = script.call();
        script.answer(&invite, 183, "one", lines, ANSWER);
        let expected = usize::from(lines.ends_with("999"));
        assert_eq!((script.sent().len(), progress(&script).len()), (expected, expected), "{lines}");
        script.answer(&invite, 100, "one", "Require: 100rel\nRSeq: 1", b"");
        script.answer(&invite, 183, "", "Require: 100rel\nRSeq: 1", b"");
        assert_eq!(script.sent_lines(), [""; 0], "{lines}");
    }
}

#[test]
fn a_peer_that_never_stops_is_acknowledged_a_hundred_times() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    let mut sent = 0;
    for number in 1..300 {
        script.answer(&invite, 183, "one", &reliable(number), b"");
        for prack in script.sent() {
            script.answer(&prack, 200, "one", "Server: x", b"");
            sent += 1;
        }
    }
    assert_eq!(sent, 100);
}

#[test]
fn a_challenged_prack_is_sent_once_more_with_credentials() {
    let mut script = Script::new(Transport::Tls);
    script.learn_realm();
    let (_, invite) = script.call();
    script.answer(&invite, 180, "one", &reliable(7), b"");
    let prack = script.only();
    let challenge = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";
    script.answer(&prack, 407, "one", challenge, b"");
    let again = script.only();
    assert_eq!((summary(&again).as_str(), header(&again, HeaderName::RAck).as_deref()), ("PRACK", Some("7 1 INVITE")));
    assert!(header(&again, HeaderName::ProxyAuthorization).is_some());
    assert_eq!(header(&again, HeaderName::CSeq).as_deref(), Some("3 PRACK"));
    script.answer(&again, 407, "one", &challenge.replace("n1", "n2"), b"");
    assert_eq!(script.sent_lines(), [""; 0]);
    // A further copy of the response deserves a further try.
    script.answer(&invite, 180, "one", &reliable(7), b"");
    assert_eq!(script.sent_lines(), ["PRACK"]);
    assert_eq!(progress(&script).len(), 1);
}

#[test]
fn a_new_offer_may_be_rung_about_reliably_too() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", CONTACT, ANSWER);
    script.sent();
    script.agent.reoffer(leg, ANSWER.to_vec(), script.now);
    let reinvite = script.only();
    script.answer(&reinvite, 180, "one", &reliable(44), b"");
    script.answer(&reinvite, 180, "one", &reliable(44), b"");
    let prack = script.only();
    assert_eq!(header(&prack, HeaderName::RAck).as_deref(), Some("44 2 INVITE"));
    assert_eq!(header(&prack, HeaderName::CSeq).as_deref(), Some("3 PRACK"));
    script.answer(&reinvite, 200, "one", CONTACT, ANSWER);
    assert_eq!(header(&script.only(), HeaderName::CSeq).as_deref(), Some("2 ACK"));
}

#[test]
fn a_new_offer_that_is_never_answered_is_cancelled_and_the_call_goes_on() {
    for is_heard in [true, false] {
        let mut script = Script::new(Transport::Tls);
        let (leg, invite) = script.call();
        script.answer(&invite, 200, "one", CONTACT, ANSWER);
        script.agent.reoffer(leg, OFFER.to_vec(), script.now);
        let reinvite = script.sent().pop().unwrap();
        script.answer(&reinvite, 100, "", "Server: x", b"");
        script.run_until_sent(Duration::from_secs(33));
        let cancel = script.only();
        assert_eq!(summary(&cancel), "CANCEL");
        if is_heard {
            script.answer(&cancel, 200, "one", "Server: x", b"");
            script.answer(&reinvite, 487, "one", "Server: x", b"");
            assert_eq!(script.sent_lines(), ["ACK"]);
        } else {
            script.run(Duration::from_secs(33));
            script.sent();
        }
        assert_eq!(script.events.last(), Some(&LegEvent::ReofferFailed { status: 487 }));
        script.agent.reoffer(leg, OFFER.to_vec(), script.now);
        assert_eq!(script.sent_lines(), ["INVITE"]);
    }
}

#[test]
fn the_answer_to_a_new_offer_may_come_reliably_before_it_is_accepted() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", CONTACT, ANSWER);
    for (accepted, cseq) in [(&b""[..], 2), (b"not an answer any more", 4)] {
        script.agent.reoffer(leg, OFFER.to_vec(), script.now);
        let reinvite = script.sent().pop().unwrap();
        script.answer(&reinvite, 183, "one", &reliable(44), ANSWER);
        script.answer(&reinvite, 183, "one", &reliable(45), b"nor is this");
        script.answer(&reinvite, 200, "one", CONTACT, accepted);
        assert_eq!(script.events.last(), Some(&LegEvent::Reanswered { sdp: Some(ANSWER.to_vec()) }), "{cseq}");
    }
}

/// Ben's call that wants reliable responses, ringing: the 180.
fn ringing(transport: Transport) -> (Script, Vec<u8>) {
    let mut script = Script::new(transport);
    script.receive(&invite(&[("Require", "100rel")]));
    script.agent.ring(LegId(1), None, script.now);
    let ringing = script.sent().pop().unwrap();
    assert_eq!(summary(&ringing), "180 INVITE");
    assert_eq!(header(&ringing, HeaderName::Require).as_deref(), Some("100rel"));
    (script, ringing)
}

fn prack(ringing: &[u8], cseq: u32, add: u32) -> Vec<u8> {
    let number: u32 = header(ringing, HeaderName::RSeq).unwrap().parse().unwrap();
    within("PRACK", &header(ringing, HeaderName::To).unwrap(), cseq, &[("RAck", &format!("{} 1 INVITE", number + add))], b"")
}

#[test]
fn a_callee_repeats_its_180_at_growing_intervals_until_it_is_acknowledged() {
    for transport in [Transport::Udp, Transport::Tls] {
        let (mut script, ringing) = ringing(transport);
        script.run(Duration::from_millis(3600));
        let copies = script.sent();
        assert!(copies.len() == 3 && copies.iter().all(|copy| *copy == ringing), "after 0.5, 1.5 and 3.5 s");
        assert_eq!(summary(&answer(&mut script, &prack(&ringing, 2, 1))), "481 PRACK");
        assert_eq!(summary(&answer(&mut script, &prack(&ringing, 3, 0))), "200 PRACK");
        assert_eq!(summary(&answer(&mut script, &prack(&ringing, 4, 0))), "481 PRACK");
        script.run(Duration::from_secs(50));
        assert_eq!(script.sent_lines(), [""; 0]);
        // A minute later it says so again, by the next number.
        script.run(Duration::from_millis(6800));
        let again = script.sent();
        assert_eq!(prack(&again[0], 5, 0), prack(&ringing, 5, 1));
    }
}

#[test]
fn a_180_that_nobody_acknowledges_ends_the_call_with_504_after_64_t1() {
    let (mut script, _) = ringing(Transport::Tls);
    script.run(Duration::from_millis(31_900));
    assert_eq!(script.sent_lines(), ["180 INVITE"; 6]);
    script.run(Duration::from_millis(200));
    assert_eq!(script.sent_lines(), ["504 INVITE"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::NoAck, status: Some(504), .. }))));
}

#[test]
fn an_answer_may_overtake_the_prack_of_the_180() {
    let (mut script, ringing) = ringing(Transport::Tls);
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), ["200 INVITE"]);
    script.run(Duration::from_millis(600));
    assert_eq!(script.sent_lines(), ["200 INVITE"]);
    assert_eq!(summary(&answer(&mut script, &prack(&ringing, 2, 0))), "200 PRACK");
}

#[test]
fn a_prack_with_an_offer_is_answered_but_not_granted() {
    let (mut script, ringing) = ringing(Transport::Tls);
    let number = header(&ringing, HeaderName::RSeq).unwrap();
    let to = header(&ringing, HeaderName::To).unwrap();
    let lines = [("RAck", format!("{number} 1 INVITE")), ("Content-Type", "application/sdp".to_owned())];
    let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(summary(&answer(&mut script, &within("PRACK", &to, 2, &lines, b"v=0"))), "488 PRACK");
    script.run(Duration::from_secs(10));
    assert_eq!(script.sent_lines(), [""; 0]);
}

/// Ben's call without an offer, which wants reliable responses.
fn without_offer() -> Script {
    let mut script = Script::new(Transport::Tls);
    script.receive(&request("INVITE", super::peer::ANNA, &[("Require", "100rel")], b""));
    assert!(matches!(script.events.last(), Some(LegEvent::Incoming { sdp: None, wants_early_offer: true, .. })));
    assert_eq!(script.sent_lines(), ["100 INVITE"]);
    script
}

/// A PRACK with a description.
fn prack_with(ringing: &[u8], cseq: u32, body: &[u8]) -> Vec<u8> {
    let (number, to) = (header(ringing, HeaderName::RSeq).unwrap(), header(ringing, HeaderName::To).unwrap());
    within("PRACK", &to, cseq, &[("RAck", &format!("{number} 1 INVITE")), SDP], body)
}

/// Our offer in a 180, answered by PRACK.
fn agreed_early() -> (Script, String) {
    let mut script = without_offer();
    script.agent.ring(LegId(1), Some(OFFER.to_vec()), script.now);
    let ringing = script.only();
    assert!(summary(&ringing) == "180 INVITE" && ringing.ends_with(OFFER));
    assert_eq!(summary(&answer(&mut script, &prack_with(&ringing, 2, ANSWER))), "200 PRACK");
    assert_eq!(script.events.last(), Some(&LegEvent::EarlyAnswered { sdp: ANSWER.to_vec() }));
    (script, header(&ringing, HeaderName::To).unwrap())
}

#[test]
fn a_caller_without_an_offer_hears_ringing_once_ours_is_there_and_the_200_does_not_repeat_it() {
    let mut script = without_offer();
    script.agent.ring(LegId(1), None, script.now);
    script.run(Duration::from_secs(61));
    assert_eq!(script.sent_lines(), [""; 0], "the first 180 has to bear an offer");
    let (mut script, _) = agreed_early();
    script.agent.answer(LegId(1), OFFER.to_vec(), script.now);
    let ok = script.only();
    assert!(summary(&ok) == "200 INVITE" && header(&ok, HeaderName::ContentType).is_none());
    let to = header(&ok, HeaderName::To).unwrap();
    script.receive(&request("ACK", super::peer::ANNA, &[("To", &to), ("CSeq", "1 ACK"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-a")], b""));
    assert_eq!(script.events.last(), Some(&LegEvent::Confirmed { sdp: None }));
}

#[test]
fn a_person_who_is_quick_waits_for_the_prack_that_brings_the_answer() {
    let mut script = without_offer();
    script.agent.ring(LegId(1), Some(OFFER.to_vec()), script.now);
    let ringing = script.only();
    script.agent.answer(LegId(1), OFFER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.receive(&prack_with(&ringing, 2, ANSWER));
    assert_eq!(script.sent_lines(), ["200 PRACK", "200 INVITE"]);
    // One that forgets the answer gets the offer again, and another chance with the ACK.
    let mut script = without_offer();
    script.agent.ring(LegId(1), Some(OFFER.to_vec()), script.now);
    let ringing = script.only();
    script.agent.answer(LegId(1), OFFER.to_vec(), script.now);
    script.receive(&prack(&ringing, 2, 0));
    let sent = script.sent();
    assert!(summary(&sent[1]) == "200 INVITE" && sent[1].ends_with(OFFER));
    let to = header(&sent[1], HeaderName::To).unwrap();
    let ack = [("To", to.as_str()), ("CSeq", "1 ACK"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-a"), SDP];
    script.receive(&request("ACK", super::peer::ANNA, &ack, ANSWER));
    assert_eq!(script.events.last(), Some(&LegEvent::Confirmed { sdp: Some(ANSWER.to_vec()) }));
}

#[test]
fn once_an_early_offer_is_answered_others_may_follow_by_update_and_by_prack() {
    let (mut script, to) = agreed_early();
    let asked = |script: &Script| match script.events.last() {
        Some(LegEvent::EarlyReoffer { dialog, sdp }) if sdp == OFFER => dialog.clone(),
        other => panic!("{other:?}"),
    };
    script.receive(&within("UPDATE", &to, 3, &[SDP], OFFER));
    let dialog = asked(&script);
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 4, &[SDP], OFFER))), "500 UPDATE");
    script.agent.accept_reoffer(LegId(1), Some(&dialog), b"by update".to_vec(), script.now);
    let ok = script.only();
    assert!(summary(&ok) == "200 UPDATE" && ok.ends_with(b"by update"));
    // The next 180 comes a minute later, and its PRACK may offer as well.
    script.run_until_sent(Duration::from_secs(61));
    let again = script.only();
    assert!(header(&again, HeaderName::ContentType).is_none());
    script.receive(&prack_with(&again, 5, OFFER));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.accept_reoffer(LegId(1), Some(&asked(&script)), b"by prack".to_vec(), script.now);
    let ok = script.only();
    assert!(summary(&ok) == "200 PRACK" && ok.ends_with(b"by prack"));
    script.receive(&within("UPDATE", &to, 6, &[SDP], OFFER));
    script.run(Duration::from_secs(6));
    assert_eq!(script.sent_lines(), ["504 UPDATE"]);
    script.receive(&within("UPDATE", &to, 7, &[SDP], OFFER));
    script.agent.reject(LegId(1), 603, "", script.now);
    assert_eq!(script.sent_lines(), ["487 UPDATE", "603 INVITE"]);
}

#[test]
fn an_offer_that_waits_is_answered_when_the_call_ends_before_its_answer() {
    let end_of_ringing: fn(&mut Script) = |script| script.run(Duration::from_millis(1500));
    let cancelled = |script: &mut Script| script.receive(&request("CANCEL", super::peer::ANNA, &[("CSeq", "1 CANCEL")], b""));
    for end in [end_of_ringing, cancelled] {
        let mut script = Script::new(Transport::Tls);
        script.receive(&request("INVITE", super::peer::ANNA, &[("Require", "100rel"), ("Expires", "1")], b""));
        script.agent.ring(LegId(1), Some(OFFER.to_vec()), script.now);
        let ringing = script.sent().pop().unwrap();
        script.receive(&prack_with(&ringing, 2, ANSWER));
        script.receive(&within("UPDATE", &header(&ringing, HeaderName::To).unwrap(), 3, &[SDP], OFFER));
        assert_eq!(script.sent_lines(), ["200 PRACK"]);
        end(&mut script);
        let lines = script.sent_lines();
        assert!(lines.ends_with(&["487 UPDATE".to_owned(), "487 INVITE".to_owned()]), "{lines:?}");
    }
}

#[test]
fn before_our_early_offer_is_answered_there_is_no_other() {
    let mut script = without_offer();
    script.agent.ring(LegId(1), Some(OFFER.to_vec()), script.now);
    let to = header(&script.only(), HeaderName::To).unwrap();
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 2, &[SDP], OFFER))), "491 UPDATE");
}

#[test]
fn calls_come_about_over_an_air_that_loses_a_third_of_the_pracks_and_of_all_the_rest() {
    for seed in 0..40 {
        let mut scene = Scene::with(Transport::Udp, seed, super::scene::config("anna"), super::scene::config("ben"));
        scene.air.loss = 30;
        scene.air.jitter = Duration::from_millis(200);
        scene.rewrite(ANNA, "INVITE", "Supported: 100rel,", "Require: 100rel\r\nSupported: ");
        let anna = scene.call();
        for _ in 0..60 {
            scene.run(Duration::from_millis(250));
            if scene.has(BEN, |event| matches!(event, LegEvent::Incoming { .. })) {
                break;
            }
        }
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().ring(ben, None, now);
        scene.run(Duration::from_secs(25));
        assert!(scene.has(ANNA, |event| matches!(event, LegEvent::Progress { status: 180, .. })), "seed {seed}: {:?}", scene.ladder);
        let now = scene.now;
        scene.ben().answer(ben, ANSWER.to_vec(), now);
        scene.run(Duration::from_secs(25));
        assert!(scene.has(ANNA, |event| matches!(event, LegEvent::Answered { .. })), "seed {seed}: {:?}", scene.ladder);
        assert!(scene.has(BEN, |event| matches!(event, LegEvent::Confirmed { .. })), "seed {seed}: {:?}", scene.ladder);
        let rings = scene.ends[ANNA].events.iter().filter(|(_, event)| matches!(event, LegEvent::Progress { .. })).count();
        assert_eq!(rings, 1, "seed {seed}");
        let now = scene.now;
        scene.anna().hang_up(anna, HangUp::default(), now);
        scene.run(Duration::from_secs(100));
        assert_eq!((scene.ended(ANNA, anna).by, scene.ended(BEN, ben).by), (EndedBy::Us, EndedBy::Peer));
        assert!(scene.anna().core.transactions.is_empty() && scene.ben().core.transactions.is_empty());
    }
}
