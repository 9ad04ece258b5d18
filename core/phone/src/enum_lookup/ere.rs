//! POSIX extended regular expressions (IEEE 1003.2 2.8) in the words of the `regex` crate. Not every one means the same there, so each is
//! read and written anew; what POSIX leaves undefined is refused.

use std::iter::Peekable;
use std::str::Chars;

use super::RuleFault;

/// RE_DUP_MAX.
const MOST_REPETITIONS: u32 = 255;

/// One expression, on its way into the other dialect.
struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// What came last can be repeated.
    is_atom: bool,
    depth: u32,
}

/// The same expression for the `regex` crate. The one difference that is left: of alternatives the first that matches is taken and not the
/// longest, so that a back reference into ambiguous alternatives can come out shorter.
pub(super) fn translate(ere: &str) -> Result<String, RuleFault> {
    let mut translation = Translation { rest: ere.chars().peekable(), out: String::new(), is_atom: false, depth: 0 };
    while let Some(c) = translation.rest.next() {
        translation.take(c)?;
    }
    if translation.depth == 0 { Ok(translation.out) } else { Err(RuleFault::Dialect) }
}

impl Translation<'_> {
    fn take(&mut self, c: char) -> Result<(), RuleFault> {
        match c {
            // Only signs are escaped: `\d`, `\b` and back references are Perl's.
            '\\' => match self.rest.next() {
                Some(sign) if sign.is_ascii_punctuation() => self.literal(sign),
                _ => return Err(RuleFault::Dialect),
            },
            '[' => self.bracket()?,
            '(' if matches!(self.rest.peek(), Some('?' | '*' | '+' | '{')) => return Err(RuleFault::Dialect),
            '(' => {
                self.depth += 1;
                self.mark('(', false);
            }
            ')' => {
                self.depth = self.depth.checked_sub(1).ok_or(RuleFault::Dialect)?;
                self.mark(')', true);
            }
            // A repetition of nothing, or of a repetition (`a*?` is lazy elsewhere).
            '*' | '+' | '?' | '{' if !self.is_atom => return Err(RuleFault::Dialect),
            '{' => self.bounds()?,
            '*' | '+' | '?' | '^' | '$' | '|' => self.mark(c, false),
            '.' => self.mark('.', true),
            c => self.literal(c),
        }
        Ok(())
    }

    fn mark(&mut self, sign: char, is_atom: bool) {
        self.out.push(sign);
        self.is_atom = is_atom;
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
        self.is_atom = true;
    }

    /// `{2}`, `{2,}`, `{2,5}`, the brace taken.
    fn bounds(&mut self) -> Result<(), RuleFault> {
        let mut inner = String::new();
        while let Some(c) = self.rest.next_if(|c| *c != '}' && inner.len() < 8) {
            inner.push(c);
        }
        let is_bound =
            |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u32>().is_ok_and(|bound| bound <= MOST_REPETITIONS);
        let is_sound = match inner.split_once(',') {
            None => is_bound(&inner),
            Some((least, most)) => is_bound(least) && (most.is_empty() || is_bound(most)),
        };
        if !is_sound || self.rest.next() != Some('}') {
            return Err(RuleFault::Dialect);
        }
        self.out.push('{');
        self.out.push_str(&inner);
        self.mark('}', false);
        Ok(())
    }

    /// `[^a-z[:digit:]]`, the bracket taken. A backslash stands for itself there, as does `]` in the first place.
    fn bracket(&mut self) -> Result<(), RuleFault> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            match self.rest.next().ok_or(RuleFault::Dialect)? {
                ']' if !is_first => break,
                '[' if self.rest.peek() == Some(&':') => self.class()?,
                // Collation depends on where one is.
                '[' if matches!(self.rest.peek(), Some('.' | '=')) => return Err(RuleFault::Dialect),
                '-' if !is_first && self.rest.peek() != Some(&']') => self.out.push('-'),
                sign if sign.is_ascii_punctuation() => self.out.extend(['\\', sign]),
                c => self.out.push(c),
            }
            is_first = false;
        }
        self.mark(']', true);
        Ok(())
    }

    /// `[:digit:]`, its first bracket taken.
    fn class(&mut self) -> Result<(), RuleFault> {
        const KNOWN: &[&str] =
            &["alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph", "cntrl", "xdigit"];
        let name: String = self.rest.by_ref().skip(1).take_while(|c| *c != ':').take(8).collect();
        if !KNOWN.contains(&name.as_str()) || self.rest.next() != Some(']') {
            return Err(RuleFault::Dialect);
        }
        self.out.push_str("[:");
        self.out.push_str(&name);
        self.out.push_str(":]");
        Ok(())
    }
}
