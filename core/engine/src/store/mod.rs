//! Accounts, settings and the call log in SQLite. It lives on a thread of its own.

mod accounts;
mod error;
mod log;
mod migrations;
mod settings;

pub use accounts::StoredAccount;
pub use error::StoreError;
pub use log::PastCall;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// In this file, with two more beside it while it is open. Its folder must be there.
    File(PathBuf),
    /// Nowhere: gone with the engine.
    Memory,
}

/// The open database.
pub(crate) struct Store {
    connection: Connection,
    path: PathBuf,
}

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens it, makes it if it is not there, and brings its schema up to date. A damaged or newer one is left untouched.
    pub(crate) fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        let (path, connection) = match location {
            StoreLocation::File(path) => (path.clone(), Connection::open(path)),
            StoreLocation::Memory => (PathBuf::from("memory"), Connection::open_in_memory()),
        };
        let connection = connection.map_err(|error| StoreError::of(&error, &path))?;
        let mut store = Self { connection, path };
        store.prepare()?;
        Ok(store)
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        self.with(|connection| connection.busy_timeout(PATIENCE))?;
        let found = self.with(|connection| migrations::version(connection))?;
        if found > migrations::NEWEST {
            return Err(StoreError::TooNew { path: self.path.clone(), found, known: migrations::NEWEST });
        }
        let sound: String = self.with(|connection| connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if sound != "ok" {
            return Err(StoreError::Corrupt { path: self.path.clone() });
        }
        self.with(|connection| {
            // In memory there is no write-ahead log: the answer is "memory".
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
            connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
            migrations::migrate(connection, migrations::STEPS)
        })
    }

    /// Puts everything into the one file. Also done by dropping, but then nobody hears of a failure.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.connection.close().map_err(|(_, error)| StoreError::of(&error, &self.path))
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        work(&mut self.connection).map_err(|error| StoreError::of(&error, &self.path))
    }
}

impl StoreLocation {
    /// `cooee.db` in this folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::File(folder.join("cooee.db"))
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn duration(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests;
