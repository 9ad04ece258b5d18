use std::path::PathBuf;

use cooee_database::DatabaseError;

/// Why the database cannot be opened or changed, in a sentence that tells the operator what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The data directory cannot be made.
    #[error("cannot use {path}: {source}. Check that the directory exists and that this user may write to it", path = .path.display())]
    NoDirectory {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// Of the database in it.
    #[error(transparent)]
    Database(#[from] DatabaseError),
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

impl From<&DatabaseError> for StoreFailure {
    fn from(error: &DatabaseError) -> Self {
        match error {
            DatabaseError::DiskFull { .. } => Self::Full,
            DatabaseError::Corrupt { .. } => Self::Corrupt,
            DatabaseError::Busy { .. } => Self::Busy,
            DatabaseError::Closed => Self::Gone,
            other => Self::Other(other.to_string()),
        }
    }
}
