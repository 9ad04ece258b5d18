use std::time::Duration;

use cooee_sdp::{Codec, Direction, Negotiated};

use crate::jitter::Content;

/// What was agreed about the media itself.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) payload_type: u8,
    pub(crate) clock_rate: u32,
    /// Payload type and clock of digits that the peer takes.
    pub(crate) digits: Option<(u8, u32)>,
    receive: Vec<Receive>,
    direction: Direction,
    /// How long the peer's frames are likely to be.
    pub(crate) frame: Option<Duration>,
    /// Either side may ask the other to send less (TMMBR).
    pub(crate) takes_rate_requests: bool,
    /// What we want to be sent, in bit/s with all headers.
    pub(crate) wanted_rate: Option<u32>,
}

/// One payload type that may come in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receive {
    pub(crate) payload_type: u8,
    pub(crate) clock_rate: u32,
    pub(crate) kind: ReceiveKind,
}

/// What it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiveKind {
    Sound(Content),
    Digits,
    /// RFC 3389, on another clock than the sound.
    ComfortNoise,
}

/// Many a peer sends comfort noise with its static payload type, agreed or not.
const COMFORT_NOISE: Receive = Receive { payload_type: 13, clock_rate: 8_000, kind: ReceiveKind::ComfortNoise };

const MAX_PAYLOAD_TYPES: usize = 32;

impl Terms {
    pub(crate) fn new(remote: &Negotiated) -> Self {
        let receive = remote.receive.iter().take(MAX_PAYLOAD_TYPES).map(|codec| Receive {
            payload_type: codec.payload_type,
            clock_rate: codec.clock_rate.max(1),
            kind: kind(codec),
        });
        Self {
            payload_type: remote.codec.payload_type,
            clock_rate: remote.codec.clock_rate.max(1),
            digits: remote.dtmf.as_ref().map(|dtmf| (dtmf.payload_type, dtmf.clock_rate.max(1))),
            receive: receive.collect(),
            direction: remote.direction,
            frame: remote.peer_ptime,
            takes_rate_requests: remote.rate_requests,
            wanted_rate: remote.wanted_rate,
        }
    }

    pub(crate) fn receive(&self, payload_type: u8) -> Option<Receive> {
        let agreed = self.receive.iter().find(|receive| receive.payload_type == payload_type).copied();
        let found = agreed.or_else(|| Some(COMFORT_NOISE).filter(|noise| noise.payload_type == payload_type))?;
        // Noise on the clock of the sound has its place in the stream of it.
        let in_stream = found.kind == ReceiveKind::ComfortNoise && found.clock_rate == self.clock_rate;
        Some(if in_stream { Receive { kind: ReceiveKind::Sound(Content::ComfortNoise), ..found } } else { found })
    }

    pub(crate) fn sends(&self) -> bool {
        matches!(self.direction, Direction::SendRecv | Direction::SendOnly)
    }

    pub(crate) fn receives(&self) -> bool {
        matches!(self.direction, Direction::SendRecv | Direction::RecvOnly)
    }
}

fn kind(codec: &Codec) -> ReceiveKind {
    if codec.is_telephone_event() {
        ReceiveKind::Digits
    } else if codec.is_comfort_noise() {
        ReceiveKind::ComfortNoise
    } else if codec.name.eq_ignore_ascii_case("opus") {
        ReceiveKind::Sound(Content::Opus)
    } else {
        ReceiveKind::Sound(Content::Audio)
    }
}
