use std::time::{Duration, Instant};

use cooee_call::{Call, Fact, Story};
use cooee_machine::{Now, Transport};

use super::{Account, AccountOutput};

/// What happened on the way to the account's server, since it was looked for last.
#[derive(Debug, Default)]
pub(super) struct Trail {
    begun: Option<Now>,
    story: Story,
    /// Which server is tried, and then in use.
    server: String,
    connected: Option<(Transport, Instant)>,
}

impl Trail {
    pub(super) fn note(&mut self, fact: Fact, now: Now) {
        match &fact {
            Fact::LookingUp { .. } => *self = Self { begun: Some(now), ..Self::default() },
            Fact::Connecting { server, .. } => self.server.clone_from(server),
            Fact::Connected { transport } => self.connected = Some((*transport, now.instant)),
            Fact::ServerLost => self.connected = None,
            _ => {}
        }
        let after = self.begun.map_or(Duration::ZERO, |begun| now.instant.saturating_duration_since(begun.instant));
        self.story.note(fact, after);
    }

    /// When it began, since the Unix epoch.
    pub(super) fn begun(&self) -> Duration {
        self.begun.map(|begun| begun.unix).unwrap_or_default()
    }

    pub(super) fn story(&self) -> &Story {
        &self.story
    }

    /// The connection as a call finds it.
    pub(super) fn server(&self, now: Now) -> Option<Fact> {
        let (transport, at) = self.connected?;
        Some(Fact::ServerReady { server: self.server.clone(), transport, since: now.instant.saturating_duration_since(at) })
    }

    /// Something is still to come of it.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.story.steps().last().map(|step| &step.fact), None | Some(Fact::ServerFailed(_) | Fact::ServerLost))
    }
}

impl Account {
    pub(super) fn note(&mut self, fact: Fact, now: Now) {
        self.trail.note(fact.clone(), now);
        self.outputs.push_back(AccountOutput::Noted(fact));
    }

    pub(super) fn tell_story(&mut self) {
        self.outputs.push_back(AccountOutput::Told(self.trail.story().clone(), self.trail.begun()));
    }

    /// Tells a call that is to go over it how it stands with the server. What happens from now on is told by itself.
    pub(crate) fn explain(&self, call: &mut Call, now: Now) {
        self.way(now).into_iter().for_each(|fact| call.note(fact, now));
    }

    /// How it stands with the server: the connection, or what has happened on the way to it.
    pub(crate) fn way(&self, now: Now) -> Vec<Fact> {
        let is_hopeless = self.is_hopeless();
        match self.trail.server(now).filter(|_| self.is_ready() && !is_hopeless) {
            Some(ready) => vec![ready],
            None if is_hopeless || self.trail.is_open() => self.trail.story().steps().iter().map(|step| step.fact.clone()).collect(),
            None => Vec::new(),
        }
    }
}
