use std::cell::RefCell;

use cooee_sip::{Forward, Framing, Message, forward_request};

thread_local!(static OUT: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(4096)));

pub fn parse(bytes: &[u8]) -> usize {
    Message::parse(bytes, Framing::Datagram).unwrap().body().len()
}

/// Parsing reads them.
pub fn read(bytes: &[u8]) -> usize {
    parse(bytes)
}

pub fn forward(bytes: &[u8]) -> usize {
    let message = Message::parse(bytes, Framing::Datagram).unwrap();
    let known = message.via().branch().unwrap().len()
        + message.from().tag().unwrap().len()
        + message.to().tag().map_or(0, str::len)
        + message.call_id().len()
        + message.cseq().number as usize
        + usize::from(message.max_forwards().unwrap())
        + message.route().unwrap().uri().host().len()
        + message.request_uri().unwrap().host().len();
    let edit = Forward { via: "SIP/2.0/UDP proxy.example.org:5060;branch=z9hG4bK7d1f3c2ab5e94c60", ..Forward::default() };
    OUT.with_borrow_mut(|out| {
        out.clear();
        forward_request(&message, &edit, out).unwrap();
        known + out.len()
    })
}
