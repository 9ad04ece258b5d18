//! Accounts, settings, texts, who is blocked, and the call log in SQLite. It lives on a thread of its own.

mod accounts;
mod asked;
mod blocked;
mod choice;
mod history;
mod inquiry;
mod key;
mod leg;
mod log;
mod media_key;
mod messages;
mod numbering;
mod open_call;
mod person;
mod privacy;
mod reach;
mod requests;
mod retention;
mod settings;
mod story;

pub use accounts::StoredAccount;
pub use asked::Asked;
pub(crate) use blocked::List;
pub use cooee_database::{DatabaseError as StoreError, Location as StoreLocation};
pub use history::{Page, Unseen};
pub(crate) use inquiry::Chosen;
pub(crate) use key::{ContactKey, Kind};
pub use leg::PastLeg;
pub use log::PastCall;
pub use media_key::KnownKey;
pub use messages::{MessageState, StoredMessage};
pub(crate) use open_call::{OpenCall, Presence};
pub(crate) use person::person;
pub use privacy::Stored;
pub use requests::PastRequest;
pub(crate) use retention::Table;

use std::time::Duration;

use cooee_database::Database;

/// The schema's versions: step n leads from schema n to n + 1. A published step is never changed; a new one is added below it,
/// with a fixture of the version before.
const STEPS: &[&str] = &[
    include_str!("schema-1.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
    include_str!("schema-7.sql"),
    include_str!("schema-8.sql"),
    include_str!("schema-9.sql"),
    include_str!("schema-10.sql"),
    include_str!("schema-11.sql"),
    include_str!("schema-12.sql"),
    include_str!("schema-13.sql"),
    include_str!("schema-14.sql"),
    include_str!("schema-15.sql"),
];

/// The open database.
pub(crate) struct Store(Database);

impl Store {
    /// Opens it, makes it if it is not there, and brings its schema up to date. A damaged or newer one is left untouched.
    pub(crate) fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        Database::open(location, STEPS).map(Self)
    }

    /// Whether another process, such as a command beside a running phone, has changed anything since this was asked last.
    pub(crate) fn was_changed(&mut self) -> Result<bool, StoreError> {
        self.0.was_changed()
    }

    /// Puts everything into the one file. Also done by dropping, but then nobody hears of a failure.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        self.0.close()
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
