use cooee_machine::Pii;
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
    fn calling_itself(account: &Account, address: &'a str) -> Self {
        let carries_number = Uri::parse(address).is_ok_and(|uri| uri.scheme() == Scheme::Tel || account.is_at(uri.host()));
        Self { address, is_asserted: false, carries_number }
    }

    /// What the account's own server says; `None` where it cannot know.
    fn asserted(account: &Account, address: &'a str) -> Option<Self> {
        knows(account, address).then_some(Self { address, is_asserted: true, carries_number: true })
    }

    /// The word of the account's own server, where it says anything; else the caller's.
    pub(super) fn of(account: &Account, from: &'a Pii<String>, asserted: Option<&'a Pii<String>>) -> Self {
        asserted.and_then(|who| Self::asserted(account, who.reveal())).unwrap_or_else(|| Self::calling_itself(account, from.reveal()))
    }

    /// All names: the caller's own word, and that of the server.
    pub(super) fn names(account: &Account, from: &'a Pii<String>, asserted: Option<&'a Pii<String>>) -> impl Iterator<Item = Self> {
        let asserted = asserted.and_then(|who| Self::asserted(account, who.reveal()));
        std::iter::once(Self::calling_itself(account, from.reveal())).chain(asserted)
    }

    /// Each rule that means this one well enough to let it in.
    pub(super) fn rules(self) -> Vec<BlockRule> {
        let mut rules = BlockRule::meaning(self.address);
        rules.retain(|rule| self.carries_number || !matches!(rule, BlockRule::Number(_)));
        rules
    }
}
