//! Packet loss concealment for G.711 and G.722, after ITU-T G.711 appendix I, without its delay: the last pitch periods are repeated
//! (one, then two, then three, so that it does not buzz) and fade to silence within 60 ms.

use crate::{Band, RATE};

/// Pitch from 66 to 200 Hz, in samples for each of a millisecond.
const SHORTEST: usize = 5;
const LONGEST: usize = 15;
/// How much of the past is compared, in milliseconds.
const COMPARED: usize = 20;
/// Three periods and what is blended into their end, in milliseconds.
const HISTORY: usize = 3 * LONGEST + LONGEST / 2 + 1;
/// Each of the first steps, of so many milliseconds, repeats one period more.
const STEP: usize = 10;
/// After so many milliseconds there is silence.
const END: usize = 60;
/// A repetition this unlike its past is no voice: fades in half the time.
const VOICED: f32 = 0.5;
/// Over how many milliseconds sound is joined again after a gap.
const JOIN: usize = 5;

/// Remembers the sound that came, and invents what did not.
#[derive(Clone, Debug)]
pub struct Concealment {
    /// Samples a millisecond.
    scale: usize,
    /// The last [`HISTORY`] that came, the oldest first.
    history: Vec<f32>,
    gap: Option<Gap>,
}

/// A gap being filled.
#[derive(Clone, Debug)]
struct Gap {
    scale: usize,
    period: usize,
    /// Samples from here to silence.
    end: usize,
    /// Samples invented so far.
    length: usize,
    /// One, two and three periods, each made to repeat without a seam.
    loops: [Vec<f32>; 3],
    /// The step between the last real sample and the first repeated one, worked off over the first samples.
    step: f32,
}

impl Concealment {
    /// For sound of this band, with silence as its past.
    #[must_use]
    pub fn new(band: Band) -> Self {
        let scale = RATE as usize / 1_000 / band.factor();
        Self { scale, history: vec![0.0; HISTORY * scale], gap: None }
    }

    /// Takes samples that came; after a gap their beginning is blended with what was invented.
    pub fn heard(&mut self, samples: &mut [i16]) {
        if let Some(mut gap) = self.gap.take() {
            let join = JOIN * self.scale;
            for (at, sample) in samples.iter_mut().take(join).enumerate() {
                let weight = (at + 1) as f32 / (join + 1) as f32;
                *sample = (f32::from(*sample) * weight + gap.next() * (1.0 - weight)).round() as i16;
            }
        }
        self.remember(samples);
    }

    /// Appends `count` invented samples to `output`.
    pub fn conceal(&mut self, count: usize, output: &mut Vec<i16>) {
        let (history, scale) = (&self.history, self.scale);
        let gap = self.gap.get_or_insert_with(|| Gap::after(history, scale));
        output.extend((0..count).map(|_| gap.next().round() as i16));
    }

    fn remember(&mut self, samples: &[i16]) {
        let kept = samples.get(samples.len().saturating_sub(self.history.len())..).unwrap_or_default();
        self.history.drain(..kept.len());
        self.history.extend(kept.iter().map(|sample| f32::from(*sample)));
    }
}

impl Gap {
    fn after(history: &[f32], scale: usize) -> Self {
        let (period, likeness) = pitch(history, scale);
        let loops = [1, 2, 3].map(|periods| seamless(history, periods * period, period / 4));
        let last = history.last().copied().unwrap_or(0.0);
        let before_loop = history.iter().rev().nth(period).copied().unwrap_or(0.0);
        let end = if likeness < VOICED { END / 2 } else { END } * scale;
        Self { scale, period, end, length: 0, loops, step: last - before_loop }
    }

    fn next(&mut self) -> f32 {
        let at = self.length;
        self.length = (at + 1).min(self.end);
        if at >= self.end {
            return 0.0;
        }
        let step = STEP * self.scale;
        let stage = (at / step).min(2);
        let (since, blend) = (at - stage * step, self.period / 4);
        let mut sample = self.repeated(stage, at);
        if stage > 0 && since < blend {
            let weight = (since + 1) as f32 / (blend + 1) as f32;
            sample = sample * weight + self.repeated(stage - 1, at) * (1.0 - weight);
        }
        if at < blend {
            sample += self.step * (1.0 - (at + 1) as f32 / (blend + 1) as f32);
        }
        sample.clamp(-32_768.0, 32_767.0) * self.fade(at)
    }

    /// Sample `at` of the gap when this many periods (less one) are repeated; all loops begin at the same phase.
    fn repeated(&self, stage: usize, at: usize) -> f32 {
        let samples = self.loops.get(stage).map_or(&[][..], Vec::as_slice);
        samples.get(at % samples.len().max(1)).copied().unwrap_or(0.0)
    }

    /// Full for the first 10 ms, then straight down to nothing; what has no pitch fades at once.
    fn fade(&self, at: usize) -> f32 {
        let full = if self.end == END * self.scale { STEP * self.scale } else { 0 };
        1.0 - at.saturating_sub(full) as f32 / (self.end - full) as f32
    }
}

/// The last `length` samples, their end bent so that the beginning follows it without a seam.
fn seamless(history: &[f32], length: usize, blend: usize) -> Vec<f32> {
    let start = history.len().saturating_sub(length);
    let mut samples = history.get(start..).unwrap_or_default().to_vec();
    let before = history.get(start.saturating_sub(blend)..start).unwrap_or_default();
    for (at, (sample, before)) in samples.iter_mut().skip(length - blend).zip(before).enumerate() {
        let weight = (at + 1) as f32 / (blend + 1) as f32;
        *sample = *sample * (1.0 - weight) + before * weight;
    }
    samples
}

/// The lag at which the last 20 ms are most like what came before, and how like: 1 is equal. Without any likeness the
/// longest, for it buzzes least. Lags are looked for in steps of an eighth of a millisecond: finer ones cost more than they give.
fn pitch(history: &[f32], scale: usize) -> (usize, f32) {
    let stride = scale / 8;
    let recent = history.get(history.len() - COMPARED * scale..).unwrap_or_default();
    let likeness = |lag: usize| {
        let start = history.len() - COMPARED * scale - lag;
        let past = history.get(start..start + COMPARED * scale).unwrap_or_default();
        let (mut product, mut energy, mut own) = (0.0, 0.0, 0.0);
        for (a, b) in recent.iter().zip(past).step_by(stride) {
            product += a * b;
            energy += b * b;
            own += a * a;
        }
        product / (energy * own).max(1.0).sqrt()
    };
    let mut best = (LONGEST * scale, 0.0);
    for lag in (SHORTEST * scale..=LONGEST * scale).step_by(stride) {
        let likeness = likeness(lag);
        // A multiple of the true period is as like; the shorter one wins unless the longer is clearly better.
        if likeness > best.1 + 0.01 {
            best = (lag, likeness);
        }
    }
    if best.1 < VOICED { (LONGEST * scale, best.1) } else { best }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::Level;
    use crate::testing::{anna, ben, narrow, snr};

    /// A voice-like sound: a fundamental with falling harmonics.
    fn voice(frequency: f32, samples: usize) -> Vec<i16> {
        let wave = |at: usize| (1..8).map(|n| (TAU * frequency * n as f32 * at as f32 / 8_000.0).sin() / n as f32).sum::<f32>();
        (0..samples).map(|at| (4_000.0 * wave(at)) as i16).collect()
    }

    fn concealed(past: &[i16], count: usize) -> Vec<i16> {
        let mut concealment = Concealment::new(Band::Narrow);
        concealment.heard(&mut past.to_vec());
        let mut output = Vec::new();
        concealment.conceal(count, &mut output);
        output
    }

    #[test]
    fn a_steady_voice_goes_on_as_it_would_have() {
        for frequency in [80.0, 110.0, 160.0] {
            let sound = voice(frequency, 1_000);
            let ratio = snr(&sound[800..880], &concealed(&sound[..800], 80));
            assert!(ratio > 10.0, "{frequency} Hz: {ratio} dB");
        }
    }

    #[test]
    fn after_sixty_milliseconds_there_is_silence_and_never_more_energy_than_before() {
        let sound = voice(110.0, 800);
        let invented = concealed(&sound, 800);
        assert!(invented[END * 8..].iter().all(|sample| *sample == 0));
        let energy = |samples: &[i16]| samples.iter().map(|sample| f32::from(*sample).powi(2)).sum::<f32>();
        let mut before = energy(&sound[720..]) * 1.1;
        for piece in invented.chunks(80).skip(1).step_by(2) {
            assert!(energy(piece) <= before);
            before = energy(piece);
        }
    }

    #[test]
    fn noise_is_not_turned_into_a_buzz() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 18) as i16 - 8_192
        };
        let sound: Vec<i16> = (0..800).map(|_| noise()).collect();
        let invented = concealed(&sound, END * 8);
        assert!(invented[END * 4..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn neither_edge_of_a_gap_clicks() {
        let sound = voice(100.0, 2_000);
        let mut concealment = Concealment::new(Band::Narrow);
        let mut output = sound[..800].to_vec();
        concealment.heard(&mut output);
        concealment.conceal(160, &mut output);
        let mut rest = sound[960..].to_vec();
        concealment.heard(&mut rest);
        output.extend(rest);
        let jump = |samples: &[i16]| samples.windows(2).map(|pair| (i32::from(pair[0]) - i32::from(pair[1])).abs()).max().unwrap();
        assert!(jump(&output) <= jump(&sound) * 5 / 4, "{} against {}", jump(&output), jump(&sound));
    }

    /// Likeness of two waveforms, 1 for equal.
    fn likeness(one: &[i16], other: &[i16]) -> f64 {
        let sum = |a: &[i16], b: &[i16]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        sum(one, other) / (sum(one, one) * sum(other, other)).sqrt().max(1.0)
    }

    #[test]
    fn in_real_speech_the_voice_goes_on_at_about_its_loudness() {
        let speech = [narrow(&anna()), narrow(&ben())].concat();
        let (mut concealment, mut likenesses, mut differences) = (Concealment::new(Band::Narrow), Vec::new(), Vec::new());
        for (index, frame) in speech.chunks_exact(160).enumerate() {
            if index % 10 != 7 {
                concealment.heard(&mut frame.to_vec());
                continue;
            }
            let mut invented = Vec::new();
            concealment.conceal(160, &mut invented);
            if Level::of(frame).rms > -30.0 {
                likenesses.push(likeness(&frame[..80], &invented[..80]));
                differences.push(f64::from((Level::of(frame).rms - Level::of(&invented).rms).abs()));
            }
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (likeness, difference) = (mean(&likenesses), mean(&differences));
        println!("likeness {likeness:.2}, level {difference:.1} dB off, over {} frames", differences.len());
        assert!(differences.len() > 30 && likeness > 0.5 && difference < 6.0, "{likeness} {difference}");
    }

    #[test]
    fn silence_stays_silent_and_extremes_do_not_overflow() {
        assert!(concealed(&[0; 500], 480).iter().all(|sample| *sample == 0));
        let square: Vec<i16> = (0..800).map(|at| if at / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        assert_eq!(concealed(&square, 1_000).len(), 1_000);
    }
}
