//! SQLite as phone and server use it: opened with care, migrated by numbered steps, errors that say what to do.
#![forbid(unsafe_code)]

mod database;
mod error;
mod migrations;

pub use database::{Database, Location};
pub use error::DatabaseError;
pub use migrations::{migrate, version};
pub use rusqlite;
