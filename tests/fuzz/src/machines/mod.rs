//! Whole machines, a server and three phones, in a network that tampers with what one side gets: messages, datagrams, ends of
//! connections, names, storage, keys pressed at any time.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a panic is what a finding looks like")]

mod acts;
mod attack;
mod mail;
mod names;
mod seat;
mod tamper;
mod watch;
mod world;

use std::sync::OnceLock;

use cooee_machine::{Entropy, Secret};
use cooee_server::{MemoryStore, UserName};

use crate::corpus;
use crate::mutate::dice;
use seat::Tally;
pub(crate) use world::Victim;
use world::World;

/// Steps of one run.
pub(crate) const STEPS: u64 = 300;
/// What a run may hold at most, the network and what it remembers included.
const MOST_OCTETS: u64 = 8 << 20;

/// One network and its end: whatever came before, three quiet hours later nothing is left of it, and the phones shut down.
pub(crate) fn run(victim: Victim, seed: u64, number: u64) -> Tally {
    let (store, corpus) = (users(), messages());
    let mut tally = Tally::default();
    let info = allocation_counter::measure(|| {
        let mut world = World::new(victim, store.clone(), corpus, dice(seed, number));
        for _ in 0..STEPS {
            world.step();
        }
        tally = world.finish();
    });
    assert!(info.bytes_max <= MOST_OCTETS, "{} octets were held at once", info.bytes_max);
    tally
}

/// Hashing passwords takes its time, on purpose: once is enough.
fn users() -> &'static MemoryStore {
    static USERS: OnceLock<MemoryStore> = OnceLock::new();
    USERS.get_or_init(|| {
        let mut store = MemoryStore::new();
        for name in ["anna", "ben"] {
            let user = UserName::parse(name).expect("a name");
            store.add_user(user, "example.org", &Secret::new("secret"), &mut Entropy::for_test(1)).expect("a password");
        }
        store
    })
}

fn messages() -> &'static [Vec<u8>] {
    static MESSAGES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    MESSAGES.get_or_init(|| corpus::sip().into_iter().chain([corpus::stun()]).collect())
}

#[cfg(test)]
mod tests {
    use std::ops::Add;

    use super::*;

    #[test]
    fn between_the_blows_phones_register_ring_and_speak() {
        for victim in [Victim::Phones, Victim::Server] {
            let tally = (0..6).map(|number| run(victim, 5, number)).fold(Tally::default(), Tally::add);
            assert!(tally.registered > 6 && tally.rang > 3 && tally.active > 1, "{victim:?}: {tally:?}");
        }
    }
}
