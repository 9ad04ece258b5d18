//! The jitter buffer: what to play next, never how. Asked by the audio side once a frame.
mod buffer;
mod delay;
mod opus;
#[cfg(test)]
mod trace;

pub(crate) use buffer::{JitterBuffer, Packet};
