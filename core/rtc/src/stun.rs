//! The little STUN (RFC 8489) that gathering needs: a Binding request without attributes and its answer. (The messages of ICE are `is`'.)
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(crate) type TransactionId = [u8; 12];

const COOKIE: [u8; 4] = 0x2112_A442_u32.to_be_bytes();
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The address the server saw.
    Mapped(SocketAddr),
    /// An error response, or a success without a readable address.
    Refused,
}

pub(crate) fn binding_request(id: TransactionId) -> [u8; 20] {
    let mut message = [0; 20];
    for (place, octet) in message.iter_mut().zip([0, 1, 0, 0].iter().chain(&COOKIE).chain(&id)) {
        *place = *octet;
    }
    message
}

/// The id and content of a Binding response; `None` for every other datagram.
pub(crate) fn binding_response(datagram: &[u8]) -> Option<(TransactionId, Answer)> {
    let (head, attributes) = datagram.split_first_chunk::<20>()?;
    let [kind_high, kind_low, length_high, length_low, c0, c1, c2, c3, id @ ..] = *head;
    if [c0, c1, c2, c3] != COOKIE || usize::from(u16::from_be_bytes([length_high, length_low])) != attributes.len() {
        return None;
    }
    match (kind_high, kind_low) {
        (1, 1) => Some((id, mapped_address(attributes, id).map_or(Answer::Refused, Answer::Mapped))),
        (1, 0x11) => Some((id, Answer::Refused)),
        _ => None,
    }
}

/// XOR-MAPPED-ADDRESS, or else the MAPPED-ADDRESS of an old server (RFC 8489 6.3.3).
fn mapped_address(mut attributes: &[u8], id: TransactionId) -> Option<SocketAddr> {
    let mut plain = None;
    while let Some(([t0, t1, l0, l1], rest)) = attributes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        let value = rest.get(..length)?;
        match u16::from_be_bytes([*t0, *t1]) {
            XOR_MAPPED_ADDRESS => return address(value, Some(id)),
            MAPPED_ADDRESS => plain = address(value, None),
            _ => {}
        }
        attributes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain
}

fn address(value: &[u8], xor: Option<TransactionId>) -> Option<SocketAddr> {
    let mut mask = [0; 16];
    if let Some(id) = xor {
        for (place, octet) in mask.iter_mut().zip(COOKIE.iter().chain(&id)) {
            *place = *octet;
        }
    }
    let ([_, family, p0, p1], ip) = value.split_first_chunk::<4>()?;
    let [m0, m1, ..] = mask;
    let port = u16::from_be_bytes([p0 ^ m0, p1 ^ m1]);
    let mut unmasked = [0; 16];
    for (place, (octet, mask)) in unmasked.iter_mut().zip(ip.iter().zip(&mask)) {
        *place = octet ^ mask;
    }
    let ip = match (family, ip.len()) {
        (1, 4) => IpAddr::V4(Ipv4Addr::from(*unmasked.first_chunk::<4>()?)),
        (2, 16) => IpAddr::V6(Ipv6Addr::from(unmasked)),
        _ => return None,
    };
    (port != 0 && !ip.is_unspecified() && !ip.is_multicast()).then(|| SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 2.2 and 2.3, their SOFTWARE attribute and XOR-MAPPED-ADDRESS; integrity and fingerprint left out.
    const ID: TransactionId = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    fn response(kind: [u8; 2], attributes: &[u8]) -> Vec<u8> {
        [&kind[..], &(attributes.len() as u16).to_be_bytes(), &COOKIE, &ID, attributes].concat()
    }

    #[test]
    fn the_addresses_of_rfc_5769_are_read() {
        let software = b"\x80\x22\x00\x0btest vector\x20";
        let v4 = b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43";
        let v6 = b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        for (attribute, expected) in [(&v4[..], "192.0.2.1:32853"), (&v6[..], "[2001:db8:1234:5678:11:2233:4455:6677]:32853")] {
            let datagram = response([1, 1], &[&software[..], attribute].concat());
            assert_eq!(binding_response(&datagram), Some((ID, Answer::Mapped(expected.parse().unwrap()))));
        }
        let old = response([1, 1], b"\x00\x01\x00\x08\x00\x01\x80\x55\xc0\x00\x02\x01");
        assert_eq!(binding_response(&old), Some((ID, Answer::Mapped("192.0.2.1:32853".parse().unwrap()))));
    }

    #[test]
    fn anything_else_is_no_address() {
        assert_eq!(binding_response(&response([1, 0x11], &[])), Some((ID, Answer::Refused)));
        assert_eq!(binding_response(&response([1, 1], b"\x00\x20\x00\xff\x00\x01")), Some((ID, Answer::Refused)));
        assert_eq!(binding_response(&response([1, 1], b"\x00\x20\x00\x04\x00\x01\x00\x00")), Some((ID, Answer::Refused)));
        assert_eq!(binding_response(&binding_request(ID)), None);
        assert_eq!(binding_response(&[1, 1, 0, 0]), None);
        let mut short = response([1, 1], b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        short.pop();
        assert_eq!(binding_response(&short), None);
    }
}
