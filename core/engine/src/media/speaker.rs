use std::collections::VecDeque;
use std::time::Duration;

use cooee_codec::{BLOCK, Block, CodecKind, Decoded, Decoder, Level, RATE, SILENCE, lengthen, samples_in, shorten};
use cooee_rtc::{Playout, Stretch};
use cooee_sdp::Codec;

/// Frames that fill one block at most; more would mean that they are empty.
const FRAMES_A_BLOCK: usize = 16;

/// What is weaker than this, in dBFS, or so many dB weaker than the voice, is a pause.
const PAUSE: f32 = -50.0;
const BELOW_VOICE: f32 = 25.0;
/// Frames that are silence within a word or between two: only after so many is there a pause, and after so many one that nobody has measured.
const BETWEEN_WORDS: u32 = 8;
const BETWEEN_SENTENCES: u32 = 10;
/// By how many dB the voice that a frame is compared with falls from one to the next.
const FALL: f32 = 0.1;

/// The receiving side of a session: what the jitter buffer decides becomes sound.
pub struct Speaker {
    pub(super) receive: Vec<Codec>,
    decoders: Vec<Decoder>,
    queue: VecDeque<i16>,
    frame: Vec<i16>,
    stretched: Vec<i16>,
    /// Which codec was heard last.
    pub(super) heard: Option<CodecKind>,
    concealed: u64,
    recovered: u64,
    /// How loud the voice was lately, in dBFS.
    loud: f32,
    /// Frames since it was that loud.
    quiet: u32,
}

impl Speaker {
    /// For a peer that may send these.
    #[must_use]
    pub fn new(receive: &[Codec]) -> Self {
        Self {
            receive: receive.to_vec(),
            decoders: Vec::new(),
            queue: VecDeque::new(),
            frame: Vec::new(),
            stretched: Vec::new(),
            heard: None,
            concealed: 0,
            recovered: 0,
            loud: PAUSE,
            quiet: 0,
        }
    }

    /// The next 10 ms of the peer. `decide` is asked what to play, as often as more sound is needed.
    pub fn next_block(&mut self, mut decide: impl FnMut() -> Playout) -> Block {
        for _ in 0..FRAMES_A_BLOCK {
            if self.queue.len() >= BLOCK {
                break;
            }
            self.play(&decide());
        }
        let mut block = SILENCE;
        let ready = self.queue.len().min(BLOCK);
        for (sample, queued) in block.iter_mut().zip(self.queue.drain(..ready)) {
            *sample = queued;
        }
        block
    }

    /// Appends the sound of one decision to what waits to be played.
    pub fn play(&mut self, playout: &Playout) {
        self.frame.clear();
        match playout {
            Playout::Decode { payload, payload_type, stretch } => self.decode(payload, *payload_type, *stretch),
            Playout::Fec { next, payload_type, duration } => self.recover(next, *payload_type, *duration),
            Playout::Conceal { duration } => self.conceal(*duration),
            Playout::ComfortNoise { payload, duration } => {
                if let Some(decoder) = last(&mut self.decoders, self.heard) {
                    decoder.comfort_noise(payload);
                }
                self.rest(*duration);
            }
            Playout::Silence { duration } => self.rest(*duration),
        }
        self.queue.extend(self.frame.drain(..));
    }

    fn decode(&mut self, payload: &[u8], payload_type: u8, stretch: Stretch) {
        let Some(at) = self.decoder(payload_type) else { return };
        let Some(decoder) = self.decoders.get_mut(at) else { return };
        if decoder.decode(payload, &mut self.frame) == Decoded::Malformed {
            self.concealed += self.frame.len() as u64;
        }
        self.listen();
        let change: fn(&[i16], &mut Vec<i16>) -> bool = match stretch {
            Stretch::ShortenPause if self.quiet >= BETWEEN_SENTENCES => shorten,
            Stretch::SkipPause if self.quiet >= BETWEEN_WORDS => skip,
            Stretch::None | Stretch::ShortenPause | Stretch::SkipPause => return,
            Stretch::Shorten => shorten,
            Stretch::Lengthen => lengthen,
        };
        self.stretched.clear();
        change(&self.frame, &mut self.stretched);
        std::mem::swap(&mut self.frame, &mut self.stretched);
    }

    /// Counts the frames in which nobody speaks: they are far weaker than the voice was lately.
    fn listen(&mut self) {
        let level = Level::of(&self.frame).rms;
        self.loud = level.max(self.loud - FALL);
        let quiet = level < PAUSE.max(self.loud - BELOW_VOICE);
        self.quiet = if quiet { self.quiet.saturating_add(1) } else { 0 };
    }

    fn recover(&mut self, next: &[u8], payload_type: u8, duration: Duration) {
        let Some(decoder) = self.decoder(payload_type).and_then(|at| self.decoders.get_mut(at)) else { return };
        decoder.decode_fec(next, samples_in(duration), &mut self.frame);
        self.recovered += self.frame.len() as u64;
    }

    fn conceal(&mut self, duration: Duration) {
        let (count, frame) = (samples_in(duration), &mut self.frame);
        match last(&mut self.decoders, self.heard) {
            Some(decoder) => decoder.conceal(count, frame),
            None => frame.resize(count, 0),
        }
        self.concealed += count as u64;
    }

    fn rest(&mut self, duration: Duration) {
        let (count, frame) = (samples_in(duration), &mut self.frame);
        match last(&mut self.decoders, self.heard) {
            Some(decoder) => decoder.rest(count, frame),
            None => frame.resize(count, 0),
        }
    }

    /// The place of the decoder for a payload type, made at its first packet.
    fn decoder(&mut self, payload_type: u8) -> Option<usize> {
        let codec = self.receive.iter().find(|codec| codec.payload_type == payload_type)?;
        let kind = CodecKind::from_name(&codec.name)?;
        self.heard = Some(kind);
        if let Some(at) = self.decoders.iter().position(|decoder| decoder.kind() == kind) {
            return Some(at);
        }
        let decoder = Decoder::new(kind).inspect_err(|error| tracing::error!(%error, "cannot decode")).ok()?;
        self.decoders.push(decoder);
        Some(self.decoders.len() - 1)
    }

    /// Sound waiting here.
    #[must_use]
    pub fn waiting(&self) -> Duration {
        time(self.queue.len() as u64)
    }

    /// Sound invented so far.
    #[must_use]
    pub fn concealed(&self) -> Duration {
        time(self.concealed)
    }

    /// Sound recovered from redundancy so far.
    #[must_use]
    pub fn recovered(&self) -> Duration {
        time(self.recovered)
    }

    /// Payloads that no decoder understood.
    #[must_use]
    pub fn malformed(&self) -> u64 {
        self.decoders.iter().map(Decoder::malformed).sum()
    }
}

/// Leaves three quarters of a frame of a pause out.
fn skip(frame: &[i16], output: &mut Vec<i16>) -> bool {
    let mut half = Vec::with_capacity(frame.len());
    let once = shorten(frame, &mut half);
    shorten(&half, output) || once
}

/// The decoder of the codec that was heard last.
fn last(decoders: &mut [Decoder], heard: Option<CodecKind>) -> Option<&mut Decoder> {
    decoders.iter_mut().find(|decoder| Some(decoder.kind()) == heard)
}

fn time(samples: u64) -> Duration {
    Duration::from_micros(samples * 1_000_000 / u64::from(RATE))
}

impl std::fmt::Debug for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaker").field("heard", &self.heard).field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pcma(stretch: Stretch) -> Playout {
        Playout::Decode { payload: (&[0xd5; 160][..]).into(), payload_type: 8, stretch }
    }

    #[test]
    fn frames_are_decoded_concealed_and_counted() {
        let mut speaker = Speaker::new(&[Codec::opus(), Codec::pcma()]);
        speaker.play(&pcma(Stretch::None));
        assert_eq!((speaker.waiting(), speaker.heard), (Duration::from_millis(20), Some(CodecKind::Pcma)));
        speaker.play(&Playout::Conceal { duration: Duration::from_millis(20) });
        speaker.play(&Playout::Fec { next: (&[0xd5; 160][..]).into(), payload_type: 8, duration: Duration::from_millis(20) });
        speaker.play(&Playout::Silence { duration: Duration::from_millis(10) });
        assert_eq!(speaker.waiting(), Duration::from_millis(70));
        assert_eq!((speaker.concealed(), speaker.recovered()), (Duration::from_millis(20), Duration::from_millis(20)));
    }

    #[test]
    fn silence_is_stretched_and_shortened() {
        let mut speaker = Speaker::new(&[Codec::pcma()]);
        speaker.play(&pcma(Stretch::Shorten));
        assert_eq!(speaker.waiting(), Duration::from_millis(10));
        speaker.play(&pcma(Stretch::Lengthen));
        assert_eq!(speaker.waiting(), Duration::from_millis(40));
        for frame in 3..=10 {
            speaker.play(&pcma(Stretch::ShortenPause));
            let shortened = if frame == 10 { 10 } else { 0 };
            assert_eq!(speaker.waiting(), Duration::from_millis(40 + (frame - 2) * 20 - shortened));
        }
        speaker.play(&pcma(Stretch::SkipPause));
        assert_eq!(speaker.waiting(), Duration::from_millis(195));
    }

    #[test]
    fn a_voice_is_not_shortened_where_a_pause_would_be() {
        let mut speaker = Speaker::new(&[Codec::pcma()]);
        let voice: Vec<u8> = (0..160).map(|at| if at / 20 % 2 == 0 { 0x2a } else { 0xaa }).collect();
        let frame = |stretch| Playout::Decode { payload: voice.clone().into(), payload_type: 8, stretch };
        speaker.play(&frame(Stretch::ShortenPause));
        assert_eq!(speaker.waiting(), Duration::from_millis(20));
        speaker.play(&frame(Stretch::Shorten));
        assert!(speaker.waiting() < Duration::from_millis(40));
    }

    #[test]
    fn comfort_noise_is_heard_at_its_level_until_the_voice_is_back() {
        let mut speaker = Speaker::new(&[Codec::g722()]);
        speaker.play(&Playout::ComfortNoise { payload: (&[50][..]).into(), duration: Duration::from_millis(20) });
        assert_eq!((speaker.waiting(), speaker.heard), (Duration::from_millis(20), None));
        let silence = Playout::Decode { payload: (&[0xfa; 160][..]).into(), payload_type: 9, stretch: Stretch::None };
        speaker.play(&silence);
        speaker.play(&Playout::ComfortNoise { payload: (&[50][..]).into(), duration: Duration::from_millis(20) });
        speaker.next_block(|| Playout::Silence { duration: Duration::ZERO });
        let noise: Vec<i16> =
            (0..100).flat_map(|_| speaker.next_block(|| Playout::Silence { duration: Duration::from_millis(10) })).collect();
        assert!((Level::of(&noise[4_800..]).rms + 50.0).abs() < 2.0, "{:?}", Level::of(&noise[4_800..]));
        assert_eq!(speaker.concealed(), Duration::ZERO);
    }

    #[test]
    fn a_payload_type_of_nobody_adds_nothing() {
        let mut speaker = Speaker::new(&[Codec::opus(), Codec::telephone_event(8_000)]);
        for payload_type in [8, 101, 77] {
            speaker.play(&Playout::Decode { payload: (&[1; 9][..]).into(), payload_type, stretch: Stretch::None });
        }
        assert_eq!((speaker.waiting(), speaker.heard), (Duration::ZERO, None));
    }

    #[test]
    fn garbage_is_counted_and_concealed() {
        let mut speaker = Speaker::new(&[Codec::opus()]);
        speaker.play(&Playout::Decode { payload: (&[0xff; 3][..]).into(), payload_type: 111, stretch: Stretch::None });
        assert_eq!((speaker.malformed(), speaker.waiting()), (1, Duration::from_millis(20)));
    }
}
