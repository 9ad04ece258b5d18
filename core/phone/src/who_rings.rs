use std::fmt;
use std::str::FromStr;

/// Whose calls ring aloud. All others are shown as requests, without a sound ([`cooee_call::Request`]).
///
/// People are known who are in the address book, were called or written to from here, or are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhoRings {
    /// Everybody's.
    Everybody,
    /// Those of people who are known; of the account's own domain, whose server answers for them; and telephone numbers that its server
    /// connects.
    #[default]
    OwnDomain,
    /// Those of people who are known. For an address at a domain where anybody can have one.
    Known,
}

impl WhoRings {
    /// All of them, from the widest circle to the narrowest.
    pub const ALL: [Self; 3] = [Self::Everybody, Self::OwnDomain, Self::Known];

    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::OwnDomain => "own-domain",
            Self::Known => "known",
        }
    }
}

impl fmt::Display for WhoRings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// None of the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write everybody, own-domain or known")]
pub struct UnknownCircle;

impl FromStr for WhoRings {
    type Err = UnknownCircle;

    fn from_str(text: &str) -> Result<Self, UnknownCircle> {
        Self::ALL.into_iter().find(|who| who.as_str() == text).ok_or(UnknownCircle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_circle_is_read_as_it_is_written_and_nothing_else_is() {
        for who in WhoRings::ALL {
            assert_eq!(who.to_string().parse(), Ok(who));
        }
        assert_eq!("Everybody".parse::<WhoRings>(), Err(UnknownCircle));
    }
}
