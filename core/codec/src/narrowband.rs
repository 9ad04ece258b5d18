//! Between 48 kHz and the 8 kHz of the old telephone: a polyphase low-pass that takes any number of samples at a time
//! and delays by 2 ms.

use std::collections::VecDeque;
use std::f32::consts::PI;
use std::sync::LazyLock;

/// Samples at 48 kHz for each at 8 kHz.
const FACTOR: usize = 6;
/// Taps of each of the six phases.
const PHASE: usize = 32;
const TAPS: usize = FACTOR * PHASE;
/// The middle of the transition: flat to 3.3 kHz, 60 dB down from 4.15 kHz.
const CUTOFF: f32 = 3_720.0 / 48_000.0;
/// Kaiser's β for 60 dB.
const BETA: f32 = 5.65;

/// A windowed sinc with unit gain at 0 Hz.
static FILTER: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let middle = (TAPS - 1) as f32 / 2.0;
    let tap = |at: usize| {
        let x = at as f32 - middle;
        let sinc = (2.0 * PI * CUTOFF * x).sin() / (PI * x);
        sinc * bessel(BETA * (1.0 - (x / middle).powi(2)).max(0.0).sqrt()) / bessel(BETA)
    };
    let taps: Vec<f32> = (0..TAPS).map(tap).collect();
    let sum: f32 = taps.iter().sum();
    taps.iter().map(|tap| tap / sum).collect()
});

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

/// 8 kHz to 48 kHz.
#[derive(Clone, Debug)]
pub struct Upsampler {
    /// The last [`PHASE`] samples, the newest first.
    history: VecDeque<f32>,
}

impl Upsampler {
    /// Starts from silence.
    #[must_use]
    pub fn new() -> Self {
        Self { history: VecDeque::from([0.0; PHASE]) }
    }

    /// Appends six samples to `output` for each of `input`.
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) {
        for sample in input {
            self.history.pop_back();
            self.history.push_front(f32::from(*sample));
            for phase in 0..FACTOR {
                let taps = FILTER.iter().skip(phase).step_by(FACTOR);
                let sum: f32 = taps.zip(&self.history).map(|(tap, sample)| tap * sample).sum();
                output.push((sum * FACTOR as f32).round() as i16);
            }
        }
    }
}

impl Default for Upsampler {
    fn default() -> Self {
        Self::new()
    }
}

/// 48 kHz to 8 kHz.
#[derive(Clone, Debug)]
pub struct Downsampler {
    /// What the next sample still needs; the oldest first.
    history: Vec<f32>,
}

impl Downsampler {
    /// Starts from silence.
    #[must_use]
    pub fn new() -> Self {
        Self { history: vec![0.0; TAPS - FACTOR] }
    }

    /// Appends one sample to `output` for each six of `input`; what is left over waits for the next call.
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) {
        self.history.extend(input.iter().map(|sample| f32::from(*sample)));
        let whole = (self.history.len() + FACTOR).saturating_sub(TAPS) / FACTOR;
        for window in self.history.windows(TAPS).step_by(FACTOR) {
            // The filter is symmetric: no need to turn it round.
            let sum: f32 = window.iter().zip(FILTER.iter()).map(|(sample, tap)| sample * tap).sum();
            output.push(sum.round() as i16);
        }
        self.history.drain(..whole * FACTOR);
    }
}

impl Default for Downsampler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn sine(frequency: f32, rate: f32, samples: usize) -> Vec<i16> {
        (0..samples).map(|at| (10_000.0 * (2.0 * PI * frequency * at as f32 / rate).sin()) as i16).collect()
    }

    fn up(input: &[i16]) -> Vec<i16> {
        let mut output = Vec::new();
        Upsampler::new().process(input, &mut output);
        output
    }

    fn down(input: &[i16]) -> Vec<i16> {
        let mut output = Vec::new();
        Downsampler::new().process(input, &mut output);
        output
    }

    #[test]
    fn the_telephone_band_passes_both_ways_unchanged_in_level() {
        for frequency in [100.0, 300.0, 1_000.0, 2_000.0, 3_300.0] {
            let wide = up(&sine(frequency, 8_000.0, 8_000));
            assert_eq!(wide.len(), 48_000);
            let difference = Level::of(&wide[1_000..]).rms - Level::of(&sine(frequency, 48_000.0, 48_000)).rms;
            assert!(difference.abs() < 0.3, "{frequency} Hz up: {difference} dB");
            let narrow = down(&sine(frequency, 48_000.0, 48_000));
            assert_eq!(narrow.len(), 8_000);
            let difference = Level::of(&narrow[200..]).rms - Level::of(&sine(frequency, 8_000.0, 8_000)).rms;
            assert!(difference.abs() < 0.3, "{frequency} Hz down: {difference} dB");
        }
    }

    #[test]
    fn what_eight_kilohertz_cannot_hold_does_not_fold_back() {
        for frequency in [4_500.0, 5_000.0, 8_000.0, 12_345.0, 20_000.0] {
            let left = Level::of(&down(&sine(frequency, 48_000.0, 48_000))[200..]).rms;
            assert!(left < -60.0, "{frequency} Hz: {left} dBFS left");
        }
    }

    #[test]
    fn no_images_above_four_kilohertz() {
        let wide = up(&sine(1_000.0, 8_000.0, 8_000));
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

    #[test]
    fn pieces_of_any_size_give_the_same_as_the_whole() {
        let input = sine(700.0, 48_000.0, 10_001);
        let (mut pieces, mut downsampler) = (Vec::new(), Downsampler::new());
        for piece in input.chunks(77) {
            downsampler.process(piece, &mut pieces);
        }
        assert_eq!(pieces, down(&input));
        let (mut wide, mut upsampler) = (Vec::new(), Upsampler::new());
        for piece in pieces.chunks(13) {
            upsampler.process(piece, &mut wide);
        }
        assert_eq!(wide, up(&pieces));
    }
}
