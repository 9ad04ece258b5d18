use std::collections::VecDeque;

use cooee_codec::{BLOCK, Block, Encoded, Encoder, EncoderConfig, SILENCE, Tone, ToneGenerator};
use cooee_rtc::{EncodedFrame, RateLimit};
use cooee_sdp::Negotiated;

use super::parameters::Sending;

/// Silence between two digits that are sent as tones: 60 ms.
const BETWEEN_DIGITS: u32 = 6;
/// Digits waiting to be sent as tones.
const MOST_DIGITS: usize = 32;
/// A peer that changes its mind is followed no more often than each second.
const SETTLED: u32 = 100;

/// The sending side of one session: blocks to frames of its codec, as good as the peer's reports allow.
pub(super) struct Microphone {
    /// As it was agreed, before any limit.
    agreed: Option<Sending>,
    /// What the peer asked for in the midst of the call.
    limit: Option<RateLimit>,
    sending: Option<Sending>,
    encoder: Option<Encoder>,
    clock_rate: u32,
    frame: Vec<i16>,
    /// Whether anything in the frame is to be sent.
    speaks: bool,
    payload: Vec<u8>,
    loss: f32,
    digits: Digits,
    /// Blocks since a limit last changed the encoder.
    age: u32,
}

impl Microphone {
    /// For what was negotiated. With a codec that is none of ours nothing is sent (and signalling should have refused it).
    pub(super) fn new(negotiated: &Negotiated, ours: EncoderConfig) -> Self {
        Self::sending(Sending::negotiated(negotiated, ours), None, negotiated.codec.clock_rate)
    }

    fn sending(agreed: Option<Sending>, limit: Option<RateLimit>, clock_rate: u32) -> Self {
        let sending = agreed.map(|agreed| limit.map_or(agreed, |limit| agreed.within(limit)));
        let encoder = sending.and_then(|sending| {
            Encoder::new(sending.kind, sending.encoder).inspect_err(|error| tracing::error!(%error, "cannot encode")).ok()
        });
        Self {
            agreed,
            limit,
            sending,
            encoder,
            clock_rate,
            frame: Vec::new(),
            speaks: false,
            payload: Vec::new(),
            loss: 0.0,
            digits: Digits::default(),
            age: SETTLED,
        }
    }

    /// Another encoder; the digits that wait are sent by it.
    fn exchange(&mut self, agreed: Option<Sending>, clock_rate: u32) {
        let digits = std::mem::take(&mut self.digits);
        *self = Self { digits, ..Self::sending(agreed, self.limit, clock_rate) };
    }

    /// The same microphone by a later agreement; the encoder goes on if nothing changed for it.
    pub(super) fn update(&mut self, negotiated: &Negotiated, ours: EncoderConfig) {
        let agreed = Sending::negotiated(negotiated, ours);
        if agreed != self.agreed {
            self.exchange(agreed, negotiated.codec.clock_rate);
        }
    }

    /// The peer asks that no more is sent than this; the encoder goes on if that changes nothing for it. It holds from the next frame on, and
    /// within a second where the peer has asked for something else just before.
    pub(super) fn keep_within(&mut self, limit: RateLimit) {
        self.limit = Some(limit);
    }

    fn obey(&mut self) {
        let Some(limit) = self.limit.filter(|_| self.frame.is_empty() && self.age >= SETTLED) else { return };
        if self.agreed.map(|agreed| agreed.within(limit)) != self.sending {
            self.exchange(self.agreed, self.clock_rate);
            self.age = 0;
        }
    }

    /// Takes 10 ms (`None`: nothing is to be sent); the frame that this completed, if it did. Call every 10 ms: the RTP clock
    /// goes by it.
    pub(super) fn push(&mut self, block: Option<&Block>) -> Option<EncodedFrame<'_>> {
        self.age = self.age.saturating_add(1);
        self.obey();
        let tone = block.and_then(|_| self.digits.next_block());
        self.frame.extend_from_slice(tone.as_ref().or(block).unwrap_or(&SILENCE));
        self.speaks |= block.is_some();
        let wanted = self.encoder.as_ref().map_or(2 * BLOCK, Encoder::frame_samples);
        if self.frame.len() < wanted {
            return None;
        }
        self.payload.clear();
        let marker = self.encode();
        self.frame.clear();
        self.speaks = false;
        let samples = self.encoder.as_ref().map_or(self.clock_rate / 50, Encoder::frame_ticks);
        Some(EncodedFrame { payload: &self.payload, samples, marker })
    }

    fn encode(&mut self) -> bool {
        let Some(encoder) = self.encoder.as_mut().filter(|_| self.speaks) else { return false };
        match encoder.encode(&self.frame, &mut self.payload) {
            Ok(Encoded::Packet { marker }) => marker,
            Ok(Encoded::Nothing) => false,
            Err(error) => {
                tracing::error!(%error, "cannot encode");
                false
            }
        }
    }

    /// Sends a digit as tones, for a peer that takes no telephone-events.
    pub(super) fn dial(&mut self, digit: char) {
        self.digits.push(digit);
    }

    /// The peer reports that it lost this share of what we sent. Redundancy comes at once and goes slowly.
    pub(super) fn reported_loss(&mut self, share: f32) {
        self.loss = if share > self.loss { share } else { self.loss * 0.7 + share * 0.3 };
        let percent = if self.loss < 0.005 { 0.0 } else { (self.loss * 100.0).ceil() };
        let useful = self.sending.is_some_and(|sending| sending.fec);
        if let Some(encoder) = self.encoder.as_mut().filter(|_| useful) {
            // A cast from float saturates.
            if let Err(error) = encoder.set_loss(percent as u8) {
                tracing::warn!(%error, "cannot adapt to loss");
            }
        }
    }

    /// What is aimed at now, in bits a second.
    #[cfg(test)]
    pub(super) fn bitrate(&self) -> u32 {
        self.encoder.as_ref().map_or(0, Encoder::bitrate)
    }
}

/// Digits as tones, one after the other.
#[derive(Default)]
struct Digits {
    waiting: VecDeque<char>,
    sounding: Option<ToneGenerator>,
    pause: u32,
}

impl Digits {
    fn push(&mut self, digit: char) {
        if self.waiting.len() < MOST_DIGITS {
            self.waiting.push_back(digit);
        }
    }

    fn next_block(&mut self) -> Option<Block> {
        if self.pause > 0 {
            self.pause -= 1;
            return Some(SILENCE);
        }
        let generator = match &mut self.sounding {
            Some(generator) => generator,
            None => self.sounding.insert(ToneGenerator::new(Tone::Digit(self.waiting.pop_front()?))),
        };
        let block = generator.next_block();
        if generator.is_over() {
            self.sounding = None;
            self.pause = BETWEEN_DIGITS;
        }
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::{Decoder, Level};
    use cooee_sdp::{Codec, Direction, NegotiatedSecurity};

    use super::*;

    fn microphone(codec: Codec) -> Microphone {
        let negotiated = Negotiated {
            receive: vec![codec.clone()],
            codec,
            dtmf: None,
            direction: Direction::SendRecv,
            peer_ptime: None,
            peer_max_ptime: None,
            remote_address: None,
            remote_rtcp: None,
            rtcp_mux: true,
            ice: None,
            security: NegotiatedSecurity::None,
            controlling: true,
            rate_requests: false,
            wanted_rate: None,
        };
        Microphone::new(&negotiated, EncoderConfig { bitrate: 14_000, ..EncoderConfig::default() })
    }

    #[test]
    fn two_blocks_make_a_frame_and_silence_that_is_not_to_be_sent_moves_the_clock_only() {
        let mut microphone = microphone(Codec::opus());
        assert_eq!(microphone.push(None), None);
        assert_eq!(microphone.push(None), Some(EncodedFrame { payload: &[], samples: 960, marker: false }));
        assert_eq!(microphone.push(Some(&[500; 480])), None);
        let frame = microphone.push(Some(&[500; 480])).unwrap();
        assert!(frame.payload.len() > 2 && frame.samples == 960);
    }

    #[test]
    fn a_codec_of_nobody_sends_nothing() {
        let mut microphone = microphone(Codec::new(3, "GSM", 8000, 1));
        microphone.push(Some(&[500; 480]));
        assert_eq!(microphone.push(Some(&[500; 480])), Some(EncodedFrame { payload: &[], samples: 160, marker: false }));
    }

    #[test]
    fn redundancy_comes_at_the_first_report_of_loss_and_goes_slowly() {
        let mut microphone = microphone(Codec::opus());
        assert_eq!(microphone.bitrate(), 14_000);
        microphone.reported_loss(0.1);
        assert_eq!(microphone.bitrate(), 18_000);
        for _ in 0..3 {
            microphone.reported_loss(0.0);
        }
        assert_eq!(microphone.bitrate(), 18_000);
        for _ in 0..10 {
            microphone.reported_loss(0.0);
        }
        assert_eq!(microphone.bitrate(), 14_000);
    }

    #[test]
    fn a_peer_that_asks_for_ever_less_is_followed_once_a_second() {
        let mut microphone = microphone(Codec::opus());
        let limits = (0..100).map(|n| RateLimit { total: 24_000 - 50 * n, overhead: 40 });
        let mut rates = Vec::new();
        for limit in limits {
            microphone.keep_within(limit);
            microphone.push(Some(&[500; 480]));
            rates.push(microphone.bitrate());
        }
        rates.dedup();
        assert_eq!(rates.len(), 1, "{rates:?}");
        for _ in 0..4 {
            microphone.push(Some(&[500; 480]));
        }
        assert!(microphone.bitrate() < rates[0], "what was asked last holds in the end");
    }

    #[test]
    fn a_digit_goes_on_by_another_encoder() {
        let mut microphone = microphone(Codec::opus());
        microphone.dial('1');
        microphone.push(Some(&[500; 480]));
        microphone.push(Some(&[500; 480]));
        microphone.keep_within(RateLimit { total: 20_000, overhead: 40 });
        assert!(microphone.digits.sounding.is_some());
        microphone.push(Some(&[500; 480]));
        assert!(microphone.digits.sounding.is_some() && microphone.age == 0);
    }

    #[test]
    fn digits_replace_the_voice_as_tones() {
        let mut microphone = microphone(Codec::pcma());
        for digit in ['1', '2'] {
            microphone.dial(digit);
        }
        let (mut decoder, mut heard) = (Decoder::new(cooee_codec::CodecKind::Pcma).unwrap(), Vec::new());
        for _ in 0..50 {
            if let Some(frame) = microphone.push(Some(&[1_000; 480])) {
                decoder.decode(frame.payload, &mut heard);
            }
        }
        let loudness = |from: usize, to: usize| Level::of(&heard[from * 48..to * 48]).rms;
        assert!(loudness(10, 90) > -25.0 && loudness(115, 150) < -60.0 && loudness(170, 250) > -25.0);
        let rest = &heard[350 * 48..450 * 48];
        assert!(rest.iter().all(|sample| (900..1_100).contains(sample)), "the voice is back");
    }
}
