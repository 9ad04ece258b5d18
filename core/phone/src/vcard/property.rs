use super::{charset, quoted_printable};

/// One logical line taken apart: `item1.TEL;TYPE=cell,voice;VALUE=uri:tel:+41…`.
#[derive(Debug)]
pub(super) struct Property<'a> {
    /// Without its group.
    name: &'a [u8],
    /// Everything between name and colon.
    params: &'a [u8],
    value: &'a [u8],
}

impl<'a> Property<'a> {
    /// `None` for a line without colon.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let colon = outside_quotes(line, b':').or_else(|| memchr::memchr(b':', line))?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let end = memchr::memchr(b';', head).unwrap_or(head.len());
        let (name, params) = head.split_at_checked(end)?;
        let name = name.rsplit(|b| *b == b'.').next()?.trim_ascii();
        Some(Self { name, params: params.get(1..).unwrap_or_default(), value })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Its value is this word.
    pub(super) fn says(&self, word: &str) -> bool {
        self.value.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
    }

    pub(super) fn has_value(&self) -> bool {
        !self.value.trim_ascii().is_empty()
    }

    /// The value as text, its transfer encoding and charset undone; escapes are still in it.
    pub(super) fn text(&self) -> String {
        let charset = self.param("CHARSET");
        if self.mentions("QUOTED-PRINTABLE") {
            charset::text(&quoted_printable::decode(self.value), charset)
        } else {
            charset::text(self.value, charset)
        }
    }

    /// Some parameter has this word as name or value, e.g. `Jabber` in `X-SERVICE-TYPE=Jabber`.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.params.split(|b| b";=,\"".contains(b)).any(|part| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    }

    fn param(&self, name: &str) -> Option<&'a str> {
        let is_it = |param: &&[u8]| param.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()));
        let param = self.params.split(|b| *b == b';').find(is_it)?;
        std::str::from_utf8(param.get(name.len()..)?.strip_prefix(b"=")?).ok().map(|value| value.trim_matches('"'))
    }
}

fn outside_quotes(line: &[u8], sign: u8) -> Option<usize> {
    let mut is_quoted = false;
    line.iter().position(|b| {
        is_quoted ^= *b == b'"';
        *b == sign && !is_quoted
    })
}

/// The parts of a value between unescaped separators, escapes undone (RFC 6350 3.4).
pub(super) fn parts(value: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => '\n',
                Some(sign) => sign,
                None => '\\',
            },
            c if c == separator => {
                parts.push(String::new());
                continue;
            }
            c => c,
        };
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// The whole value, escapes undone.
pub(super) fn unescaped(value: &str) -> String {
    // No text contains NUL but to confuse.
    parts(value, '\0').concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_whatever_stands_in_quotes() {
        let line = b"item1.TEL;TYPE=\"cell;x:y\",voice;VALUE=uri:tel:+41;ext=1";
        let property = Property::read(line).unwrap();
        assert!(property.is("tel") && property.mentions("VOICE") && !property.mentions("fax"));
        assert_eq!(property.text(), "tel:+41;ext=1");
        assert!(Property::read(b"no colon").is_none());
        assert_eq!(Property::read(b"X;A=\"b:c").unwrap().text(), "c", "a quote without end");
    }

    #[test]
    fn escapes_part_no_fields() {
        assert_eq!(parts(r"Nagy\;x;Anna\, M.;;\\", ';'), ["Nagy;x", "Anna, M.", "", "\\"]);
        assert_eq!(unescaped(r"a\nb\:c"), "a\nb:c");
    }
}
