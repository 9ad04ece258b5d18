use std::collections::VecDeque;
use std::time::{Duration, Instant};

use cooee_codec::{BLOCK, Block, CodecKind, Decoded, Decoder, EncoderConfig, RATE, SILENCE, lengthen, samples_in, shorten};
use cooee_machine::Now;
use cooee_rtc::{Gathering, MediaSecurity, Path, Playout, SessionEvent, SessionId, Statistics, Stretch};
use cooee_sdp::{Codec, Direction, Negotiated};

use super::microphone::Microphone;

/// Frames that fill one block at most; more would mean that they are empty.
const FRAMES_A_BLOCK: usize = 8;

/// One media session: its microphone, its loudspeaker, and what is known of it.
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) microphone: Microphone,
    pub(super) speaker: Speaker,
    pub(super) codec: String,
    /// Which ways sound was agreed to flow.
    pub(super) sends: bool,
    pub(super) receives: bool,
    pub(super) secured: Option<Secured>,
    pub(super) path: Option<Path>,
    /// As last reported; for a session that is no more.
    pub(super) statistics: Statistics,
}

/// When and how the keys came.
#[derive(Clone, Copy)]
pub(super) struct Secured {
    pub(super) at: Instant,
    pub(super) security: MediaSecurity,
    pub(super) cipher: &'static str,
}

impl Session {
    pub(super) fn new(id: SessionId, negotiated: &Negotiated, encoder: EncoderConfig) -> Self {
        Self {
            id,
            microphone: Microphone::new(negotiated, encoder),
            speaker: Speaker::new(&negotiated.receive),
            codec: negotiated.codec.name.clone(),
            sends: sends(negotiated.direction),
            receives: receives(negotiated.direction),
            secured: None,
            path: None,
            statistics: Statistics::default(),
        }
    }

    pub(super) fn update(&mut self, negotiated: &Negotiated, encoder: EncoderConfig) {
        self.microphone.update(negotiated, encoder);
        self.speaker.receive.clone_from(&negotiated.receive);
        self.codec.clone_from(&negotiated.codec.name);
        (self.sends, self.receives) = (sends(negotiated.direction), receives(negotiated.direction));
    }

    /// Takes from an event what sound needs to know.
    pub(super) fn note(&mut self, event: &SessionEvent, now: Now) {
        match event {
            SessionEvent::Secured { security, cipher } => {
                self.secured = Some(Secured { at: now.instant, security: *security, cipher });
            }
            SessionEvent::Path(path) => self.path = Some(*path),
            SessionEvent::Report(statistics) => {
                self.statistics = *statistics;
                if let Some(loss) = statistics.remote_loss {
                    self.microphone.reported_loss(loss);
                }
            }
            SessionEvent::Failed(_) | SessionEvent::Closed => self.secured = None,
            _ => {}
        }
    }
}

fn sends(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::SendOnly)
}

fn receives(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::RecvOnly)
}

/// The receiving side: what the jitter buffer decides becomes blocks.
pub(super) struct Speaker {
    receive: Vec<Codec>,
    decoders: Vec<Decoder>,
    queue: VecDeque<i16>,
    frame: Vec<i16>,
    stretched: Vec<i16>,
    /// Which codec was heard last.
    pub(super) heard: Option<CodecKind>,
    concealed: u64,
    recovered: u64,
}

impl Speaker {
    fn new(receive: &[Codec]) -> Self {
        Self {
            receive: receive.to_vec(),
            decoders: Vec::new(),
            queue: VecDeque::new(),
            frame: Vec::new(),
            stretched: Vec::new(),
            heard: None,
            concealed: 0,
            recovered: 0,
        }
    }

    /// The next 10 ms of the peer.
    pub(super) fn next_block(&mut self, gathering: &mut Gathering, session: SessionId, now: Now) -> Block {
        for _ in 0..FRAMES_A_BLOCK {
            if self.queue.len() >= BLOCK {
                break;
            }
            let playout = gathering.playout(session, now);
            self.play(&playout);
        }
        let mut block = SILENCE;
        let ready = self.queue.len().min(BLOCK);
        for (sample, queued) in block.iter_mut().zip(self.queue.drain(..ready)) {
            *sample = queued;
        }
        block
    }

    /// Appends one frame to the queue.
    fn play(&mut self, playout: &Playout) {
        self.frame.clear();
        match playout {
            Playout::Decode { payload, payload_type, stretch } => self.decode(payload, *payload_type, *stretch),
            Playout::Fec { next, payload_type, duration } => self.recover(next, *payload_type, *duration),
            Playout::Conceal { duration } => self.conceal(*duration),
            Playout::Silence { duration } => self.frame.resize(samples_in(*duration), 0),
        }
        self.queue.extend(self.frame.drain(..));
    }

    fn decode(&mut self, payload: &[u8], payload_type: u8, stretch: Stretch) {
        let Some(at) = self.decoder(payload_type) else { return };
        let Some(decoder) = self.decoders.get_mut(at) else { return };
        if decoder.decode(payload, &mut self.frame) == Decoded::Malformed {
            self.concealed += self.frame.len() as u64;
        }
        let change: fn(&[i16], &mut Vec<i16>) -> bool = match stretch {
            Stretch::None => return,
            Stretch::Shorten => shorten,
            Stretch::Lengthen => lengthen,
        };
        self.stretched.clear();
        change(&self.frame, &mut self.stretched);
        std::mem::swap(&mut self.frame, &mut self.stretched);
    }

    fn recover(&mut self, next: &[u8], payload_type: u8, duration: Duration) {
        let Some(decoder) = self.decoder(payload_type).and_then(|at| self.decoders.get_mut(at)) else { return };
        decoder.decode_fec(next, samples_in(duration), &mut self.frame);
        self.recovered += self.frame.len() as u64;
    }

    fn conceal(&mut self, duration: Duration) {
        let count = samples_in(duration);
        let last = self.heard.and_then(|kind| self.decoders.iter_mut().find(|decoder| decoder.kind() == kind));
        match last {
            Some(decoder) => decoder.conceal(count, &mut self.frame),
            None => self.frame.resize(count, 0),
        }
        self.concealed += count as u64;
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
    pub(super) fn waiting(&self) -> Duration {
        time(self.queue.len() as u64)
    }

    /// Sound invented so far.
    pub(super) fn concealed(&self) -> Duration {
        time(self.concealed)
    }

    /// Sound recovered from redundancy so far.
    pub(super) fn recovered(&self) -> Duration {
        time(self.recovered)
    }

    /// Payloads that no decoder understood.
    pub(super) fn malformed(&self) -> u64 {
        self.decoders.iter().map(Decoder::malformed).sum()
    }
}

fn time(samples: u64) -> Duration {
    Duration::from_micros(samples * 1_000_000 / u64::from(RATE))
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
