/// What a person can do with a call at a moment: what buttons and keys should offer, and scripts may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CallAction {
    /// Take it. Other calls are held, or ended if that is asked for.
    Answer,
    /// Refuse it: declined, or as busy.
    Decline,
    /// End it.
    HangUp,
    /// Put it on hold.
    Hold,
    /// Take it back from hold. Other calls are held.
    Resume,
    /// Stop sending the microphone.
    Mute,
    /// Send it again.
    Unmute,
    /// Send a digit.
    Digit,
    /// Hand it over to somebody else, or to another call.
    Transfer,
    /// Call whom the peer asks us to call instead.
    FollowTransfer,
    /// Do not.
    RefuseTransfer,
}

impl CallAction {
    /// For logs and scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::HangUp => "hang-up",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Digit => "digit",
            Self::Transfer => "transfer",
            Self::FollowTransfer => "follow-transfer",
            Self::RefuseTransfer => "refuse-transfer",
        }
    }
}
