//! How long an address book takes until it can be asked about: `cargo bench -p cooee-phone --bench contacts`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a bench measures and prints")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Machine, Now};
use cooee_phone::probe::{ProbeCommand, ProbeOutput, Prober, ProberConfig};
use cooee_phone::{Region, vcard};
use criterion::{Criterion, criterion_group, criterion_main};

const CARDS: usize = 5_000;
const DOMAINS: usize = 600;
/// What a person does not notice.
const BOUND: Duration = Duration::from_millis(300);

/// Cards of all versions in turn: a name, two numbers, an address, a small picture.
fn book() -> String {
    let mut book = String::new();
    let picture = "/9j/4AAQSkZJRgABAQAAAQABAAD\r\n ".repeat(70);
    for n in 0..CARDS {
        let (domain, version) = (n % DOMAINS, 2 + n % 3);
        let name =
            if n % 3 == 0 { "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=41=6E=6E=61=20=\r\n=C3=96=6E=\r\n=67" } else { "FN:Anna Öng" };
        write!(
            book,
            "BEGIN:VCARD\r\nVERSION:{version}.{}\r\n{name} {n}\r\nTEL;TYPE=cell:+41 (0)78 {:03} {:02} {:02}\r\nTEL;TYPE=home:044 668 {:02} {:02}\r\n\
             EMAIL:person{n}@d{domain}.example\r\nPHOTO;ENCODING=b;TYPE=JPEG:{picture}\r\nEND:VCARD\r\n",
            u8::from(version == 2),
            n / 10_000 + 200,
            n / 100 % 100,
            n % 100,
            n / 100 % 100,
            n % 100,
        )
        .unwrap();
    }
    book
}

/// Reads it, and plans what to ask. The number of domains that the prober has.
fn plan(file: &[u8], region: Region, now: Now) -> usize {
    let cards: Vec<vcard::Card> = vcard::read(file, Some(region)).collect::<Result<_, _>>().unwrap();
    let domains: BTreeSet<String> =
        cards.iter().flat_map(|card| &card.addresses).filter_map(|address| address.domain().map(str::to_owned)).collect();
    let known = domains.len();
    let mut prober = Prober::new(ProberConfig::default(), Entropy::from_seed([7; 32]));
    prober.handle_command(ProbeCommand::SetBook(domains), now);
    while !matches!(prober.poll_output(), ProbeOutput::Wake(_)) {}
    assert_eq!(cards.len(), CARDS);
    black_box(known)
}

fn contacts(c: &mut Criterion) {
    let (file, region) = (book(), "CH".parse().unwrap());
    let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
    let begun = Instant::now();
    assert_eq!(plan(file.as_bytes(), region, now), DOMAINS);
    let took = begun.elapsed();
    println!(
        "contacts: {CARDS} cards, {} kB, planned in {took:.1?} the first time: {:.2} of {BOUND:?}",
        file.len() / 1_000,
        took.as_secs_f64() / BOUND.as_secs_f64()
    );
    c.bench_function("contacts/5000", |b| b.iter(|| plan(black_box(file.as_bytes()), region, now)));
}

criterion_group!(benches, contacts);
criterion_main!(benches);
