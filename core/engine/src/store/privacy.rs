use cooee_database::rusqlite::{self, Connection};

use super::{Store, StoreError};

/// How much of what is stored, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Accounts.
    pub accounts: u64,
    /// Calls in the log.
    pub calls: u64,
    /// Short texts.
    pub messages: u64,
    /// Who is blocked.
    pub blocked: u64,
    /// Domains of contacts, by a keyed hash.
    pub domains: u64,
    /// People who were there, by a keyed hash.
    pub people: u64,
    /// People for whom something was chosen, by a keyed hash.
    pub choices: u64,
    /// People who are to be asked whether they are there, or are not, by a keyed hash.
    pub marks: u64,
    /// People who were asked, by a keyed hash.
    pub inquiries: u64,
    /// Lines of the journal of who was asked.
    pub asked: u64,
}

/// What is known of contacts, and nothing else.
const CONTACTS: [&str; 6] = ["reach_domain", "reach_person", "choice", "mark", "inquiry", "asked"];

impl Store {
    pub(crate) fn stored(&mut self) -> Result<Stored, StoreError> {
        self.0.with(|connection| {
            let count = |table: &str| -> rusqlite::Result<u64> {
                let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
                Ok(u64::try_from(rows).unwrap_or_default())
            };
            Ok(Stored {
                accounts: count("account")?,
                calls: count("call")?,
                messages: count("message")?,
                blocked: count("blocked")?,
                domains: count("reach_domain")?,
                people: count("reach_person")?,
                choices: count("choice")?,
                marks: count("mark")?,
                inquiries: count("inquiry")?,
                asked: count("asked")?,
            })
        })
    }

    /// Forgets what is known of contacts and whom was asked, and overwrites it in the file. Fails as [`Store::wipe`] does.
    pub(crate) fn wipe_contacts(&mut self) -> Result<(), StoreError> {
        self.wipe(|connection| CONTACTS.iter().try_for_each(|table| connection.execute(&format!("DELETE FROM {table}"), []).map(drop)))
    }

    /// Overwrites what `delete` deletes. Where another program does not let go of the write-ahead log for as long as one waits for others,
    /// what is in there stays, and it fails as [`StoreError::Busy`]; it is deleted all the same.
    pub(super) fn wipe<T>(&mut self, delete: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let (deleted, is_busy) = self.overwriting(|store| {
            store.0.with(|connection| {
                let deleted = delete(connection)?;
                // The write-ahead log holds former pages until it is cut.
                let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
                Ok((deleted, is_busy))
            })
        })?;
        if is_busy { Err(StoreError::Busy { path: self.0.path().to_owned() }) } else { Ok(deleted) }
    }

    /// Overwrites in the file what `work` deletes; in the write-ahead log it stays until that is cut.
    pub(super) fn overwriting<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let set = |store: &mut Self, state: &str| {
            store.0.with(|connection| connection.query_row(&format!("PRAGMA secure_delete = {state}"), [], |row| row.get::<_, i64>(0)))
        };
        set(self, "ON")?;
        let done = work(self);
        set(self, "OFF")?;
        done
    }
}
