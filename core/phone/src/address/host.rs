use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// The right half of an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// A domain in its ASCII form (RFC 5890 2.3.2.1), in lower case, without a final dot.
    Domain(String),
    /// A numeric address.
    Ip(IpAddr),
}

impl Host {
    /// Reads a domain in any script, an IPv4 address, or an IPv6 address in brackets. Domains are mapped as UTS 46 says (not
    /// transitional): `Bücher.example` becomes `xn--bcher-kva.example`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(|address| Self::Ip(address.into()));
        }
        let ascii =
            Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::VerifyAllowRootDot).ok()?;
        let ascii = ascii.trim_end_matches('.');
        match ascii.parse::<IpAddr>() {
            Ok(address) => Some(Self::Ip(address)),
            // A last label of digits is a numeric address gone wrong (RFC 3696 2).
            Err(_) if ascii.rsplit('.').next().is_none_or(|label| label.bytes().all(|b| b.is_ascii_digit())) => None,
            Err(_) => Some(Self::Domain(ascii.to_owned())),
        }
    }

    /// The domain as DNS is asked for it.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::Domain(ascii) => Some(ascii),
            Self::Ip(_) => None,
        }
    }

    /// The domain as people write it.
    pub(crate) fn unicode(&self) -> Cow<'_, str> {
        match self {
            Self::Domain(ascii) => Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast).0,
            Self::Ip(_) => Cow::Owned(self.to_string()),
        }
    }
}

/// As it stands in a URI.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(ascii) => f.write_str(ascii),
            Self::Ip(IpAddr::V4(address)) => address.fmt(f),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_every_script_come_to_the_form_dns_knows() {
        for (text, ascii) in [
            ("Example.ORG.", "example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BU\u{308}CHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("faß.example", "xn--fa-hia.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("ｅｘａｍｐｌｅ．org", "example.org"),
            ("παράδειγμα.example", "xn--hxajbheg2az3al.example"),
        ] {
            assert_eq!(Host::parse(text).unwrap().domain(), Some(ascii), "{text}");
        }
        assert_eq!(Host::parse("xn--bcher-kva.example").unwrap().unicode(), "bücher.example");
    }

    #[test]
    fn what_no_domain_looks_like_is_none() {
        let long = format!("{}.example", "a".repeat(64));
        for text in ["", ".", "a..b", "-a.example", "a_b.example", "a b.example", "xn--0.example", "1.2.3", "1.2.3.400", "[1.2.3.4]", &long]
        {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numeric_addresses_have_no_domain() {
        for (text, written) in [("192.0.2.1", "192.0.2.1"), ("[2001:DB8::1]", "[2001:db8::1]"), ("１９２.0.2.1", "192.0.2.1")] {
            let host = Host::parse(text).unwrap();
            assert_eq!((host.domain(), host.to_string().as_str()), (None, written));
        }
    }
}
