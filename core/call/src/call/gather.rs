use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::Now;

use super::Call;
use crate::MediaRequest;

/// Longer than this no call waits to learn whom to ask for our public address.
const STUN_WAIT: Duration = Duration::from_millis(500);

/// How far the candidates have come.
#[derive(Debug, Default)]
pub(super) enum Gathering {
    /// Not wanted (yet).
    #[default]
    No,
    /// Waits for the addresses of STUN servers, at most until then.
    Waiting(Instant),
    /// The media side was asked.
    Begun,
}

impl Gathering {
    pub(super) fn due(&self) -> Option<Instant> {
        if let Self::Waiting(until) = self { Some(*until) } else { None }
    }

    pub(super) fn has_begun(&self) -> bool {
        matches!(self, Self::Begun)
    }
}

impl Call {
    /// Gathers at once if the STUN servers are known, else as soon as they are, and soon in any case.
    pub(super) fn gather_when_known(&mut self, now: Now) {
        if self.is_stun_known {
            self.gather();
        } else {
            self.gathering = Gathering::Waiting(now.instant + STUN_WAIT);
        }
    }

    /// The look-up of STUN servers is over: these are to be asked.
    pub fn stun_known(&mut self, servers: &[SocketAddr]) {
        self.is_stun_known = true;
        if self.gathering.due().is_some() {
            self.preferences.stun_servers = servers.to_vec();
            self.gather();
        }
    }

    pub(super) fn gather(&mut self) {
        self.gathering = Gathering::Begun;
        let (policy, stun_servers) = (self.preferences.candidates, self.preferences.stun_servers.clone());
        let account = Some(self.account).filter(|_| !self.hides_us);
        self.request(MediaRequest::Gather { call: self.id, account, policy, stun_servers, rtcp: self.has_rtcp });
    }
}
