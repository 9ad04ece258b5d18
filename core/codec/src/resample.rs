//! Any rate to 48 kHz and back, and clocks that drift: the one place that knows the resampling library.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Adjustable, Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction};

use crate::{BLOCK, RATE};

/// Rates below and above are taken for a mistake.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=768_000;
/// Drift of a clock that can be followed, in parts per million.
const FURTHEST: f64 = 5_000.0;

/// Why samples were not resampled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// Not a rate of sound.
    #[error("{0} samples a second are no sound")]
    Rate(u32),
    /// The library's own words.
    #[error("resampling failed: {0}")]
    Library(String),
}

/// Resamples a whole recording to 48 kHz; as long as before, nothing delayed.
///
/// # Errors
/// A rate under 4 kHz or over 768 kHz.
pub fn resample(samples: &[i16], from: u32) -> Result<Vec<i16>, ResampleError> {
    if from == RATE || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    let mut resampler = library(from, RATE, 1024, FixedAsync::Input)?;
    let input = [samples.iter().map(|sample| f32::from(*sample)).collect::<Vec<f32>>()];
    let adapter = SequentialSliceOfVecs::new(&input, 1, samples.len()).map_err(library_error)?;
    let output = resampler.process_all(&adapter, samples.len(), None).map_err(library_error)?;
    Ok(output.take_data().into_iter().map(|sample| sample.round() as i16).collect())
}

fn library(from: u32, to: u32, chunk: usize, fixed: FixedAsync) -> Result<Async<f32>, ResampleError> {
    if let Some(rate) = [from, to].into_iter().find(|rate| !RATES.contains(rate)) {
        return Err(ResampleError::Rate(rate));
    }
    let parameters = SincInterpolationParameters {
        interpolation: SincInterpolationType::Quadratic,
        ..SincInterpolationParameters::new(128, WindowFunction::BlackmanHarris2)
    };
    Async::new_sinc(f64::from(to) / f64::from(from), 1.01, &parameters, chunk, 1, fixed).map_err(library_error)
}

fn library_error(error: impl std::fmt::Display) -> ResampleError {
    ResampleError::Library(error.to_string())
}

/// Resamples a stream between a device's rate and our blocks, and follows the drift of the device's clock.
pub struct Resampler {
    library: Async<f32>,
    input: [Vec<f32>; 1],
    output: [Vec<f32>; 1],
    upward: bool,
}

impl Resampler {
    /// From a device's rate to blocks of 48 kHz: each call takes [`Resampler::needed`] samples and gives one block.
    ///
    /// # Errors
    /// A rate under 4 kHz or over 768 kHz.
    pub fn to_blocks(from: u32) -> Result<Self, ResampleError> {
        Self::new(library(from, RATE, BLOCK, FixedAsync::Output)?, true)
    }

    /// From blocks of 48 kHz to a device's rate: each call takes one block and gives about 10 ms.
    ///
    /// # Errors
    /// A rate under 4 kHz or over 768 kHz.
    pub fn from_blocks(to: u32) -> Result<Self, ResampleError> {
        Self::new(library(RATE, to, BLOCK, FixedAsync::Input)?, false)
    }

    fn new(library: Async<f32>, upward: bool) -> Result<Self, ResampleError> {
        let (input, output) = (vec![0.0; library.input_frames_max()], vec![0.0; library.output_frames_max()]);
        Ok(Self { library, input: [input], output: [output], upward })
    }

    /// How many samples the next call takes.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.library.input_frames_next()
    }

    /// Tells that the device's clock runs fast by this many parts per million (negative: slow; at most ±5,000).
    pub fn follow(&mut self, parts_per_million: f64) {
        let drift = 1.0 + parts_per_million.clamp(-FURTHEST, FURTHEST) / 1_000_000.0;
        let ratio = if self.upward { 1.0 / drift } else { drift };
        // In bounds by the clamp above; a ramp avoids a click.
        let _in_bounds = self.library.set_resample_ratio_relative(ratio, true);
    }

    /// Appends to `output` what the next `input` becomes; missing samples count as silence, spare ones are ignored.
    ///
    /// # Errors
    /// The library's own trouble.
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) -> Result<(), ResampleError> {
        let needed = self.needed();
        let [buffer] = &mut self.input;
        buffer.clear();
        buffer.extend(input.iter().take(needed).map(|sample| f32::from(*sample)));
        buffer.resize(needed, 0.0);
        let space = self.output.first().map_or(0, Vec::len);
        let from = SequentialSliceOfVecs::new(&self.input, 1, needed).map_err(library_error)?;
        let mut to = SequentialSliceOfVecs::new_mut(&mut self.output, 1, space).map_err(library_error)?;
        let (_, made) = self.library.process_into_buffer(&from, &mut to, None::<&Indexing>).map_err(library_error)?;
        output.extend(self.output.iter().flatten().take(made).map(|sample| sample.round() as i16));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn sine(frequency: f64, rate: u32, seconds: f64) -> Vec<i16> {
        let step = std::f64::consts::TAU * frequency / f64::from(rate);
        (0..(f64::from(rate) * seconds) as usize).map(|at| (10_000.0 * (step * at as f64).sin()).round() as i16).collect()
    }

    /// Everything that is not the one frequency, in dB relative to all.
    fn impurity(frequency: f64, samples: &[i16]) -> f64 {
        let (mut sine, mut cosine, mut all) = (0.0, 0.0, 0.0);
        for (at, sample) in samples.iter().enumerate() {
            let (s, c) = (std::f64::consts::TAU * frequency * at as f64 / f64::from(RATE)).sin_cos();
            sine += f64::from(*sample) * s;
            cosine += f64::from(*sample) * c;
            all += f64::from(*sample).powi(2);
        }
        10.0 * (1.0 - 2.0 * (sine * sine + cosine * cosine) / (all * samples.len() as f64)).max(1e-12).log10()
    }

    #[test]
    fn any_rate_becomes_48_khz_with_the_same_length_and_sound() {
        for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000, 44_056] {
            let output = resample(&sine(1_000.0, rate, 1.0), rate).unwrap();
            assert!(output.len().abs_diff(48_000) <= 2, "{rate}: {}", output.len());
            assert!(impurity(1_000.0, &output[2_000..46_000]) < -60.0, "{rate}");
            assert!((Level::of(&output[2_000..46_000]).rms - Level::of(&sine(1_000.0, rate, 1.0)).rms).abs() < 0.05, "{rate}");
        }
        assert_eq!(resample(&[0; 10], 100), Err(ResampleError::Rate(100)));
        assert_eq!(resample(&[], 44_100), Ok(Vec::new()));
    }

    #[test]
    fn a_stream_of_44_1_khz_becomes_blocks_and_back() {
        let (mut to, mut from) = (Resampler::to_blocks(44_100).unwrap(), Resampler::from_blocks(44_100).unwrap());
        let input = sine(440.0, 44_100, 2.0);
        let (mut rest, mut blocks, mut back) = (input.as_slice(), Vec::new(), Vec::new());
        while rest.len() >= to.needed() {
            let (now, later) = rest.split_at(to.needed());
            let before = blocks.len();
            to.process(now, &mut blocks).unwrap();
            assert_eq!(blocks.len(), before + BLOCK);
            rest = later;
        }
        for block in blocks.chunks(BLOCK) {
            from.process(block, &mut back).unwrap();
        }
        assert!(back.len().abs_diff(input.len()) < 1_500, "{} of {}", back.len(), input.len());
        assert!((Level::of(&back[2_000..]).rms - Level::of(&input).rms).abs() < 0.1);
    }

    #[test]
    fn a_fast_clock_is_followed() {
        let mut to = Resampler::to_blocks(48_000).unwrap();
        to.follow(1_000.0);
        let (mut taken, mut blocks) = (0, Vec::new());
        for _ in 0..1_000 {
            taken += to.needed();
            to.process(&vec![0; to.needed()], &mut blocks).unwrap();
        }
        assert!(taken.abs_diff(480_480) < 300, "{taken}");
    }
}
