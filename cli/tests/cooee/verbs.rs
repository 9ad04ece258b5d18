//! The commands that need no call.

use crate::process::{Cooee, Folder};
use crate::server::Server;

#[test]
fn who_is_blocked_is_listed_and_forgiven() {
    let folder = Folder::new("blocked");
    let run = |arguments: &[&str]| Cooee::start(folder.path(), arguments).end();
    assert_eq!(run(&["block", "sip:Ben@Example.org"]).event("blocked")["address"], "Ben@example.org");
    assert_eq!(run(&["block", "spam.example"]).event("blocked")["state"], "added");
    let list = run(&["blocked"]);
    let addresses: Vec<_> = list.events.iter().map(|event| event["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["Ben@example.org", "spam.example"]);
    assert_eq!(run(&["unblock", "spam.example"]).code, Some(0));
    run(&["unblock", "spam.example"]).assert(1, "nobody of that address is blocked");
    run(&["block", "no address at all"]).assert(2, "anna@example.org");
    assert_eq!(run(&["blocked"]).events.len(), 1);
}

#[test]
fn who_may_ring_at_any_time_is_listed_and_taken_off_the_list() {
    let folder = Folder::new("allowed");
    let run = |arguments: &[&str]| Cooee::start(folder.path(), arguments).end();
    assert_eq!(run(&["allow", "ben@example.org"]).event("allowed")["state"], "added");
    assert_eq!(run(&["allowed"]).event("allowed")["address"], "ben@example.org");
    let explained = run(&["explain", "--offline", "Ben <ben@EXAMPLE.org>"]);
    assert_eq!(explained.event("standing")["allowed_by"], "ben@example.org", "{explained:#?}");
    assert_eq!(run(&["disallow", "ben@example.org"]).code, Some(0));
    run(&["disallow", "ben@example.org"]).assert(1, "nobody of that address is allowed");
}

#[test]
fn sound_devices_are_listed_and_one_that_is_not_there_is_named() {
    let folder = Folder::new("devices");
    let devices = Cooee::start(folder.path(), &["devices"]).end();
    assert!(devices.events.iter().all(|event| event["event"] == "device" && event["name"].is_string()), "{devices:#?}");
    for option in ["--microphone", "--speaker"] {
        Cooee::start(folder.path(), &["devices", option, "Nothing of this name"]).end().assert(1, "Nothing of this name");
        assert_eq!(Cooee::start(folder.path(), &["devices", option, "default"]).end().code, Some(0));
        let call = Cooee::start(folder.path(), &["call", "ben@cooee.test", option, "Nothing of this name"]).end();
        call.assert(1, "Nothing of this name");
    }
}

#[test]
fn an_account_says_what_is_not_as_usual_with_it() {
    let server = Server::start("options");
    let arguments = ["--media", "best-effort", "--register", "no", "--stun", "127.0.0.1:3478", "--expires", "600"];
    let added = server.add_account_with("anna", &arguments);
    assert_eq!(added.code, Some(0), "{added:#?}");
    assert!(added.event("note")["text"].as_str().unwrap().contains("without encryption"), "{added:#?}");
    // The authority that was named then is kept with the account and need not be named again.
    let list = Cooee::start(&server.home("anna"), &["account", "list"]).end();
    let text = list.event("account")["text"].as_str().unwrap();
    for part in ["an authority of its own", "media best-effort", "STUN by 127.0.0.1:3478", "not registered"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    assert!(phone.until("a warning", |event| event["event"] == "note")["text"].as_str().unwrap().contains("without encryption"));
    phone.until_state("connected");
}

#[test]
fn a_pinned_certificate_is_believed_and_another_is_not() {
    let server = Server::start("pin");
    let pem = std::fs::read_to_string(server.home("server").join("localserve-ca.pem")).unwrap();
    assert!(pem.contains("BEGIN CERTIFICATE"));
    let refused = server.add_pinned("anna", &"00".repeat(32));
    refused.assert(6, "not the one that was pinned, but ");
    let shown = refused.error.split("pinned, but ").nth(1).unwrap().split('.').next().unwrap().to_owned();
    let removed = Cooee::start(&server.home("anna"), &["account", "remove", "anna@cooee.test"]).end();
    assert_eq!(removed.code, Some(0), "{removed:#?}");
    let added = server.add_pinned("anna", &shown);
    assert_eq!(added.code, Some(0), "{added:#?}");
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    phone.until_state("registered");
}

#[test]
fn the_authority_of_a_private_server_is_shown_compared_and_trusted_for_its_account_alone() {
    let server = Server::start("compared");
    let unknown = server.add_account_with_trust("anna", &[]);
    unknown.assert(6, "compare that fingerprint with its owner");
    assert!(unknown.error.contains("cooee account trust anna@cooee.test FINGERPRINT"), "{unknown:#?}");
    let shown = unknown.error.split("with the fingerprint ").nth(1).unwrap().split('.').next().unwrap().to_owned();
    // A phone that runs beside takes the word of the command that is typed.
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    phone.until_state("failed");
    let trusted = Cooee::start(&server.home("anna"), &["account", "trust", "anna@cooee.test", &shown]).end();
    assert_eq!((trusted.code, trusted.event("account")["state"].as_str()), (Some(0), Some("trusting")), "{trusted:#?}");
    phone.until_state("registered");
    let list = Cooee::start(&server.home("anna"), &["account", "list"]).end();
    assert!(list.event("account")["text"].as_str().unwrap().contains("an authority that you compared"), "{list:#?}");

    let known = server.add_account_with_trust("ben", &["--ca-fingerprint", &shown]);
    assert_eq!(known.code, Some(0), "{known:#?}");
    let changed = server.add_account_with_trust("cleo", &["--ca-fingerprint", &"00".repeat(32)]);
    changed.assert(6, &format!("another authority than the one you compared: by that with the fingerprint {shown}"));
    assert!(!changed.error.contains("account trust"), "somebody may be in between: {changed:#?}");
}

#[test]
fn a_password_that_has_changed_is_given_again() {
    let server = Server::start("password");
    assert_eq!(server.add_account_with("anna", &[]).code, Some(0));
    let change = |password: &str| {
        let changed = Cooee::with_input(&server.home("anna"), &["account", "password", "anna@cooee.test"], &format!("{password}\n")).end();
        assert_eq!((changed.code, changed.event("account")["state"].as_str()), (Some(0), Some("changed")), "{changed:#?}");
    };
    change("wrong");
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    let failed = phone.until_state("failed");
    assert!(failed["text"].as_str().unwrap().contains("cooee account password"), "{failed}");
    drop(phone);
    change(server.password("anna"));
    Cooee::start(&server.home("anna"), &["phone"]).until_state("registered");
    let nobody = Cooee::with_input(&server.home("anna"), &["account", "password", "ben@cooee.test"], "x\n").end();
    assert_ne!(nobody.code, Some(0), "{nobody:#?}");
}

#[test]
fn an_account_proves_itself_by_a_key_and_says_when_that_is_lost() {
    let server = Server::start("client-key");
    let file = |name: &str| server.home(name).to_str().unwrap().to_owned();
    let made = rcgen::generate_simple_self_signed(["anna.example".to_owned()]).unwrap();
    std::fs::write(file("own.pem"), made.cert.pem()).unwrap();
    std::fs::write(file("own.key"), made.signing_key.serialize_pem()).unwrap();
    // Who asks for a password all the same lets nobody in without one; the handshake was done by then.
    let added = server.add_account_with("anna", &["--client-cert", &file("own.pem"), "--client-key", &file("own.key")]);
    added.assert(3, "does not let this account in");
    let wrong = server.add_account_with("anna", &["--client-cert", &file("own.pem"), "--client-key", &file("own.pem")]);
    wrong.assert(1, "no key for ECDSA with P-256");

    // Not logging in, it stays; then the key goes.
    let arguments = ["--client-cert", &file("own.pem"), "--client-key", &file("own.key"), "--register", "no"];
    let added = server.add_account_with("anna", &arguments);
    assert_eq!(added.code, Some(0), "{added:#?}");
    let list = Cooee::start(&server.home("anna"), &["account", "list"]).end();
    assert!(list.event("account")["text"].as_str().unwrap().contains("proves itself by a key"), "{list:#?}");
    // Nothing stays of a key whose account is refused, and the other's is as it was.
    let keys = || {
        let secrets = std::fs::read_dir(server.home("anna").join("secrets")).unwrap().map(|entry| entry.unwrap().path());
        let is_key = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("client-");
        secrets.filter(is_key).map(|path| (std::fs::read_to_string(&path).unwrap(), path)).collect::<Vec<_>>()
    };
    let before = keys();
    let other = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    std::fs::write(file("other.pem"), other.cert.pem()).unwrap();
    std::fs::write(file("other.key"), other.signing_key.serialize_pem()).unwrap();
    for certificate in ["own.pem", "other.pem"] {
        let again = server.add_account_with("anna", &["--client-cert", &file(certificate), "--client-key", &file("other.key")]);
        again.assert(1, "Not added");
        assert_eq!((before.len(), keys()), (1, before.clone()), "{certificate}");
    }
    std::fs::remove_file(&before[0].1).unwrap();
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    let failed = phone.until("the loss", |event| event["event"] == "account" && event["state"] == "failed");
    assert!(failed["text"].as_str().unwrap().contains("lost the key"), "{failed}");
}

#[test]
fn a_domain_without_encryption_is_refused_with_the_command_that_makes_the_exception() {
    let folder = Folder::new("insecure");
    let resolver = crate::dns::knowing("_sip._udp.example.org");
    let added = Cooee::with_input(folder.path(), &["account", "add", "anna@example.org", "--dns", &resolver], "secret\n").end();
    added.assert(6, "cooee account add anna@example.org --transport udp");
    assert!(added.error.contains("without encryption (UDP)"), "{}", added.error);
    assert!(Cooee::start(folder.path(), &["account", "list"]).end().events.is_empty(), "it is not kept");
}

#[test]
fn a_plain_account_is_made_by_its_own_command_and_warned_of_each_time() {
    let server = Server::start("udp");
    let added = server.add_plain("anna", "udp");
    assert_eq!(added.code, Some(0), "{added:#?}");
    assert!(added.event("note")["text"].as_str().unwrap().contains("without TLS"), "{added:#?}");
    let mut phone = Cooee::start(&server.home("anna"), &["phone"]);
    assert!(phone.until("a warning", |event| event["event"] == "note")["text"].as_str().unwrap().contains("without TLS"));
    phone.until_state("registered");
}
