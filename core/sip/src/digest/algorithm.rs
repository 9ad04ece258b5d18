use std::fmt;

use md5::Digest as _;

/// A hash function for digest authentication, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hash {
    /// Broken as a hash, still what most phones speak.
    Md5,
    /// RFC 7616.
    Sha256,
    /// RFC 7616; only answered, never asked for.
    Sha512_256,
}

impl Hash {
    /// The hash of `parts` with colons between them, in lower-case hexadecimal.
    pub(super) fn hex(self, parts: &[&[u8]]) -> String {
        let data = parts.join(&b':');
        match self {
            Self::Md5 => hex(&md5::Md5::digest(&data)),
            Self::Sha256 => hex(ring::digest::digest(&ring::digest::SHA256, &data).as_ref()),
            Self::Sha512_256 => hex(ring::digest::digest(&ring::digest::SHA512_256, &data).as_ref()),
        }
    }
}

/// `octets` in lower-case hexadecimal.
pub(super) fn hex(octets: &[u8]) -> String {
    use fmt::Write;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// The octets that `text` spells in hexadecimal.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut octets = [0; N];
    for (octet, digits) in octets.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = digits else { return None };
        let nibble = |digit: u8| char::from(digit).to_digit(16);
        *octet = u8::try_from((nibble(*high)? << 4) | nibble(*low)?).ok()?;
    }
    Some(octets)
}

/// The `algorithm` parameter: a hash, and whether it is the session variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Algorithm {
    /// The hash function.
    pub hash: Hash,
    /// `-sess`.
    pub session: bool,
}

impl Algorithm {
    /// `MD5`.
    pub const MD5: Self = Self { hash: Hash::Md5, session: false };
    /// `SHA-256`.
    pub const SHA_256: Self = Self { hash: Hash::Sha256, session: false };

    /// Reads the parameter's value, case aside.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (hash, session) = lower.strip_suffix("-sess").map_or((lower.as_str(), false), |hash| (hash, true));
        let hash = match hash {
            "md5" => Hash::Md5,
            "sha-256" => Hash::Sha256,
            "sha-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        Some(Self { hash, session })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.hash {
            Hash::Md5 => "MD5",
            Hash::Sha256 => "SHA-256",
            Hash::Sha512_256 => "SHA-512-256",
        })?;
        f.write_str(if self.session { "-sess" } else { "" })
    }
}

/// The quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qop {
    /// The method and the URI are covered.
    Auth,
    /// The body too.
    AuthInt,
}

impl Qop {
    /// Reads one token, case aside.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim() {
            auth if auth.eq_ignore_ascii_case("auth") => Some(Self::Auth),
            int if int.eq_ignore_ascii_case("auth-int") => Some(Self::AuthInt),
            _ => None,
        }
    }

    /// As it goes on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_their_standards() {
        assert_eq!(Hash::Md5.hex(&[b"abc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(Hash::Sha256.hex(&[b"abc"]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Hash::Sha512_256.hex(&[b"abc"]), "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
        assert_eq!(Hash::Md5.hex(&[b"a", b"b"]), Hash::Md5.hex(&[b"a:b"]));
    }

    #[test]
    fn algorithms_read_back_as_printed() {
        for name in ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"] {
            assert_eq!(Algorithm::parse(name).unwrap().to_string(), name);
        }
        assert_eq!(Algorithm::parse("sha-256"), Some(Algorithm::SHA_256));
        assert_eq!(Algorithm::parse("SHA256"), None);
    }

    #[test]
    fn hexadecimal_reads_back() {
        assert_eq!(unhex::<3>(&hex(&[0, 0x9f, 0xff])), Some([0, 0x9f, 0xff]));
        assert_eq!(unhex::<2>("0g00"), None);
        assert_eq!(unhex::<2>("000"), None);
    }
}
