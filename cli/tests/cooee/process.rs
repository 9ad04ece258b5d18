//! Running `cooee`, reading its events, ending it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Nothing here takes as long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that is gone with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cooee-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A `cooee` that runs beside the test.
pub struct Cooee {
    child: Child,
    input: ChildStdin,
    lines: mpsc::Receiver<Value>,
    seen: Vec<Value>,
}

/// How one ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub events: Vec<Value>,
    pub error: String,
}

impl Cooee {
    pub fn start(home: &Path, arguments: &[&str]) -> Self {
        Self::with_input(home, arguments, "")
    }

    pub fn with_input(home: &Path, arguments: &[&str], input: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cooee"))
            .args(arguments)
            .arg("--json")
            .arg("--home")
            .arg(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        Self { child, input: stdin, lines, seen: Vec::new() }
    }

    /// The first event, now or soon, of which `wanted` holds.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let Ok(event) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) else {
                panic!("{what}: did not happen; seen: {:#?}", self.seen);
            };
            self.seen.push(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    /// The first event of which `wanted` holds, from the beginning, now or soon.
    pub fn told(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        match self.seen.iter().find(|event| wanted(event)) {
            Some(event) => event.clone(),
            None => self.until(what, wanted),
        }
    }

    pub fn seen(&self) -> &[Value] {
        &self.seen
    }

    pub fn until_state(&mut self, state: &str) -> Value {
        self.until(state, |event| event["state"] == state)
    }

    /// Writes a command and gives what it is answered.
    pub fn order(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").unwrap();
        let answers = ["accepted", "refused", "error"];
        self.until(&command.to_string(), |event| answers.iter().any(|answer| event["event"] == *answer))
    }

    /// Writes a command that must be accepted; gives the number of its call.
    pub fn obey(&mut self, command: &Value) -> u64 {
        let answer = self.order(command);
        assert_eq!(answer["event"], "accepted", "{answer}");
        answer["call"].as_u64().unwrap_or(0)
    }

    /// Until the call of this number is in this state.
    pub fn until_call(&mut self, call: u64, state: &str) -> Value {
        self.until(state, |event| event["call"] == call && event["state"] == state)
    }

    /// As Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal("-INT");
    }

    /// As `kill` does.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// As who presses Ctrl-C until it helps.
    pub fn end_impatiently(mut self) -> Ended {
        while self.child.try_wait().unwrap().is_none() {
            self.interrupt();
            std::thread::sleep(Duration::from_millis(50));
        }
        self.end()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let end = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(Instant::now() < end, "it does not end; seen: {:#?}", self.seen);
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut error = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        let mut events = std::mem::take(&mut self.seen);
        while let Ok(event) = self.lines.recv_timeout(Duration::from_secs(5)) {
            events.push(event);
        }
        Ended { code, events, error }
    }
}

impl Drop for Cooee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub fn event(&self, name: &str) -> &Value {
        self.events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name} in {self:#?}"))
    }

    #[track_caller]
    pub fn assert(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.error.contains(words), "“{words}” is not in: {}", self.error);
    }
}
