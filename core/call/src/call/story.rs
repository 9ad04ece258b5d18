//! What is noted of a call while it goes.

use cooee_machine::Now;
use cooee_rtc::{Path, Statistics};
use cooee_sdp::{Candidate, CandidateKind};

use super::Call;
use crate::{AddressKind, CallDirection, Fact, Held, KeyTrust, Milestone, Peer, Side, Story};

impl Call {
    /// Notes a fact that others know of: how the account's server was reached, where a number led to.
    pub fn note(&mut self, fact: Fact, now: Now) {
        self.story.note(fact, self.timeline.since_begin(now));
    }

    /// What its owner knows of the key of the other end.
    pub fn note_key(&mut self, trust: KeyTrust, now: Now) {
        let fact = match trust {
            KeyTrust::Unknown => return,
            KeyTrust::Verified => Fact::KeyVerified,
            KeyTrust::Changed => Fact::KeyChanged,
        };
        if !self.is_over() && !self.story.has(|known| *known == fact) {
            self.note(fact, now);
        }
    }

    /// Who holds the call, if that has changed.
    pub(super) fn note_hold(&mut self, now: Now) {
        let Held { by_us, by_peer } = self.hold.held();
        let before = std::mem::replace(&mut self.noted, self.hold.held());
        for (side, is, was) in [(Side::Us, by_us, before.by_us), (Side::Peer, by_peer, before.by_peer)] {
            if is != was {
                self.note(if is { Fact::Held(side) } else { Fact::Resumed(side) }, now);
            }
        }
    }

    pub(super) fn note_candidates(&mut self, now: Now) {
        let Some(local) = &self.local else { return };
        let count = |is_it: &dyn Fn(&Candidate) -> bool| {
            u32::try_from(local.candidates.iter().filter(|candidate| is_it(candidate)).count()).unwrap_or(u32::MAX)
        };
        let fact = Fact::Gathered {
            own: count(&|candidate| candidate.kind == CandidateKind::Host),
            seen: count(&|candidate| matches!(candidate.kind, CandidateKind::ServerReflexive | CandidateKind::PeerReflexive)),
            relayed: count(&|candidate| candidate.kind == CandidateKind::Relayed),
        };
        self.note(fact, now);
    }

    pub(super) fn note_path(&mut self, path: &Path, now: Now) {
        let Path { local, local_kind, remote, remote_kind, rtt } = *path;
        let (local, remote) = (AddressKind::from(local.ip()), AddressKind::from(remote.ip()));
        self.note(Fact::PathFound { local, local_kind, remote, remote_kind, rtt }, now);
    }

    /// What the call has taken of the network, once its last figures have come.
    pub(super) fn note_traffic(&mut self) {
        let dialog = self.winner.or_else(|| self.dialogs.latest()).and_then(|id| self.dialogs.find(id));
        let Some(statistics) = dialog.and_then(|dialog| dialog.statistics) else { return };
        let Some(time) = self.timeline.between(Milestone::Secured, Milestone::Ended).filter(|time| !time.is_zero()) else { return };
        let a_second = |octets: u64| {
            let mean = u128::from(octets) * 1000 / time.as_millis().max(1);
            u32::try_from(mean).unwrap_or(u32::MAX)
        };
        let fact = Fact::Traffic { sent: a_second(statistics.wire_sent), received: a_second(statistics.wire_received) };
        let ended = self.timeline.step(Milestone::Ended).map(|step| step.after).unwrap_or_default();
        self.story.note(fact, ended);
    }

    /// A report of the session that was kept.
    pub(super) fn note_report(&mut self, statistics: &Statistics, now: Now) {
        if statistics.remote_loss.is_some() && !std::mem::replace(&mut self.has_arrived, true) {
            self.note(Fact::SoundArrived, now);
        }
        for fact in self.link.report(statistics, now.instant) {
            self.note(fact, now);
        }
    }
}

/// The beginning of every story.
pub(super) fn begun(direction: CallDirection, peer: &Peer) -> Story {
    let (mut story, address) = (Story::default(), peer.address.clone());
    let fact = if direction == CallDirection::Outgoing { Fact::Dialled { address } } else { Fact::Called { address } };
    story.note(fact, std::time::Duration::ZERO);
    story
}
