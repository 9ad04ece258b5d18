//! Numbers: looked up, called, or left to the ordinary dialler.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod world;

use std::time::Duration;

use cooee_call::{CallId, CallState, EndReason, Side};
use cooee_machine::RecordType;
use cooee_phone::{Command, DialRefusal, Numbering, PhoneEvent};
use world::{ACCOUNT, World, account};

const NUMBER: &str = "41446681800";

/// A phone of anna's in Switzerland, and ben.
fn swiss() -> (World, usize, usize) {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    numbering(&mut world, anna, |_| {});
    (world, anna, ben)
}

fn numbering(world: &mut World, phone: usize, change: impl FnOnce(&mut Numbering)) {
    let mut numbering = Numbering { region: Some("CH".parse().unwrap()), ..Numbering::default() };
    change(&mut numbering);
    world.command(phone, Command::SetNumbering(Box::new(numbering)));
}

fn refused(world: &World, phone: usize, call: CallId) -> Option<DialRefusal> {
    let of = |event: &PhoneEvent| match event {
        PhoneEvent::DialRefused { call: refused, reason } if *refused == call => Some(reason.clone()),
        _ => None,
    };
    world.events[phone].iter().find_map(of)
}

/// What was asked about the number.
fn lookups(world: &World) -> Vec<&str> {
    world.asked.iter().map(String::as_str).filter(|name| name.starts_with("0.0.8.1.8.")).collect()
}

#[test]
fn a_number_rings_whoever_enum_says_has_it() {
    let (mut world, anna, ben) = swiss();
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    let bens = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(bens));
    let snapshot = world.call(anna, call);
    assert_eq!(snapshot.state, CallState::Active);
    assert_eq!(snapshot.peer.address.reveal(), "sip:ben@example.org");
    assert_eq!(snapshot.peer.display_name.unwrap().reveal(), "+41446681800", "what was dialled is shown with who was found");
    assert_eq!(lookups(&world), ["0.0.8.1.8.6.6.4.4.1.4.e164.example.org"]);
}

#[test]
fn a_number_without_a_way_is_left_to_the_ordinary_dialler_within_two_seconds() {
    let (mut world, anna, _) = swiss();
    let call = world.dial(anna, "+41 44 668 18 00");
    assert_eq!(refused(&world, anna, call), Some(DialRefusal::OrdinaryDialler));
    assert_eq!(DialRefusal::OrdinaryDialler.end_reason(), EndReason::OrdinaryDialler);

    numbering(&mut world, anna, |numbering| numbering.arpa = true);
    world.silence(RecordType::Naptr);
    let call = world.dial(anna, "+41 44 668 18 00");
    world.pass(Duration::from_millis(1_990));
    assert_eq!((refused(&world, anna, call), lookups(&world).len()), (None, 3), "both suffixes are asked, and may still answer");
    world.pass(Duration::from_millis(20));
    assert_eq!(refused(&world, anna, call), Some(DialRefusal::OrdinaryDialler));
}

#[test]
fn an_account_that_takes_numbers_gets_those_that_are_not_found() {
    let mut world = World::new();
    let anna = world.add_phone();
    let mut trunk = account("anna");
    trunk.numbers = true;
    world.add_account(anna, trunk);
    numbering(&mut world, anna, |_| {});
    let call = world.dial(anna, "044 668 18 00");
    assert_eq!(world.call(anna, call).peer.address.reveal(), "sip:+41446681800@example.org;user=phone");
    assert_eq!(lookups(&world), Vec::<&str>::new(), "nobody else learns it");
    numbering(&mut world, anna, |numbering| numbering.suffixes = vec!["numbers.example".parse().unwrap()]);
    let call = world.dial(anna, "044 668 18 00");
    assert_eq!(world.call(anna, call).peer.address.reveal(), "sip:+41446681800@example.org;user=phone");
    assert_eq!(lookups(&world).len(), 1);
}

#[test]
fn emergency_and_short_numbers_are_never_looked_up_nor_called_over_an_account() {
    let mut world = World::new();
    let anna = world.add_phone();
    let mut trunk = account("anna");
    trunk.numbers = true;
    world.add_account(anna, trunk);
    numbering(&mut world, anna, |numbering| numbering.arpa = true);
    world.asked.clear();
    let seen = world.server.seen.len();
    for number in [
        "112",
        "1 1 7",
        "tel:144",
        "tel:112;phone-context=+41",
        "sip:112@example.org",
        "144@Example.org",
        "sips:112@example.org:5061;user=phone",
    ] {
        let call = world.dial(anna, number);
        assert_eq!(refused(&world, anna, call), Some(DialRefusal::Emergency), "{number}: at once");
        let call = CallId(call.0 + 1_000);
        world.command(anna, Command::Dial { call, account: Some(ACCOUNT), target: number.into(), anonymous: false });
        assert_eq!(refused(&world, anna, call), Some(DialRefusal::Emergency), "{number}: whatever account was named");
    }
    assert_eq!((world.asked.len(), world.server.seen.len()), (0, seen), "nobody heard of it");
    let (mut world, anna, _) = swiss();
    let call = world.dial(anna, "1811");
    assert_eq!((refused(&world, anna, call), lookups(&world).len()), (Some(DialRefusal::OrdinaryDialler), 0));
}

#[test]
fn who_is_found_at_several_addresses_is_called_at_one_after_the_other() {
    let (mut world, anna, ben) = swiss();
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:gone@example.org!");
    world.naptr(NUMBER, "e164.example.org", 20, "E2U+xmpp", "!^.*$!xmpp:ben@example.org!");
    world.naptr(NUMBER, "e164.example.org", 30, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    assert!(world.incoming(ben).is_some(), "the first is not there, the second not yet possible");
    let snapshot = world.call(anna, call);
    let past: Vec<_> = snapshot.past_legs.iter().map(|leg| (leg.address.reveal().as_str(), leg.reason.clone())).collect();
    assert_eq!(past, [("sip:gone@example.org", EndReason::NotFound)]);
    assert_eq!(snapshot.redirected.last().unwrap().reveal(), "sip:ben@example.org");
}

#[test]
fn where_the_address_that_was_found_refuses_the_exchange_is_asked_for_the_number_itself() {
    let mut world = World::new();
    let anna = world.add_phone();
    let mut trunk = account("anna");
    trunk.numbers = true;
    world.add_account(anna, trunk);
    numbering(&mut world, anna, |numbering| numbering.suffixes = vec!["numbers.example".parse().unwrap()]);
    world.naptr(NUMBER, "numbers.example", 10, "E2U+sip", "!^.*$!sip:gone@far.example!");
    let call = world.dial(anna, "044 668 18 00");
    let tried: Vec<_> = world.call(anna, call).redirected.iter().map(|place| place.reveal().clone()).collect();
    assert_eq!(tried, ["sip:+41446681800@example.org;user=phone"]);
}

#[test]
fn who_is_busy_at_one_address_is_not_called_at_another() {
    let (mut world, anna, ben) = swiss();
    world.server.scripted.insert("carl".into(), vec![(486, vec![])]);
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:carl@example.org!");
    world.naptr(NUMBER, "e164.example.org", 30, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    assert_eq!((world.end(anna, call), world.incoming(ben)), (Some(EndReason::Busy(Side::Peer)), None));
}

#[test]
fn a_search_can_be_given_up_and_ends_with_the_phone() {
    let (mut world, anna, _) = swiss();
    world.silence(RecordType::Naptr);
    let call = world.dial(anna, "044 668 18 00");
    world.command(anna, Command::HangUp(call));
    assert_eq!(refused(&world, anna, call), Some(DialRefusal::GivenUp));
    let call = world.dial(anna, "044 668 18 00");
    world.command(anna, Command::Shutdown);
    assert_eq!(refused(&world, anna, call), Some(DialRefusal::ShuttingDown));
    world.pass_seconds(5);
    assert!(world.shut_down[anna]);
}

#[test]
fn an_xmpp_address_is_not_called_yet_and_a_mail_address_by_sip() {
    let (mut world, anna, ben) = swiss();
    let call = world.dial(anna, "xmpp:ben@example.org");
    assert_eq!(refused(&world, anna, call), Some(DialRefusal::NotYet));
    world.dial(anna, "Ben <mailto:ben@example.org?subject=x>");
    assert!(world.incoming(ben).is_some());
}
