//! URIs of the schemes Cooee speaks (`sip`, `sips`, `tel`); others are carried opaque.

mod compare;
mod escape;
mod parse;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::grammar::{Part, text};
use escape::decode;
pub(crate) use escape::decode_header;
pub use escape::{encode_header, encode_user};
use parse::Kind;
pub(crate) use parse::{address, host};

/// The scheme of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme<'a> {
    /// `sip:` (RFC 3261 19.1).
    Sip,
    /// `sips:`: TLS on every hop.
    Sips,
    /// `tel:` (RFC 3966).
    Tel,
    /// Any other, as it came.
    Other(&'a str),
}

/// Why a text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UriError {
    /// No scheme, or one that is no scheme.
    #[error("the URI has no valid scheme")]
    Scheme,
    /// User or password.
    #[error("the user part of the URI is malformed")]
    User,
    /// Neither a host name nor an IP address.
    #[error("the host of the URI is malformed")]
    Host,
    /// Not a number up to 65535.
    #[error("the port of the URI is malformed")]
    Port,
    /// A parameter or header.
    #[error("the parameters or headers of the URI are malformed")]
    Params,
    /// A telephone number.
    #[error("the telephone number is malformed")]
    Number,
    /// More than 65,535 octets.
    #[error("the URI is too long")]
    TooLong,
    /// A character that no URI contains.
    #[error("the URI contains a character that none may")]
    Character,
}

/// A URI, read without copying. `==` compares the text; [`Uri::is_equivalent`] compares as RFC 3261 19.1.4 says.
#[derive(Clone, Copy)]
pub struct Uri<'a> {
    /// ASCII throughout.
    raw: &'a [u8],
    kind: Kind,
    /// None for `sip:host`; the number of a `tel` URI.
    user: Part,
    password: Part,
    host: Part,
    port: Option<u16>,
    /// From the first `;` on.
    params: Part,
    /// Behind the `?`.
    headers: Part,
}

impl<'a> Uri<'a> {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        text(self.raw)
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme<'a> {
        match self.kind {
            Kind::Sip => Scheme::Sip,
            Kind::Sips => Scheme::Sips,
            Kind::Tel => Scheme::Tel,
            Kind::Other => Scheme::Other(text(self.raw.split(|b| *b == b':').next().unwrap_or_default())),
        }
    }

    /// A call for help as a service and not as a number: `urn:service:sos` and those below it (RFC 5031 4.2).
    #[must_use]
    pub fn is_emergency_service(&self) -> bool {
        const SOS: &str = "urn:service:sos";
        let split = self.as_str().split_at_checked(SOS.len());
        split.is_some_and(|(service, below)| service.eq_ignore_ascii_case(SOS) && (below.is_empty() || below.starts_with('.')))
    }

    /// `sip` or `sips`.
    #[must_use]
    pub fn is_sip(&self) -> bool {
        matches!(self.kind, Kind::Sip | Kind::Sips)
    }

    /// The user as it stands, escapes included; the number of a `tel` URI.
    #[must_use]
    pub fn user(&self) -> Option<&'a str> {
        self.user.if_any(self.raw).map(text)
    }

    /// The user with its escapes undone, once. May contain any octet, NUL included.
    #[must_use]
    pub fn decoded_user(&self) -> Option<Cow<'a, [u8]>> {
        self.user.if_any(self.raw).map(decode)
    }

    /// The password, escapes included.
    #[must_use]
    pub fn password(&self) -> Option<&'a str> {
        self.password.if_any(self.raw).map(text)
    }

    /// Host name or address; an IPv6 address stands in brackets. Empty for schemes that have none.
    #[must_use]
    pub fn host(&self) -> &'a str {
        text(self.host.of(self.raw))
    }

    /// The host, if it is an IP address.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        address(self.host())
    }

    /// The port, if given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Parameters as (name, value), escapes included, in order.
    pub fn params(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        let params = text(self.params.of(self.raw)).split(';').skip(1);
        params.map(|p| p.split_once('=').map_or((p, None), |(name, value)| (name, Some(value))))
    }

    /// The text of all parameters, beginning with `;`.
    #[must_use]
    pub fn raw_params(&self) -> &'a str {
        text(self.params.of(self.raw))
    }

    /// The first parameter of that name: `Some(None)` if it has no value.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<Option<&'a str>> {
        self.params().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// `transport`, e.g. `tcp`; compared without case.
    #[must_use]
    pub fn transport(&self) -> Option<&'a str> {
        self.param("transport").flatten()
    }

    /// Whether the element it names is a loose router (`lr`).
    #[must_use]
    pub fn is_loose_route(&self) -> bool {
        self.param("lr").is_some()
    }

    /// Headers as (name, value), escapes included, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        text(self.headers.of(self.raw)).split('&').filter(|h| !h.is_empty()).map(|h| h.split_once('=').unwrap_or((h, "")))
    }

    /// Whether it carries headers, as a request-URI must not.
    #[must_use]
    pub fn has_headers(&self) -> bool {
        !self.headers.of(self.raw).is_empty()
    }

    /// The key under which a registrar keeps the bindings of this address of record: `sip:`, the user with needless
    /// escapes undone, the host in lower case; no parameters, no port (RFC 3261 10.3 step 5). `sips` has the same key, and
    /// what is no SIP URI has none.
    #[must_use]
    pub fn address_of_record(&self) -> Option<String> {
        self.is_sip().then(|| match self.decoded_user() {
            Some(user) => format!("sip:{}@{}", encode_user(&user), self.host().to_ascii_lowercase()),
            None => format!("sip:{}", self.host().to_ascii_lowercase()),
        })
    }
}

/// By text.
impl PartialEq for Uri<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Uri<'_> {}

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names the scheme only: a URI tells who a person is.
impl fmt::Debug for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme() {
            Scheme::Sip => f.write_str("sip:…"),
            Scheme::Sips => f.write_str("sips:…"),
            Scheme::Tel => f.write_str("tel:…"),
            Scheme::Other(name) => write!(f, "{name}:…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_for_help_is_a_service_whatever_kind_of_help() {
        for (uri, is_one) in [
            ("urn:service:sos", true),
            ("URN:Service:SOS.fire", true),
            ("urn:service:sosterisk", false),
            ("urn:service:counseling", false),
            ("sip:urn:service:sos@example.org", false),
        ] {
            assert_eq!(Uri::parse(uri).is_ok_and(|uri| uri.is_emergency_service()), is_one, "{uri}");
        }
    }

    #[test]
    fn a_sip_uri_is_read_into_its_parts() {
        let uri = Uri::parse("sips:alice:secret%20word@[2001:db8::1]:5061;transport=tcp;lr?subject=a%20b&priority=urgent").unwrap();
        assert_eq!((uri.scheme(), uri.user(), uri.password()), (Scheme::Sips, Some("alice"), Some("secret%20word")));
        assert_eq!((uri.host(), uri.port()), ("[2001:db8::1]", Some(5061)));
        assert_eq!(uri.address(), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(uri.params().collect::<Vec<_>>(), [("transport", Some("tcp")), ("lr", None)]);
        assert_eq!(uri.headers().collect::<Vec<_>>(), [("subject", "a%20b"), ("priority", "urgent")]);
        assert!(uri.is_loose_route() && uri.has_headers());
        assert_eq!(uri.transport(), Some("tcp"));
    }

    #[test]
    fn parameters_before_the_at_sign_belong_to_the_user() {
        let uri = Uri::parse("sip:user;par=u%40example.net@example.com").unwrap();
        assert_eq!(uri.user(), Some("user;par=u%40example.net"));
        assert_eq!(uri.decoded_user().unwrap().as_ref(), b"user;par=u@example.net");
        let odd = "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com";
        assert_eq!(Uri::parse(odd).unwrap().user(), Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    }

    #[test]
    fn escapes_are_undone_once_and_nul_survives() {
        assert_eq!(Uri::parse("sip:null-%00-null@example.com").unwrap().decoded_user().unwrap().as_ref(), b"null-\0-null");
        assert_eq!(Uri::parse("sip:a%2541@b").unwrap().decoded_user().unwrap().as_ref(), b"a%41");
    }

    #[test]
    fn malformed_uris_are_refused_by_part() {
        for (bad, why) in [
            ("", UriError::Scheme),
            ("sip", UriError::Scheme),
            (":a", UriError::Scheme),
            ("1x:a", UriError::Scheme),
            ("sip:", UriError::Host),
            ("sip:@host", UriError::User),
            ("sip:a b@host", UriError::User),
            ("sip:a%4@host", UriError::User),
            ("sip:a%zz@host", UriError::User),
            ("sip:a@", UriError::Host),
            ("sip:a@[::1", UriError::Host),
            ("sip:a@[1.2.3.4]", UriError::Host),
            ("sip:2001:db8::10", UriError::Port),
            ("sip:a@h:65536", UriError::Port),
            ("sip:a@h:", UriError::Port),
            ("sip:a@h ", UriError::Params),
            ("sip:a@h; lr", UriError::Params),
            ("sip:a@h;", UriError::Params),
            ("sip:a@h;;lr", UriError::Params),
            ("sip:a@h;a=", UriError::Params),
            ("sip:a@h?", UriError::Params),
            ("sip:a@h?x", UriError::Params),
            ("sip:a\0b@h", UriError::User),
            ("tel:", UriError::Number),
            ("tel:+", UriError::Number),
            ("tel:call me", UriError::Number),
            ("name:", UriError::Character),
            ("name:a b", UriError::Character),
            ("name:<a>", UriError::Character),
        ] {
            assert_eq!(Uri::parse(bad).unwrap_err(), why, "{bad}");
        }
        assert_eq!(Uri::from_bytes(b"sip:\xff@h").unwrap_err(), UriError::User);
    }

    #[test]
    fn telephone_numbers_and_foreign_schemes_are_carried() {
        let tel = Uri::parse("tel:+1-201-555-0123;phone-context=example.com").unwrap();
        assert_eq!((tel.scheme(), tel.user()), (Scheme::Tel, Some("+1-201-555-0123")));
        assert_eq!(tel.param("phone-context"), Some(Some("example.com")));
        for other in ["urn:service:sos", "soap.beep://192.0.2.103:3002", "nobodyKnowsThisScheme:totallyopaquecontent", "isbn:2983792873"] {
            let uri = Uri::parse(other).unwrap();
            assert!(matches!(uri.scheme(), Scheme::Other(_)) && !uri.is_sip());
            assert_eq!(uri.to_string(), other);
        }
    }

    #[test]
    fn an_ipv6_address_swallows_a_port_inside_its_brackets() {
        let ambiguous = Uri::parse("sip:[2001:db8::10:5070]").unwrap();
        assert_eq!((ambiguous.host(), ambiguous.port()), ("[2001:db8::10:5070]", None));
        let clear = Uri::parse("sip:[2001:db8::10]:5070").unwrap();
        assert_eq!((clear.host(), clear.port()), ("[2001:db8::10]", Some(5070)));
        let three_colons = Uri::parse("sip:user@[2001:db8:::192.0.2.1]").unwrap();
        assert!(three_colons.is_equivalent(&Uri::parse("sip:user@[2001:db8::192.0.2.1]").unwrap()));
        assert!(Uri::parse("sip:user@[2001:db8:::1]").is_err());
    }

    #[test]
    fn an_address_of_record_has_one_key() {
        let key = |uri: &str| Uri::parse(uri).unwrap().address_of_record();
        assert_eq!(key("sips:%61nna:pw@EXAMPLE.org:5061;transport=tcp").unwrap(), "sip:anna@example.org");
        assert_eq!(key("sip:a%20b%40c@example.org").unwrap(), "sip:a%20b%40c@example.org");
        assert_ne!(key("sip:Anna@example.org"), key("sip:anna@example.org"));
        assert_eq!(key("tel:+1"), None);
    }

    #[test]
    fn debug_output_tells_no_name() {
        assert_eq!(format!("{:?}", Uri::parse("sip:anna@example.org").unwrap()), "sip:…");
    }
}
