//! G.722 at 64 kbit/s (ITU-T G.722, mode 1): 16 kHz sound in two bands of adaptive differential PCM, one octet for two samples.
//!
//! Names in parentheses are the blocks of the recommendation, whose 16-bit arithmetic is kept to the bit.

mod band;
mod mirror;
mod tables;

use band::{high_code, high_step, low_code, low_step};
use mirror::{Analysis, Synthesis};

pub(crate) use band::Band;

/// Sound to octets.
#[derive(Clone, Debug)]
pub struct G722Encoder {
    analysis: Analysis,
    low: Band,
    high: Band,
}

impl G722Encoder {
    /// In the state the recommendation calls reset.
    #[must_use]
    pub fn new() -> Self {
        Self { analysis: Analysis::default(), low: Band::low(), high: Band::high() }
    }

    /// Appends one octet for each two samples of 16 kHz; a last odd one is left out.
    pub fn encode(&mut self, samples: &[i16], octets: &mut Vec<u8>) {
        for pair in samples.as_chunks().0 {
            let (low, high) = self.analysis.split(*pair);
            let low_code = low_code(&self.low, low);
            low_step(&mut self.low, low_code);
            let high_code = high_code(&self.high, high);
            high_step(&mut self.high, high_code);
            octets.push((high_code << 6) | low_code);
        }
    }
}

impl Default for G722Encoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Octets to sound. Any octets are some sound.
#[derive(Clone, Debug)]
pub struct G722Decoder {
    synthesis: Synthesis,
    low: Band,
    high: Band,
}

impl G722Decoder {
    /// In the state the recommendation calls reset.
    #[must_use]
    pub fn new() -> Self {
        Self { synthesis: Synthesis::default(), low: Band::low(), high: Band::high() }
    }

    /// Appends two samples of 16 kHz for each octet.
    pub fn decode(&mut self, octets: impl IntoIterator<Item = u8>, samples: &mut Vec<i16>) {
        for octet in octets {
            let low = low_step(&mut self.low, octet & 0x3f);
            let high = high_step(&mut self.high, octet >> 6);
            samples.extend(self.synthesis.join(low, high));
        }
    }
}

impl Default for G722Decoder {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{anna, snr, wide};

    const SPEECH: &[u8] = include_bytes!("../../../../tests/fixtures/g722/speech.s16");
    const ENCODED: &[u8] = include_bytes!("../../../../tests/fixtures/g722/speech.g722");
    const DECODED: &[u8] = include_bytes!("../../../../tests/fixtures/g722/speech.decoded.s16");
    const NOISE: &[u8] = include_bytes!("../../../../tests/fixtures/g722/noise.g722");
    const NOISE_DECODED: &[u8] = include_bytes!("../../../../tests/fixtures/g722/noise.decoded.s16");

    fn samples(octets: &[u8]) -> Vec<i16> {
        octets.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
    }

    fn decode(octets: &[u8]) -> Vec<i16> {
        let mut output = Vec::new();
        G722Decoder::new().decode(octets.iter().copied(), &mut output);
        output
    }

    fn encode(samples: &[i16]) -> Vec<u8> {
        let mut octets = Vec::new();
        G722Encoder::new().encode(samples, &mut octets);
        octets
    }

    #[test]
    fn speech_is_decoded_to_the_bit_as_another_decoder_does() {
        assert_eq!(decode(ENCODED), samples(DECODED));
    }

    #[test]
    fn octets_that_no_encoder_wrote_are_decoded_to_the_bit_as_another_decoder_does() {
        assert_eq!(decode(NOISE), samples(NOISE_DECODED));
    }

    #[test]
    fn speech_is_encoded_as_well_as_another_encoder_does() {
        let (speech, ours) = (samples(SPEECH), encode(&samples(SPEECH)));
        assert_eq!(ours.len(), ENCODED.len());
        // Both bands' filters delay by 22 samples in all.
        let quality = |octets: &[u8]| snr(&speech[..speech.len() - 22], &decode(octets)[22..]);
        assert!(quality(&ours) >= quality(ENCODED) - 0.2, "{} {}", quality(&ours), quality(ENCODED));
    }

    #[test]
    fn a_voice_comes_back_up_to_seven_kilohertz() {
        let speech = wide(&anna());
        let heard = decode(&encode(&speech));
        assert_eq!(heard.len(), speech.len() / 2 * 2);
        let ratio = snr(&speech[..speech.len() - 22], &heard[22..]);
        assert!(ratio > 18.0, "{ratio} dB");
    }

    #[test]
    fn extremes_do_not_overflow() {
        let square: Vec<i16> = (0..2_000).map(|at| if at / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        decode(&encode(&square));
        for octet in 0..=u8::MAX {
            assert_eq!(decode(&[octet; 500]).len(), 1_000);
        }
    }
}
