use std::str::FromStr;

/// How an account wants the sound of its calls protected. What is offered because of it is the [`crate::OfferTable`]'s matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MediaProtection {
    /// Encrypted or no call.
    #[default]
    Encrypted,
    /// Encrypted wherever the other side can, else plain (RFC 8643).
    BestEffort,
    /// Offer plain RTP only, for an exchange that knows nothing else; an encrypted offer of the other side is taken all the same.
    Plain,
}

impl MediaProtection {
    /// For settings and scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::BestEffort => "best-effort",
            Self::Plain => "plain",
        }
    }
}

/// A word that names no way of protecting media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write encrypted, best-effort or plain")]
pub struct UnknownProtection;

impl FromStr for MediaProtection {
    type Err = UnknownProtection;

    fn from_str(text: &str) -> Result<Self, UnknownProtection> {
        let all = [Self::Encrypted, Self::BestEffort, Self::Plain];
        all.into_iter().find(|protection| protection.as_str().eq_ignore_ascii_case(text.trim())).ok_or(UnknownProtection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protection_comes_back_from_its_word() {
        for protection in [MediaProtection::Encrypted, MediaProtection::BestEffort, MediaProtection::Plain] {
            assert_eq!(protection.as_str().parse(), Ok(protection));
        }
        assert_eq!(" Best-Effort ".parse(), Ok(MediaProtection::BestEffort));
        assert_eq!("none".parse::<MediaProtection>(), Err(UnknownProtection));
    }
}
