//! Calls that come about.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::process::{Cooee, Folder};
use crate::server::Server;

fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/speech").join(name)
}

/// Seconds of sound that the header of a WAV file promises; the file must be as long as it says.
fn seconds(path: &Path) -> f64 {
    let bytes = std::fs::read(path).unwrap();
    let field = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(&bytes[..4], b"RIFF");
    assert_eq!(field(4) + 8, bytes.len(), "the header of {} is not complete", path.display());
    let data = bytes.windows(4).position(|part| part == b"data").unwrap();
    f64::from(u32::try_from(field(data + 4)).unwrap()) / 96_000.0
}

fn share(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap_or_else(|| panic!("no {field} in {event}"))
}

#[test]
fn the_demonstration_speaks_both_ways() {
    let folder = Folder::new("demo");
    let demo = Cooee::start(folder.path(), &["demo"]).end();
    assert_eq!(demo.code, Some(0), "{demo:#?}");
    let arrivals: Vec<_> = demo.events.iter().filter(|event| event["event"] == "arrival").collect();
    assert_eq!(arrivals.len(), 2);
    for arrival in arrivals {
        assert!(share(arrival, "score") > 0.7 && share(arrival, "complete") > 0.95, "{arrival}");
        assert!(seconds(Path::new(arrival["file"].as_str().unwrap())) > 7.0);
    }
    assert_eq!(demo.event("secured")["security"], "encrypted end to end");
}

#[test]
fn who_presses_ctrl_c_again_leaves_at_once_with_a_whole_recording() {
    let server = Server::start("again");
    server.person("anna");
    let mut ben = server.phone("ben");
    let recorded = server.home("anna-heard.wav");
    let mut call = server.command("anna", &["call", "ben@cooee.test", "--record", recorded.to_str().unwrap()]);
    ben.until("ringing", |event| event["state"] == "ringing");
    ben.obey(&json!({"command": "answer"}));
    call.until_state("active");
    std::thread::sleep(std::time::Duration::from_secs(1));
    // Nobody hears of the good-bye.
    server.freeze();
    let call = call.end_impatiently();
    assert_eq!(call.code, Some(130), "{call:#?}");
    assert!(seconds(&recorded) > 0.1);
    ben.interrupt();
    assert_eq!(ben.end_impatiently().code, Some(130));
}

#[test]
fn two_phones_find_each_other_and_ctrl_c_leaves_everything_in_order() {
    let server = Server::start("call");
    server.person("anna");
    server.person("ben");
    let (speech, heard) = (clip("ben.wav"), server.home("heard.wav"));
    let (speech, heard_text) = (speech.to_str().unwrap(), heard.to_str().unwrap());
    let mut phone = server.command("ben", &["phone", "--answer", "--speak", speech, "--record", heard_text]);
    phone.until_state("registered");

    let (hers, recorded) = (clip("anna.wav"), server.home("anna-heard.wav"));
    let arguments = ["call", "ben@cooee.test", "--speak", hers.to_str().unwrap(), "--record", recorded.to_str().unwrap()];
    let mut call = server.command("anna", &arguments);
    call.until_state("active");
    phone.until_state("active");
    std::thread::sleep(std::time::Duration::from_secs(2));
    call.interrupt();
    let call = call.end();
    assert_eq!(call.code, Some(0), "{call:#?}");
    assert_eq!(call.event("ended")["reason"], "hung-up.us");
    assert!(call.event("media")["concealed_ms"].as_u64().unwrap() < 500, "{call:#?}");
    phone.until("ben hears that she hung up", |event| event["reason"] == "hung-up.peer");
    phone.interrupt();
    assert_eq!(phone.end().code, Some(0));
    for recording in [&heard, &recorded] {
        assert!(seconds(recording) > 1.0);
    }
    let log = server.command("anna", &["log"]).end();
    let past = log.event("past");
    assert_eq!((past["direction"].as_str(), past["peer"].as_str()), (Some("outgoing"), Some("sip:ben@cooee.test")));
    assert_eq!(past["security"], "encrypted end to end");
}

#[test]
fn a_call_lasts_as_long_as_it_was_told_to() {
    let server = Server::start("for");
    server.person("anna");
    server.person("ben");
    let (speech, kept) = (clip("ben.wav"), server.home("ben-heard.wav"));
    let arguments = ["phone", "--answer", "--speak", speech.to_str().unwrap(), "--record", kept.to_str().unwrap(), "--for", "1"];
    let mut phone = server.command("ben", &arguments);
    phone.until_state("registered");
    let recorded = server.home("anna-heard.wav");
    let arguments = ["call", "ben", "--speak", speech.to_str().unwrap(), "--record", recorded.to_str().unwrap(), "--codec", "pcma"];
    let call = server.command("anna", &arguments).end();
    assert_eq!(call.event("ended")["reason"], "hung-up.peer", "{call:#?}");
    assert_eq!(call.event("media")["codec"], "PCMA");
}
