//! The phone as one value: accounts, registration, dialling, calls.
#![forbid(unsafe_code)]

mod account;
mod address;
mod block;
mod command;
mod config;
mod dial;
mod door;
mod event;
mod message;
mod phone;
pub mod probe;
mod settings;
mod state;
mod trouble;

pub use block::BlockRule;
pub use command::Command;
pub use config::{AccountConfig, AccountId};
pub use dial::DialRefusal;
pub use door::{Input, Output};
pub use event::PhoneEvent;
pub use message::{MAX_TEXT, MessageId, MessageTrouble};
pub use phone::Phone;
pub use settings::{PhoneConfig, ReconnectTimes};
pub use state::AccountState;
pub use trouble::AccountTrouble;

pub use cooee_sip::ua::MessagesWaiting;
