use std::time::Duration;

use crate::opus::{OpusConfig, OpusEncoder};
use crate::telephone::{Law, TelephoneEncoder};
use crate::{CodecError, CodecKind, RATE, samples_in};

/// How to encode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncoderConfig {
    /// Sound in one packet: 10, 20, 40 or 60 ms.
    pub packet_time: Duration,
    /// Opus only: bits a second, without headers.
    pub bitrate: u32,
    /// Opus only: more than this is never sent, not even while redundancy is needed (RFC 7587 6.1, `maxaveragebitrate`).
    pub max_bitrate: u32,
    /// Opus only: 0 to 10. More costs CPU, except that 6 costs no more than 5 where the library can use AVX2.
    pub complexity: u8,
    /// Opus only: send nothing while nobody speaks (RFC 7587 3.1.3).
    pub dtx: bool,
    /// Opus only: every packet is as long as the others (RFC 7587 6.1, `cbr`), lest their lengths tell what is said.
    pub constant: bool,
    /// Opus only: the peer plays no more samples a second than this (RFC 7587 6.1, `maxplaybackrate`).
    pub max_playback_rate: u32,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            packet_time: Duration::from_millis(20),
            bitrate: 24_000,
            max_bitrate: 128_000,
            complexity: 6,
            dtx: false,
            constant: false,
            max_playback_rate: RATE,
        }
    }
}

/// What came of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// The payload is ready.
    Packet {
        /// Speech begins after silence that was not sent: the RTP marker (RFC 3551 4.1).
        marker: bool,
    },
    /// Silence that need not be sent; the RTP clock goes on.
    Nothing,
}

/// Why a frame was not encoded: the caller's mistake, never the peer's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A frame has exactly [`Encoder::frame_samples`] samples.
    #[error("a frame of {got} samples where {wanted} are encoded")]
    FrameLength {
        /// Samples given.
        got: usize,
        /// Samples expected.
        wanted: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// Frames of 48 kHz to payloads of one codec.
pub struct Encoder {
    kind: CodecKind,
    frame: usize,
    engine: Engine,
    silent: bool,
}

enum Engine {
    Opus(Box<OpusEncoder>),
    Telephone(Box<TelephoneEncoder>),
}

impl Encoder {
    /// Makes an encoder.
    ///
    /// # Errors
    /// A packet time the codec does not know, or the library's refusal.
    pub fn new(kind: CodecKind, config: EncoderConfig) -> Result<Self, CodecError> {
        let milliseconds = config.packet_time.as_millis();
        if ![10, 20, 40, 60].contains(&milliseconds) {
            return Err(CodecError::PacketTime { codec: kind, milliseconds });
        }
        let EncoderConfig { bitrate, max_bitrate, complexity, dtx, constant, max_playback_rate, .. } = config;
        let telephone = |law| Engine::Telephone(Box::new(TelephoneEncoder::new(law)));
        let engine = match kind {
            CodecKind::Opus => {
                let config = OpusConfig { bitrate, max_bitrate, complexity, dtx, constant, max_playback_rate };
                Engine::Opus(Box::new(OpusEncoder::new(config)?))
            }
            CodecKind::G722 => telephone(Law::G722),
            CodecKind::Pcma => telephone(Law::A),
            CodecKind::Pcmu => telephone(Law::Mu),
        };
        Ok(Self { kind, frame: samples_in(config.packet_time), engine, silent: false })
    }

    /// Which codec.
    #[must_use]
    pub fn kind(&self) -> CodecKind {
        self.kind
    }

    /// Samples at 48 kHz in a frame.
    #[must_use]
    pub fn frame_samples(&self) -> usize {
        self.frame
    }

    /// Ticks of the RTP clock in a frame.
    #[must_use]
    pub fn frame_ticks(&self) -> u32 {
        u32::try_from(self.frame).unwrap_or(0) / self.kind.samples_per_tick()
    }

    /// Bits a second that are aimed at now, without headers.
    #[must_use]
    pub fn bitrate(&self) -> u32 {
        match &self.engine {
            Engine::Opus(opus) => opus.bitrate(),
            Engine::Telephone(_) => 64_000,
        }
    }

    /// Appends the payload of one frame to `payload`.
    ///
    /// # Errors
    /// A frame of another length, or the library's failure.
    pub fn encode(&mut self, frame: &[i16], payload: &mut Vec<u8>) -> Result<Encoded, EncodeError> {
        if frame.len() != self.frame {
            return Err(EncodeError::FrameLength { got: frame.len(), wanted: self.frame });
        }
        match &mut self.engine {
            Engine::Opus(opus) => {
                let packet = opus.encode(frame)?;
                // One or two octets are the library's "do not send".
                if packet.len() <= 2 {
                    self.silent = true;
                    return Ok(Encoded::Nothing);
                }
                payload.extend_from_slice(packet);
                Ok(Encoded::Packet { marker: std::mem::take(&mut self.silent) })
            }
            Engine::Telephone(telephone) => {
                telephone.encode(frame, payload);
                Ok(Encoded::Packet { marker: false })
            }
        }
    }

    /// Tells how much of what we send is lost, in percent, by the peer's reports: Opus adds redundancy for it, and never
    /// goes where it cannot. Other codecs have nothing to adapt.
    ///
    /// # Errors
    /// The library's refusal.
    pub fn set_loss(&mut self, percent: u8) -> Result<(), CodecError> {
        match &mut self.engine {
            Engine::Opus(opus) => opus.set_loss(percent),
            Engine::Telephone(_) => Ok(()),
        }
    }

    /// Changes the bit rate (Opus: 6,000 to 128,000). Other codecs have one rate.
    ///
    /// # Errors
    /// The library's refusal.
    pub fn set_bitrate(&mut self, bitrate: u32) -> Result<(), CodecError> {
        match &mut self.engine {
            Engine::Opus(opus) => opus.set_bitrate(bitrate),
            Engine::Telephone(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::anna;

    fn bits_a_second(encoder: &mut Encoder, speech: &[i16]) -> f64 {
        let mut payload = Vec::new();
        let frames = speech.chunks_exact(encoder.frame_samples());
        let seconds = frames.len() as f64 * encoder.frame_samples() as f64 / 48_000.0;
        frames.for_each(|frame| assert!(encoder.encode(frame, &mut payload).is_ok()));
        payload.len() as f64 * 8.0 / seconds
    }

    #[test]
    fn opus_keeps_its_bit_rate_on_speech() {
        let mut encoder = Encoder::new(CodecKind::Opus, EncoderConfig::default()).unwrap();
        let rate = bits_a_second(&mut encoder, &anna());
        assert!((20_000.0..28_000.0).contains(&rate), "{rate}");
        encoder.set_bitrate(40_000).unwrap();
        assert!(bits_a_second(&mut encoder, &anna()) > 34_000.0);
    }

    #[test]
    fn opus_never_goes_under_eighteen_kilobit_while_loss_is_reported() {
        let config = EncoderConfig { bitrate: 12_000, ..EncoderConfig::default() };
        let mut encoder = Encoder::new(CodecKind::Opus, config).unwrap();
        assert_eq!(encoder.bitrate(), 12_000);
        encoder.set_loss(100).unwrap();
        assert_eq!(encoder.bitrate(), 18_000);
        encoder.set_loss(0).unwrap();
        assert_eq!(encoder.bitrate(), 12_000);
        let mut encoder = Encoder::new(CodecKind::Opus, EncoderConfig { max_bitrate: 14_000, ..config }).unwrap();
        encoder.set_loss(100).unwrap();
        assert_eq!(encoder.bitrate(), 14_000, "the peer wants no more");
    }

    #[test]
    fn redundancy_comes_with_any_loss_and_takes_nothing_from_the_band() {
        let speech = anna();
        for loss in [1, 3, 5, 10, 20, 30] {
            let mut encoder = Encoder::new(CodecKind::Opus, EncoderConfig::default()).unwrap();
            encoder.set_loss(loss).unwrap();
            let mut redundant = 0;
            for frame in speech[48_000..240_000].chunks_exact(960) {
                let mut payload = Vec::new();
                encoder.encode(frame, &mut payload).unwrap();
                // SILK wideband of 20 ms; the second bit of the first frame tells of redundancy (RFC 6716 4.2.4).
                assert_eq!(payload[0] >> 3, 9, "{loss} %");
                redundant += usize::from(payload[1] & 0x40 != 0);
            }
            assert!(redundant > 100, "{loss} %: {redundant} of 200");
        }
    }

    #[test]
    fn with_dtx_silence_is_hardly_sent_and_speech_after_it_carries_the_marker() {
        let mut encoder = Encoder::new(CodecKind::Opus, EncoderConfig { dtx: true, ..EncoderConfig::default() }).unwrap();
        let mut payload = Vec::new();
        let silent = (0..200).filter(|_| encoder.encode(&[0; 960], &mut payload).unwrap() == Encoded::Nothing).count();
        assert!(silent > 150, "{silent}");
        let speech = anna();
        let frames: Vec<Encoded> = speech.chunks_exact(960).map(|frame| encoder.encode(frame, &mut payload).unwrap()).collect();
        assert!(frames.contains(&Encoded::Packet { marker: true }));
    }

    #[test]
    fn opus_sends_no_more_than_the_peer_can_play_and_keeps_a_constant_rate_if_asked_to() {
        let speech = anna();
        let mut lengths = Vec::new();
        // The bandwidth is in the upper five bits of the first octet (RFC 6716 3.1): SILK narrowband, mediumband, wideband.
        for (rate, modes) in [(8_000, 0..=3), (12_000, 4..=7), (16_000, 8..=11), (24_000, 12..=13), (48_000, 14..=15)] {
            let config = EncoderConfig { bitrate: 32_000, max_playback_rate: rate, constant: true, ..EncoderConfig::default() };
            let mut encoder = Encoder::new(CodecKind::Opus, config).unwrap();
            for frame in speech[48_000..96_000].chunks_exact(960) {
                let mut payload = Vec::new();
                encoder.encode(frame, &mut payload).unwrap();
                // CELT packets (16 and up) say it in other numbers.
                assert!(modes.contains(&(payload[0] >> 3)) || payload[0] >> 3 >= 16, "{rate}: {}", payload[0] >> 3);
                lengths.push(payload.len());
            }
        }
        assert!(lengths.iter().all(|length| *length == 80), "{lengths:?}");
    }

    #[test]
    fn g711_and_g722_send_one_octet_for_each_tick() {
        let mut encoder = Encoder::new(CodecKind::G722, EncoderConfig::default()).unwrap();
        let mut payload = Vec::new();
        assert_eq!(encoder.encode(&[0; 960], &mut payload), Ok(Encoded::Packet { marker: false }));
        assert_eq!((payload.len(), encoder.frame_ticks(), encoder.bitrate()), (160, 160, 64_000));
        let mut encoder = Encoder::new(CodecKind::Pcma, EncoderConfig::default()).unwrap();
        let mut payload = Vec::new();
        assert_eq!(encoder.encode(&[0; 960], &mut payload), Ok(Encoded::Packet { marker: false }));
        assert_eq!((payload.len(), encoder.frame_ticks()), (160, 160));
        assert!(payload.iter().all(|octet| *octet == 0xd5));
    }

    #[test]
    fn wrong_lengths_are_refused() {
        let mut encoder = Encoder::new(CodecKind::Pcmu, EncoderConfig::default()).unwrap();
        assert_eq!(encoder.encode(&[0; 480], &mut Vec::new()), Err(EncodeError::FrameLength { got: 480, wanted: 960 }));
        let config = EncoderConfig { packet_time: Duration::from_millis(15), ..EncoderConfig::default() };
        assert!(Encoder::new(CodecKind::Opus, config).is_err());
    }
}
