//! Two and three phones in real processes, with what each hears.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::process::Cooee;
use crate::server::Server;
use crate::voice::{assert_heard, assert_not_heard, last, longest_quiet, recorded};

/// Enough to say what one has to say twice, so that once it is heard whole.
fn speak() {
    sleep(Duration::from_secs(6));
}

/// Calls somebody, who answers; both numbers of the call.
fn call(caller: &mut Cooee, called: &mut Cooee, name: &str) -> (u64, u64) {
    let out = caller.obey(&json!({"command": "dial", "address": format!("{name}@cooee.test")}));
    called.until("ringing", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    let incoming = called.obey(&json!({"command": "answer"}));
    caller.until_call(out, "active");
    called.until_call(incoming, "active");
    (out, incoming)
}

fn ended(phone: &mut Cooee, call: u64) -> String {
    let event = phone.told("the end", |event| event["event"] == "ended" && event["call"] == call);
    event["reason"].as_str().unwrap().to_owned()
}

fn leave(mut phone: Cooee) {
    phone.obey(&json!({"command": "quit"}));
    assert_eq!(phone.end().code, Some(0));
}

#[test]
fn a_call_over_the_mobile_network_holds_ours_and_another_way_to_the_sound_goes_on_with_it() {
    let server = Server::start("system-call");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let (hers, his) = call(&mut anna, &mut ben, "ben");
    ben.obey(&json!({"command": "system_call", "state": "held"}));
    ben.until_call(his, "held");
    anna.until_call(hers, "held-by-them");
    ben.obey(&json!({"command": "system_call", "state": "none"}));
    ben.until_call(his, "active");
    anna.until_call(hers, "active");
    ben.obey(&json!({"command": "route_changed"}));
    let wrong = ben.order(&json!({"command": "system_call", "state": "over"}));
    assert!(wrong["text"].as_str().unwrap().contains("none, busy or held"), "{wrong}");
    anna.obey(&json!({"command": "hang_up"}));
    assert_eq!(ended(&mut ben, his), "hung-up.peer");
    leave(anna);
    leave(ben);
}

#[test]
fn a_call_on_hold_is_quiet_and_speaks_again_afterwards() {
    let server = Server::start("hold");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let (hers, his) = call(&mut anna, &mut ben, "ben");
    speak();
    ben.obey(&json!({"command": "hold"}));
    ben.until_call(his, "held");
    anna.until_call(hers, "held-by-them");
    assert_eq!(ben.order(&json!({"command": "hold"}))["reason"], "not-now", "it is held already");
    sleep(Duration::from_secs(4));
    ben.obey(&json!({"command": "resume"}));
    ben.until_call(his, "active");
    anna.until_call(hers, "active");
    speak();
    anna.obey(&json!({"command": "hang_up"}));
    assert_eq!(ended(&mut ben, his), "hung-up.peer");
    leave(anna);
    leave(ben);
    for (hearer, speaker) in [("anna", "ben"), ("ben", "anna")] {
        let heard = recorded(&server.heard(hearer));
        assert_heard(&heard, speaker);
        assert_heard(last(&heard, 6), speaker);
        assert!(longest_quiet(&heard) > 2.5, "{hearer} hears {speaker} in a call on hold");
    }
}

#[test]
fn a_second_call_is_taken_while_the_first_is_held_and_one_goes_back_and_forth() {
    let server = Server::start("second");
    let (mut anna, mut ben, mut cleo) = (server.phone("anna"), server.phone("ben"), server.phone("cleo"));
    let (hers, with_anna) = call(&mut anna, &mut ben, "ben");
    let (cleos, with_cleo) = call(&mut cleo, &mut ben, "ben");
    anna.until_call(hers, "held-by-them");
    speak();
    let status = {
        ben.obey(&json!({"command": "status"}));
        ben.until("status", |event| event["event"] == "status")
    };
    let calls: Vec<_> = status["calls"].as_array().unwrap().iter().map(|call| (&call["number"], &call["state"], &call["chosen"])).collect();
    assert_eq!(calls, [(&json!(1), &json!("held"), &json!(false)), (&json!(2), &json!("active"), &json!(true))]);
    ben.obey(&json!({"command": "resume", "call": with_anna}));
    cleo.until_call(cleos, "held-by-them");
    anna.until_call(hers, "active");
    speak();
    ben.obey(&json!({"command": "hang_up", "call": with_anna}));
    assert_eq!(ended(&mut anna, hers), "hung-up.peer");
    ben.obey(&json!({"command": "resume"}));
    cleo.until_call(cleos, "active");
    ben.obey(&json!({"command": "hang_up"}));
    assert_eq!(ended(&mut ben, with_cleo), "hung-up.us");
    for phone in [anna, ben, cleo] {
        leave(phone);
    }
    let (annas, bens, cleos) = (recorded(&server.heard("anna")), recorded(&server.heard("ben")), recorded(&server.heard("cleo")));
    assert_heard(&annas, "ben");
    assert_not_heard(&annas, "cleo");
    assert_heard(&cleos, "ben");
    assert_not_heard(&cleos, "anna");
    assert_heard(&bens, "anna");
    assert_heard(&bens, "cleo");
}

#[test]
fn a_second_call_can_be_taken_ending_the_first_or_be_told_that_one_is_busy() {
    let server = Server::start("ending");
    let (mut anna, mut ben, mut cleo) = (server.phone("anna"), server.phone("ben"), server.phone("cleo"));
    let (hers, _) = call(&mut anna, &mut ben, "ben");
    let busy = cleo.obey(&json!({"command": "dial", "address": "ben"}));
    ben.until("ringing", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    ben.obey(&json!({"command": "decline", "busy": true}));
    assert_eq!(ended(&mut cleo, busy), "busy.peer");
    let again = cleo.obey(&json!({"command": "dial", "address": "ben"}));
    ben.until("ringing", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    ben.obey(&json!({"command": "answer_ending"}));
    assert_eq!(ended(&mut anna, hers), "hung-up.peer");
    cleo.until_call(again, "active");
}

/// Is asked to call this address instead, and does; the call that comes of it.
fn follow(phone: &mut Cooee, target: &str) -> u64 {
    let asked = phone.until("asked", |event| event["event"] == "transfer-asked");
    assert_eq!((&asked["state"], &asked["target"]), (&json!("open"), &json!(target)), "{asked}");
    phone.obey(&json!({"command": "follow_transfer"}));
    phone.told("follows", |event| event["state"] == "followed")["follows"].as_u64().unwrap()
}

#[test]
fn nobody_is_sent_elsewhere_without_being_asked() {
    let server = Server::start("asked");
    let (mut anna, mut ben, mut cleo) = (server.phone("anna"), server.phone("ben"), server.phone("cleo"));
    let (_, his) = call(&mut anna, &mut ben, "ben");
    let refused = anna.order(&json!({"command": "follow_transfer"}));
    assert_eq!(refused["reason"], "nothing-asked");
    ben.obey(&json!({"command": "transfer", "address": "cleo@cooee.test"}));
    anna.until("asked", |event| event["event"] == "transfer-asked" && event["by"] == "sip:ben@cooee.test");
    anna.obey(&json!({"command": "refuse_transfer"}));
    ben.until("failure", |event| event["event"] == "transfer" && event["state"] == "failed" && event["status"] == 603);
    ben.obey(&json!({"command": "hang_up", "call": his}));
    cleo.obey(&json!({"command": "status"}));
    let status = cleo.until("status", |event| event["event"] == "status");
    assert_eq!(status["calls"], json!([]), "it never rang there");
}

#[test]
fn a_call_is_handed_over_to_an_address() {
    let server = Server::start("blind");
    let (mut anna, mut ben, mut cleo) = (server.phone("anna"), server.phone("ben"), server.phone("cleo"));
    let (hers, his) = call(&mut anna, &mut ben, "ben");
    ben.obey(&json!({"command": "transfer", "address": "cleo@cooee.test"}));
    let follows = follow(&mut anna, "sip:cleo@cooee.test");
    let caller = cleo.until("the caller", |event| event["event"] == "caller");
    assert!(caller["referred_by"].as_str().unwrap().contains("ben@cooee.test"), "{caller}");
    let cleos = cleo.obey(&json!({"command": "answer"}));
    anna.until_call(follows, "active");
    cleo.until_call(cleos, "active");
    ben.until("success", |event| event["event"] == "transfer" && event["state"] == "succeeded");
    assert_eq!(ended(&mut ben, his), "transferred");
    assert_eq!(ended(&mut anna, hers), "transferred");
    speak();
    cleo.obey(&json!({"command": "hang_up"}));
    assert_eq!(ended(&mut anna, follows), "hung-up.peer");
    for phone in [anna, ben, cleo] {
        leave(phone);
    }
    assert_heard(&recorded(&server.heard("anna")), "cleo");
    assert_heard(&recorded(&server.heard("cleo")), "anna");
    assert_not_heard(&recorded(&server.heard("cleo")), "ben");
}

#[test]
fn a_call_that_cannot_be_handed_over_comes_back() {
    let server = Server::start("failed");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let (hers, his) = call(&mut anna, &mut ben, "ben");
    ben.obey(&json!({"command": "transfer", "address": "nobody@cooee.test"}));
    follow(&mut anna, "sip:nobody@cooee.test");
    ben.until("failure", |event| event["event"] == "transfer" && event["state"] == "failed");
    ben.obey(&json!({"command": "status"}));
    let status = ben.until("status", |event| event["event"] == "status");
    assert_eq!((&status["calls"][0]["call"], &status["calls"][0]["state"]), (&json!(his), &json!("active")));
    anna.told("held", |event| event["call"] == hers && event["state"] == "held-by-them");
    anna.until_call(hers, "active");
    anna.obey(&json!({"command": "hang_up", "call": hers}));
    assert_eq!(ended(&mut ben, his), "hung-up.peer");
}

#[test]
fn two_calls_are_joined_and_left() {
    let server = Server::start("attended");
    let (mut anna, mut ben, mut cleo) = (server.phone("anna"), server.phone("ben"), server.phone("cleo"));
    let (hers, with_anna) = call(&mut anna, &mut ben, "ben");
    let (with_cleo, cleos) = call(&mut ben, &mut cleo, "cleo");
    anna.until_call(hers, "held-by-them");
    ben.obey(&json!({"command": "transfer_to"}));
    follow(&mut cleo, "sip:anna@cooee.test");
    let ends = [ended(&mut ben, with_anna), ended(&mut ben, with_cleo)];
    assert!(ends.iter().all(|reason| reason == "transferred"), "{ends:?}");
    let joined = cleo.told("joined", |event| event["event"] == "call" && event["state"] == "active" && event["call"] != cleos);
    assert_eq!(joined["peer"], "sip:anna@cooee.test");
    speak();
    cleo.obey(&json!({"command": "hang_up"}));
    for phone in [anna, ben, cleo] {
        leave(phone);
    }
    assert_heard(last(&recorded(&server.heard("anna")), 6), "cleo");
    assert_heard(last(&recorded(&server.heard("cleo")), 6), "anna");
}
