//! Everything that leaves: a network of the test's own, in which every packet to anywhere is seen, and what docs/privacy.md says
//! may be seen there.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cooee_audio::{Device, NullDevice};
use cooee_dns_lab::{Lab, Signing, Zone};
use cooee_engine::{Engine, EngineConfig, StoreLocation, TestPlatform};
use cooee_machine::Question;
use cooee_net::{DnsObserver, Trust};
use cooee_phone::probe::ProberConfig;
use socket2::{Domain, Protocol, Socket, Type};

use crate::dns::{Recorder, question};
use crate::process::{Cooee, Folder};

/// Set in the process that runs inside.
const INSIDE: &str = "COOEE_TEST_NETWORK";

/// Every address is on this machine, so that no packet is lost for want of a way.
const NETWORK: &str =
    "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null; ip link set lo up && ip route add local 0.0.0.0/0 dev lo && exec \"$@\"";

#[test]
fn a_fresh_installation_a_probe_and_a_background_day_send_what_the_manual_says_and_nothing_else() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let this = std::env::current_exe().unwrap();
    let name = "capture::a_fresh_installation_a_probe_and_a_background_day_send_what_the_manual_says_and_nothing_else";
    let inside = Command::new("unshare")
        .args(["--net", "--map-root-user", "--", "sh", "-c", NETWORK, "sh"])
        .arg(this)
        .args([name, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("util-linux's unshare");
    let said = String::from_utf8_lossy(&inside.stdout).into_owned() + &String::from_utf8_lossy(&inside.stderr);
    assert!(inside.status.success() && said.contains("1 passed"), "{said}");
}

/// Packets of IPv4, seen by the kernel on their way out.
struct Capture(Arc<Mutex<Vec<Vec<u8>>>>);

impl Capture {
    fn begin() -> Self {
        // AF_PACKET without link headers; ETH_P_ALL in the order of the network, for only then what goes out is seen.
        let mut socket = Socket::new(Domain::from(17), Type::DGRAM, Some(Protocol::from(0x0300))).expect("to see packets");
        socket.set_recv_buffer_size(4 << 20).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let packets = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut packet = [0; 65_536];
            while let Ok(length) = socket.read(&mut packet) {
                packets.lock().unwrap().push(packet[..length].to_vec());
            }
        });
        Self(seen)
    }

    /// What came since the last time: packets are seen in the order in which they are sent, and this sends one more, to itself. It may be
    /// seen twice, going out and coming in.
    fn take(&self) -> Vec<Vec<u8>> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mark = |number: u32| [b"thus far ".to_vec(), number.to_be_bytes().to_vec()].concat();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(&mark(number), socket.local_addr().unwrap()).unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            let mut seen = self.0.lock().unwrap();
            if let Some(at) = seen.iter().position(|packet| packet.ends_with(&mark(number))) {
                let before = number.checked_sub(1).map(mark);
                return seen.drain(..=at).take(at).filter(|packet| before.as_ref().is_none_or(|mark| !packet.ends_with(mark))).collect();
            }
            drop(seen);
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the capture is blind")
    }
}

fn inside() {
    let folder = Folder::new("capture");
    let capture = Capture::begin();
    // The capture sees what is to be seen.
    std::net::UdpSocket::bind("0.0.0.0:0").unwrap().send_to(b"hello", "198.51.100.1:53").unwrap();
    assert!(capture.take().iter().any(|packet| packet.ends_with(b"hello")), "the capture is blind");

    let book = folder.join("contacts.txt");
    std::fs::write(&book, "Marked Person <markedlocal@takes.example>\nsip:markedtoo@other.example\n+41446681800\nx@gmail.com\n").unwrap();
    let home = folder.join("home");
    let quiet: [&[&str]; 7] =
        [&["contacts", book.to_str().unwrap()], &["privacy"], &["account", "list"], &["log"], &["messages"], &["blocked"], &["phone"]];
    for command in quiet {
        Cooee::start(&home, command).end();
        assert_eq!(capture.take(), Vec::<Vec<u8>>::new(), "{command:?} sends nothing");
    }

    let resolver = Recorder::knowing(&["_sips._tcp.takes.example"]);
    let port: u16 = resolver.address.rsplit(':').next().unwrap().parse().unwrap();
    let probed = Cooee::start(&home, &["probe", book.to_str().unwrap(), "--dns", &resolver.address]).end();
    assert_eq!(probed.code, Some(0), "{probed:#?}");
    let packets = capture.take();
    let mut names = BTreeSet::new();
    for packet in &packets {
        let (protocol, ports, message) = parts(packet);
        assert!(protocol == UDP && ports.contains(&port), "a packet to or from somebody else: {packet:?}");
        let clear = String::from_utf8_lossy(packet).to_lowercase();
        for mark in ["marked", "person", "4466", "gmail"] {
            assert!(!clear.contains(mark), "{mark} is in {clear:?}");
        }
        names.insert(question(&message[8..]).0);
    }
    assert_eq!(names, allowed(&["takes.example", "other.example"]));

    for command in quiet {
        Cooee::start(&home, command).end();
        assert_eq!(capture.take(), Vec::<Vec<u8>>::new(), "{command:?} sends nothing afterwards either");
    }
    background_day(&capture);
}

/// In the header of IPv4.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// Protocol, ports, and all that IP carries.
fn parts(packet: &[u8]) -> (u8, [u16; 2], &[u8]) {
    let message = &packet[usize::from(packet[0] & 15) * 4..];
    (packet[9], [u16::from_be_bytes([message[0], message[1]]), u16::from_be_bytes([message[2], message[3]])], message)
}

/// The names that the manual speaks of, for these domains.
fn allowed(domains: &[&str]) -> BTreeSet<String> {
    let labels = ["", "_sips._tcp.", "_sip._tcp.", "_sip._udp.", "_xmpp-server._tcp.", "_xmpps-server._tcp."];
    let manual = include_str!("../../../docs/privacy.md");
    labels.iter().for_each(|label| assert!(manual.contains(label.trim_end_matches('.')), "the manual does not speak of {label}"));
    domains.iter().flat_map(|domain| labels.map(|label| format!("{label}{domain}"))).collect()
}

/// Writes down what the chosen resolver is asked.
#[derive(Debug, Default)]
struct Asked(Mutex<Vec<(String, String)>>);

impl DnsObserver for Asked {
    fn asked(&self, server: &str, question: &Question) {
        self.0.lock().unwrap().push((server.to_owned(), question.name.to_lowercase()));
    }
}

/// A phone without accounts, whose day has two seconds, with a resolver over TLS that somebody chose: three days of packets.
fn background_day(capture: &Capture) {
    let zone = |origin: &str, records: &str| Zone::new(origin, Signing::None, records);
    let zones = vec![zone("takes.lab", "@ A 127.0.3.1\n_sips._tcp SRV 0 0 5061 @\n"), zone("other.lab", "@ A 127.0.3.2\n")];
    let lab = Lab::start(zones).unwrap_or_else(|error| panic!("{error}"));
    capture.take();
    let resolver = lab.over_tls();
    let port: u16 = resolver.rsplit(':').next().unwrap().split('@').next().unwrap().parse().unwrap();
    let (asked, expected) = (Arc::new(Asked::default()), allowed(&["takes.lab", "other.lab"]));
    let no_sound = || {
        let device: Box<dyn Device> = Box::new(NullDevice);
        Ok(device)
    };
    let mut config = EngineConfig::new(Arc::new(TestPlatform::new()), StoreLocation::Memory, Arc::new(no_sound));
    config.extra_trust = Trust::nobody().with_pem(lab.authority().as_bytes()).unwrap();
    config.dns.servers = Some(resolver.parse().unwrap());
    config.dns.observer = Some(Arc::clone(&asked) as _);
    config.prober = ProberConfig { day: Duration::from_secs(2), ..ProberConfig::default() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let engine = Engine::start(config).await.unwrap();
        engine.set_book(["takes.lab", "other.lab", "gmail.com"].map(str::to_owned).into()).unwrap();
        // Whoever waits a minute waits for ever.
        for _ in 0..600 {
            if names(&asked).len() >= expected.len() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_secs(4)).await;
        engine.shut_down().await;
    });
    assert_eq!(names(&asked), expected);
    assert!(asked.0.lock().unwrap().iter().all(|(server, _)| server.starts_with("tls://")), "{asked:?}");
    let (mut packets, mut octets) = (capture.take(), 0);
    // What the resolver asks of the zones' server is its own errand.
    packets.retain(|packet| !parts(packet).1.contains(&lab.authoritative().port()));
    for packet in &packets {
        let (protocol, ports, message) = parts(packet);
        assert!(protocol == TCP && ports.contains(&port), "a packet to or from somebody else: {packet:?}");
        let clear = String::from_utf8_lossy(message).to_lowercase();
        for mark in ["takes", "other", "_sip", "_xmpp", "gmail"] {
            assert!(!clear.contains(mark), "{mark} is in {clear:?}");
        }
        octets += message.len();
    }
    assert!(octets > 1_000, "{octets} octets are no day");
}

/// All names that were asked about.
fn names(asked: &Asked) -> BTreeSet<String> {
    asked.0.lock().unwrap().iter().map(|(_, name)| name.clone()).collect()
}
