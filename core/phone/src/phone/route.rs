//! What holds on the way of a call.

use cooee_call::{CallDirection, Caller, OfferRow, OfferTable, Peer, Signalling, TargetKind};
use cooee_machine::Transport;
use cooee_sip::{Scheme, Uri};

use super::who::Who;
use crate::account::Account;

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

/// Whether nobody else can call under this name: it is of the own domain, and the person has said so of its server.
pub(super) fn is_vouched_for(account: &Account, uri: &str) -> bool {
    account.config.tls_throughout && account.transport() == Transport::Tls && Uri::parse(uri).is_ok_and(|uri| account.is_at(uri.host()))
}

/// The domain that stands for who calls, where that is proven: by word of the own server about one of its people, or by a server that is
/// known to let nobody call under a domain that has not proven itself. What servers write further on proves nothing here.
pub(super) fn proven_domain(account: &Account, peer: &Peer, caller: &Caller, who: Who<'_>) -> Option<String> {
    let host = |uri: &str| Uri::parse(uri).ok().filter(Uri::is_sip).map(|uri| uri.host().to_ascii_lowercase());
    let from = peer.address.reveal();
    let is_checked = account.proves_callers() || is_vouched_for(account, from);
    match who {
        _ if caller.anonymous => None,
        Who { is_asserted: true, address, .. } => host(address).filter(|host| account.is_at(host)),
        _ => host(from).filter(|_| is_checked),
    }
}
