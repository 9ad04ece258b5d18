use std::net::IpAddr;

use cooee_machine::{Pii, Transport};
use cooee_sip::locate::LocateTarget;
use cooee_sip::{Scheme, Uri, encode_user};

/// Longer is no address.
const MAX_LENGTH: usize = 512;

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
        let text = with_scheme(address)?;
        let uri = Uri::parse(&text).ok().filter(|uri| uri.is_sip() && uri.user().is_some())?;
        let mut target = locate_target(&uri)?;
        if let Some(proxy) = proxy {
            let text = with_scheme(proxy)?;
            let proxy = locate_target(&Uri::parse(&text).ok().filter(Uri::is_sip)?)?;
            target = LocateTarget { secure: proxy.secure || target.secure, ..proxy };
        }
        target.transport = transport.or(target.transport);
        Some(Self { aor: Pii(uri.address_of_record()?), domain: uri.host().to_ascii_lowercase(), target })
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

fn locate_target(uri: &Uri<'_>) -> Option<LocateTarget> {
    let transport = match uri.transport().map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("udp") => Some(Transport::Udp),
        Some("tcp") => Some(Transport::Tcp),
        Some("tls") => Some(Transport::Tls),
        Some(_) => return None,
    };
    Some(LocateTarget { host: uri.host().to_owned(), port: uri.port(), transport, secure: uri.scheme() == Scheme::Sips })
}

fn with_scheme(text: &str) -> Option<String> {
    let text = text.trim();
    let has_scheme = ["sip:", "sips:"].iter().any(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    let is_sane = !text.is_empty() && text.len() <= MAX_LENGTH;
    is_sane.then(|| if has_scheme { text.to_owned() } else { format!("sip:{text}") })
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `sip:ben@example.org`, or `sips:`; a user or number alone where there is no domain.
    uri: Pii<String>,
    /// In lower case; `None` for a bare user or number, which belongs to the calling account's domain.
    pub(crate) domain: Option<String>,
    /// `sips:`: never over an account that does not use TLS.
    pub(crate) is_secure: bool,
    /// A telephone number.
    pub(crate) is_number: bool,
}

impl Target {
    /// Reads `anna@example.org`, `sip:…`, `sips:…`, `tel:…`, a telephone number, or a bare user. Other schemes are for later.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = |uri: String, is_number| Some(Self { uri: Pii(uri), domain: None, is_secure: false, is_number });
        if text.len() > MAX_LENGTH {
            return None;
        }
        if let Some(number) = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).and(text.get(4..)) {
            return bare(dial_string(number.split(';').next()?)?, true);
        }
        if let Some(number) = dial_string(text) {
            return bare(number, true);
        }
        if !text.contains('@') && !text.contains(':') {
            let is_user = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
            return if is_user { bare(encode_user(text.as_bytes()), false) } else { None };
        }
        let text = with_scheme(text)?;
        let uri = Uri::parse(&text).ok().filter(|uri| uri.is_sip() && !uri.has_headers() && uri.password().is_none())?;
        Some(Self {
            uri: Pii(uri.as_str().to_owned()),
            domain: Some(uri.host().to_ascii_lowercase()),
            is_secure: uri.scheme() == Scheme::Sips,
            is_number: false,
        })
    }

    /// The whole URI, when called from an account of this domain. Numbers of the whole world are marked as such
    /// (RFC 3261 19.1.6); what only an exchange understands is left as it is.
    pub(crate) fn within(self, own_domain: &str) -> String {
        match (&self.domain, self.is_number && self.uri.reveal().starts_with('+')) {
            (Some(_), _) => self.uri.0,
            (None, true) => format!("sip:{}@{own_domain};user=phone", self.uri.0),
            (None, false) => format!("sip:{}@{own_domain}", self.uri.0),
        }
    }
}

/// What a person dials, without the signs that only make it readable (RFC 3966 5.1.1). `None` if it is no number.
fn dial_string(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let rest = digits.strip_prefix('+').unwrap_or(&digits);
    let is_number = rest.chars().any(|c| c.is_ascii_digit()) && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'));
    // The hash sign is no part of a user as it stands.
    is_number.then(|| digits.replace('#', "%23"))
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

    #[test]
    fn a_target_is_an_address_a_uri_or_a_user_of_the_own_domain() {
        let uri = |text: &str| Target::parse(text).map(|target| target.within("home.example"));
        assert_eq!(uri("ben@example.org").as_deref(), Some("sip:ben@example.org"));
        assert_eq!(uri("sip:ben@example.org;user=phone").as_deref(), Some("sip:ben@example.org;user=phone"));
        assert_eq!(uri("SIPS:ben@example.org").as_deref(), Some("SIPS:ben@example.org"));
        assert_eq!(uri("ben").as_deref(), Some("sip:ben@home.example"));
        for number in ["+49301234", "+49 (30) 12-34", "tel:+49-30-1234", "TEL:+49301234;isub=1"] {
            assert_eq!(uri(number).as_deref(), Some("sip:+49301234@home.example;user=phone"), "{number}");
            assert!(Target::parse(number).unwrap().is_number);
        }
        assert_eq!(uri("030/1234").as_deref(), Some("sip:0301234@home.example"));
        assert_eq!(uri("*21#").as_deref(), Some("sip:*21%23@home.example"));
        assert!(!Target::parse("ben2").unwrap().is_number && !Target::parse("1@example.org").unwrap().is_number);
        assert_eq!(uri("jörg").as_deref(), Some("sip:j%C3%B6rg@home.example"));
        for wrong in [
            "",
            " ",
            "ben ben",
            "tel:",
            "tel:ben",
            "http://example.org",
            "ben@",
            "ben@exam ple",
            "sip:ben@example.org?Subject=x",
            "sip:ben:pw@example.org",
        ] {
            assert_eq!(uri(wrong), None, "{wrong}");
        }
        assert!(Target::parse("sips:ben@example.org").unwrap().is_secure);
    }
}
