use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one that a stranger's name may lead to: on the public Internet, as far as the address tells
/// (RFC 6890). Private networks, this machine, a link's own, shared and documentation addresses, multicast, and IPv6
/// forms that carry such an IPv4 address are not.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => embedded(six).map_or_else(|| is_public_v6(six), is_public_v4),
    }
}

fn is_public_v4(four: Ipv4Addr) -> bool {
    let [a, b, c, _] = four.octets();
    let is_special = match (a, b, c) {
        // "This network", RFC 1918, loopback, a link's own, multicast and reserved.
        (0 | 10 | 127 | 224..=255, ..) | (172, 16..=31, _) | (192, 168, _) | (169, 254, _) => true,
        // Shared between a provider and its customers, protocol assignments, documentation, benchmarks, 6to4's old relays.
        (100, 64..=127, _) | (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (198, 18 | 19, _) | (192, 88, 99) => true,
        _ => false,
    };
    !is_special
}

fn is_public_v6(six: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out; within it documentation (2001:db8::/32, 3fff::/20), Teredo and other protocols' (2001::/23).
    let [a, b, ..] = six.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x3fff, 0..=0x0fff));
    a & 0xe000 == 0x2000 && !is_special
}

/// Of `::ffff:a.b.c.d`, `64:ff9b::a.b.c.d` (RFC 6052) and 6to4 (`2002:ab:cd::`).
fn embedded(six: Ipv6Addr) -> Option<Ipv4Addr> {
    let four = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(four(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(addresses: &[&str], public: bool) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        all(&["1.1.1.1", "193.0.6.139", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.1"], true);
        all(&["2a00:1450::1", "2001:4860::8888", "2001:200::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"], true);
    }

    #[test]
    fn addresses_of_somebody_s_own_network_are_not_however_they_are_written() {
        all(&["0.0.0.0", "10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1", "100.64.0.1"], false);
        all(&["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.19.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8"], false);
        all(&["::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2001::1", "3fff::1", "::192.168.1.1"], false);
        all(&["::ffff:10.0.0.1", "64:ff9b::127.0.0.1", "2002:c0a8:101::1", "::ffff:192.168.0.1", "64:ff9b:1::10.0.0.1"], false);
    }
}
