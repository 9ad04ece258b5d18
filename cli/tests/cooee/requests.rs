//! People who are not known: they do not ring, and ask to be let through.

use serde_json::{Value, json};

use crate::server::Server;

fn rings(event: &Value) -> bool {
    event["state"] == "ringing" && event["direction"] == "incoming"
}

#[test]
fn who_asks_just_now_rings_as_soon_as_a_command_beside_the_phone_lets_them_through() {
    let server = Server::start("asking");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    ben.obey(&json!({"command": "who_rings", "who": "known"}));
    let call = anna.obey(&json!({"command": "dial", "address": "ben", "subject": "The keys"}));
    let asks = ben.until("a request", rings);
    assert_eq!(asks["request"], json!({"domain": "cooee.test", "line": "The keys"}), "{asks}");
    anna.until_call(call, "ringing");
    let accepted = server.command("ben", &["requests", "accept", "anna@cooee.test"]).end();
    assert_eq!((accepted.code, &accepted.event("allowed")["state"]), (Some(0), &json!("added")));
    assert!(ben.until("it rings", rings)["request"].is_null());
    ben.obey(&json!({"command": "decline"}));
    anna.obey(&json!({"command": "dial", "address": "ben"}));
    assert!(ben.until("it rings at once", rings)["request"].is_null());
}

#[test]
fn who_asked_in_vain_is_listed_with_a_line_until_something_is_said_about_it() {
    let server = Server::start("asked-in-vain");
    assert_eq!(server.command("ben", &["requests", "--ring", "known"]).end().event("who-rings")["who"], "known");
    let (mut anna, mut ben) = (server.phone("anna"), server.phone("ben"));
    let call = anna.obey(&json!({"command": "dial", "address": "ben", "subject": "The keys"}));
    let asks = ben.until("a request", rings);
    anna.obey(&json!({"command": "hang_up", "call": call}));
    ben.until("the end", |event| event["event"] == "ended" && event["call"] == asks["call"]);
    let list = || server.command("ben", &["requests"]).end();
    let asked = list();
    let request = asked.event("request");
    assert_eq!(
        (&request["peer"], &request["line"], &request["domain"]),
        (&json!("sip:anna@cooee.test"), &json!("The keys"), &json!("cooee.test"))
    );
    let story = server.command("ben", &["story", &request["number"].to_string()]).end();
    let verdict = &story.event("story")["verdict"];
    assert_eq!((&verdict["fact"], &verdict["action"]), (&json!("rang-here"), &json!("allow-caller")), "{verdict}");
    assert_eq!(server.command("ben", &["requests", "refuse", "anna@cooee.test"]).end().event("blocked")["state"], "added");
    assert!(list().events.iter().all(|event| event["event"] != "request"));
    server.command("ben", &["requests", "accept", "two words"]).end().assert(2, "no address");
}
