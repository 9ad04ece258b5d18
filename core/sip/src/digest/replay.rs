use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::Now;

use super::{DigestError, NonceId};

/// Which counts were used with a nonce: the highest, and the 64 below it.
#[derive(Clone, Copy, Debug)]
struct Counts {
    highest: u32,
    /// Bit n stands for `highest - n`.
    used: u64,
}

impl Counts {
    fn admit(&mut self, count: u32) -> bool {
        if count > self.highest {
            let shift = count - self.highest;
            self.used = self.used.checked_shl(shift).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let Some(bit) = 1u64.checked_shl(self.highest - count) else { return false };
        let fresh = self.used & bit == 0;
        self.used |= bit;
        fresh
    }
}

/// Remembers the counts used with each nonce, up to a number of nonces. When that is reached the oldest nonce is forgotten
/// and from then on stale, with all that are as old: forgetting never lets a replay through.
#[derive(Clone, Debug)]
pub struct Replays {
    nonces: BTreeMap<NonceId, Counts>,
    capacity: usize,
    lifetime: Duration,
    /// Nonces up to this one are remembered or stale.
    forgotten: Option<NonceId>,
}

impl Replays {
    /// A memory for `capacity` nonces that live for `lifetime`.
    #[must_use]
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self { nonces: BTreeMap::new(), capacity: capacity.max(1), lifetime, forgotten: None }
    }

    /// Admits `count` once for each nonce; a client's requests may overtake each other by up to 63. Call it after the
    /// response was verified, so that only who knows the password takes room.
    ///
    /// # Errors
    /// [`DigestError::Replayed`], [`DigestError::Stale`].
    pub fn admit(&mut self, nonce: NonceId, count: u32, now: Now) -> Result<(), DigestError> {
        while let Some((oldest, _)) = self.nonces.first_key_value()
            && oldest.issued().saturating_add(self.lifetime) < now.unix
        {
            self.nonces.pop_first();
        }
        if let Some(counts) = self.nonces.get_mut(&nonce) {
            return if counts.admit(count) { Ok(()) } else { Err(DigestError::Replayed) };
        }
        if self.forgotten.is_some_and(|forgotten| nonce <= forgotten) {
            return Err(DigestError::Stale);
        }
        if self.nonces.len() >= self.capacity {
            self.forgotten = self.nonces.pop_first().map(|(oldest, _)| oldest).max(self.forgotten);
            if self.forgotten.is_some_and(|forgotten| nonce <= forgotten) {
                return Err(DigestError::Stale);
            }
        }
        self.nonces.insert(nonce, Counts { highest: count, used: 1 });
        Ok(())
    }

    /// How many nonces are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nonces.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nonces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use cooee_machine::Entropy;

    use super::super::nonce::tests::start;
    use super::super::{Nonces, Replays};
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(60);

    fn ids(count: u64) -> (Now, Vec<NonceId>) {
        let (nonces, now, mut entropy) = (Nonces::new(&[1; 32], "r", LIFETIME), start(), Entropy::for_test(2));
        let ids = (0..count).map(|i| {
            let then = now.after(Duration::from_millis(i));
            nonces.check(&nonces.issue(then, &mut entropy), then).unwrap()
        });
        (now.after(Duration::from_secs(1)), ids.collect())
    }

    #[test]
    fn a_count_is_admitted_once_even_out_of_order() {
        let (now, ids) = ids(1);
        let mut replays = Replays::new(10, LIFETIME);
        for count in [1, 3, 2, 70, 69] {
            assert_eq!(replays.admit(ids[0], count, now), Ok(()), "{count}");
        }
        for count in [1, 2, 3, 70, 69, 0, 6] {
            assert_eq!(replays.admit(ids[0], count, now), Err(DigestError::Replayed), "{count}");
        }
        assert_eq!(replays.admit(ids[0], u32::MAX, now), Ok(()));
        assert_eq!(replays.admit(ids[0], 71, now), Err(DigestError::Replayed));
    }

    #[test]
    fn a_forgotten_nonce_is_stale_and_never_fresh_again() {
        let (now, ids) = ids(4);
        let mut replays = Replays::new(2, LIFETIME);
        assert_eq!(replays.admit(ids[1], 1, now), Ok(()));
        assert_eq!(replays.admit(ids[2], 1, now), Ok(()));
        assert_eq!(replays.admit(ids[3], 1, now), Ok(()));
        assert_eq!(replays.len(), 2);
        assert_eq!(replays.admit(ids[1], 1, now), Err(DigestError::Stale));
        assert_eq!(replays.admit(ids[0], 1, now), Err(DigestError::Stale));
        assert_eq!(replays.admit(ids[3], 1, now), Err(DigestError::Replayed));
    }

    #[test]
    fn nonces_past_their_life_take_no_room() {
        let (now, ids) = ids(2);
        let mut replays = Replays::new(10, LIFETIME);
        assert_eq!(replays.admit(ids[0], 1, now), Ok(()));
        assert_eq!(replays.admit(ids[1], 1, now.after(LIFETIME * 2)), Ok(()));
        assert_eq!(replays.len(), 1);
    }
}
