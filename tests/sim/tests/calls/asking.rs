//! Whether people are there: asked of whom the owner has called or marked (OPTIONS), and told by policy.

use std::collections::BTreeMap;

use cooee_machine::Transport;
use cooee_phone::probe::Conditions;
use cooee_phone::{Address, BlockRule, Command, Person, PhoneEvent, Reply};
use cooee_sim::HostId;

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, seconds};

const DAY: u64 = 86_400;

fn free() -> Conditions {
    Conditions { online: true, ..Conditions::default() }
}

/// Lets a phone ask these people, under these conditions.
fn may_ask(stage: &mut Stage, phone: HostId, people: &[&str], conditions: Conditions) {
    let person = |text: &&str| {
        let address = Address::understand(&format!("sip:{text}"), None).unwrap().address;
        Person { address, account: None, answered: None, inquiry: None }
    };
    stage.command(phone, Command::SetPeople(people.iter().map(person).collect()));
    stage.command(phone, Command::SetConditions(conditions));
}

/// What asking has come to, by whom was asked; and how often anybody was.
fn replies(stage: &Stage, phone: HostId) -> (BTreeMap<String, Reply>, usize) {
    let events = &stage.phone(phone).events;
    let asked = events.iter().filter(|(_, event)| matches!(event, PhoneEvent::PersonAsked { .. })).count();
    let replies = events.iter().filter_map(|(_, event)| match event {
        PhoneEvent::PersonReplied { address, reply } => Some((address.canonical().0, *reply)),
        _ => None,
    });
    (replies.collect(), asked)
}

#[test]
fn whoever_is_there_is_told_from_who_is_not_and_from_nobody_within_a_day_and_again_after_a_week() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(1);
    may_ask(&mut stage, anna, &["ben@example.org", "carl@example.org", "nobody@example.org", "anna@example.org"], free());
    stage.world.run_for(seconds(DAY));
    let expected =
        [("sip:ben@example.org", Reply::There), ("sip:carl@example.org", Reply::Unknown), ("sip:nobody@example.org", Reply::NoSuchUser)];
    let expected: BTreeMap<String, Reply> = expected.map(|(who, reply)| (who.to_owned(), reply)).into();
    assert_eq!(replies(&stage, anna), (expected.clone(), 3), "each once, and not oneself");
    assert!(stage.phone(ben).snapshots().is_empty(), "nothing rings");
    stage.world.run_for(seconds(5 * DAY));
    assert_eq!(replies(&stage, anna).1, 3);
    stage.world.run_for(seconds(2 * DAY));
    assert_eq!(replies(&stage, anna), (expected, 6));
}

#[test]
fn nobody_is_asked_without_being_called_or_marked_or_at_a_price_or_without_tls() {
    let (mut stage, anna, _) = Stage::with_anna_and_ben(2);
    may_ask(&mut stage, anna, &[], free());
    stage.world.run_for(seconds(3 * DAY));
    for conditions in [Conditions { metered: true, ..free() }, Conditions { low_battery: true, ..free() }] {
        may_ask(&mut stage, anna, &["ben@example.org"], conditions);
        stage.world.run_for(seconds(3 * DAY));
    }
    assert_eq!(replies(&stage, anna).1, 0);
    let mut stage = Stage::new(3);
    stage.transport = Transport::Udp;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    may_ask(&mut stage, anna, &["ben@example.org"], free());
    stage.world.run_for(seconds(3 * DAY));
    assert_eq!(replies(&stage, anna).1, 0, "whoever is on the way would read along");
}

#[test]
fn who_is_blocked_learns_nothing_and_who_blocks_asks_nothing() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(4);
    let rule = |text: &str| BlockRule::parse(text).unwrap();
    stage.command(ben, Command::SetBlocked(vec![rule("anna@example.org")]));
    may_ask(&mut stage, anna, &["ben@example.org"], free());
    may_ask(&mut stage, ben, &["anna@example.org"], free());
    stage.world.run_for(seconds(DAY));
    assert_eq!(replies(&stage, anna).0.into_values().collect::<Vec<_>>(), [Reply::Unknown], "as if ben had no phone");
    assert_eq!(replies(&stage, ben).1, 0);
}

#[test]
fn a_phone_that_asks_is_cut_off_meanwhile_and_asks_no_more_than_its_budget() {
    let (mut stage, anna, _) = Stage::with_anna_and_ben(5);
    let many: Vec<String> = (0..60).map(|number| format!("p{number}@example.org")).collect();
    may_ask(&mut stage, anna, &many.iter().map(String::as_str).collect::<Vec<_>>(), free());
    let server = stage.server;
    stage.world.at(stage.world.elapsed() + seconds(3600), move |world| world.power_off(server));
    stage.world.at(stage.world.elapsed() + seconds(7200), move |world| crate::server::boot_server(world, server, false));
    for day in 1..=4 {
        stage.world.run_for(seconds(DAY));
        let asked = replies(&stage, anna).1;
        assert!(asked <= 20 * (day + 1) && asked <= 60, "{asked} by day {day}");
    }
    let (replies, asked) = replies(&stage, anna);
    assert_eq!((replies.len(), asked), (60, 60));
}
