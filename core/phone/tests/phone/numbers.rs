//! Numbers: looked up, called, or left to the ordinary dialler.

use std::time::Duration;

use crate::world::{ACCOUNT, Listener, World, account};
use cooee_call::{CallId, CallState, EndReason, LegOutcome, RedirectTrouble, Side};
use cooee_machine::{DnsSecurity, Pii, RecordType};
use cooee_phone::probe::{Answered, Finding, Protocol, Published, Reach, Source};
use cooee_phone::{AccountConfig, AccountId, Choice, Command, DialRefusal, Numbering, PhoneEvent};

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
        PhoneEvent::DialRefused { call: refused, reason, .. } if *refused == call => Some(reason.clone()),
        _ => None,
    };
    world.events[phone].iter().find_map(of)
}

/// The addresses that a call went to.
fn tried(world: &World, phone: usize, call: CallId) -> Vec<String> {
    world.call(phone, call).legs.into_iter().map(|leg| leg.address.0).collect()
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
        "urn:service:sos",
    ] {
        let call = world.dial(anna, number);
        assert_eq!(refused(&world, anna, call), Some(DialRefusal::Emergency), "{number}: at once");
        let call = CallId(call.0 + 1_000);
        world.command(anna, Command::Dial { call, account: Some(ACCOUNT), target: number.into(), anonymous: false, subject: None });
        assert_eq!(refused(&world, anna, call), Some(DialRefusal::Emergency), "{number}: whatever account was named");
    }
    assert_eq!((world.asked.len(), world.server.seen.len()), (0, seen), "nobody heard of it");
    let (mut world, anna, _) = swiss();
    let call = world.dial(anna, "1811");
    assert_eq!((refused(&world, anna, call), lookups(&world).len()), (Some(DialRefusal::OrdinaryDialler), 0));
}

#[test]
fn nobody_is_sent_on_to_an_emergency_number_by_a_redirection_or_a_record() {
    for place in [
        "sip:112@example.org",
        "sips:144@EXAMPLE.org:5061;user=phone",
        "sip:112;phone-context=+41@example.org",
        "tel:112",
        "urn:service:sos",
        "urn:service:SOS.police",
    ] {
        let (mut world, anna, ben) = swiss();
        world.server.scripted.insert("ben".into(), vec![(302, vec![place])]);
        let call = world.dial(anna, "ben@example.org");
        assert_eq!(world.call(anna, call).state, CallState::Ended(EndReason::Redirected(RedirectTrouble::Emergency)), "{place}");
        assert_eq!(tried(&world, anna, call).len(), 1);
        world.server.scripted.insert("carl".into(), vec![(302, vec![place, "sip:ben@example.org"])]);
        world.dial(anna, "carl@example.org");
        assert!(world.incoming(ben).is_some(), "another place is called: {place}");
    }
    for record in ["!^.*$!sip:112@example.org!", "!^.*$!sip:144@example.org;user=phone!", "!^.*$!tel:112!", "!^.*$!sip:112@198.51.100.1!"] {
        let (mut world, anna, _) = swiss();
        world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", record);
        let call = world.dial(anna, "044 668 18 00");
        assert_eq!(refused(&world, anna, call), Some(DialRefusal::OrdinaryDialler), "{record}");
        assert!(!world.server.seen.iter().any(|seen| seen.starts_with("INVITE")), "{record}");
    }
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
    let legs: Vec<_> = snapshot.legs.iter().map(|leg| (leg.address.reveal().as_str(), leg.outcome.clone())).collect();
    assert_eq!(legs, [("sip:gone@example.org", LegOutcome::Failed(EndReason::NotFound)), ("sip:ben@example.org", LegOutcome::Open)]);
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
    assert_eq!(tried(&world, anna, call), ["sip:gone@far.example", "sip:+41446681800@example.org;user=phone"]);
}

/// What is remembered of an address.
fn remember(world: &mut World, address: &str, answered: bool, published: Option<Published>) {
    let now = world.now.unix;
    let domain = published.map(|published| {
        let (security, source, ttl) = (DnsSecurity::Insecure, Source::Dns, Duration::from_secs(60));
        Finding { published, security, source, checked: now.saturating_sub(Duration::from_secs(30 * 86_400)), ttl }
    });
    let answered = answered.then_some(Answered { when: now / 2, protocol: Protocol::Sip });
    world.reach.insert(address.to_owned(), Reach { answered, domain, inquiry: None });
}

#[test]
fn who_answered_last_at_one_of_several_addresses_is_called_there_first() {
    for is_known in [false, true] {
        let (mut world, anna, _) = swiss();
        world.registered("carl");
        world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
        world.naptr(NUMBER, "e164.example.org", 20, "E2U+sip", "!^.*$!sip:carl@example.org!");
        if is_known {
            remember(&mut world, "sip:carl@example.org", true, None);
        }
        let call = world.dial(anna, "044 668 18 00");
        assert_eq!(tried(&world, anna, call), [if is_known { "sip:carl@example.org" } else { "sip:ben@example.org" }]);
    }
}

#[test]
fn what_was_found_out_long_ago_moves_a_way_and_refuses_no_call() {
    let (mut world, anna, ben) = swiss();
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    remember(&mut world, "sip:ben@example.org", false, Some(Published::Refuses));
    world.dial(anna, "044 668 18 00");
    assert!(world.incoming(ben).is_some(), "the only way is taken whatever is remembered of it");
    world.naptr(NUMBER, "e164.example.org", 20, "E2U+sip", "!^.*$!sip:gone@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    assert_eq!(tried(&world, anna, call), ["sip:gone@example.org", "sip:ben@example.org"]);
}

#[test]
fn an_owner_that_does_not_say_what_it_remembers_holds_no_call_up() {
    let (mut world, anna, ben) = swiss();
    world.forgetful = true;
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    world.dial(anna, "044 668 18 00");
    assert!(world.incoming(ben).is_some(), "where there is one way, nothing is asked");
    world.naptr(NUMBER, "e164.example.org", 20, "E2U+sip", "!^.*$!sip:gone@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    world.pass(Duration::from_millis(90));
    assert!(world.phones[anna].calls().all(|running| running.id() != call), "it may still say so");
    world.pass(Duration::from_millis(20));
    assert_eq!(tried(&world, anna, call), ["sip:ben@example.org"]);
}

#[test]
fn all_that_is_asked_before_a_call_takes_two_seconds_at_most() {
    let mut world = World::new();
    let anna = world.add_phone();
    world.add_account(anna, account("anna"));
    world.command(anna, Command::AddAccount { account: TRUNK, config: Box::new(trunk("work")) });
    numbering(&mut world, anna, |numbering| numbering.suffixes = vec!["numbers.example".parse().unwrap()]);
    world.forgetful = true;
    world.silence(RecordType::Naptr);
    let call = world.dial(anna, "044 668 18 00");
    world.pass(Duration::from_millis(1_990));
    assert!(world.phones[anna].calls().next().is_none());
    world.pass(Duration::from_millis(20));
    assert_eq!(tried(&world, anna, call), ["sip:+41446681800@example.org;user=phone"]);
}

const TRUNK: AccountId = AccountId(2);

/// An account that takes numbers.
fn trunk(user: &str) -> AccountConfig {
    AccountConfig { numbers: true, ..account(user) }
}

#[test]
fn the_account_that_was_chosen_for_a_person_calls_and_one_that_is_named_before_it() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.command(anna, Command::AddAccount { account: TRUNK, config: Box::new(trunk("work")) });
    let over = |world: &World, call| world.call(anna, call).legs[0].account;
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(over(&world, call), ACCOUNT);
    world.choices.insert("mailto:ben@example.org".into(), Choice { account: Some(TRUNK), address: None });
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(over(&world, call), TRUNK);
    let call = CallId(call.0 + 1_000);
    world.command(anna, Command::Dial { call, account: Some(ACCOUNT), target: "ben@example.org".into(), anonymous: false, subject: None });
    assert_eq!(over(&world, call), ACCOUNT);
    world.choices.insert("mailto:ben@example.org".into(), Choice { account: Some(AccountId(77)), address: None });
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(over(&world, call), ACCOUNT, "an account that is gone is no choice");
    assert!(world.incoming(ben).is_some());
}

#[test]
fn the_address_that_was_chosen_for_a_number_is_called_first_be_it_the_exchange() {
    let mut world = World::new();
    let anna = world.add_phone();
    world.add_account(anna, trunk("anna"));
    numbering(&mut world, anna, |numbering| numbering.suffixes = vec!["numbers.example".parse().unwrap()]);
    world.naptr(NUMBER, "numbers.example", 10, "E2U+sip", "!^.*$!sip:one@far.example!");
    world.naptr(NUMBER, "numbers.example", 20, "E2U+sip", "!^.*$!sip:two@far.example!");
    for (chosen, first) in [
        ("sip:two@far.example", "sip:two@far.example"),
        ("tel:+41446681800", "sip:+41446681800@example.org;user=phone"),
        ("sip:three@far.example", "sip:one@far.example"),
    ] {
        world.choices.insert("tel:+41446681800".into(), Choice { account: None, address: Some(Pii(chosen.into())) });
        let call = world.dial(anna, "044 668 18 00");
        assert_eq!(tried(&world, anna, call)[0], first, "{chosen}");
    }
}

#[test]
fn a_way_that_does_not_ring_is_given_up_for_the_next_and_gets_its_time_when_all_others_fail() {
    let (mut world, anna, ben) = swiss();
    world.server.scripted.insert("slow".into(), vec![(100, vec![]), (100, vec![])]);
    world.server.scripted.insert("carl".into(), vec![(404, vec![])]);
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:slow@example.org!");
    world.naptr(NUMBER, "e164.example.org", 20, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    world.pass(Duration::from_millis(3_900));
    assert_eq!((tried(&world, anna, call).len(), world.incoming(ben)), (1, None));
    world.pass(Duration::from_millis(200));
    assert!(world.incoming(ben).is_some());
    let legs = world.call(anna, call).legs;
    assert_eq!(legs[0].outcome, LegOutcome::Failed(EndReason::NoSign));
    let (mut world, anna, _) = swiss();
    world.server.scripted.insert("slow".into(), vec![(100, vec![]), (100, vec![])]);
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:slow@example.org!");
    world.naptr(NUMBER, "e164.example.org", 20, "E2U+sip", "!^.*$!sip:gone@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    world.pass_seconds(20);
    let slow = "sip:slow@example.org";
    assert_eq!(tried(&world, anna, call), [slow, "sip:gone@example.org", slow], "and then it is waited for");
}

#[test]
fn where_one_account_cannot_reach_its_server_another_that_takes_numbers_calls() {
    let mut world = World::new();
    let anna = world.add_phone();
    world.add_account(anna, trunk("anna"));
    let mut away = trunk("work");
    away.proxy = Some("192.0.2.99".into());
    world.listeners.insert("192.0.2.99:5061".parse().unwrap(), Listener::Silent);
    world.command(anna, Command::AddAccount { account: TRUNK, config: Box::new(away) });
    world.choices.insert("tel:+41446681800".into(), Choice { account: Some(TRUNK), address: None });
    numbering(&mut world, anna, |_| {});
    let call = world.dial(anna, "044 668 18 00");
    world.pass_seconds(5);
    let legs: Vec<_> = world.call(anna, call).legs.iter().map(|leg| leg.account).collect();
    assert_eq!(legs, [TRUNK, ACCOUNT], "the chosen one first, then one that is ready");
}

#[test]
fn a_number_that_was_looked_up_in_vain_or_given_up_is_told_for_the_log() {
    let (mut world, anna, _) = swiss();
    world.dial(anna, "+41 44 668 18 00");
    let looked_up = |world: &World| {
        let of = |event: &PhoneEvent| match event {
            PhoneEvent::DialRefused { reason, looked_up, .. } => Some((reason.clone(), looked_up.clone())),
            _ => None,
        };
        world.events[anna].iter().rev().find_map(of).unwrap()
    };
    let (reason, told) = looked_up(&world);
    assert_eq!((reason, told.unwrap().address.0.as_str()), (DialRefusal::OrdinaryDialler, "tel:+41446681800"));
    world.silence(RecordType::Naptr);
    let call = world.dial(anna, "044 668 18 01");
    world.pass(Duration::from_millis(500));
    world.command(anna, Command::HangUp(call));
    let (reason, told) = looked_up(&world);
    let told = told.unwrap();
    assert_eq!((reason, told.account, told.took), (DialRefusal::GivenUp, Some(ACCOUNT), Duration::from_millis(500)));
    world.dial(anna, "1811");
    assert_eq!(looked_up(&world), (DialRefusal::OrdinaryDialler, None), "nobody was asked");
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
fn all_addresses_of_one_call_bear_one_session_id_and_the_next_call_another() {
    let (mut world, anna, ben) = swiss();
    world.server.scripted.insert("carl".into(), vec![(404, vec![]), (404, vec![])]);
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:carl@example.org!");
    world.naptr(NUMBER, "e164.example.org", 30, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let session = |world: &World, user: &str| {
        let begin = format!("INVITE sip:{user}@example.org ");
        let invite = world.server.messages.iter().rev().find(|message| message.starts_with(&begin)).unwrap();
        let line = invite.lines().find_map(|line| line.strip_prefix("Session-ID: ")).unwrap();
        line.split(';').next().unwrap().to_owned()
    };
    let call = world.dial(anna, "044 668 18 00");
    assert!(world.incoming(ben).is_some());
    let first = session(&world, "ben");
    assert_eq!((session(&world, "carl"), first.len()), (first.clone(), 32));
    world.command(anna, Command::HangUp(call));
    world.dial(anna, "044 668 18 00");
    assert_ne!(session(&world, "ben"), first);
}

#[test]
fn what_is_forged_of_a_number_is_not_used_and_the_call_says_so() {
    let (mut world, anna, _) = swiss();
    world.naptr(NUMBER, "e164.example.org", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    world.forge("e164.example.org");
    let call = world.dial(anna, "044 668 18 00");
    let reason = refused(&world, anna, call).unwrap();
    assert_eq!(reason, DialRefusal::WrongSignatures("e164.example.org".to_owned()));
    assert_eq!(reason.end_reason(), EndReason::WrongSignatures { domain: "e164.example.org".to_owned() });
    // Where there is another way, it is taken, and the person hears of the one that was not.
    numbering(&mut world, anna, |numbering| numbering.suffixes = vec!["numbers.example".parse().unwrap()]);
    world.naptr(NUMBER, "numbers.example", 10, "E2U+sip", "!^.*$!sip:ben@example.org!");
    let call = world.dial(anna, "044 668 18 00");
    assert_eq!(tried(&world, anna, call), ["sip:ben@example.org"]);
    let told = PhoneEvent::RouteUnused { call, domain: "e164.example.org".to_owned() };
    assert!(world.events[anna].contains(&told), "{:?}", world.events[anna]);
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
