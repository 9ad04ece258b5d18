//! The one place that knows the Opus library.

use opus::{Application, Bandwidth, Bitrate, Channels, Signal};

use crate::{CodecError, RATE};

/// The longest packet the library writes (RFC 6716 3.4).
const LARGEST: usize = 1_275;
/// The longest sound in one packet: 120 ms.
pub(crate) const LONGEST: usize = 5_760;
/// At and below 16 kb/s there is no forward error correction in 20 ms packets; and at 24 kb/s it needs a twelfth more, lest the library
/// leaves it out, or narrows the band for it.
const FLOOR_UNDER_LOSS: u32 = 18_000;
/// From here on there are bits for the full band (RFC 7587 3.1.1: 28 to 40 kb/s); below, they serve a voice better up to 8 kHz,
/// where redundancy covers all of it, and a fifth less CPU is needed.
const FULL_BAND: u32 = 28_000;
/// More redundancy than this costs more than it mends.
const CEILING_OF_LOSS: u8 = 30;

impl From<opus::Error> for CodecError {
    fn from(error: opus::Error) -> Self {
        Self::Opus(error.to_string())
    }
}

/// What an encoder is set to; bits and samples are for each second.
#[derive(Clone, Copy)]
pub(crate) struct OpusConfig {
    pub(crate) bitrate: u32,
    pub(crate) max_bitrate: u32,
    pub(crate) complexity: u8,
    pub(crate) dtx: bool,
    pub(crate) constant: bool,
    pub(crate) max_playback_rate: u32,
}

pub(crate) struct OpusEncoder {
    encoder: opus::Encoder,
    bitrate: u32,
    max_bitrate: u32,
    /// The most that the peer plays.
    widest: Bandwidth,
    loss: u8,
    buffer: [u8; LARGEST],
}

impl OpusEncoder {
    pub(crate) fn new(config: OpusConfig) -> Result<Self, CodecError> {
        let mut encoder = opus::Encoder::new(RATE, Channels::Mono, Application::Voip)?;
        encoder.set_signal(Signal::Voice)?;
        encoder.set_complexity(i32::from(config.complexity))?;
        encoder.set_inband_fec(true)?;
        encoder.set_dtx(config.dtx)?;
        encoder.set_vbr(!config.constant)?;
        let mut encoder = Self {
            encoder,
            bitrate: config.bitrate,
            max_bitrate: config.max_bitrate,
            widest: widest(config.max_playback_rate),
            loss: 0,
            buffer: [0; LARGEST],
        };
        encoder.adapt()?;
        Ok(encoder)
    }

    pub(crate) fn set_bitrate(&mut self, bitrate: u32) -> Result<(), CodecError> {
        self.bitrate = bitrate;
        self.adapt()
    }

    pub(crate) fn set_loss(&mut self, percent: u8) -> Result<(), CodecError> {
        self.loss = percent.min(CEILING_OF_LOSS);
        self.adapt()
    }

    pub(crate) fn bitrate(&self) -> u32 {
        let wanted = if self.loss > 0 { (self.bitrate + self.bitrate / 12).max(FLOOR_UNDER_LOSS) } else { self.bitrate };
        wanted.min(self.max_bitrate)
    }

    fn adapt(&mut self) -> Result<(), CodecError> {
        let bitrate = self.bitrate().clamp(6_000, 128_000);
        self.encoder.set_bitrate(Bitrate::Bits(i32::try_from(bitrate).unwrap_or(24_000)))?;
        // Redundancy is part of what serves the voice, and so leaves the band as it is.
        let affordable =
            if bitrate < FULL_BAND || self.loss > 0 && self.bitrate < FULL_BAND { Bandwidth::Wideband } else { Bandwidth::Fullband };
        let narrower = if (self.widest as i32) < affordable as i32 { self.widest } else { affordable };
        self.encoder.set_max_bandwidth(narrower)?;
        // Without a figure for loss the library adds no redundancy, whatever `set_inband_fec` says.
        self.encoder.set_packet_loss_perc(i32::from(self.loss))?;
        Ok(())
    }

    pub(crate) fn encode(&mut self, frame: &[i16]) -> Result<&[u8], CodecError> {
        let length = self.encoder.encode(frame, &mut self.buffer)?;
        Ok(self.buffer.get(..length).unwrap_or_default())
    }
}

/// The bandwidth that so many samples a second can hold (RFC 7587 3.1.1).
fn widest(max_playback_rate: u32) -> Bandwidth {
    match max_playback_rate {
        0..12_000 => Bandwidth::Narrowband,
        12_000..16_000 => Bandwidth::Mediumband,
        16_000..24_000 => Bandwidth::Wideband,
        24_000..48_000 => Bandwidth::Superwideband,
        _ => Bandwidth::Fullband,
    }
}

pub(crate) struct OpusDecoder {
    decoder: opus::Decoder,
}

impl OpusDecoder {
    pub(crate) fn new() -> Result<Self, CodecError> {
        Ok(Self { decoder: opus::Decoder::new(RATE, Channels::Mono)? })
    }

    /// Appends what `payload` holds; `false` and nothing appended if it is no Opus.
    pub(crate) fn decode(&mut self, payload: &[u8], output: &mut Vec<i16>) -> bool {
        // Room for just what is in it: the longest would be cleared for nothing.
        let Ok(count) = self.decoder.get_nb_samples(payload) else { return false };
        self.append(payload, count, false, output)
    }

    /// Appends `count` samples of the packet before `next`, from the redundancy in `next`, or else invented.
    pub(crate) fn decode_fec(&mut self, next: &[u8], count: usize, output: &mut Vec<i16>) -> bool {
        !next.is_empty() && self.append(next, count, true, output)
    }

    /// Appends `count` invented samples.
    pub(crate) fn conceal(&mut self, count: usize, output: &mut Vec<i16>) -> bool {
        self.append(&[], count, false, output)
    }

    fn append(&mut self, payload: &[u8], count: usize, fec: bool, output: &mut Vec<i16>) -> bool {
        let start = output.len();
        output.resize(start + count, 0);
        let decoded = output.get_mut(start..).map_or(Ok(0), |frame| self.decoder.decode(payload, frame, fec));
        output.truncate(start + decoded.as_ref().copied().unwrap_or(0).min(count));
        decoded.is_ok()
    }
}
