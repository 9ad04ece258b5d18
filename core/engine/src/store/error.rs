use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why what is stored could not be read or written. Nothing stored is lost by any of these; each sentence says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is damaged, or no database at all. It was not touched.
    #[error("{path} is damaged, or not a database of Cooee. Nothing in it was changed. To begin anew, give it another name (keep it: it may be repaired)", path = .path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
    },
    /// A later version made it. It was not touched.
    #[error("{path} was written by a newer Cooee (format {found}, this one knows up to {known}): install the newer Cooee", path = .path.display())]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// No room.
    #[error("the disk with {path} is full: free some space", path = .path.display())]
    DiskFull {
        /// Which file.
        path: PathBuf,
    },
    /// It may be read and not written.
    #[error("{path} cannot be written to: check the permissions of the file and its folder", path = .path.display())]
    ReadOnly {
        /// Which file.
        path: PathBuf,
    },
    /// It cannot be opened.
    #[error("{path} cannot be opened: check that its folder is there and may be written to", path = .path.display())]
    CannotOpen {
        /// Which file.
        path: PathBuf,
    },
    /// Another program is writing.
    #[error("another program is using {path}: close it and try again", path = .path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// The engine is shutting down.
    #[error("the phone is shutting down")]
    Closed,
    /// Anything else, in the database's words.
    #[error("{path} cannot be used: {reason}", path = .path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl StoreError {
    pub(super) fn of(error: &rusqlite::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::CannotOpen) => Self::CannotOpen { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            _ => Self::Other { path, reason: error.to_string() },
        }
    }
}
