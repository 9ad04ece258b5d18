//! The phone as one value: accounts, registration, dialling, calls.
#![forbid(unsafe_code)]

mod account;
mod address;
mod config;
mod door;
mod phone;
mod state;
mod trouble;

pub use config::{AccountConfig, AccountId};
pub use door::{Command, DialRefusal, Input, Output, PhoneConfig, PhoneEvent, ReconnectTimes};
pub use phone::Phone;
pub use state::AccountState;
pub use trouble::AccountTrouble;
