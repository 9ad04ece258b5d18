//! What crashed once never crashes again, and a small share of what `cargo run -p cooee-fuzz` feeds.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use cooee_fuzz::{Target, fixtures, mutant};

#[test]
fn every_crasher_found_so_far_is_survived() {
    for entry in std::fs::read_dir(fixtures().join("crashers")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(target) = name.split('-').next().and_then(Target::from_name) else { continue };
        target.survives(&std::fs::read(&path).unwrap()).unwrap_or_else(|words| panic!("{name}: {words}"));
    }
}

#[test]
fn the_corpus_itself_is_survived() {
    for target in Target::ALL {
        let corpus = target.corpus();
        assert!(!corpus.is_empty(), "{target:?} has a corpus");
        for (number, input) in corpus.iter().enumerate() {
            target.survives(input).unwrap_or_else(|words| panic!("{target:?} {number}: {words}"));
        }
    }
}

#[test]
fn twenty_thousand_mutants_a_target_are_survived() {
    for target in Target::ALL {
        let corpus = target.corpus();
        for number in 0..20_000 {
            let input = mutant(&corpus, 2026, number);
            target.survives(&input).unwrap_or_else(|words| panic!("{target:?} --seed 2026 --from {number}: {words}"));
        }
    }
}
