//! The family server: accounts, registrar, proxy, STUN.
//!
//! [`Server`] is the whole of it as a machine: it runs unchanged in a simulation above a [`MemoryStore`] and in [`serve`],
//! where core/net lends it sockets and a thread of its own lends it SQLite. [`Users`] is what an operator does to accounts.
#![forbid(unsafe_code)]

mod account;
mod certificate;
mod config;
mod event;
mod machine;
mod serve;
mod store;
mod stun;
pub mod throwaway;

pub use account::{Account, AccountError, Scram, ScramHash, UserName, UserNameError};
pub use certificate::CertificateFiles;
pub use config::{Federation, LoginLimits, ServerConfig, ServerLimits};
pub use cooee_database::DatabaseError;
pub use cooee_machine::Rate;
pub use event::{ServerEvent, TurnedAway};
pub use machine::{Server, ServerCommand, ServerInput, ServerOutput};
pub use serve::{OtherDomains, ServeConfig, ServeError, Service, Storage, serve};
pub use store::{
    MemoryStore, StoreAnswer, StoreError, StoreFailure, StoreOperation, StoreReply, StoreRequest, StoreTicket, Users, UsersError,
};
