use std::fmt;
use std::sync::Arc;

use cooee_sdp::Fingerprint;
use ring::digest::{SHA256, SHA384, SHA512, digest};
use rtc_dtls::crypto::Certificate as DtlsCertificate;
use rtc_dtls::crypto_provider::RTCCryptoProvider;

/// Why a certificate could not be made or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The key could not be generated.
    #[error("cannot generate a media certificate: {0}")]
    Generate(String),
    /// What was stored is no certificate of ours.
    #[error("the stored media certificate cannot be read: {0}")]
    Stored(String),
}

/// The self-signed certificate (EC P-256) and key that media handshakes are made with. Made once an engine; cheap to clone.
#[derive(Clone)]
pub struct Certificate {
    inner: DtlsCertificate,
    provider: Arc<dyn RTCCryptoProvider>,
    fingerprint: Fingerprint,
}

impl Certificate {
    /// A new key, by the operating system's randomness.
    ///
    /// # Errors
    /// When the cryptographic library cannot make one.
    pub fn generate() -> Result<Self, CertificateError> {
        let failed = |error: &dyn fmt::Display| CertificateError::Generate(error.to_string());
        let provider = rtc_dtls::crypto_provider::default_provider().map_err(|e| failed(&e))?;
        // The name says nothing: every phone's certificate carries the same.
        let inner = DtlsCertificate::generate_self_signed(vec!["phone".to_owned()], provider.crypto()).map_err(|e| failed(&e))?;
        Self::with(inner, provider).ok_or_else(|| CertificateError::Generate("empty chain".to_owned()))
    }

    /// Reads what [`Certificate::to_pem`] wrote.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let failed = |error: &dyn fmt::Display| CertificateError::Stored(error.to_string());
        let provider = rtc_dtls::crypto_provider::default_provider().map_err(|e| failed(&e))?;
        let inner =
            DtlsCertificate::from_pem(&pem.replace("PRIVATE KEY-----", "PRIVATE_KEY-----"), provider.crypto()).map_err(|e| failed(&e))?;
        Self::with(inner, provider).ok_or_else(|| CertificateError::Stored("no certificate in it".to_owned()))
    }

    /// Key and certificate as text, for the store of secrets.
    ///
    /// # Errors
    /// When the key cannot be exported.
    pub fn to_pem(&self) -> Result<cooee_machine::Secret, CertificateError> {
        self.inner.serialize_pem().map(cooee_machine::Secret::new).map_err(|e| CertificateError::Stored(e.to_string()))
    }

    /// SHA-256 of the certificate, for `a=fingerprint` (RFC 8122).
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    fn with(inner: DtlsCertificate, provider: Arc<dyn RTCCryptoProvider>) -> Option<Self> {
        let der = inner.certificate.first()?;
        let fingerprint = Fingerprint { hash: "sha-256".to_owned(), digest: digest(&SHA256, der).as_ref().to_vec() };
        Some(Self { inner, provider, fingerprint })
    }

    pub(crate) fn chain(&self) -> DtlsCertificate {
        self.inner.clone()
    }

    pub(crate) fn provider(&self) -> Arc<dyn RTCCryptoProvider> {
        self.provider.clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

pub(crate) fn sha_256(der: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, der).as_ref());
    hash
}

/// Whether a certificate is one of those announced. Hash functions other than SHA-256, -384 and -512 match nothing (RFC 8122 5.1).
pub(crate) fn matches(announced: &[Fingerprint], der: &[u8]) -> bool {
    announced.iter().any(|fingerprint| {
        let algorithm = match fingerprint.hash.to_ascii_lowercase().as_str() {
            "sha-256" => &SHA256,
            "sha-384" => &SHA384,
            "sha-512" => &SHA512,
            _ => return false,
        };
        digest(algorithm, der).as_ref() == fingerprint.digest.as_slice()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_survives_the_store_of_secrets() {
        let made = Certificate::generate().unwrap();
        let read = Certificate::from_pem(made.to_pem().unwrap().reveal()).unwrap();
        assert_eq!(read.fingerprint(), made.fingerprint());
        assert!(Certificate::from_pem("nonsense").is_err());
    }

    #[test]
    fn any_of_several_fingerprints_matches_and_weak_hashes_never_do() {
        let der = b"some certificate";
        let print = |hash: &str, digest: &[u8]| Fingerprint { hash: hash.to_owned(), digest: digest.to_vec() };
        let wrong = print("sha-256", &[0; 32]);
        for (hash, algorithm) in [("sha-256", &SHA256), ("SHA-384", &SHA384), ("sha-512", &SHA512)] {
            let right = print(hash, digest(algorithm, der).as_ref());
            assert!(matches(&[wrong.clone(), right.clone()], der));
            assert!(!matches(std::slice::from_ref(&right), b"another"));
        }
        let weak = print("sha-1", digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref());
        assert!(!matches(&[weak], der) && !matches(&[wrong], der) && !matches(&[], der));
    }
}
