#![allow(clippy::expect_used, reason = "a panic is what a finding looks like")]

use std::cell::RefCell;
use std::sync::Arc;

use cooee_machine::{Question, RecordType, Resolution};
use cooee_net::{DnsServers, RawAnswer, RawDns, Resolver, ResolverConfig};
use tokio::runtime::{Builder, Runtime};

const KINDS: [RecordType; 4] = [RecordType::A, RecordType::Aaaa, RecordType::Srv, RecordType::Naptr];
const NAME: &str = "x.example";
/// More than any honest answer has.
const RECORDS_MAX: usize = 128;

/// A resolver that says the same to everything.
#[derive(Debug)]
struct Parrot(Vec<u8>);

impl RawDns for Parrot {
    fn exchange(&self, query: Vec<u8>) -> RawAnswer<'_> {
        Box::pin(async move {
            let mut answer = self.0.clone();
            // The right id, or nothing behind it would be looked at.
            answer.iter_mut().zip(query.iter().take(2)).for_each(|(octet, id)| *octet = *id);
            Ok(answer)
        })
    }
}

/// An answer as it came, to questions of every kind.
pub(crate) fn run(input: &[u8]) {
    thread_local! {
        static RUNTIME: RefCell<Runtime> = RefCell::new(Builder::new_current_thread().enable_time().build().expect("a runtime"));
    }
    let servers = DnsServers::Raw(Arc::new(Parrot(input.to_vec())));
    let resolver = Resolver::new(ResolverConfig { servers, ..ResolverConfig::default() });
    RUNTIME.with_borrow(|runtime| {
        for kind in KINDS {
            let resolution = runtime.block_on(resolver.resolve(Question { name: NAME.to_owned(), kind }));
            if let Resolution::Records { records, .. } = resolution {
                assert!(records.len() <= RECORDS_MAX, "an answer is bounded");
            }
        }
    });
}

/// Answers to each kind of question, with aliases, denials and an extended error.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    const SELF: &[u8] = &[0xc0, 12];
    let name = |text: &str| {
        let labels = text.split('.').flat_map(|label| [&[u8::try_from(label.len()).unwrap_or(0)][..], label.as_bytes()].concat());
        labels.chain([0]).collect::<Vec<u8>>()
    };
    let record = |owner: &[u8], kind: u16, data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap_or(0).to_be_bytes();
        [owner, &kind.to_be_bytes(), &[0, 1, 0, 0, 1, 44], &length, data].concat()
    };
    let message = |kind: u16, code: u8, answers: &[Vec<u8>], authorities: &[Vec<u8>], additional: &[Vec<u8>]| {
        let count = |records: &[Vec<u8>]| u16::try_from(records.len()).unwrap_or(0).to_be_bytes();
        let head = [&[0, 0, 0x81, 0x80 | code, 0, 1][..], &count(answers), &count(authorities), &count(additional)].concat();
        [head, name(NAME), kind.to_be_bytes().to_vec(), vec![0, 1], answers.concat(), authorities.concat(), additional.concat()].concat()
    };
    let naptr = [&[0, 10, 0, 20, 1, b's', 8][..], b"SIPS+D2T", &[0], &name("_sips._tcp.x.example")].concat();
    let soa = [name("ns.example"), name("post.example"), vec![0; 16], vec![0, 0, 1, 44]].concat();
    let opt = [&[0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 6, 0, 15, 0, 2, 0, 6][..]].concat();
    let server = [&[0, 1, 0, 2, 0x13, 0xc5][..], &name("sip.x.example")].concat();
    vec![
        message(1, 0, &[record(SELF, 1, &[9, 9, 9, 9])], &[], &[]),
        message(28, 0, &[record(SELF, 5, &name("y.example")), record(&name("y.example"), 28, &[0x20; 16])], &[], &[]),
        message(33, 0, &[record(SELF, 33, &server), record(SELF, 33, &server)], &[], &[]),
        message(35, 0, &[record(SELF, 35, &naptr)], &[], &[]),
        message(33, 3, &[], &[record(&name("example"), 6, &soa)], &[]),
        message(1, 2, &[], &[], std::slice::from_ref(&opt)),
        message(1, 0, &[record(SELF, 5, SELF)], &[], &[]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_corpus_are_read_before_they_are_changed() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let read = |answer: &[u8], kind| {
            let servers = DnsServers::Raw(Arc::new(Parrot(answer.to_vec())));
            let resolver = Resolver::new(ResolverConfig { servers, ..ResolverConfig::default() });
            runtime.block_on(resolver.resolve(Question { name: NAME.to_owned(), kind }))
        };
        for ((answer, kind), count) in corpus().iter().zip(KINDS).zip([1, 1, 2, 1]) {
            let Resolution::Records { records, .. } = read(answer, kind) else { panic!("{kind:?}: {:?}", read(answer, kind)) };
            assert_eq!(records.len(), count, "{kind:?}");
        }
        assert!(matches!(read(&corpus()[4], RecordType::Srv), Resolution::Nothing { no_such_name: true, .. }));
    }
}
