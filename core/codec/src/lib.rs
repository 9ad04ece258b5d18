//! Codecs, resampling, concealment, tones and the measure of how well speech arrived: functions on samples.
//!
//! Above codecs and devices sound has one format: 48 kHz, mono, 16 bit, in blocks of 10 ms ([`Block`]).
#![forbid(unsafe_code)]

mod arrival;
mod band;
mod block;
mod concealment;
mod decoder;
mod encoder;
mod g711;
mod g722;
mod kind;
mod level;
mod mix;
mod noise;
mod opus;
mod resample;
mod stretch;
mod telephone;
mod tone;

pub use arrival::Arrival;
pub use band::{Band, Downsampler, Upsampler};
pub use block::{BLOCK, BLOCK_TIME, Block, RATE, SILENCE, samples_in};
pub use concealment::Concealment;
pub use decoder::{Decoded, Decoder};
pub use encoder::{EncodeError, Encoded, Encoder, EncoderConfig};
pub use g711::{alaw_decode, alaw_encode, ulaw_decode, ulaw_encode};
pub use g722::{G722Decoder, G722Encoder};
pub use kind::{CodecError, CodecKind};
pub use level::{Level, Meter};
pub use mix::{Gain, mix};
pub use resample::{ResampleError, Resampler, resample};
pub use stretch::{lengthen, shorten};
pub use tone::{Tone, ToneGenerator};

#[cfg(test)]
mod testing;
