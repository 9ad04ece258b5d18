//! Between 48 kHz and the rates of telephones: a polyphase low-pass that takes any number of samples at a time and delays
//! by 2 ms.

use std::f32::consts::PI;
use std::sync::LazyLock;

/// The filter's length, at 48 kHz.
const TAPS: usize = 192;
/// Kaiser's β for 60 dB.
const BETA: f32 = 5.65;

/// How much sound a telephone carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// 8 kHz: flat to 3.3 kHz, 60 dB down from 4.15 kHz.
    Narrow,
    /// 16 kHz: flat to 7.1 kHz, 60 dB down from 8 kHz.
    Wide,
}

/// A windowed sinc with unit gain at 0 Hz.
struct Filter {
    taps: Vec<f32>,
    /// The same for each phase of the higher rate, the oldest sample first, times the factor.
    phases: Vec<Vec<f32>>,
}

static NARROW: LazyLock<Filter> = LazyLock::new(|| Filter::new(Band::Narrow.factor(), 3_720.0));
static WIDE: LazyLock<Filter> = LazyLock::new(|| Filter::new(Band::Wide.factor(), 7_550.0));

impl Band {
    /// Samples at 48 kHz for each.
    #[must_use]
    pub const fn factor(self) -> usize {
        match self {
            Self::Narrow => 6,
            Self::Wide => 3,
        }
    }

    fn filter(self) -> &'static Filter {
        match self {
            Self::Narrow => &NARROW,
            Self::Wide => &WIDE,
        }
    }
}

impl Filter {
    /// `cutoff`: the middle of the transition, in Hz.
    fn new(factor: usize, cutoff: f32) -> Self {
        let (middle, cutoff) = ((TAPS - 1) as f32 / 2.0, cutoff / 48_000.0);
        let tap = |at: usize| {
            let x = at as f32 - middle;
            let sinc = (2.0 * PI * cutoff * x).sin() / (PI * x);
            sinc * bessel(BETA * (1.0 - (x / middle).powi(2)).max(0.0).sqrt()) / bessel(BETA)
        };
        let taps: Vec<f32> = (0..TAPS).map(tap).collect();
        let sum: f32 = taps.iter().sum();
        let taps: Vec<f32> = taps.iter().map(|tap| tap / sum).collect();
        let phase = |first: usize| taps.iter().skip(first).step_by(factor).rev().map(|tap| tap * factor as f32).collect();
        Self { phases: (0..factor).map(phase).collect(), taps }
    }
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f32) -> f32 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..25 {
        term *= (x / 2.0 / k as f32).powi(2);
        sum += term;
    }
    sum
}

/// Sums of products, eight at a time, so that they are computed side by side.
fn product(samples: &[f32], taps: &[f32]) -> f32 {
    let (samples, taps) = (samples.as_chunks::<8>().0, taps.as_chunks::<8>().0);
    let mut sums = [0.0; 8];
    for (samples, taps) in samples.iter().zip(taps) {
        for ((sum, sample), tap) in sums.iter_mut().zip(samples).zip(taps) {
            *sum += sample * tap;
        }
    }
    sums.iter().sum()
}

/// From a telephone's rate to 48 kHz.
#[derive(Clone, Debug)]
pub struct Upsampler {
    band: Band,
    /// What the next sample still needs, the oldest first.
    history: Vec<f32>,
}

impl Upsampler {
    /// Starts from silence.
    #[must_use]
    pub fn new(band: Band) -> Self {
        Self { band, history: vec![0.0; TAPS / band.factor() - 1] }
    }

    /// Appends as many samples as fit into the time of each of `input`.
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) {
        self.history.extend(input.iter().map(|sample| f32::from(*sample)));
        for window in self.history.windows(TAPS / self.band.factor()) {
            output.extend(self.band.filter().phases.iter().map(|taps| product(window, taps).round() as i16));
        }
        self.history.drain(..input.len());
    }
}

/// From 48 kHz to a telephone's rate.
#[derive(Clone, Debug)]
pub struct Downsampler {
    band: Band,
    /// What the next sample still needs; the oldest first.
    history: Vec<f32>,
}

impl Downsampler {
    /// Starts from silence.
    #[must_use]
    pub fn new(band: Band) -> Self {
        Self { band, history: vec![0.0; TAPS - band.factor()] }
    }

    /// Appends one sample to `output` for each six or three of `input`; what is left over waits for the next call.
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) {
        let factor = self.band.factor();
        self.history.extend(input.iter().map(|sample| f32::from(*sample)));
        let whole = (self.history.len() + factor).saturating_sub(TAPS) / factor;
        // The filter is symmetric: no need to turn it round.
        let windows = self.history.windows(TAPS).step_by(factor);
        output.extend(windows.map(|window| product(window, &self.band.filter().taps).round() as i16));
        self.history.drain(..whole * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    const BOTH: [(Band, f32, &[f32], &[f32]); 2] = [
        (Band::Narrow, 8_000.0, &[100.0, 300.0, 1_000.0, 2_000.0, 3_300.0], &[4_500.0, 5_000.0, 8_000.0, 12_345.0, 20_000.0]),
        (Band::Wide, 16_000.0, &[100.0, 1_000.0, 3_300.0, 5_000.0, 7_000.0], &[8_100.0, 9_000.0, 12_345.0, 16_000.0, 20_000.0]),
    ];

    fn sine(frequency: f32, rate: f32, samples: usize) -> Vec<i16> {
        (0..samples).map(|at| (10_000.0 * (2.0 * PI * frequency * at as f32 / rate).sin()) as i16).collect()
    }

    fn up(band: Band, input: &[i16]) -> Vec<i16> {
        let mut output = Vec::new();
        Upsampler::new(band).process(input, &mut output);
        output
    }

    fn down(band: Band, input: &[i16]) -> Vec<i16> {
        let mut output = Vec::new();
        Downsampler::new(band).process(input, &mut output);
        output
    }

    #[test]
    fn the_telephone_band_passes_both_ways_unchanged_in_level() {
        for (band, rate, passes, _) in BOTH {
            for frequency in passes {
                let wide = up(band, &sine(*frequency, rate, rate as usize));
                assert_eq!(wide.len(), 48_000);
                let difference = Level::of(&wide[1_000..]).rms - Level::of(&sine(*frequency, 48_000.0, 48_000)).rms;
                assert!(difference.abs() < 0.3, "{frequency} Hz up: {difference} dB");
                let narrow = down(band, &sine(*frequency, 48_000.0, 48_000));
                assert_eq!(narrow.len(), rate as usize);
                let difference = Level::of(&narrow[400..]).rms - Level::of(&sine(*frequency, rate, rate as usize)).rms;
                assert!(difference.abs() < 0.3, "{frequency} Hz down: {difference} dB");
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_does_not_fold_back() {
        for (band, _, _, stops) in BOTH {
            for frequency in stops {
                let left = Level::of(&down(band, &sine(*frequency, 48_000.0, 48_000))[400..]).rms;
                assert!(left < -60.0, "{frequency} Hz: {left} dBFS left");
            }
        }
    }

    #[test]
    fn no_images_above_the_band() {
        for (band, rate, _, _) in BOTH {
            let wide = up(band, &sine(1_000.0, rate, rate as usize));
            let expected = sine(1_000.0, 48_000.0, 48_000);
            let best = (0..200)
                .map(|shift| {
                    let error: Vec<i16> = wide[4_000..40_000].iter().zip(&expected[4_000 - shift..]).map(|(a, b)| a - b).collect();
                    Level::of(&error).rms
                })
                .fold(0.0, f32::min);
            // The delay is a half sample off a whole number, hence not lower.
            assert!(best < -32.0, "{best}");
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same_as_the_whole() {
        for (band, ..) in BOTH {
            let input = sine(700.0, 48_000.0, 10_001);
            let (mut pieces, mut downsampler) = (Vec::new(), Downsampler::new(band));
            for piece in input.chunks(77) {
                downsampler.process(piece, &mut pieces);
            }
            assert_eq!(pieces, down(band, &input));
            let (mut wide, mut upsampler) = (Vec::new(), Upsampler::new(band));
            for piece in pieces.chunks(13) {
                upsampler.process(piece, &mut wide);
            }
            assert_eq!(wide, up(band, &pieces));
        }
    }
}
