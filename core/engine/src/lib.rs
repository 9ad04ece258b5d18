//! The phone alive: signalling task, media thread, store, settings, platform, snapshots.
//!
//! [`Engine::start`] gives a running phone. Commands never block and answer "accepted, with this id" or [`Refused`]; state
//! comes up as a [`Snapshot`] (the latest wins), moments as [`EngineEvent`]s through [`Engine::next_event`]. Several engines
//! may live in one process, each with its own store.
#![forbid(unsafe_code)]

mod account;
mod config;
mod desk;
mod engine;
mod event;
pub mod media;
mod outlet;
mod platform;
mod prober;
mod queue;
mod refused;
mod signalling;
mod signer;
mod snapshot;
mod start;
mod store;
#[cfg(test)]
mod testing;

pub use account::{AccountOptions, NewAccount};
pub use config::{Dns, EngineConfig, StartError};
pub use engine::{Book, Engine, Explained, Standing, is_account_address, read_fingerprint};
pub use event::{EngineEvent, Trouble};
pub use media::{CallLevels, CallSound, Interfaces, Levels, MediaStartError, MediaSummary, Region, SoundTrouble, Speaker};
pub use platform::{
    Conditions, DesktopPlatform, Lent, Permissions, Platform, PlatformError, Power, Roots, SecretError, SecretName, TestPlatform,
};
pub use queue::Queue;
pub use refused::Refused;
pub use snapshot::{AccountView, CallView, Snapshot};
pub use store::{
    Asked, KnownKey, MessageState, Page, PastCall, PastLeg, PastRequest, StoreError, StoreLocation, Stored, StoredAccount, StoredMessage,
    Unseen,
};
