use regex::bytes::{Regex, RegexBuilder};

use super::RuleFault;
use super::ere::translate;

/// What a rule makes is at most so long, in octets.
const MOST_OUTPUT: usize = 1024;
/// Of a compiled expression, in octets.
const MOST_COMPILED: usize = 64 << 10;
/// Brackets in brackets.
const MOST_NESTED: u32 = 16;

/// A substitution expression (RFC 3402 3.2): `!^(.*)$!sip:\1@example.org!`. It takes time linear in the length of what it is applied to.
#[derive(Debug)]
pub(super) struct Substitution {
    pattern: Regex,
    replacement: String,
}

impl Substitution {
    /// Reads the field `regexp` of a NAPTR record.
    pub(super) fn parse(regexp: &str) -> Result<Self, RuleFault> {
        let (ere, replacement, flags) = split(regexp).ok_or(RuleFault::Shape)?;
        let is_case_insensitive = match flags {
            "" => false,
            "i" => true,
            _ => return Err(RuleFault::Shape),
        };
        let pattern = RegexBuilder::new(&translate(&ere)?)
            .unicode(false)
            .case_insensitive(is_case_insensitive)
            .dot_matches_new_line(true)
            .size_limit(MOST_COMPILED)
            .dfa_size_limit(MOST_COMPILED)
            .nest_limit(MOST_NESTED)
            .build()
            .map_err(|error| if matches!(error, regex::Error::CompiledTooBig(_)) { RuleFault::TooLarge } else { RuleFault::Dialect })?;
        Ok(Self { pattern, replacement })
    }

    /// What becomes of `text`, as in sed: what stands outside of the match stays.
    pub(super) fn apply(&self, text: &str) -> Result<String, RuleFault> {
        let found = self.pattern.captures(text.as_bytes()).ok_or(RuleFault::NoMatch)?;
        let all = found.get(0).ok_or(RuleFault::NoMatch)?;
        let bytes = text.as_bytes();
        let mut out = bytes.get(..all.start()).unwrap_or_default().to_vec();
        let mut chars = self.replacement.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some(digit @ '1'..='9')) => {
                    let group = digit.to_digit(10).map_or(0, |digit| digit as usize);
                    if group >= found.len() {
                        return Err(RuleFault::Shape);
                    }
                    out.extend_from_slice(found.get(group).map_or(&[][..], |group| group.as_bytes()));
                }
                ('\\', None) => return Err(RuleFault::Shape),
                ('\\', Some(other)) | (other, _) => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            if out.len() > MOST_OUTPUT {
                return Err(RuleFault::TooLarge);
            }
        }
        out.extend_from_slice(bytes.get(all.end()..).unwrap_or_default());
        String::from_utf8(out).map_err(|_| RuleFault::Shape)
    }
}

/// Expression, replacement and flags, parted by the first character; where it stands escaped it is itself.
fn split(regexp: &str) -> Option<(String, String, &str)> {
    let delimiter = regexp.chars().next().filter(|c| !matches!(c, '\\' | 'i' | '0'..='9' | '\0'))?;
    let mut rest = regexp.strip_prefix(delimiter)?;
    let mut part = || {
        let mut out = String::new();
        loop {
            let c = rest.chars().next()?;
            rest = rest.get(c.len_utf8()..)?;
            match c {
                '\\' => {
                    let escaped = rest.chars().next()?;
                    rest = rest.get(escaped.len_utf8()..)?;
                    if escaped != delimiter {
                        out.push('\\');
                    }
                    out.push(escaped);
                }
                c if c == delimiter => return Some(out),
                c => out.push(c),
            }
        }
    };
    Some((part()?, part()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "+441632960083";

    fn run(regexp: &str, text: &str) -> Result<String, RuleFault> {
        Substitution::parse(regexp)?.apply(text)
    }

    #[test]
    fn examples_of_the_standards_make_what_they_say() {
        for (regexp, text, made) in [
            // RFC 6116 3.4.3 and 3.6.
            (r"!^(\+441632960083)$!sip:\1@example.com!", NUMBER, "sip:+441632960083@example.com"),
            (r"!^\+441632960083$!h323:operator@example.com!", NUMBER, "h323:operator@example.com"),
            (r"!^.*$!mailto:info@example.com!", NUMBER, "mailto:info@example.com"),
            // RFC 3403 6.1.
            (r"!^urn:cid:.+@([^\.]+\.)(.*)$!\2!i", "URN:cid:199606121851.1@bar.example.com", "example.com"),
            // RFC 4769 5.
            (r"!(^.*)$!tel:\1;npdi!", NUMBER, "tel:+441632960083;npdi"),
            (r"/^.*$/sip:a\/b@x.example/", NUMBER, "sip:a/b@x.example"),
            (r"!^\+44!sip:!", NUMBER, "sip:1632960083"),
        ] {
            assert_eq!(run(regexp, text).as_deref(), Ok(made), "{regexp}");
        }
    }

    #[test]
    fn posix_is_spoken_and_perl_refused() {
        for (regexp, text) in [
            ("!^[+[:digit:]]*$!x!", NUMBER),
            (r"!^[\d]$!x!", "d"),
            (r"!^[\d]$!x!", "\\"),
            ("!^[]a&&b]+$!x!", "]a&b"),
            ("!^[a~~-]+$!x!", "~-a"),
            ("!^a{2,}$!x!", "aaa"),
        ] {
            assert_eq!(run(regexp, text).as_deref(), Ok("x"), "{regexp}");
        }
        for perl in [
            r"!\d+!x!",
            "!(?i)a!x!",
            "!.*?!x!",
            r"!(.)\1!x!",
            r"!\bx!x!",
            "!a{1!x!",
            "!a{,3}!x!",
            "!a{999}!x!",
            "!*a!x!",
            "!(a!x!",
            "!a)!x!",
            "![a!x!",
            "![[.a.]]!x!",
            "![[:no:]]!x!",
        ] {
            assert_eq!(run(perl, NUMBER), Err(RuleFault::Dialect), "{perl}");
        }
    }

    #[test]
    fn what_would_grow_without_bound_is_refused() {
        assert_eq!(run("!^(((a{9}){9}){9}){9}$!x!", NUMBER), Err(RuleFault::TooLarge));
        assert_eq!(run("!(.{255}){255}!x!", NUMBER), Err(RuleFault::TooLarge));
        assert_eq!(run(&format!("!^(.*)$!{}!", r"\1".repeat(100)), NUMBER), Err(RuleFault::TooLarge));
        assert_eq!(run(&format!("!{}a{}!x!", "(".repeat(40), ")".repeat(40)), NUMBER), Err(RuleFault::Dialect));
        // Two stars in one another, which take others exponential time.
        assert_eq!(run("!^(a*)*b$!x!", &"a".repeat(200)), Err(RuleFault::NoMatch));
    }

    #[test]
    fn what_is_no_substitution_is_refused() {
        for bad in ["", "!", "!a!", "!a!b", "!a!b!x", "!a!b!ii", r"!a!b\", r"!^.*$!\1!", "1a1b1", r"\a\b\"] {
            assert_eq!(run(bad, NUMBER), Err(RuleFault::Shape), "{bad}");
        }
    }

    #[test]
    fn of_alternatives_the_first_is_taken_where_posix_takes_the_longest() {
        assert_eq!(run(r"!^(\+4|\+44)(.*)$!x:\1|\2!", NUMBER).as_deref(), Ok("x:+4|41632960083"));
    }
}
