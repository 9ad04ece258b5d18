use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cooee_net::Certificate;

use crate::serve::ServeError;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(30);

/// The certificate chain and the key, as PEM files (they may be one and the same).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's own certificate first.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads both.
    ///
    /// # Errors
    /// [`ServeError::Unreadable`], [`ServeError::Certificate`].
    pub fn load(&self) -> Result<Arc<Certificate>, ServeError> {
        let (chain, key) = self.read()?;
        Ok(Certificate::from_pem(&chain, &key)?)
    }

    fn read(&self) -> Result<(Vec<u8>, Vec<u8>), ServeError> {
        let read = |path: &Path| std::fs::read(path).map_err(|source| ServeError::Unreadable { path: path.to_owned(), source });
        Ok((read(&self.chain)?, read(&self.key)?))
    }

    fn modified(&self) -> [Option<SystemTime>; 2] {
        [&self.chain, &self.key].map(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
    }

    /// Takes new files over as they come, so that a renewal needs no restart. A renewal writes two files one after the other:
    /// as long as they do not fit together the old pair stays.
    pub(crate) async fn watch(self, certificate: Arc<Certificate>) {
        let mut known = self.modified();
        loop {
            tokio::time::sleep(LOOK).await;
            let found = self.modified();
            if found == known {
                continue;
            }
            let replaced = self.read().and_then(|(chain, key)| Ok(certificate.replace(&chain, &key)?));
            match replaced {
                Ok(()) => {
                    known = found;
                    tracing::info!("the new certificate is in use");
                }
                Err(error) => tracing::warn!(%error, "the new certificate cannot be used yet"),
            }
        }
    }
}
