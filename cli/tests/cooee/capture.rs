//! Everything that leaves: a network of the test's own, in which every packet to anywhere is seen, and what docs/privacy.md says
//! may be seen there.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::dns::{Recorder, question};
use crate::process::{Cooee, Folder};

/// Set in the process that runs inside.
const INSIDE: &str = "COOEE_TEST_NETWORK";

/// Every address is on this machine, so that no packet is lost for want of a way.
const NETWORK: &str =
    "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null; ip link set lo up && ip route add local 0.0.0.0/0 dev lo && exec \"$@\"";

#[test]
fn a_fresh_installation_and_a_probe_send_what_the_manual_says_and_nothing_else() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let this = std::env::current_exe().unwrap();
    let name = "capture::a_fresh_installation_and_a_probe_send_what_the_manual_says_and_nothing_else";
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

    /// What came since the last time; a packet is seen as it is sent, a moment for the thread to write it down is enough.
    fn take(&self) -> Vec<Vec<u8>> {
        std::thread::sleep(Duration::from_millis(300));
        std::mem::take(&mut self.0.lock().unwrap())
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
        let header = usize::from(packet[0] & 15) * 4;
        let (protocol, udp) = (packet[9], &packet[header..]);
        let ports = [u16::from_be_bytes([udp[0], udp[1]]), u16::from_be_bytes([udp[2], udp[3]])];
        assert!(protocol == 17 && ports.contains(&port), "a packet to or from somebody else: {packet:?}");
        let clear = String::from_utf8_lossy(packet).to_lowercase();
        for mark in ["marked", "person", "4466", "gmail"] {
            assert!(!clear.contains(mark), "{mark} is in {clear:?}");
        }
        names.insert(question(&udp[8..]).0);
    }
    let labels = ["", "_sips._tcp.", "_sip._tcp.", "_sip._udp.", "_xmpp-server._tcp.", "_xmpps-server._tcp."];
    let manual = include_str!("../../../docs/privacy.md");
    labels.iter().for_each(|label| assert!(manual.contains(label.trim_end_matches('.')), "the manual does not speak of {label}"));
    let allowed: BTreeSet<String> =
        ["takes.example", "other.example"].iter().flat_map(|domain| labels.map(|label| format!("{label}{domain}"))).collect();
    assert_eq!(names, allowed);

    for command in quiet {
        Cooee::start(&home, command).end();
        assert_eq!(capture.take(), Vec::<Vec<u8>>::new(), "{command:?} sends nothing afterwards either");
    }
}
