#![allow(clippy::expect_used, reason = "a panic is what a finding looks like")]

use std::time::{Duration, Instant};

use cooee_machine::{DnsSecurity, NaptrRecord, Now, QuestionId, Record, Resolution};
use cooee_phone::{E164, EnumLookup, EnumOutput, EnumSuffix};

/// The records of a number: a line each, flags, services, replacement and expression with spaces between. Whatever they say, the lookup
/// asks a bounded number of questions and ends when its patience does.
pub(crate) fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let records: Vec<Record> = text.lines().take(200).map(rule).collect();
    let security = DnsSecurity::Insecure;
    let resolution = Resolution::Records { records, ttl: Duration::from_secs(60), security };
    let number = E164::new("41446681800").expect("a number");
    let suffixes: Vec<EnumSuffix> = ["a.example", "b.example"].into_iter().filter_map(EnumSuffix::of_domain).collect();
    let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
    let mut lookup = EnumLookup::new(number, suffixes, QuestionId(0), now);
    let (mut asked, mut is_done) = (0, false);
    while let Some(output) = lookup.poll_output() {
        match output {
            EnumOutput::Resolve { id, .. } => {
                asked += 1;
                lookup.handle_resolved(id, resolution.clone(), now);
            }
            EnumOutput::Done(_) => is_done = true,
        }
    }
    if !is_done {
        lookup.handle_timeout(now.after(EnumLookup::PATIENCE));
        is_done = matches!(lookup.poll_output(), Some(EnumOutput::Done(_)));
    }
    assert!(is_done, "it ends");
    assert!(asked <= EnumLookup::MAX_QUESTIONS, "it asks {asked} questions");
}

fn rule(line: &str) -> Record {
    let mut fields = line.splitn(4, ' ').map(str::to_owned);
    let mut next = || fields.next().unwrap_or_default();
    let (flags, services, replacement, regexp) = (next(), next(), next(), next());
    Record::Naptr(NaptrRecord { order: 10, preference: 10, flags, services, regexp, replacement })
}

/// Terminal and other rules, loops, back references, brackets.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    [
        "u E2U+sip  !^.*$!sip:anna@example.org!",
        "u E2U+sip  !^\\+41(.*)$!sip:\\1@example.org!i\nu E2U+pstn:tel  !^(.*)$!tel:\\1!",
        "u E2U+xmpp  |^(\\+4([0-9]{2,9}))[[:digit:]]*$|xmpp:\\2@example.org|",
        " E2U+sip 0.0.8.1.8.6.6.4.4.1.4.b.example \n   ",
        "u E2U+sip+video:x  !((a*)*)*$!sip:\\9@example.org!\nu  E2U+sip  !^.{1,255}$!\\0!",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
