use crate::Block;

/// Adds `other` to `into`, saturating at full scale instead of wrapping.
pub fn mix(into: &mut Block, other: &Block) {
    for (sum, sample) in into.iter_mut().zip(other) {
        *sum = sum.saturating_add(*sample);
    }
}

/// A factor for loudness, saturating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain(f32);

impl Gain {
    /// From decibels; 0 leaves everything as it is. Limited to ±60 dB; not a number counts as 0 dB.
    #[must_use]
    pub fn decibels(decibels: f32) -> Self {
        let decibels = if decibels.is_nan() { 0.0 } else { decibels.clamp(-60.0, 60.0) };
        Self(10f32.powf(decibels / 20.0))
    }

    /// Applies it in place.
    pub fn apply(self, samples: &mut [i16]) {
        for sample in samples {
            // A cast from float saturates.
            *sample = (f32::from(*sample) * self.0).round() as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BLOCK;

    #[test]
    fn loud_sounds_saturate_instead_of_wrapping() {
        let mut sum = [30_000; BLOCK];
        mix(&mut sum, &[10_000; BLOCK]);
        assert_eq!(sum, [i16::MAX; BLOCK]);
        mix(&mut sum, &[i16::MIN; BLOCK]);
        assert_eq!(sum, [-1; BLOCK]);
        Gain::decibels(40.0).apply(&mut sum);
        assert_eq!(sum, [-100; BLOCK]);
        Gain::decibels(60.0).apply(&mut sum);
        assert_eq!(sum, [i16::MIN; BLOCK]);
    }

    #[test]
    fn six_decibels_double_and_nonsense_changes_nothing() {
        let mut samples = [100, -100];
        Gain::decibels(6.0206).apply(&mut samples);
        assert_eq!(samples, [200, -200]);
        Gain::decibels(f32::NAN).apply(&mut samples);
        assert_eq!(samples, [200, -200]);
    }
}
