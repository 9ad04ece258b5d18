use std::time::{Duration, Instant};

use cooee_machine::Wake;

use crate::Timing;

/// Whether the peer is still there, and still wants our packets (RFC 7675).
#[derive(Debug)]
pub(crate) struct Liveness {
    heard: Instant,
    consent: Instant,
    lost: bool,
    /// The path was said to be lost, and nothing has been heard since.
    is_missed: bool,
    with_ice: bool,
    /// Without ICE, a peer that never spoke cannot have fallen silent.
    ever: bool,
}

/// What silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// None.
    Alive,
    /// Long enough to ask.
    Doubt,
    /// Too long: said once.
    JustLost,
    /// Known to be lost.
    Lost,
    /// Nothing may be sent any more.
    Expired,
}

impl Liveness {
    pub(crate) fn new(with_ice: bool, now: Instant) -> Self {
        Self { heard: now, consent: now, lost: false, is_missed: false, with_ice, ever: false }
    }

    /// Something authentic came. Whether the path had been given up.
    pub(crate) fn heard(&mut self, now: Instant) -> bool {
        (self.heard, self.ever, self.lost) = (now, true, false);
        std::mem::take(&mut self.is_missed)
    }

    /// It was agreed how to go on. Without ICE the silence until now, as on hold, says nothing of the path.
    pub(crate) fn renew(&mut self, now: Instant) {
        if !self.with_ice {
            (self.heard, self.lost) = (now, false);
        }
    }

    /// The path rests on ICE from now on, or no longer.
    pub(crate) fn rest_on_ice(&mut self, with_ice: bool, now: Instant) {
        if std::mem::replace(&mut self.with_ice, with_ice) != with_ice {
            self.consent = now;
        }
    }

    pub(crate) fn consents(&mut self, now: Instant) {
        self.consent = now;
    }

    pub(crate) fn judge(&mut self, timing: &Timing, now: Instant) -> Silence {
        if self.with_ice && now.saturating_duration_since(self.consent) >= timing.consent_expiry {
            return Silence::Expired;
        }
        let silence = now.saturating_duration_since(self.heard);
        let is_lost = silence >= self.patience(timing) && (self.with_ice || self.ever);
        match (is_lost, std::mem::replace(&mut self.lost, is_lost)) {
            (true, true) => Silence::Lost,
            (true, false) => {
                self.is_missed = true;
                Silence::JustLost
            }
            (false, _) if self.with_ice && silence >= timing.silence => Silence::Doubt,
            (false, _) => Silence::Alive,
        }
    }

    fn patience(&self, timing: &Timing) -> Duration {
        if self.with_ice { timing.silence + timing.probe * 4 } else { timing.silence_without_ice }
    }

    pub(crate) fn next_wake(&self, timing: &Timing, now: Instant) -> Option<Wake> {
        let expiry = self.with_ice.then(|| Wake::at(self.consent + timing.consent_expiry, "consent expiry"));
        let doubt = self.heard + timing.silence;
        let next = if self.with_ice && doubt > now { doubt } else { self.heard + self.patience(timing) };
        let silence = (!self.lost && (self.with_ice || self.ever)).then(|| Wake::at(next, "silence"));
        Wake::earlier(expiry, silence)
    }
}
