//! Whatever happens, by seed: calls, hang-ups, cuts, sleep, restarts in any order. Afterwards the network is whole again, and so must
//! be everybody.

use cooee_call::CallId;
use cooee_machine::{Entropy, Transport};
use cooee_phone::Command;
use cooee_sim::{Behaviour, GatewayId, HostId, Loss, NatConfig, Orphans, Quality};

use crate::phone::Manners;
use crate::server::boot_server;
use crate::stage::{Stage, millis, seconds, seeds};

struct Chaos {
    stage: Stage,
    phones: Vec<(HostId, &'static str)>,
    gateway: GatewayId,
    entropy: Entropy,
    is_server_up: bool,
}

impl Chaos {
    fn new(seed: u64) -> Self {
        let mut entropy = Entropy::for_test(seed ^ 0xC4A05);
        let mut stage = Stage::new(seed);
        let (mut phones, mut home) = (Vec::new(), None);
        for (user, address) in [("anna", "198.51.100.1"), ("ben", "203.0.113.1"), ("ben", "203.0.113.2"), ("carl", "203.0.113.3")] {
            stage.transport = [Transport::Tls, Transport::Udp, Transport::Tcp][entropy.below(3) as usize];
            stage.access = Quality::millis(2 + entropy.below(80))
                .with_jitter(millis(entropy.below(20)))
                .with_loss(Loss::bursts(0.001 + entropy.below(80) as f64 / 1000.0, 2.0))
                .with_reordering(entropy.below(10) as f64 / 100.0, millis(30))
                .with_duplication(entropy.below(10) as f64 / 100.0);
            let manners = match entropy.below(4) {
                0 => Manners::Ring,
                1 => Manners::DeclineAfter(millis(entropy.below(3000))),
                _ => Manners::AnswerAfter(millis(entropy.below(3000))),
            };
            if user != "carl" {
                phones.push((stage.add_phone(user, address, manners), user));
                continue;
            }
            let nat = NatConfig::new(Behaviour::EndpointIndependent, Behaviour::ALL[entropy.below(3) as usize]);
            let (carl, gateway) = stage.add_phone_behind(user, nat, address, manners);
            phones.push((carl, user));
            home = Some(gateway);
        }
        Self { stage, phones, gateway: home.expect("carl's"), entropy, is_server_up: true }
    }

    fn any_phone(&mut self) -> (HostId, &'static str) {
        let index = self.entropy.below(self.phones.len() as u64);
        self.phones[usize::try_from(index).unwrap()]
    }

    fn any_call(&mut self, host: HostId) -> Option<CallId> {
        let calls: Vec<CallId> = self.stage.phone(host).snapshots().into_keys().collect();
        let index = self.entropy.below(calls.len() as u64);
        calls.get(usize::try_from(index).unwrap()).copied()
    }

    fn act(&mut self) {
        let (host, _) = self.any_phone();
        let server = self.stage.server;
        let choice = self.entropy.below(15);
        match choice {
            0..=4 => {
                let (_, callee) = self.any_phone();
                self.stage.dial(host, callee);
            }
            5 | 6 => {
                if let Some(call) = self.any_call(host) {
                    self.stage.command(host, Command::HangUp(call));
                }
            }
            7 => {
                if let Some(call) = self.any_call(host) {
                    self.stage.command(host, Command::Answer(call));
                }
            }
            8 => self.stage.world.link_mut(host).cut(true),
            9 => self.stage.world.link_mut(host).cut(false),
            10 => {
                let queue = self.entropy.below(50) as usize;
                self.stage.world.suspend(host, queue);
                let nap = millis(self.entropy.below(20_000));
                self.stage.world.after(nap, move |world| world.resume(host));
            }
            11 if self.is_server_up => {
                self.is_server_up = false;
                if self.entropy.below(2) == 0 { self.stage.world.kill(server) } else { self.stage.world.power_off(server) }
            }
            11 => {
                self.is_server_up = true;
                boot_server(&mut self.stage.world, server, false);
            }
            12 => self.stage.world.gateway_mut(self.gateway).rebind(),
            13 => self.stage.world.take_down(host, 0, if self.entropy.below(2) == 0 { Orphans::Closed } else { Orphans::Kept }),
            _ => self.stage.world.bring_up(host, 0),
        }
    }

    /// Makes everything whole, gives it time, and looks.
    fn settle(&mut self) {
        if !self.is_server_up {
            boot_server(&mut self.stage.world, self.stage.server, false);
        }
        for (host, _) in self.phones.clone() {
            self.stage.world.resume(host);
            self.stage.world.bring_up(host, 0);
            self.stage.world.link_mut(host).cut(false);
            self.stage.world.link_mut(host).set(&Quality::millis(10));
        }
        self.stage.world.run_for(seconds(30));
        // A change of mapping that falls into the one round trip between a registration and its first binding request is not noticed
        // before the next change; here it is.
        self.stage.world.gateway_mut(self.gateway).rebind();
        for (host, _) in self.phones.clone() {
            for call in self.stage.phone(host).snapshots().into_keys() {
                self.stage.command(host, Command::HangUp(call));
            }
        }
        // Longer than any back-off, keep-alive and transaction.
        self.stage.world.run_for(seconds(700));
        for (host, user) in &self.phones {
            assert!(self.stage.phone(*host).is_idle(), "something is left of a call at {user} {host:?}");
            assert!(self.stage.phone(*host).is_registered(), "{user} {host:?} is {:?}", self.stage.phone(*host).account_state());
        }
    }

    /// After all that, anna calls carl.
    fn call_again(&mut self) {
        let (anna, carl) = (self.phones[0].0, self.phones[3].0);
        self.stage.dial(anna, "carl");
        self.stage.reach("it rings or is declined", seconds(10), |stage| {
            let carls = stage.phone(carl).snapshot().map(|call| call.timeline.steps()[0].at);
            carls.is_some_and(|at| at + seconds(10) >= stage.world.now().unix)
        });
    }
}

fn run(seed: u64) -> Chaos {
    let mut chaos = Chaos::new(seed);
    chaos.stage.world.run_for(seconds(5));
    for _ in 0..25 {
        chaos.act();
        let pause = millis(chaos.entropy.below(4000));
        chaos.stage.world.run_for(pause);
    }
    chaos.settle();
    chaos.call_again();
    chaos
}

#[test]
fn whatever_happens_everybody_is_free_and_registered_in_the_end() {
    for seed in seeds(100) {
        run(seed);
    }
}

#[test]
fn whatever_happens_it_happens_again_with_the_same_seed() {
    for seed in 200..203 {
        let (one, other) = (run(seed), run(seed));
        assert_eq!(one.stage.world.trace().first_difference(other.stage.world.trace()), None, "seed {seed}");
    }
}
