//! Character classes and small scanners of RFC 3261 section 25. They look at octets and never fail on any of them.

/// A set of octets, one bit for each class.
pub(crate) type Class = u16;

/// `token`.
pub(crate) const TOKEN: Class = 1;
/// `user` and `password` but for escapes: unreserved and user-unreserved.
pub(crate) const USER: Class = 2;
/// `paramchar` of a URI parameter but for escapes.
pub(crate) const URI_PARAM: Class = 4;
/// `hname` and `hvalue` characters of a URI header but for escapes.
pub(crate) const URI_HEADER: Class = 8;
/// A host name; `_` is no part of it by the grammar, yet lives in many a network.
pub(crate) const HOST: Class = 16;
/// What may stand in a URI whose scheme is not ours.
pub(crate) const OPAQUE: Class = 32;
/// What may stand in a header parameter's value without quotes: `token`, `host`, an IPv6 address with or without
/// brackets (RFC 5118 4.5), and UTF-8, as it is in many a display name.
pub(crate) const VALUE: Class = 64;
/// Any visible ASCII character.
pub(crate) const VISIBLE: Class = 128;
/// What may stand before `<` without quotes: tokens, white space, and UTF-8.
pub(crate) const DISPLAY: Class = 256;

#[expect(clippy::indexing_slicing, reason = "the compiler computes it: out of bounds would not build")]
const fn contains(set: &[u8], octet: u8) -> bool {
    let mut i = 0;
    while i < set.len() {
        if set[i] == octet {
            return true;
        }
        i += 1;
    }
    false
}

const fn classes_of(octet: u8) -> Class {
    let alphanumeric = octet.is_ascii_alphanumeric();
    let unreserved = alphanumeric || contains(b"-_.!~*'()", octet);
    let token = alphanumeric || contains(b"-.!%*_+`'~", octet);
    let visible = octet > 0x20 && octet < 0x7f;
    let mut bits = 0;
    if token {
        bits |= TOKEN;
    }
    if unreserved || contains(b"&=+$,;?/", octet) {
        bits |= USER;
    }
    if unreserved || contains(b"[]/:&+$", octet) {
        bits |= URI_PARAM;
    }
    if unreserved || contains(b"[]/?:+$", octet) {
        bits |= URI_HEADER;
    }
    if alphanumeric || contains(b"-._", octet) {
        bits |= HOST;
    }
    if visible && !contains(b"<>\"", octet) {
        bits |= OPAQUE;
    }
    if token || contains(b"[]:", octet) || !octet.is_ascii() {
        bits |= VALUE;
    }
    if token || contains(b" \t\r\n", octet) || !octet.is_ascii() {
        bits |= DISPLAY;
    }
    if visible {
        bits |= VISIBLE;
    }
    bits
}

#[expect(clippy::indexing_slicing, reason = "the compiler computes it: out of bounds would not build")]
static CLASSES: [Class; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = classes_of(octet as u8);
        octet += 1;
    }
    table
};

#[inline]
fn classes(octet: u8) -> Class {
    CLASSES.get(usize::from(octet)).copied().unwrap_or(0)
}

/// Whether `octet` belongs to one of the classes in `mask`.
#[inline]
pub(crate) fn is(octet: u8, mask: Class) -> bool {
    classes(octet) & mask != 0
}

/// A piece of a text of at most [`Part::MAX`] octets. No piece that is looked for begins where its text does, so that 0 says
/// that there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Part {
    start: u16,
    end: u16,
}

impl Part {
    /// The longest text whose pieces can be named.
    pub(crate) const MAX: usize = u16::MAX as usize;

    /// What lies between two places in a text, told by how much of it follows each.
    #[inline]
    pub(crate) fn between(text: &[u8], from: &[u8], to: &[u8]) -> Self {
        // Who makes parts has checked, or will check, that the text is not too long.
        let at = |rest: &[u8]| text.len().saturating_sub(rest.len()) as u16;
        Self { start: at(from), end: at(to) }
    }

    /// The `length` octets of a text that stand before what follows them.
    #[inline]
    pub(crate) fn before(text: &[u8], length: usize, rest: &[u8]) -> Self {
        let end = text.len().saturating_sub(rest.len());
        Self { start: end.saturating_sub(length) as u16, end: end as u16 }
    }

    /// The piece; empty if there is none.
    #[inline]
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// The piece, if there is one.
    #[inline]
    pub(crate) fn if_any(self, text: &[u8]) -> Option<&[u8]> {
        (self.start > 0).then(|| self.of(text))
    }
}

/// Splits `text` after its longest prefix of octets of one class: four at a time, then one by one.
#[inline]
pub(crate) fn span(text: &[u8], class: Class) -> (&[u8], &[u8]) {
    let (fours, _) = text.as_chunks::<4>();
    let has_other = |[a, b, c, d]: &[u8; 4]| classes(*a) & classes(*b) & classes(*c) & classes(*d) & class == 0;
    let whole = 4 * fours.iter().position(has_other).unwrap_or(fours.len());
    let rest = split(text, whole).1;
    let length = rest.iter().position(|b| !is(*b, class)).unwrap_or(rest.len());
    split(text, whole + length)
}

/// `split_at` that gives an empty rest instead of a panic.
#[inline]
pub(crate) fn split(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    text.split_at_checked(at).unwrap_or((text, &[]))
}

/// Whether every octet of a non-empty `text` is of `mask`.
#[inline]
pub(crate) fn all(text: &[u8], mask: Class) -> bool {
    !text.is_empty() && text.iter().all(|b| is(*b, mask))
}

/// Linear white space; inside a value, CR and LF stand only where a line was folded.
#[inline]
pub(crate) fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// `text` without leading white space.
#[inline]
pub(crate) fn skip_space(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    text
}

/// `text` without white space on both ends.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut text = skip_space(text);
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

/// `text` as a string; what was checked to be ASCII always is one.
#[inline]
pub(crate) fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).unwrap_or_default()
}

/// The quoted string at the start of `text`, quotes included, and what follows; `None` if it does not end.
pub(crate) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 1;
    loop {
        at += text.get(at..)?.iter().position(|b| matches!(b, b'"' | b'\\'))?;
        if text.get(at) == Some(&b'"') {
            return text.split_at_checked(at + 1);
        }
        at += 2;
    }
}

/// What a quoted string (quotes included) says, escapes undone. Octets that are no UTF-8 are replaced.
pub(crate) fn unquote(quoted: &[u8]) -> String {
    let inner = quoted.strip_prefix(b"\"").and_then(|q| q.strip_suffix(b"\"")).unwrap_or(quoted);
    let mut plain = Vec::with_capacity(inner.len());
    let mut octets = inner.iter();
    while let Some(octet) = octets.next() {
        let octet = if *octet == b'\\' { octets.next().unwrap_or(octet) } else { octet };
        plain.push(*octet);
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// `text` as a quoted string.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// How a number in a header reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// It fits.
    Fits(u32),
    /// Digits, but beyond 2^32-1.
    TooLarge,
}

/// `1*DIGIT`, leading zeros allowed; `None` for anything else.
pub(crate) fn number(digits: &[u8]) -> Option<Number> {
    if digits.is_empty() {
        return None;
    }
    let mut value = Some(0u32);
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value.and_then(|v| v.checked_mul(10)?.checked_add(u32::from(digit - b'0')));
    }
    Some(value.map_or(Number::TooLarge, Number::Fits))
}

/// `1*DIGIT` in 16 bits.
pub(crate) fn port(digits: &[u8]) -> Option<u16> {
    match number(digits)? {
        Number::Fits(port) => u16::try_from(port).ok(),
        Number::TooLarge => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_string_ends_at_its_first_unescaped_quote() {
        assert_eq!(quoted(br#""a\"b" c"#), Some((&br#""a\"b""#[..], &b" c"[..])));
        assert_eq!(quoted(br#""a\\" c"#), Some((&br#""a\\""#[..], &b" c"[..])));
        assert_eq!(quoted(br#""a\""#), None);
        assert_eq!(quoted(br#"""#), None);
    }

    #[test]
    fn quoting_and_unquoting_are_inverse() {
        assert_eq!(quote(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(unquote(quote(r#"a"b\c"#).as_bytes()), r#"a"b\c"#);
        assert_eq!(quote("a\r\nb"), "\"ab\"");
    }

    #[test]
    fn a_number_is_digits_only_and_says_when_it_is_too_large() {
        assert_eq!(number(b"0068"), Some(Number::Fits(68)));
        assert_eq!(number(b"4294967295"), Some(Number::Fits(u32::MAX)));
        assert_eq!(number(b"4294967296"), Some(Number::TooLarge));
        assert_eq!(number(&[b'9'; 200]), Some(Number::TooLarge));
        for bad in [&b""[..], b"-1", b"+1", b" 1", b"1a"] {
            assert_eq!(number(bad), None);
        }
    }
}
