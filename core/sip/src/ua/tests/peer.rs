use cooee_machine::Transport;

use super::super::*;
use super::scene::{ANSWER, OFFER};
use super::script::{Script, header};
use crate::header::HeaderName;

/// A request to anna; `lines` replace or add headers, an empty value removes one.
pub(super) fn request(method: &str, uri: &str, lines: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let cseq = format!("1 {method}");
    let mut headers = vec![
        ("Via", "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK-1"),
        ("Max-Forwards", "70"),
        ("From", "\"Ben\" <sip:ben@example.org>;tag=f"),
        ("To", "<sip:anna@example.org>"),
        ("Call-ID", "call-1"),
        ("CSeq", cseq.as_str()),
        ("Contact", "<sip:ben@192.0.2.2>"),
    ];
    for (name, value) in lines {
        headers.retain(|(known, _)| known != name);
        headers.push((name, value));
    }
    let mut text = format!("{method} {uri} SIP/2.0\r\n");
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("Content-Length: {}\r\n\r\n", body.len());
    [text.as_bytes(), body].concat()
}

pub(super) const ANNA: &str = "sip:anna@192.0.2.1:5060;transport=tls";
pub(super) const SDP: (&str, &str) = ("Content-Type", "application/sdp");

pub(super) fn invite(lines: &[(&str, &str)]) -> Vec<u8> {
    request("INVITE", ANNA, &[lines, &[SDP]].concat(), OFFER)
}

/// The last answer to a request.
pub(super) fn answer(script: &mut Script, request: &[u8]) -> Vec<u8> {
    script.receive(request);
    script.sent().pop().expect("an answer")
}

/// An answered call from ben, and the tag we gave it.
pub(super) fn session() -> (Script, String) {
    let mut script = Script::new(Transport::Tls);
    script.receive(&invite(&[("CSeq", "10 INVITE")]));
    script.agent.answer(LegId(1), ANSWER.to_vec(), script.now);
    let ok = script.sent().pop().unwrap();
    let to = header(&ok, HeaderName::To).unwrap();
    script.receive(&request("ACK", ANNA, &[("To", &to), ("CSeq", "10 ACK"), ("Via", "SIP/2.0/TLS a;branch=z9hG4bK-a")], b""));
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(script.events.pop(), Some(LegEvent::Confirmed { sdp: None }));
    (script, to)
}

/// A request of ben's within a dialog: `to` as [`session`] gives it.
pub(super) fn within(method: &str, to: &str, cseq: u32, lines: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let (via, cseq) = (format!("SIP/2.0/TLS a;branch=z9hG4bK-w{cseq}"), format!("{cseq} {method}"));
    request(method, ANNA, &[&[("To", to), ("CSeq", &cseq), ("Via", &via)], lines].concat(), body)
}
