//! A week in the life of a prober: a book that changes, networks that cost, a battery that runs low, nights asleep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cooee_machine::{Action, Event, Machine, Now, Wake};
use cooee_phone::probe::{Burst, Conditions, Finding, ProbeCommand, ProbeOutput, Prober, ProberConfig, Published, ResolverClass};
use cooee_sim::{Desk, HostId, Input, Node, Orphans, Quality, World};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// A phone that does nothing but probe. It writes down what leaves it, and under which conditions.
struct Phone {
    prober: Prober,
    conditions: Conditions,
    wake: Option<Wake>,
    alarms: usize,
    asked: Vec<(Duration, Conditions, String)>,
    found: BTreeMap<String, Finding>,
    bursts: Vec<Burst>,
}

impl Phone {
    fn command(&mut self, command: ProbeCommand, desk: &mut Desk, now: Now) {
        if let ProbeCommand::SetConditions(conditions) = &command {
            self.conditions = *conditions;
        }
        self.prober.handle_command(command, now);
        self.drain(desk, now);
    }

    fn drain(&mut self, desk: &mut Desk, now: Now) {
        loop {
            match self.prober.poll_output() {
                ProbeOutput::Io(action) => {
                    if let Action::Resolve { question, .. } = &action {
                        self.asked.push((now.unix, self.conditions, question.name.clone()));
                    }
                    desk.act(action);
                }
                ProbeOutput::Found { domain, finding } => _ = self.found.insert(domain, finding),
                ProbeOutput::Done(burst) => self.bursts.push(burst),
                ProbeOutput::Wake(wake) => {
                    self.wake = wake;
                    return;
                }
                _ => {}
            }
        }
    }
}

impl Node for Phone {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        if let Input::Io(event) = input {
            self.alarms += usize::from(event == Event::Timeout);
            self.prober.handle_input(event, now);
            self.drain(desk, now);
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        self.wake
    }
}

/// A world with one phone, and what the domains of its book publish.
struct Stage {
    world: World,
    phone: HostId,
    begun: Duration,
}

fn at_home() -> Conditions {
    Conditions { resolver: ResolverClass::Private, online: true, ..Conditions::default() }
}

fn names(range: std::ops::Range<usize>) -> BTreeSet<String> {
    range.map(|number| format!("d{number}.example")).collect()
}

/// Every third domain takes calls, every seventh refuses.
fn truth(domain: &str) -> Published {
    let number: usize = domain.trim_start_matches('d').trim_end_matches(".example").parse().unwrap();
    match (number % 7, number % 3) {
        (0, _) => Published::Refuses,
        (_, 0) => Published::Calls(vec![cooee_phone::probe::Service::Sips]),
        _ => Published::Nothing,
    }
}

impl Stage {
    fn new(seed: u64, domains: usize) -> Self {
        let mut world = World::new(seed);
        world.uses_slack = true;
        (world.dns.loss, world.dns.negative_ttl) = (0.02, HOUR);
        for domain in names(0..domains) {
            match truth(&domain) {
                Published::Refuses => world.dns.add_service(&format!("_sips._tcp.{domain}"), 0, "", 0),
                Published::Calls(_) => world.dns.add_service(&format!("_sips._tcp.{domain}"), 0, &format!("sip.{domain}"), 5061),
                _ => {}
            }
        }
        let internet = world.internet();
        let phone = world.add_host("phone", internet, "192.0.2.1", &Quality::millis(10));
        let prober = Prober::new(ProberConfig::default(), world.fork_entropy());
        let node = Phone {
            prober,
            conditions: Conditions::default(),
            wake: None,
            alarms: 0,
            asked: Vec::new(),
            found: BTreeMap::new(),
            bursts: Vec::new(),
        };
        world.boot(phone, node);
        world.run_for(Duration::from_secs(1));
        let begun = world.now().unix;
        Self { world, phone, begun }
    }

    fn tell(&mut self, command: ProbeCommand) {
        tell(&mut self.world, self.phone, command);
    }

    /// At this time of this day, counted from the beginning.
    fn at(&mut self, day: u32, hour: u32, script: impl FnOnce(&mut World, HostId) + 'static) {
        let phone = self.phone;
        self.world.at(DAY * day + HOUR * hour, move |world| script(world, phone));
    }

    fn phone(&self) -> &Phone {
        self.world.node(self.phone)
    }
}

fn tell(world: &mut World, phone: HostId, command: ProbeCommand) {
    world.with(phone, |node: &mut Phone, desk, now| node.command(command, desk, now));
}

fn domain_of(name: &str) -> String {
    let labels: Vec<&str> = name.rsplit('.').take(2).collect();
    format!("{}.{}", labels[1], labels[0])
}

#[test]
fn a_week_goes_by_and_the_book_is_known_at_the_expense_of_nobodys_privacy_money_or_battery() {
    let mut stage = Stage::new(11, 330);
    stage.tell(ProbeCommand::SetBook(names(0..300)));
    stage.tell(ProbeCommand::SetConditions(at_home()));
    for day in 0..7 {
        // To work by a network that costs, back by the same; asleep at night.
        for (hour, metered) in [(8, true), (9, false), (17, true), (18, false)] {
            stage.at(day, hour, move |world, phone| {
                let last = if metered { "192.0.2.77" } else { "192.0.2.1" };
                world.readdress(phone, 0, last, Orphans::Closed);
                tell(world, phone, ProbeCommand::SetConditions(Conditions { metered, ..at_home() }));
            });
        }
        stage.at(day, 23, |world, phone| world.suspend(phone, 16));
        stage.at(day + 1, 6, |world, phone| world.resume(phone));
    }
    for (hour, low_battery) in [(10, true), (16, false)] {
        stage.at(2, hour, move |world, phone| tell(world, phone, ProbeCommand::SetConditions(Conditions { low_battery, ..at_home() })));
    }
    for (hour, roaming) in [(10, true), (16, false)] {
        stage.at(3, hour, move |world, phone| tell(world, phone, ProbeCommand::SetConditions(Conditions { roaming, ..at_home() })));
    }
    stage.at(4, 12, |world, phone| tell(world, phone, ProbeCommand::SetBook(names(30..330))));
    stage.world.run_until(DAY * 7 + HOUR * 12);

    let phone = stage.phone();
    let day_of = |unix: &Duration| (*unix - stage.begun).as_secs() / 86_400;
    let book_changed = stage.begun + DAY * 4 + HOUR * 12;
    for (unix, conditions, name) in &phone.asked {
        assert!(conditions.allow_background(), "asked about a domain while {conditions:?}");
        let domain = domain_of(name);
        let book = if *unix < book_changed { names(0..300) } else { names(30..330) };
        assert!(book.contains(&domain), "{name} is not in the book");
    }
    let mut a_day: BTreeMap<u64, BTreeMap<String, usize>> = BTreeMap::new();
    for (unix, _, name) in &phone.asked {
        *a_day.entry(day_of(unix)).or_default().entry(domain_of(name)).or_default() += 1;
    }
    for (day, domains) in &a_day {
        // A day of the calendar may touch two of the budget's.
        assert!(domains.len() <= 210, "{} domains on day {day}", domains.len());
        assert!(domains.values().all(|questions| *questions <= 16), "a domain is asked twice at most, and only if the network changed");
    }
    let unknown: Vec<String> = names(30..330).into_iter().filter(|domain| !phone.found.contains_key(domain)).collect();
    assert_eq!(unknown, Vec::<String>::new(), "{} were found, {} questions, {} alarms", phone.found.len(), phone.asked.len(), phone.alarms);
    for domain in names(30..330) {
        let finding = phone.found.get(&domain).unwrap_or_else(|| panic!("nothing is known of {domain}"));
        assert_eq!(finding.published, truth(&domain), "{domain}");
    }
    assert!(phone.alarms < 7 * 400, "{} wake-ups in a week", phone.alarms);
    let first_300 = names(30..300);
    let asked_again = first_300.iter().filter(|domain| {
        let days: BTreeSet<u64> =
            phone.asked.iter().filter(|(_, _, name)| domain_of(name) == **domain).map(|(unix, ..)| day_of(unix)).collect();
        days.len() > 3
    });
    assert!(asked_again.count() < 30, "what is known rests for a week");
}

#[test]
fn a_typed_burst_on_any_network_is_bounded_and_leaves_the_background_nothing_to_ask() {
    let mut stage = Stage::new(12, 300);
    stage.tell(ProbeCommand::SetBook(names(0..300)));
    stage.tell(ProbeCommand::SetConditions(Conditions { resolver: ResolverClass::Network, metered: true, ..at_home() }));
    stage.world.run_for(DAY);
    assert_eq!(stage.phone().asked.len(), 0, "nothing unless it is typed");
    stage.tell(ProbeCommand::Probe);
    stage.world.run_for(Duration::from_secs(600));
    let burst = stage.phone().bursts[0];
    assert_eq!((burst.asked, burst.questions, burst.is_captive, burst.is_partial), (300, 1800, false, false), "{burst:?}");
    assert!(burst.most_in_flight <= 64);
    let unknown = stage.phone().found.values().filter(|finding| matches!(finding.published, Published::Unknown(_))).count();
    assert!((1..90).contains(&unknown), "{unknown} of 300 with 2 % of the answers lost");
    let before = stage.phone().asked.len();
    stage.tell(ProbeCommand::SetConditions(at_home()));
    stage.world.run_for(DAY * 3);
    let again = stage.phone().asked.len() - before;
    assert!(again >= unknown * 6 && again < 700, "only what failed: {again} questions for {unknown} domains");
}

#[test]
fn one_seed_gives_one_week() {
    let week = |seed| {
        let mut stage = Stage::new(seed, 40);
        stage.tell(ProbeCommand::SetBook(names(0..40)));
        stage.tell(ProbeCommand::SetConditions(at_home()));
        stage.world.run_for(DAY * 3);
        stage.phone().asked.iter().map(|(unix, _, name)| (*unix, name.clone())).collect::<Vec<_>>()
    };
    let (first, second, other) = (week(5), week(5), week(6));
    assert_eq!(first, second);
    let order = |asked: &[(Duration, String)]| asked.iter().map(|(_, name)| domain_of(name)).collect::<Vec<_>>();
    assert_ne!(order(&first), order(&other));
}
