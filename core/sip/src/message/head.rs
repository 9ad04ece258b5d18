//! The structure of a message: start line, header lines, where the body begins. Knows no header's grammar.

use memchr::{memchr_iter, memrchr};

use super::ParseError;
use crate::grammar::{TOKEN, span, split, trim};
use crate::header::{HeaderName, WORD, find_before_colon, find_name, position::OTHER};

/// How many header lines a message may have.
pub const MAX_HEADERS: usize = 1024;
/// How many octets of start line and headers: their offsets fit 16 bits.
pub const MAX_HEAD: usize = u16::MAX as usize;
/// Lines kept without an allocation; hardly a real message has more.
const INLINE: usize = 40;

/// Offsets of one header line, folded lines included.
#[derive(Clone, Copy, Default)]
pub(crate) struct Field {
    start: u16,
    value: u16,
    /// Before the line's CRLF.
    end: u16,
    /// The position of its name among the known ones.
    pub(crate) name: u8,
}

impl Field {
    /// Where the line begins and ends in [`Head::bytes`], its CRLF included.
    #[inline]
    pub(crate) fn range(self) -> (usize, usize) {
        (usize::from(self.start), usize::from(self.end) + 2)
    }
}

#[derive(Clone)]
struct Fields {
    inline: [Field; INLINE],
    length: usize,
    /// All of them, if they are more than fit.
    spilled: Vec<Field>,
}

impl Fields {
    #[inline]
    fn push(&mut self, field: Field) {
        match self.inline.get_mut(self.length) {
            Some(free) => *free = field,
            None => {
                if self.spilled.is_empty() {
                    self.spilled.extend_from_slice(&self.inline);
                }
                self.spilled.push(field);
            }
        }
        self.length += 1;
    }

    #[inline]
    fn as_slice(&self) -> &[Field] {
        self.inline.get(..self.length).unwrap_or(&self.spilled)
    }
}

/// A message cut into lines.
#[derive(Clone)]
pub(crate) struct Head<'a> {
    /// Everything from the start line on.
    pub(crate) bytes: &'a [u8],
    pub(crate) start_line: &'a [u8],
    /// Where the body begins.
    pub(crate) end: usize,
    fields: Fields,
}

/// One header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name.
    pub name: HeaderName<'a>,
    /// Its value without surrounding white space; folds inside are as they came.
    pub value: &'a [u8],
    /// The whole line as it came, the final CRLF included.
    pub raw: &'a [u8],
}

impl<'a> Head<'a> {
    /// Cuts `bytes` into lines. Empty lines before the start line are skipped (RFC 3261 7.5).
    pub(crate) fn scan(mut bytes: &'a [u8]) -> Result<Self, ParseError> {
        while let Some(rest) = bytes.strip_prefix(b"\r\n") {
            bytes = rest;
        }
        let mut head =
            Self { bytes, start_line: &[], end: 0, fields: Fields { inline: [Field::default(); INLINE], length: 0, spilled: Vec::new() } };
        let window = split(bytes, MAX_HEAD).0;
        let mut line_start = 0;
        for line_feed in memchr_iter(b'\n', window) {
            let next = window.get(line_feed + 1).copied();
            let end = line_feed.checked_sub(1).ok_or(ParseError::HeaderLine)?;
            if end == line_start && line_start > 0 {
                head.end = line_feed + 1;
                let whole = breaks_are_whole(split(bytes, head.end).0);
                return if whole { Ok(head) } else { Err(ParseError::HeaderLine) };
            }
            if line_start > 0 && matches!(next, Some(b' ' | b'\t')) {
                continue;
            }
            head.line(line_start, end)?;
            line_start = line_feed + 1;
        }
        Err(if bytes.len() > MAX_HEAD { ParseError::HeadTooLarge } else { ParseError::Unfinished })
    }

    #[inline]
    fn line(&mut self, start: usize, end: usize) -> Result<(), ParseError> {
        let bytes = self.bytes;
        let line = bytes.get(start..end).unwrap_or_default();
        if start == 0 {
            self.start_line = line;
            return Ok(());
        }
        if self.fields.length >= MAX_HEADERS {
            return Err(ParseError::TooManyHeaders);
        }
        let word = bytes.get(start..).and_then(|text| text.first_chunk::<WORD>());
        let (name, colon) = match word.and_then(find_before_colon) {
            Some((name, colon)) if colon < line.len() => (name, colon),
            _ => name_and_colon(line)?,
        };
        let narrow = |offset: usize| u16::try_from(offset).map_err(|_| ParseError::HeadTooLarge);
        self.fields.push(Field { start: narrow(start)?, value: narrow(start + colon + 1)?, end: narrow(end)?, name });
        Ok(())
    }

    /// The lines in order.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        self.fields.as_slice().iter().copied()
    }

    /// The value of a line, untrimmed.
    #[inline]
    pub(crate) fn value(&self, field: Field) -> &'a [u8] {
        self.bytes.get(usize::from(field.value)..usize::from(field.end)).unwrap_or_default()
    }

    pub(crate) fn header(&self, field: Field) -> Header<'a> {
        let (start, end) = field.range();
        let raw = self.bytes.get(start..end).unwrap_or_default();
        let name = HeaderName::from_index(field.name).unwrap_or_else(|| HeaderName::Other(span(raw, TOKEN).0));
        Header { name, value: trim(self.value(field)), raw }
    }

    /// All lines in order.
    pub(crate) fn headers(&self) -> impl Iterator<Item = Header<'a>> {
        self.fields().map(|f| self.header(f))
    }

    /// The lines of one name, in order.
    pub(crate) fn named<'n>(&self, name: HeaderName<'n>) -> impl Iterator<Item = Header<'a>> + use<'_, 'n, 'a> {
        let index = name.index().unwrap_or(OTHER);
        self.fields().filter(move |f| f.name == index).map(|f| self.header(f)).filter(move |h| index != OTHER || h.name == name)
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.fields.length
    }
}

/// The position of the name at the start of a line, and where the colon is, which spaces may separate from it.
fn name_and_colon(line: &[u8]) -> Result<(u8, usize), ParseError> {
    let (name, rest) = span(line, TOKEN);
    let spaces = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if name.is_empty() || rest.get(spaces) != Some(&b':') {
        return Err(ParseError::HeaderLine);
    }
    Ok((find_name(name), name.len() + spaces))
}

/// Whether every CR is followed by an LF and every LF preceded by a CR.
fn breaks_are_whole(head: &[u8]) -> bool {
    let next = head.get(1..).unwrap_or_default();
    // Without an early end, so that it is computed many octets at a time.
    let broken = head.iter().zip(next).fold(false, |broken, (here, next)| broken | ((*here == b'\r') != (*next == b'\n')));
    !broken && head.first() != Some(&b'\n') && head.last() != Some(&b'\r')
}

/// The last space of `line`, and what stands on both sides.
pub(crate) fn split_last_space(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, after) = line.split_at_checked(memrchr(b' ', line)?)?;
    Some((before, after.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, ParseError> {
        Head::scan(text.as_bytes()).map(|h| h.headers().map(|x| x.name.to_string()).collect())
    }

    #[test]
    fn folded_lines_belong_to_their_header() {
        let head = Head::scan(b"\r\n\r\nX\r\nTo :\r\n sip:a ;\r\n\ttag=1\r\ns:\r\nfoo: bar\r\n\r\nbody").unwrap();
        let headers: Vec<_> = head.headers().collect();
        assert_eq!(headers[0].name, HeaderName::To);
        assert_eq!(headers[0].value, b"sip:a ;\r\n\ttag=1");
        assert_eq!((headers[1].name, headers[1].value), (HeaderName::Subject, &b""[..]));
        assert_eq!(headers[2].raw, b"foo: bar\r\n");
        assert_eq!(head.bytes.get(head.end..).unwrap(), b"body");
    }

    #[test]
    fn lines_without_a_name_or_with_a_lone_break_are_refused() {
        for bad in [
            "X\r\n: a\r\n\r\n",
            "X\r\nfoo\r\n\r\n",
            "X\r\nfo o: a\r\n\r\n",
            "X\r\nfoo: a\nb: c\r\n\r\n",
            "X\r\nfoo: a\rb: c\r\n\r\n",
            "X\n\n",
        ] {
            assert_eq!(names(bad), Err(ParseError::HeaderLine), "{bad:?}");
        }
        assert_eq!(names("X\r\nfoo: a\r\n"), Err(ParseError::Unfinished));
        assert_eq!(names(""), Err(ParseError::Unfinished));
    }

    #[test]
    fn size_and_number_of_headers_are_bounded() {
        let long = format!("X\r\nfoo: {}\r\n\r\n", "a".repeat(100_000));
        assert_eq!(names(&long), Err(ParseError::HeadTooLarge));
        let many = format!("X\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS + 1));
        assert_eq!(names(&many), Err(ParseError::TooManyHeaders));
        let just = format!("X\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS));
        assert_eq!(names(&just).unwrap().len(), MAX_HEADERS);
    }
}
