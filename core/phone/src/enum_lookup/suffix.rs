use std::fmt;
use std::str::FromStr;

use crate::{E164, Host};

/// The public tree (RFC 6116 3.1).
pub const E164_ARPA: &str = "e164.arpa";

/// Below which numbers are looked up, e.g. `e164.arpa`. Whoever runs it, and everybody on the way there, learns which numbers are dialled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumSuffix(String);

/// Not a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a suffix is a domain, e.g. e164.arpa")]
pub struct NoSuffix;

impl EnumSuffix {
    /// The zone of an account's own domain: `e164.example.org` for `example.org`.
    #[must_use]
    pub fn of_domain(domain: &str) -> Option<Self> {
        format!("e164.{domain}").parse().ok()
    }

    /// `e164.arpa`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.0
    }

    /// `0.0.8.1.8.6.6.4.4.1.4.e164.arpa` (RFC 6116 3.2).
    pub(super) fn name(&self, number: &E164) -> String {
        let mut name: String = number.digits().chars().rev().flat_map(|digit| [digit, '.']).collect();
        name.push_str(&self.0);
        name
    }
}

impl FromStr for EnumSuffix {
    type Err = NoSuffix;

    fn from_str(text: &str) -> Result<Self, NoSuffix> {
        match Host::parse(text.trim()) {
            // With 15 digits before it, it still has to be a name.
            Some(Host::Domain(domain)) if domain.len() <= 253 - 30 => Ok(Self(domain)),
            _ => Err(NoSuffix),
        }
    }
}

impl fmt::Display for EnumSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_asked_for_digit_by_digit_from_behind() {
        let suffix: EnumSuffix = "E164.arpa.".parse().unwrap();
        assert_eq!(suffix.name(&E164::new("442079460148").unwrap()), "8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa");
        assert_eq!(EnumSuffix::of_domain("example.org").unwrap().domain(), "e164.example.org");
        for wrong in ["", "192.0.2.1", "a b", &format!("{}.example", vec!["a".repeat(60); 4].join("."))] {
            assert_eq!(wrong.parse::<EnumSuffix>(), Err(NoSuffix), "{wrong}");
        }
    }
}
