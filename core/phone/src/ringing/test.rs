use std::time::Duration;

use cooee_call::{AccountId, CallId, Story};

/// What a test of ringing has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RingProof {
    /// Nothing: no call came back.
    Nothing,
    /// A call came back at once, and rang: the way is there and back.
    Path,
    /// The server waited before it let the call ring: a phone that has slept meanwhile is woken by calls.
    Later,
}

impl RingProof {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Path => "path",
            Self::Later => "later",
        }
    }
}

/// How a test of ringing went: the phone called its own address.
#[derive(Clone, Debug, PartialEq)]
pub struct RingTestResult {
    /// Which account's.
    pub account: AccountId,
    /// What it has shown.
    pub proof: RingProof,
    /// The call that came back and rang.
    pub call: Option<CallId>,
    /// How long it took from when it was to ring until it did.
    pub took: Option<Duration>,
    /// The server was asked to wait this long, and can.
    pub waited: Duration,
    /// What happened.
    pub story: Story,
}
