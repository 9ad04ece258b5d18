use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};

use super::identity::{Purpose, path_is_good};

/// The authorities we believe. Cheap to clone.
#[derive(Clone)]
pub struct Trust {
    all: Arc<RootCertStore>,
    /// Those that the owner of this device has added.
    added: Arc<Vec<TrustAnchor<'static>>>,
}

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
        RootCertStore::empty().into()
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
        roots.into()
    }

    /// Those of `other` as well.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let mut roots = Arc::unwrap_or_clone(self.all);
        roots.extend(other.all.roots.iter().cloned());
        Self { all: Arc::new(roots), added: Arc::new([&self.added[..], &other.added[..]].concat()) }
    }

    /// These as well, as DER. Unusable ones are skipped, as a system's list always holds a few.
    #[must_use]
    pub fn with_der(self, authorities: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut roots = Arc::unwrap_or_clone(self.all);
        roots.add_parsable_certificates(authorities.into_iter().map(CertificateDer::from));
        Self { all: Arc::new(roots), ..self }
    }

    /// As [`Trust::with_der`], and whomever only these vouch for is told apart ([`cooee_machine::PeerIdentity::by_added_authority`]).
    #[must_use]
    pub fn with_added(self, authorities: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let before = Arc::clone(&self.all);
        let trust = self.with_der(authorities);
        let added = trust.all.roots.iter().filter(|anchor| !before.roots.contains(anchor)).cloned();
        Self { added: Arc::new(trust.added.iter().cloned().chain(added).collect()), ..trust }
    }

    /// These as well, as PEM; all must be usable.
    ///
    /// # Errors
    /// There is none, or one is broken.
    pub fn with_pem(self, pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = Arc::unwrap_or_clone(self.all);
        for certificate in certificates(pem)? {
            roots.add(certificate).map_err(|error| TrustError::Unusable(error.to_string()))?;
        }
        Ok(Self { all: Arc::new(roots), ..self })
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
        self.all.len()
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn shared(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.all)
    }

    pub(super) fn roots(&self) -> &RootCertStore {
        &self.all
    }

    /// Whether a good chain is good only by what was added.
    pub(crate) fn is_by_added(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> bool {
        let Some((certificate, rest)) = chain.split_first().filter(|_| !self.added.is_empty()) else { return false };
        let others: Vec<_> = self.all.roots.iter().filter(|anchor| !self.added.contains(anchor)).cloned().collect();
        path_is_good(certificate, rest, &others, Purpose::Server, now).is_err()
    }
}

impl From<RootCertStore> for Trust {
    fn from(all: RootCertStore) -> Self {
        Self { all: Arc::new(all), added: Arc::default() }
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
        write!(f, "Trust({} authorities)", self.all.len())
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
