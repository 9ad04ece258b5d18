use std::fmt;

/// A user's name in its domain: folded to lower case, and limited to what stands in a SIP URI without escapes and in an XMPP
/// address alike (a subset of RFC 8265's UsernameCaseMapped): `a-z 0-9 . _ - +`, beginning and ending with a letter or digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(String);

/// Why a text is no user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserNameError {
    /// Nothing there.
    #[error("a user name needs at least one letter or digit")]
    Empty,
    /// Too long for some protocol.
    #[error("a user name has at most {} characters", UserName::MAX_LENGTH)]
    Long,
    /// This character may not stand in it, or not at its beginning or end.
    #[error("{0:?} may not stand there in a user name: letters a-z and digits may, and . _ - + between them")]
    Character(char),
}

impl UserName {
    /// Characters.
    pub const MAX_LENGTH: usize = 64;

    /// Folds and checks.
    ///
    /// # Errors
    /// [`UserNameError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UserNameError> {
        let folded = text.to_ascii_lowercase();
        let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+');
        if let Some(wrong) = folded.chars().find(|c| !is_inner(*c)) {
            return Err(UserNameError::Character(wrong));
        }
        if folded.len() > Self::MAX_LENGTH {
            return Err(UserNameError::Long);
        }
        let ends = [folded.chars().next(), folded.chars().next_back()];
        match ends.into_iter().flatten().find(|c| !c.is_ascii_alphanumeric()) {
            Some(wrong) => Err(UserNameError::Character(wrong)),
            None if folded.is_empty() => Err(UserNameError::Empty),
            None => Ok(Self(folded)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// For the place that shows it to the operator.
impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name tells who somebody is: logs do not get it.
impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserName")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        assert_eq!(UserName::parse("Anna.Maria-2").unwrap().as_str(), "anna.maria-2");
        assert_eq!(UserName::parse("x").unwrap().as_str(), "x");
    }

    #[test]
    fn what_sip_or_xmpp_would_stumble_over_is_refused() {
        for (text, why) in [
            ("", UserNameError::Empty),
            ("an na", UserNameError::Character(' ')),
            ("anna@home", UserNameError::Character('@')),
            ("änna", UserNameError::Character('ä')),
            ("a/b", UserNameError::Character('/')),
            (".anna", UserNameError::Character('.')),
            ("anna-", UserNameError::Character('-')),
            ("a;b", UserNameError::Character(';')),
        ] {
            assert_eq!(UserName::parse(text), Err(why), "{text}");
        }
        assert_eq!(UserName::parse(&"a".repeat(65)), Err(UserNameError::Long));
    }
}
