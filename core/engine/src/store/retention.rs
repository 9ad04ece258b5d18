//! How much is kept of texts and past calls, so that no stranger can push out what matters.

use cooee_database::rusqlite::{self, OptionalExtension, Transaction, params};

/// So many rows of people whom the person has called, written to or answered.
pub(super) const OF_KNOWN: i64 = 10_000;
/// Of these, so many of one of them: an address can be forged.
pub(super) const OF_ONE_KNOWN: i64 = 2_000;
/// So many rows of all others together.
pub(super) const OF_STRANGERS: i64 = 1_000;
/// Of these, so many of one of them.
pub(super) const OF_ONE_STRANGER: i64 = 100;

/// So often at a time rows go where there are too many in all, as there may be in an old database.
const AT_ONCE: usize = 16;

/// The tables that history is in, and that strangers fill.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    Call,
    Message,
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Message => "message",
        }
    }

    /// Forgets rows beyond what is kept; `person` has just got another one. Where all have too many, the oldest of those who have most
    /// go: whoever fills the table pushes out nobody else.
    pub(super) fn prune(self, transaction: &Transaction<'_>, person: &str, is_stranger: bool) -> rusqlite::Result<()> {
        let (of_one, of_all) = if is_stranger { (OF_ONE_STRANGER, OF_STRANGERS) } else { (OF_ONE_KNOWN, OF_KNOWN) };
        let table = self.name();
        let first_to_go = format!("SELECT id FROM {table} WHERE person = ? ORDER BY id DESC LIMIT 1 OFFSET ?");
        let id: Option<i64> = transaction.query_row(&first_to_go, params![person, of_one], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            transaction.execute(&format!("DELETE FROM {table} WHERE person = ? AND id <= ?"), params![person, id])?;
        }
        let count = format!("SELECT count(*) FROM {table} WHERE stranger = ?");
        let biggest =
            format!("SELECT person, count(*) FROM {table} WHERE stranger = ? GROUP BY person ORDER BY count(*) DESC, min(id) LIMIT 1");
        let oldest =
            format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE person = ? AND stranger = ? ORDER BY id LIMIT ?)");
        for _ in 0..AT_ONCE {
            let excess = transaction.query_row(&count, [is_stranger], |row| row.get::<_, i64>(0))? - of_all;
            if excess <= 0 {
                break;
            }
            let (who, has): (String, i64) = transaction.query_row(&biggest, [is_stranger], |row| Ok((row.get(0)?, row.get(1)?)))?;
            transaction.execute(&oldest, params![who, is_stranger, excess.min((has / 2).max(1))])?;
        }
        Ok(())
    }
}

/// Whether nobody here has ever called, written to or answered this person.
pub(super) fn is_stranger(transaction: &Transaction<'_>, person: &str) -> rusqlite::Result<bool> {
    let known = "SELECT EXISTS (SELECT 1 FROM call WHERE person = ?1 AND NOT stranger)
                     OR EXISTS (SELECT 1 FROM message WHERE person = ?1 AND NOT stranger)";
    transaction.query_row(known, [person], |row| row.get::<_, bool>(0)).map(|known| !known)
}

/// From now on this person is none.
pub(super) fn befriend(transaction: &Transaction<'_>, person: &str) -> rusqlite::Result<()> {
    for table in [Table::Call, Table::Message] {
        transaction.execute(&format!("UPDATE {} SET stranger = 0 WHERE person = ? AND stranger", table.name()), [person])?;
    }
    Ok(())
}
