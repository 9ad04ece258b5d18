//! Numbers that are found by ENUM, and people with several addresses.

use std::time::Duration;

use cooee_call::{CallState, EndReason, LegOutcome};
use cooee_machine::DnsSecurity;
use cooee_phone::probe::{Answered, Finding, Protocol, Published, Reach, Source};
use cooee_phone::{Command, DialRefusal, Numbering};
use cooee_sim::HostId;

use crate::exchange::Turn;
use crate::phone::PhoneNode;
use crate::provider::{exchange, stage};
use crate::stage::{Stage, millis, seconds};

const NUMBER: &str = "+41 44 668 18 00";
const DOWN: &str = "sip:anna@down.example";
const UP: &str = "sip:anna@up.example";
/// The number as the exchange knows it.
const AS_IT_IS: &str = "sip:+41446681800@provider.example;user=phone";

/// Anna's provider also brings calls to other domains. Two addresses belong to the number; the first is preferred.
fn with_number(seed: u64, turns: impl IntoIterator<Item = Turn>) -> (Stage, HostId, HostId) {
    let (mut stage, anna, provider) = stage(seed, turns);
    let numbering = Numbering { suffixes: vec!["numbers.example".parse().unwrap()], ..Numbering::default() };
    stage.command(anna, Command::SetNumbering(Box::new(numbering)));
    stage.world.dns.add_number("41446681800", "numbers.example", 10, DOWN);
    stage.world.dns.add_number("41446681800", "numbers.example", 20, UP);
    (stage, anna, provider)
}

fn remember(stage: &mut Stage, host: HostId, address: &str, reach: Reach) {
    stage.world.with(host, |phone: &mut PhoneNode, _, _| drop(phone.reach.insert(address.to_owned(), reach)));
}

/// Whom the exchange was asked for.
fn called(stage: &Stage, provider: HostId) -> Vec<String> {
    exchange(stage, provider).invites.iter().map(|(uri, _)| uri.clone()).collect()
}

fn rings(stage: &mut Stage, anna: HostId, within: Duration) -> Duration {
    stage.reach("it rings", within, |stage| stage.phone(anna).state() == Some(CallState::Ringing))
}

#[test]
fn where_the_server_of_the_first_address_is_down_the_second_rings() {
    let (mut stage, anna, provider) = with_number(1, [Turn::Refuse(503), Turn::Announce(millis(500))]);
    stage.dial(anna, NUMBER);
    let took = rings(&mut stage, anna, seconds(2));
    assert!(took < millis(900), "{took:?}");
    assert_eq!(called(&stage, provider), [DOWN, UP]);
    stage.reach_active(&[anna], seconds(5));
    stage.assert_sound(&[anna], seconds(2), 0.95);
    let legs = stage.phone(anna).snapshot().unwrap().legs;
    let failed = EndReason::ServerError { status: 503, text: "Service Unavailable".to_owned() };
    assert_eq!((&legs[0].outcome, &legs[1].outcome), (&LegOutcome::Failed(failed), &LegOutcome::Answered));
}

#[test]
fn an_address_where_nothing_rings_is_given_up_after_four_seconds_and_the_next_rings_alone() {
    let (mut stage, anna, provider) = with_number(2, [Turn::Silent, Turn::Announce(millis(500))]);
    stage.dial(anna, NUMBER);
    let took = rings(&mut stage, anna, seconds(6));
    assert!((seconds(4)..millis(4900)).contains(&took), "{took:?}");
    assert_eq!((called(&stage, provider), exchange(&stage, provider).cancelled), (vec![DOWN.to_owned(), UP.to_owned()], 1));
    stage.reach_active(&[anna], seconds(5));
    stage.assert_sound(&[anna], seconds(2), 0.95);
    stage.hang_up(anna);
    stage.reach_end(&[anna], seconds(3));
    assert_eq!(stage.phone(anna).log[0].call.legs[0].outcome, LegOutcome::Failed(EndReason::NoSign));
}

#[test]
fn where_all_addresses_refuse_the_exchange_gets_the_number_itself() {
    let (mut stage, anna, provider) = with_number(3, [Turn::Refuse(404), Turn::Refuse(480), Turn::Announce(millis(300))]);
    stage.dial(anna, NUMBER);
    stage.reach_active(&[anna], seconds(5));
    assert_eq!(called(&stage, provider), [DOWN, UP, AS_IT_IS]);
}

#[test]
fn what_is_remembered_moves_an_address_and_takes_none_away() {
    let year = seconds(365 * 86_400);
    let (mut stage, anna, provider) = with_number(4, [Turn::Refuse(404), Turn::Announce(millis(300))]);
    let (security, source, ttl, checked) = (DnsSecurity::Insecure, Source::Dns, seconds(60), seconds(1_800_000_000).saturating_sub(year));
    let refuses = Finding { published: Published::Refuses, security, source, checked, ttl };
    remember(&mut stage, anna, DOWN, Reach { domain: Some(refuses), ..Reach::default() });
    stage.dial(anna, NUMBER);
    stage.reach_active(&[anna], seconds(5));
    assert_eq!(called(&stage, provider), [UP, DOWN], "refused a year ago, and answers now");
    let (mut stage, anna, provider) = with_number(5, [Turn::Announce(millis(300))]);
    let answered = Some(Answered { when: checked, protocol: Protocol::Sip });
    remember(&mut stage, anna, UP, Reach { answered, ..Reach::default() });
    stage.dial(anna, NUMBER);
    stage.reach_active(&[anna], seconds(5));
    assert_eq!(called(&stage, provider), [UP]);
}

#[test]
fn a_silent_resolver_keeps_a_call_back_for_two_seconds_at_most() {
    let (mut stage, anna, provider) = with_number(6, [Turn::Announce(millis(300))]);
    stage.world.dns.loss = 1.0;
    stage.dial(anna, NUMBER);
    let took = stage.reach("it is placed", seconds(3), |stage| !exchange(stage, provider).invites.is_empty());
    // On top of it stand the ways of the INVITE and of its timers' slack.
    assert!((seconds(2)..millis(2300)).contains(&took), "{took:?}");
    assert_eq!(called(&stage, provider), [AS_IT_IS]);
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(7);
    stage.world.dns.loss = 1.0;
    stage.dial(anna, NUMBER);
    let took = stage.reach("it is told", seconds(3), |stage| stage.phone(anna).refusal().is_some());
    assert!(took < millis(2300) && stage.phone(anna).refusal() == Some(DialRefusal::OrdinaryDialler), "{took:?}");
    assert!(stage.phone(ben).is_idle());
}

#[test]
fn the_same_seed_dials_in_the_same_way() {
    let run = |seed| {
        let (mut stage, anna, _) = with_number(seed, [Turn::Silent, Turn::Refuse(404), Turn::Announce(millis(300))]);
        stage.dial(anna, NUMBER);
        stage.reach_active(&[anna], seconds(10));
        stage.hang_up(anna);
        stage.reach_end(&[anna], seconds(3));
        stage
    };
    let (one, same, other) = (run(8), run(8), run(9));
    assert_eq!(one.world.trace().first_difference(same.world.trace()), None);
    assert_eq!(one.world.trace().digest(), same.world.trace().digest());
    assert_ne!(one.world.trace().digest(), other.world.trace().digest());
}
