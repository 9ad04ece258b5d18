//! Calls that are held, and several at once.

use cooee_call::{CallId, CallState, EndReason, Held, Side};
use cooee_machine::Transport;
use cooee_phone::{Command, SystemCall};
use cooee_sim::{HostId, Loss, Quality};

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, millis, seconds, seeds};

const NOBODY: Held = Held { by_us: false, by_peer: false };

/// Who holds the last call of each.
fn held(stage: &Stage, hosts: [HostId; 2]) -> [Held; 2] {
    hosts.map(|host| stage.phone(host).snapshot().unwrap().held)
}

fn reach_held(stage: &mut Stage, hosts: [HostId; 2], expected: [(bool, bool); 2]) {
    let expected = expected.map(|(by_us, by_peer)| Held { by_us, by_peer });
    stage.reach(&format!("{expected:?}"), seconds(10), |stage| held(stage, hosts) == expected);
}

/// Frames that each has heard in its last call.
fn heard(stage: &Stage, hosts: [HostId; 2]) -> [u64; 2] {
    hosts.map(|host| stage.phone(host).last_heard().decoded)
}

#[test]
fn a_held_call_is_silent_both_ways_for_half_an_hour_and_comes_back() {
    for (seed, transport) in (1..).zip([Transport::Tls, Transport::Udp]) {
        let mut stage = Stage::new(seed);
        stage.transport = transport;
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
        stage.register_all();
        let call = stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        stage.command(anna, Command::Hold(call));
        reach_held(&mut stage, [anna, ben], [(true, false), (false, true)]);
        stage.world.run_for(millis(500));
        let before = heard(&stage, [anna, ben]);
        stage.world.run_for(seconds(1800));
        assert_eq!(heard(&stage, [anna, ben]), before, "{transport:?}");
        stage.command(anna, Command::Resume(call));
        reach_held(&mut stage, [anna, ben], [(false, false), (false, false)]);
        stage.world.run_for(millis(500));
        stage.assert_sound(&[anna, ben], seconds(5), 0.95);
        stage.hang_up(ben);
        stage.reach_end(&[anna, ben], seconds(3));
    }
}

#[test]
fn two_who_hold_and_take_back_at_the_same_moment_come_to_one_view() {
    for seed in seeds(12) {
        let (mut stage, anna, ben) = Stage::with_anna_and_ben(seed);
        let annas = stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(4));
        let bens = stage.phone(ben).snapshot().unwrap().id;
        // From together to 55 ms apart: a message takes 30.
        let apart = millis(seed % 12 * 5);
        stage.command(anna, Command::Hold(annas));
        stage.world.run_for(apart);
        stage.command(ben, Command::Hold(bens));
        reach_held(&mut stage, [anna, ben], [(true, true), (true, true)]);
        stage.command(ben, Command::Resume(bens));
        stage.world.run_for(apart);
        stage.command(anna, Command::Resume(annas));
        reach_held(&mut stage, [anna, ben], [(false, false), (false, false)]);
        stage.world.run_for(seconds(1));
        stage.assert_sound(&[anna, ben], seconds(2), 0.95);
    }
}

#[test]
fn holding_survives_a_lossy_network() {
    for seed in seeds(6) {
        let mut stage = Stage::new(seed);
        stage.transport = Transport::Udp;
        stage.access = Quality::millis(10).with_loss(Loss::Random(0.1));
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
        stage.register_all_within(seconds(60));
        let call = stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(30));
        for _ in 0..3 {
            stage.command(anna, Command::Hold(call));
            reach_held(&mut stage, [anna, ben], [(true, false), (false, true)]);
            stage.command(anna, Command::Resume(call));
            reach_held(&mut stage, [anna, ben], [(false, false), (false, false)]);
        }
    }
}

#[test]
fn a_second_call_is_taken_while_the_first_is_held_and_both_are_spoken_to_in_turn() {
    let mut stage = Stage::new(5);
    let [anna, ben, carl] = [("anna", "198.51.100.1"), ("ben", "203.0.113.1"), ("carl", "203.0.113.3")]
        .map(|(user, address)| stage.add_phone(user, address, Manners::Ring));
    stage.register_all();
    let rings = |stage: &Stage| stage.phone(ben).state() == Some(CallState::Ringing);
    stage.dial(anna, "ben");
    stage.reach("it rings", seconds(2), rings);
    let first = stage.phone(ben).snapshot().unwrap().id;
    stage.command(ben, Command::Answer(first));
    stage.reach_active(&[anna, ben], seconds(4));
    stage.dial(carl, "ben");
    stage.reach("it rings again", seconds(2), rings);
    let second = stage.phone(ben).snapshot().unwrap().id;
    stage.assert_sound(&[anna], seconds(2), 0.95);
    stage.command(ben, Command::Answer(second));
    stage.reach_active(&[carl, ben], seconds(4));
    let is = |stage: &Stage, call: CallId| stage.phone(ben).snapshots()[&call].state.clone();
    assert_eq!(is(&stage, first), CallState::Held(Side::Us));
    stage.assert_sound(&[carl, ben], seconds(2), 0.95);
    let before = stage.phone(anna).last_heard().decoded;
    stage.command(ben, Command::Resume(first));
    stage.reach("anna is spoken to again", seconds(2), |stage| stage.phone(anna).snapshot().unwrap().held == NOBODY);
    stage.world.run_for(seconds(2));
    assert!(stage.phone(anna).last_heard().decoded > before + 80);
    assert_eq!((is(&stage, first), is(&stage, second)), (CallState::Active, CallState::Held(Side::Us)));
    stage.hang_up(carl);
    stage.hang_up(anna);
    let ends = stage.reach_end(&[anna, carl, ben], seconds(3));
    assert_eq!(ends[..2], [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Us)]);
}

#[test]
fn a_call_dialled_at_the_first_moment_knows_its_public_address_all_the_same() {
    use cooee_sim::{Behaviour, NatConfig};
    let nat = || NatConfig::new(Behaviour::EndpointIndependent, Behaviour::AddressAndPortDependent);
    let mut stage = Stage::new(7);
    stage.world.dns.add_service("_stun._udp.example.org", 1, "sip.example.org", 3478);
    let (ben, _) = stage.add_phone_behind("ben", nat(), "203.0.113.1", ANSWER_AT_ONCE);
    stage.register_all();
    let (anna, _) = stage.add_phone_behind("anna", nat(), "198.51.100.1", Manners::Ring);
    let mut account = stage.account("anna", 9);
    account.media.stun_servers.clear();
    account.register = false;
    stage.boot_phone(anna, account, Manners::Ring);
    stage.reach("anna has an account", seconds(1), |stage| stage.phone(anna).account_state().is_some());
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(6));
}

/// Anna, who is spoken to by Ben, and the call as she sees it; a third person who may call.
fn spoken_to(seed: u64) -> (Stage, [HostId; 3], CallId) {
    let mut stage = Stage::new(seed);
    let people = [("anna", "198.51.100.1", Manners::Ring), ("ben", "203.0.113.1", ANSWER_AT_ONCE), ("carl", "203.0.113.3", Manners::Ring)];
    let hosts = people.map(|(user, address, manners)| stage.add_phone(user, address, manners));
    stage.register_all();
    let call = stage.dial(hosts[0], "ben");
    stage.reach_active(&hosts[..2], seconds(4));
    (stage, hosts, call)
}

#[test]
fn a_call_over_the_mobile_network_holds_ours_which_comes_back_after_it() {
    let (mut stage, [anna, ben, _], _) = spoken_to(21);
    stage.command(anna, Command::SetSystemCall(SystemCall::Busy));
    stage.assert_sound(&[anna, ben], seconds(2), 0.95);
    for _ in 0..2 {
        stage.command(anna, Command::SetSystemCall(SystemCall::Held));
        reach_held(&mut stage, [anna, ben], [(true, false), (false, true)]);
        stage.world.run_for(millis(500));
        let before = heard(&stage, [anna, ben]);
        stage.world.run_for(seconds(60));
        assert_eq!(heard(&stage, [anna, ben]), before);
        stage.command(anna, Command::SetSystemCall(SystemCall::None));
        reach_held(&mut stage, [anna, ben], [(false, false), (false, false)]);
        stage.world.run_for(millis(500));
        stage.assert_sound(&[anna, ben], seconds(2), 0.95);
    }
}

#[test]
fn what_the_person_chooses_during_a_call_over_the_mobile_network_stands_after_it() {
    for (seed, takes_it_back) in [(22, true), (23, false)] {
        let (mut stage, [anna, ben, _], call) = spoken_to(seed);
        stage.command(anna, Command::SetSystemCall(SystemCall::Held));
        reach_held(&mut stage, [anna, ben], [(true, false), (false, true)]);
        stage.command(anna, if takes_it_back { Command::Resume(call) } else { Command::Hold(call) });
        stage.world.run_for(seconds(2));
        stage.command(anna, Command::SetSystemCall(SystemCall::Held));
        stage.world.run_for(seconds(2));
        assert_eq!(held(&stage, [anna, ben])[0].by_us, !takes_it_back, "the system says it again");
        stage.command(anna, Command::SetSystemCall(SystemCall::None));
        stage.world.run_for(seconds(2));
        let expected = Held { by_us: !takes_it_back, by_peer: false };
        assert_eq!(held(&stage, [anna, ben])[0], expected);
    }
}

#[test]
fn a_call_that_is_answered_over_there_during_one_over_the_mobile_network_is_held_until_that_is_over() {
    let mut stage = Stage::new(24);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
    stage.register_all();
    stage.dial(anna, "ben");
    stage.reach("it rings", seconds(2), |stage| stage.phone(ben).state() == Some(CallState::Ringing));
    stage.command(anna, Command::SetSystemCall(SystemCall::Held));
    let bens = stage.phone(ben).snapshot().unwrap().id;
    stage.command(ben, Command::Answer(bens));
    reach_held(&mut stage, [anna, ben], [(true, false), (false, true)]);
    stage.command(anna, Command::SetSystemCall(SystemCall::None));
    reach_held(&mut stage, [anna, ben], [(false, false), (false, false)]);
    stage.world.run_for(seconds(1));
    stage.assert_sound(&[anna, ben], seconds(2), 0.95);
}

#[test]
fn a_call_over_the_mobile_network_takes_one_of_two_places() {
    let (mut stage, [anna, _, carl], _) = spoken_to(25);
    stage.command(anna, Command::SetSystemCall(SystemCall::Busy));
    stage.dial(carl, "anna");
    stage.reach_end(&[carl], seconds(4));
    assert_eq!(stage.phone(carl).end(), Some(EndReason::Busy(Side::Peer)));
    stage.command(anna, Command::SetSystemCall(SystemCall::None));
    stage.dial(carl, "anna");
    stage.reach("it rings", seconds(4), |stage| stage.phone(anna).state() == Some(CallState::Ringing));
}
