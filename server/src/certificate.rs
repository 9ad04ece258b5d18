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

    /// Takes new files over as they come, so that a renewal needs no restart.
    pub(crate) async fn watch(self, certificate: Arc<Certificate>) {
        let mut renewal = Renewal::new(self, certificate);
        loop {
            tokio::time::sleep(LOOK).await;
            match renewal.look() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the new certificate is in use"),
                Err(error) => tracing::warn!(%error, "the new certificate cannot be used yet"),
            }
        }
    }
}

/// Files as they were when last taken over.
struct Renewal {
    files: CertificateFiles,
    certificate: Arc<Certificate>,
    known: [Option<SystemTime>; 2],
}

impl Renewal {
    fn new(files: CertificateFiles, certificate: Arc<Certificate>) -> Self {
        Self { known: files.modified(), files, certificate }
    }

    /// Whether there was something new. A renewal writes two files one after the other: as long as they do not fit together the
    /// old pair stays, and they are looked at again.
    fn look(&mut self) -> Result<bool, ServeError> {
        let found = self.files.modified();
        if found == self.known {
            return Ok(false);
        }
        let (chain, key) = self.files.read()?;
        self.certificate.replace(&chain, &key)?;
        self.known = found;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::throwaway::Throwaway;

    #[test]
    fn a_renewed_pair_is_taken_over_once_both_files_are_there() {
        let directory = std::env::temp_dir().join(format!("cooee-certificate-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let files = CertificateFiles { chain: directory.join("chain.pem"), key: directory.join("key.pem") };
        let mut clock = SystemTime::now();
        let mut write = |path: &Path, text: &str| {
            clock += Duration::from_secs(1);
            std::fs::write(path, text).unwrap();
            std::fs::File::options().write(true).open(path).unwrap().set_modified(clock).unwrap();
        };
        let (old, new) = (Throwaway::new("example.org", &[]).unwrap(), Throwaway::new("example.org", &[]).unwrap());
        assert!(matches!(files.load(), Err(ServeError::Unreadable { .. })));
        write(&files.chain, &old.chain);
        write(&files.key, &old.key);
        let mut renewal = Renewal::new(files.clone(), files.load().unwrap());
        assert!(matches!(renewal.look(), Ok(false)));
        write(&files.chain, &new.chain);
        assert!(matches!(renewal.look(), Err(ServeError::Certificate(_))));
        write(&files.key, &new.key);
        assert!(matches!(renewal.look(), Ok(true)));
        assert!(matches!(renewal.look(), Ok(false)));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
