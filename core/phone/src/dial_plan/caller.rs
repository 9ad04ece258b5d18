use cooee_machine::Transport;

use crate::address::OwnAddress;
use crate::{AccountId, AccountState, Address, Number};

/// An account, as far as the choice of who calls depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its name.
    pub account: AccountId,
    /// The domain or numeric host of its address.
    pub host: String,
    /// Its server takes telephone numbers.
    pub takes_numbers: bool,
    /// Its signalling runs over TLS.
    pub is_encrypted: bool,
    /// Whether it works.
    pub readiness: Readiness,
}

impl Caller {
    /// The account as it is stored. `None` if its address or proxy is none.
    #[must_use]
    pub fn stored(
        account: AccountId,
        address: &str,
        proxy: Option<&str>,
        transport: Option<Transport>,
        takes_numbers: bool,
    ) -> Option<Self> {
        let own = OwnAddress::parse(address, proxy, transport)?;
        let is_encrypted = own.transports() == [Transport::Tls];
        Some(Self { account, host: own.domain, takes_numbers, is_encrypted, readiness: Readiness::Connecting })
    }
}

/// Whether calls can be placed over an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// Not soon.
    Failed,
    /// Not yet, or not known.
    Connecting,
    /// At once.
    Ready,
}

impl From<&AccountState> for Readiness {
    fn from(state: &AccountState) -> Self {
        match state {
            AccountState::Registered { .. } | AccountState::Connected => Self::Ready,
            AccountState::Connecting => Self::Connecting,
            AccountState::Failed { .. } => Self::Failed,
        }
    }
}

/// The caller for an address where none was named. The account of the domain that is called; for a number, one that takes numbers. Else, and
/// among equals: one that works, in the order of their names.
pub(super) fn choose<'a>(callers: &'a [Caller], address: &Address) -> Option<&'a Caller> {
    let is_secure = matches!(address, Address::Sip(sip) if sip.is_secure());
    let host = address.host().map(ToString::to_string);
    let rank = |caller: &&Caller| {
        let fits = match (&host, address) {
            (Some(host), _) => *host == caller.host,
            (None, Address::Number(_)) => caller.takes_numbers,
            (None, _) => false,
        };
        (fits, !is_secure || caller.is_encrypted, caller.readiness)
    };
    // Of equals the last one is the greatest: look from behind.
    callers.iter().rev().max_by_key(rank)
}

/// It takes the number as it is dialled: all it can get, and those of the region only where it says so.
pub(super) fn takes(caller: &Caller, number: &Number) -> bool {
    match number {
        Number::Emergency(_) => false,
        Number::International(_) | Number::Short(_) => caller.takes_numbers,
        Number::Local { .. } => true,
    }
}
