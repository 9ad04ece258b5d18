//! URIs of the schemes Cooee speaks (`sip`, `sips`, `tel`); others are carried opaque.

mod compare;
mod escape;

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::grammar::{HOST, OPAQUE, URI_HEADER, URI_PARAM, USER, all, is, port, span, split, text};
pub use escape::encode_user;
use escape::{decode, escapes_are_whole};

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
    /// A character that no URI contains.
    #[error("the URI contains a character that none may")]
    Character,
}

/// A URI, read without copying. `==` compares the text; [`Uri::is_equivalent`] compares as RFC 3261 19.1.4 says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uri<'a> {
    raw: &'a str,
    scheme: Scheme<'a>,
    /// `None` for `sip:host`; the number of a `tel` URI.
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
    /// From the first `;` on.
    params: &'a str,
    /// Behind the `?`.
    headers: &'a str,
}

impl<'a> Uri<'a> {
    /// Reads a URI that takes all of `text`.
    ///
    /// # Errors
    /// [`UriError`] names the part that is malformed.
    #[inline]
    pub fn parse(text: &'a str) -> Result<Self, UriError> {
        let colon = text.bytes().position(|b| b == b':').ok_or(UriError::Scheme)?;
        let (name, rest) = text.split_at_checked(colon).ok_or(UriError::Scheme)?;
        let rest = rest.get(1..).unwrap_or_default();
        let scheme = match name.as_bytes() {
            [b's' | b'S', b'i' | b'I', b'p' | b'P'] => Scheme::Sip,
            [b's' | b'S', b'i' | b'I', b'p' | b'P', b's' | b'S'] => Scheme::Sips,
            [b't' | b'T', b'e' | b'E', b'l' | b'L'] => return Self::parse_tel(text, rest),
            other => return Self::parse_opaque(text, name, other, rest),
        };
        Self::parse_sip(text, scheme, rest)
    }

    /// Reads a URI from octets.
    ///
    /// # Errors
    /// As [`Uri::parse`]; also for what is no UTF-8.
    #[inline]
    pub fn from_bytes(octets: &'a [u8]) -> Result<Self, UriError> {
        Self::parse(std::str::from_utf8(octets).map_err(|_| UriError::Character)?)
    }

    #[inline]
    fn parse_sip(raw: &'a str, scheme: Scheme<'a>, rest: &'a str) -> Result<Self, UriError> {
        let (user, password, rest) = userinfo(rest)?;
        let (host, rest) = host(rest.as_bytes()).ok_or(UriError::Host)?;
        let (port, rest) = match rest {
            [b':', rest @ ..] => {
                let (digits, rest) = span(rest, HOST);
                (Some(port(digits).ok_or(UriError::Port)?), rest)
            }
            rest => (None, rest),
        };
        let (params, rest) = split(rest, rest.iter().position(|b| *b == b'?').unwrap_or(rest.len()));
        let headers = rest.strip_prefix(b"?");
        if !params_are_valid(params) || headers.is_some_and(|h| !headers_are_valid(h)) {
            return Err(UriError::Params);
        }
        let headers = text(headers.unwrap_or_default());
        Ok(Self { raw, scheme, user, password, host: text(host), port, params: text(params), headers })
    }

    fn parse_tel(raw: &'a str, rest: &'a str) -> Result<Self, UriError> {
        let (number, params) = rest.split_at_checked(rest.find(';').unwrap_or(rest.len())).ok_or(UriError::Number)?;
        let digits = number.strip_prefix('+').unwrap_or(number).bytes();
        let is_digit = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'*' | b'#' | b'-' | b'.' | b'(' | b')');
        if !digits.clone().any(|b| b.is_ascii_hexdigit() || matches!(b, b'*' | b'#')) || !digits.clone().all(is_digit) {
            return Err(UriError::Number);
        }
        if !params_are_valid(params.as_bytes()) {
            return Err(UriError::Params);
        }
        Ok(Self { raw, scheme: Scheme::Tel, user: Some(number), password: None, host: "", port: None, params, headers: "" })
    }

    fn parse_opaque(raw: &'a str, name: &'a str, octets: &[u8], rest: &str) -> Result<Self, UriError> {
        let valid = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        if !octets.first().is_some_and(u8::is_ascii_alphabetic) || !octets.iter().all(valid) {
            return Err(UriError::Scheme);
        }
        if !all(rest.as_bytes(), OPAQUE) {
            return Err(UriError::Character);
        }
        Ok(Self { raw, scheme: Scheme::Other(name), user: None, password: None, host: "", port: None, params: "", headers: "" })
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.raw
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme<'a> {
        self.scheme
    }

    /// `sip` or `sips`.
    #[must_use]
    pub fn is_sip(&self) -> bool {
        matches!(self.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// The user as it stands, escapes included; the number of a `tel` URI.
    #[must_use]
    pub fn user(&self) -> Option<&'a str> {
        self.user
    }

    /// The user with its escapes undone, once. May contain any octet, NUL included.
    #[must_use]
    pub fn decoded_user(&self) -> Option<Cow<'a, [u8]>> {
        self.user.map(|u| decode(u.as_bytes()))
    }

    /// The password, escapes included.
    #[must_use]
    pub fn password(&self) -> Option<&'a str> {
        self.password
    }

    /// Host name or address; an IPv6 address stands in brackets. Empty for schemes that have none.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.host
    }

    /// The host, if it is an IP address.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        address(self.host)
    }

    /// The port, if given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Parameters as (name, value), escapes included, in order.
    pub fn params(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        self.params.split(';').skip(1).map(|p| p.split_once('=').map_or((p, None), |(name, value)| (name, Some(value))))
    }

    /// The text of all parameters, beginning with `;`.
    #[must_use]
    pub fn raw_params(&self) -> &'a str {
        self.params
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
        self.headers.split('&').filter(|h| !h.is_empty()).map(|h| h.split_once('=').unwrap_or((h, "")))
    }

    /// Whether it carries headers, as a request-URI must not.
    #[must_use]
    pub fn has_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    /// The key under which a registrar keeps the bindings of this address of record: `sip:`, the user with needless
    /// escapes undone, the host in lower case; no parameters, no port (RFC 3261 10.3 step 5). `sips` has the same key, and
    /// what is no SIP URI has none.
    #[must_use]
    pub fn address_of_record(&self) -> Option<String> {
        self.is_sip().then(|| match self.decoded_user() {
            Some(user) => format!("sip:{}@{}", encode_user(&user), self.host.to_ascii_lowercase()),
            None => format!("sip:{}", self.host.to_ascii_lowercase()),
        })
    }
}

type UserInfo<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

/// Splits `user:password@` off; `@` stands nowhere else in a SIP URI.
#[inline]
fn userinfo(rest: &str) -> Result<UserInfo<'_>, UriError> {
    let Some(at) = rest.bytes().position(|b| b == b'@') else { return Ok((None, None, rest)) };
    let (info, host) = rest.split_at_checked(at).ok_or(UriError::User)?;
    let (user, password) = match info.bytes().position(|b| b == b':').and_then(|colon| info.split_at_checked(colon)) {
        Some((user, password)) => (user, password.get(1..)),
        None => (info, None),
    };
    let valid = |part: &str| part.bytes().all(|b| is(b, USER)) && escapes_are_whole(part.as_bytes());
    if user.is_empty() || !valid(user) || !password.is_none_or(valid) {
        return Err(UriError::User);
    }
    Ok((Some(user), password, host.get(1..).unwrap_or_default()))
}

/// Reads a host name, IPv4 address or bracketed IPv6 address from the start of `input`.
#[inline]
pub(crate) fn host(input: &[u8]) -> Option<(&[u8], &[u8])> {
    if input.first() == Some(&b'[') {
        let end = input.iter().position(|b| *b == b']')?;
        let (host, rest) = input.split_at_checked(end + 1)?;
        let inner = text(host.get(1..end)?);
        return ipv6(inner).map(|_| (host, rest));
    }
    let (host, rest) = span(input, HOST);
    (!host.is_empty()).then_some((host, rest))
}

/// The address that a host spells, brackets or not.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inner) => ipv6(inner).map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

/// An IPv6 address; three colons before an embedded IPv4 address are tolerated, as RFC 3261's grammar wrongly asked for
/// them (RFC 5118 4.10).
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok().or_else(|| text.contains('.').then(|| text.replacen(":::", "::", 1).parse().ok())?)
}

/// `*( ";" pname [ "=" pvalue ] )`.
fn params_are_valid(params: &[u8]) -> bool {
    if params.is_empty() {
        return true;
    }
    let Some(list) = params.strip_prefix(b";") else { return false };
    escapes_are_whole(list)
        && list.split(|b| *b == b';').all(|param| {
            let (name, rest) = span(param, URI_PARAM);
            !name.is_empty() && rest.strip_prefix(b"=").map_or(rest.is_empty(), |value| all(value, URI_PARAM))
        })
}

/// `hname "=" hvalue *( "&" hname "=" hvalue )`.
fn headers_are_valid(headers: &[u8]) -> bool {
    escapes_are_whole(headers)
        && headers.split(|b| *b == b'&').all(|header| {
            let (name, rest) = span(header, URI_HEADER);
            !name.is_empty() && rest.strip_prefix(b"=").is_some_and(|value| value.iter().all(|b| is(*b, URI_HEADER)))
        })
}

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

/// Names the scheme only: a URI tells who a person is.
impl fmt::Debug for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
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
        assert_eq!(Uri::from_bytes(b"sip:\xff@h").unwrap_err(), UriError::Character);
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
