//! The handshake with OpenSSL over real UDP, keys compared through its exporter. Passes without a word where there is no `openssl`.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
use std::io::Read;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cooee_machine::hexadecimal;
use cooee_sdp::{DtlsRole, Fingerprint};
use ring::digest::{SHA256, digest};

use super::{Dtls, Progress};
use crate::srtp::Keys;
use crate::{Certificate, MediaFailure};

struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    fingerprint: Fingerprint,
}

fn is_installed() -> bool {
    Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn identity(kind: &str) -> Identity {
    let folder = std::env::temp_dir().join(format!("cooee-openssl-{}-{kind}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (certificate, key, der) = (folder.join("c.pem"), folder.join("k.pem"), folder.join("c.der"));
    let new: &[&str] = match kind {
        "rsa2048" => &["-newkey", "rsa:2048"],
        "rsa4096" => &["-newkey", "rsa:4096"],
        _ => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    };
    let request = ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=x"];
    let made = Command::new("openssl")
        .args(request)
        .args(new)
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let read = Command::new("openssl").args(["x509", "-outform", "der", "-in"]).arg(&certificate).arg("-out").arg(&der).status();
    assert!(read.unwrap().success());
    let fingerprint = Fingerprint { hash: "sha-256".into(), digest: digest(&SHA256, &std::fs::read(&der).unwrap()).as_ref().to_vec() };
    Identity { certificate, key, fingerprint }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(mode: &[&str], identity: &Identity) -> Self {
        let export = ["-use_srtp", "SRTP_AES128_CM_SHA1_80", "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", "60"];
        Self::start_with(mode, &export, identity)
    }

    fn start_with(mode: &[&str], more: &[&str], identity: &Identity) -> Self {
        let mut command = Command::new("openssl");
        command.args(mode).arg("-dtls1_2").args(more).arg("-cert").arg(&identity.certificate).arg("-key").arg(&identity.key);
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// What it exported, in lower-case hexadecimal, once it has had the time to print it.
    fn exported(mut self) -> String {
        std::thread::sleep(Duration::from_millis(300));
        let _ = self.0.kill();
        let mut text = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        text.lines().find_map(|line| line.trim().strip_prefix("Keying material: ")).unwrap_or_default().to_lowercase()
    }
}

/// Drives one handshake on a socket for at most ten seconds; `Handshake` if it takes longer.
fn shake_hands(socket: &UdpSocket, mut dtls: Dtls, mut peer: Option<SocketAddr>) -> Result<(Keys, Dtls), MediaFailure> {
    let begin = Instant::now();
    let mut buffer = [0; 2000];
    if peer.is_some() {
        dtls.start(None, begin).unwrap();
    }
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut keys = None;
    while keys.is_none() && begin.elapsed() < Duration::from_secs(10) {
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            if peer.replace(from).is_none() {
                dtls.start(None, Instant::now()).unwrap();
            }
            match dtls.handle_datagram(&buffer[..length], Instant::now()) {
                Progress::Keys(agreed) => keys = Some(agreed),
                Progress::Failed(failure) => return Err(failure),
                Progress::None | Progress::Closed => {}
            }
        }
        dtls.handle_timeout(Instant::now());
        dtls.drain(Instant::now(), |payload| {
            socket.send_to(&payload, peer.unwrap()).unwrap();
        });
    }
    keys.map(|keys| (keys, dtls)).ok_or(MediaFailure::Handshake)
}

#[test]
fn openssl_agrees_on_the_srtp_keys_in_both_roles_with_ec_and_rsa() {
    if !is_installed() {
        return;
    }
    let own = Certificate::generate().unwrap();
    for kind in ["ec", "rsa2048", "rsa4096"] {
        let identity = identity(kind);
        let announced = std::slice::from_ref(&identity.fingerprint);
        let rto = Duration::from_millis(120);

        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = Running::start(&["s_server", "-Verify", "1", "-accept", &port.to_string()], &identity);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let dtls = Dtls::new(&own, DtlsRole::Client, announced, rto).unwrap();
        let (keys, _dtls) = shake_hands(&socket, dtls, Some(port)).expect(kind);
        assert_eq!(hexadecimal(&keys.exported(true)), server.exported(), "{kind}, we are client");

        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let client = Running::start(&["s_client", "-connect", &socket.local_addr().unwrap().to_string()], &identity);
        let dtls = Dtls::new(&own, DtlsRole::Server, announced, rto).unwrap();
        let (keys, _dtls) = shake_hands(&socket, dtls, None).expect(kind);
        assert_eq!(hexadecimal(&keys.exported(false)), client.exported(), "{kind}, we are server");
        let _ = std::fs::remove_dir_all(identity.key.parent().unwrap());
    }
}

#[test]
fn openssl_without_srtp_or_with_another_certificate_is_refused() {
    if !is_installed() {
        return;
    }
    let (own, identity) = (Certificate::generate().unwrap(), identity("ec-refused"));
    let srtp = ["-use_srtp", "SRTP_AES128_CM_SHA1_80"];
    let other = own.fingerprint().clone();
    for (more, announced, expected) in
        [(&[][..], &identity.fingerprint, MediaFailure::NoSrtpProfile), (&srtp, &other, MediaFailure::Fingerprint)]
    {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let _client = Running::start_with(&["s_client", "-connect", &socket.local_addr().unwrap().to_string()], more, &identity);
        let dtls = Dtls::new(&own, DtlsRole::Server, std::slice::from_ref(announced), Duration::from_millis(120)).unwrap();
        assert_eq!(shake_hands(&socket, dtls, None).err(), Some(expected));
    }
    let _ = std::fs::remove_dir_all(identity.key.parent().unwrap());
}
