use cooee_call::{Caller, Peer, Screened};

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
        find(&self.blocked, &[address]).is_some()
    }

    /// Whether a person may always ring.
    pub(super) fn allows(&self, names: &[Who<'_>]) -> bool {
        let meaning: Vec<BlockRule> = names.iter().flat_map(|who| who.rules()).collect();
        self.allowed.iter().any(|rule| meaning.contains(rule))
    }

    /// Why a caller is not let through. What the person said about one caller comes before what holds for all.
    pub(super) fn judge(&self, account: &Account, peer: &Peer, caller: &Caller) -> Option<Screened> {
        if self.blocker(peer, caller).is_some() {
            Some(Screened::Blocked)
        } else if self.reject_anonymous && caller.anonymous {
            Some(Screened::Anonymous)
        } else {
            let is_allowed = !caller.anonymous && self.allows(&Who::names(account, peer, caller));
            (self.do_not_disturb && !is_allowed).then_some(Screened::DoNotDisturb)
        }
    }

    /// What blocks a caller, or a writer.
    pub(super) fn blocker(&self, peer: &Peer, caller: &Caller) -> Option<&BlockRule> {
        find(&self.blocked, &names(peer, caller))
    }
}

/// The first rule that means somebody of one of these names.
fn find<'a>(rules: &'a [BlockRule], names: &[&str]) -> Option<&'a BlockRule> {
    let meaning: Vec<BlockRule> = names.iter().flat_map(|name| BlockRule::meaning(name)).collect();
    rules.iter().find(|rule| meaning.contains(rule))
}

/// What a caller goes by: its own word, and that of our server.
fn names<'a>(peer: &'a Peer, caller: &'a Caller) -> Vec<&'a str> {
    [Some(&peer.address), caller.asserted.as_ref()].into_iter().flatten().map(|name| name.reveal().as_str()).collect()
}
