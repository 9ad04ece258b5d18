use std::borrow::Cow;

use crate::grammar::{Class, USER, is, span, split};

/// Splits `text` after its longest prefix of octets of `mask` and whole escapes (`%` and two hexadecimal digits).
#[inline]
pub(super) fn escaped_span(text: &[u8], mask: Class) -> (&[u8], &[u8]) {
    let mut rest = span(text, mask).1;
    while let [b'%', high, low, after @ ..] = rest
        && high.is_ascii_hexdigit()
        && low.is_ascii_hexdigit()
    {
        rest = span(after, mask).1;
    }
    split(text, text.len() - rest.len())
}

/// One octet of a text, with what it took to write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Octet {
    pub(super) value: u8,
    pub(super) escaped: bool,
}

/// The octets that `text` stands for, escapes undone once.
pub(super) fn octets(text: &[u8]) -> impl Iterator<Item = Octet> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || match rest {
        [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            rest = after;
            Some(Octet { value: (hex(*high) << 4) | hex(*low), escaped: true })
        }
        [octet, after @ ..] => {
            rest = after;
            Some(Octet { value: *octet, escaped: false })
        }
        [] => None,
    })
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase() - b'a') + 10,
    }
}

/// `text` with its escapes undone, once.
pub(super) fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if text.contains(&b'%') { Cow::Owned(octets(text).map(|o| o.value).collect()) } else { Cow::Borrowed(text) }
}

/// Writes `user` (any octets) as the user part of a URI, escaping what may not stand there as it is.
#[must_use]
pub fn encode_user(user: &[u8]) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(user.len());
    for octet in user {
        if is(*octet, USER) {
            encoded.push(char::from(*octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

/// Writes `value` as the value of a URI's header, escaping all but letters, digits and marks (RFC 3261 25.1, `hvalue`).
#[must_use]
pub fn encode_header(value: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(value.len());
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

/// The value of a URI's header with its escapes undone; octets that are no UTF-8 are replaced.
pub(crate) fn decode_header(value: &str) -> String {
    String::from_utf8_lossy(&decode(value.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_decoding_are_inverse_for_every_octet() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = encode_user(&all);
        assert_eq!(escaped_span(encoded.as_bytes(), USER), (encoded.as_bytes(), &[][..]));
        assert_eq!(decode(encoded.as_bytes()).as_ref(), all);
    }

    #[test]
    fn a_header_of_a_uri_reads_back_and_has_no_separator_in_it() {
        let value = "98732@sip.example.com;from-tag=r33&h4x0r;to-tag=ff=87?ff";
        let encoded = encode_header(value);
        assert!(!encoded.contains(['@', ';', '=', '&', '?']), "{encoded}");
        assert_eq!(decode_header(&encoded), value);
    }

    #[test]
    fn a_broken_escape_ends_the_text() {
        for (text, whole) in [("%", 0), ("%4", 0), ("a%4g", 1), ("%%41", 0), ("%25%41", 6), ("a%00b%0", 5), ("a@", 1)] {
            assert_eq!(escaped_span(text.as_bytes(), USER).0.len(), whole, "{text}");
        }
    }
}
