//! A server for the tests, with the phones of its two people.

use std::path::PathBuf;

use crate::process::{Cooee, Ended, Folder};

/// `cooee localserve` on a port that was free.
pub struct Server {
    process: Cooee,
    folder: Folder,
    pub address: String,
    pub authority: String,
    passwords: Vec<(String, String)>,
}

impl Server {
    pub fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let mut process = Cooee::start(&folder.join("server"), &["localserve", "--port", "0"]);
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
        Self { address: tls.to_owned(), authority: serving["authority"].as_str().unwrap().to_owned(), passwords, folder, process }
    }

    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn password(&self, name: &str) -> &str {
        &self.passwords.iter().find(|(address, _)| address.starts_with(name)).unwrap().1
    }

    /// `cooee account add`, with whatever password.
    pub fn add_account(&self, name: &str, password: &str) -> Ended {
        let address = format!("{name}@cooee.test");
        let arguments = ["account", "add", &address, "--proxy", &self.address, "--trust", &self.authority];
        Cooee::with_input(&self.home(name), &arguments, &format!("{password}\n")).end()
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

    /// The server goes away without a word.
    pub fn stop(self) -> Folder {
        let Self { process, folder, .. } = self;
        drop(process);
        folder
    }
}
