//! Who may use the server, and what is kept of their passwords.

mod name;
mod scram;

pub use name::{UserName, UserNameError};
pub use scram::{Scram, ScramHash};

use cooee_machine::{Entropy, Secret};
use cooee_sip::digest::Verifier;

/// A user of the domain. Of the password only verifiers are kept: for SIP's digest (the domain is the realm, for ever) and for
/// SCRAM, so that other protocols can come later without anybody choosing a password anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's name in the domain.
    pub user: UserName,
    /// MD5 and SHA-256 (RFC 7616).
    pub digest: Verifier,
    /// SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677).
    pub scram: Scram,
}

/// Why an account cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// Nothing to check against.
    #[error("the password is empty")]
    EmptyPassword,
    /// Longer than anybody types.
    #[error("the password is longer than {} characters", Account::MAX_PASSWORD)]
    LongPassword,
    /// A line break or the like: a phone could not type it.
    #[error("the password has a control character in it")]
    ControlCharacter,
}

impl Account {
    /// Characters of a password.
    pub const MAX_PASSWORD: usize = 256;

    /// Makes all verifiers. Takes some 10 ms of hashing, on purpose. The password is taken as typed (no Unicode normalisation).
    ///
    /// # Errors
    /// [`AccountError`], about the password.
    pub fn new(user: UserName, domain: &str, password: &Secret, entropy: &mut Entropy) -> Result<Self, AccountError> {
        let text = password.reveal();
        if text.is_empty() {
            return Err(AccountError::EmptyPassword);
        }
        if text.chars().count() > Self::MAX_PASSWORD {
            return Err(AccountError::LongPassword);
        }
        if text.chars().any(char::is_control) {
            return Err(AccountError::ControlCharacter);
        }
        let digest = Verifier::new(user.as_str(), domain, password);
        Ok(Self { user, digest, scram: Scram::new(password, entropy) })
    }
}

/// Names nobody.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_password_can_be_read_from_an_account() {
        let user = UserName::parse("anna").unwrap();
        let account = Account::new(user, "example.org", &Secret::new("hunter2"), &mut Entropy::for_test(1)).unwrap();
        assert!(!format!("{account:?} {:?} {:?}", account.scram, account.user).contains("hunter2"));
        // H(anna:example.org:hunter2), worked out with md5sum.
        assert_eq!(cooee_machine::hexadecimal(account.digest.md5().as_ref()), "a9d3003db82d674ab44469de3eca9f69");
    }

    #[test]
    fn passwords_that_cannot_be_typed_or_checked_are_refused() {
        let make = |password: &str| {
            let user = UserName::parse("anna").unwrap();
            Account::new(user, "example.org", &Secret::new(password), &mut Entropy::for_test(1)).map(|_| ())
        };
        assert_eq!(make(""), Err(AccountError::EmptyPassword));
        assert_eq!(make("a\nb"), Err(AccountError::ControlCharacter));
        assert_eq!(make(&"x".repeat(257)), Err(AccountError::LongPassword));
        assert_eq!(make("pässwörd"), Ok(()));
    }
}
