use std::time::{Duration, Instant};

use cooee_machine::Wake;

/// Whether the peer has ended the media. Many say good-bye (RTCP BYE) without meaning the call: on hold, or when a source follows another.
#[derive(Debug, Default)]
pub(super) struct Farewell {
    said: Option<Instant>,
    is_believed: bool,
}

/// A good-bye counts if nothing follows it for this long.
const PATIENCE: Duration = Duration::from_secs(2);

impl Farewell {
    /// The peer says good-bye.
    pub(super) fn said(&mut self, now: Instant) {
        if !self.is_believed {
            self.said.get_or_insert(now);
        }
    }

    /// Whether it has become certain that the peer meant it; once.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self.said.take_if(|at| now.saturating_duration_since(*at) >= PATIENCE).is_some();
        self.is_believed |= is_due;
        is_due
    }

    /// The peer has ended the media beyond doubt. Whether that is news.
    pub(super) fn is_final(&mut self) -> bool {
        self.said = None;
        !std::mem::replace(&mut self.is_believed, true)
    }

    /// The peer has not gone. Whether that had been believed.
    pub(super) fn revoke(&mut self) -> bool {
        self.said = None;
        std::mem::take(&mut self.is_believed)
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        self.said.map(|at| Wake::at(at + PATIENCE, "rtcp bye"))
    }
}
