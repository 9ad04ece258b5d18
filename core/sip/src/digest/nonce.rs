use std::time::Duration;

use cooee_machine::{Entropy, Now};
use ring::hmac;

use super::DigestError;
use super::algorithm::{hex, unhex};

/// When a nonce was issued, and which of that moment's it is. Ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonceId {
    issued: u64,
    random: u64,
}

impl NonceId {
    /// When it was issued, as time since the Unix epoch.
    #[must_use]
    pub fn issued(self) -> Duration {
        Duration::from_millis(self.issued)
    }
}

/// Issues nonces that need no memory: each carries its moment and a keyed hash over it.
#[derive(Clone)]
pub struct Nonces {
    key: hmac::Key,
    realm: String,
    lifetime: Duration,
}

/// Octets of the keyed hash that travel.
const TAG: usize = 16;
/// Moment, random number, keyed hash.
const LENGTH: usize = 8 + 8 + TAG;

impl Nonces {
    /// Nonces for `realm` that live for `lifetime`. Who knows `secret` can make them; with the same secret they outlive a
    /// restart.
    #[must_use]
    pub fn new(secret: &[u8; 32], realm: &str, lifetime: Duration) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), realm: realm.to_owned(), lifetime }
    }

    /// A new nonce: 64 hexadecimal digits.
    #[must_use]
    pub fn issue(&self, now: Now, entropy: &mut Entropy) -> String {
        let id = NonceId { issued: u64::try_from(now.unix.as_millis()).unwrap_or(u64::MAX), random: entropy.u64() };
        let mut octets = id.issued.to_be_bytes().to_vec();
        octets.extend_from_slice(&id.random.to_be_bytes());
        octets.extend_from_slice(&self.tag(id));
        hex(&octets)
    }

    fn tag(&self, id: NonceId) -> [u8; TAG] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&id.issued.to_be_bytes());
        context.update(&id.random.to_be_bytes());
        context.update(self.realm.as_bytes());
        let mut tag = [0; TAG];
        tag.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        tag
    }

    /// Whether `nonce` is ours and still young enough.
    ///
    /// # Errors
    /// [`DigestError::UnknownNonce`], [`DigestError::Stale`].
    pub fn check(&self, nonce: &str, now: Now) -> Result<NonceId, DigestError> {
        let octets: [u8; LENGTH] = unhex(nonce).ok_or(DigestError::UnknownNonce)?;
        let ([issued, random], tag) =
            octets.split_first_chunk::<16>().map(|(id, tag)| (halves(id), tag)).ok_or(DigestError::UnknownNonce)?;
        let id = NonceId { issued, random };
        if !same(&self.tag(id), tag) {
            return Err(DigestError::UnknownNonce);
        }
        let age = now.unix.checked_sub(id.issued());
        if age.is_some_and(|age| age > self.lifetime) { Err(DigestError::Stale) } else { Ok(id) }
    }

    /// How long a nonce lives.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

fn halves(octets: &[u8; 16]) -> [u64; 2] {
    let both = u128::from_be_bytes(*octets);
    // Each half fits by construction.
    [u64::try_from(both >> 64).unwrap_or(0), u64::try_from(both & u128::from(u64::MAX)).unwrap_or(0)]
}

/// Comparison in a time that does not depend on where the texts differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Nonces(for {:?})", self.lifetime)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Instant;

    use super::*;

    #[allow(clippy::disallowed_methods, reason = "a test makes its own clock")]
    pub(in crate::digest) fn start() -> Now {
        Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) }
    }

    #[test]
    fn a_nonce_is_known_until_it_is_stale() {
        let nonces = Nonces::new(&[7; 32], "example.org", Duration::from_secs(60));
        let now = start();
        let nonce = nonces.issue(now, &mut Entropy::for_test(1));
        assert_eq!(nonces.check(&nonce, now).unwrap().issued(), now.unix);
        assert!(nonces.check(&nonce, now.after(Duration::from_secs(60))).is_ok());
        assert_eq!(nonces.check(&nonce, now.after(Duration::from_secs(61))), Err(DigestError::Stale));
    }

    #[test]
    fn a_forged_or_foreign_nonce_is_unknown() {
        let nonces = Nonces::new(&[7; 32], "example.org", Duration::from_secs(60));
        let now = start();
        let nonce = nonces.issue(now, &mut Entropy::for_test(1));
        for place in 0..nonce.len() {
            let mut forged = nonce.clone().into_bytes();
            forged[place] = if forged[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(nonces.check(std::str::from_utf8(&forged).unwrap(), now), Err(DigestError::UnknownNonce), "digit {place}");
        }
        for foreign in ["", "abc", &"é".repeat(32), &"0".repeat(64)] {
            assert_eq!(nonces.check(foreign, now), Err(DigestError::UnknownNonce));
        }
        let other = Nonces::new(&[7; 32], "example.com", Duration::from_secs(60));
        assert_eq!(other.check(&nonce, now), Err(DigestError::UnknownNonce));
    }
}
