use cooee_machine::Pii;

use super::{Caller, DialPlan};
use crate::number::helps_everywhere;
use crate::{Address, E164_ARPA, EnumAnswer, EnumSuffix, NoAddress, Number, Region, Understood};

/// How the owner telephones: from where, and who may learn which numbers are dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// Whose prefixes and short numbers are meant. `None`: only numbers in full are understood.
    pub region: Option<Region>,
    /// Ask below the calling account's own domain (`e164.example.org`), unless its server takes numbers and learns them anyhow; on.
    pub own_zone: bool,
    /// Ask below these next, in this order; none.
    pub suffixes: Vec<EnumSuffix>,
    /// Ask the public tree last; off, as its operators, all of its delegations and whoever is on the way learn who is called.
    pub arpa: bool,
    /// The platform's own list of emergency numbers, in place of the region's; `None` if it has none.
    pub emergency: Option<Vec<String>>,
}

impl Default for Numbering {
    fn default() -> Self {
        Self { region: None, own_zone: true, suffixes: Vec::new(), arpa: false, emergency: None }
    }
}

impl Numbering {
    /// Below what a number is looked up when it is dialled over this account, in the order of trust.
    #[must_use]
    pub fn suffixes_for(&self, caller: Option<&Caller>) -> Vec<EnumSuffix> {
        let own = caller.filter(|caller| self.own_zone && !caller.takes_numbers).and_then(|caller| EnumSuffix::of_domain(&caller.host));
        let arpa = self.arpa.then(|| E164_ARPA.parse().ok()).flatten();
        let mut suffixes: Vec<EnumSuffix> = Vec::new();
        for suffix in own.into_iter().chain(self.suffixes.iter().cloned()).chain(arpa) {
            if !suffixes.contains(&suffix) {
                suffixes.push(suffix);
            }
        }
        suffixes
    }

    /// Reads what the owner typed: [`Address::understand`], with the emergency numbers that the platform knows.
    ///
    /// # Errors
    /// Why it is no address.
    pub fn understand(&self, text: &str) -> Result<Understood, NoAddress> {
        let understood = Address::understand(text, self.region)?;
        Ok(Understood { address: self.with_emergency(understood.address), ..understood })
    }

    /// The number as the platform would have it: it knows emergency numbers of the network that it is in.
    pub(super) fn with_emergency(&self, address: Address) -> Address {
        match (&self.emergency, address) {
            (Some(list), Address::Number(number)) => {
                let dialled = number.dialled().into_owned();
                Address::Number(match number {
                    _ if list.contains(&dialled) => Number::Emergency(Pii(dialled)),
                    // A list that is empty, or forgets what helps everywhere, takes nothing away.
                    Number::Emergency(dialled) if !list.is_empty() && !helps_everywhere(dialled.reveal()) => Number::Short(dialled),
                    number => number,
                })
            }
            (_, address) => address,
        }
    }

    /// A call for help that was written as an address of an own domain (`sip:112@example.org`) is one all the same.
    #[must_use]
    pub fn help_within(&self, plan: &DialPlan, address: Address) -> Address {
        self.help_at(|host| plan.callers.iter().any(|caller| caller.host == host), address)
    }

    /// The same, where `is_ours` tells which hosts are servers of ours.
    pub(crate) fn help_at(&self, is_ours: impl Fn(&str) -> bool, address: Address) -> Address {
        let user = match &address {
            Address::Sip(sip) => sip.user(),
            Address::Mailbox(mailbox) => Some(mailbox.local()),
            _ => None,
        };
        let user = user.map(|user| user.reveal().as_str());
        let is_own = address.host().is_some_and(|host| is_ours(&host.to_string()));
        // A number may have parameters (RFC 3261 19.1.6).
        let dialled = user.map(|user| user.split(';').next().unwrap_or_default());
        let dialled = dialled.filter(|user| is_own && user.bytes().any(|octet| octet.is_ascii_digit()));
        match dialled.and_then(|dialled| self.understand(dialled).ok()).map(|understood| understood.address) {
            Some(help) if help.is_for_help() => help,
            _ => address,
        }
    }

    /// What ENUM found, where a record that points to a call for help is seen to be one.
    #[must_use]
    pub fn found_within(&self, plan: &DialPlan, found: Vec<EnumAnswer>) -> Vec<EnumAnswer> {
        self.found_at(|host| plan.callers.iter().any(|caller| caller.host == host), found)
    }

    /// The same, where `is_ours` tells which hosts are servers of ours.
    pub(crate) fn found_at(&self, is_ours: impl Fn(&str) -> bool, found: Vec<EnumAnswer>) -> Vec<EnumAnswer> {
        let seen = |answer: EnumAnswer| EnumAnswer { address: self.help_at(&is_ours, self.with_emergency(answer.address)), ..answer };
        found.into_iter().map(seen).collect()
    }

    /// What to look a number up below; empty for what is never looked up.
    #[must_use]
    pub fn lookup(&self, plan: &DialPlan, address: &Address) -> Vec<EnumSuffix> {
        match address {
            Address::Number(Number::International(_)) => self.suffixes_for(plan.caller(address)),
            _ => Vec::new(),
        }
    }
}
