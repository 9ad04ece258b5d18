//! The jitter buffer: what to play next, never how. Asked by the audio side once a frame. Each media session has one; it stands here
//! for those who measure it.
mod buffer;
mod delay;
mod opus;
#[cfg(test)]
mod trace;

pub use buffer::{Content, Counters, JitterBuffer, Packet};
pub use opus::has_redundancy;
