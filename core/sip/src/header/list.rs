use super::HeaderName;
use crate::grammar::{skip_space, split, trim};

/// Whether the grammar lets several values of `name` share a line, with commas between them.
pub(crate) fn is_list(name: HeaderName<'_>) -> bool {
    use HeaderName as N;
    matches!(
        name,
        N::Accept
            | N::AcceptContact
            | N::AcceptEncoding
            | N::AcceptLanguage
            | N::AlertInfo
            | N::Allow
            | N::AllowEvents
            | N::CallInfo
            | N::Contact
            | N::ContentEncoding
            | N::ContentLanguage
            | N::Diversion
            | N::ErrorInfo
            | N::FeatureCaps
            | N::HistoryInfo
            | N::InReplyTo
            | N::PAssertedIdentity
            | N::PPreferredIdentity
            | N::Path
            | N::ProxyRequire
            | N::Reason
            | N::RecordRoute
            | N::RejectContact
            | N::RequestDisposition
            | N::Require
            | N::Route
            | N::ServiceRoute
            | N::Supported
            | N::Unsupported
            | N::Via
            | N::Warning
    )
}

/// The values of `line`, empty ones left out: cut at commas that stand in neither quotes nor `<>`, or whole.
pub(crate) fn values(line: &[u8], splits: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (value, after) = split(rest, if splits { value_end(rest) } else { rest.len() });
            rest = after.get(1..).unwrap_or_default();
            let value = trim(value);
            if !value.is_empty() {
                return Some(value);
            }
        }
        None
    })
}

/// Where the first value ends: a comma outside quotes and `<>`, or the end. A quote or bracket that does not close ends
/// nowhere.
fn value_end(text: &[u8]) -> usize {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for (at, octet) in text.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' if !quoted && !bracketed => return at,
            _ => {}
        }
    }
    text.len()
}

/// Reads the first value of a line and gives what stands from the comma on.
pub(crate) type ReadValue<'a, T> = fn(&'a [u8]) -> Option<(T, &'a [u8])>;

/// Reads value after value of one line until one is malformed.
pub(crate) struct Read<'a, T> {
    rest: Option<&'a [u8]>,
    read: ReadValue<'a, T>,
}

/// The values of `line` by their own grammar.
pub(crate) fn read<'a, T>(line: &'a [u8], read: ReadValue<'a, T>) -> Read<'a, T> {
    Read { rest: Some(line), read }
}

impl<'a, T> Read<'a, T> {
    /// What has not been read yet; `None` after a fault.
    pub(crate) fn rest(&self) -> Option<&'a [u8]> {
        self.rest
    }

    /// Whether the line was read to its end without a fault.
    pub(crate) fn is_complete(&self) -> bool {
        self.rest == Some(&[])
    }
}

impl<T> Iterator for Read<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let rest = self.rest.filter(|r| !r.is_empty())?;
        let Some((value, after)) = (self.read)(rest) else {
            self.rest = None;
            return None;
        };
        // What follows a comma must be a value.
        self.rest = match skip_space(after) {
            [] => Some(&[]),
            [b',', next @ ..] if !skip_space(next).is_empty() => Some(next),
            _ => None,
        };
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_do_not_split() {
        let line = br#" "a, \", b" <sip:x,y@z>;p="1,2" ,, , c "#;
        assert_eq!(values(line, true).collect::<Vec<_>>(), [&br#""a, \", b" <sip:x,y@z>;p="1,2""#[..], b"c"]);
        assert_eq!(values(line, false).count(), 1);
        assert_eq!(values(b"  ", true).count(), 0);
    }

    #[test]
    fn an_open_quote_takes_the_rest() {
        assert_eq!(values(b"\"a, b", true).collect::<Vec<_>>(), [b"\"a, b"]);
    }
}
