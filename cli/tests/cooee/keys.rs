//! A phone at a terminal: single keys, questions, the line that changes.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;
use crate::voice;

/// Nothing here takes as long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// `cooee phone` in a terminal of its own (util-linux's `script` makes one).
struct Terminal {
    child: Child,
    keys: ChildStdin,
    output: mpsc::Receiver<Vec<u8>>,
    shown: String,
}

impl Terminal {
    fn open(server: &Server, name: &str) -> Self {
        server.person(name);
        let (speech, heard, home) = (server.home(&format!("{name}.wav")), server.heard(name), server.home(name));
        voice::write(&speech, &voice::of(name));
        let command = format!(
            "stty columns 100; exec {} phone --home {} --trust {} --speak {} --record {}",
            env!("CARGO_BIN_EXE_cooee"),
            home.display(),
            server.authority,
            speech.display(),
            heard.display()
        );
        let mut child = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (keys, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut octets = [0; 4096];
            while let Ok(length @ 1..) = out.read(&mut octets) {
                if sender.send(octets[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, output, shown: String::new() }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Until this is shown; what was shown up to there is not looked at again.
    fn until(&mut self, words: &str) {
        self.until_all(&[words]);
    }

    /// The same for several things in whatever order.
    fn until_all(&mut self, all: &[&str]) {
        let end = Instant::now() + PATIENCE;
        loop {
            let ends: Option<Vec<usize>> = all.iter().map(|words| self.shown.find(words).map(|at| at + words.len())).collect();
            if let Some(last) = ends.and_then(|ends| ends.into_iter().max()) {
                self.shown.drain(..last);
                return;
            }
            let Ok(octets) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) else {
                panic!("{all:?} is not shown, but: {}", self.shown);
            };
            self.shown.push_str(&String::from_utf8_lossy(&octets));
        }
    }

    fn end(mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < end, "it does not end: {}", self.shown);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn everything_about_a_call_has_a_key() {
    let server = Server::start("keys");
    let (mut anna, mut ben) = (Terminal::open(&server, "anna"), server.phone("ben"));
    anna.until("a answer");
    anna.until("anna@cooee.test: registered");
    anna.press("x?");
    anna.until("c call somebody");
    anna.press("h");
    anna.until("There is no call now.");
    anna.press("c");
    anna.until("call (ADDRESS");
    anna.press("bem\u{7f}n\r");
    ben.until_state("ringing");
    ben.obey(&json!({"command": "answer"}));
    anna.until("speaking");
    anna.press("v");
    anna.until("you ");
    anna.until("encrypted end to end");
    anna.press("v5");
    ben.until("a digit", |event| event["digit"] == "5");
    ben.obey(&json!({"command": "transfer", "address": "nobody@cooee.test"}));
    anna.until("sip:ben@cooee.test asks you to call sip:nobody@cooee.test instead");
    anna.press("n");
    anna.until("sip:nobody@cooee.test is not called");
    anna.until("speaking");
    ben.obey(&json!({"command": "transfer", "address": "nobody@cooee.test"}));
    anna.until("f to call");
    anna.press("f");
    anna.until("you are handed over: calling sip:nobody@cooee.test");
    anna.until("There is nobody");
    ben.until("failure", |event| event["event"] == "transfer" && event["state"] == "failed" && event["status"] == 404);
    anna.press("m");
    anna.until("muted: they do not hear you");
    anna.press("m");
    anna.until("they hear you again");
    anna.press("o");
    anna.until("on hold");
    anna.press("o");
    anna.until("speaking");
    anna.press("wHello there\r");
    ben.until("a text", |event| event["event"] == "message" && event["text"] == "Hello there");
    anna.until("the text has arrived");
    anna.press("d");
    anna.until("do not disturb");
    anna.press("d");
    anna.until("calls ring");
    anna.press("h");
    anna.until("You hung up");
    anna.press("q");
    assert_eq!(anna.end(), Some(0));
}

#[test]
fn of_several_calls_a_person_sees_which_is_which() {
    let server = Server::start("numbers");
    let (mut anna, mut ben, mut cleo) = (Terminal::open(&server, "anna"), server.phone("ben"), server.phone("cleo"));
    anna.until("anna@cooee.test: registered");
    ben.obey(&json!({"command": "dial", "address": "anna"}));
    anna.until("sip:ben@cooee.test is calling");
    anna.press("a");
    anna.until("speaking");
    cleo.obey(&json!({"command": "dial", "address": "anna"}));
    anna.until("[2] sip:cleo@cooee.test is calling");
    anna.press("a");
    anna.until_all(&["[1] on hold", "[2] speaking"]);
    ben.until_state("held-by-them");
    anna.press("l");
    anna.until_all(&["1 sip:ben@cooee.test: incoming held", "→ 2 sip:cleo@cooee.test: incoming active"]);
    anna.press("s");
    anna.until_all(&["[2] on hold", "[1] speaking"]);
    cleo.until_state("held-by-them");
    anna.press("j");
    ben.until("asked", |event| event["event"] == "transfer-asked");
    ben.obey(&json!({"command": "follow_transfer"}));
    anna.until("handed over");
    ben.told("the other one", |event| event["event"] == "call" && event["peer"] == "sip:cleo@cooee.test" && event["state"] == "active");
    anna.press("q");
    assert_eq!(anna.end(), Some(0));
}
