use std::time::Duration;

use cooee_machine::{Action, Now, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure, Transport, Wake};
use cooee_sim::{Desk, DiskFailure, DiskUse, Input, Node, Orphans, World};

use crate::toy::{Heard, act, ms, toy, two};

fn ask(world: &mut World, host: cooee_sim::HostId, name: &str) -> (Duration, Resolution) {
    let question = Question { name: name.to_owned(), kind: RecordType::A };
    act(world, host, Action::Resolve { id: QuestionId(1), question });
    let start = world.elapsed();
    world.run_for(Duration::from_secs(20));
    match toy(world, host).heard.last() {
        Some((at, Heard::Resolved(resolution))) => (*at - start, resolution.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_takes_the_hosts_link_and_the_resolvers_delay_and_then_comes_from_the_cache() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    world.dns.add_address("sip.example.org", "192.0.2.1".parse().unwrap());
    let (took, resolution) = ask(&mut world, client, "sip.example.org");
    assert!(matches!(&resolution, Resolution::Records { records, .. } if records == &[Record::A("192.0.2.1".parse().unwrap())]));
    assert_eq!(took, ms(25));
    assert_eq!(ask(&mut world, client, "sip.example.org").0, ms(0));
}

#[test]
fn a_cut_link_makes_names_time_out_and_no_network_leaves_nobody_to_ask() {
    let (mut world, client, _) = two(1, Transport::Tcp);
    world.link_mut(client).cut(true);
    assert_eq!(ask(&mut world, client, "a.example.org"), (Duration::from_secs(5), Resolution::Failed(ResolveFailure::Timeout)));
    world.take_down(client, 0, Orphans::Closed);
    assert_eq!(ask(&mut world, client, "b.example.org"), (ms(0), Resolution::Failed(ResolveFailure::NoResolver)));
}

/// Adds a number to its disk's list whenever told to; remembers what became of it.
struct Keeper {
    outcomes: Vec<(u64, Result<usize, DiskFailure>)>,
}

impl Node for Keeper {
    fn handle(&mut self, input: Input<'_>, _: &mut Desk, _: Now) {
        if let Input::Disk { ticket, contents } = input {
            let outcome = contents.map(|contents| {
                let list = contents.downcast_mut::<Vec<u64>>().unwrap();
                list.push(ticket);
                list.len()
            });
            self.outcomes.push((ticket, outcome));
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        None
    }
}

#[test]
fn a_disk_takes_its_time_outlives_its_process_and_loses_in_a_crash_what_was_not_committed() {
    let (mut world, _, server) = two(1, Transport::Tcp);
    world.host_mut(server).install_disk(Vec::<u64>::new(), ms(3));
    world.boot(server, Keeper { outcomes: Vec::new() });
    let ask = |world: &mut World, ticket, usage| world.with(server, |_: &mut Keeper, desk, _| desk.disk(ticket, usage));
    ask(&mut world, 1, DiskUse::Commit);
    ask(&mut world, 2, DiskUse::Write);
    world.run_for(ms(5));
    assert_eq!(world.node::<Keeper>(server).outcomes, [(1, Ok(1))], "one at a time, 3 ms each");
    world.run_for(ms(5));
    ask(&mut world, 3, DiskUse::Commit);
    world.kill(server);
    world.run_for(ms(50));
    assert_eq!(world.host(server).disk.as_ref().unwrap().contents(), Some(&vec![1u64, 2]), "what was not done is not done later");
    world.power_off(server);
    assert_eq!(world.host(server).disk.as_ref().unwrap().contents(), Some(&vec![1u64]));
    world.boot(server, Keeper { outcomes: Vec::new() });
    world.host_mut(server).disk.as_mut().unwrap().full = true;
    ask(&mut world, 4, DiskUse::Commit);
    world.run_for(ms(50));
    assert_eq!(world.node::<Keeper>(server).outcomes, [(4, Err(DiskFailure::Full))]);
}
