//! The server with real sockets, TLS and SQLite: it starts, refuses to start, and bears with bad company.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::{Entropy, Secret, Transport};
use cooee_net::Certificate;
use cooee_server::throwaway::Throwaway;
use cooee_server::{
    CertificateFiles, DatabaseError, MemoryStore, ServeConfig, ServeError, Service, Storage, StoreError, UserName, Users, UsersError,
};
use cooee_sip::digest::{Login, challenges, strongest};
use cooee_sip::{Frame, Framer, Framing, HeaderName, Message, Method, RequestBuilder};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Nothing here takes so long; it only keeps a failing test from hanging.
const HANG: Duration = Duration::from_secs(120);

fn loopback() -> Vec<SocketAddr> {
    vec!["127.0.0.1:0".parse().unwrap()]
}

fn config(storage: Storage, throwaway: &Throwaway) -> ServeConfig {
    let certificate = Certificate::from_pem(throwaway.chain.as_bytes(), throwaway.key.as_bytes()).unwrap();
    let mut config = ServeConfig::new("example.org", storage);
    (config.tls, config.tcp, config.udp, config.stun) = (loopback(), loopback(), loopback(), loopback());
    config.certificate = Some(certificate);
    config
}

fn memory() -> Storage {
    let mut store = MemoryStore::new();
    let anna = UserName::parse("anna").unwrap();
    store.add_user(anna, "example.org", &Secret::new("anna-secret"), &mut Entropy::for_test(1)).unwrap();
    Storage::Memory(Box::new(store))
}

/// A running server.
struct Running {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
    udp: SocketAddr,
    stun: SocketAddr,
    tcp: SocketAddr,
    tls: SocketAddr,
    throwaway: Throwaway,
}

impl Running {
    fn start(storage: Storage) -> Self {
        Self::start_with(storage, |_| {})
    }

    fn start_with(storage: Storage, change: impl FnOnce(&mut ServeConfig)) -> Self {
        let throwaway = Throwaway::new("example.org", &[]).unwrap();
        let mut config = config(storage, &throwaway);
        change(&mut config);
        let service = Service::start(config).unwrap();
        let of = |wanted, place| service.addresses().iter().filter(|(transport, _)| *transport == wanted).nth(place).unwrap().1;
        let (udp, stun) = (of(Transport::Udp, 0), of(Transport::Udp, 1));
        let (tcp, tls) = (of(Transport::Tcp, 0), of(Transport::Tls, 0));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(service.run(async { _ = stopped.await }, |_| {}));
        Self { stop, task, udp, stun, tcp, tls, throwaway }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(HANG, self.task).await.unwrap().unwrap();
    }

    async fn dial_tls(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.throwaway.authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        let tcp = TcpStream::connect(self.tls).await.unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        connector.connect(ServerName::try_from("example.org").unwrap(), tcp).await.unwrap()
    }

    /// Asks over UDP and waits for the answer.
    async fn is_answered(&self, number: u32) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut buffer = [0; 4096];
        // Loopback may drop when its buffer is full; a phone would ask again too.
        for _ in 0..20 {
            socket.send_to(&options("UDP", number), self.udp).await.unwrap();
            if let Ok(received) = timeout(HANG / 20, socket.recv_from(&mut buffer)).await {
                let length = received.unwrap().0;
                assert!(buffer[..length].starts_with(b"SIP/2.0 200 OK\r\n"));
                return;
            }
        }
        panic!("UDP is not answered");
    }
}

fn options(transport: &str, number: u32) -> Vec<u8> {
    request(Method::Options, transport, number, None, "").into_bytes()
}

fn request(method: Method<'_>, transport: &str, number: u32, challenge: Option<&[u8]>, agent: &str) -> RequestBuilder {
    let uri = "sip:example.org";
    let request = RequestBuilder::new(method, uri)
        .via(transport, "10.0.0.1:5070", &format!("z9hG4bKx{number}"))
        .max_forwards(70)
        .from("<sip:anna@example.org>", "f")
        .to("<sip:anna@example.org>", None)
        .call_id("call")
        .cseq(number, method)
        .header(HeaderName::UserAgent, agent);
    let Some(challenge) = challenge else { return request };
    let response = Message::parse(challenge, Framing::Stream).unwrap();
    let best = strongest(challenges(&response)).unwrap();
    let password = Secret::new("anna-secret");
    let login = Login { username: "anna", password: &password };
    request.header(HeaderName::Authorization, best.answer(login, method, uri, b"", 1, "c"))
}

async fn message(stream: &mut (impl AsyncRead + Unpin), framer: &mut Framer) -> Option<Vec<u8>> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(Ok(Frame::Message(message))) = framer.poll() {
            return Some(message);
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => framer.push(&buffer[..length]),
        }
    }
}

async fn register(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Vec<u8> {
    let mut framer = Framer::default();
    let contact = |request: RequestBuilder| request.contact("<sip:anna@10.0.0.1;transport=tls>").into_bytes();
    stream.write_all(&contact(request(Method::Register, "TLS", 1, None, ""))).await.unwrap();
    let challenge = message(stream, &mut framer).await.unwrap();
    assert!(challenge.starts_with(b"SIP/2.0 401 "));
    stream.write_all(&contact(request(Method::Register, "TLS", 2, Some(&challenge), ""))).await.unwrap();
    message(stream, &mut framer).await.unwrap()
}

/// A directory that goes away with the test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cooee-service-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_user_added_by_the_operator_registers_over_tls_and_is_kept_in_the_database() {
    let home = Home::new("register");
    let anna = UserName::parse("Anna").unwrap();
    let mut users = Users::open(home.path(), "example.org").unwrap();
    users.add(&anna, &Secret::new("anna-secret")).unwrap();
    assert!(matches!(users.add(&anna, &Secret::new("x")), Err(UsersError::Exists(_))));
    let running = Running::start(Storage::Directory(home.path().to_owned()));
    let mut stream = running.dial_tls().await;
    let ok = timeout(HANG, register(&mut stream)).await.unwrap();
    assert!(ok.starts_with(b"SIP/2.0 200 OK\r\n"), "{}", String::from_utf8_lossy(&ok));
    assert_eq!(users.list().unwrap(), std::slice::from_ref(&anna));
    users.remove(&anna).unwrap();
    assert!(matches!(users.remove(&anna), Err(UsersError::Unknown(_))));
    let mut stream = running.dial_tls().await;
    let refused = timeout(HANG, register(&mut stream)).await.unwrap();
    assert!(refused.starts_with(b"SIP/2.0 401 "), "a removed user is out at once");
    running.stop().await;
}

#[tokio::test]
async fn stun_is_answered_on_both_sockets() {
    let running = Running::start(memory());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for to in [running.udp, running.stun] {
        let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], b"transaction-"].concat();
        socket.send_to(&request, to).await.unwrap();
        let mut buffer = [0; 200];
        let (length, _) = timeout(HANG, socket.recv_from(&mut buffer)).await.unwrap().unwrap();
        assert_eq!((length, &buffer[..2]), (32, &[1, 1][..]));
    }
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_says_what_to_do() {
    let throwaway = Throwaway::new("example.org", &[]).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let start = |change: &dyn Fn(&mut ServeConfig)| {
        let mut config = config(memory(), &throwaway);
        change(&mut config);
        Service::start(config).err().unwrap()
    };
    let error = start(&|config| config.tls = vec![taken.local_addr().unwrap()]);
    assert!(matches!(error, ServeError::Listen(cooee_net::ListenError::Taken { .. })), "{error:?}");
    assert!(error.to_string().contains("is taken by another program"));
    for public in ["0.0.0.0:5060", "203.0.113.5:5060", "[::]:5060", "[2001:db8::1]:5060"] {
        let error = start(&|config| config.udp = vec![public.parse().unwrap()]);
        assert!(matches!(error, ServeError::PlainInPublic { transport: Transport::Udp, .. }), "{public}");
        assert!(error.to_string().contains("Name a LAN address, or use TLS"));
    }
    assert!(matches!(start(&|config| config.domain = "exa mple".into()), ServeError::Domain(_)));
    let error = start(&|config| config.certificate = None);
    assert!(matches!(error, ServeError::Listen(cooee_net::ListenError::NoCertificate)), "{error:?}");
    let error = start(&|config| {
        config.certificate = None;
        let missing = PathBuf::from("does-not-exist.pem");
        config.certificate_files = Some(CertificateFiles { chain: missing.clone(), key: missing });
    });
    assert!(matches!(error, ServeError::Unreadable { .. }) && error.to_string().contains("does-not-exist.pem"));
    let home = Home::new("corrupt");
    drop(Users::open(home.path(), "example.org").unwrap());
    std::fs::write(home.path().join("server.sqlite"), vec![b'x'; 9000]).unwrap();
    let mut broken = config(Storage::Directory(home.path().to_owned()), &throwaway);
    broken.tcp = Vec::new();
    let error = Service::start(broken).err().unwrap();
    assert!(matches!(error, ServeError::Store(StoreError::Database(DatabaseError::Corrupt { .. }))), "{error:?}");
}

#[tokio::test]
async fn a_peer_that_never_reads_is_let_go_and_others_are_served_meanwhile() {
    let running = Running::start_with(memory(), |config| config.limits.write = Duration::from_millis(200));
    let mut deaf = TcpStream::connect(running.tcp).await.unwrap();
    // Who has proven nothing is let go long before.
    assert!(register(&mut deaf).await.starts_with(b"SIP/2.0 200 OK\r\n"));
    let burst: Vec<u8> = (0..200).flat_map(|number| options("TCP", number)).collect();
    let mut writes = 0;
    // It ends when all buffers between them are full and the server has given up on it.
    while let Ok(Ok(())) = timeout(HANG / 4, deaf.write_all(&burst)).await {
        running.is_answered(writes).await;
        writes += 1;
        assert!(writes < 2_000, "the server keeps answers without bound");
    }
    running.is_answered(0).await;
    running.stop().await;
}

const PIPELINED: u32 = 40_000;

#[tokio::test]
async fn forty_thousand_pipelined_requests_of_a_slow_reader_are_all_answered_and_stop_nobody() {
    let running = Running::start(memory());
    let mut anna = TcpStream::connect(running.tcp).await.unwrap();
    assert!(register(&mut anna).await.starts_with(b"SIP/2.0 200 OK\r\n"));
    let (mut reading, mut writing) = anna.into_split();
    let writer = tokio::spawn(async move {
        for number in 0..PIPELINED {
            writing.write_all(&options("TCP", number)).await.unwrap();
        }
        writing
    });
    // The peer reads only when somebody else has been answered.
    let (mut framer, mut answers, mut others) = (Framer::default(), 0, 0);
    let mut octets = vec![0; 256 * 1024];
    while answers < PIPELINED {
        running.is_answered(others).await;
        others += 1;
        let length = timeout(HANG, reading.read(&mut octets)).await.unwrap().unwrap();
        assert!(length > 0, "the server cut a peer that it should have slowed down, after {answers} answers");
        framer.push(&octets[..length]);
        while let Some(frame) = framer.poll() {
            assert!(matches!(frame, Ok(Frame::Message(answer)) if answer.starts_with(b"SIP/2.0 200 OK\r\n")));
            answers += 1;
        }
    }
    drop(timeout(HANG, writer).await.unwrap().unwrap());
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_says_good_bye_to_who_is_connected() {
    let running = Running::start(memory());
    let mut stream = running.dial_tls().await;
    assert!(timeout(HANG, register(&mut stream)).await.unwrap().starts_with(b"SIP/2.0 200 OK\r\n"));
    let reader = tokio::spawn(async move { stream.read(&mut [0; 16]).await });
    running.stop().await;
    // Without close_notify rustls reports an end that anybody could have forged.
    assert_eq!(timeout(HANG, reader).await.unwrap().unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_thousand_connections_without_a_client_hello_keep_nobody_out() {
    let running = Running::start(memory());
    let mut silent = Vec::new();
    for number in 0..1_000 {
        match TcpStream::connect(running.tls).await {
            Ok(stream) => silent.push(stream),
            // This machine's own bound on open files.
            Err(error) => panic!("{number}: {error}"),
        }
        if number % 100 == 0 {
            running.is_answered(number).await;
        }
    }
    let mut stream = running.dial_tls().await;
    let ok = timeout(HANG, register(&mut stream)).await.unwrap();
    assert!(ok.starts_with(b"SIP/2.0 200 OK\r\n"));
    running.is_answered(1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_request_that_comes_octet_by_octet_is_understood() {
    let running = Running::start(memory());
    let mut stream = TcpStream::connect(running.tcp).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for octet in options("TCP", 1) {
        stream.write_all(&[octet]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let answer = timeout(HANG, message(&mut stream, &mut Framer::default())).await.unwrap().unwrap();
    assert!(answer.starts_with(b"SIP/2.0 200 OK\r\n"));
    running.stop().await;
}
