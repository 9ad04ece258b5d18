//! A phone calls itself, to see whether it rings.

use serde_json::json;

use crate::server::Server;

#[test]
fn the_own_call_comes_back_by_the_server_at_once_or_later_and_no_phone_loses_its_place() {
    let server = Server::start("ring-test");
    let mut phone = server.phone("anna");
    let test = server.command("anna", &["ring-test"]).end();
    let told = test.event("ring-test");
    assert_eq!((test.code, &told["proof"]), (Some(0), &json!("path")), "{test:#?}");
    let facts: Vec<&str> = told["steps"].as_array().unwrap().iter().filter_map(|step| step["fact"].as_str()).collect();
    for fact in ["dialled", "invited", "server-took", "returned", "rang-here", "rang-there"] {
        assert!(facts.contains(&fact), "{fact} in {facts:?}");
    }
    phone.until("it rings, too", |event| event["state"] == "ringing" && event["direction"] == "incoming");
    // The running phone tests itself, and the server waits.
    phone.obey(&json!({"command": "ring_test", "in": 2}));
    let back = phone.until("it comes back", |event| event["test"] == true);
    assert_eq!(back["state"], "ringing");
    let told = phone.until("the sum", |event| event["event"] == "ring-test");
    assert_eq!((&told["proof"], &told["waited_ms"]), (&json!("later"), &json!(2000)), "{told}");
    phone.obey(&json!({"command": "dnd"}));
    phone.obey(&json!({"command": "ring_test"}));
    assert_eq!(phone.until("the sum", |event| event["event"] == "ring-test")["proof"], "nothing");
    phone.obey(&json!({"command": "quit"}));
    assert_eq!(phone.end().code, Some(0));
}
