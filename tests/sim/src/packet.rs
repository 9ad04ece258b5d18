use std::fmt;
use std::net::SocketAddr;

use crate::stream::Segment;

/// What is on its way.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Datagram(Vec<u8>),
    Segment(Segment),
}

/// What NATs and firewalls keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    Udp,
    Tcp,
}

impl Packet {
    pub(crate) fn protocol(&self) -> Protocol {
        match self.body {
            Body::Datagram(_) => Protocol::Udp,
            Body::Segment(_) => Protocol::Tcp,
        }
    }

    /// Octets on the wire, IP header included. A DTLS record counts in steps of 256: its signatures vary by an octet or two
    /// from run to run, and time must not.
    pub(crate) fn size(&self) -> usize {
        let ip = if self.destination.is_ipv6() { 40 } else { 20 };
        match &self.body {
            Body::Datagram(payload) if is_dtls(payload) => ip + 8 + payload.len().next_multiple_of(256),
            Body::Datagram(payload) => ip + 8 + payload.len(),
            Body::Segment(segment) => ip + 20 + segment.size(),
        }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Datagram(payload) => write!(f, "udp {} -> {} {}", self.source, self.destination, Glimpse(payload)),
            Body::Segment(segment) => write!(f, "tcp {} -> {} {segment}", self.source, self.destination),
        }
    }
}

/// RFC 7983: the first octet of a DTLS record.
fn is_dtls(payload: &[u8]) -> bool {
    matches!(payload.first(), Some(20..=63)) && payload.get(1) == Some(&254)
}

/// What a trace tells of a payload: the first line of text; the kind of STUN, DTLS, RTP and RTCP packets (RFC 7983), never
/// what is in them.
pub(crate) struct Glimpse<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Glimpse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = self.0;
        match payload.first() {
            None => f.write_str("(empty)"),
            Some(0..=3) if payload.get(4..8) == Some(&[0x21, 0x12, 0xA4, 0x42]) => f.write_str(stun_name(payload)),
            Some(kind @ 20..=63) if is_dtls(payload) => write!(f, "dtls {}", dtls_name(*kind)),
            Some(128..=191) => rtp(payload, f),
            _ => Text(payload).fmt(f),
        }
    }
}

/// What a trace tells of octets of a connection: their first line, if they are text.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

fn stun_name(payload: &[u8]) -> &'static str {
    match payload.get(..2) {
        Some([0x00, 0x01]) => "stun request",
        Some([0x00, 0x11]) => "stun indication",
        Some([0x01, 0x01]) => "stun response",
        Some([0x01, 0x11]) => "stun error",
        _ => "stun other",
    }
}

fn dtls_name(kind: u8) -> &'static str {
    match kind {
        20 => "cipher change",
        21 => "alert",
        22 => "handshake",
        23 => "data",
        _ => "record",
    }
}

fn rtp(payload: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match *payload {
        [_, 192..=223, ..] => f.write_str("rtcp"),
        [_, kind, high, low, ..] => write!(f, "rtp {} #{}", kind & 0x7F, u16::from_be_bytes([high, low])),
        _ => f.write_str("rtp cut short"),
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = self.0;
        let end = payload.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(payload.len());
        match payload.get(..end).map(str::from_utf8) {
            Some(Ok(line)) if !line.is_empty() && !line.chars().any(char::is_control) => {
                write!(f, "{} ({})", line.chars().take(100).collect::<String>(), payload.len())
            }
            _ => write!(f, "({} octets)", payload.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glimpse(payload: &[u8]) -> String {
        Glimpse(payload).to_string()
    }

    #[test]
    fn a_glimpse_tells_the_kind_and_never_the_content() {
        assert_eq!(glimpse(b"INVITE sip:ben@example.org SIP/2.0\r\nVia: x"), "INVITE sip:ben@example.org SIP/2.0 (42)");
        assert_eq!(glimpse(b"\r\n\r\n"), "(4 octets)");
        assert_eq!(glimpse(&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 9]), "stun request");
        assert_eq!(glimpse(&[22, 254, 255, 1, 2, 3]), "dtls handshake");
        assert_eq!(glimpse(&[128, 111, 1, 2, 7, 7, 7]), "rtp 111 #258");
        assert_eq!(glimpse(&[128, 200, 1, 2, 7, 7, 7]), "rtcp");
        assert_eq!(glimpse(b"hello"), "hello (5)");
        assert_eq!(glimpse(&[]), "(empty)");
    }

    #[test]
    fn handshakes_of_almost_one_size_take_one_time() {
        let packet = |length| Packet {
            source: "10.0.0.1:1".parse().unwrap(),
            destination: "10.0.0.2:2".parse().unwrap(),
            body: Body::Datagram([&[22, 254, 253][..], &vec![0; length]].concat()),
        };
        assert_eq!(packet(701).size(), packet(703).size());
    }
}
