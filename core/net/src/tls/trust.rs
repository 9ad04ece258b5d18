use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The authorities we believe. Cheap to clone.
#[derive(Clone)]
pub struct Trust(Arc<RootCertStore>);

/// Why authorities could not be added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file cannot be read.
    #[error("cannot read the certificates in {path}: {source}", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// There is no certificate in it.
    #[error("no certificate found: a PEM file with -----BEGIN CERTIFICATE----- is needed")]
    NoCertificate,
    /// A certificate in it is broken or cannot be an authority.
    #[error("a certificate cannot be used as an authority: {0}")]
    Unusable(String),
}

impl Trust {
    /// Nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self(Arc::new(RootCertStore::empty()))
    }

    /// The authorities this system trusts, as far as they can be read. On Android there are none: the platform hands
    /// them over as DER, see [`Trust::with_der`].
    #[must_use]
    pub fn system() -> Self {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "some of the system's authorities cannot be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        Self(Arc::new(roots))
    }

    /// Those of `other` as well.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let mut roots = Arc::unwrap_or_clone(self.0);
        roots.extend(other.0.roots.iter().cloned());
        Self(Arc::new(roots))
    }

    /// These as well, as DER. Unusable ones are skipped, as a system's list always holds a few.
    #[must_use]
    pub fn with_der(self, authorities: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut roots = Arc::unwrap_or_clone(self.0);
        roots.add_parsable_certificates(authorities.into_iter().map(CertificateDer::from));
        Self(Arc::new(roots))
    }

    /// These as well, as PEM; all must be usable.
    ///
    /// # Errors
    /// There is none, or one is broken.
    pub fn with_pem(self, pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = Arc::unwrap_or_clone(self.0);
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(|error| TrustError::Unusable(error.to_string()))?;
        }
        Ok(Self(Arc::new(roots)))
    }

    /// Those in a PEM file as well.
    ///
    /// # Errors
    /// The file cannot be read, holds none, or one is broken.
    pub fn with_file(self, path: &Path) -> Result<Self, TrustError> {
        self.with_pem(&read(path)?)
    }

    /// The certificates in a PEM file, as DER, for [`cooee_machine::ServerTrust::Authorities`] or [`cooee_machine::ClientKey`]; all must be
    /// usable.
    ///
    /// # Errors
    /// The file cannot be read, holds none, or one is broken.
    pub fn der_in_file(path: &Path) -> Result<Vec<Vec<u8>>, TrustError> {
        let pem = read(path)?;
        Self::nobody().with_pem(&pem)?;
        Ok(certificates(&pem)?.into_iter().map(|certificate| certificate.to_vec()).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn shared(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.0)
    }

    pub(super) fn roots(&self) -> &RootCertStore {
        &self.0
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TrustError> {
    std::fs::read(path).map_err(|source| TrustError::Unreadable { path: path.to_owned(), source })
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| TrustError::Unusable(error.to_string()))?;
    if found.is_empty() { Err(TrustError::NoCertificate) } else { Ok(found) }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({} authorities)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_with_what_is_needed() {
        let said = Trust::nobody().with_pem(b"hello").unwrap_err().to_string();
        assert!(said.contains("BEGIN CERTIFICATE"), "{said}");
        assert!(matches!(Trust::nobody().with_file(Path::new("no/such/file")), Err(TrustError::Unreadable { .. })));
    }

    #[test]
    fn authorities_add_up() {
        let made = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap();
        let trust = Trust::nobody().with_pem(made.cert.pem().as_bytes()).unwrap();
        assert_eq!((trust.len(), trust.is_empty()), (1, false));
        assert_eq!(trust.clone().with_der([vec![1, 2, 3]]).len(), 1);
        assert_eq!(trust.clone().and(&trust).len(), 2);
    }
}
