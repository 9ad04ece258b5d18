//! Why it did not ring, why there was no sound: told afterwards, and to others without names.

use crate::process::Cooee;
use crate::server::Server;

#[test]
fn a_call_is_told_step_by_step_and_reported_without_a_name() {
    let server = Server::start("story");
    server.person("anna");
    server.person("ben");
    let mut phone = server.command("ben", &["phone", "--answer"]);
    phone.until_state("registered");
    let call = server.command("anna", &["call", "ben@cooee.test", "--for", "1"]).end();
    assert_eq!(call.code, Some(0), "{call:#?}");
    let told = server.command("anna", &["story", "last"]).end();
    let story = told.event("story");
    let facts: Vec<&str> = story["steps"].as_array().unwrap().iter().filter_map(|step| step["fact"].as_str()).collect();
    for fact in ["dialled", "connected", "invited", "rang-there", "answered", "path-found", "secured", "both-ways", "ended", "traffic"] {
        assert!(facts.contains(&fact), "{fact} in {facts:?}");
    }
    assert_eq!((&story["verdict"]["action"], &story["peer"]), (&"nothing".into(), &"sip:ben@cooee.test".into()));
    let past = server.command("anna", &["log"]).end().event("past").clone();
    for way in ["data_sent", "data_received"] {
        assert!(past[way].as_u64().unwrap() > 0, "{past}");
    }
    let number = past["number"].to_string();
    assert_eq!(server.command("anna", &["story", &number]).end().event("story")["number"].to_string(), number);
    let report = server.command("anna", &["report", &number]).end();
    let report = report.event("story").to_string();
    assert!(report.contains("rang-there") && !report.contains("cooee.test") && !report.contains("127.0.0.1"), "{report}");
}

#[test]
fn an_account_that_cannot_log_in_any_more_says_at_which_step() {
    let server = Server::start("log-in");
    server.person("anna");
    let folder = server.stop();
    let command = |arguments: &[&str]| Cooee::start(&folder.join("anna"), arguments);
    let mut phone = command(&["phone"]);
    phone.until_state("failed");
    phone.interrupt();
    phone.end();
    let told = command(&["story", "anna@cooee.test"]).end();
    let story = told.event("story");
    assert_eq!(story["verdict"]["fact"], "server-failed", "{story}");
    assert_eq!(story["verdict"]["side"], "your-server", "{story}");
    command(&["story", "nonsense"]).end().assert(1, "neither a number of a call");
}
