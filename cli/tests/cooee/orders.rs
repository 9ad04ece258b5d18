//! Phones led by commands on standard input.

use serde_json::{Value, json};

use crate::server::Server;

#[test]
fn a_call_is_made_answered_muted_and_ended_by_commands() {
    let server = Server::start("orders");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let hers = anna.obey(&json!({"id": "first", "command": "dial", "address": "ben@cooee.test", "from": "anna@cooee.test"}));
    let rings = ben.until_state("ringing");
    assert_eq!((rings["direction"].as_str(), rings["peer"].as_str()), (Some("incoming"), Some("sip:anna@cooee.test")));
    let his = ben.obey(&json!({"command": "answer"}));
    anna.until_call(hers, "active");
    ben.until_call(his, "active");

    anna.obey(&json!({"command": "digits", "digits": "4#"}));
    for digit in ["4", "#"] {
        ben.until("a digit", |event| event["event"] == "digit" && event["digit"] == digit);
    }
    ben.obey(&json!({"command": "mute"}));
    ben.until("muted", |event| event["event"] == "muted" && event["muted"] == true);
    let status = {
        ben.obey(&json!({"id": 5, "command": "status"}));
        ben.until("status", |event| event["event"] == "status")
    };
    assert_eq!((&status["id"], &status["accounts"][0]["state"]), (&json!(5), &json!("registered")));
    assert_eq!((&status["calls"][0]["call"], &status["calls"][0]["muted"]), (&json!(his), &json!(true)));

    ben.obey(&json!({"command": "hang_up", "call": his}));
    let ended = anna.until("the end", |event| event["event"] == "ended");
    assert_eq!((&ended["call"], &ended["reason"]), (&json!(hers), &json!("hung-up.peer")));
    anna.obey(&json!({"command": "quit"}));
    assert_eq!(anna.end().code, Some(0));
}

#[test]
fn a_call_is_declined_by_a_command_and_the_caller_s_process_ends_with_it() {
    let server = Server::start("decline");
    server.person("anna");
    let mut ben = server.phone("ben");
    let silence = server.home("ben.wav");
    let mut anna = server.command("anna", &["call", "ben", "--speak", silence.to_str().unwrap()]);
    ben.until_state("ringing");
    ben.obey(&json!({"command": "decline"}));
    anna.until("the end", |event| event["reason"] == "declined.peer");
    assert_eq!(anna.end().code, Some(4));
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason_and_what_is_no_command_is_an_error() {
    let server = Server::start("refused");
    let mut anna = server.phone("anna");
    for (command, reason) in [
        (json!({"command": "answer"}), "nothing-rings"),
        (json!({"command": "hang_up"}), "no-call"),
        (json!({"command": "hang_up", "call": 99}), "no-such-call"),
        (json!({"command": "digits", "call": 1, "digits": "1x"}), "not-a-digit"),
        (json!({"command": "dial", "address": " "}), "bad-address"),
        (json!({"command": "dial", "address": "ben", "from": "zoe@cooee.test"}), "no-such-account"),
    ] {
        let answer = anna.order(&command);
        assert_eq!((&answer["event"], &answer["reason"]), (&json!("refused"), &json!(reason)), "{command}: {answer}");
        assert!(answer["text"].as_str().is_some_and(|text| text.len() > 10), "{answer}");
    }
    for broken in [json!({"command": "fly", "id": 7}), json!({"command": "x".repeat(100_000)}), json!([1, 2, 3])] {
        let answer = anna.order(&broken);
        assert_eq!(answer["event"], "error", "{answer}");
    }
    let dialled = anna.obey(&json!({"command": "dial", "address": "not an address"}));
    let ended = anna.until("the end", |event| event["event"] == "ended");
    assert_eq!((&ended["call"], &ended["reason"]), (&json!(dialled), &json!("bad-address")));
    assert_eq!(anna.order(&json!({"command": "status"}))["event"], Value::from("accepted"), "it goes on after all that");
}
