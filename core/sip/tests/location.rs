//! Where RFC 3263 leads, against a second implementation: `tests/fixtures/location/reference.py`, which wrote `zones.jsonl`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use cooee_machine::{
    DnsSecurity, Entropy, NaptrRecord, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure, SrvRecord, Transport, srv,
};
use cooee_sip::locate::{Hop, Locate, LocateFailure, LocateOutput, LocatePolicy, LocateTarget};
use serde_json::Value;

const LINES: &str = include_str!("../../../tests/fixtures/location/zones.jsonl");

fn lines() -> impl Iterator<Item = Value> {
    LINES.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> u16 {
    value.as_u64().unwrap().try_into().unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn transport(value: &Value) -> Transport {
    match text(value) {
        "tls" => Transport::Tls,
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        other => panic!("{other}"),
    }
}

fn kind(kind: RecordType) -> &'static str {
    match kind {
        RecordType::A => "A",
        RecordType::Aaaa => "AAAA",
        RecordType::Srv => "SRV",
        RecordType::Naptr => "NAPTR",
    }
}

fn record(kind: RecordType, data: &Value) -> Record {
    let field = |place: usize| text(&data[place]).to_owned();
    match kind {
        RecordType::A => Record::A(text(data).parse().unwrap()),
        RecordType::Aaaa => Record::Aaaa(text(data).parse().unwrap()),
        RecordType::Srv => {
            Record::Srv(SrvRecord { priority: number(&data[0]), weight: number(&data[1]), port: number(&data[2]), target: field(3) })
        }
        RecordType::Naptr => Record::Naptr(NaptrRecord {
            order: number(&data[0]),
            preference: number(&data[1]),
            flags: field(2),
            services: field(3),
            regexp: field(4),
            replacement: field(5),
        }),
    }
}

/// As a resolver would answer from the line's records.
fn resolve(line: &Value, question: &Question) -> Resolution {
    let key = format!("{} {}", question.name, kind(question.kind));
    if let Some(failure) = line["failing"].get(&key) {
        return Resolution::Failed(match text(failure) {
            "timeout" => ResolveFailure::Timeout,
            "servfail" => ResolveFailure::ServerFailure,
            "refused" => ResolveFailure::Refused,
            "bogus" => ResolveFailure::Bogus,
            other => panic!("{other}"),
        });
    }
    let is_unsigned = list(&line["unsigned"]).iter().any(|unsigned| text(unsigned) == key);
    let (ttl, security) = (Duration::from_secs(300), if is_unsigned { DnsSecurity::Insecure } else { DnsSecurity::Secure });
    let all = || list(&line["records"]).iter();
    let of_name = all().filter(|record| text(&record[0]) == question.name && text(&record[1]) == kind(question.kind));
    let records: Vec<Record> = of_name.map(|found| record(question.kind, &found[2])).collect();
    if !records.is_empty() {
        return Resolution::Records { records, ttl, security };
    }
    let exists = all().any(|record| text(&record[0]) == question.name || text(&record[0]).ends_with(&format!(".{}", question.name)));
    Resolution::Nothing { no_such_name: !exists, ttl, security }
}

fn located(line: &Value, seed: u64) -> Result<Vec<Hop>, LocateFailure> {
    let (target, policy) = (&line["target"], &line["policy"]);
    let target = LocateTarget {
        host: text(&target["host"]).to_owned(),
        port: target["port"].as_u64().map(|port| port.try_into().unwrap()),
        transport: Some(&target["transport"]).filter(|named| !named.is_null()).map(transport),
        secure: target["secure"].as_bool().unwrap(),
    };
    let policy = LocatePolicy {
        transports: list(&policy["transports"]).iter().map(transport).collect(),
        ipv4: policy["ipv4"].as_bool().unwrap(),
        ipv6: policy["ipv6"].as_bool().unwrap(),
        ..LocatePolicy::default()
    };
    let mut plan = Locate::new(target, policy, QuestionId(0), Entropy::for_test(seed));
    loop {
        match plan.poll_output().expect("a plan that was answered goes on") {
            LocateOutput::Resolve { id, question } => assert!(plan.handle_resolved(id, resolve(line, &question))),
            LocateOutput::Found(located) => return Ok(located.hops),
            LocateOutput::Failed(failure) => return Err(failure),
        }
    }
}

fn word(failure: &LocateFailure) -> &'static str {
    match failure {
        LocateFailure::InvalidName(_) => "invalid name",
        LocateFailure::NotAllowed(_) => "not allowed",
        LocateFailure::NoSuchDomain(_) => "no such domain",
        LocateFailure::NoService(_) => "no service",
        LocateFailure::OnlyOffers { .. } => "only offers",
        LocateFailure::NoAddress(_) => "no address",
        LocateFailure::Dns(ResolveFailure::Bogus) => "bogus",
        LocateFailure::Dns(_) => "dns",
        other => panic!("{other}"),
    }
}

fn hop(value: &Value) -> (Transport, String, u16, DnsSecurity) {
    let security = if value[3].as_bool().unwrap() { DnsSecurity::Secure } else { DnsSecurity::Insecure };
    (transport(&value[0]), text(&value[1]).to_owned(), number(&value[2]), security)
}

/// Takes the servers of each set off the front of the list, in whatever order they come.
fn agrees(hops: &[Hop], expected: &Value) -> bool {
    let mut left: Vec<_> = hops.iter().map(|hop| (hop.transport, hop.address.ip().to_string(), hop.address.port(), hop.security)).collect();
    for group in list(expected) {
        let mut servers: Vec<Vec<_>> = list(group).iter().map(|server| list(server).iter().map(hop).collect()).collect();
        while !servers.is_empty() {
            let Some(place) = servers.iter().position(|server| left.starts_with(server)) else { return false };
            left.drain(..servers.remove(place).len());
        }
    }
    left.is_empty()
}

#[test]
fn the_plan_agrees_with_a_second_implementation_in_hundreds_of_zones() {
    let (mut found, mut refused) = (0, 0);
    for line in lines().filter(|line| line.get("target").is_some()) {
        for seed in 0..5 {
            match located(&line, seed) {
                Ok(hops) => {
                    assert!(line.get("hops").is_some_and(|expected| agrees(&hops, expected)), "found {hops:#?}\nin {line:#}");
                    found += 1;
                }
                Err(failure) => {
                    assert_eq!(line.get("failure").map(text), Some(word(&failure)), "{failure}\nin {line:#}");
                    refused += 1;
                }
            }
        }
    }
    assert!(found >= 800 && refused >= 800, "{found} found, {refused} refused");
}

#[test]
fn the_list_is_the_same_in_whatever_order_the_name_server_gives_its_records() {
    for line in lines().filter(|line| line.get("target").is_some()) {
        let mut turned = line.clone();
        turned["records"].as_array_mut().unwrap().reverse();
        let expected = line.get("hops");
        match located(&turned, 1) {
            // Addresses of one host come as the server gives them.
            Ok(hops) => assert_eq!(hops.len(), expected.map_or(0, |groups| list(groups).iter().flat_map(list).flat_map(list).count())),
            Err(failure) => assert_eq!(line.get("failure").map(text), Some(word(&failure))),
        }
    }
}

#[test]
fn weights_are_drawn_with_the_chances_of_rfc_2782() {
    const DRAWS: u32 = 40_000;
    let mut cases = 0;
    for line in lines() {
        let Some(weights) = line.get("weights").map(list) else { continue };
        cases += 1;
        let name = |place: usize| format!("host-{place}.example");
        let records: Vec<Record> = weights
            .iter()
            .enumerate()
            .map(|(place, weight)| Record::Srv(SrvRecord { priority: 1, weight: number(weight), port: 5061, target: name(place) }))
            .collect();
        let mut entropy = Entropy::for_test(2782);
        let mut pairs = vec![vec![0_u32; weights.len()]; weights.len()];
        for _ in 0..DRAWS {
            let order = srv::in_order(&records, 9, &mut entropy);
            let place = |turn: usize| (0..weights.len()).find(|place| name(*place) == order[turn].target).unwrap();
            pairs[place(0)][place(1)] += 1;
        }
        // Six standard deviations of a share of forty thousand draws are at most 0.015.
        let is_near = |count: u32, chance: &Value| (f64::from(count) / f64::from(DRAWS) - chance.as_f64().unwrap()).abs() < 0.015;
        for (counts, chance) in pairs.iter().zip(list(&line["first"])) {
            assert!(is_near(counts.iter().sum(), chance), "{weights:?}: {counts:?} are not {chance}");
        }
        for pair in list(&line["pairs"]) {
            let count = pairs[usize::from(number(&pair[0]))][usize::from(number(&pair[1]))];
            assert!(is_near(count, &pair[2]), "{weights:?}: {count} of {DRAWS} are not {pair}");
        }
    }
    assert_eq!(cases, 8);
}
