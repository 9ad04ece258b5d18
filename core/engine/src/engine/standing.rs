use cooee_phone::{Address, BlockRule, Caller};

use super::Engine;
use crate::{AccountView, Refused, Snapshot};

/// What the owner has said about somebody's calls and texts: of the person, of a number of theirs, or of everybody at their domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Nothing of theirs is taken; that comes first.
    pub blocked_by: Option<BlockRule>,
    /// Their calls ring at any time.
    pub allowed_by: Option<BlockRule>,
}

impl Engine {
    /// What the owner has said about whoever has this address, by the narrowest rule of each list. Of numbers that anybody can give
    /// themselves at a domain of their own, none lets in.
    ///
    /// # Errors
    /// It is no address of anybody who calls.
    pub fn standing(&self, whom: &str) -> Result<Standing, Refused> {
        let snapshot = self.snapshot();
        let understood = Address::understand(whom.trim(), snapshot.numbering.region).map_err(|_| Refused::BadAddress)?;
        let mut rules = BlockRule::meaning_all(&understood.address);
        if rules.is_empty() {
            return Err(Refused::BadAddress);
        }
        let of = |list: &[BlockRule], rules: &[BlockRule]| rules.iter().find(|rule| list.contains(rule)).cloned();
        let blocked_by = of(&snapshot.blocked, &rules);
        if !carries_numbers(&snapshot, &understood.address) {
            rules.retain(|rule| !matches!(rule, BlockRule::Number(_)));
        }
        Ok(Standing { blocked_by, allowed_by: of(&snapshot.allowed, &rules) })
    }
}

/// Whether a number in the address is one of the telephone network, as far as our own servers say.
fn carries_numbers(snapshot: &Snapshot, address: &Address) -> bool {
    let host = |account: &AccountView| Some(Caller::stored(account.id, account.address.reveal(), None, None, false)?.host);
    let is_own = |domain: &str| snapshot.accounts.iter().filter_map(host).any(|own| own.eq_ignore_ascii_case(domain));
    matches!(address, Address::Number(_)) || address.domain().is_some_and(is_own)
}
