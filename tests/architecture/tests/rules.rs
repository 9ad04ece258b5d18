//! One test a rule.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

use cooee_architecture::{LONG_FILES, LONGEST, PURE, ROOMS, files, imports, lines_before_tests, root};

#[test]
fn no_arrow_points_up() {
    let imports = imports().expect("cargo metadata");
    for (room, allowed) in ROOMS {
        let found =
            imports.get(*room).unwrap_or_else(|| panic!("{room} is gone from the workspace: change ROOMS and docs/architecture.md"));
        let wrong: Vec<_> = found.iter().filter(|i| !allowed.contains(&i.as_str())).collect();
        assert!(wrong.is_empty(), "{room} must not import {wrong:?}; see docs/architecture.md");
    }
}

#[test]
fn every_room_is_known() {
    let tests = ["cooee-sim", "cooee-architecture", "cooee-fuzz", "cooee-torture", "cooee-interop", "cooee-quality", "cooee-dns-lab"];
    let tools = ["cooee-bindgen"];
    for room in imports().expect("cargo metadata").keys() {
        let known = ROOMS.iter().any(|(name, _)| name == room) || tests.contains(&room.as_str()) || tools.contains(&room.as_str());
        assert!(known, "{room} is new: add it to ROOMS and to docs/architecture.md");
    }
}

#[test]
fn a_pure_room_forbids_unsafe_clocks_and_sockets() {
    for room in PURE {
        let folder = root().join("core").join(room);
        let lib = std::fs::read_to_string(folder.join("src/lib.rs")).expect("lib.rs");
        assert!(lib.contains("#![forbid(unsafe_code)]"), "{room} must forbid unsafe code");
        let clippy = std::fs::read_to_string(folder.join("clippy.toml")).expect("clippy.toml");
        for banned in ["Instant::now", "SystemTime::now", "HashMap::iter", "UdpSocket", "TcpStream"] {
            assert!(clippy.contains(banned), "{room}/clippy.toml no longer bans {banned}");
        }
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("Cargo.toml");
        let needed = manifest.split("[dev-dependencies]").next().expect("a first part");
        for runtime in ["tokio", "hickory", "rusqlite", "cpal"] {
            assert!(!needed.contains(runtime), "{room} must not depend on {runtime}");
        }
    }
}

#[test]
fn there_is_one_crypto_provider() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    for banned in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "webrtc-ice"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"\n")), "{banned} came in; see docs/decisions/0003");
    }
    assert!(lock.contains("name = \"ring\"\n"), "this test reads the wrong file");
}

#[test]
fn only_the_facade_knows_how_other_languages_are_spoken_to() {
    let mut manifests = Vec::new();
    for folder in ["core", "server", "cli", "tests", "uniffi"] {
        files(&root().join(folder), "Cargo.toml", &mut manifests);
    }
    let knows = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("readable").contains("\nuniffi");
    let found: Vec<_> = manifests.iter().filter(|path| knows(path)).collect();
    let facade = ["uniffi/Cargo.toml", "uniffi/bindgen/Cargo.toml"].map(|path| root().join(path));
    assert_eq!(found, facade.iter().collect::<Vec<_>>());
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    assert!(workspace.contains("uniffi = { version = \"="), "what is generated fits one version: pin it exactly");
}

#[test]
fn files_stay_short() {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["core", "server", "cli", "uniffi", "tests"] {
        files(&root.join(folder), ".rs", &mut sources);
    }
    assert!(sources.len() > 50, "found only {} files: the walk is broken", sources.len());
    for file in sources {
        let name = file.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
        if name.split('/').skip(1).any(|part| part == "tests" || part == "tests.rs") {
            continue; // a test may be as long as its list of cases
        }
        let lines = lines_before_tests(&std::fs::read_to_string(&file).expect("readable"));
        let excused = LONG_FILES.iter().any(|(path, _)| *path == name);
        assert!(
            excused || lines <= LONGEST,
            "{name} has {lines} lines before its tests; cut it into nouns, or give a reason in LONG_FILES"
        );
        assert!(!excused || lines > LONGEST, "{name} is short now: take it off LONG_FILES");
    }
}
