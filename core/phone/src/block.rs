use std::fmt;

use cooee_machine::Pii;
use cooee_sip::Uri;

/// People whose calls are not taken, or always ring.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockRule {
    /// One person: `ben@example.org`, the domain in lower case.
    Address(Pii<String>),
    /// Everybody of a domain, in lower case; not of the domains below it.
    Domain(String),
}

impl BlockRule {
    /// Reads `ben@example.org`, `sip:ben@example.org`, `example.org` or `@example.org`. `None` if it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = text.strip_prefix("sips:").or_else(|| text.strip_prefix("sip:")).unwrap_or(text);
        let bare = bare.strip_prefix('@').unwrap_or(bare);
        let uri = format!("sip:{bare}");
        let uri = Uri::parse(&uri).ok().filter(Uri::is_sip)?;
        Some(match person(&uri) {
            Some(person) => Self::Address(Pii(person)),
            None => Self::Domain(uri.host().to_ascii_lowercase()),
        })
    }

    /// Whether a caller of this address is meant.
    #[must_use]
    pub fn matches(&self, caller: &str) -> bool {
        let Ok(uri) = Uri::parse(caller) else { return false };
        match self {
            Self::Address(blocked) => uri.is_sip() && person(&uri).as_ref() == Some(blocked.reveal()),
            Self::Domain(blocked) => uri.is_sip() && uri.host().eq_ignore_ascii_case(blocked),
        }
    }
}

/// `ben@example.org`, whatever port and parameters stand behind it.
fn person(uri: &Uri<'_>) -> Option<String> {
    let address = uri.address_of_record()?;
    let bare = address.strip_prefix("sips:").or_else(|| address.strip_prefix("sip:"))?;
    let (user, host) = bare.rsplit_once('@')?;
    Some(format!("{user}@{}", host.to_ascii_lowercase()))
}

/// As [`BlockRule::parse`] reads it.
impl fmt::Display for BlockRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => f.write_str(address.reveal()),
            Self::Domain(domain) => f.write_str(domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> BlockRule {
        BlockRule::parse(text).unwrap()
    }

    #[test]
    fn one_person_is_meant_whatever_stands_around_the_address() {
        for text in ["ben@Example.org", "sip:ben@example.org", "sips:ben@example.org:5061;transport=tls"] {
            let rule = rule(text);
            assert_eq!(rule.to_string(), "ben@example.org");
            assert!(rule.matches("sip:ben@example.org;user=phone") && rule.matches("sips:ben@EXAMPLE.org:5061"));
            assert!(!rule.matches("sip:benny@example.org") && !rule.matches("sip:ben@mail.example.org") && !rule.matches("tel:+49301"));
        }
    }

    #[test]
    fn a_whole_domain_is_meant_and_none_below_it() {
        for text in ["example.org", "@example.org", "sip:example.org"] {
            let rule = rule(text);
            assert_eq!(rule, BlockRule::Domain("example.org".into()));
            assert!(rule.matches("sip:anybody@example.org") && rule.matches("sip:example.org"));
            assert!(!rule.matches("sip:ben@sub.example.org") && !rule.matches("sip:ben@notexample.org"));
        }
    }

    #[test]
    fn what_is_no_address_is_no_rule() {
        for text in ["", "@", "two words", "ben@", "http://example.org"] {
            assert_eq!(BlockRule::parse(text), None, "{text}");
        }
    }
}
