//! Calls that take the place of others: RFC 3891.

use cooee_machine::Transport;

use super::super::*;
use super::peer::{answer, invite, session, within};
use super::scene::{OFFER, summary};
use super::script::{Script, header};
use crate::header::HeaderName;

/// An INVITE of carol's with this `Replaces`.
fn instead(call: u32, replaces: &str) -> Vec<u8> {
    let (via, call_id) = (format!("SIP/2.0/TLS a;branch=z9hG4bK-r{call}"), format!("carol-{call}"));
    invite(&[("Via", &via), ("Call-ID", &call_id), ("From", "<sip:carol@example.org>;tag=c"), ("Replaces", replaces)])
}

fn tag(to: &str) -> &str {
    to.split(";tag=").nth(1).unwrap()
}

#[test]
fn a_call_that_names_another_by_all_its_names_takes_its_place() {
    let (mut script, to) = session();
    let replaces = format!("call-1;to-tag={};from-tag=f", tag(&to));
    assert_eq!(summary(&answer(&mut script, &instead(1, &replaces))), "100 INVITE");
    assert!(matches!(script.events.last(), Some(LegEvent::Incoming { replaces: Some(LegId(1)), .. })));
    for (call, wrong) in [
        (2, replaces.replace("call-1", "call-2")),
        (3, replaces.replace("from-tag=f", "from-tag=F")),
        (4, replaces.replace("to-tag=", "to-tag=x")),
        (5, format!("call-1;to-tag=f;from-tag={}", tag(&to))),
    ] {
        assert_eq!(summary(&answer(&mut script, &instead(call, &wrong))), "481 INVITE", "{wrong}");
    }
    assert_eq!(summary(&answer(&mut script, &instead(6, &format!("{replaces};early-only")))), "486 INVITE");
    assert_eq!(summary(&answer(&mut script, &instead(7, &format!("{replaces}\r\nReplaces: {replaces}")))), "400 INVITE");
    assert_eq!(summary(&answer(&mut script, &within("BYE", &to, 11, &[("Replaces", &replaces)], b""))), "400 BYE");
}

#[test]
fn a_call_that_is_over_is_not_replaced_by_one_that_rings() {
    let (mut script, to) = session();
    let replaces = format!("call-1;to-tag={};from-tag=f", tag(&to));
    script.agent.hang_up(LegId(1), HangUp::default(), script.now);
    script.sent();
    assert_eq!(summary(&answer(&mut script, &instead(1, &replaces))), "603 INVITE");
    script.receive(&within("BYE", &to, 11, &[], b""));
    script.sent();
    assert_eq!(summary(&answer(&mut script, &instead(2, &replaces))), "603 INVITE");
}

#[test]
fn a_call_of_ours_that_rings_may_be_taken_over_but_not_one_that_rings_here() {
    let mut script = Script::new(Transport::Tls);
    let (leg, ours) = script.call();
    script.answer(&ours, 180, "t", "Contact: <sip:ben@192.0.2.21>", b"");
    let (call_id, from) = (header(&ours, HeaderName::CallId).unwrap(), header(&ours, HeaderName::From).unwrap());
    let replaces = format!("{call_id};to-tag={};from-tag=t;early-only", tag(&from));
    assert_eq!(summary(&answer(&mut script, &instead(1, &replaces))), "100 INVITE");
    assert!(matches!(script.events.last(), Some(LegEvent::Incoming { replaces: Some(id), .. }) if *id == leg));
    script.receive(&invite(&[]));
    script.agent.ring(LegId(3), None, script.now);
    let to = header(&script.sent().pop().unwrap(), HeaderName::To).unwrap();
    assert_eq!(summary(&answer(&mut script, &instead(2, &format!("call-1;to-tag={};from-tag=f", tag(&to))))), "481 INVITE");
}

#[test]
fn a_call_that_replaces_says_so_and_who_sent_it() {
    let mut script = Script::new(Transport::Tls);
    let options = InviteOptions {
        replaces: Some("98732@sip.example.com;to-tag=a;from-tag=b".to_owned()),
        referred_by: Some("<sip:ben@example.org>".to_owned()),
        ..InviteOptions::default()
    };
    script.agent.invite("sip:carol@example.org", OFFER.to_vec(), options, script.now);
    let invite = script.only();
    assert_eq!(header(&invite, HeaderName::Replaces).as_deref(), Some("98732@sip.example.com;to-tag=a;from-tag=b"));
    assert_eq!(header(&invite, HeaderName::Require).as_deref(), Some("replaces"));
    assert_eq!(header(&invite, HeaderName::ReferredBy).as_deref(), Some("<sip:ben@example.org>"));
}
