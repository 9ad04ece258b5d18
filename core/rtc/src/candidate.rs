/// Which of our addresses the peer may learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CandidatePolicy {
    /// All.
    #[default]
    All,
    /// No addresses of this machine itself in signalling, only what servers see (strangers, before the answer). Checks are still sent from
    /// them: a peer on the same network sees where they come from.
    NoHost,
    /// Only relayed ones: the peer learns nothing. Without a relay there is no path.
    RelayOnly,
}
