use crate::noise::Background;
use crate::opus::{LONGEST, OpusDecoder};
use crate::telephone::{Law, TelephoneDecoder};
use crate::{BLOCK, CodecError, CodecKind};

/// Whether a payload could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Its sound was appended.
    Sound,
    /// It was garbage: 20 ms were invented in its place, and it was counted.
    Malformed,
}

/// Invented sound is as loud as the voice was for this long, in samples: 20 ms.
const FULL: usize = 2 * BLOCK;
/// From here on there is only background noise: 60 ms. Longer, and a repeated voice is heard as a buzz.
const END: usize = 6 * BLOCK;
/// Over how much sound comes back after that: 5 ms.
const RETURN: usize = BLOCK / 2;

/// Payloads of one codec to 48 kHz. Whatever a peer sends, it neither fails nor grows: garbage is concealed and counted.
///
/// What does not come is invented for 60 ms at most and fades into noise like the background of the voice that was heard.
pub struct Decoder {
    kind: CodecKind,
    engine: Engine,
    background: Background,
    /// Samples since the last that came.
    invented: usize,
    /// The last payload said that silence follows, and the codec knows how that sounds (Opus).
    resting: bool,
    malformed: u64,
}

enum Engine {
    Opus(OpusDecoder),
    Telephone(Box<TelephoneDecoder>),
}

impl Decoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// The library's refusal.
    pub fn new(kind: CodecKind) -> Result<Self, CodecError> {
        let telephone = |law| Engine::Telephone(Box::new(TelephoneDecoder::new(law)));
        let engine = match kind {
            CodecKind::Opus => Engine::Opus(OpusDecoder::new()?),
            CodecKind::G722 => telephone(Law::G722),
            CodecKind::Pcma => telephone(Law::A),
            CodecKind::Pcmu => telephone(Law::Mu),
        };
        Ok(Self { kind, engine, background: Background::new(), invented: 0, resting: false, malformed: 0 })
    }

    /// Which codec.
    #[must_use]
    pub fn kind(&self) -> CodecKind {
        self.kind
    }

    /// Payloads that were garbage so far.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Appends the sound of a payload to `output`: at most 120 ms.
    pub fn decode(&mut self, payload: &[u8], output: &mut Vec<i16>) -> Decoded {
        let start = output.len();
        let understood = match &mut self.engine {
            Engine::Opus(opus) => opus.decode(payload, output),
            Engine::Telephone(telephone) => {
                telephone.decode(payload.get(..LONGEST / 6).unwrap_or(payload), output);
                !payload.is_empty()
            }
        };
        if !understood {
            self.malformed += 1;
            self.conceal(2 * BLOCK, output);
            return Decoded::Malformed;
        }
        // One or two octets of Opus only keep its comfort noise going (RFC 7587 3.1.3).
        self.resting = self.kind == CodecKind::Opus && payload.len() <= 2;
        self.heard(output.get_mut(start..).unwrap_or_default());
        Decoded::Sound
    }

    /// Appends the `count` samples (a multiple of 2.5 ms; as many as the lost packet held) that came before `next`: from
    /// its redundancy if it has some, otherwise invented. Then `next` itself is decoded as usual.
    pub fn decode_fec(&mut self, next: &[u8], count: usize, output: &mut Vec<i16>) {
        let start = output.len();
        let recovered = match &mut self.engine {
            Engine::Opus(opus) => opus.decode_fec(next, count.min(LONGEST), output),
            Engine::Telephone(_) => false,
        };
        if recovered {
            self.heard(output.get_mut(start..).unwrap_or_default());
        } else {
            self.conceal(count, output);
        }
    }

    /// Appends `count` invented samples (a multiple of 2.5 ms) in place of what is lost or late: the voice goes on for a moment
    /// and fades into its background.
    pub fn conceal(&mut self, count: usize, output: &mut Vec<i16>) {
        let (start, count) = (output.len(), count.min(LONGEST));
        match &mut self.engine {
            Engine::Opus(opus) => {
                opus.conceal(count, output);
            }
            Engine::Telephone(telephone) => telephone.conceal(count, output),
        }
        output.resize(start + count, 0);
        let (from, to) = (self.invented, self.invented.saturating_add(count));
        let samples = output.get_mut(start..).unwrap_or_default();
        if self.kind == CodecKind::Opus {
            fade(from, samples);
        }
        self.background.add((1.0 - loudness(from), 1.0 - loudness(to)), samples);
        self.invented = to;
    }

    /// Appends `count` samples (a multiple of 2.5 ms) for a time in which the peer sends nothing because it has nothing to say:
    /// comfort noise.
    pub fn rest(&mut self, count: usize, output: &mut Vec<i16>) {
        let (start, count) = (output.len(), count.min(LONGEST));
        match &mut self.engine {
            Engine::Opus(opus) if self.resting => {
                opus.conceal(count, output);
            }
            Engine::Opus(_) => {}
            Engine::Telephone(telephone) => telephone.rest(count, output),
        }
        output.resize(start + count, 0);
        if !self.resting {
            self.background.add((1.0, 1.0), output.get_mut(start..).unwrap_or_default());
            self.invented = END;
        }
    }

    /// A comfort noise payload (RFC 3389) in the stream of this codec: how loud the noise is that [`Decoder::rest`] makes, until
    /// something is decoded. Its colour is that of the background heard so far, whatever the rest of the payload says.
    pub fn comfort_noise(&mut self, payload: &[u8]) {
        if let Some(level) = payload.first() {
            self.background.wanted(*level);
        }
    }

    /// Sound came.
    fn heard(&mut self, samples: &mut [i16]) {
        if self.invented >= END && self.kind == CodecKind::Opus {
            for (at, sample) in samples.iter_mut().take(RETURN).enumerate() {
                *sample = (f32::from(*sample) * at as f32 / RETURN as f32) as i16;
            }
        }
        self.invented = 0;
        if !self.resting {
            self.background.heard(samples);
        }
    }
}

/// How loud invented sound is, so many samples after the last that came: 0.0 to 1.0.
fn loudness(at: usize) -> f32 {
    1.0 - (at.clamp(FULL, END) - FULL) as f32 / (END - FULL) as f32
}

/// Fades samples that are invented from this place on.
fn fade(from: usize, samples: &mut [i16]) {
    for (at, sample) in samples.iter_mut().enumerate() {
        *sample = (f32::from(*sample) * loudness(from.saturating_add(at))) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{anna, snr};
    use crate::{Encoded, Encoder, EncoderConfig, Level};

    fn packets(kind: CodecKind, loss: u8, speech: &[i16]) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(kind, EncoderConfig::default()).unwrap();
        encoder.set_loss(loss).unwrap();
        let encode = |frame: &[i16]| {
            let mut payload = Vec::new();
            assert!(matches!(encoder.encode(frame, &mut payload), Ok(Encoded::Packet { .. })));
            payload
        };
        speech.chunks_exact(960).map(encode).collect()
    }

    fn decoded(kind: CodecKind, packets: &[Vec<u8>]) -> Vec<i16> {
        let (mut decoder, mut output) = (Decoder::new(kind).unwrap(), Vec::new());
        for packet in packets {
            assert_eq!(decoder.decode(packet, &mut output), Decoded::Sound);
        }
        output
    }

    #[test]
    fn every_codec_gives_back_as_many_samples_as_it_took() {
        let speech = anna();
        for kind in CodecKind::ALL {
            assert_eq!(decoded(kind, &packets(kind, 0, &speech)).len(), speech.len() / 960 * 960);
        }
    }

    #[test]
    fn redundancy_mends_lost_frames_far_better_than_invention() {
        let packets = packets(CodecKind::Opus, 15, &anna());
        let intact = decoded(CodecKind::Opus, &packets);
        let lost = |index: &usize| index % 10 == 6;
        let mut results = Vec::new();
        for fec in [true, false] {
            let (mut decoder, mut output) = (Decoder::new(CodecKind::Opus).unwrap(), Vec::new());
            for (index, packet) in packets.iter().enumerate() {
                match packets.get(index + 1) {
                    Some(next) if lost(&index) && fec => decoder.decode_fec(next, 960, &mut output),
                    _ if lost(&index) => decoder.conceal(960, &mut output),
                    _ => {
                        decoder.decode(packet, &mut output);
                    }
                }
            }
            let frames = (0..packets.len()).filter(lost).map(|index| index * 960..(index + 1) * 960);
            let (truth, heard): (Vec<i16>, Vec<i16>) = frames.flatten().map(|at| (intact[at], output[at])).unzip();
            results.push(snr(&truth, &heard));
        }
        assert!(results[0] > results[1] + 4.0, "{results:?}");
    }

    #[test]
    fn garbage_is_concealed_and_counted() {
        let mut state = 7_u32;
        for kind in CodecKind::ALL {
            let mut decoder = Decoder::new(kind).unwrap();
            let mut output = Vec::new();
            assert_eq!(decoder.decode(&[], &mut output), Decoded::Malformed);
            assert_eq!((output.len(), decoder.malformed()), (960, 1));
            for length in 0..1_500 {
                output.clear();
                let octets: Vec<u8> = (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 24) as u8
                    })
                    .collect();
                decoder.decode(&octets, &mut output);
                assert!(!output.is_empty() && output.len() <= LONGEST);
                decoder.decode_fec(&octets, 960, &mut output);
            }
        }
    }

    #[test]
    fn concealment_gives_exactly_what_was_asked_for_and_ends_in_silence() {
        for kind in CodecKind::ALL {
            let mut decoder = Decoder::new(kind).unwrap();
            let mut output = Vec::new();
            for packet in packets(kind, 0, &anna()[..96_000]) {
                decoder.decode(&packet, &mut output);
            }
            for _ in 0..50 {
                output.clear();
                decoder.conceal(960, &mut output);
                assert_eq!(output.len(), 960);
            }
            assert!(output.iter().all(|sample| sample.abs() < 200), "{kind}");
        }
    }

    /// The loudest likeness of a stretch of sound with itself, 2.5 to 20 ms later: a buzz has much.
    fn buzz(samples: &[i16]) -> f64 {
        let product = |lag: usize| samples.iter().zip(&samples[lag..]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        (120..960).step_by(6).map(product).fold(0.0, f64::max) / product(0).max(1.0)
    }

    #[test]
    fn nothing_is_repeated_after_sixty_milliseconds_wherever_the_voice_breaks_off() {
        let speech = anna();
        for kind in CodecKind::ALL {
            let packets = packets(kind, 0, &speech);
            for broken in (30..300).step_by(7) {
                let (mut decoder, mut output) = (Decoder::new(kind).unwrap(), Vec::new());
                for packet in &packets[..broken] {
                    decoder.decode(packet, &mut output);
                }
                output.clear();
                for _ in 0..15 {
                    decoder.conceal(960, &mut output);
                }
                let after = &output[END + 200..];
                assert!(Level::of(after).rms < -40.0, "{kind} {broken}: {:?}", Level::of(after));
                assert!(Level::of(after).rms < -75.0 || buzz(after) < 0.5, "{kind} {broken}: {}", buzz(after));
            }
        }
    }

    #[test]
    fn a_pause_without_loss_is_comfort_noise_as_loud_as_the_peer_says() {
        for kind in [CodecKind::G722, CodecKind::Pcma, CodecKind::Pcmu] {
            let (mut decoder, mut output) = (Decoder::new(kind).unwrap(), Vec::new());
            for packet in packets(kind, 0, &anna()[..96_000]) {
                decoder.decode(&packet, &mut output);
            }
            decoder.comfort_noise(&[60, 1, 2, 3]);
            output.clear();
            (0..50).for_each(|_| decoder.rest(960, &mut output));
            assert!((Level::of(&output[480..]).rms + 60.0).abs() < 2.0, "{kind} {:?}", Level::of(&output[480..]));
            assert!(buzz(&output[480..]) < 0.3);
            decoder.comfort_noise(&[]);
        }
    }

    #[test]
    fn a_pause_of_opus_sounds_as_opus_makes_it() {
        let mut encoder = Encoder::new(CodecKind::Opus, EncoderConfig { dtx: true, ..EncoderConfig::default() }).unwrap();
        let (mut decoder, mut output, mut payload) = (Decoder::new(CodecKind::Opus).unwrap(), Vec::new(), Vec::new());
        let mut state = 1_u32;
        for _ in 0..150 {
            let frame: Vec<i16> = (0..960)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as i16 - 128
                })
                .collect();
            payload.clear();
            match encoder.encode(&frame, &mut payload).unwrap() {
                Encoded::Packet { .. } => {
                    decoder.decode(&payload, &mut output);
                }
                Encoded::Nothing => decoder.rest(960, &mut output),
            }
        }
        let heard = Level::of(&output[output.len() - 48_000..]).rms;
        assert!((-75.0..-45.0).contains(&heard) && buzz(&output[output.len() - 48_000..]) < 0.5, "{heard}");
    }
}
