use cooee_machine::{Action, SocketId, Transport, Wake};
use cooee_sim::{Loss, Quality, World};

use crate::toy::{SOCKET, Toy, act, at, ms, send, toy, two};

#[test]
fn a_datagram_takes_the_delay_of_both_links_and_so_does_its_answer() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    let start = world.elapsed();
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, server).datagrams(), [(start + ms(20), at("198.51.100.1:5060"), b"hello".to_vec())]);
    assert_eq!(toy(&world, client).datagrams(), [(start + ms(40), at("192.0.2.1:5060"), b"hello".to_vec())]);
}

#[test]
fn nobody_hears_what_goes_to_a_port_or_an_address_without_owner() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    send(&mut world, client, "192.0.2.1:9", b"hello");
    send(&mut world, client, "192.0.2.99:5060", b"hello");
    send(&mut world, client, "[2001:db8::1]:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).datagrams(), []);
    for why in ["no socket", "no such address", "socket of the other family"] {
        assert_eq!(world.trace().count(&format!("x {why}: udp")), 1, "{why}");
    }
}

#[test]
fn a_port_is_given_once_and_any_port_is_a_free_one() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    for (socket, local) in [(1, "0.0.0.0:5060"), (2, "203.0.113.9:7"), (3, "198.51.100.1:0"), (4, "198.51.100.1:0")] {
        act(&mut world, client, Action::Bind { socket: SocketId(socket), local: at(local) });
    }
    world.run_for(ms(1));
    let bound = toy(&world, client).heard.iter().filter_map(|(_, heard)| match heard {
        crate::toy::Heard::Bound(local) => Some(local.clone()),
        _ => None,
    });
    let bound: Vec<_> = bound.collect();
    assert_eq!(bound[1..3], [Err("address in use".to_owned()), Err("address not available".to_owned())]);
    assert_eq!(bound[3..], [Ok(at("198.51.100.1:49152")), Ok(at("198.51.100.1:49153"))]);
}

#[test]
fn an_unbound_socket_neither_sends_nor_hears() {
    let (mut world, client, server) = two(1, Transport::Tcp);
    act(&mut world, server, Action::Unbind(SOCKET));
    send(&mut world, client, "192.0.2.1:5060", b"hello");
    send(&mut world, server, "198.51.100.1:5060", b"hello");
    world.run_for(ms(100));
    assert!(toy(&world, client).datagrams().is_empty() && toy(&world, server).datagrams().is_empty());
}

#[test]
fn ipv6_goes_from_an_ipv6_address() {
    let mut world = World::new(1);
    let internet = world.internet();
    let client = world.add_host("client", internet, "198.51.100.1 2001:db8::1", &Quality::millis(5));
    let server = world.add_host("server", internet, "192.0.2.1 2001:db8::2", &Quality::millis(5));
    world.boot(client, Toy { udp: Some(at("[::]:5060")), ..Toy::default() });
    world.boot(server, Toy { udp: Some(at("[::]:5060")), ..Toy::default() }.echoing());
    world.run_for(ms(1));
    send(&mut world, client, "[2001:db8::2]:5060", b"hello");
    world.run_for(ms(100));
    assert_eq!(toy(&world, client).datagrams().len(), 1);
    assert_eq!(toy(&world, server).datagrams()[0].1, at("[2001:db8::1]:5060"));
}

#[test]
fn loss_and_duplication_show_at_the_receiver() {
    let (mut world, client, server) = two(9, Transport::Tcp);
    world.link_mut(client).up.quality = Quality::millis(10).with_loss(Loss::Random(0.3)).with_duplication(0.5);
    for _ in 0..1000 {
        send(&mut world, client, "192.0.2.1:5060", b"x");
        world.run_for(ms(1));
    }
    world.run_for(ms(100));
    let heard = toy(&world, server).datagrams().len();
    assert!((950..1150).contains(&heard), "700 arrive, half of them twice: {heard}");
}

#[test]
fn a_wake_up_comes_at_its_moment_or_with_its_slack_where_the_world_is_lazy() {
    for (lazy, expected) in [(false, 250), (true, 300)] {
        let (mut world, client, _) = two(1, Transport::Tcp);
        world.uses_slack = lazy;
        let start = world.elapsed();
        world.with(client, |toy: &mut Toy, _, now| {
            toy.wake = Some(Wake::at(now.instant + ms(250), "test timer").with_slack(ms(50)));
        });
        world.run_for(ms(1000));
        let woken: Vec<_> = toy(&world, client).heard.iter().filter(|(_, heard)| *heard == crate::toy::Heard::Woken).collect();
        assert_eq!(woken.len(), 1);
        assert_eq!(woken[0].0, start + ms(expected));
        assert_eq!(world.trace().count("client ! test timer"), 1);
    }
}

#[test]
fn a_timer_put_off_does_not_fire_at_its_first_moment() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    let start = world.elapsed();
    for delay in [100, 400] {
        world.with(client, |toy: &mut Toy, _, now| toy.wake = Some(Wake::at(now.instant + ms(delay), "test timer")));
    }
    world.run_for(ms(1000));
    let woken = toy(&world, client).heard.iter().filter(|(_, heard)| *heard == crate::toy::Heard::Woken);
    assert_eq!(woken.map(|(at, _)| *at).collect::<Vec<_>>(), [start + ms(400)]);
}

#[test]
#[should_panic(expected = "client spins on its timer: stuck timer")]
fn a_process_that_spins_on_its_timer_is_found_out() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    // A toy forgets a wake-up that is due, so this one claims to be due just after whatever moment it is.
    struct Stuck(Option<Wake>);
    impl cooee_sim::Node for Stuck {
        fn handle(&mut self, _: cooee_sim::Input<'_>, _: &mut cooee_sim::Desk, now: cooee_machine::Now) {
            self.0 = Some(Wake::at(now.instant, "stuck timer"));
        }
        fn next_wake(&self) -> Option<Wake> {
            self.0
        }
    }
    world.boot(client, Stuck(None));
    world.run_for(ms(10));
}

#[test]
fn one_seed_gives_one_trace_and_another_seed_another() {
    let run = |seed| {
        let (mut world, client, _) = two(seed, Transport::Tcp);
        let quality = Quality::millis(10).with_jitter(ms(20)).with_loss(Loss::bursts(0.2, 3.0)).with_duplication(0.1);
        world.link_mut(client).set(&quality);
        for _ in 0..200 {
            send(&mut world, client, "192.0.2.1:5060", b"x");
            world.run_for(ms(5));
        }
        (world.trace().digest(), world.trace().to_string())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}
