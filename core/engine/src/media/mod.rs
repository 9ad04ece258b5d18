//! The media thread: sockets, one [`cooee_rtc::Gathering`] a call, codecs and the sound device, on a thread of its own.
//!
//! Values go in ([`MediaCommand`]) and come out ([`MediaUpdate`]); it never waits for signalling, disk or sound system. With no
//! call it sleeps; with one it ticks every 20 ms (every 10 ms for a device with a clock of its own), for as long as the call has sound.

mod arrival;
mod call;
mod config;
mod cpu;
mod door;
mod handset;
mod identities;
mod microphone;
mod pace;
mod parameters;
mod session;
mod sockets;
mod speaker;
mod summary;
mod thread;
mod ticker;
mod turn;
mod watch;
mod worker;

pub use config::{Interfaces, MediaConfig, Region};
pub use cooee_call::SoundTrouble;
pub use door::{CallLevels, CallSound, Levels, MediaCommand, MediaUpdate};
pub use identities::Identities;
pub use speaker::Speaker;
pub use summary::MediaSummary;
pub use thread::{MediaStartError, MediaThread};

#[cfg(test)]
mod tests;
