//! Echo, noise and level of a microphone beside a loudspeaker: the one place that knows the processing library (the audio
//! processing of WebRTC in Rust).

use std::panic::{AssertUnwindSafe, catch_unwind};

use cooee_codec::{Block, RATE, SILENCE};
use sonora::config::{AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, NoiseSuppression};
use sonora::{AudioProcessing, Config, Error, StreamConfig};

/// A library that panicked so often is left out for good.
const PATIENCE: u32 = 3;
/// A quiet voice is made louder by this much at most: 12 dB, lest the room's noise comes up with it.
const MOST_GAIN: f32 = 12.0;

/// Takes out of what the microphone hears what the loudspeaker plays, and noise; brings the voice to an even level. Should the
/// library fail, it begins anew, and after a few times sound passes as it is.
pub struct EchoControl {
    library: Option<AudioProcessing>,
    panics: u32,
}

impl EchoControl {
    /// Knows nothing of the room yet; learns it within a second of sound.
    #[must_use]
    pub fn new() -> Self {
        Self { library: catch_unwind(processing).ok(), panics: 0 }
    }

    /// What the loudspeaker plays next.
    pub fn played(&mut self, block: &Block) {
        let mut unchanged = SILENCE;
        self.guarded(|library| library.process_render_i16(block, &mut unchanged));
    }

    /// What the microphone heard; becomes what should be sent.
    pub fn heard(&mut self, block: &mut Block) {
        let mut clean = SILENCE;
        if self.guarded(|library| library.process_capture_i16(block, &mut clean)) {
            *block = clean;
        }
    }

    /// How often the library panicked so far.
    #[must_use]
    pub fn panics(&self) -> u32 {
        self.panics
    }

    /// Whether the library did its work. A panic of it goes no further.
    fn guarded(&mut self, work: impl FnOnce(&mut AudioProcessing) -> Result<(), Error>) -> bool {
        let Some(library) = &mut self.library else { return false };
        match catch_unwind(AssertUnwindSafe(|| work(library))) {
            Ok(done) => done.is_ok(),
            Err(_) => {
                self.panics += 1;
                tracing::error!(panics = self.panics, "the echo control has failed");
                // What it was doing is half done: it is thrown away.
                self.library = (self.panics < PATIENCE).then(|| catch_unwind(processing).ok()).flatten();
                false
            }
        }
    }
}

impl Default for EchoControl {
    fn default() -> Self {
        Self::new()
    }
}

/// All that it does for us, at our rate.
fn processing() -> AudioProcessing {
    let config = Config {
        high_pass_filter: Some(HighPassFilter::default()),
        echo_canceller: Some(EchoCanceller::default()),
        noise_suppression: Some(NoiseSuppression::default()),
        gain_controller2: Some(GainController2 {
            adaptive_digital: Some(AdaptiveDigital { max_gain_db: MOST_GAIN, initial_gain_db: 0.0, ..AdaptiveDigital::default() }),
            ..GainController2::default()
        }),
        ..Config::default()
    };
    let stream = StreamConfig::new(RATE, 1);
    AudioProcessing::builder().config(config).capture_config(stream).render_config(stream).build()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::path::Path;

    use cooee_codec::{BLOCK, Level};

    use super::*;
    use crate::Speech;

    fn voice(name: &str) -> Vec<Block> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/speech").join(name);
        Speech::open(&path).unwrap().samples().as_chunks().0.to_vec()
    }

    /// A room: what is played comes back 60 ms later, and dying away over 100 ms more, about 12 dB weaker in all.
    struct Room {
        taps: Vec<(usize, f32)>,
        past: VecDeque<f32>,
    }

    impl Room {
        fn new() -> Self {
            let mut state = 1_u32;
            let mut random = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            let taps = (0..100).map(|at| (2_880 + at * 48, random() * 0.12 * 0.96_f32.powi(at as i32))).collect();
            Self { taps, past: VecDeque::from(vec![0.0; 8_192]) }
        }

        fn echo(&mut self, played: &Block) -> Block {
            std::array::from_fn(|at| {
                self.past.pop_back();
                self.past.push_front(f32::from(played[at]));
                self.taps.iter().map(|(delay, gain)| self.past[*delay] * gain).sum::<f32>() as i16
            })
        }
    }

    #[test]
    fn the_others_voice_does_not_come_back_to_him() {
        let (mut room, mut control) = (Room::new(), EchoControl::new());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for played in voice("anna.wav") {
            control.played(&played);
            let mut heard = room.echo(&played);
            before.extend(heard);
            control.heard(&mut heard);
            after.extend(heard);
        }
        // The first two seconds are for learning.
        let (before, after) = (Level::of(&before[96_000..]).rms, Level::of(&after[96_000..]).rms);
        println!("echo {before:.1} dBFS before, {after:.1} after");
        assert!(before > -40.0 && after < -55.0, "{before} {after}");
        assert_eq!(control.panics(), 0);
    }

    #[test]
    fn the_own_voice_passes_while_nobody_else_speaks() {
        let mut control = EchoControl::new();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for mut block in voice("ben.wav") {
            control.played(&SILENCE);
            before.extend(block);
            control.heard(&mut block);
            after.extend(block);
        }
        // Where he speaks, a tenth of a second is about as loud as it was.
        let tenths = before.chunks(4_800).zip(after.chunks(4_800)).skip(20).map(|(one, other)| (Level::of(one).rms, Level::of(other).rms));
        let differences: Vec<f32> = tenths.filter(|(one, _)| *one > -35.0).map(|(one, other)| (other - one).abs()).collect();
        let mean = differences.iter().sum::<f32>() / differences.len() as f32;
        assert!(differences.len() > 20 && mean < 4.0, "{mean} dB over {} tenths", differences.len());
    }

    #[test]
    fn a_panic_goes_no_further_and_too_many_end_the_processing() {
        let mut control = EchoControl::new();
        for failures in 1..=4 {
            let done = control.guarded(|_| panic!("as the library might"));
            assert!(!done);
            assert_eq!(control.panics(), failures.min(PATIENCE));
        }
        let mut block = [1_000; BLOCK];
        control.heard(&mut block);
        assert_eq!(block, [1_000; BLOCK]);
    }
}
