//! What an account's server tells and shows of itself.

use std::time::Duration;

use cooee_machine::{Now, Transport};
use cooee_sip::feature;

use super::{Account, AccountOutput};
use crate::ServerHeard;

/// What the server has said and shown.
#[derive(Default)]
pub(super) struct Told {
    /// What it can do beyond the standards.
    features: Vec<String>,
    /// What time it took it for when the account registered last, and what this device did.
    clocks: Option<(Duration, Duration)>,
    /// Until when its certificate holds, since the Unix epoch.
    pub(super) certificate_until: Option<Duration>,
    /// Only an authority vouches for it that was added to this device.
    pub(super) by_added_authority: bool,
}

impl Account {
    /// Its server lets nobody call under a domain that has not proven itself.
    pub(crate) fn proves_callers(&self) -> bool {
        self.has(feature::PROVEN_CALLERS)
    }

    /// A call to oneself can wait there before it rings.
    pub(crate) fn rings_later(&self) -> bool {
        self.has(feature::RING_LATER)
    }

    /// It says so where nobody else can, over TLS.
    fn has(&self, feature: &str) -> bool {
        self.transport() == Transport::Tls && self.told.features.iter().any(|known| known == feature)
    }

    /// It has answered a REGISTER.
    pub(super) fn learn(&mut self, features: Vec<String>, date: Option<Duration>, now: Now) {
        let clocks = date.filter(|_| self.transport() == Transport::Tls).map(|theirs| (theirs, now.unix));
        (self.told.features, self.told.clocks) = (features, clocks);
        self.tell_heard(now);
    }

    /// It has shown that it is there.
    pub(super) fn tell_heard(&mut self, now: Now) {
        let Told { certificate_until, by_added_authority, clocks, .. } = self.told;
        self.outputs.push_back(AccountOutput::Heard(ServerHeard { at: now.unix, certificate_until, by_added_authority, clocks }));
    }
}
