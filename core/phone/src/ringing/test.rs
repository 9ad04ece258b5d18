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
    /// After how long it was to ring.
    pub asked: Duration,
    /// The call that came back and rang.
    pub call: Option<CallId>,
    /// How long it took from when it was to ring until it did.
    pub took: Option<Duration>,
    /// The server was asked to wait this long; zero if it cannot wait.
    pub waited: Duration,
    /// What happened.
    pub story: Story,
}

impl RingTestResult {
    /// Nothing has happened yet.
    pub(crate) fn new(account: AccountId, asked: Duration, waited: Duration, story: Story) -> Self {
        Self { account, asked, call: None, took: None, waited, story }
    }

    /// What it has shown.
    #[must_use]
    pub fn proof(&self) -> RingProof {
        match self.took {
            None => RingProof::Nothing,
            Some(_) if self.waited.is_zero() => RingProof::Path,
            Some(_) => RingProof::Later,
        }
    }
}
