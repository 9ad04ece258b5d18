//! Whether a call would ring.

use serde_json::{Value, json};

use crate::process::Ended;
use crate::server::Server;

fn level(ended: &Ended, condition: &str) -> Value {
    ended.events.iter().find(|event| event["condition"] == condition).map(|event| event["level"].clone()).unwrap_or_default()
}

#[test]
fn whether_a_call_would_ring_is_told_with_what_mends_it_beside_a_running_phone_and_without() {
    let server = Server::start("reach");
    let nobody = server.command("anna", &["reach"]).end();
    assert_eq!((nobody.code, level(&nobody, "account"), level(&nobody, "running")), (Some(4), "unmet".into(), "unmet".into()));
    server.person("anna");
    let idle = server.command("anna", &["reach"]).end();
    assert_eq!((idle.code, level(&idle, "logged-in"), level(&idle, "running")), (Some(4), "met".into(), "unmet".into()), "{idle:#?}");
    let mend = idle.events.iter().find(|event| event["condition"] == "running").unwrap();
    assert_eq!(mend["action"], "start-phone", "{mend}");
    let mut phone = server.phone("ben");
    let beside = server.command("ben", &["reach"]).end();
    assert_eq!((beside.code, &beside.event("reach")["rings"]), (Some(0), &json!(true)), "{beside:#?}");
    for condition in ["running", "network", "account", "logged-in", "encrypted", "certificate", "clock", "undisturbed", "strangers"] {
        // The certificate of `localserve` holds for some days only.
        let expected = if condition == "certificate" { level(&beside, condition) } else { "met".into() };
        assert_eq!(level(&beside, condition), expected, "{condition}: {beside:#?}");
        assert!(!level(&beside, condition).is_null(), "{condition}: {beside:#?}");
    }
    // The look has not taken the phone's place.
    let mut cleo = server.phone("cleo");
    cleo.obey(&json!({"command": "dial", "address": "ben"}));
    phone.until("it rings", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    phone.obey(&json!({"command": "decline"}));
    phone.obey(&json!({"command": "dnd"}));
    phone.obey(&json!({"command": "reach"}));
    let undisturbed = phone.until("a condition", |event| event["condition"] == "undisturbed");
    assert_eq!((&undisturbed["level"], &undisturbed["action"]), (&json!("unmet"), &json!("end-do-not-disturb")));
    assert_eq!(phone.until("the sum", |event| event["event"] == "reach")["rings"], false);
}

#[test]
fn a_server_that_cannot_be_reached_is_why_no_call_would_ring() {
    let server = Server::start("no-reach");
    server.person("anna");
    let folder = server.stop();
    let ended = crate::process::Cooee::start(&folder.join("anna"), &["reach"]).end();
    assert_eq!((ended.code, level(&ended, "logged-in")), (Some(4), "unmet".into()), "{ended:#?}");
}
