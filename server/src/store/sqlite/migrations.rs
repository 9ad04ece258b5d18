use rusqlite::{Connection, TransactionBehavior};

/// Each brings the database one version up. Never change one that was released: add another.
const MIGRATIONS: [&str; 2] = [
    // 1: accounts.
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
     CREATE TABLE account (
         user TEXT PRIMARY KEY,
         digest_md5 BLOB NOT NULL,
         digest_sha256 BLOB NOT NULL,
         scram_salt BLOB NOT NULL,
         scram_iterations INTEGER NOT NULL,
         scram_sha1_stored BLOB NOT NULL,
         scram_sha1_server BLOB NOT NULL,
         scram_sha256_stored BLOB NOT NULL,
         scram_sha256_server BLOB NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // 2: where users are. Moments in milliseconds since the Unix epoch; the key's 64 bits as a signed number; `path` one URI
    // a line; `flow` the connection's or socket's number.
    "CREATE TABLE binding (
         user TEXT NOT NULL REFERENCES account (user) ON DELETE CASCADE,
         key INTEGER NOT NULL,
         contact TEXT NOT NULL,
         params TEXT NOT NULL,
         instance TEXT,
         reg_id INTEGER,
         q INTEGER NOT NULL,
         expires INTEGER NOT NULL,
         updated INTEGER NOT NULL,
         call_id TEXT NOT NULL,
         cseq INTEGER NOT NULL,
         path TEXT NOT NULL,
         transport TEXT NOT NULL,
         local TEXT NOT NULL,
         remote TEXT NOT NULL,
         flow INTEGER NOT NULL,
         epoch INTEGER NOT NULL,
         user_agent TEXT,
         PRIMARY KEY (user, key)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX binding_expires ON binding (expires);",
];

/// The version this program writes.
pub(super) fn latest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Brings the database up, one transaction a version.
pub(super) fn run(connection: &mut Connection) -> rusqlite::Result<()> {
    up_to(connection, latest())
}

pub(super) fn up_to(connection: &mut Connection, version: u32) -> rusqlite::Result<()> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read within the transaction: another process may be doing the same.
        let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(migration) = MIGRATIONS.get(found as usize).filter(|_| found < version) else { return Ok(()) };
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", found + 1)?;
        transaction.commit()?;
    }
}
