use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cooee_machine::is_host_name;

/// What a dialled host turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// Needs no DNS.
    Numeric(Vec<IpAddr>),
    /// A name in lower case, without the final dot.
    Name(String),
}

impl Host {
    /// `None` if it can be neither. Names follow RFC 1123 plus the underscore that services and some hosts use.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Numeric(vec![address.into()]));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self::Numeric(vec![address]));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        // RFC 6761 6.3: always the loopback, never a question to anybody.
        if name == "localhost" || name.ends_with(".localhost") {
            return Some(Self::Numeric(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]));
        }
        is_host_name(&name).then_some(Self::Name(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_spelling_need_no_dns() {
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(Host::parse("[2001:db8::1]"), Some(Host::Numeric(vec![v6])));
        assert_eq!(Host::parse("2001:DB8::1"), Some(Host::Numeric(vec![v6])));
        assert_eq!(Host::parse("192.0.2.7"), Some(Host::Numeric(vec!["192.0.2.7".parse().unwrap()])));
        assert!(matches!(Host::parse("phone.localhost"), Some(Host::Numeric(_))));
    }

    #[test]
    fn names_are_folded_and_nonsense_is_refused() {
        assert_eq!(Host::parse("Example.ORG."), Some(Host::Name("example.org".into())));
        for wrong in ["", ".", "a..b", "a b", "300.1.2.3", "[::1", "münchen.example", &"a".repeat(64), &"a.".repeat(140)] {
            assert_eq!(Host::parse(wrong), None, "{wrong}");
        }
    }
}
