use crate::{BLOCK, Block, RATE};

/// The quietest level that is told apart from silence, in dBFS.
const FLOOR: f32 = -96.0;

/// How fast a shown peak falls, in dB for each block of 10 ms (20 dB a second).
const FALL: f32 = 20.0 * BLOCK as f32 / RATE as f32;

/// How loud a stretch of sound is, in dB relative to full scale: 0 is the loudest, -96 stands for silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The largest sample.
    pub peak: f32,
    /// The root of the mean square.
    pub rms: f32,
}

impl Level {
    /// Nothing heard.
    pub const SILENCE: Self = Self { peak: FLOOR, rms: FLOOR };

    /// Measures samples; none at all count as silence.
    #[must_use]
    pub fn of(samples: &[i16]) -> Self {
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        let squares: f64 = samples.chunks(BLOCK).map(squares).sum();
        let mean = squares / samples.len().max(1) as f64;
        Self { peak: decibels(f64::from(peak)), rms: decibels(mean.sqrt()) }
    }
}

/// The sum of the squares of at most a block, in eight sums that a processor makes at once. Exact to a part in a million.
fn squares(samples: &[i16]) -> f64 {
    let mut sums = [0.0_f32; 8];
    for samples in samples.chunks(sums.len()) {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            *sum += f32::from(*sample) * f32::from(*sample);
        }
    }
    sums.iter().copied().map(f64::from).sum()
}

fn decibels(amplitude: f64) -> f32 {
    ((20.0 * (amplitude / 32_768.0).log10()) as f32).max(FLOOR)
}

/// A level meter: the peak jumps up and falls slowly, the rms follows over about 100 ms.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    shown: Level,
}

impl Meter {
    /// Shows silence.
    #[must_use]
    pub fn new() -> Self {
        Self { shown: Level::SILENCE }
    }

    /// Takes the next 10 ms; how loud they are.
    pub fn update(&mut self, block: &Block) -> Level {
        let level = Level::of(block);
        self.shown.peak = level.peak.max(self.shown.peak - FALL).max(FLOOR);
        self.shown.rms += (level.rms - self.shown.rms) * 0.1;
        level
    }

    /// What it shows now.
    #[must_use]
    pub fn level(&self) -> Level {
        self.shown
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_full_scale_are_the_ends() {
        assert_eq!(Level::of(&[]), Level::SILENCE);
        assert_eq!(Level::of(&[0; 10]), Level::SILENCE);
        assert_eq!(Level::of(&[i16::MIN; 10]), Level { peak: 0.0, rms: 0.0 });
    }

    #[test]
    fn any_number_of_samples_has_its_level() {
        for count in [1, 7, 8, 9, BLOCK - 1, BLOCK, BLOCK + 1, 100 * BLOCK + 3] {
            let level = Level::of(&vec![-3_277; count]);
            assert!((level.peak + 20.0).abs() < 0.01 && (level.rms + 20.0).abs() < 0.01, "{count}: {level:?}");
        }
    }

    #[test]
    fn a_meter_jumps_up_and_falls_twenty_decibels_a_second() {
        let mut meter = Meter::default();
        meter.update(&[i16::MIN; BLOCK]);
        assert_eq!(meter.level().peak, 0.0);
        for _ in 0..100 {
            meter.update(&[0; BLOCK]);
        }
        assert!((meter.level().peak + 20.0).abs() < 0.1);
        assert!(meter.level().rms < -90.0);
    }
}
