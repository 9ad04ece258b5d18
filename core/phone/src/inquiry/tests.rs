//! Whom the inquirer asks when, in virtual time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Pii};

use super::*;
use crate::Address;
use crate::probe::Conditions;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// An inquirer, and whom it has asked when.
struct Desk {
    inquirer: Inquirer,
    now: Now,
    asked: Vec<(Duration, String)>,
    /// What everybody says.
    reply: Reply,
    /// Nobody can be asked: no account is connected.
    is_cut_off: bool,
}

fn free() -> Conditions {
    Conditions { online: true, ..Conditions::default() }
}

fn person(number: usize) -> Person {
    let address = Address::understand(&format!("sip:p{number}@d{}.example", number % 7), None).unwrap().address;
    Person { address, account: None, answered: None, inquiry: None }
}

impl Desk {
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to begin at")]
    fn new(people: usize) -> Self {
        let now = Now { instant: Instant::now(), unix: DAY * 20_000 };
        let mut inquirer = Inquirer::new(InquiryConfig::default(), Entropy::for_test(3));
        inquirer.set_people((0..people).map(person).collect());
        inquirer.set_conditions(free());
        Self { inquirer, now, asked: Vec::new(), reply: Reply::There, is_cut_off: false }
    }

    fn step(&mut self) {
        while self.inquirer.is_time(self.now) {
            let due: Vec<Pii<String>> = self.inquirer.due(self.now).map(|person| person.address.canonical()).collect();
            let due = if self.is_cut_off { Vec::new() } else { due };
            let Some(person) = self.inquirer.choose(&due, self.now) else { return };
            self.asked.push((self.now.unix, person.address.canonical().0));
            self.inquirer.replied(self.reply, self.now);
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now.after(time);
        self.step();
        while let Some(wake) = self.inquirer.next_wake().filter(|wake| wake.at <= end.instant) {
            self.now = self.now.after(wake.at.saturating_duration_since(self.now.instant));
            self.step();
        }
        self.now = self.now.after(end.instant.saturating_duration_since(self.now.instant));
    }

    fn times(&self) -> BTreeMap<&str, Vec<Duration>> {
        let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
        self.asked.iter().for_each(|(when, who)| times.entry(who).or_default().push(*when));
        times
    }
}

#[test]
fn everybody_is_asked_once_a_week_within_the_budget_of_a_day_and_not_in_the_order_of_the_book() {
    let mut desk = Desk::new(50);
    let begun = desk.now.unix;
    desk.run(DAY * 7);
    assert_eq!(desk.times().len(), 50);
    for day in 0..7 {
        let of_day = desk.asked.iter().filter(|(when, _)| ((*when - begun).as_secs() / 86_400) == day);
        assert!(of_day.count() <= 20, "day {day}");
    }
    desk.run(DAY * 21);
    for (who, times) in desk.times() {
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= DAY * 7), "{who}: {times:?}");
        assert!((4..=5).contains(&times.len()), "{who}: {times:?}");
    }
    let order: Vec<&str> = desk.asked.iter().take(20).map(|(_, who)| who.as_str()).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_ne!(order, sorted);
}

#[test]
fn a_few_are_spread_over_hours_and_never_asked_at_once() {
    let mut desk = Desk::new(5);
    desk.run(DAY);
    assert_eq!(desk.asked.len(), 5);
    assert!(desk.asked.windows(2).all(|pair| pair[1].0 - pair[0].0 >= Duration::from_secs(30)), "{:?}", desk.asked);
    assert!(desk.asked[4].0 - desk.asked[0].0 >= HOUR);
}

#[test]
fn nobody_is_asked_offline_at_a_price_with_a_low_battery_or_before_anything_is_known_of_the_device() {
    let bad = [
        Conditions { online: false, ..free() },
        Conditions { metered: true, ..free() },
        Conditions { roaming: true, ..free() },
        Conditions { low_battery: true, ..free() },
        Conditions::default(),
    ];
    for conditions in bad {
        let mut desk = Desk::new(5);
        desk.inquirer.set_conditions(conditions);
        desk.run(DAY * 2);
        assert_eq!(desk.asked, [], "{conditions:?}");
        assert!(desk.inquirer.next_wake().is_none(), "nothing to wake up for");
        desk.inquirer.set_conditions(free());
        desk.run(DAY);
        assert_eq!(desk.asked.len(), 5);
    }
}

#[test]
fn who_took_a_call_or_was_asked_within_the_week_is_left_alone() {
    let mut desk = Desk::new(0);
    let ago = |days: u32| desk.now.unix - DAY * days;
    let said = |reply, days| Some(Inquiry { asked: ago(days), said: Some((reply, ago(days))) });
    let people = [
        (person(0), true),
        (Person { answered: Some(ago(3)), ..person(1) }, false),
        (Person { answered: Some(ago(8)), ..person(2) }, true),
        (Person { inquiry: said(Reply::There, 3), ..person(3) }, false),
        (Person { inquiry: said(Reply::NoSuchUser, 8), ..person(4) }, true),
        (Person { inquiry: said(Reply::NotTaken, 8), ..person(5) }, false),
        (Person { inquiry: said(Reply::NotTaken, 29), ..person(6) }, true),
        (Person { inquiry: Some(Inquiry { asked: ago(3), said: None }), ..person(7) }, false),
        (Person { answered: Some(ago(1)), inquiry: said(Reply::There, 20), ..person(8) }, false),
    ];
    let expected: Vec<String> = people.iter().filter(|(_, due)| *due).map(|(person, _)| person.address.canonical().0).collect();
    desk.inquirer.set_people(people.into_iter().map(|(person, _)| person).collect());
    desk.run(DAY);
    let mut asked: Vec<String> = desk.asked.iter().map(|(_, who)| who.clone()).collect();
    asked.sort();
    assert_eq!(asked, expected);
}

#[test]
fn what_is_not_known_displaces_nothing_and_is_not_asked_again_before_a_week() {
    let mut desk = Desk::new(1);
    desk.run(DAY);
    desk.reply = Reply::Unknown;
    desk.run(DAY * 7);
    assert_eq!(desk.asked.len(), 2);
    let first = desk.asked[0].0;
    // The owner writes with a delay: the list that comes then does not bring the week back.
    desk.inquirer.set_people(vec![person(0)]);
    desk.run(DAY * 5);
    assert_eq!(desk.asked.len(), 2);
    let person = desk.inquirer.due(desk.now.after(DAY * 30)).next().unwrap();
    assert_eq!(person.inquiry.unwrap().said, Some((Reply::There, first)));
}

#[test]
fn who_cannot_be_asked_now_is_asked_when_an_account_is_there() {
    let mut desk = Desk::new(3);
    desk.is_cut_off = true;
    desk.run(DAY);
    assert_eq!(desk.asked, []);
    desk.is_cut_off = false;
    desk.run(DAY);
    assert_eq!(desk.asked.len(), 3);
}

#[test]
fn without_a_budget_nobody_is_asked() {
    let mut desk = Desk::new(3);
    desk.inquirer = Inquirer::new(InquiryConfig { people_a_day: 0, ..InquiryConfig::default() }, Entropy::for_test(3));
    desk.inquirer.set_people((0..3).map(person).collect());
    desk.inquirer.set_conditions(free());
    desk.run(DAY * 8);
    assert_eq!(desk.asked, []);
}
