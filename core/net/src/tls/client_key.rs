//! Proof of who we are by a key that is elsewhere: in a key store that signs and gives nothing away.

use std::fmt;
use std::sync::Arc;

use cooee_machine::ClientKey;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, Signer as RustlsSigner, SigningKey};
use rustls::{Error, OtherError, SignatureAlgorithm, SignatureScheme};

use super::certificate::Certificate;

/// Signs with keys that are elsewhere.
pub trait Signer: Send + Sync {
    /// The signature of `message` by the key of this name: ECDSA with P-256 and SHA-256, as DER (RFC 3279 2.2.3). It may take its time, as
    /// handshakes with such keys run on threads that may wait; but not for ever.
    ///
    /// # Errors
    /// The key is lost, or cannot be used now.
    fn sign(&self, key: &str, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// There is no such key any more.
    #[error("the key is lost")]
    Lost,
    /// It may be there another time.
    #[error("the key cannot be used now: {0}")]
    NotNow(String),
}

/// Signs as [`Signer::sign`] with a key that is at hand, as PEM.
///
/// # Errors
/// It is no key for ECDSA with P-256.
pub fn sign_by_pem(pem: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
    let unusable = || SignError::NotNow("it is no key for ECDSA with P-256".to_owned());
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| unusable())?;
    let key = rustls::crypto::ring::sign::any_ecdsa_type(&key).map_err(|_| unusable())?;
    let signer = key.choose_scheme(&[SCHEME]).ok_or_else(unusable)?;
    signer.sign(message).map_err(|error| SignError::NotNow(error.to_string()))
}

/// A handshake that waited too long for a signature, as if the signer had said so.
pub(crate) fn not_signed(why: &str) -> std::io::Error {
    std::io::Error::other(Error::Other(OtherError(Arc::new(SignError::NotNow(why.to_owned())))))
}

/// One key and its certificates, for one connection.
#[derive(Clone)]
struct Held {
    key: String,
    signer: Arc<dyn Signer>,
}

/// The key's certificates, and signatures by it.
pub(crate) fn held_elsewhere(key: &ClientKey, signer: Arc<dyn Signer>) -> Arc<Certificate> {
    let chain = key.chain.iter().map(|certificate| CertificateDer::from(certificate.clone())).collect();
    let held = Held { key: key.name.clone(), signer };
    Certificate::of_pair(CertifiedKey::new(chain, Arc::new(held)))
}

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

impl SigningKey for Held {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn RustlsSigner>> {
        let held: Box<dyn RustlsSigner> = Box::new(self.clone());
        offered.contains(&SCHEME).then_some(held)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl RustlsSigner for Held {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.signer.sign(&self.key, message).map_err(|error| Error::Other(OtherError(Arc::new(error))))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}
