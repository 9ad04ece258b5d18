use cooee_machine::Entropy;

use crate::{Crypto, IceCredentials};

/// An SRTP crypto suite as `a=crypto` names it (RFC 4568 6.2, RFC 6188 3, RFC 7714 14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpSuite {
    /// `AEAD_AES_128_GCM`
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM`
    AeadAes256Gcm,
    /// `AES_256_CM_HMAC_SHA1_80`
    Aes256CmHmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_80`
    Aes128CmHmacSha1_80,
    /// `AES_256_CM_HMAC_SHA1_32`
    Aes256CmHmacSha1_32,
    /// `AES_CM_128_HMAC_SHA1_32`
    Aes128CmHmacSha1_32,
}

impl SrtpSuite {
    /// All, in the order in which they are offered: first what everybody must have, since some peers (baresip 1.0 with ICE) name in
    /// their answer what they would have offered themselves; then whole tags before short ones, GCM before counter mode.
    pub const ALL: [Self; 6] = [
        Self::Aes128CmHmacSha1_80,
        Self::AeadAes128Gcm,
        Self::AeadAes256Gcm,
        Self::Aes256CmHmacSha1_80,
        Self::Aes256CmHmacSha1_32,
        Self::Aes128CmHmacSha1_32,
    ];

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
            Self::Aes256CmHmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::Aes128CmHmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Aes256CmHmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
            Self::Aes128CmHmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// By its name, whatever its case; also by the names that phones older than RFC 6188 use.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let old = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if old("AES_CM_256_HMAC_SHA1_80") {
            return Some(Self::Aes256CmHmacSha1_80);
        }
        if old("AES_CM_256_HMAC_SHA1_32") {
            return Some(Self::Aes256CmHmacSha1_32);
        }
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Octets of the master key.
    #[must_use]
    pub fn key_length(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::Aes128CmHmacSha1_80 | Self::Aes128CmHmacSha1_32 => 16,
            Self::AeadAes256Gcm | Self::Aes256CmHmacSha1_80 | Self::Aes256CmHmacSha1_32 => 32,
        }
    }

    /// Octets of the master salt.
    #[must_use]
    pub fn salt_length(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
            _ => 14,
        }
    }
}

impl Crypto {
    /// A fresh key for each suite, best first, tagged from 1 on: what [`crate::LocalMedia::crypto`] wants. Keys live as long as the call: a
    /// later offer of the same call describes the same ones (RFC 4568 7.1.4).
    #[must_use]
    pub fn fresh(entropy: &mut Entropy) -> Vec<Self> {
        let key = |(tag, suite): (u32, SrtpSuite)| {
            let mut key_salt = vec![0; suite.key_length() + suite.salt_length()];
            entropy.fill(&mut key_salt);
            Self { tag, suite: suite.name().to_owned(), key_salt, parameters: String::new() }
        };
        (1..).zip(SrtpSuite::ALL).map(key).collect()
    }
}

impl IceCredentials {
    /// A user fragment of 40 random bits and a password of 160 (RFC 8445 5.3 wants 24 and 128).
    #[must_use]
    pub fn fresh(entropy: &mut Entropy) -> Self {
        Self { ufrag: entropy.token(8), pwd: entropy.token(32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_long_as_their_suites_want_and_no_two_are_alike() {
        let keys = Crypto::fresh(&mut Entropy::for_test(4568));
        assert_eq!(keys.iter().map(|key| key.key_salt.len()).collect::<Vec<_>>(), [30, 28, 44, 46, 46, 30]);
        assert_eq!(keys.iter().map(|key| key.tag).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert!(keys.iter().enumerate().all(|(at, key)| keys[..at].iter().all(|other| other.key_salt[..12] != key.key_salt[..12])));
    }

    #[test]
    fn every_suite_is_found_by_its_name_and_two_by_their_old_ones() {
        for suite in SrtpSuite::ALL {
            assert_eq!(SrtpSuite::from_name(&suite.name().to_ascii_lowercase()), Some(suite));
        }
        assert_eq!(SrtpSuite::from_name("AES_CM_256_HMAC_SHA1_80"), Some(SrtpSuite::Aes256CmHmacSha1_80));
        assert_eq!(SrtpSuite::from_name("F8_128_HMAC_SHA1_80"), None);
    }
}
