use std::fmt;

use super::param::{Params, params};
use crate::grammar::{TOKEN, skip_space, span, text};

/// `Content-Type` (RFC 3261 20.15).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MediaType<'a> {
    kind: &'a [u8],
    subtype: &'a [u8],
    params: Params<'a>,
}

impl<'a> MediaType<'a> {
    /// Reads the value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (kind, rest) = span(skip_space(value), TOKEN);
        let (subtype, rest) = span(skip_space(skip_space(rest).strip_prefix(b"/")?), TOKEN);
        let (params, rest) = params(rest, |_, _, _| {})?;
        (!kind.is_empty() && !subtype.is_empty() && rest.is_empty()).then_some(Self { kind, subtype, params })
    }

    /// Whether it is `kind/subtype`, case aside.
    #[must_use]
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind.as_bytes()) && self.subtype.eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// `application/sdp`.
    #[must_use]
    pub fn is_sdp(&self) -> bool {
        self.is("application", "sdp")
    }

    /// Its parameters.
    #[must_use]
    pub fn params(&self) -> Params<'a> {
        self.params
    }
}

impl fmt::Display for MediaType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", text(self.kind), text(self.subtype))
    }
}

impl fmt::Debug for MediaType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_read_without_regard_to_case() {
        let multipart = MediaType::parse(b"Multipart / Mixed;boundary=\"a b\"").unwrap();
        assert!(multipart.is("multipart", "mixed") && !multipart.is_sdp());
        assert_eq!(multipart.params().value("boundary").unwrap(), "a b");
        assert!(MediaType::parse(b"application/sdp").unwrap().is_sdp());
        for bad in [&b"application"[..], b"application/", b"/sdp", b"a/b,c/d", b""] {
            assert_eq!(MediaType::parse(bad), None);
        }
    }
}
