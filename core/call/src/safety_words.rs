//! What two people read to each other to be sure that nobody is in between.

use std::fmt;

use ring::digest::{SHA256, digest};

/// SHA-256 of the certificate that a phone proves itself with in the handshake of its media.
pub type Fingerprint256 = [u8; 32];

/// The keys of both ends of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MediaKeys {
    /// Ours.
    pub ours: Fingerprint256,
    /// The other phone's, as it has proven.
    pub theirs: Fingerprint256,
}

/// What is known of the key of the other phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyTrust {
    /// Nobody has compared it.
    #[default]
    Unknown,
    /// The two people have.
    Verified,
    /// They have compared another one: this is another device of theirs, a phone that was set up anew, or somebody in between.
    Changed,
}

/// So many words; 11 bits each make 132.
const COUNT: usize = 12;
const BITS: usize = 11;
/// So that the hash stands for nothing else.
const DOMAIN: &[u8] = b"cooee safety words v1\0";

/// Twelve words of 2048: 132 bits of a hash over both keys. Both ends get the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafetyWords([&'static str; COUNT]);

impl MediaKeys {
    /// The words for these two.
    #[must_use]
    pub fn words(&self) -> SafetyWords {
        let (first, second) = if self.ours <= self.theirs { (self.ours, self.theirs) } else { (self.theirs, self.ours) };
        let hash = digest(&SHA256, &[DOMAIN, &first, &second].concat());
        let bit = |at: usize| hash.as_ref().get(at / 8).is_some_and(|octet| octet >> (7 - at % 8) & 1 == 1);
        let word = |place: usize| {
            let number = (0..BITS).fold(0, |number, at| number << 1 | usize::from(bit(place * BITS + at)));
            list().nth(number).unwrap_or_default()
        };
        SafetyWords(std::array::from_fn(word))
    }

    /// What the other phone reads with a camera: both keys as this end sees them.
    #[must_use]
    pub fn to_code(&self) -> String {
        format!("{CODE}{}:{}", hex(&self.ours), hex(&self.theirs))
    }

    /// Whether a code that the other phone shows is of the same two keys, seen from there. `None`: it is no such code.
    #[must_use]
    pub fn matches_code(&self, code: &str) -> Option<bool> {
        let (theirs, ours) = code.trim().strip_prefix(CODE)?.split_once(':')?;
        let is_key = |text: &str| text.len() == 64 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
        let is_same = |text: &str, key: &Fingerprint256| text.eq_ignore_ascii_case(&hex(key));
        (is_key(theirs) && is_key(ours)).then(|| is_same(theirs, &self.theirs) && is_same(ours, &self.ours))
    }
}

const CODE: &str = "COOEE1:";

/// In capitals: QR codes hold these in less room (ISO/IEC 18004, alphanumeric mode).
fn hex(key: &Fingerprint256) -> String {
    key.iter().map(|octet| format!("{octet:02X}")).collect()
}

fn list() -> impl Iterator<Item = &'static str> {
    include_str!("../words/english.txt").lines()
}

impl fmt::Display for SafetyWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use cooee_machine::Entropy;

    use super::*;

    fn keys(seed: u64) -> MediaKeys {
        let mut entropy = Entropy::for_test(seed);
        let (mut ours, mut theirs) = ([0; 32], [0; 32]);
        entropy.fill(&mut ours);
        entropy.fill(&mut theirs);
        MediaKeys { ours, theirs }
    }

    fn from_there(keys: &MediaKeys) -> MediaKeys {
        MediaKeys { ours: keys.theirs, theirs: keys.ours }
    }

    #[test]
    fn the_list_is_the_one_that_everybody_has() {
        let octets = include_bytes!("../words/english.txt");
        let hash = cooee_machine::hexadecimal(digest(&SHA256, octets).as_ref());
        assert_eq!(hash, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
        assert_eq!(list().count(), 2048);
    }

    #[test]
    fn both_ends_read_the_same_twelve_words_and_these_are_written_down() {
        let known = MediaKeys { ours: [0; 32], theirs: [0xff; 32] };
        assert_eq!(known.words(), from_there(&known).words());
        assert_eq!(known.words().to_string(), KNOWN);
        for seed in 0..100 {
            let keys = keys(seed);
            assert_eq!(keys.words(), from_there(&keys).words());
        }
    }

    #[test]
    fn another_key_gives_other_words() {
        for seed in 0..100 {
            let keys = keys(seed);
            let mut other = keys;
            other.theirs[usize::try_from(seed).unwrap() % 32] ^= 1;
            let same = keys.words().0.iter().zip(other.words().0).filter(|(one, other)| **one == *other).count();
            assert!(same <= 2, "{same} of twelve words are the same by chance");
        }
    }

    #[test]
    fn a_code_matches_the_other_end_of_the_same_call_and_nothing_else() {
        let (keys, other) = (keys(1), keys(2));
        assert_eq!(keys.matches_code(&from_there(&keys).to_code()), Some(true));
        assert_eq!(keys.matches_code(&from_there(&keys).to_code().to_lowercase().replace("cooee", "COOEE")), Some(true));
        assert_eq!(keys.matches_code(&keys.to_code()), Some(false), "its own code proves nothing");
        assert_eq!(keys.matches_code(&from_there(&other).to_code()), Some(false));
        for nonsense in ["", "COOEE1:", "COOEE1:00:00", "https://example.org", &keys.to_code()[..80]] {
            assert_eq!(keys.matches_code(nonsense), None, "{nonsense}");
        }
    }

    /// By another program (Python).
    const KNOWN: &str = "nose federal casual clever trick leisure child cross stick few hurdle royal";
}
