use crate::{Block, RATE};

/// The quietest level that is told apart from silence, in dBFS.
const FLOOR: f32 = -96.0;

/// How fast a shown peak falls, in dB for each block of 10 ms (20 dB a second).
const FALL: f32 = 20.0 * crate::BLOCK as f32 / RATE as f32;

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
        // Squares have 31 bits at most, so no sum of samples that fit into memory overflows.
        let squares: u64 = samples.iter().map(|sample| u64::from(i32::from(*sample).pow(2).unsigned_abs())).sum();
        Self { peak: decibels(f64::from(peak)), rms: decibels((squares as f64 / samples.len().max(1) as f64).sqrt()) }
    }
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
    use crate::BLOCK;

    #[test]
    fn silence_and_full_scale_are_the_ends() {
        assert_eq!(Level::of(&[]), Level::SILENCE);
        assert_eq!(Level::of(&[0; 10]), Level::SILENCE);
        assert_eq!(Level::of(&[i16::MIN; 10]), Level { peak: 0.0, rms: 0.0 });
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
