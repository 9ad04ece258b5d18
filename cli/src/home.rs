//! Where everything lives.

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
    fn a_folder_that_cannot_be_made_is_named_with_what_to_do() {
        let error = folder(Some(Path::new("/dev/null/cooee"))).unwrap_err();
        assert!(format!("{error}").contains("/dev/null/cooee") && format!("{error}").contains("--home"));
    }
}
