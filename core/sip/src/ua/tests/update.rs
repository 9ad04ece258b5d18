//! UPDATE: RFC 3311.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{SDP, answer, invite, session, within};
use super::scene::{ANSWER, OFFER, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

const CONTACT: &str = "Contact: <sip:ben@192.0.2.21>";

#[test]
fn an_update_without_an_offer_moves_the_target_and_is_answered_at_once() {
    let (mut script, to) = session();
    let ok = answer(&mut script, &within("UPDATE", &to, 11, &[("Contact", "<sip:ben@192.0.2.77>")], b""));
    assert_eq!(summary(&ok), "200 UPDATE");
    assert!(header(&ok, HeaderName::Contact).is_some() && header(&ok, HeaderName::Allow).unwrap().contains("UPDATE"));
    assert_eq!(script.events.iter().filter(|event| matches!(event, LegEvent::Reoffer { .. })).count(), 0);
    script.agent.hang_up(LegId(1), HangUp::default(), script.now);
    assert!(String::from_utf8_lossy(&script.only()).starts_with("BYE sip:ben@192.0.2.77 "));
}

#[test]
fn an_offer_in_an_update_is_answered_like_one_in_a_re_invite_and_needs_no_ack() {
    let (mut script, to) = session();
    script.receive(&within("UPDATE", &to, 11, &[SDP], OFFER));
    assert_eq!(script.events.last(), Some(&LegEvent::Reoffer { sdp: Some(OFFER.to_vec()) }));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    let ok = script.only();
    assert!(summary(&ok) == "200 UPDATE" && ok.ends_with(ANSWER));
    assert_eq!(script.events.last(), Some(&LegEvent::ReofferConfirmed { sdp: None }));
    script.run(Duration::from_secs(40));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.receive(&within("UPDATE", &to, 12, &[SDP], OFFER));
    script.agent.reject_reoffer(LegId(1), None, 488, script.now);
    assert_eq!(script.sent_lines(), ["488 UPDATE"]);
    assert!(!script.events.iter().any(|event| matches!(event, LegEvent::Ended(_))));
    script.receive(&within("UPDATE", &to, 13, &[SDP], OFFER));
    script.agent.hang_up(LegId(1), HangUp::default(), script.now);
    assert_eq!(script.sent_lines(), ["487 UPDATE", "BYE"]);
}

#[test]
fn an_update_whose_offer_nobody_answers_is_refused_by_504() {
    let (mut script, to) = session();
    script.receive(&within("UPDATE", &to, 11, &[SDP], OFFER));
    script.run(Duration::from_secs(6));
    assert_eq!(script.sent_lines(), ["504 UPDATE"]);
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn offers_that_collide_are_refused_by_500_or_491() {
    let (mut script, to) = session();
    script.receive(&within("UPDATE", &to, 11, &[SDP], OFFER));
    let second = answer(&mut script, &within("UPDATE", &to, 12, &[SDP], OFFER));
    assert_eq!(summary(&second), "500 UPDATE");
    let wait: u32 = header(&second, HeaderName::RetryAfter).unwrap().parse().unwrap();
    assert!(wait <= 10);
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 13, &[], b""))), "500 UPDATE");
    assert_eq!(summary(&answer(&mut script, &within("INVITE", &to, 14, &[SDP], OFFER))), "500 INVITE");
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    script.sent();
    script.agent.reoffer(LegId(1), OFFER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), ["INVITE"]);
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 15, &[SDP], OFFER))), "491 UPDATE");
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 16, &[], b""))), "200 UPDATE");
}

#[test]
fn while_a_re_invite_waits_for_its_answer_an_update_may_still_refresh() {
    let (mut script, to) = session();
    assert_eq!(summary(&answer(&mut script, &within("INVITE", &to, 11, &[SDP], OFFER))), "100 INVITE");
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 12, &[], b""))), "200 UPDATE");
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 13, &[SDP], OFFER))), "500 UPDATE");
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), ["200 INVITE"]);
}

#[test]
fn before_our_answer_there_is_no_second_offer() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[]));
    script.agent.ring(LegId(1), None, script.now);
    let to = header(&script.sent().pop().unwrap(), HeaderName::To).unwrap();
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 2, &[SDP], OFFER))), "500 UPDATE");
    assert_eq!(summary(&answer(&mut script, &within("UPDATE", &to, 3, &[("Contact", "<sip:ben@192.0.2.77>")], b""))), "200 UPDATE");
    assert_eq!(script.events.len(), 1);
}

/// An UPDATE of ben's to our own call.
fn update_to(prack: &[u8], tag: &str, cseq: u32, body: &[u8]) -> Vec<u8> {
    let (from, call_id) = (header(prack, HeaderName::From).unwrap(), header(prack, HeaderName::CallId).unwrap());
    let lines = [("From", format!("<sip:ben@example.org>;tag={tag}")), ("Call-ID", call_id)];
    let mut lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.extend((!body.is_empty()).then_some(SDP));
    within("UPDATE", &from, cseq, &lines, body)
}

#[test]
fn an_early_dialog_may_change_once_its_answer_has_come_reliably() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 183, "one", &format!("{CONTACT}\nRequire: 100rel\nRSeq: 1"), b"");
    let prack = script.only();
    assert_eq!(summary(&answer(&mut script, &update_to(&prack, "one", 1, OFFER))), "491 UPDATE");
    assert_eq!(summary(&answer(&mut script, &update_to(&prack, "one", 2, b""))), "200 UPDATE");
    script.answer(&invite, 183, "one", &format!("{CONTACT}\nRequire: 100rel\nRSeq: 2"), ANSWER);
    script.sent();
    script.receive(&update_to(&prack, "one", 3, OFFER));
    let Some(LegEvent::EarlyReoffer { dialog, sdp }) = script.events.last() else { panic!("{:?}", script.events) };
    assert_eq!((dialog.remote_tag.as_str(), sdp.as_slice()), ("one", OFFER));
    let one = dialog.clone();
    assert_eq!(summary(&answer(&mut script, &update_to(&prack, "one", 4, OFFER))), "500 UPDATE");
    script.agent.accept_reoffer(leg, Some(&one), b"another answer".to_vec(), script.now);
    let ok = script.only();
    assert!(summary(&ok) == "200 UPDATE" && ok.ends_with(b"another answer"));
    script.receive(&update_to(&prack, "one", 5, OFFER));
    script.run(Duration::from_secs(6));
    assert_eq!(script.sent_lines(), ["504 UPDATE"]);
    assert_eq!(summary(&answer(&mut script, &update_to(&prack, "two", 6, OFFER))), "481 UPDATE");
    script.receive(&update_to(&prack, "one", 7, OFFER));
    script.answer(&invite, 407, "one", "Server: x", b"");
    assert_eq!(script.sent_lines(), ["ACK", "487 UPDATE"], "it ends with the call");
}

/// A call of ours that two phones have taken notice of, each with an answer of its own; the PRACK to the last.
fn forked() -> (Script, LegId, Vec<u8>, Vec<u8>) {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    for tag in ["one", "two"] {
        script.answer(&invite, 183, tag, &format!("{CONTACT}\nRequire: 100rel\nRSeq: 1"), ANSWER);
    }
    let prack = script.sent().pop().unwrap();
    for (tag, cseq) in [("one", 1), ("two", 2)] {
        script.receive(&update_to(&prack, tag, cseq, OFFER));
    }
    (script, leg, invite, prack)
}

/// The dialogs that ask for another description, in the order in which they did.
fn asking(script: &Script) -> Vec<DialogKey> {
    let key = |event: &LegEvent| if let LegEvent::EarlyReoffer { dialog, .. } = event { Some(dialog.clone()) } else { None };
    script.events.iter().filter_map(key).collect()
}

#[test]
fn offers_of_several_forks_wait_at_a_time_and_each_gets_its_own_answer() {
    let (mut script, leg, ..) = forked();
    let asking = asking(&script);
    assert_eq!(asking.iter().map(|dialog| dialog.remote_tag.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    script.agent.accept_reoffer(leg, Some(&asking[1]), b"for two".to_vec(), script.now);
    let ok = script.only();
    assert!(ok.ends_with(b"for two") && header(&ok, HeaderName::From).unwrap().ends_with(";tag=two"));
    script.agent.reject_reoffer(leg, None, 488, script.now);
    assert_eq!(script.sent_lines(), [""; 0], "whose?");
    script.agent.reject_reoffer(leg, Some(&asking[0]), 488, script.now);
    let refusal = script.only();
    assert!(summary(&refusal) == "488 UPDATE" && header(&refusal, HeaderName::From).unwrap().ends_with(";tag=one"));
}

#[test]
fn what_a_fork_asked_for_ends_with_it_and_stays_with_the_winner() {
    let (mut script, leg, invite, _) = forked();
    let asking = asking(&script);
    script.answer(&invite, 200, "two", CONTACT, b"");
    assert_eq!(script.sent_lines(), ["ACK", "487 UPDATE"]);
    script.agent.accept_reoffer(leg, Some(&asking[0]), b"for one".to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.accept_reoffer(leg, Some(&asking[1]), b"for two".to_vec(), script.now);
    assert!(script.only().ends_with(b"for two"));
    let (mut script, _, invite, _) = forked();
    script.answer(&invite, 486, "two", "Server: x", b"");
    assert_eq!(script.sent_lines(), ["ACK", "487 UPDATE", "487 UPDATE"]);
}

/// A call of ours that one phone has answered reliably, and that takes UPDATE or does not; its early dialog.
fn answered_early(allow: &str) -> (Script, LegId, Vec<u8>, DialogKey) {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 183, "one", &format!("{CONTACT}\nRequire: 100rel\nRSeq: 1\nAllow: {allow}"), ANSWER);
    script.sent();
    let Some(LegEvent::Progress { dialog, .. }) = script.events.last().cloned() else { panic!("{:?}", script.events) };
    (script, leg, invite, dialog)
}

#[test]
fn an_early_dialog_is_offered_another_description_by_update() {
    let (mut script, leg, _, dialog) = answered_early("INVITE, UPDATE");
    script.agent.reoffer_early(leg, &dialog, b"on hold".to_vec(), script.now);
    let update = script.only();
    assert!(summary(&update) == "UPDATE" && update.ends_with(b"on hold"));
    assert_eq!(summary(&answer(&mut script, &update_to(&update, "one", 1, OFFER))), "491 UPDATE", "one at a time");
    script.agent.reoffer_early(leg, &dialog, b"another".to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(script.events.last(), Some(&LegEvent::EarlyReofferFailed { dialog: dialog.clone(), status: 491 }));
    script.answer(&update, 200, "one", CONTACT, b"agreed");
    assert_eq!(script.events.last(), Some(&LegEvent::EarlyReanswered { dialog: dialog.clone(), sdp: Some(b"agreed".to_vec()) }));
    script.agent.reoffer_early(leg, &dialog, b"taken back".to_vec(), script.now);
    let update = script.only();
    script.answer(&update, 488, "one", "Server: x", b"");
    assert_eq!(script.events.last(), Some(&LegEvent::EarlyReofferFailed { dialog, status: 488 }));
}

#[test]
fn who_takes_no_update_or_has_not_answered_reliably_is_offered_nothing_early() {
    let (mut script, leg, _, dialog) = answered_early("INVITE");
    script.agent.reoffer_early(leg, &dialog, b"on hold".to_vec(), script.now);
    script.collect();
    assert_eq!(script.events.pop(), Some(LegEvent::EarlyReofferFailed { dialog: dialog.clone(), status: 405 }));
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 183, "one", &format!("{CONTACT}\nAllow: UPDATE"), ANSWER);
    let dialog = DialogKey { local_tag: header(&invite, HeaderName::From).unwrap().split(";tag=").nth(1).unwrap().into(), ..dialog };
    let dialog = DialogKey { call_id: header(&invite, HeaderName::CallId).unwrap(), ..dialog };
    script.agent.reoffer_early(leg, &dialog, b"on hold".to_vec(), script.now);
    script.collect();
    assert_eq!(script.events.pop(), Some(LegEvent::EarlyReofferFailed { dialog, status: 491 }));
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn an_early_offer_that_is_answered_after_the_call_is_still_told_of_and_nothing_overtakes_it() {
    let (mut script, leg, invite, dialog) = answered_early("UPDATE");
    script.agent.reoffer_early(leg, &dialog, b"on hold".to_vec(), script.now);
    let update = script.only();
    script.answer(&invite, 200, "one", CONTACT, b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert_eq!(summary(&answer(&mut script, &update_to(&update, "one", 1, OFFER))), "491 UPDATE");
    script.answer(&update, 200, "one", CONTACT, b"agreed");
    assert_eq!(script.events.last(), Some(&LegEvent::EarlyReanswered { dialog, sdp: Some(b"agreed".to_vec()) }));
    script.agent.reoffer(leg, OFFER.to_vec(), script.now);
    assert_eq!(script.sent_lines(), ["INVITE"]);
}
