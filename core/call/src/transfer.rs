/// How far the handing over of a call has come, told by the peer that was asked to call somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransferProgress {
    /// It was asked.
    Asked,
    /// It calls: the latest provisional SIP status it got.
    Trying(u16),
    /// The two speak. This call ends.
    Succeeded,
    /// Nothing came of it, and this call is taken back from hold: the SIP status (0 if there was none).
    Failed(u16),
}

impl TransferProgress {
    /// For logs and scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Trying(_) => "trying",
            Self::Succeeded => "succeeded",
            Self::Failed(_) => "failed",
        }
    }
}
