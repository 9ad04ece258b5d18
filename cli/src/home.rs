//! Where everything lives.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder for accounts, secrets, settings and the call log: the one given, or the platform's own.
pub fn folder(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = match given {
        Some(folder) => folder.to_owned(),
        None => directories::ProjectDirs::from("", "", "cooee")
            .context("This system has no home folder to keep things in. Say where: --home DIR")?
            .data_dir()
            .to_owned(),
    };
    private(&folder)?;
    Ok(folder)
}

/// Makes `folder`, closed to others.
pub fn private(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("The folder {} cannot be made. Choose another: --home DIR", folder.display()))
}

/// The file that a running phone holds.
const PHONE: &str = "phone.lock";

/// Tells others, for as long as the file is open, that a phone runs here.
pub fn run_phone(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(PHONE);
    let file = File::create(&path)
        .with_context(|| format!("{} cannot be written. Look at the folder, or choose another: --home DIR", path.display()))?;
    // Several phones may run in a folder. Where the file system knows no locks, nobody is told.
    let _ = file.lock_shared();
    Ok(file)
}

/// Whether one does.
pub fn is_phone_running(folder: &Path) -> anyhow::Result<bool> {
    let path = folder.join(PHONE);
    match File::open(&path) {
        Ok(file) => Ok(matches!(file.try_lock(), Err(TryLockError::WouldBlock))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => {
            Err(error).with_context(|| format!("{} cannot be read. Look at the folder, or choose another: --home DIR", path.display()))
        }
    }
}

/// Where recordings go when nobody says where: a folder of this moment's own below the current one, or below `home`.
pub fn recordings(home: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = home.map_or_else(|| PathBuf::from("recordings"), |home| home.join("recordings"));
    private(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_runs_as_long_as_one_of_several_does() {
        let folder = std::env::temp_dir().join(format!("cooee-home-{}", std::process::id()));
        private(&folder).unwrap();
        let runs = || is_phone_running(&folder).unwrap();
        assert!(!runs());
        let (one, other) = (run_phone(&folder).unwrap(), run_phone(&folder).unwrap());
        drop(one);
        assert!(runs());
        drop(other);
        assert!(!runs());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_with_what_to_do() {
        let error = folder(Some(Path::new("/dev/null/cooee"))).unwrap_err();
        assert!(format!("{error}").contains("/dev/null/cooee") && format!("{error}").contains("--home"));
    }
}
