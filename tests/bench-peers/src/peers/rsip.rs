use rsip::prelude::{HasHeaders, HeadersExt, ToTypedHeader, UntypedHeader};
use rsip::{Header, SipMessage};

fn message(bytes: &[u8]) -> SipMessage {
    SipMessage::try_from(bytes).unwrap()
}

pub fn parse(bytes: &[u8]) -> usize {
    match message(bytes) {
        SipMessage::Request(request) => request.body().len(),
        SipMessage::Response(response) => response.body().len(),
    }
}

fn known(message: &SipMessage) -> usize {
    message.via_header().unwrap().typed().unwrap().branch().unwrap().value().len()
        + message.from_header().unwrap().typed().unwrap().tag().unwrap().value().len()
        + message.to_header().unwrap().typed().unwrap().tag().map_or(0, |t| t.value().len())
        + message.call_id_header().unwrap().value().len()
        + message.cseq_header().unwrap().typed().unwrap().seq as usize
        + message.max_forwards_header().unwrap().value().len()
        + usize::from(message.contact_header().unwrap().typed().is_ok())
}

pub fn read(bytes: &[u8]) -> usize {
    known(&message(bytes))
}

pub fn forward(bytes: &[u8]) -> usize {
    let mut message = message(bytes);
    let known = known(&message);
    let mut headers = rsip::Headers::default();
    headers.push(Header::Via(rsip::headers::Via::new("SIP/2.0/UDP proxy.example.org:5060;branch=z9hG4bK7d1f3c2ab5e94c60")));
    message.headers().iter().for_each(|h| headers.push(h.clone()));
    *message.headers_mut() = headers;
    known + Vec::<u8>::from(message).len()
}
