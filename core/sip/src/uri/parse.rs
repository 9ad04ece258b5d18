use std::net::{IpAddr, Ipv6Addr};

use super::escape::escaped_span;
use super::{Uri, UriError};
use crate::grammar::{HOST, OPAQUE, Part, URI_HEADER, URI_PARAM, USER, port, span, split, text};

/// What a URI is, its name aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sip,
    Sips,
    Tel,
    Other,
}

/// A URI and what stands behind it.
type Read<'a> = Result<(Uri<'a>, &'a [u8]), UriError>;

impl<'a> Uri<'a> {
    /// Reads a URI that takes all of `text`.
    ///
    /// # Errors
    /// [`UriError`] names the part that is malformed.
    #[inline]
    pub fn parse(text: &'a str) -> Result<Self, UriError> {
        Self::from_bytes(text.as_bytes())
    }

    /// Reads a URI from octets.
    ///
    /// # Errors
    /// As [`Uri::parse`].
    #[inline]
    pub fn from_bytes(octets: &'a [u8]) -> Result<Self, UriError> {
        let (uri, rest) = Self::read(octets)?;
        match uri.kind {
            _ if rest.is_empty() => Ok(uri),
            Kind::Sip | Kind::Sips => Err(UriError::Params),
            Kind::Tel => Err(UriError::Number),
            Kind::Other => Err(UriError::Character),
        }
    }

    /// Reads a URI from the start of `input`, up to the first octet that cannot belong to it.
    #[inline]
    pub(crate) fn read(input: &'a [u8]) -> Read<'a> {
        match input {
            [b's' | b'S', b'i' | b'I', b'p' | b'P', b':', rest @ ..] => Self::read_sip(input, Kind::Sip, rest),
            [b's' | b'S', b'i' | b'I', b'p' | b'P', b's' | b'S', b':', rest @ ..] => Self::read_sip(input, Kind::Sips, rest),
            [b't' | b'T', b'e' | b'E', b'l' | b'L', b':', rest @ ..] => Self::read_tel(input, rest),
            _ => Self::read_opaque(input),
        }
    }

    fn read_sip(input: &'a [u8], kind: Kind, rest: &'a [u8]) -> Read<'a> {
        let (user, password, rest) = userinfo(input, rest)?;
        let named = user != Part::default();
        let Some((_, after)) = host(rest) else {
            // What stands before an `@` was meant for a user.
            return Err(if !named && rest.contains(&b'@') { UriError::User } else { UriError::Host });
        };
        let host = Part::between(input, rest, after);
        let (port, after) = match after {
            [b':', after @ ..] => {
                let (digits, after) = span(after, HOST);
                (Some(port(digits).ok_or(UriError::Port)?), after)
            }
            after => (None, after),
        };
        let behind_params = params(after)?;
        let params = Part::between(input, after, behind_params);
        let (headers, after) = match behind_params {
            [b'?', list @ ..] => {
                let after = headers(list)?;
                (Part::between(input, list, after), after)
            }
            after => (Part::default(), after),
        };
        if !named && !matches!(after, [] | [b'>', ..]) && after.contains(&b'@') {
            return Err(UriError::User);
        }
        Ok((Self { user, password, host, port, params, headers, ..Self::bare(input, after, kind)? }, after))
    }

    fn read_tel(input: &'a [u8], rest: &'a [u8]) -> Read<'a> {
        let global = usize::from(rest.first() == Some(&b'+'));
        let is_digit = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b'*' | b'#');
        let is_separator = |b: &u8| matches!(b, b'-' | b'.' | b'(' | b')');
        let length = rest.iter().skip(global).take_while(|b| is_digit(b) || is_separator(b)).count();
        let (number, behind) = split(rest, global + length);
        if !number.iter().any(is_digit) {
            return Err(UriError::Number);
        }
        let after = params(behind)?;
        let (user, params) = (Part::between(input, rest, behind), Part::between(input, behind, after));
        Ok((Self { user, params, ..Self::bare(input, after, Kind::Tel)? }, after))
    }

    fn read_opaque(input: &'a [u8]) -> Read<'a> {
        let colon = input.iter().position(|b| *b == b':').ok_or(UriError::Scheme)?;
        let (name, rest) = split(input, colon);
        let valid = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        if !name.first().is_some_and(u8::is_ascii_alphabetic) || !name.iter().all(valid) {
            return Err(UriError::Scheme);
        }
        let (rest, after) = span(rest, OPAQUE);
        if rest.len() < 2 {
            return Err(UriError::Character);
        }
        Ok((Self::bare(input, after, Kind::Other)?, after))
    }

    /// A URI of no parts, up to `after`.
    #[inline]
    fn bare(input: &'a [u8], after: &[u8], kind: Kind) -> Result<Self, UriError> {
        let raw = split(input, input.len() - after.len()).0;
        if raw.len() > Part::MAX {
            return Err(UriError::TooLong);
        }
        let none = Part::default();
        Ok(Self { raw, kind, user: none, password: none, host: none, port: None, params: none, headers: none })
    }
}

/// Finds `user` and `password`, and gives what stands behind the `@`. What looks like them but has no `@` behind it is the
/// host's.
#[inline]
fn userinfo<'a>(input: &[u8], rest: &'a [u8]) -> Result<(Part, Part, &'a [u8]), UriError> {
    let none = Part::default();
    let (user, after) = escaped_span(rest, USER);
    match after {
        [b'@', ..] if user.is_empty() => Err(UriError::User),
        [b'@', host @ ..] => Ok((Part::between(input, rest, after), none, host)),
        [b':', password @ ..] => match escaped_span(password, USER).1 {
            [b'@', ..] if user.is_empty() => Err(UriError::User),
            behind @ [b'@', host @ ..] => Ok((Part::between(input, rest, after), Part::between(input, password, behind), host)),
            _ => Ok((none, none, rest)),
        },
        _ => Ok((none, none, rest)),
    }
}

/// Reads a host name, IPv4 address or bracketed IPv6 address from the start of `input`.
#[inline]
pub(crate) fn host(input: &[u8]) -> Option<(&[u8], &[u8])> {
    if input.first() == Some(&b'[') {
        let end = input.iter().position(|b| *b == b']')?;
        let (host, rest) = input.split_at_checked(end + 1)?;
        return ipv6(text(host.get(1..end)?)).map(|_| (host, rest));
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

/// What stands behind `*( ";" pname [ "=" pvalue ] )`.
#[inline]
fn params(mut rest: &[u8]) -> Result<&[u8], UriError> {
    while let [b';', after @ ..] = rest {
        let (name, after) = escaped_span(after, URI_PARAM);
        rest = after;
        if name.is_empty() {
            return Err(UriError::Params);
        }
        if let [b'=', after @ ..] = rest {
            let (value, after) = escaped_span(after, URI_PARAM);
            rest = after;
            if value.is_empty() {
                return Err(UriError::Params);
            }
        }
    }
    Ok(rest)
}

/// What stands behind `hname "=" hvalue *( "&" hname "=" hvalue )`.
fn headers(mut rest: &[u8]) -> Result<&[u8], UriError> {
    loop {
        let (name, after) = escaped_span(rest, URI_HEADER);
        let after = after.strip_prefix(b"=").filter(|_| !name.is_empty()).ok_or(UriError::Params)?;
        match escaped_span(after, URI_HEADER).1 {
            [b'&', after @ ..] => rest = after,
            after => return Ok(after),
        }
    }
}
