//! The phone as one value: accounts, registration, dialling, calls.
#![forbid(unsafe_code)]

mod account;
mod door;
mod phone;

pub use account::{AccountConfig, AccountId, AccountState, AccountTrouble};
pub use door::{Command, DialRefusal, Input, Output, PhoneConfig, PhoneEvent, ReconnectTimes};
pub use phone::Phone;
