//! Whose keys have been compared, and what that makes of a call.

use std::collections::{BTreeMap, BTreeSet};

use cooee_call::{CallSnapshot, Fingerprint256, KeyTrust};
use cooee_machine::Pii;
use cooee_rtc::MediaSecurity;

use crate::{BlockRule, VerifiedKey};

/// The keys that people have compared, by person. One person has as many as devices.
#[derive(Debug, Default)]
pub(super) struct VerifiedKeys(BTreeMap<Pii<String>, BTreeSet<Fingerprint256>>);

impl VerifiedKeys {
    pub(super) fn set(&mut self, keys: Vec<VerifiedKey>) {
        self.0.clear();
        for VerifiedKey { peer, key } in keys {
            if let Some(person) = person(peer.reveal()) {
                self.0.entry(person).or_default().insert(key);
            }
        }
    }

    /// Says of a call whose media is encrypted end to end whether its people have compared the key. It counts for the address that was
    /// called, or that calls: whoever a call was sent on to is somebody else.
    pub(super) fn judge(&self, call: &mut CallSnapshot) {
        let (Some(keys), Some(MediaSecurity::EndToEnd), false) = (call.keys, call.security, call.anonymous || self.0.is_empty()) else {
            return;
        };
        let Some(known) = person(call.peer.address.reveal()).and_then(|person| self.0.get(&person)) else { return };
        if known.contains(&keys.theirs) {
            (call.key_trust, call.security) = (KeyTrust::Verified, Some(MediaSecurity::Verified));
        } else {
            call.key_trust = KeyTrust::Changed;
        }
    }
}

fn person(address: &str) -> Option<Pii<String>> {
    match BlockRule::parse(address) {
        Some(BlockRule::Address(person)) => Some(person),
        _ => None,
    }
}
