use std::net::IpAddr;

use cooee_machine::{Pii, Transport};
use cooee_sip::Uri;
use cooee_sip::locate::LocateTarget;

use super::{MAX_LENGTH, SipAddress};

/// An account's own address, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnAddress {
    /// `sip:anna@example.org`: no port, no parameters.
    pub(crate) aor: Pii<String>,
    /// `example.org`, in lower case.
    pub(crate) domain: String,
    /// Where its server is looked for.
    pub(crate) target: LocateTarget,
}

impl OwnAddress {
    /// Reads `anna@example.org`, with or without `sip:` or `sips:`, a port and a transport; `proxy` says where to go instead,
    /// `transport` by what, whatever either address says.
    pub(crate) fn parse(address: &str, proxy: Option<&str>, transport: Option<Transport>) -> Option<Self> {
        let own = sip(address).filter(|own| own.user().is_some())?;
        let mut target = locate_target(&own)?;
        if let Some(proxy) = proxy {
            let proxy = locate_target(&sip(proxy)?)?;
            target = LocateTarget { secure: proxy.secure || target.secure, ..proxy };
        }
        target.transport = transport.or(target.transport);
        Some(Self { aor: Pii(own.canonical()), domain: own.host().to_string(), target })
    }

    /// Its server is named by an IP address: somebody chose to do without DNS.
    pub(crate) fn is_numeric(&self) -> bool {
        self.target.host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    }

    /// `host` is its domain or its server; exchanges name callers by the latter.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        host.eq_ignore_ascii_case(&self.domain) || host.eq_ignore_ascii_case(&self.target.host)
    }

    /// The only transports that may be used: TLS unless another was asked for.
    pub(crate) fn transports(&self) -> Vec<Transport> {
        vec![self.target.transport.unwrap_or(Transport::Tls)]
    }
}

fn locate_target(address: &SipAddress) -> Option<LocateTarget> {
    let uri = Uri::parse(address.uri().reveal()).ok()?;
    let transport = match uri.transport().map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("udp") => Some(Transport::Udp),
        Some("tcp") => Some(Transport::Tcp),
        Some("tls") => Some(Transport::Tls),
        Some(_) => return None,
    };
    Some(LocateTarget { host: address.host().to_string(), port: uri.port(), transport, secure: address.is_secure() })
}

/// A server's or an account's address, `sip:` taken as said.
fn sip(text: &str) -> Option<SipAddress> {
    let text = Some(text.trim()).filter(|text| !text.is_empty() && text.len() <= MAX_LENGTH)?;
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if ["sip", "sips"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) => (scheme, rest),
        _ => ("sip", text),
    };
    SipAddress::parse(scheme, rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_at_its_domain_and_at_its_server_and_nowhere_else() {
        let own = OwnAddress::parse("anna@example.org", Some("pbx.example.com:5061"), None).unwrap();
        assert!(own.is_at("Example.org") && own.is_at("pbx.example.com") && !own.is_at("example.com"));
    }

    #[test]
    fn an_accounts_address_is_read_in_every_form_people_write() {
        let own =
            |text: &str| OwnAddress::parse(text, None, None).map(|own| (own.aor.0, own.target.host, own.target.port, own.target.secure));
        let anna = |port, secure| Some(("sip:anna@example.org".to_owned(), "example.org".to_owned(), port, secure));
        assert_eq!(own("anna@example.org"), anna(None, false));
        assert_eq!(own(" sip:anna@example.org "), anna(None, false));
        assert_eq!(own("sips:anna@example.org"), anna(None, true));
        assert_eq!(own("anna@Bücher.example").map(|own| own.0).as_deref(), Some("sip:anna@xn--bcher-kva.example"));
        assert_eq!(own("anna@example.org:5071"), anna(Some(5071), false));
        for wrong in ["", "anna", "example.org", "sip:example.org", "tel:+4930", "anna@", "@example.org", "an na@example.org"] {
            assert_eq!(own(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_proxy_says_where_to_go_and_the_settings_word_on_transport_is_last() {
        let own = OwnAddress::parse("anna@example.org", Some("192.0.2.5:5080"), Some(Transport::Udp)).unwrap();
        assert_eq!((own.target.host.as_str(), own.target.port, own.target.transport), ("192.0.2.5", Some(5080), Some(Transport::Udp)));
        assert_eq!((own.domain.as_str(), own.transports()), ("example.org", vec![Transport::Udp]));
        let own = OwnAddress::parse("anna@example.org", Some("sip:edge.example.net;transport=tcp"), None).unwrap();
        assert_eq!(own.transports(), [Transport::Tcp]);
        assert_eq!(OwnAddress::parse("anna@example.org", None, None).unwrap().transports(), [Transport::Tls]);
        assert_eq!(OwnAddress::parse("anna@example.org", Some("sip:edge.example.net;transport=sctp"), None), None);
    }
}
