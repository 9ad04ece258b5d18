//! SQLite behind one connection: WAL, STRICT tables, numbered migrations.

mod accounts;
mod bindings;
mod migrations;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{StoreAnswer, StoreError, StoreOperation};

/// The file's name in the data directory.
const FILE: &str = "server.sqlite";
/// How long another process (a `user add` beside a running server) may hold the database.
const BUSY: Duration = Duration::from_secs(5);

/// The database of one domain.
pub(crate) struct Database {
    path: PathBuf,
    connection: Connection,
    domain: String,
    secret: [u8; 32],
}

impl Database {
    /// Opens it in `directory`, making both where they are missing, for this user's eyes only. `secret` becomes the server's
    /// own if it has none yet.
    pub(crate) fn open(directory: &Path, domain: &str, secret: [u8; 32]) -> Result<Self, StoreError> {
        make_private_directory(directory)?;
        let path = directory.join(FILE);
        make_private_file(&path)?;
        let opened = Connection::open(&path).and_then(|connection| {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            // In WAL mode a commit survives the death of the process; the power cut that loses one costs a registration.
            connection.pragma_update(None, "synchronous", "normal")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        });
        let connection = opened.map_err(|source| explain(&path, source))?;
        let mut database = Self { path, connection, domain: domain.to_owned(), secret };
        database.check()?;
        database.migrate()?;
        database.claim()?;
        Ok(database)
    }

    /// Kept over restarts: nonces and route tokens are made with it.
    pub(crate) fn secret(&self) -> [u8; 32] {
        self.secret
    }

    /// Damage shows at the start, not in the middle of a call.
    fn check(&self) -> Result<(), StoreError> {
        let verdict: String = self.ask(|connection| connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt { path: self.path.clone() }) }
    }

    fn migrate(&mut self) -> Result<(), StoreError> {
        let known = migrations::latest();
        let found: u32 = self.ask(|connection| connection.pragma_query_value(None, "user_version", |row| row.get(0)))?;
        if found > known {
            return Err(StoreError::Newer { path: self.path.clone(), found, known });
        }
        let path = self.path.clone();
        migrations::run(&mut self.connection).map_err(|source| explain(&path, source))
    }

    /// The first domain is the domain for ever; its secret too.
    fn claim(&mut self) -> Result<(), StoreError> {
        let (domain, fresh) = (self.domain.clone(), self.secret);
        let (stored, secret) = self.write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('domain', ?1)", [domain.as_bytes()])?;
            transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('secret', ?1)", [&fresh[..]])?;
            let read = |key: &str| transaction.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, Vec<u8>>(0));
            Ok((read("domain")?, read("secret")?))
        })?;
        if stored != domain.as_bytes() {
            let stored = String::from_utf8_lossy(&stored).into_owned();
            return Err(StoreError::OtherDomain { path: self.path.clone(), stored, asked: domain });
        }
        self.secret = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| StoreError::Corrupt { path: self.path.clone() })?;
        Ok(())
    }

    /// Does what a server asks for, outside of any batch.
    pub(crate) fn perform(&mut self, operation: &StoreOperation) -> Result<StoreAnswer, StoreError> {
        match operation {
            StoreOperation::Verifier(user) => self.verifier(user).map(StoreAnswer::Verifier),
            StoreOperation::Bindings(user) => self.bindings(user).map(StoreAnswer::Bindings),
            StoreOperation::Rebind { user, put, remove } => self.rebind(user, put, remove).map(|()| StoreAnswer::Done),
        }
    }

    fn ask<T>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        question(&self.connection).map_err(|source| explain(&self.path, source))
    }

    /// One transaction. It takes the writer's lock at once, so that it cannot fail half-way for want of it.
    fn write<T>(&mut self, change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let done = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let outcome = change(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        });
        done.map_err(|source| explain(&self.path, source))
    }
}

fn explain(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt { path },
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        _ => StoreError::Sqlite { path, source },
    }
}

fn make_private_directory(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|source| StoreError::Unusable { path: directory.to_owned(), source })
}

/// SQLite gives its side files the mode of the main one.
fn make_private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| StoreError::Unusable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
