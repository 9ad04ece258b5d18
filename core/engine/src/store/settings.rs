use cooee_database::rusqlite::OptionalExtension;

use super::{Store, StoreError};

impl Store {
    /// A setting's value.
    pub(crate) fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        self.0.with(|connection| connection.query_row("SELECT value FROM setting WHERE name = ?", [name], |row| row.get(0)).optional())
    }

    /// A setting's value; if it has none, this one from now on. Of two processes that do so at once, one is heard by both.
    pub(crate) fn setting_or(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        self.0.write(|transaction| {
            transaction.execute("INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", [name, value])?;
            transaction.query_row("SELECT value FROM setting WHERE name = ?", [name], |row| row.get(0))
        })
    }

    /// Sets it, or with `None` forgets it.
    pub(crate) fn set_setting(&mut self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        self.0.with(|connection| match value {
            Some(value) => connection
                .execute("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", [name, value]),
            None => connection.execute("DELETE FROM setting WHERE name = ?", [name]),
        })?;
        Ok(())
    }
}
