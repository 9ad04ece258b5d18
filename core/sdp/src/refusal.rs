/// Why an offer or an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No audio line, or only such as are disabled (port 0).
    #[error("there is no audio in it")]
    NoAudio,
    /// The peer's answer rejected our audio line (port 0).
    #[error("the other side rejected the audio stream")]
    AudioRejected,
    /// No codec that both sides know.
    #[error("no codec in common")]
    NoCommonCodec,
    /// The answer names only codecs that were never offered (RFC 3264 6.1).
    #[error("the answer names a codec that was not offered")]
    CodecNotOffered,
    /// No way of protecting media that both sides know and this side's policy allows.
    #[error("no media security in common")]
    SecurityRefused,
    /// The answer contradicts the offer: a line is missing, of another kind, or of another profile.
    #[error("the answer does not fit the offer")]
    AnswerMismatch,
}

impl Refusal {
    /// The `warn-code` and `warn-text` for a 488 response (RFC 3261 20.43).
    #[must_use]
    pub fn warning(self) -> (u16, &'static str) {
        match self {
            Self::NoAudio | Self::AudioRejected => (304, "Media type not available"),
            Self::NoCommonCodec | Self::CodecNotOffered => (305, "Incompatible media format"),
            Self::SecurityRefused => (302, "Incompatible transport protocol"),
            Self::AnswerMismatch => (399, "Answer does not fit the offer"),
        }
    }
}
