//! What may come before an answer: early media with and without descriptions, slow and broken ones, late cancels.

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::scene::{ANSWER, summary};
use super::script::Script;

const CONTACT: &str = "Contact: <sip:ben@192.0.2.21>";

#[test]
fn a_183_with_and_without_a_description_and_then_a_180_are_each_told() {
    for early in [&b""[..], ANSWER] {
        let mut script = Script::new(Transport::Tls);
        let (_, invite) = script.call();
        script.answer(&invite, 183, "one", CONTACT, early);
        script.answer(&invite, 180, "one", CONTACT, b"");
        script.answer(&invite, 200, "one", CONTACT, ANSWER);
        let told: Vec<_> = script
            .events
            .iter()
            .map(|event| match event {
                LegEvent::Trying => (100, false),
                LegEvent::Progress { status, sdp, .. } => (*status, sdp.is_some()),
                LegEvent::Answered { sdp, .. } => (200, sdp.is_some()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [(100, false), (183, !early.is_empty()), (180, false), (200, true)]);
    }
}

#[test]
fn an_answer_after_the_cancel_is_acknowledged_and_hung_up_with_the_reason_of_the_cancel() {
    let mut script = Script::new(Transport::Udp);
    let (leg, invite) = script.call();
    script.answer(&invite, 180, "one", CONTACT, b"");
    script.agent.hang_up(leg, HangUp { status: Some(487), text: Some("Changed my mind".to_owned()) }, script.now);
    let cancel = script.only();
    script.answer(&invite, 200, "one", CONTACT, ANSWER);
    script.answer(&cancel, 200, "one", "Server: x", b"");
    let sent = script.sent();
    assert_eq!(sent.iter().map(|message| summary(message)).collect::<Vec<_>>(), ["ACK", "BYE"]);
    assert!(String::from_utf8_lossy(&sent[1]).contains("Reason: SIP;cause=487;text=\"Changed my mind\"\r\n"));
    script.answer(&sent[1], 200, "one", "Server: x", b"");
    assert!(!script.events.iter().any(|event| matches!(event, LegEvent::Answered { .. })));
    assert!(matches!(script.events.last(), Some(LegEvent::Ended(Ended { by: EndedBy::Us, kind: EndKind::Cancelled, .. }))));
}

#[test]
fn a_description_that_takes_its_time_or_makes_no_sense_is_handed_on_as_it_came() {
    let mut script = Script::new(Transport::Tls);
    let (leg, invite) = script.call();
    script.answer(&invite, 100, "", "Server: x", b"");
    script.run(Duration::from_secs(120));
    script.answer(&invite, 180, "one", CONTACT, b"");
    script.run(Duration::from_secs(170));
    let broken = b"v=0\r\nm=audio \xff\xfe";
    script.answer(&invite, 200, "one", CONTACT, broken);
    assert!(matches!(script.events.last(), Some(LegEvent::Answered { sdp: Some(sdp), .. }) if sdp == broken));
    assert_eq!(script.sent_lines(), ["ACK"]);
    script.agent.hang_up(leg, HangUp { status: Some(488), text: None }, script.now);
    assert_eq!(script.sent_lines(), ["BYE"]);
}
