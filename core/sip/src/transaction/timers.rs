use std::time::Duration;

/// The base values of RFC 3261 table 4, from which every transaction timer follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Estimate of the round trip; 500 ms.
    pub t1: Duration,
    /// Longest interval between two copies of a non-INVITE request or an INVITE response; 4 s.
    pub t2: Duration,
    /// Longest time a message stays in the network; 5 s.
    pub t4: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self { t1: Duration::from_millis(500), t2: Duration::from_secs(4), t4: Duration::from_secs(5) }
    }
}

impl Timers {
    /// 64*T1: timers B, F, H, J (unreliable), L and M, and how long a 2xx waits for its ACK.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.t1 * 64
    }

    /// Timer D: how long copies of a final response to an INVITE may still come in.
    pub(crate) fn d(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.patience().max(Duration::from_secs(32)) }
    }

    /// Timer J: how long copies of a non-INVITE request may still come in.
    pub(crate) fn j(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.patience() }
    }

    /// Timers I and K.
    pub(crate) fn wait(&self, reliable: bool) -> Duration {
        if reliable { Duration::ZERO } else { self.t4 }
    }
}
