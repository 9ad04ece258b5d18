use std::num::NonZeroU32;

use cooee_machine::{Entropy, Secret};
use ring::{digest, hmac, pbkdf2};

/// How often the password is hashed: what RFC 7677 names as the least, raised to what a small server bears.
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);
const SALT: usize = 16;

/// What a server keeps for SCRAM: salt, iterations, and the two keys of each hash (RFC 5802 3).
#[derive(Clone, PartialEq, Eq)]
pub struct Scram {
    /// Shared by both hashes.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// SCRAM-SHA-1 (RFC 5802), 20 octets each.
    pub sha1: ScramHash,
    /// SCRAM-SHA-256 (RFC 7677), 32 octets each.
    pub sha256: ScramHash,
}

/// The keys of one hash function.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramHash {
    /// H(ClientKey).
    pub stored_key: Vec<u8>,
    /// HMAC(SaltedPassword, "Server Key").
    pub server_key: Vec<u8>,
}

impl Scram {
    /// Hashes a password with a fresh salt.
    #[must_use]
    pub fn new(password: &Secret, entropy: &mut Entropy) -> Self {
        let mut salt = vec![0; SALT];
        entropy.fill(&mut salt);
        Self::with_salt(password, salt, ITERATIONS)
    }

    fn with_salt(password: &Secret, salt: Vec<u8>, iterations: NonZeroU32) -> Self {
        let text = password.reveal().as_bytes();
        let sha1 = ScramHash::new(&SHA1, text, &salt, iterations);
        let sha256 = ScramHash::new(&SHA256, text, &salt, iterations);
        Self { salt, iterations: iterations.get(), sha1, sha256 }
    }
}

/// The three functions of one hash.
struct Functions {
    salted: pbkdf2::Algorithm,
    keyed: hmac::Algorithm,
    plain: &'static digest::Algorithm,
}

/// SHA-1 is what many XMPP clients have; nothing else here uses it.
static SHA1: Functions =
    Functions { salted: pbkdf2::PBKDF2_HMAC_SHA1, keyed: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, plain: &digest::SHA1_FOR_LEGACY_USE_ONLY };
static SHA256: Functions = Functions { salted: pbkdf2::PBKDF2_HMAC_SHA256, keyed: hmac::HMAC_SHA256, plain: &digest::SHA256 };

impl ScramHash {
    fn new(functions: &Functions, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Self {
        let mut salted = vec![0; functions.plain.output_len()];
        pbkdf2::derive(functions.salted, iterations, salt, password, &mut salted);
        let key = hmac::Key::new(functions.keyed, &salted);
        let client_key = hmac::sign(&key, b"Client Key");
        Self {
            stored_key: digest::digest(functions.plain, client_key.as_ref()).as_ref().to_vec(),
            server_key: hmac::sign(&key, b"Server Key").as_ref().to_vec(),
        }
    }
}

impl std::fmt::Debug for Scram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scram({} iterations)", self.iterations)
    }
}

impl std::fmt::Debug for ScramHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScramHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Base64 without padding checks, for the vectors only.
    fn base64(text: &str) -> Vec<u8> {
        const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut word, mut bits, mut bytes) = (0u32, 0, Vec::new());
        for letter in text.trim_end_matches('=').chars() {
            word = (word << 6) | u32::try_from(ALPHABET.find(letter).unwrap()).unwrap();
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from((word >> bits) & 0xff).unwrap());
            }
        }
        bytes
    }

    /// The server signature of the RFC's dialogue proves the server key, the client proof the stored key.
    fn prove(hash: &ScramHash, functions: &Functions, messages: &str, proof: &str, signature: &str) {
        let server = hmac::sign(&hmac::Key::new(functions.keyed, &hash.server_key), messages.as_bytes());
        assert_eq!(server.as_ref(), base64(signature));
        let client = hmac::sign(&hmac::Key::new(functions.keyed, &hash.stored_key), messages.as_bytes());
        let client_key: Vec<u8> = client.as_ref().iter().zip(base64(proof)).map(|(a, b)| a ^ b).collect();
        assert_eq!(digest::digest(functions.plain, &client_key).as_ref(), hash.stored_key);
    }

    #[test]
    fn the_dialogue_of_rfc_5802_works_with_the_keys_kept() {
        let salt = base64("QSXCR+Q6sek8bf92");
        let scram = Scram::with_salt(&Secret::new("pencil"), salt, NonZeroU32::new(4096).unwrap());
        let messages = "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,\
                        c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        prove(&scram.sha1, &SHA1, messages, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    }

    #[test]
    fn the_dialogue_of_rfc_7677_works_with_the_keys_kept() {
        let salt = base64("W22ZaJ0SNY7soEsUEjb6gQ==");
        let scram = Scram::with_salt(&Secret::new("pencil"), salt, NonZeroU32::new(4096).unwrap());
        let messages = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let (proof, signature) = ("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        prove(&scram.sha256, &SHA256, messages, proof, signature);
    }

    #[test]
    fn two_users_with_one_password_have_nothing_in_common() {
        let mut entropy = Entropy::for_test(1);
        let (one, two) = (Scram::new(&Secret::new("x"), &mut entropy), Scram::new(&Secret::new("x"), &mut entropy));
        assert!(one.salt != two.salt && one.sha256.stored_key != two.sha256.stored_key);
    }
}
