use std::fmt;

use crate::grammar::{Number, TOKEN, all, number, skip_space, span, trim};
use crate::method::Method;

/// `CSeq` (RFC 3261 20.16).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// Grows by one with each request of a dialog.
    pub number: u32,
    /// The request's method.
    pub method: Method<'a>,
}

impl<'a> CSeq<'a> {
    /// Reads the value; `None` if it is malformed or its number is beyond 2^32-1.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let (digits, rest) = span(skip_space(value), TOKEN);
        let Some(Number::Fits(number)) = number(digits) else { return None };
        let method = trim(rest);
        all(method, TOKEN).then(|| Self { number, method: Method::from_bytes(method) })
    }
}

impl fmt::Display for CSeq<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

impl fmt::Debug for CSeq<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_and_folding_are_read() {
        assert_eq!(CSeq::parse(b" 0009\r\n  INVITE ").unwrap().to_string(), "9 INVITE");
        assert_eq!(CSeq::parse(b"4294967295 X").unwrap().method, Method::Other(b"X"));
    }

    #[test]
    fn numbers_beyond_32_bits_and_missing_parts_are_refused() {
        for bad in [&b"36893488147419103232 REGISTER"[..], b"1", b"INVITE", b"-1 INVITE", b"1 INV ITE", b""] {
            assert_eq!(CSeq::parse(bad), None);
        }
    }
}
