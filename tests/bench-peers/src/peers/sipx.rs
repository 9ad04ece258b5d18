use bytes::Bytes;
use sipx_sip::headers::{CSeq, CallId, Contact, From, MaxForwards, Route, To, Via};
use sipx_sip::message::{Header, Message};
use sipx_sip::{HeaderName, Limits, parse_datagram};

fn message(bytes: &[u8]) -> Message {
    parse_datagram(Bytes::copy_from_slice(bytes), &Limits::datagram()).unwrap()
}

pub fn parse(bytes: &[u8]) -> usize {
    message(bytes).body().len()
}

fn known(message: &Message) -> usize {
    let headers = message.headers();
    headers.typed::<Via>().unwrap().unwrap().branch().unwrap().len()
        + headers.typed::<From>().unwrap().unwrap().tag().unwrap().len()
        + headers.typed::<To>().unwrap().unwrap().tag().map_or(0, <[u8]>::len)
        + usize::from(headers.typed::<CallId>().unwrap().is_ok())
        + usize::from(headers.typed::<CSeq>().unwrap().is_ok())
        + usize::from(headers.typed::<MaxForwards>().unwrap().is_ok())
        + usize::from(headers.typed::<Route>().unwrap().is_ok())
        + usize::from(headers.typed::<Contact>().unwrap().is_ok())
}

pub fn read(bytes: &[u8]) -> usize {
    known(&message(bytes))
}

pub fn forward(bytes: &[u8]) -> usize {
    let mut message = message(bytes);
    let known = known(&message);
    let via = Bytes::from_static(b"SIP/2.0/UDP proxy.example.org:5060;branch=z9hG4bK7d1f3c2ab5e94c60");
    message.headers_mut().push_front(Header::build(HeaderName::Via, via).unwrap());
    known + message.to_bytes().len()
}
