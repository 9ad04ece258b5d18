//! When a device may sleep, and what a wake-up does.

use std::time::Duration;

use crate::world::{Listener, SERVER, World, account, address};
use cooee_call::CallState;
use cooee_machine::{Pii, Wake};
use cooee_phone::{AccountId, Command, PhoneEvent, Rest, WakeId, WakeReason, Woken};

fn alarm(world: &World, phone: usize) -> Wake {
    match world.rest[phone] {
        Rest::Asleep(Some(alarm)) => alarm,
        rest => panic!("{rest:?}"),
    }
}

fn wake(world: &mut World, phone: usize, reason: WakeReason) {
    world.command(phone, Command::Wake { wake: WakeId(1), reason });
}

/// The device sleeps until its alarm, as late as that may be; no timer runs.
fn sleep(world: &mut World, phone: usize) {
    let alarm = alarm(world, phone);
    world.now = world.now.after((alarm.at + alarm.slack).saturating_duration_since(world.now.instant));
    wake(world, phone, WakeReason::Alarm);
}

fn woken(world: &World, phone: usize) -> Vec<Woken> {
    let outcome = |event: &PhoneEvent| if let PhoneEvent::Woken { outcome, .. } = event { Some(*outcome) } else { None };
    world.events[phone].iter().filter_map(outcome).collect()
}

#[test]
fn the_keep_alives_of_several_accounts_share_one_alarm_from_the_first_on() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.pass_seconds(50);
    world.command(phone, Command::AddAccount { account: AccountId(2), config: Box::new(account("carl")) });
    let (start, mut alarms) = (world.now.instant, 0);
    while world.now.instant < start + Duration::from_secs(3600) {
        sleep(&mut world, phone);
        alarms += 1;
        assert_eq!(woken(&world, phone).len(), alarms, "each wake-up is settled at once where the server answers");
    }
    assert!((30..=33).contains(&alarms), "{alarms} alarms an hour for keep-alives of two minutes");
}

#[test]
fn a_device_is_kept_awake_by_a_call_and_by_nothing_that_only_waits() {
    let mut world = World::new();
    let [phone, ben] = ["anna", "ben"].map(|user| world.registered(user));
    let _ = alarm(&world, phone);
    let call = world.dial(phone, "ben");
    assert_eq!((world.rest[phone], world.rest[ben]), (Rest::Awake, Rest::Awake), "it rings");
    world.command(phone, Command::HangUp(call));
    world.pass_seconds(40);
    let _ = alarm(&world, phone);
    // Each attempt to reach a server that is gone waits longer; in the end the device may sleep meanwhile.
    world.listeners.insert(address(SERVER), Listener::Fail(cooee_machine::CloseReason::Refused));
    world.cut();
    assert_eq!(world.rest[phone], Rest::Awake, "in a second it is tried again");
    world.pass_seconds(120);
    let before = world.opened[phone].len();
    sleep(&mut world, phone);
    assert!(world.opened[phone].len() > before, "the alarm was for that");
    let before = world.opened[phone].len();
    wake(&mut world, phone, WakeReason::Alarm);
    assert_eq!(world.opened[phone].len(), before, "one that comes early hurries nobody");
    wake(&mut world, phone, WakeReason::Network);
    assert!(world.opened[phone].len() > before, "another network is another chance");
}

#[test]
fn a_push_that_names_no_call_keeps_the_device_awake_for_a_while_and_one_that_does_rings() {
    let mut world = World::new();
    let phone = world.registered("anna");
    wake(&mut world, phone, WakeReason::Push(Pii(b"anything".to_vec())));
    assert_eq!((world.rest[phone], woken(&world, phone).len()), (Rest::Awake, 0));
    world.pass_seconds(6);
    assert_eq!(woken(&world, phone), [Woken::Done]);
    let _ = alarm(&world, phone);
    let payload = b"From: <sip:ben@example.org>\r\nTo: <sip:anna@example.org>\r\nCall-ID: 1\r\n".to_vec();
    for _ in 0..2 {
        wake(&mut world, phone, WakeReason::Push(Pii(payload.clone())));
    }
    assert_eq!(woken(&world, phone), [Woken::Done, Woken::Ringing, Woken::Ringing]);
    assert_eq!(world.phones[phone].calls().map(|call| call.state().clone()).collect::<Vec<_>>(), [CallState::Announced], "one call");
    world.pass_seconds(21);
    assert_eq!(world.phones[phone].calls().count(), 0);
    world.command(phone, Command::SetDoNotDisturb(true));
    wake(&mut world, phone, WakeReason::Push(Pii(b"From: <sip:ben@example.org>\nTo: <sip:anna@example.org>\nCall-ID: 2".to_vec())));
    assert_eq!(world.phones[phone].calls().count(), 0, "who must not ring does not ring by a push");
}
