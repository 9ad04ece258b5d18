//! Which contacts can be called, and what that tells whom.

use std::collections::BTreeSet;

use crate::dns::Recorder;
use crate::process::{Cooee, Ended, Folder};

const BOOK: &str = "# friends\nAnna Nagy <anna.secretly@takes.example>\nben.secretly@takes.example\nsip:+4915112345@refuses.example\n\
                    carla.secretly@gmail.com\n+49 30 7654321\nxmpp:dora.secretly@chat.example/desk\nhttps://example.org\n";

/// What a book of these is asked about, and nothing else.
const DOMAINS: [&str; 3] = ["takes.example", "refuses.example", "chat.example"];
const LABELS: [&str; 5] = ["_sips._tcp.", "_sip._tcp.", "_sip._udp.", "_xmpp-server._tcp.", "_xmpps-server._tcp."];

fn recorder() -> Recorder {
    Recorder::knowing(&["_sips._tcp.takes.example", "_xmpp-server._tcp.chat.example"])
}

fn states(ended: &Ended) -> Vec<(&str, &str)> {
    let contacts = ended.events.iter().filter(|event| event["event"] == "contact");
    contacts.map(|event| (event["address"].as_str().unwrap(), event["state"].as_str().unwrap())).collect()
}

/// All that may be asked about domains: NAPTR and five SRV records each.
fn allowed() -> BTreeSet<String> {
    let of_one = |domain: &str| LABELS.iter().map(|label| format!("{label}{domain}")).chain([domain.to_owned()]).collect::<Vec<_>>();
    DOMAINS.into_iter().flat_map(of_one).collect()
}

#[test]
fn a_book_is_probed_once_and_nothing_of_a_person_is_asked() {
    let folder = Folder::new("book");
    let book = folder.join("contacts.txt");
    std::fs::write(&book, BOOK).unwrap();
    let resolver = recorder();
    let run = |arguments: &[&str]| Cooee::start(folder.path(), &[arguments, &["--dns", &resolver.address]].concat()).end();
    run(&["contacts"]).assert(1, "Name a file");
    run(&["contacts", book.to_str().unwrap()]);
    assert_eq!(resolver.take_asked(), [], "looking asks nobody");

    let probed = run(&["probe", book.to_str().unwrap()]);
    assert_eq!(probed.code, Some(0), "{probed:#?}");
    let expected = [
        ("Anna Nagy <anna.secretly@takes.example>", "publishes calls"),
        ("ben.secretly@takes.example", "publishes calls"),
        ("xmpp:dora.secretly@chat.example/desk", "publishes calls"),
        ("+49 30 7654321", "number only"),
        ("sip:+4915112345@refuses.example", "not published"),
        ("carla.secretly@gmail.com", "not published"),
    ];
    assert_eq!(states(&probed), expected);
    let asked = resolver.take_asked();
    let names: BTreeSet<String> = asked.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, allowed());
    assert_eq!(asked.len(), 18, "each question once: {asked:?}");
    assert_eq!(probed.event("probe")["questions"], 18);

    let again = run(&["probe"]);
    assert_eq!((states(&again), again.event("probe")["asked"].as_u64()), (expected.to_vec(), Some(0)), "the file of last time, all fresh");
    assert_eq!(states(&run(&["contacts"])), expected);
    assert_eq!(resolver.take_asked(), []);
}

#[test]
fn privacy_lists_what_was_asked_and_wipes_it() {
    let folder = Folder::new("privacy");
    let book = folder.join("contacts.txt");
    std::fs::write(&book, BOOK).unwrap();
    let resolver = recorder();
    let run = |arguments: &[&str]| Cooee::start(folder.path(), &[arguments, &["--dns", &resolver.address]].concat()).end();
    run(&["probe", book.to_str().unwrap()]);
    let listed = run(&["privacy"]);
    assert_eq!((listed.event("stored")["domains"].as_u64(), listed.event("stored")["people"].as_u64()), (Some(3), Some(0)));
    let asked: Vec<(String, u64)> = listed
        .events
        .iter()
        .filter(|event| event["event"] == "asked")
        .map(|event| (event["kind"].as_str().unwrap().to_owned(), event["times"].as_u64().unwrap()))
        .collect();
    let kinds: BTreeSet<&str> = asked.iter().map(|(kind, _)| kind.as_str()).collect();
    let expected: BTreeSet<String> =
        LABELS.iter().map(|label| format!("SRV {}", label.trim_end_matches('.'))).chain(["NAPTR".to_owned()]).collect();
    assert_eq!(kinds, expected.iter().map(String::as_str).collect());
    assert_eq!(asked.iter().map(|(_, times)| times).sum::<u64>(), 18);
    assert!(listed.events.iter().filter(|event| event["event"] == "asked").all(|event| event["whom"] == resolver.address.as_str()));
    assert_eq!(run(&["privacy", "wipe"]).code, Some(0));
    let wiped = run(&["privacy"]);
    assert!(wiped.events.iter().all(|event| event["event"] != "asked"), "{wiped:#?}");
    assert_eq!((wiped.event("stored")["domains"].as_u64(), wiped.event("stored").get("contacts")), (Some(0), None));
    assert!(!folder.join("secrets/contacts.key").exists());
}

#[test]
fn a_contact_is_marked_and_unmarked_whose_phone_may_be_asked_and_a_wipe_forgets_it() {
    let folder = Folder::new("marks");
    let book = folder.join("contacts.txt");
    std::fs::write(&book, BOOK).unwrap();
    let resolver = recorder();
    let run = |arguments: &[&str]| Cooee::start(folder.path(), &[arguments, &["--dns", &resolver.address]].concat()).end();
    let marked = || -> Vec<(String, bool)> {
        let listed = run(&["contacts", book.to_str().unwrap()]);
        let of = |event: &serde_json::Value| Some((event["address"].as_str()?.to_owned(), event["marked"].as_bool()?));
        listed.events.iter().filter_map(of).collect()
    };
    assert_eq!(marked(), []);
    run(&["contacts", "mark", "ben.secretly@Takes.example"]).assert(0, "");
    run(&["contacts", "unmark", "sip:anna.secretly@takes.example"]).assert(0, "");
    let expected = [("Anna Nagy <anna.secretly@takes.example>", false), ("ben.secretly@takes.example", true)];
    assert_eq!(marked(), expected.map(|(who, wanted)| (who.to_owned(), wanted)));
    for nobody in ["+41446681800", "ben", "xmpp:dora.secretly@chat.example", "112"] {
        run(&["contacts", "mark", nobody]).assert(2, "Not marked");
    }
    // A mailbox may be called by XMPP one day: its name there is marked, too.
    assert_eq!(run(&["privacy"]).event("stored")["marks"], 3);
    assert_eq!(run(&["privacy", "wipe"]).code, Some(0));
    assert_eq!((marked(), resolver.take_asked()), (Vec::new(), Vec::new()), "nobody was asked anything");
}

/// Everything that the program writes, on disk, to the log and on the wire, holds nothing of a person but what the book itself does.
#[test]
fn no_local_part_number_or_name_leaves_or_is_logged() {
    let folder = Folder::new("marked");
    let book = folder.join("contacts.txt");
    let marks: Vec<String> = (0..40).map(|number| format!("mark{number}qz")).collect();
    let lines = marks.iter().enumerate().map(|(number, mark)| match number % 4 {
        0 => format!("Name{mark} <{mark}@d{number}.example>"),
        1 => format!("sip:{mark}@d{number}.example;user=phone"),
        2 => format!("xmpp:{mark}@d{number}.example/{mark}"),
        _ => format!("+4930777{number:04}"),
    });
    std::fs::write(&book, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let home = folder.join("home");
    let resolver = Recorder::knowing(&[]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cooee"))
        .args(["probe", book.to_str().unwrap(), "--dns", &resolver.address, "--home", home.to_str().unwrap()])
        .env("COOEE_LOG", "trace")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let asked = resolver.take_asked();
    assert_eq!(asked.len(), 30 * 6);
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    for mark in &marks {
        assert!(!asked.iter().any(|(name, _)| name.contains(mark.as_str())), "{mark} was asked about");
        assert!(!log.contains(mark.as_str()), "{mark} is in the log");
    }
    assert!(!log.contains("30777") && !asked.iter().any(|(name, _)| name.contains("30777")));
    assert!(shown.contains("mark0qz") && shown.contains("number only"), "people read their own book: {shown}");
    for file in std::fs::read_dir(&home).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let octets = std::fs::read(&file).unwrap();
        let has = |text: &str| octets.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!marks.iter().any(|mark| has(mark)) && !has("d0.example") && !has("30777"), "{file:?} holds contacts");
    }
}
