use crate::Uri;

/// A domain that is not ours, as a request-URI or `From` names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherDomain {
    /// In lower case, without a final dot; at most 253 octets, never an address.
    pub name: String,
    /// With a port there is no SRV (RFC 3263 4.2).
    pub port: Option<u16>,
}

impl OtherDomain {
    /// `None` if the URI is not SIP's or names an address: no certificate of a domain stands for one.
    #[must_use]
    pub fn of(uri: &Uri<'_>) -> Option<Self> {
        let name = uri.host().trim_end_matches('.').to_ascii_lowercase();
        let is_name = uri.is_sip() && uri.address().is_none() && (1..=253).contains(&name.len());
        is_name.then(|| Self { name, port: uri.port() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_name_and_never_an_address() {
        let of = |text: &str| OtherDomain::of(&Uri::parse(text).unwrap()).map(|domain| (domain.name, domain.port));
        assert_eq!(of("sip:ben@B.Lab."), Some(("b.lab".to_owned(), None)));
        assert_eq!(of("sips:ben@b.lab:5071"), Some(("b.lab".to_owned(), Some(5071))));
        for none in ["sip:ben@192.0.2.1", "sip:ben@[2001:db8::1]", "tel:+41446681800"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
