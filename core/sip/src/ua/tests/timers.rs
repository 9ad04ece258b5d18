//! Session timers: RFC 4028.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{SDP, answer, invite, within};
use super::scene::{ANNA, ANSWER, BEN, OFFER, Scene, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

const CONTACT: &str = "Contact: <sip:ben@192.0.2.21>\nAllow: INVITE, ACK, BYE, UPDATE";
const OLD: &str = "Contact: <sip:ben@192.0.2.21>\nAllow: INVITE, ACK, BYE";

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// Our call, answered with these header lines.
fn called(lines: &str) -> Script {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    assert_eq!(header(&invite, HeaderName::SessionExpires).as_deref(), Some("1800"));
    script.answer(&invite, 200, "one", lines, ANSWER);
    assert_eq!(script.sent_lines(), ["ACK"]);
    script
}

/// Ben's call with these header lines, answered: the script, `To` and the 200.
fn taken(lines: &[(&str, &str)]) -> (Script, String, Vec<u8>) {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[lines, &[("CSeq", "10 INVITE")]].concat()));
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    let ok = script.sent().pop().unwrap();
    let to = header(&ok, HeaderName::To).unwrap();
    let ack =
        super::peer::request("ACK", super::peer::ANNA, &[("To", &to), ("CSeq", "10 ACK"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-a")], b"");
    script.receive(&ack);
    (script, to, ok)
}

#[test]
fn two_phones_of_this_make_keep_a_long_call_alive() {
    for transport in [Transport::Udp, Transport::Tls] {
        let (mut scene, anna, ben) = Scene::established(transport);
        scene.run(minutes(180));
        let updates = scene.ladder.iter().filter(|entry| *entry == "anna UPDATE").count();
        let answers = scene.ladder.iter().filter(|entry| *entry == "ben 200 UPDATE").count();
        assert!((11..=12).contains(&updates) && updates == answers, "{:?}", scene.ladder);
        assert!(!scene.has(ANNA, |event| matches!(event, LegEvent::Ended(_))));
        // The caller is gone: the callee notices before the half hour is over.
        scene.air.loss = 100;
        scene.run(minutes(31));
        assert_eq!(scene.ended(BEN, ben).kind, EndKind::SessionExpired);
        assert_eq!(scene.ended(ANNA, anna).kind, EndKind::Timeout);
    }
}

#[test]
fn a_peer_without_timers_is_left_in_peace() {
    let mut script = called(CONTACT);
    script.run(minutes(300));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.reoffer(LegId(1), OFFER.to_vec(), script.now);
    assert_eq!(header(&script.only(), HeaderName::SessionExpires), None);
    let (mut script, _, ok) = taken(&[]);
    assert_eq!((header(&ok, HeaderName::SessionExpires), header(&ok, HeaderName::Require)), (None, None));
    script.run(minutes(300));
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn a_too_short_interval_is_asked_for_again_as_the_servers_want_it() {
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 422, "p1", "Min-SE: 3600", b"");
    let second = script.sent().pop().unwrap();
    assert_eq!(header(&second, HeaderName::SessionExpires).as_deref(), Some("3600"));
    assert_eq!(header(&second, HeaderName::MinSe).as_deref(), Some("3600"));
    assert_eq!(header(&second, HeaderName::CallId), header(&invite, HeaderName::CallId));
    assert_eq!(header(&second, HeaderName::CSeq).as_deref(), Some("2 INVITE"));
    script.answer(&second, 422, "p2", "Min-SE: 4000", b"");
    let third = script.sent().pop().unwrap();
    assert_eq!(header(&third, HeaderName::MinSe).as_deref(), Some("4000"));
    // One that does not want more than it got wants something else.
    script.answer(&third, 422, "p2", "Min-SE: 4000", b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::Rejected, status: Some(422), .. }))));
}

#[test]
fn servers_that_want_ever_more_are_not_followed_for_ever() {
    let mut script = Script::new(Transport::Tls);
    let (_, mut invite) = script.call();
    let mut invites = 1;
    for wish in 1..20 {
        script.answer(&invite, 422, "p", &format!("Min-SE: {}", 2000 + wish), b"");
        match script.sent().pop().filter(|message| summary(message) == "INVITE") {
            Some(again) => invite = again,
            None => break,
        }
        invites += 1;
    }
    assert_eq!(invites, 5);
    let mut script = Script::new(Transport::Tls);
    let (_, invite) = script.call();
    script.answer(&invite, 422, "p", "Min-SE: 4294967295", b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
}

#[test]
fn the_caller_refreshes_by_update_if_it_is_its_part() {
    let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uac\nRequire: timer"));
    script.run_until_sent(minutes(6));
    let update = script.only();
    assert_eq!(summary(&update), "UPDATE");
    assert_eq!(header(&update, HeaderName::SessionExpires).as_deref(), Some("600;refresher=uac"));
    assert!(header(&update, HeaderName::Supported).unwrap().contains("timer") && header(&update, HeaderName::Contact).is_some());
    assert!(update.ends_with(b"Content-Length: 0\r\n\r\n"));
    script.answer(&update, 200, "one", "Session-Expires: 200;refresher=uac", b"");
    let before = script.now;
    script.run_until_sent(minutes(6));
    assert_eq!(script.sent_lines(), ["UPDATE"]);
    assert_eq!(script.now.instant - before.instant, Duration::from_secs(100));
}

#[test]
fn a_peer_without_update_is_refreshed_by_re_invite_with_the_description_as_it_stands() {
    let mut script = called(&format!("{OLD}\nSession-Expires: 600;refresher=uac"));
    script.run_until_sent(minutes(6));
    let reinvite = script.only();
    assert!(summary(&reinvite) == "INVITE" && reinvite.ends_with(OFFER));
    script.answer(&reinvite, 200, "one", &format!("{OLD}\nSession-Expires: 600;refresher=uac"), ANSWER);
    assert_eq!(script.sent_lines(), ["ACK"]);
    assert_eq!(script.events.last(), Some(&LegEvent::Refreshed { sdp: Some(ANSWER.to_vec()) }));
    // A new offer is what stands from then on.
    script.agent.reoffer(LegId(1), b"on hold".to_vec(), script.now);
    let hold = script.only();
    script.answer(&hold, 200, "one", &format!("{OLD}\nSession-Expires: 600;refresher=uac"), ANSWER);
    script.sent();
    script.run_until_sent(minutes(6));
    assert!(script.only().ends_with(b"on hold"));
}

#[test]
fn an_update_that_is_refused_as_a_method_becomes_a_re_invite() {
    for status in [405, 501] {
        let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uac"));
        script.run_until_sent(minutes(6));
        let update = script.only();
        script.answer(&update, status, "one", "Allow: INVITE, BYE", b"");
        assert_eq!(script.sent_lines(), ["INVITE"]);
    }
}

#[test]
fn a_refused_refresh_is_tried_again_before_the_session_expires_and_then_the_call_ends() {
    let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uac"));
    let mut tries = 0;
    loop {
        script.run_until_sent(minutes(10));
        let sent = script.only();
        if summary(&sent) == "BYE" {
            assert!(String::from_utf8_lossy(&sent).contains("Reason: SIP;cause=408;text=\"Session expired\"\r\n"));
            script.answer(&sent, 200, "one", "Server: x", b"");
            break;
        }
        tries += 1;
        script.answer(&sent, 500, "one", "Server: x", b"");
    }
    assert!((3..8).contains(&tries), "{tries}");
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::SessionExpired, by: EndedBy::Peer, .. }))));
}

#[test]
fn a_peer_that_knows_of_no_call_any_more_ends_it() {
    for status in [481, 408] {
        let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uac"));
        script.run_until_sent(minutes(6));
        let update = script.only();
        script.answer(&update, status, "one", "Server: x", b"");
        let bye = script.only();
        assert_eq!(summary(&bye), "BYE");
        script.answer(&bye, 481, "one", "Server: x", b"");
        assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::Timeout, .. }))));
    }
}

#[test]
fn glare_a_longer_interval_and_a_challenge_are_answered_by_another_refresh() {
    let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uac"));
    script.learn_realm();
    script.run_until_sent(minutes(6));
    let update = script.only();
    script.answer(&update, 407, "one", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"", b"");
    let update = script.only();
    assert!(header(&update, HeaderName::ProxyAuthorization).is_some());
    script.answer(&update, 491, "one", "Server: x", b"");
    let before = script.now;
    script.run_until_sent(minutes(1));
    let wait = script.now.instant - before.instant;
    assert!(wait >= Duration::from_millis(2100) && wait <= Duration::from_secs(4), "{wait:?}");
    let update = script.only();
    script.answer(&update, 422, "one", "Min-SE: 900", b"");
    let update = script.only();
    assert_eq!(header(&update, HeaderName::SessionExpires).as_deref(), Some("900;refresher=uac"));
    assert_eq!(header(&update, HeaderName::MinSe).as_deref(), Some("900"));
    script.answer(&update, 422, "one", "Min-SE: 900", b"");
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn where_the_peer_refreshes_silence_ends_the_call_shortly_before_the_session_expires() {
    let mut script = called(&format!("{CONTACT}\nSession-Expires: 600;refresher=uas\nRequire: timer"));
    let before = script.now;
    script.run_until_sent(minutes(20));
    assert_eq!(script.sent_lines(), ["BYE"]);
    assert_eq!(script.now.instant - before.instant, Duration::from_secs(600 - 32));
}

#[test]
fn a_peer_cannot_make_us_refresh_faster_than_the_standard_allows() {
    let mut script = called(&format!("{CONTACT}\nSession-Expires: 1;refresher=uac"));
    let before = script.now;
    script.run_until_sent(minutes(6));
    assert_eq!(script.now.instant - before.instant, Duration::from_secs(45));
}

#[test]
fn the_callee_answers_by_the_table_of_rfc_4028_9() {
    for (lines, expected, require) in [
        (vec![("Supported", "timer"), ("Session-Expires", "600")], "600;refresher=uac", true),
        (vec![("Supported", "timer"), ("Session-Expires", "600;refresher=uac")], "600;refresher=uac", true),
        (vec![("Supported", "timer"), ("Session-Expires", "600;refresher=uas")], "600;refresher=uas", true),
        (vec![("Session-Expires", "600")], "600;refresher=uas", false),
    ] {
        let (mut script, _, ok) = taken(&lines);
        assert_eq!(header(&ok, HeaderName::SessionExpires).as_deref(), Some(expected), "{lines:?}");
        assert_eq!(header(&ok, HeaderName::Require), require.then(|| "timer".to_owned()), "{lines:?}");
        script.run_until_sent(minutes(20));
        // Ben's phone did not say that it takes UPDATE.
        let next = if expected.ends_with("uas") { "INVITE" } else { "BYE" };
        assert_eq!(script.sent_lines(), [next], "{lines:?}");
    }
    // Too short, from one who could make nothing of a 422.
    let (_, _, ok) = taken(&[("Session-Expires", "20")]);
    assert_eq!(header(&ok, HeaderName::SessionExpires), None);
}

#[test]
fn refreshes_of_the_peer_keep_the_call_alive_and_are_agreed_on_anew() {
    let (mut script, to, _) = taken(&[("Supported", "timer"), ("Session-Expires", "600")]);
    let lines = [("Supported", "timer"), ("Session-Expires", "300;refresher=uac"), ("Min-SE", "100")];
    script.run(minutes(5));
    let ok = answer(&mut script, &within("UPDATE", &to, 11, &lines, b""));
    assert_eq!(header(&ok, HeaderName::SessionExpires).as_deref(), Some("300;refresher=uac"));
    script.run(minutes(4));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.receive(&within("INVITE", &to, 12, &[&lines[..], &[SDP]].concat(), OFFER));
    script.agent.accept_reoffer(LegId(1), None, ANSWER.to_vec(), script.now);
    let ok = script.sent().pop().unwrap();
    assert_eq!(header(&ok, HeaderName::SessionExpires).as_deref(), Some("300;refresher=uac"));
    script.receive(&within("ACK", &to, 12, &[], b""));
    script.run(minutes(4));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.run(minutes(2));
    assert_eq!(script.sent_lines()[..1], ["BYE"]);
}

#[test]
fn an_offer_made_during_a_refresh_follows_it() {
    let mut script = called(&format!("{OLD}\nSession-Expires: 600;refresher=uac"));
    script.run_until_sent(minutes(6));
    let refresh = script.only();
    script.agent.reoffer(LegId(1), b"on hold".to_vec(), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.answer(&refresh, 200, "one", OLD, ANSWER);
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["ACK", "INVITE"]);
    assert!(sent[1].ends_with(b"on hold"));
}
