//! Whatever a server sends, a phone neither panics nor gets stuck.

use crate::world::World;
use cooee_machine::Entropy;
use cooee_phone::{AccountState, Command, MessageId};

/// How many scenes there are.
const SCENES: u64 = 8;

/// Three phones: one calls the second, holds it, hands it over to the third, joins two calls, writes; the next thing that a server would
/// say is said wrongly.
fn scene(step: u64) -> (World, [usize; 3]) {
    let mut world = World::new();
    let [anna, ben, carl] = ["anna", "ben", "carl"].map(|user| world.registered(user));
    if step == 0 {
        return (world, [anna, ben, carl]);
    }
    let call = world.dial(anna, "ben@example.org");
    if step > 1 {
        let incoming = world.incoming(ben).unwrap();
        world.command(ben, Command::Answer(incoming));
    }
    match step {
        3 => world.command(anna, Command::HangUp(call)),
        4 => world.command(anna, Command::Hold(call)),
        5 => world.command(anna, Command::Transfer { call, target: "carl".into() }),
        6 => {
            let other = world.dial(anna, "carl@example.org");
            let incoming = world.incoming(carl).unwrap();
            world.command(carl, Command::Answer(incoming));
            world.command(anna, Command::TransferTo { call, other });
        }
        7 => {
            let (message, target, text) = (MessageId(1), "ben".to_owned(), "Hello".to_owned());
            world.command(anna, Command::SendMessage { message, account: None, target, text });
        }
        _ => {}
    }
    (world, [anna, ben, carl])
}

fn mutate(message: &[u8], entropy: &mut Entropy) -> Vec<u8> {
    let mut octets = message.to_vec();
    for _ in 0..=entropy.below(3) {
        let at = entropy.below(octets.len().max(1) as u64) as usize;
        match entropy.below(6) {
            0 => octets.truncate(at),
            1 if at < octets.len() => octets[at] = entropy.below(256) as u8,
            2 if at < octets.len() => drop(octets.remove(at)),
            3 => octets.insert(at, entropy.below(256) as u8),
            4 => {
                let lines: Vec<Vec<u8>> = octets.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
                let (from, to) = (entropy.below(lines.len() as u64) as usize, entropy.below(lines.len() as u64) as usize);
                let mut lines = lines;
                if let Some(line) = lines.get(from).cloned() {
                    lines.insert(to, line);
                }
                octets = lines.concat();
            }
            _ => {
                if let Some(digit) = octets.iter_mut().skip(at).find(|octet| octet.is_ascii_digit()) {
                    *digit = b'0' + entropy.below(10) as u8;
                }
            }
        }
    }
    octets
}

#[test]
fn mutants_of_everything_a_server_says_leave_a_phone_that_still_works() {
    let mut entropy = Entropy::for_test(4475);
    for round in 0..1200 {
        let (mut world, phones) = scene(round % SCENES);
        let said = world.said.clone();
        for _ in 0..4 {
            let (_, octets) = &said[entropy.below(said.len() as u64) as usize];
            let target = phones[entropy.below(3) as usize];
            if world.is_connected(target) {
                world.tell(target, &mutate(octets, &mut entropy));
            }
        }
        world.pass_seconds(400);
        for phone in phones {
            assert!(matches!(world.state(phone), AccountState::Registered { .. }), "round {round}: {:?}", world.state(phone));
            world.command(phone, Command::Shutdown);
            world.pass_seconds(5);
            assert!(world.shut_down[phone], "round {round}");
        }
    }
}
