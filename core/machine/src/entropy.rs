use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Cryptographically strong randomness (ChaCha20) from a seed that the driver draws from the operating system, or a test
/// fixes: the same seed gives the same trace.
#[derive(Clone)]
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// A stream of its own for each seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// A seed from a small number, for tests and simulations only.
    #[must_use]
    pub fn for_test(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// An independent stream, so that one machine's draws never shift another's.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        Self::from_seed(seed)
    }

    /// Fills `bytes` with random octets.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// 64 random bits.
    pub fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`; 0 for a `bound` of 0. The bias of at most `bound / 2^64` does not matter here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64().checked_rem(bound).unwrap_or(0)
    }

    /// `length` characters of `a-z2-7` (5 bits each): a valid SIP token, ICE ufrag and XML name part alike.
    pub fn token(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        (0..length).filter_map(|_| ALPHABET.get((self.0.next_u32() & 31) as usize).map(|b| char::from(*b))).collect()
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_forks_are_independent() {
        let (mut a, mut b) = (Entropy::for_test(7), Entropy::for_test(7));
        assert_eq!(a.token(20), b.token(20));
        let (mut fork_a, mut fork_b) = (a.fork(), b.fork());
        let _ = b.u64();
        assert_eq!(fork_a.u64(), fork_b.u64());
        assert_ne!(a.u64(), fork_a.u64());
    }

    #[test]
    fn a_token_is_made_of_lower_case_letters_and_digits() {
        let token = Entropy::for_test(1).token(200);
        assert_eq!(token.len(), 200);
        assert!(token.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
    }

    #[test]
    fn below_stays_below_and_survives_zero() {
        let mut entropy = Entropy::for_test(3);
        assert!((0..1000).all(|_| entropy.below(7) < 7));
        assert_eq!(entropy.below(0), 0);
    }
}
