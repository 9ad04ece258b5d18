//! Every exported call has a contract, here and in Kotlin.

use std::path::Path;

/// All files with this ending below a folder, as one text.
fn all(folder: &Path, ending: &str) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| match path.is_dir() {
        true => all(&path, ending),
        false if path.extension().is_some_and(|it| it == ending) => std::fs::read_to_string(path).unwrap(),
        false => String::new(),
    };
    entries.map(read).collect()
}

/// The exported calls of the handle and of streams.
fn exported(sources: &str) -> Vec<String> {
    let blocks = sources.split("#[uniffi::export]\nimpl ").skip(1).map(|block| block.split("\n}").next().unwrap());
    let functions =
        blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("    pub ")?.trim_start_matches("async ").strip_prefix("fn "));
    functions.map(|rest| rest.split('(').next().unwrap().to_owned()).collect()
}

/// `forget_calls` as `forgetCalls`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    parts.map(capital).fold(first, |name, part| name + &part)
}

#[test]
fn every_exported_call_has_a_contract_here_and_in_kotlin() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let calls = exported(&all(&here.join("src"), "rs"));
    assert!(calls.len() > 50 && calls.iter().any(|name| name == "forget_calls"), "{calls:?}");
    let (rust, kotlin) = (all(&here.join("tests/contract"), "rs"), all(&here.join("../android/core/src/test/kotlin"), "kt"));
    let is_called = |text: &str, name: &str| [format!(".{name}("), format!("::{name}")].iter().any(|call| text.contains(call.as_str()));
    let without =
        |text: &str, name: &dyn Fn(&str) -> String| calls.iter().filter(|it| !is_called(text, &name(it))).cloned().collect::<Vec<_>>();
    assert_eq!(without(&rust, &str::to_owned), [""; 0], "without a contract in Rust");
    assert_eq!(without(&kotlin, &camel), [""; 0], "without a contract in Kotlin");
}
