use std::borrow::Cow;
use std::fmt;

use crate::grammar::{TOKEN, quote, quoted, skip_space, span, split, trim, unquote};

/// More parameters than any real header has.
const MAX_FIELDS: usize = 32;

/// The parameters of a `Digest` header, in order.
pub(super) struct Fields<'a>(Vec<(&'a [u8], &'a [u8])>);

impl<'a> Fields<'a> {
    /// Reads `Digest name=value, name="value" …`. `None` for another scheme, a malformed list, or a name given twice.
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let (scheme, mut rest) = span(skip_space(value), TOKEN);
        if !scheme.eq_ignore_ascii_case(b"Digest") {
            return None;
        }
        let mut fields = Self(Vec::with_capacity(12));
        loop {
            rest = skip_space(rest);
            while let Some(next) = rest.strip_prefix(b",") {
                rest = skip_space(next);
            }
            if rest.is_empty() {
                return Some(fields);
            }
            let (name, after) = span(rest, TOKEN);
            let after = skip_space(skip_space(after).strip_prefix(b"=")?);
            let (value, after) = match after.first() {
                Some(b'"') => quoted(after)?,
                _ => split(after, after.iter().position(|b| *b == b',').unwrap_or(after.len())),
            };
            let value = trim(value);
            // No realm, nonce or name has a control character; none gets from here into what we print.
            if value.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
                return None;
            }
            if name.is_empty() || fields.raw(name).is_some() || fields.0.len() >= MAX_FIELDS {
                return None;
            }
            fields.0.push((name, value));
            rest = skip_space(after);
            if !matches!(rest, [] | [b',', ..]) {
                return None;
            }
        }
    }

    fn raw(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The value of that name, unquoted.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        let raw = self.raw(name.as_bytes())?;
        Some(if raw.first() == Some(&b'"') { Cow::Owned(unquote(raw)) } else { String::from_utf8_lossy(raw) })
    }

    /// The value of that name, unquoted and owned.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.value(name).map(Cow::into_owned)
    }
}

/// Writes `, name="value"`.
pub(super) fn write_quoted(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(f, ", {name}={}", quote(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_bare_values_are_read_alike() {
        let fields = Fields::parse(b"DIGEST realm=\"a, \\\"b\\\"\",\r\n nonce = abc , qop=\"auth,auth-int\",, x=").unwrap();
        assert_eq!(fields.value("Realm").unwrap(), "a, \"b\"");
        assert_eq!(fields.value("nonce").unwrap(), "abc");
        assert_eq!(fields.value("qop").unwrap(), "auth,auth-int");
        assert_eq!(fields.value("x").unwrap(), "");
        assert!(fields.value("y").is_none());
    }

    #[test]
    fn malformed_repeated_and_endless_lists_are_refused() {
        for bad in [
            "Basic realm=x",
            "Digest realm=\"a\0b\"",
            "Digest realm=\"a\r\n b\"",
            "Digest realm",
            "Digest realm=\"x",
            "Digest a=1, A=2",
            "Digest a=\"1\" b=2",
            "Digest =1",
            "",
        ] {
            assert!(Fields::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        let many = format!("Digest {}", (0..100).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join(","));
        assert!(Fields::parse(many.as_bytes()).is_none());
    }
}
