//! Calls on a bad network.

use cooee_call::{EndReason, Side};
use cooee_machine::Transport;
use cooee_phone::Command;
use cooee_sim::{HostId, Loss, Quality};

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, millis, seconds, seeds};

/// Anna and ben on links of this quality; the server's link is good.
fn stage(seed: u64, transport: Transport, access: Quality) -> (Stage, HostId, HostId) {
    let mut stage = Stage::new(seed);
    (stage.transport, stage.access) = (transport, access);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    (stage, anna, ben)
}

fn call(stage: &mut Stage, anna: HostId, ben: HostId, share: f64) {
    let phones = [anna, ben];
    stage.register_all_within(seconds(120));
    stage.dial(anna, "ben");
    stage.reach_active(&phones, seconds(60));
    stage.assert_sound(&phones, seconds(10), share);
    stage.hang_up(anna);
    assert_eq!(stage.reach_end(&phones, seconds(70)), [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)]);
}

/// Loss of each of two links that comes to a fifth on the way over both.
const A_FIFTH_OVER_TWO: f64 = 0.1056;

#[test]
fn a_hundred_calls_come_about_and_end_where_a_fifth_is_lost() {
    for transport in [Transport::Udp, Transport::Tls] {
        for seed in seeds(60) {
            let (mut stage, anna, ben) = stage(seed, transport, Quality::millis(15).with_loss(Loss::Random(A_FIFTH_OVER_TWO)));
            call(&mut stage, anna, ben, 0.65);
        }
    }
}

#[test]
fn a_call_comes_about_or_says_why_not_where_a_fifth_is_lost_on_each_of_two_links() {
    let mut talked: usize = 0;
    for (seed, transport) in seeds(60).zip([Transport::Udp, Transport::Tls].into_iter().cycle()) {
        let (mut stage, anna, ben) = stage(seed, transport, Quality::millis(15).with_loss(Loss::Random(0.2)));
        stage.register_all_within(seconds(120));
        stage.dial(anna, "ben");
        let decided = |stage: &Stage| stage.phone(anna).is_active() || stage.phone(anna).end().is_some();
        stage.reach("it talks or says why not", seconds(120), decided);
        if stage.phone(anna).is_active() {
            talked += 1;
            stage.hang_up(anna);
        }
        stage.reach_end(&[anna], seconds(70));
        // The INVITE may never have reached ben.
        stage.world.run_for(seconds(100));
        assert!(stage.phone(ben).is_idle(), "seed {seed}");
    }
    let all = seeds(60).count();
    assert!(talked * 10 >= all * 9, "{talked} of {all} calls came about");
}

#[test]
fn calls_come_about_where_loss_comes_in_bursts() {
    for seed in seeds(40) {
        let (mut stage, anna, ben) = stage(seed, Transport::Udp, Quality::millis(15).with_loss(Loss::bursts(0.1, 6.0)));
        call(&mut stage, anna, ben, 0.5);
    }
}

#[test]
fn calls_come_about_where_packets_overtake_each_other_and_come_twice() {
    for seed in seeds(30) {
        let access = Quality::millis(15).with_reordering(0.2, millis(40)).with_duplication(0.2).with_jitter(millis(10));
        let (mut stage, anna, ben) = stage(seed, Transport::Udp, access);
        call(&mut stage, anna, ben, 0.8);
    }
}

#[test]
fn a_call_fits_through_a_narrow_line_with_a_deep_queue() {
    let (mut stage, anna, ben) = stage(1, Transport::Tls, Quality::millis(20).with_rate(128_000, 32_000));
    call(&mut stage, anna, ben, 0.95);
}

#[test]
fn digits_arrive_once_and_in_order_on_a_bad_network() {
    for seed in seeds(20) {
        let access = Quality::millis(15).with_loss(Loss::Random(A_FIFTH_OVER_TWO)).with_reordering(0.1, millis(30)).with_duplication(0.1);
        let (mut stage, anna, ben) = stage(seed, Transport::Tls, access);
        stage.register_all_within(seconds(120));
        let call = stage.dial(anna, "ben");
        stage.reach_active(&[anna, ben], seconds(60));
        for digit in "0123456789*#ABCD00".chars() {
            stage.command(anna, Command::Digit { call, digit });
        }
        stage.world.run_for(seconds(15));
        assert_eq!(stage.phone(ben).digits(), "0123456789*#ABCD00", "seed {seed}");
        assert_eq!(stage.phone(anna).digits(), "", "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_of_a_whole_call() {
    let run = |seed| {
        let access = Quality::millis(15).with_loss(Loss::Random(0.1)).with_jitter(millis(8));
        let (mut stage, anna, ben) = stage(seed, Transport::Udp, access);
        call(&mut stage, anna, ben, 0.4);
        stage
    };
    let (one, same, other) = (run(7), run(7), run(8));
    assert_eq!(one.world.trace().first_difference(same.world.trace()), None);
    assert_eq!(one.world.trace().digest(), same.world.trace().digest());
    assert_ne!(one.world.trace().digest(), other.world.trace().digest());
}
