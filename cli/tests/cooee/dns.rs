//! A resolver that knows a few services and writes down what it is asked.

use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::thread;

const SRV: u16 = 33;

/// Answers on loopback that `service` is at `sip.example.org`, port 5060, and that nothing else is there. Its address.
pub fn knowing(service: &'static str) -> String {
    Recorder::knowing(&[service]).address
}

/// A resolver on loopback, until the test's process ends.
pub struct Recorder {
    /// Where it is.
    pub address: String,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Recorder {
    /// Knows these services, all at `sip.example.org`, port 5060; there is nothing else.
    pub fn knowing(services: &[&'static str]) -> Self {
        let services = services.to_vec();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            let mut query = [0; 1500];
            while let Ok((length, asker)) = socket.recv_from(&mut query) {
                let (name, kind, reply) = reply(&query[..length], &services);
                notes.lock().unwrap().push((name, kind));
                socket.send_to(&reply, asker).unwrap();
            }
        });
        Self { address, asked }
    }

    /// What was asked since the last time: names in lower case, and types.
    pub fn take_asked(&self) -> Vec<(String, u16)> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// The name that a message asks for, in lower case, and where it ends.
pub fn question(query: &[u8]) -> (String, usize) {
    let (mut name, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        name.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    (name.join("."), at + 5)
}

fn reply(query: &[u8], services: &[&str]) -> (String, u16, Vec<u8>) {
    let (name, end) = question(query);
    let kind = u16::from_be_bytes([query[end - 4], query[end - 3]]);
    let is_it = services.contains(&name.as_str()) && kind == SRV;
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80, 0, 1, 0, u8::from(is_it), 0, u8::from(!is_it), 0, 0]);
    reply.extend(&query[12..end]);
    if is_it {
        let target = b"\x03sip\x07example\x03org\0";
        reply.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 6 + u8::try_from(target.len()).unwrap()]);
        reply.extend([0, 0, 0, 0, 0x13, 0xc4]);
        reply.extend(target);
    } else {
        // The root's SOA, so that the denial has a zone and a life (RFC 2308).
        reply.extend([0, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0]);
        reply.extend([0; 16]);
        reply.extend([0, 0, 0, 60]);
    }
    (name, kind, reply)
}
