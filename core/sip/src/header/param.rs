use std::borrow::Cow;

use crate::grammar::{TOKEN, VALUE, quoted, skip_space, span, split, text, unquote};

/// One `;name=value` of a header value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Param<'a> {
    name: &'a [u8],
    value: Option<&'a [u8]>,
}

impl<'a> Param<'a> {
    /// Its name; compared without case.
    #[must_use]
    pub fn name(self) -> &'a str {
        text(self.name)
    }

    /// Its value as it stands, quotes and escapes included.
    #[must_use]
    pub fn raw_value(self) -> Option<&'a [u8]> {
        self.value
    }

    /// What its value says: unquoted, octets that are no UTF-8 replaced.
    #[must_use]
    pub fn value(self) -> Option<Cow<'a, str>> {
        let value = self.value?;
        Some(if value.first() == Some(&b'"') { Cow::Owned(unquote(value)) } else { String::from_utf8_lossy(value) })
    }
}

/// The parameters that follow a header value, in order. Copies are cheap and start over.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a [u8]);

impl<'a> Params<'a> {
    /// The parameters of a text that has been read by [`params`].
    pub(crate) fn of(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// The text between the value and the next one, beginning with `;`.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The first parameter of that name.
    #[must_use]
    pub fn find(mut self, name: &str) -> Option<Param<'a>> {
        Iterator::find(&mut self, |p| p.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Whether there is a parameter of that name, with or without a value.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// What the parameter of that name says; `None` without a value.
    #[must_use]
    pub fn value(self, name: &str) -> Option<Cow<'a, str>> {
        self.find(name)?.value()
    }

    /// The parameter's value if it stands there as a plain token.
    #[must_use]
    pub fn token(self, name: &str) -> Option<&'a str> {
        self.find(name)?.value.filter(|v| v.first() != Some(&b'"')).map(text)
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        let (param, rest) = param(skip_space(self.0).strip_prefix(b";")?)?;
        self.0 = rest;
        Some(param)
    }
}

/// Reads one `generic-param` (RFC 3261 25.1) after its semicolon.
#[inline]
fn param(input: &[u8]) -> Option<(Param<'_>, &[u8])> {
    let (name, rest) = span(skip_space(input), TOKEN);
    if name.is_empty() {
        return None;
    }
    let after = skip_space(rest);
    let Some(after) = after.strip_prefix(b"=") else {
        return Some((Param { name, value: None }, rest));
    };
    let after = skip_space(after);
    let (value, rest) = if after.first() == Some(&b'"') { quoted(after)? } else { span(after, VALUE) };
    if value.is_empty() {
        return None;
    }
    Some((Param { name, value: Some(value) }, rest))
}

/// Reads `*(SEMI generic-param)` up to a comma or the end, shows each to `visit` (name, value, and what follows the value),
/// and gives what stands from the comma on. `None` if the text is no such list.
#[inline]
pub(crate) fn params<'a>(input: &'a [u8], mut visit: impl FnMut(&'a [u8], Option<&'a [u8]>, &'a [u8])) -> Option<(Params<'a>, &'a [u8])> {
    let mut rest = input;
    loop {
        let next = skip_space(rest);
        match next {
            [] => return Some((Params(split(input, input.len() - rest.len()).0), &[])),
            [b',', ..] => return Some((Params(split(input, input.len() - rest.len()).0), next)),
            [b';', after @ ..] => {
                let (param, after) = param(after)?;
                visit(param.name, param.value, after);
                rest = after;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = Vec<(String, Option<String>)>;

    fn read(input: &[u8]) -> Option<(Pairs, &[u8])> {
        let (params, rest) = params(input, |_, _, _| {})?;
        Some((params.map(|p| (p.name().to_owned(), p.value().map(Cow::into_owned))).collect(), rest))
    }

    #[test]
    fn parameters_may_be_spaced_quoted_and_without_value() {
        let (params, rest) = read(b" ; a ; b = 1;\r\n c=\"x;\\\"y\" ;+d=[::1] , next").unwrap();
        let expected = [("a", None), ("b", Some("1")), ("c", Some("x;\"y")), ("+d", Some("[::1]"))];
        assert_eq!(params.iter().map(|(n, v)| (n.as_str(), v.as_deref())).collect::<Vec<_>>(), expected);
        assert_eq!(rest, b", next");
    }

    #[test]
    fn empty_parameters_and_open_quotes_are_no_parameters() {
        for bad in [&b";;"[..], b";", b";a=", b";a=\"x", b";a b", b"x", b";=1"] {
            assert_eq!(read(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn a_parameter_is_found_without_regard_to_case() {
        let (found, _) = params(b";Tag=1;lr;q=\"0.5\"", |_, _, _| {}).unwrap();
        assert_eq!(found.token("tag"), Some("1"));
        assert!(found.has("LR") && !found.has("x"));
        assert_eq!((found.token("q"), found.value("q").unwrap().as_ref()), (None, "0.5"));
    }
}
