//! The accounts and bindings of a domain in SQLite.

mod accounts;
mod bindings;

use std::path::Path;

use cooee_database::{Database, DatabaseError, Location};

use super::{StoreAnswer, StoreError, StoreOperation};

/// The file's name in the data directory.
const FILE: &str = "server.sqlite";

/// The schema's versions: step n leads from schema n to n + 1. A published step is never changed; a new one is added below it,
/// with a fixture of the version before.
const STEPS: &[&str] = &[include_str!("schema-1.sql"), include_str!("schema-2.sql")];

/// The database of one domain.
pub(crate) struct Domain {
    database: Database,
    name: String,
    secret: [u8; 32],
}

impl Domain {
    /// Opens it in `directory`, making both where they are missing, for this user's eyes only. `secret` becomes the server's
    /// own if it has none yet.
    pub(crate) fn open(directory: &Path, name: &str, secret: [u8; 32]) -> Result<Self, StoreError> {
        make_private(directory)?;
        let database = Database::open(&Location::File(directory.join(FILE)), STEPS)?;
        let mut domain = Self { database, name: name.to_owned(), secret };
        domain.claim()?;
        Ok(domain)
    }

    /// Kept over restarts: nonces and route tokens are made with it.
    pub(crate) fn secret(&self) -> [u8; 32] {
        self.secret
    }

    /// The first domain is the domain for ever; its secret too.
    fn claim(&mut self) -> Result<(), StoreError> {
        let (name, fresh) = (self.name.as_bytes(), self.secret);
        let (stored, secret) = self.database.write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('domain', ?1)", [name])?;
            transaction.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('secret', ?1)", [&fresh[..]])?;
            let read = |key: &str| transaction.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get::<_, Vec<u8>>(0));
            Ok((read("domain")?, read("secret")?))
        })?;
        let path = || self.database.path().to_owned();
        if stored != name {
            let stored = String::from_utf8_lossy(&stored).into_owned();
            return Err(StoreError::OtherDomain { path: path(), stored, asked: self.name.clone() });
        }
        self.secret = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| DatabaseError::Corrupt { path: path() })?;
        Ok(())
    }

    /// Does what a server asks for, outside of any batch.
    pub(crate) fn perform(&mut self, operation: &StoreOperation) -> Result<StoreAnswer, DatabaseError> {
        match operation {
            StoreOperation::Verifier(user) => self.verifier(user).map(StoreAnswer::Verifier),
            StoreOperation::Bindings(user) => self.bindings(user).map(StoreAnswer::Bindings),
            StoreOperation::Rebind { user, put, remove } => self.rebind(user, put, remove).map(|()| StoreAnswer::Done),
        }
    }
}

fn make_private(directory: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|source| StoreError::NoDirectory { path: directory.to_owned(), source })
}

#[cfg(test)]
mod tests;
