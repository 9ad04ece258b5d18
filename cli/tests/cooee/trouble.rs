//! Each trouble has a sentence with what to do, and a code of its own.

use std::net::TcpListener;

use crate::process::{Cooee, Folder};
use crate::server::Server;

#[test]
fn a_wrong_password_and_an_unknown_user_are_refused_alike_and_not_kept() {
    let server = Server::start("password");
    for name in ["anna", "nobody"] {
        server.add_account(name, "wrong").assert(3, "password");
        let list = server.command(name, &["account", "list"]).end();
        assert!(list.events.iter().all(|event| event["state"] != "stored"), "{list:#?}");
    }
}

#[test]
fn an_authority_that_nobody_vouches_for_is_not_trusted() {
    let server = Server::start("untrusted");
    let arguments = ["account", "add", "anna@cooee.test", "--proxy", &server.address];
    let added = Cooee::with_input(&server.home("anna"), &arguments, "secret\n").end();
    added.assert(6, "signed by nobody this device trusts");
}

#[test]
fn a_domain_that_does_not_exist_is_called_so() {
    let folder = Folder::new("domain");
    let added = Cooee::with_input(folder.path(), &["account", "add", "anna@nowhere.invalid"], "secret\n").end();
    added.assert(6, "no domain “nowhere.invalid”");
}

#[test]
fn a_server_that_does_not_run_is_called_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = Folder::new("refused");
    let added = Cooee::with_input(folder.path(), &["account", "add", "anna@cooee.test", "--proxy", &free], "secret\n").end();
    added.assert(6, "Nobody listens");
}

#[test]
fn somebody_who_does_not_exist_cannot_be_called() {
    let server = Server::start("unknown");
    server.person("anna");
    let call = server.command("anna", &["call", "zorro@cooee.test", "--for", "1"]).end();
    assert_eq!(call.code, Some(4), "{call:#?}");
    assert_eq!(call.event("ended")["reason"], "not-found", "{call:#?}");
}

#[test]
fn somebody_who_is_not_there_cannot_be_called() {
    let server = Server::start("away");
    server.person("anna");
    let call = server.command("anna", &["call", "ben@cooee.test", "--for", "1"]).end();
    assert_eq!(call.code, Some(4), "{call:#?}");
    assert_eq!(call.event("ended")["reason"], "unavailable", "{call:#?}");
}

#[test]
fn phones_without_a_codec_in_common_say_so() {
    let server = Server::start("codec");
    server.person("anna");
    server.person("ben");
    let mut phone = server.command("ben", &["phone", "--answer", "--codec", "opus"]);
    phone.until_state("registered");
    let call = server.command("anna", &["call", "ben@cooee.test", "--codec", "pcma"]).end();
    assert_eq!(call.code, Some(4), "{call:#?}");
    assert_eq!(call.event("ended")["reason"], "no-common-codec", "{call:#?}");
    let ended = phone.until("ended", |event| event["event"] == "ended");
    assert_eq!(ended["peer"], "sip:anna@cooee.test", "nothing rang, so the end says who called: {ended} {:#?}", phone.seen());
    let missed = server.command("ben", &["log", "--missed"]).end();
    assert_eq!(missed.event("past")["reason"], "no-common-codec", "{missed:#?}");
}

#[test]
fn a_port_that_takes_connections_and_speaks_no_tls_is_called_so() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new("mute");
    let arguments = ["account", "add", "anna@cooee.test", "--proxy", &mute.local_addr().unwrap().to_string()];
    Cooee::with_input(folder.path(), &arguments, "secret\n").end().assert(6, "does not speak TLS");
}

#[test]
fn what_is_no_address_is_not_understood_by_any_command() {
    let server = Server::start("words");
    server.person("anna");
    for arguments in [["call", "two words"].as_slice(), &["message", "two words", "hello"], &["block", "two words"], &["explain", ":"]] {
        let command = server.command("anna", arguments).end();
        assert_eq!(command.code, Some(2), "{command:#?}");
    }
}

#[test]
fn what_cannot_be_written_out_is_no_success() {
    let folder = Folder::new("full");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cooee"));
    let status = command.args(["log", "--home"]).arg(folder.path()).stdout(full).output().unwrap();
    assert_eq!(status.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&status.stderr).contains("cannot be written"), "{status:?}");
}

#[test]
fn a_server_that_goes_away_is_told_and_come_back_to() {
    let server = Server::start("gone");
    server.person("anna");
    let mut phone = server.command("anna", &["phone"]);
    phone.until_state("registered");
    let _folder = server.stop();
    let failed = phone.until_state("failed");
    assert!(failed["retry_in_ms"].as_u64().is_some() && failed["text"].as_str().is_some_and(|text| !text.is_empty()), "{failed}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = Folder::new("port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    // The port below that for TLS is taken first: whatever else is busy, this one is met.
    let server = Cooee::start(folder.path(), &["localserve", "--port", &(port + 1).to_string()]).end();
    server.assert(1, &port.to_string());
}

#[test]
fn an_unreadable_file_to_speak_is_found_out_before_the_call() {
    let folder = Folder::new("wav");
    let broken = folder.join("broken.wav");
    std::fs::write(&broken, "RIFF of nonsense").unwrap();
    for file in [broken.to_str().unwrap(), "/nonexistent.wav"] {
        let call = Cooee::start(folder.path(), &["call", "ben@cooee.test", "--speak", file]).end();
        call.assert(1, file);
    }
}

#[test]
fn a_recording_that_cannot_be_made_is_found_out_before_the_call() {
    let folder = Folder::new("record");
    let call = Cooee::start(folder.path(), &["call", "ben@cooee.test", "--record", "/nonexistent/heard.wav"]).end();
    call.assert(1, "/nonexistent/heard.wav");
}

#[test]
fn nobody_else_can_read_the_call_log() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(Cooee::start(folder.path(), &["log"]).end().code, Some(0));
    let mode = std::fs::metadata(folder.join("cooee.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let folder = Folder::new("database");
    let database = folder.join("cooee.db");
    std::fs::write(&database, "this is not a database, it only looks like one by name").unwrap();
    Cooee::start(folder.path(), &["log"]).end().assert(1, "damaged");
    assert!(std::fs::read_to_string(&database).unwrap().starts_with("this is not"));
}

#[test]
fn without_an_account_it_says_how_to_add_one() {
    let folder = Folder::new("none");
    for arguments in [["call", "ben@cooee.test"].as_slice(), &["phone"]] {
        Cooee::start(folder.path(), arguments).end().assert(1, "cooee account add");
    }
}

#[test]
fn a_codec_that_is_not_there_is_named_with_those_that_are() {
    let folder = Folder::new("codecs");
    Cooee::start(folder.path(), &["phone", "--codec", "mp3"]).end().assert(1, "opus, g722, pcma, pcmu");
}

#[test]
fn people_of_a_server_are_added_changed_listed_and_removed() {
    let folder = Folder::new("users");
    let add = |password: &str| Cooee::with_input(folder.path(), &["user", "add", "Anna@example.org"], password).end();
    assert_eq!(add("secret password\n").event("user")["state"], "added");
    assert_eq!(add("another secret\n").event("user")["state"], "changed");
    let list = Cooee::start(folder.path(), &["user", "list", "example.org"]).end();
    assert_eq!(list.event("user")["address"], "anna@example.org");
    Cooee::with_input(folder.path(), &["user", "add", "anna@example.net"], "secret\n").end().assert(1, "example.org");
    assert_eq!(Cooee::start(folder.path(), &["user", "remove", "anna@example.org"]).end().code, Some(0));
    assert_eq!(Cooee::start(folder.path(), &["user", "remove", "anna@example.org"]).end().code, Some(1));
}
