//! What crashed once never crashes again, and a small share of what `cargo run -p cooee-fuzz` feeds.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use cooee_fuzz::{Fuzzer, Target, fixtures};

/// Feeds one target.
fn feed(target: Target, runs: u64) {
    let fuzzer = Fuzzer::new(target);
    for number in 0..runs {
        fuzzer.feed(2026, number).unwrap_or_else(|crash| panic!("--target {} --seed 2026 --from {number}: {}", target.name(), crash.words));
    }
}

#[test]
fn every_crasher_found_so_far_is_survived() {
    for entry in std::fs::read_dir(fixtures().join("crashers")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(target) = name.split('-').next().and_then(Target::from_name) else { continue };
        target.survives(&std::fs::read(&path).unwrap()).unwrap_or_else(|crash| panic!("{name}: {}", crash.words));
    }
}

#[test]
fn the_corpus_itself_is_survived() {
    for target in [Target::Sip, Target::Sdp, Target::Address, Target::Enum, Target::Dns, Target::Frames] {
        let corpus = target.corpus();
        assert!(!corpus.is_empty(), "{target:?} has a corpus");
        for (number, input) in corpus.iter().enumerate() {
            target.survives(input).unwrap_or_else(|crash| panic!("{target:?} {number}: {}", crash.words));
        }
    }
}

#[test]
fn mutants_of_messages_are_survived() {
    feed(Target::Sip, 20_000);
}

#[test]
fn mutants_of_descriptions_are_survived() {
    feed(Target::Sdp, 20_000);
}

#[test]
fn mutants_of_what_people_write_are_survived() {
    feed(Target::Address, 4_000);
}

#[test]
fn mutants_of_the_rules_of_a_number_are_survived() {
    feed(Target::Enum, 2_000);
}

#[test]
fn mutants_of_dns_answers_are_survived() {
    feed(Target::Dns, 2_000);
}

#[test]
fn torn_streams_are_survived() {
    feed(Target::Frames, 4_000);
}

#[test]
fn mutants_of_media_are_survived_at_every_stage() {
    for target in [Target::Gathering, Target::Handshake, Target::Secured, Target::Insider, Target::Plain] {
        feed(target, 30);
    }
}

#[test]
fn phones_survive_what_they_are_told() {
    feed(Target::Phone, 60);
}

#[test]
fn a_server_survives_what_it_is_told() {
    feed(Target::Server, 60);
}
