//! Calls between two user agents: RFC 3665 section 3, races, losses.

use std::time::Duration;

use cooee_machine::{Now, StreamId, Transport};

use super::super::*;
use super::scene::{ANNA, ANSWER, BEN, OFFER, Scene, flow};

const TRANSPORTS: [Transport; 2] = [Transport::Udp, Transport::Tls];

fn ended(by: EndedBy, kind: EndKind, status: Option<u16>) -> Ended {
    Ended::silent(by, kind, status)
}

#[test]
fn a_call_is_set_up_and_hung_up_as_in_rfc_3665_3_1() {
    for transport in TRANSPORTS {
        let mut scene = Scene::new(transport);
        let anna = scene.call();
        scene.settle();
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().ring(ben, None, now);
        scene.settle();
        let now = scene.now;
        scene.ben().answer(ben, ANSWER.to_vec(), now);
        scene.settle();
        assert_eq!(scene.ladder, ["anna INVITE", "ben 100 INVITE", "ben 180 INVITE", "ben 200 INVITE", "anna ACK"]);
        assert!(scene.has(ANNA, |event| *event == LegEvent::Trying));
        assert!(scene.has(ANNA, |event| matches!(event, LegEvent::Progress { status: 180, sdp: None, .. })));
        assert!(scene.has(ANNA, |event| matches!(event, LegEvent::Answered { sdp: Some(sdp), .. } if sdp == ANSWER)));
        assert!(scene.has(BEN, |event| matches!(event, LegEvent::Incoming { sdp: Some(sdp), from, .. } if sdp == OFFER
            && from.reveal() == "sip:anna@example.org")));
        assert!(scene.has(BEN, |event| *event == LegEvent::Confirmed { sdp: None }));
        let now = scene.now;
        scene.ben().hang_up(ben, HangUp::default(), now);
        scene.settle();
        assert_eq!(scene.ladder[5..], ["ben BYE", "anna 200 BYE"]);
        assert_eq!(scene.ended(BEN, ben), ended(EndedBy::Us, EndKind::HungUp, None));
        assert_eq!(scene.ended(ANNA, anna), ended(EndedBy::Peer, EndKind::HungUp, None));
        scene.run(Duration::from_secs(40));
        assert!(scene.anna().is_idle() && scene.ben().is_idle());
        assert!(scene.anna().core.transactions.is_empty() && scene.anna().core.purposes.is_empty() && scene.anna().core.acks.is_empty());
    }
}

#[test]
fn an_invite_without_an_offer_gets_one_in_the_200_and_the_answer_comes_with_the_ack() {
    let mut scene = Scene::new(Transport::Udp);
    let invite = "INVITE sip:ben@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:x@y>;tag=f\r\n\
        To: <sip:ben@example.org>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.1>\r\nContent-Length: 0\r\n\r\n";
    scene.inject(ANNA, invite.as_bytes().to_vec());
    scene.settle();
    assert!(scene.has(BEN, |event| matches!(event, LegEvent::Incoming { sdp: None, .. })));
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().answer(ben, OFFER.to_vec(), now);
    scene.settle();
    let tag = tag_of(scene.message("ben 200 INVITE"), "To: ");
    let ack = format!(
        "ACK sip:ben@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKy\r\nFrom: <sip:x@y>;tag=f\r\n\
        To: <sip:ben@example.org>;tag={tag}\r\nCall-ID: c\r\nCSeq: 1 ACK\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n",
        ANSWER.len()
    );
    scene.inject(ANNA, [ack.as_bytes(), ANSWER].concat());
    scene.settle();
    assert!(scene.has(BEN, |event| *event == LegEvent::Confirmed { sdp: Some(ANSWER.to_vec()) }));
}

pub(super) fn tag_of(message: &str, header: &str) -> String {
    let line = message.lines().find(|line| line.starts_with(header)).expect("the header");
    line.split(";tag=").nth(1).expect("a tag").split(';').next().unwrap().to_owned()
}

#[test]
fn giving_up_while_it_rings_cancels_as_in_rfc_3665_3_8() {
    for transport in TRANSPORTS {
        let mut scene = Scene::new(transport);
        let anna = scene.call();
        scene.settle();
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().ring(ben, None, now);
        scene.settle();
        let now = scene.now;
        scene.anna().hang_up(anna, HangUp { status: Some(200), text: Some("Call completed elsewhere".to_owned()) }, now);
        scene.settle();
        let rest: Vec<_> = scene.ladder[3..].iter().map(String::as_str).collect();
        assert_eq!(rest, ["anna CANCEL", "ben 200 CANCEL", "ben 487 INVITE", "anna ACK"]);
        assert_eq!(scene.ended(ANNA, anna), ended(EndedBy::Us, EndKind::Cancelled, Some(487)));
        let told = scene.ended(BEN, ben);
        assert_eq!((told.by, told.kind, told.cause), (EndedBy::Peer, EndKind::AnsweredElsewhere, Some(("SIP".to_owned(), 200))));
        assert_eq!(told.reason.as_deref(), Some("Call completed elsewhere"));
    }
}

#[test]
fn giving_up_before_any_response_sends_no_cancel_until_one_comes() {
    let mut scene = Scene::new(Transport::Udp);
    let anna = scene.call();
    let now = scene.now;
    scene.anna().hang_up(anna, HangUp::default(), now);
    scene.collect();
    assert_eq!(scene.ladder, ["anna INVITE"]);
    scene.settle();
    assert_eq!(scene.ladder[1..3], ["ben 100 INVITE", "anna CANCEL"]);
    assert_eq!(scene.ended(ANNA, anna).kind, EndKind::Cancelled);
    assert_eq!(scene.ended(BEN, scene.leg(BEN)).kind, EndKind::Cancelled);
}

#[test]
fn cancel_and_answer_cross_at_every_moment_and_both_sides_end() {
    for transport in TRANSPORTS {
        for answer_at in 0..12_u64 {
            for hang_up_at in 0..12_u64 {
                let mut scene = Scene::new(transport);
                scene.air.delay = Duration::from_millis(5);
                let anna = scene.call();
                for tick in 0..40 {
                    let now = scene.now;
                    if tick == 3 + answer_at && scene.has(BEN, |_| true) {
                        let ben = scene.leg(BEN);
                        scene.ben().answer(ben, ANSWER.to_vec(), now);
                    }
                    if tick == hang_up_at {
                        scene.anna().hang_up(anna, HangUp::default(), now);
                    }
                    scene.run(Duration::from_millis(2));
                }
                let context = format!("{transport:?} answer {answer_at} hang up {hang_up_at}: {:?}", scene.ladder);
                assert_eq!(scene.ended(ANNA, anna).by, EndedBy::Us, "{context}");
                let ben = scene.ended(BEN, LegId(1));
                assert_eq!(ben.by, EndedBy::Peer, "{context}");
                let acknowledged = scene.ladder.iter().any(|entry| entry == "anna ACK");
                assert!(acknowledged, "{context}");
                scene.run(Duration::from_secs(80));
                assert!(scene.anna().is_idle() && scene.ben().is_idle(), "{context}");
                assert!(scene.anna().core.transactions.is_empty() && scene.ben().core.transactions.is_empty(), "{context}");
            }
        }
    }
}

#[test]
fn a_busy_phone_refuses_as_in_rfc_3665_3_9() {
    let mut scene = Scene::new(Transport::Udp);
    let anna = scene.call();
    scene.settle();
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().reject(ben, 486, "", now);
    scene.settle();
    assert_eq!(scene.ladder[2..], ["ben 486 INVITE", "anna ACK"]);
    let told = scene.ended(ANNA, anna);
    assert_eq!((told.by, told.kind, told.status, told.reason.as_deref()), (EndedBy::Peer, EndKind::Rejected, Some(486), Some("Busy Here")));
    assert_eq!(scene.ended(BEN, ben), ended(EndedBy::Us, EndKind::Rejected, Some(486)));
}

#[test]
fn a_peer_that_never_answers_is_a_time_out_as_in_rfc_3665_3_10() {
    let mut scene = Scene::new(Transport::Udp);
    scene.air.loss = 100;
    let anna = scene.call();
    scene.run(Duration::from_secs(33));
    assert_eq!(scene.ladder, ["anna INVITE"; 7]);
    assert_eq!(scene.ended(ANNA, anna), ended(EndedBy::Server, EndKind::Timeout, Some(408)));
}

#[test]
fn a_lost_ack_is_repeated_when_the_200_is() {
    for transport in TRANSPORTS {
        let mut scene = Scene::new(transport);
        scene.air.loses = Box::new(|_, line, before| line == "ACK" && before < 2);
        scene.call();
        scene.settle();
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().answer(ben, ANSWER.to_vec(), now);
        scene.run(Duration::from_secs(4));
        let rest: Vec<_> = scene.ladder[3..].iter().map(String::as_str).collect();
        assert_eq!(rest, ["anna ACK", "ben 200 INVITE", "anna ACK", "ben 200 INVITE", "anna ACK"]);
        assert!(scene.has(BEN, |event| *event == LegEvent::Confirmed { sdp: None }));
        let answers = scene.ends[ANNA].events.iter().filter(|(_, event)| matches!(event, LegEvent::Answered { .. })).count();
        assert_eq!(answers, 1);
    }
}

#[test]
fn without_any_ack_the_callee_hangs_up_after_64_t1() {
    let mut scene = Scene::new(Transport::Tls);
    scene.air.loses = Box::new(|_, line, _| line == "ACK");
    let anna = scene.call();
    scene.settle();
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().answer(ben, ANSWER.to_vec(), now);
    scene.run(Duration::from_secs(33));
    assert_eq!(scene.ladder[scene.ladder.len() - 2..], ["ben BYE", "anna 200 BYE"]);
    assert!(scene.message("ben BYE").contains("Reason: SIP;cause=408;text=\"No ACK\"\r\n"));
    assert_eq!(scene.ended(BEN, ben), ended(EndedBy::Peer, EndKind::NoAck, Some(408)));
    assert_eq!(scene.ended(ANNA, anna).kind, EndKind::HungUp);
}

#[test]
fn a_callee_that_hangs_up_before_the_ack_waits_for_it() {
    let mut scene = Scene::new(Transport::Udp);
    scene.air.loses = Box::new(|_, line, before| line == "ACK" && before == 0);
    scene.call();
    scene.settle();
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().answer(ben, ANSWER.to_vec(), now);
    scene.ben().hang_up(ben, HangUp::default(), now);
    scene.settle();
    assert_eq!(scene.ladder[2..], ["ben 200 INVITE", "anna ACK"]);
    scene.run(Duration::from_secs(1));
    assert_eq!(scene.ladder[4..], ["ben 200 INVITE", "anna ACK", "ben BYE", "anna 200 BYE"]);
    assert_eq!(scene.ended(BEN, ben), ended(EndedBy::Us, EndKind::HungUp, None));
    assert!(!scene.has(BEN, |event| matches!(event, LegEvent::Confirmed { .. })));
}

#[test]
fn when_both_hang_up_at_once_both_ends_count_as_their_own() {
    for transport in TRANSPORTS {
        let (mut scene, anna, ben) = Scene::established(transport);
        let now = scene.now;
        scene.anna().hang_up(anna, HangUp::default(), now);
        scene.ben().hang_up(ben, HangUp::default(), now);
        scene.settle();
        assert_eq!(scene.ladder, ["anna BYE", "ben BYE", "ben 200 BYE", "anna 200 BYE"]);
        assert_eq!(scene.ended(ANNA, anna), ended(EndedBy::Us, EndKind::HungUp, None));
        assert_eq!(scene.ended(BEN, ben), ended(EndedBy::Us, EndKind::HungUp, None));
    }
}

#[test]
fn a_bye_without_an_answer_ends_the_leg_after_64_t1() {
    let (mut scene, anna, _) = Scene::established(Transport::Udp);
    scene.air.loss = 100;
    let now = scene.now;
    scene.anna().hang_up(anna, HangUp { status: Some(200), text: Some("Bye".to_owned()) }, now);
    scene.run(Duration::from_secs(33));
    assert_eq!(scene.ladder, ["anna BYE"; 11]);
    assert!(scene.messages.iter().all(|copy| *copy == scene.messages[0] && copy.contains("Reason: SIP;cause=200;text=\"Bye\"\r\n")));
    assert_eq!(scene.ended(ANNA, anna).kind, EndKind::HungUp);
}

#[test]
fn a_call_survives_a_new_flow_and_a_bye_without_a_flow_waits_for_one() {
    let (mut scene, anna, ben) = Scene::established(Transport::Tls);
    let now = scene.now;
    scene.anna().flow_closed(now);
    scene.anna().hang_up(anna, HangUp::default(), now);
    scene.run(Duration::from_secs(5));
    assert_eq!(scene.ladder, [""; 0]);
    let (now, mut again) = (scene.now, flow(Transport::Tls, 3, 2));
    again.id = FlowId::Stream(StreamId(4));
    scene.ends[ANNA].flow = again;
    scene.anna().flow_opened(again, now);
    scene.settle();
    assert_eq!(scene.ladder, ["anna BYE", "ben 200 BYE"]);
    assert!(scene.message("anna BYE").contains("Via: SIP/2.0/TLS 192.0.2.3:5060;"));
    assert_eq!(scene.ended(ANNA, anna).kind, EndKind::HungUp);
    assert_eq!(scene.ended(BEN, ben).kind, EndKind::HungUp);
}

#[test]
fn a_callee_may_answer_over_the_flow_that_came_after() {
    let mut scene = Scene::new(Transport::Tls);
    scene.call();
    scene.settle();
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().flow_closed(now);
    scene.ben().answer(ben, ANSWER.to_vec(), now);
    scene.settle();
    assert_eq!(scene.ladder, ["anna INVITE", "ben 100 INVITE"]);
    let (now, mut again) = (scene.now, flow(Transport::Tls, 3, 1));
    again.id = FlowId::Stream(StreamId(4));
    scene.ends[BEN].flow = again;
    scene.ben().flow_opened(again, now);
    scene.run(Duration::from_secs(2));
    assert_eq!(scene.ladder[2..], ["ben 200 INVITE", "anna ACK"]);
    assert!(scene.has(BEN, |event| *event == LegEvent::Confirmed { sdp: None }));
}

#[test]
fn an_invite_whose_flow_breaks_has_failed() {
    let mut scene = Scene::new(Transport::Tls);
    let anna = scene.call();
    scene.collect();
    let now = scene.now;
    scene.anna().flow_closed(now);
    scene.collect();
    assert_eq!(scene.ended(ANNA, anna), ended(EndedBy::Server, EndKind::Transport, Some(503)));
    let without = scene.call();
    scene.collect();
    assert_eq!(scene.ended(ANNA, without), ended(EndedBy::Server, EndKind::Transport, Some(503)));
}

#[test]
fn what_is_no_sip_address_cannot_be_called() {
    let mut scene = Scene::new(Transport::Tls);
    for target in ["", "ben", "tel:+4930123", "sip:", "sip:ben@example.org?Subject=x", "sip:ben@example.org\r\nX: y"] {
        let now = scene.now;
        let leg = scene.anna().invite(target, OFFER.to_vec(), InviteOptions::default(), now);
        scene.settle();
        assert_eq!(scene.ended(ANNA, leg).kind, EndKind::BadTarget, "{target:?}");
    }
    assert_eq!(scene.ladder, [""; 0]);
}

#[test]
fn a_ringing_phone_says_so_again_every_minute() {
    let mut scene = Scene::new(Transport::Tls);
    scene.call();
    scene.settle();
    let (ben, now) = (scene.leg(BEN), scene.now);
    scene.ben().ring(ben, None, now);
    scene.run(Duration::from_secs(185));
    let rings = scene.ladder.iter().filter(|entry| *entry == "ben 180 INVITE").count();
    assert_eq!(rings, 4);
}

#[test]
fn a_new_offer_is_answered_and_acknowledged_both_ways() {
    for transport in TRANSPORTS {
        let (mut scene, anna, ben) = Scene::established(transport);
        for (from, leg, to, other) in [(ANNA, anna, BEN, ben), (BEN, ben, ANNA, anna)] {
            scene.ladder.clear();
            let now = scene.now;
            scene.ends[from].agent.reoffer(leg, b"new offer".to_vec(), now);
            scene.settle();
            assert!(scene.has(to, |event| *event == LegEvent::Reoffer { sdp: Some(b"new offer".to_vec()) }));
            let now = scene.now;
            scene.ends[to].agent.accept_reoffer(other, None, b"new answer".to_vec(), now);
            scene.settle();
            let names: Vec<_> = scene.ladder.iter().map(|entry| entry.split_once(' ').unwrap().1).collect();
            assert_eq!(names, ["INVITE", "100 INVITE", "200 INVITE", "ACK"]);
            assert!(scene.has(from, |event| *event == LegEvent::Reanswered { sdp: Some(b"new answer".to_vec()) }));
            assert!(scene.has(to, |event| *event == LegEvent::ReofferConfirmed { sdp: None }));
        }
        let now = scene.now;
        scene.anna().reoffer(anna, b"unwanted".to_vec(), now);
        scene.settle();
        let now = scene.now;
        scene.ben().reject_reoffer(ben, None, 488, now);
        scene.settle();
        assert!(scene.has(ANNA, |event| *event == LegEvent::ReofferFailed { status: 488 }));
        scene.run(Duration::from_secs(40));
        assert!(!scene.has(ANNA, |event| matches!(event, LegEvent::Ended(_))));
    }
}

#[test]
fn offers_that_cross_are_both_refused_and_the_first_made_again_makes_the_other_stale() {
    let (mut scene, anna, ben) = Scene::established(Transport::Udp);
    let now = scene.now;
    scene.anna().reoffer(anna, b"from anna".to_vec(), now);
    scene.ben().reoffer(ben, b"from ben".to_vec(), now);
    scene.settle();
    let refused = |who: &str| format!("{who} 491 INVITE");
    assert!(scene.ladder.contains(&refused("anna")) && scene.ladder.contains(&refused("ben")));
    let mut answered = 0;
    for _ in 0..60 {
        scene.run(Duration::from_millis(100));
        for (who, leg) in [(ANNA, anna), (BEN, ben)] {
            if scene.ends[who].events.iter().any(|(_, event)| matches!(event, LegEvent::Reoffer { .. })) {
                scene.ends[who].events.clear();
                answered += 1;
                let now: Now = scene.now;
                scene.ends[who].agent.accept_reoffer(leg, None, b"agreed".to_vec(), now);
            }
        }
    }
    assert_eq!(answered, 1);
    let stale = LegEvent::ReofferFailed { status: 491 };
    let told = [ANNA, BEN].into_iter().filter(|who| scene.has(*who, |event| *event == stale)).count();
    assert_eq!(told, 1, "its owner knows whether it is still needed");
}

#[test]
fn hanging_up_during_a_new_offer_ends_it_with_487() {
    let (mut scene, anna, ben) = Scene::established(Transport::Udp);
    let now = scene.now;
    scene.anna().reoffer(anna, b"new offer".to_vec(), now);
    scene.settle();
    let now = scene.now;
    scene.anna().hang_up(anna, HangUp::default(), now);
    scene.settle();
    let mut rest: Vec<_> = scene.ladder[2..].to_vec();
    rest.sort();
    assert_eq!(rest, ["anna ACK", "anna BYE", "ben 200 BYE", "ben 487 INVITE"]);
    assert_eq!(scene.ended(BEN, ben).kind, EndKind::HungUp);
    assert_eq!(scene.ended(ANNA, anna).kind, EndKind::HungUp);
}

#[test]
fn calls_come_about_and_end_over_an_air_that_loses_and_reorders() {
    for seed in 0..60 {
        let mut scene = Scene::with(Transport::Udp, seed, super::scene::config("anna"), super::scene::config("ben"));
        scene.air.loss = 20;
        scene.air.jitter = Duration::from_millis(300);
        let anna = scene.call();
        scene.run(Duration::from_secs(20));
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().ring(ben, None, now);
        scene.run(Duration::from_secs(1));
        let now = scene.now;
        scene.ben().answer(ben, ANSWER.to_vec(), now);
        scene.run(Duration::from_secs(20));
        assert!(scene.has(ANNA, |event| matches!(event, LegEvent::Answered { .. })), "seed {seed}: {:?}", scene.ladder);
        assert!(scene.has(BEN, |event| matches!(event, LegEvent::Confirmed { .. })), "seed {seed}: {:?}", scene.ladder);
        let now = scene.now;
        scene.anna().hang_up(anna, HangUp::default(), now);
        scene.run(Duration::from_secs(100));
        assert_eq!(scene.ended(ANNA, anna).by, EndedBy::Us);
        assert_eq!(scene.ended(BEN, ben).by, EndedBy::Peer);
        assert!(scene.anna().core.transactions.is_empty() && scene.ben().core.transactions.is_empty());
        assert_eq!(scene.anna().core.transactions.kept_bytes() + scene.ben().core.transactions.kept_bytes(), 0);
    }
}

#[test]
fn the_same_seed_gives_the_same_messages() {
    let run = |seed| {
        let mut scene = Scene::with(Transport::Udp, seed, super::scene::config("anna"), super::scene::config("ben"));
        scene.air.loss = 30;
        scene.call();
        scene.run(Duration::from_secs(40));
        scene.messages
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn nothing_that_tells_who_people_are_is_printed_for_a_log() {
    let mut scene = Scene::new(Transport::Tls);
    scene.call();
    let mut printed = format!("{:?}", scene.ends[ANNA].agent);
    while let Some(output) = scene.anna().poll_output() {
        printed += &format!("{output:?}");
    }
    scene.call();
    scene.settle();
    printed += &format!("{:?} {:?} {:?}", scene.ends[BEN].events, scene.ends[BEN].agent, scene.ends[BEN].agent.core.transactions);
    assert!(printed.contains("Incoming"));
    for secret in ["example.org", "192.0.2.1", "anna", "ben", "-pw", "118, 61"] {
        assert!(!printed.replace("remote: 192.0.2.", "").contains(secret), "{secret} in {printed}");
    }
}
