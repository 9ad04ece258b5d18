#![allow(clippy::disallowed_methods, reason = "a test needs some moment to start from")]

use std::time::{Duration, Instant};

use cooee_machine::{DnsSecurity, NaptrRecord, Now, Question, QuestionId, Record, Resolution, ResolveFailure};

use super::{EnumLookup, EnumOutput, EnumResult, EnumService, EnumSuffix, RuleFault, SuffixState};
use crate::E164;

const NAME: &str = "0.0.8.1.8.6.6.4.4.1.4";

/// A lookup, its clock, and what it asked.
struct Bench {
    lookup: EnumLookup,
    now: Now,
    asked: Vec<(QuestionId, String)>,
    done: Option<EnumResult>,
}

impl Bench {
    fn new(suffixes: &[&str]) -> Self {
        let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
        let suffixes: Vec<EnumSuffix> = suffixes.iter().map(|suffix| suffix.parse().unwrap()).collect();
        let lookup = EnumLookup::new(E164::new("41446681800").unwrap(), suffixes, QuestionId(100), now);
        let mut bench = Self { lookup, now, asked: Vec::new(), done: None };
        bench.drain();
        bench
    }

    fn drain(&mut self) {
        while let Some(output) = self.lookup.poll_output() {
            assert_eq!(self.done, None, "nothing follows the result");
            match output {
                EnumOutput::Resolve { id, question: Question { name, .. } } => self.asked.push((id, name)),
                EnumOutput::Done(result) => self.done = Some(result),
            }
        }
    }

    fn later(&mut self, milliseconds: u64) {
        self.now = self.now.after(Duration::from_millis(milliseconds));
        self.lookup.handle_timeout(self.now);
        self.drain();
    }

    fn answer(&mut self, name: &str, resolution: Resolution) {
        let (id, _) = self.asked.iter().find(|(_, asked)| asked == name).unwrap_or_else(|| panic!("{name} was not asked"));
        assert!(self.lookup.handle_resolved(*id, resolution, self.now));
        self.drain();
    }

    fn names(&self) -> Vec<&str> {
        self.asked.iter().map(|(_, name)| name.as_str()).collect()
    }

    fn addresses(&self) -> Vec<String> {
        self.done.as_ref().unwrap().answers.iter().map(|answer| answer.address.canonical().0).collect()
    }

    fn faults(&self) -> &[RuleFault] {
        &self.done.as_ref().unwrap().suffixes[0].faults
    }
}

fn rule(order: u16, preference: u16, flags: &str, services: &str, regexp: &str, replacement: &str) -> Record {
    let text = str::to_owned;
    Record::Naptr(NaptrRecord {
        order,
        preference,
        flags: text(flags),
        services: text(services),
        regexp: text(regexp),
        replacement: text(replacement),
    })
}

fn sip(preference: u16, to: &str) -> Record {
    rule(100, preference, "u", "E2U+sip", &format!("!^.*$!sip:{to}!"), "")
}

fn records(records: Vec<Record>) -> Resolution {
    Resolution::Records { records, ttl: Duration::from_secs(60), security: DnsSecurity::Insecure }
}

fn nothing() -> Resolution {
    Resolution::Nothing { no_such_name: true, ttl: Duration::from_secs(60), security: DnsSecurity::Secure }
}

fn below(suffix: &str) -> String {
    format!("{NAME}.{suffix}")
}

#[test]
fn a_suffix_that_answers_keeps_the_next_from_learning_the_number() {
    let mut bench = Bench::new(&["own.example", "e164.arpa"]);
    bench.later(299);
    bench.answer(&below("own.example"), records(vec![sip(10, "anna@example.org")]));
    assert_eq!((bench.names(), bench.addresses()), (vec![below("own.example").as_str()], vec!["sip:anna@example.org".to_owned()]));
    let states: Vec<SuffixState> = bench.done.unwrap().suffixes.iter().map(|asked| asked.state).collect();
    assert_eq!(states, [SuffixState::Known(DnsSecurity::Insecure), SuffixState::NotAsked]);
    assert_eq!(bench.lookup.next_wake(), None);
}

#[test]
fn the_next_suffix_is_asked_after_a_denial_a_failure_or_300_ms() {
    for resolution in [
        nothing(),
        Resolution::Failed(ResolveFailure::Bogus),
        records(vec![]),
        records(vec![rule(1, 1, "u", "E2U+email:mailto", "!^.*$!mailto:a@b.example!", "")]),
    ] {
        let mut bench = Bench::new(&["own.example", "e164.arpa"]);
        bench.answer(&below("own.example"), resolution);
        assert_eq!(bench.names().len(), 2);
        bench.answer(&below("e164.arpa"), nothing());
        assert_eq!(bench.addresses(), Vec::<String>::new());
    }
    let mut bench = Bench::new(&["own.example", "e164.arpa"]);
    bench.later(300);
    assert_eq!(bench.names().len(), 2);
    bench.answer(&below("e164.arpa"), nothing());
    assert_eq!(bench.done, None, "the first may still answer");
    bench.answer(&below("own.example"), records(vec![sip(10, "anna@example.org")]));
    assert_eq!(bench.addresses(), ["sip:anna@example.org"]);
}

#[test]
fn nothing_is_waited_for_longer_than_two_seconds() {
    let mut bench = Bench::new(&["a.example", "b.example", "c.example"]);
    while let Some(wake) = bench.lookup.next_wake() {
        let wait = wake.at.saturating_duration_since(bench.now.instant).as_millis();
        bench.later(u64::try_from(wait).unwrap());
    }
    assert_eq!(bench.now.unix, Duration::from_secs(1_800_000_002));
    assert!(bench.done.as_ref().unwrap().suffixes.iter().all(|asked| asked.state == SuffixState::Unanswered));
    assert_eq!(bench.names().len(), 3);
    assert!(!bench.lookup.handle_resolved(QuestionId(99), nothing(), bench.now), "not ours");
}

#[test]
fn answers_are_ranked_as_their_domain_ordered_them_and_validated_ones_come_first() {
    let mut bench = Bench::new(&["own.example"]);
    bench.answer(
        &below("own.example"),
        records(vec![
            rule(200, 1, "u", "E2U+sip", "!^.*$!sip:third@example.org!", ""),
            sip(20, "second@example.org"),
            sip(10, "first@example.org"),
            rule(100, 30, "U", "E2U+email:mailto+xmpp", "!^.*$!xmpp:x@example.org!", ""),
            rule(300, 1, "u", "E2U+pstn:tel", r"!^(.*)$!tel:\1!", ""),
            sip(40, "first@EXAMPLE.org"),
        ]),
    );
    assert_eq!(
        bench.addresses(),
        ["sip:first@example.org", "sip:second@example.org", "xmpp:x@example.org", "sip:third@example.org", "tel:+41446681800"]
    );
    let services: Vec<EnumService> = bench.done.unwrap().answers.iter().map(|answer| answer.service).collect();
    assert_eq!(services, [EnumService::Sip, EnumService::Sip, EnumService::Xmpp, EnumService::Sip, EnumService::Tel]);

    let mut bench = Bench::new(&["own.example"]);
    let signed = |records| Resolution::Records { records, ttl: Duration::ZERO, security: DnsSecurity::Secure };
    bench.answer(
        &below("own.example"),
        signed(vec![rule(1, 1, "", "", "", "elsewhere.example"), rule(2, 1, "u", "E2U+sip", "!^.*$!sip:signed@example.org!", "")]),
    );
    bench.answer("elsewhere.example", records(vec![sip(1, "unsigned@example.org")]));
    assert_eq!(bench.addresses(), ["sip:signed@example.org", "sip:unsigned@example.org"]);
}

#[test]
fn rules_that_lead_on_are_followed_in_their_place_and_never_in_a_circle() {
    let mut bench = Bench::new(&["own.example"]);
    bench.answer(
        &below("own.example"),
        records(vec![sip(30, "last@example.org"), rule(100, 20, "", "E2U+sip", "", "one.example"), sip(10, "first@example.org")]),
    );
    assert_eq!(bench.names().last(), Some(&"one.example"));
    let mut circle = vec![rule(1, 1, "", "", "", &below("own.example")), rule(1, 2, "", "", "", "One.Example"), rule(1, 3, "", "", "", "")];
    circle.push(sip(1, "middle@example.org"));
    bench.answer("one.example", records(circle));
    assert_eq!(bench.addresses(), ["sip:first@example.org", "sip:middle@example.org", "sip:last@example.org"]);
    assert_eq!(bench.faults(), [RuleFault::Circle, RuleFault::Circle, RuleFault::Shape]);
}

#[test]
fn many_ways_to_few_names_cost_no_more_than_the_names() {
    let mut bench = Bench::new(&["own.example"]);
    let everywhere = || (0..32).map(|name| rule(1, 1, "", "", "", &format!("n{}.example", name % 15))).collect::<Vec<_>>();
    bench.answer(&below("own.example"), records(everywhere()));
    for name in 0..15 {
        bench.answer(&format!("n{name}.example"), records(everywhere()));
    }
    assert_eq!((bench.names().len(), bench.addresses().len()), (16, 0));
    assert!(bench.faults().contains(&RuleFault::Circle));

    let mut bench = Bench::new(&["own.example"]);
    let mut many: Vec<Record> = (0..31).map(|place| rule(1, place, "u", "E2U+sip", "!^never$!sip:a@b.example!", "")).collect();
    many.push(rule(2, 1, "", "", "", "next.example"));
    bench.answer(&below("own.example"), records(many.clone()));
    many.pop();
    many.push(sip(90, "late@example.org"));
    bench.answer("next.example", records(many));
    assert_eq!(bench.addresses().len(), 0, "what comes after too many that do not apply is not looked at");
}

#[test]
fn a_chain_without_end_is_given_up_and_what_else_was_found_kept() {
    let mut bench = Bench::new(&["own.example"]);
    bench.answer(&below("own.example"), records(vec![rule(1, 1, "", "", "", "n0.example"), sip(1, "anna@example.org")]));
    for step in 0..5 {
        bench.answer(&format!("n{step}.example"), records(vec![rule(1, 1, "", "", "", &format!("n{}.example", step + 1))]));
    }
    assert_eq!(bench.addresses(), ["sip:anna@example.org"]);

    // What is led on to is silent: so is nothing lost.
    let mut bench = Bench::new(&["own.example", "e164.arpa"]);
    bench.answer(&below("own.example"), records(vec![rule(1, 1, "", "", "", "silent.example"), sip(1, "anna@example.org")]));
    assert_eq!(bench.done, None);
    bench.later(300);
    assert_eq!((bench.names().len(), bench.addresses()), (2, vec!["sip:anna@example.org".to_owned()]));

    // A hundred ways on: sixteen questions in all.
    let mut bench = Bench::new(&["own.example"]);
    bench.answer(&below("own.example"), records((0..100).map(|n| rule(1, n, "", "", "", &format!("w{n}.example"))).collect()));
    assert_eq!(bench.names().len(), 16);
    bench.later(2000);
    assert!(bench.done.is_some());
}

#[test]
fn hostile_and_broken_records_are_passed_over_with_their_fault() {
    let bomb = "!^(((a{9}){9}){9}){9}$!sip:x@y.example!";
    let mut bench = Bench::new(&["own.example"]);
    bench.answer(
        &below("own.example"),
        records(vec![
            rule(1, 1, "u", "E2U+sip", bomb, ""),
            rule(1, 2, "u", "E2U+sip", "!^.*$!xmpp:anna@example.org!", ""),
            rule(1, 3, "u", "E2U+sip", "!^.*$!https://example.org!", ""),
            rule(1, 4, "s", "E2U+sip", "", "x.example"),
            rule(1, 5, "u", "E2U+sip", "", "x.example"),
            rule(1, 6, "u", "E2U+pstn:tel", "!^.*$!tel:112!", ""),
            rule(1, 7, "u", "E2U+sip", "!^\u{fffd}$!sip:x@y.example!", ""),
            rule(1, 8, "u", "E2U+sip", "!^.*$!sip:x@y.example?Subject=z!", ""),
            Record::A("192.0.2.1".parse().unwrap()),
            sip(9, "anna@example.org"),
        ]),
    );
    assert_eq!(bench.addresses(), ["sip:anna@example.org"]);
    let text = bench.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(bench.faults().len(), 8, "{text}");
    assert!(
        matches!(
            bench.faults(),
            [
                RuleFault::TooLarge,
                RuleFault::Address(_),
                RuleFault::Address(_),
                RuleFault::Flag,
                RuleFault::Shape,
                RuleFault::Address(_),
                RuleFault::NoMatch,
                RuleFault::Address(_)
            ]
        ),
        "{text}"
    );
}

#[test]
fn without_suffixes_nobody_is_asked() {
    let bench = Bench::new(&[]);
    assert_eq!((bench.names().len(), bench.addresses().len()), (0, 0));
}
