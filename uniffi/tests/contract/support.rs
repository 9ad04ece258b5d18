use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cooee_database::rusqlite::Connection;
use cooee_uniffi::{
    AccountOptions, AccountState, Audio, Call, Config, Credentials, Event, NewAccount, Phone, Platform, PlatformError, Refused, Roots,
    Status, Transport,
};

/// Nothing here takes so long: whoever waits this long waits for ever.
const FOREVER: Duration = Duration::from_secs(60);

/// Waits as a foreign caller does: nothing of ours drives the future.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(FOREVER, future).await.expect("it never comes") })
}

/// A folder of a test's own, gone with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cooee-facade-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// What an app lends, in memory.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) secrets: Mutex<HashMap<String, String>>,
    pub(crate) is_locked: AtomicBool,
    pub(crate) hangs: AtomicBool,
    pub(crate) asked_names: AtomicU32,
    pub(crate) awake: Mutex<Vec<bool>>,
}

impl App {
    async fn lend<T>(&self, answer: impl FnOnce(&mut HashMap<String, String>) -> T) -> Result<T, PlatformError> {
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.is_locked.load(Ordering::Relaxed) { Err(PlatformError::Locked) } else { Ok(answer(&mut self.secrets.lock().unwrap())) }
    }
}

#[async_trait]
impl Platform for App {
    async fn roots(&self) -> Result<Roots, PlatformError> {
        self.lend(|_| Roots::Only { roots: Vec::new() }).await
    }

    async fn secret(&self, name: String) -> Result<Option<String>, PlatformError> {
        self.lend(|secrets| secrets.get(&name).cloned()).await
    }

    async fn keep_secret(&self, name: String, secret: String) -> Result<(), PlatformError> {
        self.lend(|secrets| _ = secrets.insert(name, secret)).await
    }

    async fn forget_secret(&self, name: String) -> Result<(), PlatformError> {
        self.lend(|secrets| _ = secrets.remove(&name)).await
    }

    async fn sign(&self, _key: String, _message: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        Err(PlatformError::Unsupported)
    }

    async fn resolve(&self, _query: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        self.asked_names.fetch_add(1, Ordering::Relaxed);
        Err(PlatformError::Failed { text: "no network".to_owned() })
    }

    async fn wake_at(&self, _boot_time: Option<Duration>, _slack: Duration) -> Result<(), PlatformError> {
        Ok(())
    }

    async fn awake(&self, awake: bool) -> Result<(), PlatformError> {
        self.awake.lock().unwrap().push(awake);
        Ok(())
    }
}

pub(crate) fn config(folder: &Folder) -> Config {
    Config {
        data_dir: folder.0.to_str().unwrap().to_owned(),
        audio: Audio::Null,
        region: None,
        take_calls: true,
        ring: false,
        loopback: true,
        dns: None,
    }
}

/// A phone with what an app lends it.
pub(crate) struct Scene {
    pub(crate) phone: Arc<Phone>,
    pub(crate) app: Arc<App>,
    pub(crate) folder: Folder,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (folder, app) = (Folder::new(), Arc::new(App::default()));
        let phone = wait(Phone::start(config(&folder), Arc::clone(&app) as _)).unwrap();
        Self { phone, app, folder }
    }

    /// Dials what is no address so many times, which makes as many moments; the last of the calls.
    pub(crate) fn dial_nobody(&self, times: usize) -> u64 {
        let (mut told, mut last) = (0, 0);
        while told < times {
            match self.phone.dial("not an address".into(), None, false) {
                Ok(call) => (told, last) = (told + 1, call),
                // So many at once are more than the phone takes; nothing of it is left behind.
                Err(refused) => {
                    assert_eq!(refused, Refused::ShuttingDown);
                    std::thread::yield_now();
                }
            }
        }
        last
    }

    /// A phone that finds this in its store.
    pub(crate) fn with(stored: &str) -> Self {
        let scene = Self::new();
        scene.store(stored);
        scene
    }

    /// Stores something as another program does.
    pub(crate) fn store(&self, sql: &str) {
        Connection::open(self.folder.0.join("cooee.db")).unwrap().execute_batch(sql).unwrap();
    }

    /// The next moment of which `wanted` holds.
    pub(crate) fn event<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        wait(async {
            loop {
                let event = self.phone.next_event().await.unwrap().expect("the phone has ended");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        })
    }

    /// Until the app was told to keep the device awake, or to let it sleep.
    pub(crate) fn until_awake(&self, awake: bool) {
        wait(async {
            while self.app.awake.lock().unwrap().last() != Some(&awake) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }

    /// Until the status is like this.
    pub(crate) fn until_status(&self, wanted: impl Fn(&Status) -> bool) -> Status {
        let stream = self.phone.status();
        wait(async {
            loop {
                let status = stream.next().await.expect("the phone has ended");
                if wanted(&status) {
                    return status;
                }
            }
        })
    }

    /// Until the calls are like this.
    pub(crate) fn until_calls(&self, wanted: impl Fn(&[Call]) -> bool) -> Vec<Call> {
        let stream = self.phone.calls();
        wait(async {
            loop {
                let calls = stream.next().await.expect("the phone has ended");
                if wanted(&calls) {
                    return calls;
                }
            }
        })
    }

    /// Anna, connected to a server that says nothing.
    pub(crate) fn add_anna(&self) -> (u64, MuteServer) {
        let server = MuteServer::new();
        let account = wait(self.phone.add_account(anna_at(server.port))).unwrap();
        self.until_status(|status| status.accounts.iter().any(|it| it.state == AccountState::Connected));
        (account, server)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        wait(self.phone.shutdown());
    }
}

pub(crate) fn anna() -> NewAccount {
    let credentials = Credentials::Password { password: "hunter2".to_owned() };
    NewAccount { address: "anna@example.org".to_owned(), credentials, options: None }
}

pub(crate) fn anna_at(port: u16) -> NewAccount {
    let options = AccountOptions {
        login: None,
        display_name: Some("Anna".to_owned()),
        proxy: Some(format!("127.0.0.1:{port}")),
        transport: Some(Transport::Tcp),
        trust: None,
        protection: None,
        stun_server: None,
        expires: None,
        register: false,
        numbers: false,
        tls_throughout: false,
        follow_transfers: false,
    };
    NewAccount { options: Some(options), ..anna() }
}

/// A server without TLS that takes connections and never answers.
pub(crate) struct MuteServer {
    listener: TcpListener,
    pub(crate) port: u16,
}

impl MuteServer {
    fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// The connection that is next.
    pub(crate) fn accept(&self) -> TcpStream {
        self.listener.accept().unwrap().0
    }

    /// Somebody calls over the connection that is next.
    pub(crate) fn call(&self, from: &str, lines: &str) -> TcpStream {
        let stream = self.accept();
        self.say(&stream, "INVITE", from, lines);
        stream
    }

    /// And gives up.
    pub(crate) fn give_up(&self, stream: &TcpStream, from: &str) {
        self.say(stream, "CANCEL", from, "");
    }

    fn say(&self, mut stream: &TcpStream, method: &str, from: &str, lines: &str) {
        let request = format!(
            "{method} sip:anna@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
             From: <{from}>;tag=1\r\nTo: <sip:anna@example.org>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\nContact: <sip:x@127.0.0.1:{port}>\r\n\
             {lines}Content-Length: 0\r\n\r\n",
            port = self.port
        );
        stream.write_all(request.as_bytes()).unwrap();
    }

    /// What the next connection asks for rings.
    pub(crate) fn ring(&self) -> TcpStream {
        let mut stream = self.accept();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let same = |line: &&String| ["Via:", "From:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name));
        let kept: String = request.iter().filter(same).map(|line| format!("{line}\r\n")).collect();
        let to = request.iter().find(|line| line.starts_with("To:")).unwrap();
        let answer =
            format!("SIP/2.0 180 Ringing\r\n{kept}{to};tag=2\r\nContact: <sip:x@127.0.0.1:{}>\r\nContent-Length: 0\r\n\r\n", self.port);
        stream.write_all(answer.as_bytes()).unwrap();
        stream
    }

    /// The first line of what the next connection says.
    pub(crate) fn first_line(&self) -> (String, TcpStream) {
        let stream = self.accept();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
        (line, stream)
    }
}
