use crate::g711::{alaw_decode, ulaw_decode};
use crate::opus::{LONGEST, OpusDecoder};
use crate::{CodecError, CodecKind, Concealment, Upsampler};

/// Whether a payload could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Its sound was appended.
    Sound,
    /// It was garbage: 20 ms were invented in its place, and it was counted.
    Malformed,
}

/// Payloads of one codec to 48 kHz. Whatever a peer sends, it neither fails nor grows: garbage is concealed and counted.
pub struct Decoder {
    kind: CodecKind,
    engine: Engine,
    malformed: u64,
}

enum Engine {
    Opus(OpusDecoder),
    G711 { table: Box<[i16; 256]>, concealment: Box<Concealment>, upsampler: Upsampler, narrow: Vec<i16> },
}

impl Decoder {
    /// Makes a decoder.
    ///
    /// # Errors
    /// The library's refusal.
    pub fn new(kind: CodecKind) -> Result<Self, CodecError> {
        let engine = match kind {
            CodecKind::Opus => Engine::Opus(OpusDecoder::new()?),
            CodecKind::Pcma => Engine::g711(alaw_decode),
            CodecKind::Pcmu => Engine::g711(ulaw_decode),
        };
        Ok(Self { kind, engine, malformed: 0 })
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
        let understood = match &mut self.engine {
            Engine::Opus(opus) => opus.decode(payload, output),
            Engine::G711 { table, concealment, upsampler, narrow } => {
                narrow.clear();
                let codes = payload.iter().take(LONGEST / 6);
                narrow.extend(codes.map(|code| table.get(usize::from(*code)).copied().unwrap_or(0)));
                concealment.heard(narrow);
                upsampler.process(narrow, output);
                !payload.is_empty()
            }
        };
        if understood {
            return Decoded::Sound;
        }
        self.malformed += 1;
        self.conceal(2 * crate::BLOCK, output);
        Decoded::Malformed
    }

    /// Appends the `count` samples (a multiple of 2.5 ms; as many as the lost packet held) that came before `next`: from
    /// its redundancy if it has some, otherwise invented. Then `next` itself is decoded as usual.
    pub fn decode_fec(&mut self, next: &[u8], count: usize, output: &mut Vec<i16>) {
        let recovered = match &mut self.engine {
            Engine::Opus(opus) => opus.decode_fec(next, count.min(LONGEST), output),
            Engine::G711 { .. } => false,
        };
        if !recovered {
            self.conceal(count, output);
        }
    }

    /// Appends `count` invented samples (a multiple of 2.5 ms): the voice goes on for a moment and fades.
    pub fn conceal(&mut self, count: usize, output: &mut Vec<i16>) {
        let (start, count) = (output.len(), count.min(LONGEST));
        match &mut self.engine {
            Engine::Opus(opus) => {
                opus.conceal(count, output);
            }
            Engine::G711 { concealment, upsampler, narrow, .. } => {
                narrow.clear();
                concealment.conceal(count.div_ceil(6), narrow);
                upsampler.process(narrow, output);
            }
        }
        output.resize(start + count, 0);
    }
}

impl Engine {
    fn g711(law: fn(u8) -> i16) -> Self {
        let mut table = Box::new([0; 256]);
        for (code, sample) in (0..=u8::MAX).zip(table.iter_mut()) {
            *sample = law(code);
        }
        Self::G711 { table, concealment: Box::new(Concealment::new()), upsampler: Upsampler::new(), narrow: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{anna, snr};
    use crate::{Encoded, Encoder, EncoderConfig};

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
}
