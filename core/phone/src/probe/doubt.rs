//! Whether a network lets the DNS speak for itself. A hotel's or train's network that holds its guests back until they have
//! agreed to something answers in everybody's name: nothing of that may be kept.

use super::survey::Look;
use super::{Finding, Published};

/// So many suspicious findings, nothing speaking for them, make a verdict.
const ENOUGH: usize = 3;

/// What is thought of the network since it last changed.
#[derive(Debug, Default)]
pub(super) struct Doubt {
    held: Vec<(Suspicion, String, Finding)>,
    /// Some domain takes calls, by an answer that nobody makes up.
    has_calls: bool,
    /// Some denial named its zone.
    has_ground: bool,
    is_captive: bool,
}

#[derive(Clone, Copy, Debug)]
enum Suspicion {
    /// One answer to all questions.
    Parroted,
    /// A denial that names no zone.
    Unfounded,
    /// It took calls before, and nothing is left of it.
    Turned,
}

impl Doubt {
    /// Takes a finding; `before` is what was known of the domain. What may be kept comes back: this one, and others that it
    /// clears.
    pub(super) fn weigh(&mut self, domain: String, finding: Finding, look: Look, before: Option<&Published>) -> Vec<(String, Finding)> {
        let took_calls = matches!(before, Some(Published::Calls(_)));
        let suspicion = match look {
            Look::Captive => {
                self.is_captive = true;
                return Vec::new();
            }
            Look::Parroted => Some(Suspicion::Parroted),
            Look::Unfounded => Some(Suspicion::Unfounded),
            Look::Sound => (took_calls && finding.published == Published::Nothing).then_some(Suspicion::Turned),
        };
        self.has_calls |= look == Look::Sound && matches!(finding.published, Published::Calls(_));
        self.has_ground |= look == Look::Sound && finding.published == Published::Nothing && suspicion.is_none();
        let mut kept = Vec::new();
        match suspicion {
            Some(suspicion) => self.held.push((suspicion, domain, finding)),
            None => kept.push((domain, finding)),
        }
        for (suspicion, domain, finding) in std::mem::take(&mut self.held) {
            if self.is_cleared(suspicion) {
                kept.push((domain, finding));
            } else {
                self.held.push((suspicion, domain, finding));
            }
        }
        self.is_captive |= self.held.len() >= ENOUGH;
        if self.is_captive { Vec::new() } else { kept }
    }

    /// Nothing more comes for now: what is held may be kept, unless somebody answers in everybody's name.
    pub(super) fn settle(&mut self) -> Vec<(String, Finding)> {
        let held = std::mem::take(&mut self.held);
        if self.is_captive { Vec::new() } else { held.into_iter().map(|(_, domain, finding)| (domain, finding)).collect() }
    }

    pub(super) fn is_captive(&self) -> bool {
        self.is_captive
    }

    pub(super) fn holds(&self, domain: &str) -> bool {
        self.held.iter().any(|(_, held, _)| held == domain)
    }

    pub(super) fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    fn is_cleared(&self, suspicion: Suspicion) -> bool {
        match suspicion {
            Suspicion::Parroted | Suspicion::Turned => self.has_calls,
            Suspicion::Unfounded => self.has_calls || self.has_ground,
        }
    }
}
