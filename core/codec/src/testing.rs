//! Speech and measures for this crate's tests.

use crate::{Band, Downsampler, resample};

fn clip(bytes: &[u8]) -> Vec<i16> {
    let mut reader = hound::WavReader::new(bytes).unwrap();
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    resample(&samples, reader.spec().sample_rate).unwrap()
}

/// A woman speaking English, 48 kHz.
pub(crate) fn anna() -> Vec<i16> {
    clip(include_bytes!("../../../tests/fixtures/speech/anna.wav"))
}

/// A man speaking Italian, 48 kHz.
pub(crate) fn ben() -> Vec<i16> {
    clip(include_bytes!("../../../tests/fixtures/speech/ben.wav"))
}

/// The same at 8 kHz.
pub(crate) fn narrow(samples: &[i16]) -> Vec<i16> {
    to(Band::Narrow, samples)
}

/// The same at 16 kHz.
pub(crate) fn wide(samples: &[i16]) -> Vec<i16> {
    to(Band::Wide, samples)
}

fn to(band: Band, samples: &[i16]) -> Vec<i16> {
    let mut output = Vec::new();
    Downsampler::new(band).process(samples, &mut output);
    output
}

/// Signal to noise in dB.
pub(crate) fn snr(signal: &[i16], heard: &[i16]) -> f64 {
    let energy: f64 = signal.iter().map(|s| f64::from(*s).powi(2)).sum();
    let noise: f64 = signal.iter().zip(heard).map(|(s, h)| (f64::from(*s) - f64::from(*h)).powi(2)).sum();
    10.0 * (energy / noise.max(1.0)).log10()
}
