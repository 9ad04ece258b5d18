//! Which account calls, and what holds on its way.

use cooee_call::{CallDirection, OfferRow, OfferTable, Signalling, TargetKind};
use cooee_machine::Transport;
use cooee_sip::{Scheme, Uri};

use super::Phone;
use crate::account::Account;
use crate::address::Target;
use crate::{AccountId, AccountState};

impl Phone {
    /// The account to call from where none was named. An address: the account of its domain. A number: an account that takes
    /// numbers. Else, and among equals: one that works, in the order of their names.
    pub(super) fn choose_account(&self, target: &Target) -> Option<AccountId> {
        let rank = |account: &Account| {
            let fits = match &target.domain {
                Some(domain) => *domain == account.own.domain,
                None => target.is_number && account.config.numbers,
            };
            let works = match account.state() {
                AccountState::Registered { .. } | AccountState::Connected => 2,
                AccountState::Connecting => 1,
                AccountState::Failed { .. } => 0,
            };
            let can = !target.is_secure || account.transport() == Transport::Tls;
            (fits, can, works)
        };
        let staying = self.accounts.iter().filter(|(_, account)| !account.is_leaving());
        // Of equals the last one is the greatest: look from behind.
        staying.rev().max_by_key(|(_, account)| rank(account)).map(|(id, _)| *id)
    }
}

/// What is offered to, and taken from, this address over this account. Whoever calls by a provider is connected by its exchange,
/// whatever address is shown.
///
/// Every hop is known to be TLS where `sips:` was dialled, which binds the servers; and within the own domain, in both directions, where
/// the person has said of its server that it keeps to TLS and lets nobody call under another's name. What a caller writes of itself, be
/// it `sips:` or our own domain, proves nothing without that word.
pub(super) fn row(account: &Account, uri: &str, direction: CallDirection) -> OfferRow {
    let uri = Uri::parse(uri).ok();
    let is_own = uri.is_some_and(|uri| account.is_at(uri.host()));
    let target = match direction {
        CallDirection::Incoming if account.config.numbers => TargetKind::Trunk,
        _ if is_own && account.config.numbers => TargetKind::Trunk,
        _ if is_own => TargetKind::OwnDomain,
        _ => TargetKind::ForeignDomain,
    };
    let is_dialled_secure = direction == CallDirection::Outgoing && uri.is_some_and(|uri| uri.scheme() == Scheme::Sips);
    let signalling = match account.transport() {
        Transport::Tls if is_dialled_secure || is_own && account.config.tls_throughout => Signalling::EveryHop,
        Transport::Tls => Signalling::ToServer,
        Transport::Udp | Transport::Tcp => Signalling::Plain,
    };
    OfferTable::row(target, signalling, account.config.media.protection)
}
