use cooee_call::{Caller, Peer, Screened};

use crate::BlockRule;

/// Longer lists are cut: each incoming call walks through them.
const MOST_RULES: usize = 10_000;

/// Who is let through to ring.
#[derive(Debug, Default)]
pub(super) struct Screen {
    do_not_disturb: bool,
    reject_anonymous: bool,
    blocked: Vec<BlockRule>,
}

impl Screen {
    pub(super) fn set_do_not_disturb(&mut self, on: bool) {
        self.do_not_disturb = on;
    }

    pub(super) fn set_reject_anonymous(&mut self, on: bool) {
        self.reject_anonymous = on;
    }

    pub(super) fn set_blocked(&mut self, mut rules: Vec<BlockRule>) {
        rules.truncate(MOST_RULES);
        self.blocked = rules;
    }

    /// Whether a person is blocked.
    pub(super) fn blocks(&self, address: &str) -> bool {
        self.blocked.iter().any(|rule| rule.matches(address))
    }

    /// Why a caller is not let through. What the person said about one caller comes before what holds for all.
    pub(super) fn judge(&self, peer: &Peer, caller: &Caller) -> Option<Screened> {
        let names = [Some(&peer.address), caller.asserted.as_ref()];
        if names.into_iter().flatten().any(|name| self.blocks(name.reveal())) {
            Some(Screened::Blocked)
        } else if self.reject_anonymous && caller.anonymous {
            Some(Screened::Anonymous)
        } else {
            self.do_not_disturb.then_some(Screened::DoNotDisturb)
        }
    }
}
