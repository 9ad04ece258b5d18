use std::collections::BTreeSet;

use cooee_database::rusqlite::types::Value;
use cooee_database::rusqlite::{self, Connection, OptionalExtension, Row, params, params_from_iter};
use cooee_machine::Pii;

use super::person::person;
use super::retention::Table;
use super::{Store, StoreError};
use crate::{MessageState, PastCall, StoredMessage};

/// Which lines of a list that grows at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only those before this one; `None`: from the newest on.
    pub before: Option<u64>,
    /// So many at most, the newest of them.
    pub most: u32,
    /// Only those with whoever has one of these addresses, however they are written; empty: with anybody.
    pub with: Vec<Pii<String>>,
}

impl From<u32> for Page {
    /// The last ones.
    fn from(most: u32) -> Self {
        Self { before: None, most, with: Vec::new() }
    }
}

impl Page {
    /// For `id < ?`.
    fn end(&self) -> i64 {
        self.before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX))
    }
}

/// What has come since the owner looked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Lines of missed calls.
    pub missed: u32,
    /// Texts.
    pub texts: u32,
    /// The last line of the log that was looked at.
    calls_seen: u64,
    /// The last text that was.
    texts_seen: u64,
}

impl Unseen {
    /// A call that was missed and not yet looked at.
    #[must_use]
    pub fn has_call(&self, call: &PastCall) -> bool {
        call.missed && call.number > self.calls_seen
    }

    /// A text that came and was not yet looked at.
    #[must_use]
    pub fn has_text(&self, text: &StoredMessage) -> bool {
        text.state == MessageState::Received && text.id.0 > self.texts_seen
    }
}

/// The setting that says up to which line the owner has looked.
fn seen_setting(table: Table) -> &'static str {
    match table {
        Table::Call => "calls-seen",
        Table::Message => "texts-seen",
    }
}

fn seen(connection: &Connection, table: Table) -> rusqlite::Result<i64> {
    let read = "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?";
    connection.query_row(read, [seen_setting(table)], |row| row.get(0)).optional().map(Option::unwrap_or_default)
}

impl Store {
    /// The lines of a page that this also holds for, as [`read`](Row) from all columns; the newest first.
    pub(super) fn page<T>(
        &mut self,
        table: Table,
        page: &Page,
        holds: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let own: Vec<String> = if page.with.is_empty() {
            Vec::new()
        } else {
            self.accounts()?.into_iter().map(|account| account.address.0).chain([String::new()]).collect()
        };
        // A bare user is somebody else at each own domain.
        let people: BTreeSet<String> = page.with.iter().flat_map(|with| own.iter().map(|account| person(with.reveal(), account))).collect();
        let with = if people.is_empty() { String::new() } else { format!("AND person IN ({})", vec!["?"; people.len()].join(",")) };
        let lines = format!("SELECT * FROM {} WHERE id < ? AND {holds} {with} ORDER BY id DESC LIMIT {}", table.name(), page.most);
        let values = [Value::from(page.end())].into_iter().chain(people.into_iter().map(Value::from));
        self.0.with(|connection| connection.prepare(&lines)?.query_map(params_from_iter(values), read)?.collect())
    }

    /// What has come since the owner looked last.
    pub(crate) fn unseen(&mut self) -> Result<Unseen, StoreError> {
        self.0.with(|connection| {
            let (calls, texts) = (seen(connection, Table::Call)?, seen(connection, Table::Message)?);
            let count = |what: &str, seen: i64| connection.query_row(what, [seen], |row| row.get::<_, u32>(0));
            Ok(Unseen {
                missed: count("SELECT count(*) FROM call WHERE missed AND id > ?", calls)?,
                texts: count("SELECT count(*) FROM message WHERE state = 'received' AND id > ?", texts)?,
                calls_seen: u64::try_from(calls).unwrap_or_default(),
                texts_seen: u64::try_from(texts).unwrap_or_default(),
            })
        })
    }

    /// The owner has looked at all up to this line, and not at those that come later. What was looked at stays so.
    pub(crate) fn set_seen(&mut self, table: Table, up_to: u64) -> Result<(), StoreError> {
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        let last = format!("SELECT coalesce(max(id), 0) FROM {}", table.name());
        let set = "INSERT INTO setting (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = ?2 WHERE CAST(value AS INTEGER) < CAST(?2 AS INTEGER)";
        self.0.write(|transaction| {
            let last: i64 = transaction.query_row(&last, [], |row| row.get(0))?;
            transaction.execute(set, params![seen_setting(table), up_to.min(last).to_string()]).map(drop)
        })
    }

    /// Forgets one line, or all, with what belongs to it, and overwrites it in the file. How many there were. Fails as
    /// [`Store::wipe`] does.
    pub(crate) fn forget(&mut self, table: Table, number: Option<u64>) -> Result<usize, StoreError> {
        let number = number.map(|number| i64::try_from(number).unwrap_or(-1));
        let delete = format!("DELETE FROM {} WHERE ?1 IS NULL OR id = ?1", table.name());
        self.wipe(|connection| connection.execute(&delete, [number]))
    }
}
