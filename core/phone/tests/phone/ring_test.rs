//! A phone calls itself to see whether it rings.

use std::time::Duration;

use crate::world::{self, ACCOUNT, World};
use cooee_call::{CallState, EndReason, Fact};
use cooee_phone::{Command, PhoneEvent, RingProof, RingTestResult};
use cooee_sip::feature::RING_LATER;

fn result(world: &World, phone: usize) -> Option<RingTestResult> {
    let tested = |event: &PhoneEvent| if let PhoneEvent::RingTested(result) = event { Some((**result).clone()) } else { None };
    world.events[phone].iter().rev().find_map(tested)
}

fn begin(world: &mut World, phone: usize, after: u64) {
    world.command(phone, Command::TestRinging { account: ACCOUNT, after: Duration::from_secs(after) });
}

fn facts(result: &RingTestResult) -> Vec<&'static str> {
    result.story.steps().iter().map(|step| step.fact.id()).collect()
}

fn invites(world: &World) -> Vec<&String> {
    world.server.messages.iter().filter(|message| message.starts_with("INVITE ")).collect()
}

#[test]
fn the_call_comes_back_rings_aloud_for_three_seconds_and_ends_by_itself_unlogged_as_missed() {
    let mut world = World::new();
    let anna = world.registered("anna");
    begin(&mut world, anna, 0);
    let call = world.incoming(anna).expect("it comes back");
    let shown = world.call(anna, call);
    assert!(shown.is_test && shown.request.is_none() && shown.state == CallState::Ringing);
    assert!(result(&world, anna).is_none());
    world.pass_seconds(4);
    let result = result(&world, anna).expect("it is over");
    assert_eq!((result.proof(), result.call, result.took), (RingProof::Path, Some(call), Some(Duration::ZERO)));
    let story = facts(&result);
    for fact in ["server-ready", "dialled", "invited", "returned", "rang-here", "rang-there"] {
        assert!(story.contains(&fact), "{fact} in {story:?}");
    }
    assert!(world.end(anna, call).is_some() && world.log(anna).iter().all(|entry| !entry.missed));
    assert!(!invites(&world)[0].contains("Cooee-Ring-Later"), "its server cannot wait");
}

#[test]
fn a_server_that_can_wait_is_asked_to_and_the_time_is_counted_from_when_it_was_to_ring() {
    let mut world = World::new();
    world.server.features = &[RING_LATER];
    let anna = world.registered("anna");
    begin(&mut world, anna, 30);
    assert!(invites(&world)[0].contains("\r\nCooee-Ring-Later: 30\r\n"), "{}", invites(&world)[0]);
    world.pass_seconds(10);
    let result = result(&world, anna).unwrap();
    assert_eq!((result.proof(), result.waited, result.took), (RingProof::Later, Duration::from_secs(30), Some(Duration::ZERO)));
}

#[test]
fn what_keeps_a_call_from_ringing_keeps_the_test_from_it() {
    let mut world = World::new();
    let anna = world.registered("anna");
    world.command(anna, Command::SetDoNotDisturb(true));
    begin(&mut world, anna, 0);
    world.pass_seconds(30);
    let quiet = result(&world, anna).unwrap();
    assert_eq!((quiet.proof(), quiet.took), (RingProof::Nothing, None));
    assert!(quiet.story.steps().iter().any(|step| step.fact == Fact::Ended(EndReason::DoNotDisturb)), "{:?}", facts(&quiet));
    // Nobody is registered under the name any more, as far as the server knows.
    let mut world = World::new();
    let anna = world.registered("anna");
    world.server.scripted.insert("anna".into(), vec![(480, vec![])]);
    begin(&mut world, anna, 0);
    let lost = result(&world, anna).unwrap();
    assert_eq!((lost.proof(), facts(&lost).last()), (RingProof::Nothing, Some(&"ended")));
}

#[test]
fn a_call_that_never_comes_back_is_not_waited_for_for_ever() {
    let mut world = World::new();
    let anna = world.registered("anna");
    world.server.login = world::Login::Silent;
    begin(&mut world, anna, 0);
    world.pass_seconds(120);
    let result = result(&world, anna).unwrap();
    assert_eq!(result.proof(), RingProof::Nothing);
    assert!(result.story.steps().iter().any(|step| step.fact == Fact::Ended(EndReason::NoSign)), "{:?}", facts(&result));
}

#[test]
fn without_an_account_that_is_in_there_is_nothing_to_test() {
    let mut world = World::new();
    let anna = world.add_phone();
    begin(&mut world, anna, 0);
    assert_eq!(result(&world, anna).unwrap().proof(), RingProof::Nothing);
    assert_eq!(invites(&world).len(), 0);
}

#[test]
fn a_test_ends_with_the_phone() {
    let mut world = World::new();
    let anna = world.registered("anna");
    begin(&mut world, anna, 0);
    world.command(anna, Command::Shutdown);
    world.pass_seconds(10);
    assert!(result(&world, anna).is_some() && world.shut_down[anna]);
}
