use serde::Serialize;

/// An address that a past call went to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// Which.
    pub address: String,
    /// From which of the own addresses.
    pub account: String,
    /// How long after the call began it was its turn.
    pub after_ms: u64,
    /// `answered`, or why not: the id.
    pub outcome: String,
    /// The same for people.
    pub text: String,
}

impl Leg {
    /// As a line below its call.
    pub(super) fn sentence(&self) -> String {
        format!("\n    after {}: {} from {}: {}", seconds(self.after_ms), self.address, self.account, self.text)
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
