//! Short texts, and who may ring.

use serde_json::{Value, json};

use crate::server::Server;

#[test]
fn texts_arrive_and_are_kept_on_both_sides() {
    let server = Server::start("texts");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let sent = anna.order(&json!({"command": "message", "address": "ben@cooee.test", "text": "Grüße ❤"}));
    let number = sent["message"].as_u64().unwrap();
    let came = ben.until("a text", |event| event["event"] == "message");
    assert_eq!((&came["text"], &came["peer"]), (&json!("Grüße ❤"), &json!("sip:anna@cooee.test")));
    anna.until("delivered", |event| event["event"] == "delivered" && event["message"] == number);
    let lost = anna.order(&json!({"command": "message", "address": "nobody@cooee.test", "text": "Hello?"}));
    let told = anna.until("undelivered", |event| event["event"] == "undelivered" && event["message"] == lost["message"]);
    assert!(told["text"].as_str().unwrap().contains("nobody at that address"), "{told}");
    assert_eq!(anna.order(&json!({"command": "message", "address": "ben", "text": ""}))["reason"], "length");
    for phone in [&mut anna, &mut ben] {
        phone.obey(&json!({"command": "quit"}));
    }
    assert_eq!((anna.end().code, ben.end().code), (Some(0), Some(0)));
    let list = |name: &str| server.command(name, &["messages"]).end().events;
    assert_eq!(list("anna").last().unwrap()["trouble"], told["text"], "the same words later");
    let states = |name: &str| list(name).iter().map(|event| event["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(states("anna"), ["delivered", "failed"]);
    assert_eq!(states("ben"), ["received"]);
}

#[test]
fn a_text_is_sent_by_its_own_command() {
    let server = Server::start("text");
    server.person("anna");
    let mut ben = server.phone("ben");
    let sent = server.command("anna", &["message", "ben@cooee.test", "Call me"]).end();
    assert_eq!((sent.code, sent.event("delivered")["message"].as_u64()), (Some(0), Some(1)), "{sent:#?}");
    assert_eq!(ben.until("a text", |event| event["event"] == "message")["text"], "Call me");
    let lost = server.command("anna", &["message", "nobody@cooee.test", "Call me"]).end();
    lost.assert(4, "nobody at that address");
    server.command("anna", &["message", "ben@cooee.test", &"x".repeat(1000)]).end().assert(2, "1 to 900 octets");
}

#[test]
fn who_is_blocked_neither_rings_nor_writes_until_forgiven() {
    let server = Server::start("block");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    ben.obey(&json!({"command": "block", "address": "anna@cooee.test"}));
    let call = anna.obey(&json!({"command": "dial", "address": "ben"}));
    let ended = anna.until("the end", |event| event["event"] == "ended" && event["call"] == call);
    assert_eq!(ended["reason"], "declined.peer");
    ben.until("the end", |event| event["event"] == "ended" && event["reason"] == "blocked");
    let why = anna.order(&json!({"command": "message", "address": "ben", "text": "Why?"}));
    let outcome = ["delivered", "undelivered"];
    anna.until("an outcome", |event| outcome.iter().any(|kind| event["event"] == *kind) && event["message"] == why["message"]);
    let blocked = server.command("ben", &["blocked"]).end();
    assert_eq!((&blocked.event("blocked")["address"], &blocked.event("blocked")["texts"]), (&json!("anna@cooee.test"), &json!(1)));
    ben.obey(&json!({"command": "unblock", "address": "anna@cooee.test"}));
    assert_eq!(ben.order(&json!({"command": "unblock", "address": "anna@cooee.test"}))["reason"], "not-blocked");
    anna.obey(&json!({"command": "message", "address": "ben", "text": "Thanks"}));
    assert_eq!(ben.until("a text", |event| event["event"] == "message")["text"], "Thanks", "the first one is dropped");
}

#[test]
fn what_is_said_about_callers_beside_a_running_phone_takes_effect_there_and_stays() {
    let server = Server::start("beside");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    ben.obey(&json!({"command": "block", "address": "spam.example"}));
    let call = anna.obey(&json!({"command": "dial", "address": "ben"}));
    ben.until("ringing", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    assert_eq!(server.command("ben", &["block", "anna@cooee.test"]).end().code, Some(0));
    let ended = anna.until("the end", |event| event["event"] == "ended" && event["call"] == call);
    assert_eq!(ended["reason"], "declined.peer");
    ben.obey(&json!({"command": "block", "address": "eve@cooee.test"}));
    assert_eq!(server.command("ben", &["blocked"]).end().events.len(), 3);
}

#[test]
fn texts_of_a_command_beside_a_running_phone_and_of_the_phone_are_all_kept() {
    let server = Server::start("both");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let sent = server.command("ben", &["message", "anna@cooee.test", "by command"]).end();
    assert_eq!(sent.event("delivered")["message"], 1);
    anna.until("a text", |event| event["event"] == "message");
    anna.obey(&json!({"command": "message", "address": "ben", "text": "to the phone"}));
    assert_eq!(ben.until("a text", |event| event["event"] == "message")["message"], 2);
    let list = server.command("ben", &["messages"]).end();
    assert_eq!(list.events.iter().map(|event| &event["text"]).collect::<Vec<_>>(), ["by command", "to the phone"]);
    assert_eq!(list.events.iter().map(|event| &event["new"]).collect::<Vec<_>>(), [&Value::Null, &json!(true)], "only what came is new");
    assert_eq!(server.command("ben", &["messages", "--with", "cleo", "--with", "anna@cooee.test"]).end().events.len(), 2);
    assert_eq!(server.command("ben", &["messages", "--with", "cleo"]).end().events.len(), 0);
    assert_eq!(server.command("ben", &["messages", "forget", "all"]).end().event("forgotten")["count"], 2);
    assert_eq!(server.command("ben", &["messages"]).end().events.len(), 0);
}

#[test]
fn who_does_not_want_to_be_disturbed_finds_missed_calls_in_the_log() {
    let server = Server::start("dnd");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    ben.obey(&json!({"command": "dnd"}));
    let call = anna.obey(&json!({"command": "dial", "address": "ben"}));
    anna.until("the end", |event| event["event"] == "ended" && event["call"] == call);
    ben.until("the end", |event| event["event"] == "ended" && event["reason"] == "do-not-disturb");
    ben.obey(&json!({"command": "allow", "address": "anna@cooee.test"}));
    ben.obey(&json!({"command": "standing", "address": "sip:anna@COOEE.test"}));
    ben.until("the standing", |event| event["event"] == "standing" && event["allowed_by"] == "anna@cooee.test");
    anna.obey(&json!({"command": "dial", "address": "ben"}));
    ben.until("ringing", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    ben.obey(&json!({"command": "decline"}));
    ben.obey(&json!({"command": "disallow", "address": "anna@cooee.test"}));
    ben.obey(&json!({"command": "quit"}));
    assert_eq!(ben.end().code, Some(0));
    let missed = server.command("ben", &["log", "--missed"]).end();
    assert_eq!(
        (missed.event("past")["missed"].as_bool(), missed.event("past")["peer"].as_str()),
        (Some(true), Some("sip:anna@cooee.test"))
    );
    let number = missed.event("past")["number"].to_string();
    assert_eq!(missed.event("past")["new"], true);
    assert_eq!(server.command("ben", &["log", "seen"]).end().code, Some(0));
    assert!(server.command("ben", &["log", "--missed"]).end().event("past").get("new").is_none(), "it was looked at");
    assert_eq!(server.command("ben", &["log", "--before", &number, "--missed"]).end().events.len(), 0);
    for (whom, lines) in [("anna", 1), ("sip:anna@COOEE.test", 1), ("cleo", 0)] {
        assert_eq!(server.command("ben", &["log", "--missed", "--with", whom]).end().events.len(), lines, "{whom}");
    }
    assert_eq!(server.command("ben", &["log", "forget", &number]).end().event("forgotten")["count"], 1);
    assert_eq!(server.command("ben", &["log", "forget", &number]).end().code, Some(1), "it is gone");
    assert_eq!(server.command("ben", &["log", "--missed"]).end().events.len(), 0);
    assert_eq!(server.command("anna", &["log", "--missed"]).end().events.len(), 0);
    let mut ben = server.command("ben", &["phone"]);
    assert_eq!(ben.until("still so", |event| event["event"] == "disturbance")["do_not_disturb"], true);
}
