//! One file a command.

pub mod account;
pub mod call;
pub mod demo;
pub mod log;
pub mod phone;
pub mod serve;
pub mod user;
