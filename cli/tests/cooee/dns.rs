//! A resolver that knows one service.

use std::net::UdpSocket;
use std::thread;

const SRV: u16 = 33;

/// Answers on loopback that `service` is at `sip.example.org`, port 5060, and that nothing else is there. Its address.
pub fn knowing(service: &'static str) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut query = [0; 1500];
        while let Ok((length, asker)) = socket.recv_from(&mut query) {
            socket.send_to(&reply(&query[..length], service), asker).unwrap();
        }
    });
    address
}

fn reply(query: &[u8], service: &str) -> Vec<u8> {
    let (mut name, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        name.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let is_it = name.join(".") == service && query[at + 1..at + 3] == SRV.to_be_bytes();
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80, 0, 1, 0, u8::from(is_it), 0, 0, 0, 0]);
    reply.extend(question);
    if is_it {
        let target = b"\x03sip\x07example\x03org\0";
        reply.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 6 + u8::try_from(target.len()).unwrap()]);
        reply.extend([0, 0, 0, 0, 0x13, 0xc4]);
        reply.extend(target);
    }
    reply
}
