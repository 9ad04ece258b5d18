//! ICE through every pair of NATs: it finds a path exactly where there is one.

use std::time::Duration;

use cooee_machine::Entropy;
use cooee_rtc::{MediaFailure, SessionEvent};
use cooee_sim::{Behaviour, HostId, NatConfig, Quality, World};

use crate::prober::reachable;
use crate::stun::StunServer;
use crate::talker::{Talker, introduce};

const STUN: &str = "192.0.2.1:3478";

/// Anna at 10.0.0.2 behind one NAT, ben at 10.0.0.2 behind the other, a STUN server outside.
fn world(seed: u64, nats: [NatConfig; 2]) -> (World, [HostId; 2]) {
    let mut world = World::new(seed);
    let internet = world.internet();
    let quality = Quality::millis(10);
    let stun = world.add_host("stun", internet, "192.0.2.1", &quality);
    world.boot(stun, StunServer(3478));
    let sides = [("anna", "198.51.100.1"), ("ben", "203.0.113.1")];
    let mut hosts = nats.into_iter().zip(sides).map(|(nat, (name, outside))| {
        let (lan, _) = world.add_lan(&format!("{name}s"), internet, outside, nat);
        world.add_host(name, lan, "10.0.0.2", &quality)
    });
    let hosts = [hosts.next().unwrap(), hosts.next().unwrap()];
    (world, hosts)
}

fn kinds() -> impl Iterator<Item = NatConfig> {
    Behaviour::ALL.into_iter().flat_map(|mapping| Behaviour::ALL.map(|filtering| NatConfig::new(mapping, filtering)))
}

#[test]
fn a_path_is_found_through_exactly_those_pairs_of_nats_that_have_one() {
    let mut possible = 0;
    for (seed, (one, other)) in (0..).zip(kinds().flat_map(|one| kinds().map(move |other| (one.clone(), other)))) {
        let (mut oracle, hosts) = world(seed, [one.clone(), other.clone()]);
        let local = "10.0.0.2:5000".parse().unwrap();
        let expected = reachable(&mut oracle, hosts.map(|host| (host, local)), STUN.parse().unwrap());

        let (mut world, [anna, ben]) = world(seed, [one.clone(), other.clone()]);
        for host in [anna, ben] {
            let entropy = Entropy::for_test(seed * 2 + u64::from(host == ben));
            world.boot(host, Talker::new(&["10.0.0.2:0"], &[STUN], entropy));
        }
        introduce(&mut world, anna, ben);
        let pair = format!("{:?}/{:?} and {:?}/{:?}", one.mapping, one.filtering, other.mapping, other.filtering);
        if expected {
            possible += 1;
            let talks = |world: &World| [anna, ben].iter().all(|host| world.node::<Talker>(*host).is_active());
            assert!(world.run_to(Duration::from_secs(5), talks).is_some(), "{pair}: there is a path");
            world.run_for(Duration::from_secs(1));
            assert!([anna, ben].iter().all(|host| world.node::<Talker>(*host).heard().decoded > 30), "{pair}: sound");
        } else {
            world.run_for(Duration::from_secs(60));
            for host in [anna, ben] {
                let failure = world.node::<Talker>(host).failure();
                assert_eq!(failure, Some(&SessionEvent::Failed(MediaFailure::NoPath)), "{pair}: there is no path");
            }
        }
    }
    assert!((45..81).contains(&possible), "{possible} of 81 pairs have a path");
}
