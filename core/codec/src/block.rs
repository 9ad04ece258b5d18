use std::time::Duration;

/// Samples a second in every [`Block`].
pub const RATE: u32 = 48_000;

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 480;

/// How long a block lasts.
pub const BLOCK_TIME: Duration = Duration::from_millis(10);

/// 10 ms of sound: 48 kHz, mono, linear, full scale at ±32767.
pub type Block = [i16; BLOCK];

/// A block in which nothing is heard.
pub const SILENCE: Block = [0; BLOCK];

/// Samples at 48 kHz that last this long.
#[must_use]
pub fn samples_in(time: Duration) -> usize {
    usize::try_from(time.as_micros() * u128::from(RATE) / 1_000_000).unwrap_or(usize::MAX)
}
