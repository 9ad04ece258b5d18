//! The little of STUN that keeps a UDP flow alive (RFC 5626 4.4.2, RFC 5389): a binding request without attributes, and the
//! mapped address of its response.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

/// Names one request.
pub(super) type TransactionId = [u8; 12];

/// A binding request.
pub(super) fn binding_request(id: TransactionId) -> Vec<u8> {
    [&BINDING_REQUEST[..], &[0, 0], &COOKIE, &id].concat()
}

/// Whether a datagram is STUN and not SIP (RFC 5626 8.1: the first two bits are zero, and the cookie stands).
pub(super) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 0x40) && datagram.get(4..8) == Some(&COOKIE)
}

/// A success response: whom it answers, and our address as the server sees it (`None` if it says nothing readable).
pub(super) fn binding_success(datagram: &[u8]) -> Option<(TransactionId, Option<SocketAddr>)> {
    let (header, attributes) = datagram.split_at_checked(20)?;
    if header.get(..2) != Some(&BINDING_SUCCESS) || header.get(4..8) != Some(&COOKIE) {
        return None;
    }
    let id: TransactionId = header.get(8..)?.try_into().ok()?;
    Some((id, mapped(attributes, &id)))
}

fn mapped(mut attributes: &[u8], id: &TransactionId) -> Option<SocketAddr> {
    let mut plain = None;
    while let Some((&[t0, t1, l0, l1], rest)) = attributes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let value = rest.get(..length)?;
        match u16::from_be_bytes([t0, t1]) {
            XOR_MAPPED_ADDRESS => return address(value, Some(id)),
            MAPPED_ADDRESS => plain = address(value, None),
            _ => {}
        }
        attributes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain
}

fn address(value: &[u8], id: Option<&TransactionId>) -> Option<SocketAddr> {
    let (&[_, family, p0, p1], octets) = value.split_first_chunk::<4>()?;
    let mask: Vec<u8> = id.map(|id| [&COOKIE[..], id].concat()).unwrap_or_else(|| vec![0; 16]);
    let port = u16::from_be_bytes([p0, p1]) ^ u16::from_be_bytes([*mask.first()?, *mask.get(1)?]);
    let plain: Vec<u8> = octets.iter().zip(&mask).map(|(octet, mask)| octet ^ mask).collect();
    let ip = match family {
        1 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(plain).ok()?)),
        2 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(plain).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TransactionId = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    /// The responses of RFC 5769 2.2 and 2.3, without the attributes that follow the address.
    fn response(address: &[u8]) -> Vec<u8> {
        let attribute =
            [&[0x80, 0x22, 0, 3, b't', b'e', b's', 0][..], &[0, 0x20, 0, u8::try_from(address.len()).unwrap()], address].concat();
        [&[1, 1, 0, u8::try_from(attribute.len()).unwrap()], &COOKIE[..], &ID, &attribute].concat()
    }

    #[test]
    fn the_addresses_of_rfc_5769_are_read() {
        let v4 = response(&[0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        assert_eq!(binding_success(&v4), Some((ID, Some("192.0.2.1:32853".parse().unwrap()))));
        let v6 =
            response(&[0, 2, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9]);
        assert_eq!(binding_success(&v6), Some((ID, Some("[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap()))));
    }

    #[test]
    fn a_request_is_stun_but_no_response() {
        let request = binding_request(ID);
        assert_eq!(request.len(), 20);
        assert!(is_stun(&request) && binding_success(&request).is_none());
        assert!(!is_stun(b"SIP/2.0 200 OK\r\n"));
    }

    #[test]
    fn every_cut_of_a_response_is_survived() {
        let whole = response(&[0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        for end in 0..whole.len() {
            let cut = binding_success(&whole[..end]);
            assert!(cut.is_none_or(|(_, address)| address.is_none()));
        }
    }
}
