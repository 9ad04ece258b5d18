use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Our own certificate and key. [`Certificate::replace`] changes it under running listeners: new handshakes see the new
/// one, connections that are up live on.
pub struct Certificate(ArcSwap<CertifiedKey>);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// No usable certificate in the PEM.
    #[error("no certificate found in the PEM text: -----BEGIN CERTIFICATE----- is needed")]
    NoCertificate,
    /// No usable key in the PEM.
    #[error("no private key found in the PEM text: -----BEGIN PRIVATE KEY----- is needed")]
    NoKey,
    /// They do not belong together, or the key is of a kind we cannot use.
    #[error("the key does not belong to the certificate, or cannot be used: {0}")]
    Mismatch(String),
}

impl Certificate {
    /// A chain, our own certificate first, and its key, both as PEM (they may stand in one text).
    ///
    /// # Errors
    /// Either is missing, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Arc<Self>, CertificateError> {
        Ok(Arc::new(Self(ArcSwap::from(read(chain, key)?))))
    }

    pub(super) fn of_pair(pair: CertifiedKey) -> Arc<Self> {
        Arc::new(Self(ArcSwap::from_pointee(pair)))
    }

    /// Takes over a new pair; on an error the old one stays, so a half-written pair of files does no harm.
    ///
    /// # Errors
    /// As for [`Certificate::from_pem`].
    pub fn replace(&self, chain: &[u8], key: &[u8]) -> Result<(), CertificateError> {
        self.0.store(read(chain, key)?);
        Ok(())
    }
}

fn read(chain: &[u8], key: &[u8]) -> Result<Arc<CertifiedKey>, CertificateError> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(|_| CertificateError::NoCertificate)?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateError::NoKey)?;
    let pair = CertifiedKey::from_der(chain, key, &super::provider()).map_err(|error| CertificateError::Mismatch(error.to_string()))?;
    Ok(Arc::new(pair))
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ResolvesClientCert for Certificate {
    /// Shown to whoever asks, whatever authorities are hinted at; not if no signature scheme fits: that would end the handshake.
    fn resolve(&self, _hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full()).filter(|pair| pair.key.choose_scheme(schemes).is_some())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_certificate_is_refused_and_the_old_pair_stays() {
        let made = || rcgen::generate_simple_self_signed(["example.org".to_owned()]).unwrap();
        let (one, other) = (made(), made());
        let pem = |pair: &rcgen::CertifiedKey<rcgen::KeyPair>| (pair.cert.pem(), pair.signing_key.serialize_pem());
        let ((chain, key), (second_chain, second_key)) = (pem(&one), pem(&other));
        let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let wrong = certificate.replace(second_chain.as_bytes(), key.as_bytes());
        assert!(matches!(wrong, Err(CertificateError::Mismatch(_))));
        assert_eq!(certificate.0.load().cert.first(), Some(one.cert.der()));
        certificate.replace(second_chain.as_bytes(), second_key.as_bytes()).unwrap();
        assert_eq!(certificate.0.load().cert.first(), Some(other.cert.der()));
        assert!(matches!(Certificate::from_pem(b"", key.as_bytes()), Err(CertificateError::NoCertificate)));
        assert!(matches!(Certificate::from_pem(chain.as_bytes(), b""), Err(CertificateError::NoKey)));
    }
}
