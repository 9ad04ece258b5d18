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
    allowed: Vec<BlockRule>,
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

    pub(super) fn set_allowed(&mut self, mut rules: Vec<BlockRule>) {
        rules.truncate(MOST_RULES);
        self.allowed = rules;
    }

    /// Whether a person is blocked.
    pub(super) fn blocks(&self, address: &str) -> bool {
        is_on(&self.blocked, address)
    }

    /// Whether a person may always ring.
    pub(super) fn allows(&self, address: &str) -> bool {
        is_on(&self.allowed, address)
    }

    /// Why a caller is not let through. What the person said about one caller comes before what holds for all.
    pub(super) fn judge(&self, peer: &Peer, caller: &Caller) -> Option<Screened> {
        if self.blocker(peer, caller).is_some() {
            Some(Screened::Blocked)
        } else if self.reject_anonymous && caller.anonymous {
            Some(Screened::Anonymous)
        } else {
            let is_allowed = !caller.anonymous && find(&self.allowed, peer, caller).is_some();
            (self.do_not_disturb && !is_allowed).then_some(Screened::DoNotDisturb)
        }
    }

    /// What blocks a caller, or a writer.
    pub(super) fn blocker(&self, peer: &Peer, caller: &Caller) -> Option<&BlockRule> {
        find(&self.blocked, peer, caller)
    }
}

/// The first rule that means somebody, by whichever of the names.
fn find<'a>(rules: &'a [BlockRule], peer: &Peer, caller: &Caller) -> Option<&'a BlockRule> {
    let names = [Some(&peer.address), caller.asserted.as_ref()].into_iter().flatten();
    let meaning: Vec<BlockRule> = names.flat_map(|name| BlockRule::meaning(name.reveal())).collect();
    rules.iter().find(|rule| meaning.contains(rule))
}

fn is_on(rules: &[BlockRule], address: &str) -> bool {
    let meaning = BlockRule::meaning(address);
    rules.iter().any(|rule| meaning.contains(rule))
}
