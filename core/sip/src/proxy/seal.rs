use ring::hmac;

use super::end::End;
use super::hex::Hex;
use crate::Message;

/// Octets of the authentication code that go into a token: too many to guess, few enough for a datagram.
const CODE: usize = 12;
/// Octets of the longest token: two ends of the longest name.
const LONGEST: usize = 2 * (2 + 255 + 8) + CODE;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Signs what the proxy puts into messages to read it again later.
pub(super) struct Seal(hmac::Key);

/// Which end of a dialog a request inside it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The end that sent the first request.
    Caller,
    Callee,
}

impl Seal {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Writes the token of a dialog that `request` begins: both ends, bound to `Call-ID` and the caller's tag.
    pub(super) fn write_token(&self, caller: &End, callee: &End, request: &Message<'_>, octets: &mut Vec<u8>, out: &mut String) {
        octets.clear();
        caller.write(octets);
        callee.write(octets);
        let code = self.code(octets, request.call_id(), request.from().tag().unwrap_or_default());
        octets.extend_from_slice(&code);
        encode(octets, out);
    }

    /// The end that a request with this token is for; `None` if the token is not ours or of another dialog.
    pub(super) fn open(&self, token: &str, request: &Message<'_>) -> Option<(Side, End)> {
        let mut room = [0; LONGEST];
        let bytes = decode(token, &mut room)?;
        let (ends, code) = bytes.split_at_checked(bytes.len().checked_sub(CODE)?)?;
        let is_from = |tag: Option<&str>| tag.is_some_and(|tag| self.check(ends, request.call_id(), tag, code));
        let side = match (is_from(request.from().tag()), is_from(request.to().tag())) {
            (true, _) => Side::Caller,
            (false, true) => Side::Callee,
            (false, false) => return None,
        };
        let (caller, rest) = End::split(ends)?;
        let (callee, rest) = End::split(rest)?;
        let other = End::read(if side == Side::Caller { callee } else { caller })?;
        rest.is_empty().then_some((side, other))
    }

    fn code(&self, ends: &[u8], call_id: &str, tag: &str) -> [u8; CODE] {
        let tag = self.mac(&[b"token", ends, call_id.as_bytes(), tag.as_bytes()]);
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }

    fn check(&self, ends: &[u8], call_id: &str, tag: &str, code: &[u8]) -> bool {
        // The whole comparison runs, so that its time tells nothing.
        let expected = self.code(ends, call_id, tag);
        code.len() == CODE && expected.iter().zip(code).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }

    /// What of a request decides where it goes: the same again means a loop (RFC 5393 4.2).
    pub(super) fn loop_mark(&self, request: &Message<'_>) -> Hex<16> {
        let uri = request.request_uri().map_or("", |uri| uri.as_str());
        let sequence = request.cseq().number.to_be_bytes();
        let route = request.routes().next().map_or("", |route| route.uri().as_str());
        let parts = [
            b"loop",
            uri.as_bytes(),
            request.from().tag().unwrap_or_default().as_bytes(),
            request.to().tag().unwrap_or_default().as_bytes(),
            request.call_id().as_bytes(),
            &sequence,
            route.as_bytes(),
        ];
        Hex::of(self.mac(&parts).as_ref())
    }

    /// A tag for `To` that a copy of the request gets again.
    pub(super) fn to_tag(&self, request: &Message<'_>) -> Hex<12> {
        let branch = request.via().branch().unwrap_or_default();
        Hex::of(self.mac(&[b"tag", branch.as_bytes(), request.call_id().as_bytes()]).as_ref())
    }

    /// Parts are preceded by their length, so that they cannot run into each other.
    fn mac(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign()
    }
}

fn encode(bytes: &[u8], out: &mut String) {
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, octet| (word << 8) | u32::from(*octet)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            out.extend(ALPHABET.get(index as usize).map(|b| char::from(*b)));
        }
    }
}

/// The octets that `text` stands for, at the start of `room`; `None` if it has other letters or they are too many.
fn decode<'r>(text: &str, room: &'r mut [u8; LONGEST]) -> Option<&'r [u8]> {
    let (mut word, mut bits, mut length) = (0u32, 0, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        word = (word << 6) | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            *room.get_mut(length)? = u8::try_from((word >> bits) & 0xff).ok()?;
            length += 1;
        }
    }
    room.get(..length)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use cooee_machine::{SocketId, StreamId};

    use super::*;
    use crate::Framing;
    use crate::flow::FlowId;
    use crate::registrar::BindingKey;

    fn ends() -> Vec<End> {
        let remote: SocketAddr = "[2001:db8::1]:5070".parse().unwrap();
        vec![
            End::Device { user: "anna".into(), key: BindingKey(7) },
            End::Flow { epoch: 3, flow: FlowId::Stream(StreamId(9)) },
            End::Flow { epoch: 3, flow: FlowId::Udp { socket: SocketId(1), remote } },
            End::Flow { epoch: 3, flow: FlowId::Udp { socket: SocketId(1), remote: "192.0.2.1:9".parse().unwrap() } },
        ]
    }

    fn request(from: &str, to: &str, call_id: &str) -> Vec<u8> {
        format!(
            "BYE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag={from}\r\nTo: <sip:c@d>;tag={to}\r\n\
             Call-ID: {call_id}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    }

    fn token(seal: &Seal, caller: &End, callee: &End, request: &Message<'_>) -> String {
        let mut token = String::new();
        seal.write_token(caller, callee, request, &mut Vec::new(), &mut token);
        token
    }

    #[test]
    fn a_token_tells_either_side_where_the_other_is() {
        let seal = Seal::new(&[7; 32]);
        for caller in ends() {
            for callee in ends() {
                let (first, back) = (request("one", "two", "id"), request("two", "one", "id"));
                let first = Message::parse(&first, Framing::Stream).unwrap();
                let back = Message::parse(&back, Framing::Stream).unwrap();
                let token = token(&seal, &caller, &callee, &first);
                assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
                assert!(seal.open(&token, &first) == Some((Side::Caller, callee.clone())));
                assert!(seal.open(&token, &back) == Some((Side::Callee, caller.clone())));
            }
        }
    }

    #[test]
    fn a_forged_or_borrowed_token_opens_nothing() {
        let seal = Seal::new(&[7; 32]);
        let bytes = request("one", "two", "id");
        let message = Message::parse(&bytes, Framing::Stream).unwrap();
        let token = token(&seal, ends().first().unwrap(), ends().last().unwrap(), &message);
        for (place, _) in token.char_indices() {
            let mut forged = token.clone();
            let other = if forged.as_bytes()[place] == b'A' { "B" } else { "A" };
            forged.replace_range(place..=place, other);
            // The last letter has bits that belong to no octet.
            assert!(place + 1 == token.len() || seal.open(&forged, &message).is_none());
        }
        assert!(Seal::new(&[8; 32]).open(&token, &message).is_none());
        let elsewhere = request("one", "two", "other");
        assert!(seal.open(&token, &Message::parse(&elsewhere, Framing::Stream).unwrap()).is_none());
        for noise in ["", "A", "%%%", &"A".repeat(5000)] {
            assert!(seal.open(noise, &message).is_none());
        }
    }
}
