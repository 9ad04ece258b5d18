//! Four people do whatever they can, in any order: every call that begins ends, once, and one is spoken to at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::World;
use cooee_call::{CallAction, CallId, CallSnapshot, CallState};
use cooee_machine::Entropy;
use cooee_phone::{Command, PhoneEvent};

const USERS: [&str; 4] = ["anna", "ben", "carl", "dora"];

/// The calls of a phone as they are.
fn calls(world: &World, phone: usize) -> BTreeMap<CallId, CallSnapshot> {
    let snapshot =
        |event: &PhoneEvent| if let PhoneEvent::CallChanged { call, .. } = event { Some((call.id, (**call).clone())) } else { None };
    world.events[phone].iter().filter_map(snapshot).collect()
}

fn alive(world: &World, phone: usize) -> Vec<CallSnapshot> {
    calls(world, phone).into_values().filter(|call| !matches!(call.state, CallState::Ended(_))).collect()
}

/// Something that this phone's owner may do now.
fn act(world: &mut World, phone: usize, dice: &mut Entropy) {
    let alive = alive(world, phone);
    let someone = USERS[dice.below(4) as usize];
    let pick = |dice: &mut Entropy| alive[dice.below(alive.len() as u64) as usize].clone();
    if alive.is_empty() || (alive.len() < 4 && dice.below(4) == 0) {
        world.dial(phone, someone);
        return;
    }
    let call = pick(dice);
    let Some(action) = call.allowed.get(dice.below(call.allowed.len().max(1) as u64) as usize) else { return };
    let id = call.id;
    let command = match action {
        CallAction::Answer if dice.below(4) == 0 => Command::AnswerEnding(id),
        CallAction::Answer => Command::Answer(id),
        CallAction::Decline if dice.below(2) == 0 => Command::DeclineBusy(id),
        CallAction::Decline => Command::Decline(id),
        CallAction::HangUp if dice.below(3) > 0 => return,
        CallAction::HangUp => Command::HangUp(id),
        CallAction::Hold => Command::Hold(id),
        CallAction::Resume => Command::Resume(id),
        CallAction::Transfer if dice.below(2) == 0 => Command::TransferTo { call: id, other: pick(dice).id },
        CallAction::Transfer => Command::Transfer { call: id, target: someone.to_owned() },
        CallAction::FollowTransfer => Command::FollowTransfer(id),
        CallAction::RefuseTransfer => Command::RefuseTransfer(id),
        CallAction::Digit => Command::Digit { call: id, digit: '5' },
        action => Command::Mute { call: id, muted: *action == CallAction::Mute },
    };
    world.command(phone, command);
}

fn check(world: &World, phone: usize, what: &str) {
    let up = |call: &CallSnapshot| matches!(call.state, CallState::Active | CallState::Held(_)) && !call.held.by_us;
    let spoken_to = alive(world, phone).iter().filter(|call| up(call)).count();
    assert!(spoken_to <= 1, "{what}: {} speaks to {spoken_to} at once", USERS[phone]);
    let ended = |id: CallId| world.log(phone).iter().filter(|entry| entry.call.id == id).count();
    for call in calls(world, phone).into_values() {
        let expected = usize::from(matches!(call.state, CallState::Ended(_)));
        assert_eq!(ended(call.id), expected, "{what}: {:?} of {}", call.id, USERS[phone]);
    }
}

#[test]
fn whatever_four_people_do_every_call_ends_once_and_one_is_spoken_to_at_a_time() {
    let mut ends = BTreeSet::new();
    for seed in 0..150 {
        let mut dice = Entropy::for_test(seed);
        let mut world = World::new();
        let phones = USERS.map(|user| world.registered(user));
        for step in 0..60 {
            let phone = phones[dice.below(4) as usize];
            act(&mut world, phone, &mut dice);
            if dice.below(4) == 0 {
                world.pass_seconds(dice.below(5));
            }
            for phone in phones {
                check(&world, phone, &format!("seed {seed}, step {step}"));
            }
        }
        for phone in phones {
            for call in alive(&world, phone) {
                world.command(phone, Command::HangUp(call.id));
            }
        }
        world.pass_seconds(60);
        for phone in phones {
            check(&world, phone, &format!("seed {seed}, at the end"));
            ends.extend(world.log(phone).iter().map(|entry| entry.reason.id()));
            assert!(
                alive(&world, phone).is_empty() && world.phones[phone].calls().next().is_none(),
                "seed {seed}: {:?}",
                alive(&world, phone)
            );
        }
    }
    let met = ["transferred", "replaced", "hung-up.us", "hung-up.peer", "busy.us", "declined.us", "cancelled.peer"];
    assert!(met.iter().all(|end| ends.contains(end)), "much of it was met: {ends:?}");
}
