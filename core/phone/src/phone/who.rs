use cooee_call::{Caller, Peer};
use cooee_sip::{Scheme, Uri};

use super::calls::knows;
use crate::BlockRule;
use crate::account::Account;

/// A name that who calls goes by, as far as it lets anybody in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who<'a> {
    pub(super) address: &'a str,
    /// The word of the account's own server.
    pub(super) is_asserted: bool,
    /// A number in it is one of the telephone network, by word of the account's server. Anybody can be `+41446681800` at a domain of their own.
    carries_number: bool,
}

impl<'a> Who<'a> {
    /// What who calls writes of itself.
    pub(super) fn calling_itself(account: &Account, address: &'a str) -> Self {
        let carries_number = Uri::parse(address).is_ok_and(|uri| uri.scheme() == Scheme::Tel || account.is_at(uri.host()));
        Self { address, is_asserted: false, carries_number }
    }

    /// What the account's own server says; `None` where it cannot know.
    pub(super) fn asserted(account: &Account, address: &'a str) -> Option<Self> {
        knows(account, address).then_some(Self { address, is_asserted: true, carries_number: true })
    }

    /// The word of the account's own server, where it says anything; else the caller's.
    pub(super) fn of(account: &Account, peer: &'a Peer, caller: &'a Caller) -> Self {
        let asserted = caller.asserted.as_ref().and_then(|who| Self::asserted(account, who.reveal()));
        asserted.unwrap_or_else(|| Self::calling_itself(account, peer.address.reveal()))
    }

    /// All names: the caller's own word, and that of the server.
    pub(super) fn names(account: &Account, peer: &'a Peer, caller: &'a Caller) -> Vec<Self> {
        let asserted = caller.asserted.as_ref().and_then(|who| Self::asserted(account, who.reveal()));
        [Some(Self::calling_itself(account, peer.address.reveal())), asserted].into_iter().flatten().collect()
    }

    /// Each rule that means this one well enough to let it in.
    pub(super) fn rules(self) -> Vec<BlockRule> {
        let mut rules = BlockRule::meaning(self.address);
        rules.retain(|rule| self.carries_number || !matches!(rule, BlockRule::Number(_)));
        rules
    }
}
