//! The answer to STUN Binding requests (RFC 8489, RFC 5389): where the request came from. No state, one datagram out for one in,
//! and as little in it as there can be, because the address it goes to may be forged: 12 octets more than the shortest request
//! over IPv4 (60 for 48 with the headers of IP and UDP), an error never more than its request.

use std::net::{IpAddr, SocketAddr};

const MAGIC_COOKIE: u32 = 0x2112_A442;
const HEADER: usize = 20;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
/// 420, without the words that nobody reads.
const UNKNOWN_ATTRIBUTE: [u8; 4] = [0, 0, 4, 20];
/// Comprehension-required attributes that may be passed over here: without credentials of ours there is nothing to check.
const PASSED_OVER: [u16; 3] = [0x0006, 0x0008, 0x0014];
/// Unknown attributes named in an error: what is over is not worth more octets than the request had.
const MAX_UNKNOWN: usize = 8;

/// Whether a datagram is STUN and not SIP (RFC 5626 8): two zero bits, and the magic cookie.
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| first & 0xC0 == 0) && word(datagram, 4) == Some(MAGIC_COOKIE)
}

/// The answer to a datagram, if it is a well-formed Binding request.
pub(crate) fn answer(datagram: &[u8], remote: SocketAddr) -> Option<Vec<u8>> {
    let length = usize::from(half(datagram, 2)?);
    let is_request = half(datagram, 0) == Some(BINDING_REQUEST) && is_stun(datagram);
    if !is_request || length % 4 != 0 || datagram.len() != HEADER + length {
        return None;
    }
    let transaction = datagram.get(8..HEADER)?;
    let unknown = unknown_attributes(datagram.get(HEADER..)?)?;
    if unknown.is_empty() {
        return Some(message(BINDING_SUCCESS, transaction, &[(XOR_MAPPED_ADDRESS, xor_mapped(remote, transaction))]));
    }
    let named = unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
    let error = message(BINDING_ERROR, transaction, &[(ERROR_CODE, UNKNOWN_ATTRIBUTE.to_vec()), (UNKNOWN_ATTRIBUTES, named)]);
    Some(error).filter(|error| error.len() <= datagram.len())
}

/// `None` if the attributes are malformed.
fn unknown_attributes(mut rest: &[u8]) -> Option<Vec<u16>> {
    let mut unknown = Vec::new();
    while !rest.is_empty() {
        let (kind, length) = (half(rest, 0)?, usize::from(half(rest, 2)?));
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
        let is_required = kind < 0x8000;
        if is_required && !PASSED_OVER.contains(&kind) && unknown.len() < MAX_UNKNOWN {
            unknown.push(kind);
        }
    }
    Some(unknown)
}

fn xor_mapped(remote: SocketAddr, transaction: &[u8]) -> Vec<u8> {
    let port = remote.port() ^ u16::try_from(MAGIC_COOKIE >> 16).unwrap_or(0);
    let mask: Vec<u8> = MAGIC_COOKIE.to_be_bytes().into_iter().chain(transaction.iter().copied()).collect();
    let (family, octets) = match remote.ip() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    let mut value = vec![0, family];
    value.extend_from_slice(&port.to_be_bytes());
    value.extend(octets.iter().zip(mask).map(|(octet, mask)| octet ^ mask));
    value
}

fn message(kind: u16, transaction: &[u8], attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in attributes {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
        body.extend_from_slice(value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut message = kind.to_be_bytes().to_vec();
    message.extend_from_slice(&u16::try_from(body.len()).unwrap_or(0).to_be_bytes());
    message.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
    message.extend_from_slice(transaction);
    message.append(&mut body);
    message
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|octets| u16::from_be_bytes(*octets))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|octets| u32::from_be_bytes(*octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut request = vec![0, 1];
        request.extend_from_slice(&u16::try_from(attributes.len()).unwrap().to_be_bytes());
        // The transaction of RFC 5769 2.2 and 2.3.
        request.extend_from_slice(b"\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae");
        request.extend_from_slice(attributes);
        request
    }

    #[test]
    fn the_mapped_address_is_that_of_rfc_5769() {
        let answer4 = answer(&request(&[]), "192.0.2.1:32853".parse().unwrap()).unwrap();
        assert_eq!(answer4.get(..4).unwrap(), [1, 1, 0, 12]);
        assert_eq!(answer4.get(20..).unwrap(), b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        let answer6 = answer(&request(&[]), "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap()).unwrap();
        let expected = b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        assert_eq!(answer6.get(20..).unwrap(), expected);
    }

    #[test]
    fn an_attribute_that_must_be_understood_and_is_not_is_named() {
        let remote = "192.0.2.1:1".parse().unwrap();
        let error = answer(&request(b"\x7f\x01\x00\x09abcdefghi\x00\x00\x00\x80\x28\x00\x04\x00\x00\x00\x00"), remote).unwrap();
        assert_eq!(error.get(..2).unwrap(), [1, 0x11]);
        assert!(error.windows(4).any(|four| four == [0, 10, 0, 2]) && error.windows(2).any(|two| two == [0x7f, 1]));
        let many: Vec<u8> = (0..300u16).flat_map(|n| [0x70 + (n >> 8) as u8, n as u8, 0, 0]).collect();
        assert!(answer(&request(&many), remote).unwrap().len() < 100);
    }

    /// With the headers of IP and UDP, as a victim's line counts.
    fn on_the_wire(remote: SocketAddr, octets: usize) -> usize {
        octets + 8 + if remote.is_ipv4() { 20 } else { 40 }
    }

    #[test]
    fn no_answer_is_worth_forging_an_address_for() {
        let unknown = |length: usize| request(&[&[0x7f, 1, 0, length as u8][..], &vec![0; length]].concat());
        let optional = |length: usize| request(&[&[0x80, 0x22, 0, length as u8][..], &vec![0; length]].concat());
        let two = request(b"\x7f\x01\x00\x00\x7f\x02\x00\x00");
        let many: Vec<u8> = (0..60u8).flat_map(|n| [0x70, n, 0, 0]).collect();
        let requests = (0..15).map(|n| unknown(4 * n)).chain((0..15).map(|n| optional(4 * n)));
        for request in requests.chain([request(&[]), two, request(&many)]) {
            for (remote, most) in [("192.0.2.1:1", 1.25), ("[2001:db8::1]:1", 1.36)] {
                let remote = remote.parse().unwrap();
                let answered = answer(&request, remote).map_or(0, |answer| on_the_wire(remote, answer.len()));
                let ratio = answered as f64 / on_the_wire(remote, request.len()) as f64;
                assert!(ratio <= most, "{ratio} for {} octets from {remote}", request.len());
            }
        }
    }

    #[test]
    fn nothing_else_is_answered() {
        let remote = "192.0.2.1:1".parse().unwrap();
        let whole = request(&[]);
        assert!((0..whole.len()).all(|length| answer(&whole[..length], remote).is_none()));
        let mut noise = whole.clone();
        noise.push(0);
        assert_eq!(answer(&noise, remote), None, "the length must be right");
        for (place, value) in [(0, 0x11), (1, 0x11), (1, 0x03), (4, 0)] {
            let mut other = whole.clone();
            other[place] = value;
            assert_eq!(answer(&other, remote), None);
        }
        assert_eq!(answer(&request(b"\x00\x06\xff\xff"), remote), None);
        assert!(!is_stun(b"OPTIONS sip:a@b SIP/2.0\r\n"));
    }
}
