use std::fmt;

use cooee_machine::Secret;

use super::algorithm::{Hash, hex, unhex};
use super::nonce::same;
use super::{Credentials, DigestError};
use crate::method::Method;

/// What a server keeps of a password: enough to check answers in its realm, not to be shown or printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    realm: String,
    md5: [u8; 16],
    sha256: [u8; 32],
}

impl Verifier {
    /// Made when the password is set; the password is kept nowhere.
    #[must_use]
    pub fn new(user: &str, realm: &str, password: &Secret) -> Self {
        let parts = [user.as_bytes(), realm.as_bytes(), password.reveal().as_bytes()];
        // A hash has the length of its text by construction.
        Self {
            realm: realm.to_owned(),
            md5: unhex(&Hash::Md5.hex(&parts)).unwrap_or_default(),
            sha256: unhex(&Hash::Sha256.hex(&parts)).unwrap_or_default(),
        }
    }

    /// As it was stored: [`Verifier::md5`] and [`Verifier::sha256`].
    #[must_use]
    pub fn stored(realm: &str, md5: [u8; 16], sha256: [u8; 32]) -> Self {
        Self { realm: realm.to_owned(), md5, sha256 }
    }

    /// The realm it is for.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// MD5 of `user:realm:password`, to be stored.
    #[must_use]
    pub fn md5(&self) -> [u8; 16] {
        self.md5
    }

    /// SHA-256 of `user:realm:password`, to be stored.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Whether `credentials` prove the password for a request of `method` with `body`. The URI is the one the credentials
    /// name, which [`Credentials::are_for`] compares; the nonce is checked by [`super::Nonces`].
    ///
    /// # Errors
    /// [`DigestError::Wrong`], [`DigestError::Unacceptable`].
    pub fn verify(&self, credentials: &Credentials, method: Method<'_>, body: &[u8]) -> Result<(), DigestError> {
        let ha1 = match credentials.algorithm.hash {
            Hash::Md5 => hex(&self.md5),
            Hash::Sha256 => hex(&self.sha256),
            Hash::Sha512_256 => return Err(DigestError::Unacceptable),
        };
        if credentials.realm != self.realm {
            return Err(DigestError::Unacceptable);
        }
        let expected = credentials.expected(&ha1, method, body);
        let given = credentials.response.to_ascii_lowercase();
        if same(expected.as_bytes(), given.as_bytes()) { Ok(()) } else { Err(DigestError::Wrong) }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, Challenge, Login};
    use super::*;

    const REALM: &str = "example.org";

    fn answer(challenge: &Challenge, password: &str, method: Method<'_>, body: &[u8]) -> Credentials {
        let password = Secret::new(password);
        let login = Login { username: "anna", password: &password };
        let value = challenge.answer(login, method, "sip:example.org", body, 1, "cnonce");
        Credentials::parse(value.as_bytes()).unwrap()
    }

    #[test]
    fn every_way_to_answer_is_verified() {
        let verifier = Verifier::new("anna", REALM, &Secret::new("secret"));
        let verifier = Verifier::stored(REALM, verifier.md5(), verifier.sha256());
        for algorithm in ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"] {
            for (auth, auth_int) in [(true, false), (false, true), (true, true), (false, false)] {
                let algorithm = Algorithm::parse(algorithm).unwrap();
                let challenge = Challenge { auth, auth_int, ..Challenge::new(REALM, "n", algorithm, false) };
                let right = answer(&challenge, "secret", Method::Register, b"body");
                assert_eq!(verifier.verify(&right, Method::Register, b"body"), Ok(()), "{algorithm} {auth} {auth_int}");
                assert_eq!(verifier.verify(&right, Method::Invite, b"body"), Err(DigestError::Wrong));
                let wrong = answer(&challenge, "Secret", Method::Register, b"body");
                assert_eq!(verifier.verify(&wrong, Method::Register, b"body"), Err(DigestError::Wrong));
                let tampered = verifier.verify(&right, Method::Register, b"other");
                assert_eq!(tampered.is_err(), auth_int && !auth, "only auth-int covers the body");
            }
        }
    }

    #[test]
    fn another_realm_and_an_algorithm_without_verifier_are_unacceptable() {
        let verifier = Verifier::new("anna", REALM, &Secret::new("secret"));
        for challenge in [
            Challenge::new("example.com", "n", Algorithm::MD5, false),
            Challenge::new(REALM, "n", Algorithm::parse("SHA-512-256").unwrap(), false),
        ] {
            let credentials = answer(&challenge, "secret", Method::Register, b"");
            assert_eq!(verifier.verify(&credentials, Method::Register, b""), Err(DigestError::Unacceptable));
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let verifier = Verifier::new("anna", REALM, &Secret::new("secret"));
        let credentials = answer(&Challenge::new(REALM, "n", Algorithm::MD5, false), "secret", Method::Register, b"");
        assert_eq!(format!("{verifier:?} {credentials:?}"), "Verifier Credentials(MD5 nc Some(1))");
    }
}
