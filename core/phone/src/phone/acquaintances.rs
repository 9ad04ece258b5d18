//! Who is no stranger: whom we have called, and who took the call.

use std::collections::BTreeSet;

use cooee_call::CallDirection;
use cooee_machine::Pii;
use cooee_rtc::CandidatePolicy;
use cooee_sip::Uri;

use crate::account::Account;

/// Beyond so many, further ones stay strangers.
const MOST: usize = 10_000;

/// People that this side has to do with, by address of record.
#[derive(Debug, Default)]
pub(super) struct Acquaintances(BTreeSet<Pii<String>>);

impl Acquaintances {
    pub(super) fn set(&mut self, addresses: &[Pii<String>]) {
        self.0.clear();
        addresses.iter().for_each(|address| self.meet(address.reveal()));
    }

    /// Somebody is one of them from now on.
    pub(super) fn meet(&mut self, address: &str) {
        if self.0.len() < MOST {
            self.0.extend(key(address));
        }
    }

    /// Whether this is no stranger: of the own domain, or one of these.
    pub(super) fn knows(&self, account: &Account, uri: &str) -> bool {
        Uri::parse(uri).is_ok_and(|uri| account.is_at(uri.host())) || self.has(uri)
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, uri: &str) -> bool {
        key(uri).is_some_and(|key| self.0.contains(&key))
    }

    /// Which of our addresses an offer to this one tells. Who calls us gets none before a person has answered; from then on it is told
    /// what the account allows.
    pub(super) fn shown(&self, account: &Account, uri: &str, direction: CallDirection) -> CandidatePolicy {
        match account.config.media.candidates {
            CandidatePolicy::All if direction == CallDirection::Outgoing && !self.knows(account, uri) => CandidatePolicy::NoHost,
            allowed => allowed,
        }
    }
}

/// What an offer to an acquaintance who calls tells before a person has taken the call.
pub(super) fn before_the_answer(allowed: CandidatePolicy) -> CandidatePolicy {
    if allowed == CandidatePolicy::All { CandidatePolicy::NoHost } else { allowed }
}

fn key(address: &str) -> Option<Pii<String>> {
    Uri::parse(address).ok()?.address_of_record().map(Pii)
}
