use cooee_call::{Caller, Peer, Screened};
use cooee_machine::Pii;

use super::who::Who;
use crate::BlockRule;
use crate::account::Account;

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
        find(&self.blocked, BlockRule::meaning(address)).is_some()
    }

    /// Whether who goes by these names may always ring.
    pub(super) fn allows<'a>(&self, names: impl IntoIterator<Item = Who<'a>>) -> bool {
        find(&self.allowed, names.into_iter().flat_map(Who::rules)).is_some()
    }

    /// Why a caller is not let through. What the person said about one caller comes before what holds for all.
    pub(super) fn judge(&self, account: &Account, peer: &Peer, caller: &Caller) -> Option<Screened> {
        let (from, asserted) = (&peer.address, caller.asserted.as_ref());
        if self.blocker(from, asserted).is_some() {
            Some(Screened::Blocked)
        } else if self.reject_anonymous && caller.anonymous {
            Some(Screened::Anonymous)
        } else {
            let is_allowed = !caller.anonymous && self.allows(Who::names(account, from, asserted));
            (self.do_not_disturb && !is_allowed).then_some(Screened::DoNotDisturb)
        }
    }

    /// What blocks a caller, or a writer, by its own word or by that of our server.
    pub(super) fn blocker(&self, from: &Pii<String>, asserted: Option<&Pii<String>>) -> Option<&BlockRule> {
        let names = [Some(from), asserted].into_iter().flatten();
        find(&self.blocked, names.flat_map(|name| BlockRule::meaning(name.reveal())))
    }
}

/// The first rule that is one of these.
fn find(rules: &[BlockRule], meaning: impl IntoIterator<Item = BlockRule>) -> Option<&BlockRule> {
    let meaning: Vec<BlockRule> = meaning.into_iter().collect();
    rules.iter().find(|rule| meaning.contains(rule))
}
