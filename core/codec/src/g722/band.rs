//! One band: a quantizer whose step follows the signal, and a predictor with two poles and six zeros.

use super::tables::{DECISIONS, HIGH_DECISION, HIGH_SCALE, LOW_SCALE, POWERS, QUANTIZED_2, QUANTIZED_4, QUANTIZED_6};

/// The greatest scale of each band, as a logarithm.
const LARGEST_LOW: i32 = 18_432;
const LARGEST_HIGH: i32 = 22_528;

/// What both ends know of a band.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    /// The prediction (S), and the zeros' share of it (SZ).
    predicted: i32,
    zeros_share: i32,
    /// The last reconstructed signals (RLT), the newest first.
    reconstructed: [i32; 2],
    /// The last partly reconstructed signals (PLT), the newest first.
    partial: [i32; 2],
    poles: [i32; 2],
    zeros: [i32; 6],
    /// The last differences (DLT), the newest first.
    differences: [i32; 6],
    /// The quantizer's scale, as a logarithm (NB) and as it is (DET).
    logarithm: i32,
    scale: i32,
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

fn at<const N: usize>(table: &[i32; N], code: u8) -> i32 {
    table.get(usize::from(code)).copied().unwrap_or(0)
}

impl Band {
    fn new(scale: i32) -> Self {
        Self {
            predicted: 0,
            zeros_share: 0,
            reconstructed: [0; 2],
            partial: [0; 2],
            poles: [0; 2],
            zeros: [0; 6],
            differences: [0; 6],
            logarithm: 0,
            scale,
        }
    }

    /// The lower band after a reset.
    pub(crate) fn low() -> Self {
        Self::new(32)
    }

    /// The higher band after a reset.
    pub(crate) fn high() -> Self {
        Self::new(8)
    }

    /// The scale follows the code (LOGSCL, SCALEL and their likes).
    fn rescale(&mut self, change: i32, largest: i32, shift: i32) {
        self.logarithm = (((self.logarithm * 127) >> 7) + change).clamp(0, largest);
        let power = POWERS.get(((self.logarithm >> 6) & 31).unsigned_abs() as usize).copied().unwrap_or(0);
        let shift = shift - (self.logarithm >> 11);
        let power = if shift < 0 { power << -shift } else { power >> shift };
        self.scale = power << 2;
    }

    /// Learns from a difference and predicts the next sample (block 4).
    fn predict(&mut self, difference: i32) {
        let reconstructed = saturate(self.predicted + difference);
        let partial = saturate(self.zeros_share + difference);
        self.adapt_poles(partial);
        self.adapt_zeros(difference);
        let [newest, _] = self.reconstructed;
        self.reconstructed = [reconstructed, newest];
        let [newest, _] = self.partial;
        self.partial = [partial, newest];
        self.differences.rotate_right(1);
        if let Some(first) = self.differences.first_mut() {
            *first = difference;
        }
        let share = |coefficients: &[i32], past: &[i32]| -> i32 {
            coefficients.iter().zip(past).map(|(coefficient, past)| (coefficient * saturate(past + past)) >> 15).sum()
        };
        self.zeros_share = saturate(share(&self.zeros, &self.differences));
        self.predicted = saturate(saturate(share(&self.poles, &self.reconstructed)) + self.zeros_share);
    }

    /// UPPOL2 and UPPOL1.
    fn adapt_poles(&mut self, partial: i32) {
        let [first, second] = self.poles;
        let alike = self.partial.map(|past| (past < 0) == (partial < 0));
        let from_first = saturate(first << 2);
        let from_first = saturate(if alike[0] { -from_first } else { from_first });
        let toward = if alike[1] { 128 } else { -128 };
        let new_second = ((from_first >> 7) + toward + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);
        let toward = if alike[0] { 192 } else { -192 };
        let most = saturate(15_360 - new_second);
        let new_first = saturate(toward + ((first * 32_640) >> 15)).clamp(-most, most);
        self.poles = [new_first, new_second];
    }

    /// UPZERO.
    fn adapt_zeros(&mut self, difference: i32) {
        let step = if difference == 0 { 0 } else { 128 };
        for (zero, past) in self.zeros.iter_mut().zip(self.differences) {
            let toward = if (past < 0) == (difference < 0) { step } else { -step };
            *zero = saturate(toward + ((*zero * 32_640) >> 15));
        }
    }
}

/// Distance from the prediction, as the quantizers take it: one's complement for negative ones.
fn distance(band: &Band, sample: i32) -> (bool, i32) {
    let error = saturate(sample - band.predicted);
    (error < 0, if error < 0 { !error } else { error })
}

/// The 6-bit code of a sample of the lower band (QUANTL).
pub(super) fn low_code(band: &Band, sample: i32) -> u8 {
    let (negative, distance) = distance(band, sample);
    let level = DECISIONS.iter().take_while(|decision| distance >= (**decision * band.scale) >> 12).count() as u8;
    match (negative, level) {
        // Below zero the two least levels come last.
        (true, 0..=1) => 63 - level,
        (true, _) => 33 - level,
        (false, _) => 61 - level,
    }
}

/// Takes a 6-bit code of the lower band; the sample it stands for.
pub(super) fn low_step(band: &mut Band, code: u8) -> i32 {
    let sample = band.predicted + ((band.scale * at(&QUANTIZED_6, code)) >> 15);
    let coarse = code >> 2;
    let difference = (band.scale * at(&QUANTIZED_4, coarse)) >> 15;
    band.rescale(at(&LOW_SCALE, coarse), LARGEST_LOW, 8);
    band.predict(difference);
    sample
}

/// The 2-bit code of a sample of the higher band (QUANTH).
pub(super) fn high_code(band: &Band, sample: i32) -> u8 {
    let (negative, distance) = distance(band, sample);
    let far = distance >= (HIGH_DECISION * band.scale) >> 12;
    match (negative, far) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

/// Takes a 2-bit code of the higher band; the sample it stands for.
pub(super) fn high_step(band: &mut Band, code: u8) -> i32 {
    let difference = (band.scale * at(&QUANTIZED_2, code)) >> 15;
    let sample = band.predicted + difference;
    band.rescale(at(&HIGH_SCALE, code), LARGEST_HIGH, 10);
    band.predict(difference);
    sample
}
