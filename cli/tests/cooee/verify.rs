//! Two people make sure that nobody is in between.

use serde_json::Value;

use crate::process::Cooee;
use crate::server::Server;

fn call(server: &Server, more: &[&str]) -> Value {
    let arguments = [&["call", "ben@cooee.test", "--for", "1"], more].concat();
    let call = server.command("anna", &arguments).end();
    assert_eq!(call.code, Some(0), "{call:#?}");
    call.event("secured").clone()
}

fn phone(server: &Server) -> Cooee {
    let mut phone = server.command("ben", &["phone", "--answer"]);
    phone.until_state("registered");
    phone
}

#[test]
fn a_key_that_was_compared_is_verified_until_it_is_another() {
    let server = Server::start("verify");
    server.person("anna");
    server.person("ben");
    server.command("anna", &["verify", "ben@cooee.test"]).end().assert(1, "No key of ben@cooee.test is known yet");
    let ben = phone(&server);
    let first = call(&server, &[]);
    assert_eq!(first["security"], "encrypted end to end");
    ben.interrupt();
    ben.end();
    let shown = |name: &str, arguments: &[&str]| server.command(name, arguments).end().event("key").clone();
    let (hers, his) = (shown("anna", &["verify", "ben@cooee.test"]), shown("ben", &["verify", "anna@cooee.test"]));
    assert_eq!(hers["words"].as_str().unwrap().split(' ').count(), 12);
    assert_eq!((&hers["words"], &hers["words"], &hers["state"]), (&his["words"], &first["words"], &"unknown".into()));
    // By the camera on one side, by words on the other.
    let matched = shown("anna", &["verify", "ben@cooee.test", "--code", his["code"].as_str().unwrap()]);
    assert_eq!(matched["state"], "verified");
    server.command("ben", &["verify", "anna@cooee.test", "--code", his["code"].as_str().unwrap()]).end().assert(4, "not the same");
    assert_eq!(shown("ben", &["verify", "anna@cooee.test", "--match"])["state"], "verified");
    let ben = phone(&server);
    assert_eq!(call(&server, &[])["security"], "verified");
    let unseen = call(&server, &["--anonymous"]);
    assert_eq!((&unseen["security"], unseen.get("words")), (&"encrypted end to end".into(), None), "nobody is recognised by a key");
    ben.interrupt();
    ben.end();
    // The key is lost: another one takes its place.
    std::fs::remove_file(server.home("ben").join("secrets/account-1.media-key")).unwrap();
    let ben = phone(&server);
    let after = server.command("anna", &["call", "ben@cooee.test", "--for", "1"]).end();
    assert_eq!(after.event("secured")["security"], "encrypted end to end");
    assert!(after.events.iter().any(|event| event["kind"] == "key-changed"), "{after:#?}");
    ben.interrupt();
    ben.end();
    assert_eq!(shown("anna", &["verify", "ben@cooee.test"])["state"], "changed");
    assert_eq!(shown("anna", &["verify", "ben@cooee.test", "--forget"])["state"], "unknown");
}
