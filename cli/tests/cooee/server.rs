//! A server for the tests, with the phones of its two people.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::process::{Cooee, Ended, Folder};
use crate::voice;

/// `cooee localserve` on a port that was free.
pub struct Server {
    process: Cooee,
    folder: Folder,
    domain: String,
    pub address: String,
    pub authority: String,
    /// The doors without TLS, by transport.
    plain: BTreeMap<String, String>,
    passwords: Vec<(String, String)>,
}

impl Server {
    pub fn start(name: &str) -> Self {
        Self::for_domain(name, "cooee.test")
    }

    pub fn for_domain(name: &str, domain: &str) -> Self {
        let folder = Folder::new(name);
        let arguments = ["localserve", "--port", "0", "--people", "anna,ben,cleo", "--domain", domain];
        let mut process = Cooee::start(&folder.join("server"), &arguments);
        let mut passwords = Vec::new();
        let serving = loop {
            let event = process.until("serving", |_| true);
            match event["event"].as_str() {
                Some("user") => {
                    let text = |field: &str| event[field].as_str().unwrap().to_owned();
                    passwords.push((text("address"), text("password")));
                }
                Some("serving") => break event,
                _ => {}
            }
        };
        let listening = serving["listening"].as_array().unwrap();
        let tls = listening.iter().filter_map(|door| door.as_str()?.strip_prefix("tls ")).next().unwrap();
        let doors = listening.iter().filter_map(|door| door.as_str()?.split_once(' '));
        let plain = doors.map(|(transport, address)| (transport.to_owned(), address.to_owned())).collect();
        let (address, authority) = (tls.to_owned(), serving["authority"].as_str().unwrap().to_owned());
        Self { domain: domain.to_owned(), address, plain, authority, passwords, folder, process }
    }

    /// It answers nobody any more.
    pub fn freeze(&self) {
        self.process.signal("-STOP");
    }

    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn password(&self, name: &str) -> &str {
        &self.passwords.iter().find(|(address, _)| address.starts_with(name)).unwrap().1
    }

    /// `cooee account add`, with whatever password.
    pub fn add_account(&self, name: &str, password: &str) -> Ended {
        let address = format!("{name}@{}", self.domain);
        let arguments = ["account", "add", &address, "--proxy", &self.address, "--trust", &self.authority];
        Cooee::with_input(&self.home(name), &arguments, &format!("{password}\n")).end()
    }

    /// `cooee account add` with further arguments.
    pub fn add_account_with(&self, name: &str, more: &[&str]) -> Ended {
        let mut arguments = vec!["--proxy", &self.address, "--trust", &self.authority];
        arguments.extend(more);
        self.add(name, &arguments)
    }

    /// `cooee account add` with the SHA-256 of the only certificate to believe.
    pub fn add_pinned(&self, name: &str, pin: &str) -> Ended {
        self.add_account_with_trust(name, &["--pin", pin])
    }

    /// `cooee account add`, believing this and not the server's authority.
    pub fn add_account_with_trust(&self, name: &str, trust: &[&str]) -> Ended {
        self.add(name, &[&["--proxy", &self.address], trust].concat())
    }

    /// `cooee account add` without encryption.
    pub fn add_plain(&self, name: &str, transport: &str) -> Ended {
        self.add(name, &["--proxy", self.plain.get(transport).unwrap(), "--transport", transport])
    }

    fn add(&self, name: &str, more: &[&str]) -> Ended {
        let address = format!("{name}@{}", self.domain);
        let mut arguments = vec!["account", "add", &address];
        arguments.extend(more);
        Cooee::with_input(&self.home(name), &arguments, &format!("{}\n", self.password(name))).end()
    }

    /// `cooee account add`, for an account whose server is found by its domain.
    pub fn add_located(&self, name: &str, more: &[&str]) -> Ended {
        self.add(name, &[&["--trust", &self.authority], more].concat())
    }

    /// A phone whose account is in order.
    pub fn person(&self, name: &str) {
        let added = self.add_account(name, self.password(name));
        assert_eq!(added.code, Some(0), "{added:#?}");
    }

    /// Any command of this person's.
    pub fn command(&self, name: &str, arguments: &[&str]) -> Cooee {
        let mut all = arguments.to_vec();
        all.extend(["--trust", &self.authority]);
        Cooee::start(&self.home(name), &all)
    }

    /// A phone of this person's, registered, who speaks as long as it lasts and records what is heard.
    pub fn phone(&self, name: &str) -> Cooee {
        self.person(name);
        let (speech, heard) = (self.home(&format!("{name}.wav")), self.heard(name));
        voice::write(&speech, &voice::of(name));
        let mut phone = self.command(name, &["phone", "--speak", speech.to_str().unwrap(), "--record", heard.to_str().unwrap()]);
        phone.until_state("registered");
        phone
    }

    /// What this person's phone has recorded.
    pub fn heard(&self, name: &str) -> PathBuf {
        self.home(&format!("{name}-heard.wav"))
    }

    /// The server goes away without a word.
    pub fn stop(self) -> Folder {
        let Self { process, folder, .. } = self;
        drop(process);
        folder
    }
}
