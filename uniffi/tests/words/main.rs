//! What people read crosses as enums. `words.txt` lists the name of the text that each variant needs and what belongs into it; the sources
//! and every locale of the app are compared with it. docs/android.md says how names come about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod listed;
mod locales;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_list_has_every_word_of_the_facade() {
    let written = listed::words(&listed::sources(&root().join("uniffi/src"))).join("\n") + "\n";
    let path = root().join("uniffi/words.txt");
    if std::env::var_os("COOEE_WRITE_WORDS").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let has = |list: &str, line: &str| list.lines().any(|other| other == line);
    let new: Vec<&str> = written.lines().filter(|line| !has(&kept, line)).collect();
    let old: Vec<&str> = kept.lines().filter(|line| !has(&written, line)).collect();
    assert!(
        kept == written,
        "uniffi/words.txt is not up to date; new: {new:?}; gone: {old:?}. Type: COOEE_WRITE_WORDS=1 cargo test -p cooee-uniffi --test words"
    );
}

#[test]
fn every_complete_locale_of_the_app_has_every_word_and_each_has_what_belongs_into_it() {
    let list = std::fs::read_to_string(root().join("uniffi/words.txt")).unwrap();
    let faults = locales::faults(&list, &locales::read(&root().join("android/app/src/main/res")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
