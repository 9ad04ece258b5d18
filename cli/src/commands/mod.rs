//! One file a command.

pub mod account;
pub mod block;
pub mod call;
pub mod choose;
mod client_key;
pub mod contacts;
pub mod demo;
pub mod devices;
pub mod explain;
pub mod log;
pub mod message;
pub mod numbering;
pub mod phone;
pub mod privacy;
pub mod probe;
pub mod reach;
pub mod requests;
pub mod ring_test;
pub mod serve;
pub mod story;
pub mod user;
pub mod verify;
