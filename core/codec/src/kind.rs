use std::fmt;

/// The codecs that calls are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodecKind {
    /// Opus, 48 kHz (RFC 6716, RFC 7587).
    Opus,
    /// G.722, 16 kHz, whose RTP clock says 8 kHz by a mistake that became the rule (RFC 3551 4.5.2).
    G722,
    /// G.711 A-law, 8 kHz (RFC 3551 4.5.14).
    Pcma,
    /// G.711 µ-law, 8 kHz (RFC 3551 4.5.14).
    Pcmu,
}

impl CodecKind {
    /// All, the best first.
    pub const ALL: [Self; 4] = [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu];

    /// The name registered for RTP, as it stands in SDP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::G722 => "G722",
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    /// Which codec has this name; names compare without case (RFC 4855).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// RTP clock in Hz.
    #[must_use]
    pub fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::G722 | Self::Pcma | Self::Pcmu => 8_000,
        }
    }

    /// Samples at 48 kHz for each tick of the RTP clock.
    #[must_use]
    pub fn samples_per_tick(self) -> u32 {
        crate::RATE / self.clock_rate()
    }
}

impl fmt::Display for CodecKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a codec cannot be made: the library lacks memory, or a setting is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The library's own words.
    #[error("the Opus library refuses: {0}")]
    Opus(String),
    /// A packet time that the codec does not know.
    #[error("{codec} has no packets of {milliseconds} ms")]
    PacketTime {
        /// Which codec.
        codec: CodecKind,
        /// What was asked for.
        milliseconds: u128,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_without_regard_to_case() {
        assert_eq!(CodecKind::from_name("OPUS"), Some(CodecKind::Opus));
        assert_eq!(CodecKind::from_name("pcma"), Some(CodecKind::Pcma));
        assert_eq!(CodecKind::from_name("g722"), Some(CodecKind::G722));
        assert_eq!(CodecKind::from_name("G729"), None);
    }
}
