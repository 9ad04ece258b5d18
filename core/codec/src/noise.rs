//! The noise that fills what is not sent or never comes, so that a line that is quiet does not sound dead.

/// A background louder than this is no background: -40 dBFS.
const LOUDEST: f32 = 327.0;
/// Pieces of sound whose loudness is measured, in samples: 10 ms.
const PIECE: usize = 480;
/// Pieces in a window: the quietest of this window and of the one before is the background. 1.5 s, hence words have gaps.
const WINDOW: u32 = 150;
/// How alike neighbouring samples of the noise may be.
const SMOOTHEST: f32 = 0.98;

/// Learns how the background of a voice sounds, and makes noise like it.
#[derive(Clone, Debug)]
pub(crate) struct Background {
    /// The quietest piece of this window and of the one before.
    window: (Piece, Piece),
    pieces: u32,
    /// The level that the peer asks for, in amplitude (RFC 3389).
    wanted: Option<f32>,
    state: u32,
    previous: f32,
}

/// How a piece of sound is: root of the mean square, and likeness of neighbouring samples.
#[derive(Clone, Copy, Debug)]
struct Piece {
    level: f32,
    likeness: f32,
}

const UNKNOWN: Piece = Piece { level: f32::INFINITY, likeness: 0.0 };

impl Background {
    /// Knows nothing and makes silence.
    pub(crate) fn new() -> Self {
        Self { window: (UNKNOWN, UNKNOWN), pieces: 0, wanted: None, state: 1, previous: 0.0 }
    }

    /// Learns from samples at 48 kHz that came; the level that was asked for ends.
    pub(crate) fn heard(&mut self, samples: &[i16]) {
        self.wanted = None;
        for piece in samples.chunks_exact(PIECE).map(Piece::of) {
            if piece.level <= self.window.0.level {
                self.window.0 = piece;
            }
            self.pieces += 1;
            if self.pieces >= WINDOW {
                (self.window, self.pieces) = ((UNKNOWN, self.window.0), 0);
            }
        }
    }

    /// The peer says how loud its background is: so many dB below the loudest (RFC 3389 3.1).
    pub(crate) fn wanted(&mut self, decibels_below: u8) {
        self.wanted = Some(32_768.0 * 10_f32.powf(-f32::from(decibels_below & 0x7f) / 20.0));
    }

    /// Adds noise to samples, from `gain.0` to `gain.1` of its loudness.
    pub(crate) fn add(&mut self, gain: (f32, f32), samples: &mut [i16]) {
        let quietest = if self.window.1.level < self.window.0.level { self.window.1 } else { self.window.0 };
        let known = if quietest.level.is_finite() { quietest } else { Piece { level: 0.0, likeness: 0.8 } };
        let level = self.wanted.unwrap_or(known.level).min(LOUDEST);
        let likeness = known.likeness.clamp(0.0, SMOOTHEST);
        // Uniform noise of this width has, after the filter, a root mean square of `level`.
        let width = level * (3.0 * (1.0 - likeness * likeness)).sqrt();
        let step = (gain.1 - gain.0) / samples.len().max(1) as f32;
        for (at, sample) in samples.iter_mut().enumerate() {
            self.previous = self.previous * likeness + self.random() * width;
            *sample = sample.saturating_add((self.previous * (gain.0 + step * at as f32)).round() as i16);
        }
    }

    /// -1 to 1.
    fn random(&mut self) -> f32 {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.state >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}

impl Piece {
    fn of(samples: &[i16]) -> Self {
        let (mut energy, mut product, mut before) = (0.0, 0.0, 0.0);
        for sample in samples {
            let sample = f32::from(*sample);
            energy += sample * sample;
            product += sample * before;
            before = sample;
        }
        Self { level: (energy / samples.len().max(1) as f32).sqrt(), likeness: product / energy.max(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use crate::testing::anna;

    fn noise(background: &mut Background) -> Vec<i16> {
        let mut samples = vec![0; 48_000];
        background.add((1.0, 1.0), &mut samples);
        samples
    }

    #[test]
    fn noise_is_as_loud_and_as_dull_as_the_background() {
        for likeness in [0.0, 0.9] {
            let mut original = Background::new();
            original.window.0 = Piece { level: 100.0, likeness };
            let heard = noise(&mut original);
            let mut learnt = Background::new();
            learnt.heard(&heard);
            learnt.heard(&heard);
            let imitated = noise(&mut learnt);
            assert!((Level::of(&imitated).rms - Level::of(&heard).rms).abs() < 3.0);
            assert!((Piece::of(&imitated).likeness - likeness).abs() < 0.1);
        }
    }

    #[test]
    fn a_voice_is_not_taken_for_its_background() {
        let mut background = Background::new();
        background.heard(&anna());
        assert!(Level::of(&noise(&mut background)).rms < -40.0);
    }

    #[test]
    fn without_a_past_there_is_silence() {
        assert!(noise(&mut Background::new()).iter().all(|sample| *sample == 0));
    }

    #[test]
    fn the_peer_may_say_how_loud_but_never_too_loud() {
        let mut background = Background::new();
        background.wanted(60);
        assert!((Level::of(&noise(&mut background)).rms + 60.0).abs() < 1.0);
        background.wanted(0);
        assert!(Level::of(&noise(&mut background)).rms < -39.0);
        background.heard(&[0; 480]);
        assert!(noise(&mut background).iter().all(|sample| *sample == 0));
    }
}
