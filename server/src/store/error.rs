use std::path::PathBuf;

/// Why the database cannot be opened or changed, in a sentence that tells the operator what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The directory or the file cannot be made or read.
    #[error("cannot use {path}: {source}. Check that the directory exists and that this user may write to it", path = .path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// SQLite says that the file is damaged or is no database.
    #[error("the database {path} is damaged. Put back a copy, or move it away to begin with an empty one", path = .path.display())]
    Corrupt {
        /// Which.
        path: PathBuf,
    },
    /// There is no space left.
    #[error("no space is left on the disk of {path}. Make room and start again", path = .path.display())]
    Full {
        /// Which.
        path: PathBuf,
    },
    /// It cannot be written to.
    #[error("the database {path} cannot be written to. Check its owner and permissions", path = .path.display())]
    ReadOnly {
        /// Which.
        path: PathBuf,
    },
    /// Another process holds it for too long.
    #[error("the database {path} is in use by another program that does not let go of it", path = .path.display())]
    Busy {
        /// Which.
        path: PathBuf,
    },
    /// It was written by a later version.
    #[error("the database {path} is of a newer version ({found}) than this program knows ({known}). Use the newer program", path = .path.display())]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The highest known.
        known: u32,
    },
    /// It belongs to another domain. Passwords are hashed with the domain, so it cannot be renamed.
    #[error("the database {path} is for the domain “{stored}”, not “{asked}”. Choose another data directory", path = .path.display())]
    OtherDomain {
        /// Which.
        path: PathBuf,
        /// Its domain.
        stored: String,
        /// The one asked for.
        asked: String,
    },
    /// Anything else, in SQLite's words.
    #[error("the database {path} fails: {source}", path = .path.display())]
    Sqlite {
        /// Which.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

/// Why one request to storage failed, while the server runs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFailure {
    /// No space left: nothing can be written, reading works.
    #[error("no space is left on the disk: phones cannot register until there is room")]
    Full,
    /// The database is damaged.
    #[error("the database is damaged: stop the server and put back a copy")]
    Corrupt,
    /// It is held by another process, or has too much to do.
    #[error("the database is busy")]
    Busy,
    /// It is gone: the thread that served it has ended.
    #[error("storage is gone: start the server again")]
    Gone,
    /// Anything else, in its own words.
    #[error("storage fails: {0}")]
    Other(String),
}

impl From<&StoreError> for StoreFailure {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full { .. } => Self::Full,
            StoreError::Corrupt { .. } => Self::Corrupt,
            StoreError::Busy { .. } => Self::Busy,
            other => Self::Other(other.to_string()),
        }
    }
}
