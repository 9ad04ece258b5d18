use std::fmt;

use super::param::{Params, params};
use crate::grammar::{DISPLAY, Number, Part, is_space, number, quote, quoted, skip_space, span, split, text, trim, unquote};
use crate::uri::Uri;

/// A URI with a display name and parameters: the value of `From`, `To`, `Contact`, `Route` and their kin
/// (RFC 3261 20.10: `name-addr` or `addr-spec`, then parameters).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NameAddr<'a> {
    raw: &'a [u8],
    uri: Uri<'a>,
    /// How many octets of display name the value begins with.
    display: u16,
    bracketed: bool,
    params: Part,
    tag: Part,
}

impl<'a> NameAddr<'a> {
    /// Reads the first value of `input` and gives what stands from the comma on. `None` if it is malformed.
    pub(crate) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let input = skip_space(input);
        let (display, uri, behind) = match opening(input)? {
            Some((display, after)) => {
                let (uri, rest) = Uri::read(after).ok()?;
                (Some(display), uri, rest.strip_prefix(b">")?)
            }
            None => {
                let end = input.iter().position(|b| matches!(b, b';' | b',' | b'?') || is_space(*b)).unwrap_or(input.len());
                let (uri, rest) = split(input, end);
                (None, Uri::from_bytes(uri).ok()?, rest)
            }
        };
        let mut tag = Part::default();
        let (params, rest) = params(behind, |name, value, after| {
            if let (Some(value), true) = (value, name.eq_ignore_ascii_case(b"tag") && tag == Part::default()) {
                tag = Part::before(input, value.len(), after);
            }
        })?;
        let raw = trim(split(input, input.len() - rest.len()).0);
        if raw.len() > Part::MAX {
            return None;
        }
        let params = Part::between(input, behind, split(behind, params.as_bytes().len()).1);
        // No longer than the value itself.
        let length = display.map_or(0, <[u8]>::len) as u16;
        Some((Self { raw, uri, display: length, bracketed: display.is_some(), params, tag }, rest))
    }

    /// Reads a single value.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        Self::read(value).filter(|(_, rest)| rest.is_empty()).map(|(name_addr, _)| name_addr)
    }

    /// The value as it came.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// The display name, unquoted; `None` if there is none or it is empty.
    #[must_use]
    pub fn display(&self) -> Option<String> {
        let name = match split(self.raw, usize::from(self.display)).0 {
            quoted @ [b'"', ..] => unquote(quoted),
            tokens => String::from_utf8_lossy(tokens).split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        };
        Some(name).filter(|n| !n.is_empty())
    }

    /// The URI.
    #[must_use]
    pub fn uri(&self) -> Uri<'a> {
        self.uri
    }

    /// The parameters of the value (not those inside the URI).
    #[must_use]
    pub fn params(&self) -> Params<'a> {
        Params::of(self.params.of(self.raw))
    }

    /// The `tag` parameter.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag.if_any(self.raw).map(text)
    }

    /// `q`, from 0 to 1000 thousandths; 1000 if it is absent or malformed.
    #[must_use]
    pub fn q(&self) -> u16 {
        self.params().token("q").and_then(thousandths).unwrap_or(1000)
    }

    /// The `expires` parameter in seconds. One too large for 32 bits counts as 2^32-1, one that is no number as absent.
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        match number(self.params().token("expires")?.as_bytes())? {
            Number::Fits(seconds) => Some(seconds),
            Number::TooLarge => Some(u32::MAX),
        }
    }

    /// Whether the URI stands in `<>`, as `Route` and its kin demand.
    pub(crate) fn is_bracketed(&self) -> bool {
        self.bracketed
    }
}

/// Finds what stands before `<` and after it; `Some(None)` where a bare URI begins, `None` if it is neither.
#[inline]
fn opening(raw: &[u8]) -> Option<Option<(&[u8], &[u8])>> {
    if raw.first() == Some(&b'"') {
        let (display, rest) = quoted(raw)?;
        return Some(Some((display, skip_space(rest).strip_prefix(b"<")?)));
    }
    match span(raw, DISPLAY) {
        (display, [b'<', after @ ..]) => Some(Some((trim(display), after))),
        (_, [b':', ..]) => Some(None),
        _ => None,
    }
}

/// `0`, `0.5`, `1.000` in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = whole.parse::<u16>().ok()?.checked_mul(1000)?.checked_add(format!("{fraction:0<3}").parse().ok()?)?;
    (value <= 1000).then_some(value)
}

/// A `name-addr` as it goes on the wire: `"Anna \"A\" Doe" <sip:anna@example.org>`, or `<uri>` without a name.
/// What cannot stand in a header (line breaks, `<`, `>` and spaces in the URI) is left out.
#[must_use]
pub fn name_addr(display: Option<&str>, uri: &str) -> String {
    let uri: String = uri.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>' | ' ')).collect();
    match display {
        Some(name) if !name.is_empty() => format!("{} <{uri}>", quote(name)),
        _ => format!("<{uri}>"),
    }
}

impl fmt::Debug for NameAddr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameAddr({:?} tag {:?})", self.uri, self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> NameAddr<'_> {
        NameAddr::parse(value.as_bytes()).unwrap()
    }

    #[test]
    fn a_display_name_is_quoted_tokens_or_absent() {
        assert_eq!(parse(r#""J Rosenberg \\\""       <sip:jdrosen@example.com> ; tag = 98asjd8"#).display().unwrap(), r#"J Rosenberg \""#);
        assert_eq!(parse("A. G.\r\n Bell <sip:a@b>;tag=1").display().unwrap(), "A. G. Bell");
        assert_eq!(parse("caller<sip:caller@example.com>;tag=323").display().unwrap(), "caller");
        assert_eq!(parse("<sip:a@b>").display(), None);
        assert_eq!(parse("\"\" <sip:a@b>").display(), None);
    }

    #[test]
    fn without_brackets_parameters_belong_to_the_header() {
        let bare = parse("sip:+19725552222@gw1.example.net;unknownparam");
        assert_eq!(bare.uri().to_string(), "sip:+19725552222@gw1.example.net");
        assert!(bare.params().has("unknownparam"));
        let inside = parse("<sip:+19725552222@gw1.example.net;unknownparam>");
        assert!(!inside.params().has("unknownparam") && inside.uri().param("unknownparam").is_some());
    }

    #[test]
    fn malformed_values_are_refused() {
        for bad in [
            "\"Mr. J. User <sip:j.user@example.com>",
            "\"Watson, Thomas\" < sip:t.watson@example.org >",
            "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
            "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
            "\"Joe\" <sip:joe@example.org>;;;;",
            "<sip:a@b",
            "",
            "<sip:a@b>;tag=",
            "<>",
            "sip:a@b, sip:c@d",
        ] {
            assert_eq!(NameAddr::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_list_is_read_value_by_value() {
        let (first, rest) = NameAddr::read(b"\"a, b\" <sip:a@b;x=1>;q=0.3 , <tel:+1>").unwrap();
        assert_eq!((first.q(), rest), (300, &b", <tel:+1>"[..]));
    }

    #[test]
    fn q_and_expires_survive_nonsense() {
        assert_eq!(parse("<sip:a@b>;q=1.0;expires=280297596632815").q(), 1000);
        assert_eq!(parse("<sip:a@b>;q=7;expires=280297596632815").expires(), Some(u32::MAX));
        assert_eq!(parse("<sip:a@b>;q=0;expires=soon").expires(), None);
        assert_eq!(parse("<sip:a@b>;q=0").q(), 0);
    }

    #[test]
    fn what_is_printed_reads_back() {
        let printed = name_addr(Some("Anna \"A\"\r\nDoe"), "sip:anna@example.org\r\n");
        assert_eq!(printed, "\"Anna \\\"A\\\"Doe\" <sip:anna@example.org>");
        assert_eq!(parse(&printed).display().unwrap(), "Anna \"A\"Doe");
        assert_eq!(name_addr(None, "sip:a@b"), "<sip:a@b>");
    }
}
