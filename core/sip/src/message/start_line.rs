use std::fmt;

use super::ParseError;
use super::head::split_last_space;
use crate::grammar::{TOKEN, all};
use crate::method::Method;
use crate::uri::Uri;

/// The first line of a message (RFC 3261 7.1, 7.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// `INVITE sip:ben@example.org SIP/2.0`.
    Request {
        /// What is asked for.
        method: Method<'a>,
        /// The request-URI.
        uri: Uri<'a>,
    },
    /// `SIP/2.0 180 Ringing`.
    Response {
        /// 100 to 699.
        status: u16,
        /// The reason phrase as it came: UTF-8 by the standard, whatever it was by the peer.
        reason: &'a [u8],
    },
}

impl<'a> StartLine<'a> {
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, ParseError> {
        if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/")) {
            return Self::parse_status(line);
        }
        let (rest, version) = split_last_space(line).ok_or(ParseError::StartLine)?;
        let space = rest.iter().position(|b| *b == b' ').ok_or(ParseError::StartLine)?;
        let (method, uri) = rest.split_at_checked(space).ok_or(ParseError::StartLine)?;
        let uri = uri.get(1..).unwrap_or_default();
        if !all(method, TOKEN) || uri.first().is_none_or(|b| *b == b' ') || uri.last() == Some(&b' ') {
            return Err(ParseError::StartLine);
        }
        version_is_ours(version)?;
        let uri = Uri::from_bytes(uri).ok().filter(|u| !u.has_headers()).ok_or(ParseError::RequestUri)?;
        Ok(Self::Request { method: Method::from_bytes(method), uri })
    }

    /// The space before the reason phrase may be missing (RFC 4475 3.1.1.13).
    fn parse_status(line: &'a [u8]) -> Result<Self, ParseError> {
        let mut parts = line.splitn(3, |b| *b == b' ');
        version_is_ours(parts.next().unwrap_or_default())?;
        let status = match parts.next() {
            Some([a @ b'1'..=b'6', b, c]) if b.is_ascii_digit() && c.is_ascii_digit() => {
                u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')
            }
            _ => return Err(ParseError::StartLine),
        };
        Ok(Self::Response { status, reason: parts.next().unwrap_or_default() })
    }
}

/// `SIP/2.0`, or whether it is at least a version.
fn version_is_ours(version: &[u8]) -> Result<(), ParseError> {
    if version.eq_ignore_ascii_case(b"SIP/2.0") {
        return Ok(());
    }
    let (name, number) = version.split_at_checked(4).ok_or(ParseError::StartLine)?;
    let mut numbers = number.split(|b| *b == b'.');
    let digits = |part: Option<&[u8]>| part.is_some_and(|p| !p.is_empty() && p.iter().all(u8::is_ascii_digit));
    let is_version = name.eq_ignore_ascii_case(b"SIP/") && digits(numbers.next()) && digits(numbers.next()) && numbers.next().is_none();
    Err(if is_version { ParseError::Version } else { ParseError::StartLine })
}

impl fmt::Debug for StartLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { method, uri } => write!(f, "{method} {uri:?}"),
            Self::Response { status, .. } => write!(f, "{status}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_responses_are_told_apart() {
        let StartLine::Request { method, uri } = StartLine::parse(b"INVITE sip:a@b SIP/2.0").unwrap() else { panic!() };
        assert_eq!((method, uri.as_str()), (Method::Invite, "sip:a@b"));
        for (line, expected) in [("SIP/2.0 100 ", (100, "")), ("SIP/2.0 200", (200, "")), ("sip/2.0 699 a b", (699, "a b"))] {
            let StartLine::Response { status, reason } = StartLine::parse(line.as_bytes()).unwrap() else { panic!() };
            assert_eq!((status, reason), (expected.0, expected.1.as_bytes()));
        }
    }

    #[test]
    fn malformed_lines_are_refused_by_fault() {
        for (line, why) in [
            ("INVITE <sip:user@example.com> SIP/2.0", ParseError::RequestUri),
            ("INVITE sip:user@example.com; lr SIP/2.0", ParseError::RequestUri),
            ("INVITE  sip:user@example.com  SIP/2.0", ParseError::StartLine),
            ("OPTIONS sip:remote-target@example.com SIP/2.0  ", ParseError::StartLine),
            ("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0", ParseError::RequestUri),
            ("OPTIONS sip:t.watson@example.org SIP/7.0", ParseError::Version),
            ("OPTIONS sip:t.watson@example.org SIP/2.", ParseError::StartLine),
            ("OPTIONS sip:t.watson@example.org HTTP/1.1", ParseError::StartLine),
            ("SIP/3.0 200 OK", ParseError::Version),
            ("SIP/2.0 4294967301 better not break the receiver", ParseError::StartLine),
            ("SIP/2.0 700 x", ParseError::StartLine),
            ("SIP/2.0 20 x", ParseError::StartLine),
            ("SIP/2.0 099 x", ParseError::StartLine),
            ("IN(VITE sip:a@b SIP/2.0", ParseError::StartLine),
            ("INVITE", ParseError::StartLine),
            ("", ParseError::StartLine),
            (" ", ParseError::StartLine),
            ("INVITE SIP/2.0", ParseError::StartLine),
        ] {
            assert_eq!(StartLine::parse(line.as_bytes()), Err(why), "{line}");
        }
    }
}
