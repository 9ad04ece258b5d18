//! The rules of the house that a compiler does not know: who may import whom, what a pure room must carry, how long a
//! file may be. `docs/architecture.md` says why.
#![allow(clippy::indexing_slicing, reason = "indexing JSON gives null for what is missing")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A room and the rooms it may import, in the order of `docs/architecture.md`: each imports only from those above it.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("cooee-machine", &[]),
    ("cooee-sdp", &["cooee-machine"]),
    ("cooee-sip", &["cooee-machine", "cooee-sdp"]),
    ("cooee-rtc", &["cooee-machine", "cooee-sdp"]),
    ("cooee-call", &["cooee-machine", "cooee-sdp", "cooee-sip", "cooee-rtc"]),
    ("cooee-phone", &["cooee-machine", "cooee-sdp", "cooee-sip", "cooee-rtc", "cooee-call"]),
    ("cooee-codec", &["cooee-machine"]),
    ("cooee-audio", &["cooee-machine", "cooee-codec"]),
    ("cooee-net", &["cooee-machine"]),
    ("cooee-database", &[]),
    (
        "cooee-engine",
        &[
            "cooee-machine",
            "cooee-sdp",
            "cooee-sip",
            "cooee-rtc",
            "cooee-call",
            "cooee-phone",
            "cooee-codec",
            "cooee-audio",
            "cooee-net",
            "cooee-database",
        ],
    ),
    ("cooee-server", &["cooee-machine", "cooee-sdp", "cooee-sip", "cooee-call", "cooee-codec", "cooee-net", "cooee-database"]),
    ("cooee-uniffi", &["cooee-machine", "cooee-rtc", "cooee-call", "cooee-phone", "cooee-audio", "cooee-net", "cooee-engine"]),
    (
        "cooee",
        &[
            "cooee-machine",
            "cooee-sdp",
            "cooee-rtc",
            "cooee-call",
            "cooee-phone",
            "cooee-codec",
            "cooee-audio",
            "cooee-net",
            "cooee-engine",
            "cooee-server",
        ],
    ),
];

/// Rooms that read no clock, open no socket and draw no randomness.
pub const PURE: &[&str] = &["machine", "sdp", "sip", "rtc", "call", "phone"];

/// Files longer than [`LONGEST`] lines, tests not counted, each with its reason. The list only shrinks.
pub const LONG_FILES: &[(&str, &str)] = &[];

/// The most lines a source file may have before its tests.
pub const LONGEST: usize = 400;

/// Why the workspace could not be read.
#[derive(Debug)]
pub struct Unreadable(pub String);

/// The root of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every member with the members it imports outside its tests.
///
/// # Errors
/// `cargo metadata` did not run or said something that is not its format.
pub fn imports() -> Result<BTreeMap<String, Vec<String>>, Unreadable> {
    let unreadable = |why: &dyn std::fmt::Display| Unreadable(why.to_string());
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .map_err(|e| unreadable(&e))?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|e| unreadable(&e))?;
    let packages = metadata["packages"].as_array().ok_or_else(|| unreadable(&"no packages"))?;
    Ok(packages.iter().map(|p| (text(&p["name"]), normal_imports(&p["dependencies"]))).collect())
}

fn normal_imports(dependencies: &serde_json::Value) -> Vec<String> {
    let all = dependencies.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(|d| d["kind"].is_null() && !d["path"].is_null()).map(|d| text(&d["name"])).collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Every file below `folder` whose name ends like this, generated folders left out.
pub fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, ending, found);
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

/// Lines before the file's own tests.
#[must_use]
pub fn lines_before_tests(source: &str) -> usize {
    source.lines().take_while(|l| !l.starts_with("#[cfg(test)]")).count()
}
