use std::collections::BTreeMap;

use cooee_sip::digest::NonceId;
use ring::digest;

/// Which REGISTER used which count of which nonce. A phone that hears no answer sends the same octets again and must get the
/// same answer (RFC 3261 10.3); the same proof on other octets is somebody else's: digest covers neither `Contact` nor
/// `Call-ID`. When there are too many the oldest nonce's are forgotten, and a copy of theirs is challenged anew.
#[derive(Debug)]
pub(super) struct Copies {
    seen: BTreeMap<(NonceId, u32), [u8; 32]>,
    capacity: usize,
}

impl Copies {
    pub(super) fn new(capacity: usize) -> Self {
        Self { seen: BTreeMap::new(), capacity }
    }

    /// The first with this count.
    pub(super) fn keep(&mut self, nonce: NonceId, count: u32, octets: &[u8]) {
        if self.seen.len() >= self.capacity {
            self.seen.pop_first();
        }
        self.seen.insert((nonce, count), fingerprint(octets));
    }

    /// Whether these are the octets that used this count.
    pub(super) fn is_copy(&self, nonce: NonceId, count: u32, octets: &[u8]) -> bool {
        self.seen.get(&(nonce, count)).is_some_and(|seen| *seen == fingerprint(octets))
    }
}

fn fingerprint(octets: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, octets).as_ref().try_into().unwrap_or_default()
}
