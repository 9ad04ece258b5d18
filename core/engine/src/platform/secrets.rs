//! Secrets in files that only their owner can read, one a secret.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cooee_machine::Secret;

/// Names a secret: letters, digits, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretName(String);

impl SecretName {
    /// The password of an account.
    #[must_use]
    pub fn password(account: cooee_phone::AccountId) -> Self {
        Self(format!("account-{}.password", account.0))
    }

    /// The key that an account's media proves itself with.
    #[must_use]
    pub fn media_key(account: cooee_phone::AccountId) -> Self {
        Self(format!("account-{}.media-key", account.0))
    }

    /// The key of this name that a device proves itself by: letters, digits, `-` and `.`, at most 64; `None` for another name, and for that
    /// of any other secret.
    #[must_use]
    pub fn client_key(name: &str) -> Option<Self> {
        let is_fit =
            (1..=64).contains(&name.len()) && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'));
        let is_taken = name.starts_with("account-") || name == Self::contacts().as_str();
        (is_fit && !is_taken && !name.starts_with('.')).then(|| Self(name.to_owned()))
    }

    /// What contacts are hashed with in the store.
    #[must_use]
    pub fn contacts() -> Self {
        Self("contacts.key".to_owned())
    }

    /// As text; fit for a file name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a secret was not read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Others may read the file.
    #[error("others can read {path}, so what is in it is no secret any more: change that password, then run: chmod 600 {path}", path = .path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
    /// Others may write to the folder.
    #[error("others can change the folder {path}: run: chmod 700 {path}", path = .path.display())]
    OpenFolder {
        /// Which folder.
        path: PathBuf,
    },
    /// It is no text.
    #[error("{path} holds no readable secret: remove the account and add it again", path = .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// The system's words.
    #[error("the secret in {path} cannot be read or kept: {source}", path = .path.display())]
    System {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// A folder of secrets.
#[derive(Clone, Debug)]
pub(super) struct SecretFolder(PathBuf);

impl SecretFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn read(&self, name: &SecretName) -> Result<Option<Secret>, SecretError> {
        let path = self.0.join(name.as_str());
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(SecretError::System { path, source }),
        };
        let system = |source| SecretError::System { path: path.clone(), source };
        if !is_private(&file.metadata().map_err(system)?) {
            return Err(SecretError::Exposed { path });
        }
        let octets = io::read_to_string(file);
        match octets {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(SecretError::Damaged { path }),
            Err(source) => Err(SecretError::System { path, source }),
        }
    }

    /// Written beside and then renamed: whoever looks sees the old secret or the new one, whole.
    pub(super) fn write(&self, name: &SecretName, secret: &Secret) -> Result<(), SecretError> {
        self.make_folder()?;
        let path = self.0.join(name.as_str());
        let system = |source| SecretError::System { path: path.clone(), source };
        let beside = self.0.join(format!(".{}.{}.new", name.as_str(), std::process::id()));
        let written = write_new(&beside, secret.reveal().as_bytes()).and_then(|()| fs::rename(&beside, &path));
        if let Err(error) = written {
            // It may not have come to be; then there is nothing to remove.
            let _ = fs::remove_file(&beside);
            return Err(system(error));
        }
        // The name must survive a power cut, too. Not every system can sync a folder.
        if let Err(error) = File::open(&self.0).and_then(|folder| folder.sync_all()) {
            tracing::debug!(%error, "the folder of secrets could not be synced");
        }
        Ok(())
    }

    pub(super) fn remove(&self, name: &SecretName) -> Result<(), SecretError> {
        let path = self.0.join(name.as_str());
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(SecretError::System { path, source }),
            _ => Ok(()),
        }
    }

    fn make_folder(&self) -> Result<(), SecretError> {
        let path = || self.0.clone();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0).map_err(|source| SecretError::System { path: path(), source })?;
        let metadata = fs::metadata(&self.0).map_err(|source| SecretError::System { path: path(), source })?;
        if is_ours_to_change(&metadata) { Ok(()) } else { Err(SecretError::OpenFolder { path: path() }) }
    }
}

fn write_new(path: &Path, octets: &[u8]) -> io::Result<()> {
    // Of an earlier attempt of a process with our number.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 == 0
}

#[cfg(unix)]
fn is_ours_to_change(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 == 0
}

/// The folder is below the user's profile, closed to others by what it inherits.
#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_ours_to_change(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use cooee_phone::AccountId;

    use super::*;
    use crate::testing::Folder;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn name() -> SecretName {
        SecretName::password(AccountId(3))
    }

    #[test]
    fn a_secret_is_kept_replaced_and_forgotten_in_a_file_of_its_owners_alone() {
        let folder = Folder::new();
        let secrets = SecretFolder::new(folder.path().join("secrets"));
        assert_eq!(secrets.read(&name()).unwrap(), None);
        for text in ["hunter2", "ä\nß"] {
            secrets.write(&name(), &Secret::new(text)).unwrap();
            assert_eq!(secrets.read(&name()).unwrap(), Some(Secret::new(text)));
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("secrets")), 0o700);
        assert_eq!(mode(&folder.path().join("secrets/account-3.password")), 0o600);
        assert_eq!(fs::read_dir(folder.path().join("secrets")).unwrap().count(), 1, "nothing is left beside it");
        secrets.remove(&name()).unwrap();
        secrets.remove(&name()).unwrap();
        assert_eq!(secrets.read(&name()).unwrap(), None);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_what_to_do() {
        let folder = Folder::new();
        let secrets = SecretFolder::new(folder.path().to_owned());
        set_mode(folder.path(), 0o700);
        secrets.write(&name(), &Secret::new("hunter2")).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            set_mode(&folder.path().join("account-3.password"), mode);
            let said = secrets.read(&name()).unwrap_err().to_string();
            assert!(said.contains("chmod 600") && !said.contains("hunter2"), "{said}");
        }
    }

    #[test]
    fn a_folder_that_others_can_change_is_refused() {
        let folder = Folder::new();
        set_mode(folder.path(), 0o777);
        let secrets = SecretFolder::new(folder.path().to_owned());
        assert!(matches!(secrets.write(&name(), &Secret::new("x")), Err(SecretError::OpenFolder { .. })));
        set_mode(folder.path(), 0o700);
    }

    #[test]
    fn what_is_no_text_is_damaged_and_what_cannot_be_written_says_why() {
        let folder = Folder::new();
        let path = folder.path().join("account-3.password");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        set_mode(&path, 0o600);
        let secrets = SecretFolder::new(folder.path().to_owned());
        assert!(matches!(secrets.read(&name()), Err(SecretError::Damaged { .. })));
        fs::write(folder.path().join("file"), "").unwrap();
        let nowhere = SecretFolder::new(folder.path().join("file/secrets"));
        assert!(matches!(nowhere.write(&name(), &Secret::new("x")), Err(SecretError::System { .. })));
    }
}
