use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// A longer logical line is cut: no name or address is as long, and pictures are of no interest.
const MOST_KEPT: usize = 16 << 10;

/// Cuts a file into logical lines: physical ones with their continuations, without line ends.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    /// vCard 2.1 folds before white space and keeps it (2.1.3); later versions put one in (RFC 6350 3.2).
    pub(super) keeps_white: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text, keeps_white: false }
    }

    /// Octets that were not read yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Ends at CRLF, LF, or a lone CR.
    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = match memchr2(b'\r', b'\n', self.rest).and_then(|at| self.rest.split_at_checked(at)) {
            None => (self.rest, &[][..]),
            Some((line, [b'\r', b'\n', rest @ ..] | [_, rest @ ..])) => (line, rest),
            Some((line, [])) => (line, &[][..]),
        };
        self.rest = rest;
        Some(line)
    }

    fn is_continued(&self) -> bool {
        matches!(self.rest, [b' ' | b'\t', ..])
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Cow::Borrowed(self.physical()?);
        let is_quoted_printable = is_quoted_printable(&line);
        loop {
            // A soft line break: the next line goes on, whatever it begins with.
            let is_soft = is_quoted_printable && line.ends_with(b"=") && !self.rest.is_empty();
            if !is_soft && !self.is_continued() {
                return Some(line);
            }
            let Some(next) = self.physical() else { return Some(line) };
            if is_soft {
                line.to_mut().pop();
            }
            let next = if !is_soft && !self.keeps_white { next.get(1..).unwrap_or_default() } else { next };
            if line.len() < MOST_KEPT {
                line.to_mut().extend_from_slice(next.get(..MOST_KEPT.min(next.len())).unwrap_or_default());
            }
        }
    }
}

/// `…;ENCODING=QUOTED-PRINTABLE:…`, or as vCard 2.1 abbreviates it.
fn is_quoted_printable(line: &[u8]) -> bool {
    let head = line.get(..memchr(b':', line).unwrap_or(0)).unwrap_or_default();
    head.windows(b"QUOTED-PRINTABLE".len()).any(|window| window.eq_ignore_ascii_case(b"QUOTED-PRINTABLE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, keeps_white: bool) -> Vec<String> {
        let lines = Lines { keeps_white, ..Lines::new(text.as_bytes()) };
        lines.map(|line| String::from_utf8(line.into_owned()).unwrap()).collect()
    }

    #[test]
    fn lines_end_in_every_way_and_go_on_behind_white_space() {
        assert_eq!(lines("A:1\r\nB:2\nC:3\rD:4", false), ["A:1", "B:2", "C:3", "D:4"]);
        assert_eq!(lines("NOTE:Anna\r\n  Nagy\r\n\tx\r\nA:1", false), ["NOTE:Anna Nagyx", "A:1"]);
        assert_eq!(lines("FN:Anna\r\n Nagy\r\n", true), ["FN:Anna Nagy"]);
        assert_eq!(lines("\r\n\r\nA:1\r\n\r\n", false), ["", "", "A:1", ""]);
    }

    #[test]
    fn soft_line_breaks_join_quoted_printable_alone() {
        assert_eq!(lines("N;ENCODING=QUOTED-PRINTABLE:J=C3=\r\n=B6rg=\r\n\r\nA:1", true), ["N;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg", "A:1"]);
        assert_eq!(lines("PHOTO;BASE64:AAA=\r\nA:1", true), ["PHOTO;BASE64:AAA=", "A:1"]);
        assert_eq!(lines("N;QUOTED-PRINTABLE:a=", true), ["N;QUOTED-PRINTABLE:a="]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let long = format!("NOTE:{}\r\nA:1", "\r\n x".repeat(100_000).trim_start());
        let found = lines(&long, false);
        assert!(found[0].len() <= 2 * MOST_KEPT && found[1] == "A:1");
    }
}
