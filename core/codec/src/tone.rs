use std::f64::consts::TAU;

use crate::{BLOCK, Block, RATE};

/// Samples over which a tone swells and dies, so that it does not click: 5 ms.
const RAMP: u32 = RATE / 200;

/// The sounds a telephone makes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// "It rings over there": 425 Hz, 1 s in 5 (ETSI TR 101 041-2, most of Europe).
    RingbackEurope,
    /// "It rings over there": 440 and 480 Hz, 2 s in 6 (Telcordia GR-506, North America).
    RingbackUs,
    /// Busy: 425 Hz, half a second on and off.
    BusyEurope,
    /// Busy: 480 and 620 Hz, half a second on and off.
    BusyUs,
    /// An incoming call, where the phone itself must ring: a soft pair of notes, twice in 3 s.
    Ringing,
    /// Another call waits: 425 Hz, twice in 6 s (ETSI TR 101 041-2, Germany and others).
    WaitingEurope,
    /// Another call waits: 440 Hz, 300 ms in 10 s (Telcordia GR-506).
    WaitingUs,
    /// A key pressed, as a person hears it: the pair of frequencies of ITU-T Q.23 for 100 ms.
    Digit(char),
    /// One steady frequency in Hz, for tests of devices and levels.
    Steady(u16),
}

/// What sounds and how it repeats; times in milliseconds.
struct Cadence {
    frequencies: [f64; 2],
    /// On, off, on, off.
    pattern: [u32; 4],
    repeats: bool,
}

impl Tone {
    fn cadence(self) -> Cadence {
        let (frequencies, pattern, repeats) = match self {
            Self::RingbackEurope => ([425.0, 0.0], [1000, 4000, 0, 0], true),
            Self::RingbackUs => ([440.0, 480.0], [2000, 4000, 0, 0], true),
            Self::BusyEurope => ([425.0, 0.0], [500, 500, 0, 0], true),
            Self::BusyUs => ([480.0, 620.0], [500, 500, 0, 0], true),
            Self::Ringing => ([523.25, 659.25], [400, 200, 400, 2000], true),
            Self::WaitingEurope => ([425.0, 0.0], [200, 200, 200, 5000], true),
            Self::WaitingUs => ([440.0, 0.0], [300, 9700, 0, 0], true),
            Self::Digit(digit) => (digit_frequencies(digit), [100, 0, 0, 0], false),
            Self::Steady(frequency) => ([f64::from(frequency), 0.0], [u32::MAX / RATE, 0, 0, 0], true),
        };
        Cadence { frequencies, pattern, repeats }
    }
}

/// ITU-T Q.23. What is no key is silent.
fn digit_frequencies(digit: char) -> [f64; 2] {
    const ROWS: [(f64, &str); 4] = [(697.0, "123A"), (770.0, "456B"), (852.0, "789C"), (941.0, "*0#D")];
    const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
    let digit = digit.to_ascii_uppercase();
    let found = ROWS.iter().find_map(|(row, keys)| keys.find(digit).and_then(|at| COLUMNS.get(at)).map(|column| [*row, *column]));
    found.unwrap_or([0.0, 0.0])
}

/// Makes a [`Tone`] block by block.
#[derive(Clone, Debug)]
pub struct ToneGenerator {
    tone: Tone,
    /// Samples since the pattern began.
    position: u32,
    phases: [f64; 2],
    amplitude: f64,
    over: bool,
}

impl ToneGenerator {
    /// Starts the tone at about -19 dBFS: clearly heard, never louder than a voice.
    #[must_use]
    pub fn new(tone: Tone) -> Self {
        let voices = tone.cadence().frequencies.iter().filter(|frequency| **frequency > 0.0).count();
        Self { tone, position: 0, phases: [0.0; 2], amplitude: 5_000.0 / voices.max(1) as f64, over: false }
    }

    /// Whether a tone that does not repeat has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The next 10 ms, silence once it is over.
    pub fn next_block(&mut self) -> Block {
        let cadence = self.tone.cadence();
        let mut block = [0; BLOCK];
        for sample in &mut block {
            *sample = self.next_sample(&cadence);
        }
        block
    }

    fn next_sample(&mut self, cadence: &Cadence) -> i16 {
        let envelope = self.advance(cadence);
        let mut sum = 0.0;
        for (phase, frequency) in self.phases.iter_mut().zip(cadence.frequencies) {
            *phase = (*phase + frequency / f64::from(RATE)).fract();
            sum += (*phase * TAU).sin();
        }
        (sum * self.amplitude * envelope) as i16
    }

    /// Moves on by one sample; how loud it is there, 0 to 1.
    fn advance(&mut self, cadence: &Cadence) -> f64 {
        if self.over {
            return 0.0;
        }
        let mut start = 0;
        let mut envelope = 0.0;
        for (index, milliseconds) in cadence.pattern.iter().enumerate() {
            let end = start + milliseconds * (RATE / 1000);
            if (start..end).contains(&self.position) && index % 2 == 0 {
                let edge = (self.position - start).min(end - 1 - self.position).min(RAMP);
                envelope = f64::from(edge) / f64::from(RAMP);
            }
            start = end;
        }
        self.position += 1;
        if self.position >= start {
            self.position = 0;
            self.over = !cadence.repeats;
        }
        envelope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    fn sound(tone: Tone, milliseconds: usize) -> Vec<i16> {
        let mut generator = ToneGenerator::new(tone);
        (0..milliseconds / 10).flat_map(|_| generator.next_block()).collect()
    }

    /// Energy at one frequency relative to all of it (Goertzel).
    fn share(samples: &[i16], frequency: f64) -> f64 {
        let (mut sine, mut cosine, mut all) = (0.0, 0.0, 0.0);
        for (at, sample) in samples.iter().enumerate() {
            let angle = TAU * frequency * at as f64 / f64::from(RATE);
            sine += f64::from(*sample) * angle.sin();
            cosine += f64::from(*sample) * angle.cos();
            all += f64::from(*sample).powi(2);
        }
        2.0 * (sine * sine + cosine * cosine) / (all * samples.len() as f64)
    }

    #[test]
    fn european_ringback_sounds_one_second_in_five() {
        let heard = sound(Tone::RingbackEurope, 10_000);
        assert!(share(&heard[..48_000], 425.0) > 0.99);
        assert_eq!(Level::of(&heard[48_000..240_000]), Level::SILENCE);
        assert!(Level::of(&heard[240_000..288_000]).rms > -25.0);
    }

    #[test]
    fn american_ringback_has_two_frequencies() {
        let heard = sound(Tone::RingbackUs, 2_000);
        assert!(share(&heard, 440.0) > 0.45 && share(&heard, 480.0) > 0.45);
    }

    #[test]
    fn a_digit_is_its_pair_of_frequencies_for_a_tenth_of_a_second_and_then_over() {
        let heard = sound(Tone::Digit('5'), 100);
        assert!(share(&heard, 770.0) > 0.45 && share(&heard, 1336.0) > 0.45);
        let mut generator = ToneGenerator::new(Tone::Digit('5'));
        for _ in 0..10 {
            assert!(!generator.is_over());
            generator.next_block();
        }
        assert!(generator.is_over());
        assert_eq!(generator.next_block(), [0; BLOCK]);
        assert_eq!(sound(Tone::Digit('x'), 100), vec![0; 4800]);
    }

    #[test]
    fn a_waiting_call_knocks_and_leaves_room_to_speak() {
        for (tone, frequency, sounding) in [(Tone::WaitingEurope, 425.0, 400), (Tone::WaitingUs, 440.0, 300)] {
            let heard = sound(tone, 5_600);
            assert!(share(&heard[..9_600], frequency) > 0.9, "{tone:?}");
            let loud = heard.chunks(48).filter(|piece| piece.iter().any(|sample| sample.abs() > 100)).count();
            assert!(loud.abs_diff(sounding) <= 10, "{tone:?} sounds for {loud} ms");
        }
    }

    #[test]
    fn tones_neither_clip_nor_click() {
        let lasting = [Tone::RingbackEurope, Tone::RingbackUs, Tone::BusyEurope, Tone::BusyUs, Tone::Ringing];
        let others = [Tone::WaitingEurope, Tone::WaitingUs, Tone::Digit('#'), Tone::Steady(440)];
        for tone in lasting.into_iter().chain(others) {
            let heard = sound(tone, 7_000);
            assert!(Level::of(&heard).peak < -10.0, "{tone:?}");
            let largest = heard.windows(2).map(|pair| (i32::from(pair[0]) - i32::from(pair[1])).abs()).max().unwrap();
            assert!(largest < 1_100, "{tone:?} jumps by {largest}");
        }
    }
}
