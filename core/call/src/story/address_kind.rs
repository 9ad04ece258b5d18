use std::net::IpAddr;

/// What kind of place in the network an address is. A story needs no more of it, and says nothing of where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressKind {
    /// IPv4, seen from everywhere.
    PublicV4,
    /// IPv4 of a home or an office (RFC 1918).
    PrivateV4,
    /// IPv4 that a carrier shares among many (RFC 6598).
    SharedV4,
    /// IPv6, seen from everywhere.
    PublicV6,
    /// IPv6 of a home or an office (RFC 4193).
    PrivateV6,
    /// Of one link only, IPv4 or IPv6.
    LinkLocal,
    /// This very machine.
    Loopback,
    /// None.
    Unspecified,
}

impl AddressKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PublicV4,
        Self::PrivateV4,
        Self::SharedV4,
        Self::PublicV6,
        Self::PrivateV6,
        Self::LinkLocal,
        Self::Loopback,
        Self::Unspecified,
    ];

    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PublicV4 => "public-ipv4",
            Self::PrivateV4 => "private-ipv4",
            Self::SharedV4 => "shared-ipv4",
            Self::PublicV6 => "public-ipv6",
            Self::PrivateV6 => "private-ipv6",
            Self::LinkLocal => "link-local",
            Self::Loopback => "loopback",
            Self::Unspecified => "unspecified",
        }
    }
}

impl From<IpAddr> for AddressKind {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            address if address.is_loopback() => Self::Loopback,
            address if address.is_unspecified() => Self::Unspecified,
            IpAddr::V4(address) if address.is_link_local() => Self::LinkLocal,
            IpAddr::V4(address) if address.is_private() => Self::PrivateV4,
            IpAddr::V4(address) => {
                let [first, second, ..] = address.octets();
                if first == 100 && second & 0xc0 == 64 { Self::SharedV4 } else { Self::PublicV4 }
            }
            IpAddr::V6(address) if address.is_unicast_link_local() => Self::LinkLocal,
            IpAddr::V6(address) if address.is_unique_local() => Self::PrivateV6,
            IpAddr::V6(_) => Self::PublicV6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart_by_how_far_they_are_seen() {
        let kinds = [
            ("198.51.100.7", AddressKind::PublicV4),
            ("192.168.1.2", AddressKind::PrivateV4),
            ("100.64.0.9", AddressKind::SharedV4),
            ("100.128.0.9", AddressKind::PublicV4),
            ("2001:db8::2", AddressKind::PublicV6),
            ("fd00::1", AddressKind::PrivateV6),
            ("fe80::1", AddressKind::LinkLocal),
            ("169.254.3.4", AddressKind::LinkLocal),
            ("::1", AddressKind::Loopback),
            ("::ffff:10.0.0.1", AddressKind::PrivateV4),
            ("0.0.0.0", AddressKind::Unspecified),
        ];
        for (address, kind) in kinds {
            assert_eq!(AddressKind::from(address.parse::<IpAddr>().unwrap()), kind, "{address}");
        }
    }
}
