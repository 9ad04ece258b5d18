use cooee_machine::Entropy;

use crate::dictionary::{NUMBERS, WORDS};

/// No mutant is longer.
const MAX_LENGTH: usize = 160 * 1024;

/// The mutant of that seed and number: a corpus entry, changed in one to eight ways, by octets, lines and words.
///
/// # Panics
/// With an empty corpus.
#[must_use]
pub(crate) fn mutant(corpus: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    assert!(!corpus.is_empty(), "there is nothing to mutate");
    let mut entropy = dice(seed, number);
    let mut bytes = pick(corpus, &mut entropy).clone();
    mutate(&mut bytes, corpus, MAX_LENGTH, &mut entropy);
    bytes
}

/// What a mutant or a run of a target draws from.
pub(crate) fn dice(seed: u64, number: u64) -> Entropy {
    Entropy::for_test(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number)
}

/// Changes a text in one to eight ways.
pub(crate) fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], longest: usize, entropy: &mut Entropy) {
    for _ in 0..=entropy.below(8) {
        change(bytes, corpus, entropy);
        bytes.truncate(longest);
    }
}

pub(crate) fn pick<'c, T>(from: &'c [T], entropy: &mut Entropy) -> &'c T {
    from.get(below(from.len(), entropy)).unwrap_or_else(|| unreachable!("below the length"))
}

pub(crate) fn below(bound: usize, entropy: &mut Entropy) -> usize {
    usize::try_from(entropy.below(bound as u64)).unwrap_or(0)
}

/// A place in `bytes`, its end included, and a length that mostly is short.
fn range(bytes: &[u8], entropy: &mut Entropy) -> std::ops::Range<usize> {
    let start = below(bytes.len() + 1, entropy);
    let most = if entropy.below(8) == 0 { bytes.len() } else { 16 };
    let end = (start + below(most + 1, entropy)).min(bytes.len());
    start..end
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], entropy: &mut Entropy) {
    match entropy.below(13) {
        0 => set(bytes, entropy, |octet, entropy| octet ^ (1 << entropy.below(8))),
        1 => set(bytes, entropy, |_, entropy| entropy.u32().to_le_bytes()[0]),
        2 => replace(bytes, entropy, |_| Vec::new()),
        3 => {
            let at = range(bytes, entropy).start;
            let word = if entropy.below(3) == 0 { pick(NUMBERS, entropy) } else { pick(WORDS, entropy) };
            bytes.splice(at..at, word.iter().copied());
        }
        4 => replace(bytes, entropy, |entropy| pick(WORDS, entropy).to_vec()),
        5 => number(bytes, entropy),
        6 => {
            let other = pick(corpus, entropy);
            let piece = other.get(range(other, entropy)).unwrap_or_default().to_vec();
            replace(bytes, entropy, |_| piece);
        }
        7 => repeat(bytes, entropy),
        8 => lines(bytes, entropy, |lines, at, other| lines.swap(at, other)),
        9 => lines(bytes, entropy, |lines, at, other| lines.insert(other, lines.get(at).cloned().unwrap_or_default())),
        10 => lines(bytes, entropy, |lines, at, _| drop(lines.remove(at))),
        11 => {
            let theirs: Vec<&[u8]> = pick(corpus, entropy).split_inclusive(|b| *b == b'\n').collect();
            let line = theirs.get(below(theirs.len(), entropy)).copied().unwrap_or_default();
            lines(bytes, entropy, |lines, at, _| lines.insert(at, line.to_vec()));
        }
        _ => bytes.truncate(below(bytes.len() + 1, entropy)),
    }
}

fn set(bytes: &mut [u8], entropy: &mut Entropy, to: impl Fn(u8, &mut Entropy) -> u8) {
    let at = below(bytes.len(), entropy);
    if let Some(octet) = bytes.get_mut(at) {
        *octet = to(*octet, entropy);
    }
}

fn replace(bytes: &mut Vec<u8>, entropy: &mut Entropy, with: impl FnOnce(&mut Entropy) -> Vec<u8>) {
    let range = range(bytes, entropy);
    let with = with(entropy);
    bytes.splice(range, with);
}

/// A run of digits becomes another number.
fn number(bytes: &mut Vec<u8>, entropy: &mut Entropy) {
    let from = below(bytes.len() + 1, entropy);
    let digits = |b: &u8| b.is_ascii_digit();
    let Some(start) = bytes.iter().skip(from).position(digits).map(|at| from + at) else { return };
    let length = bytes.iter().skip(start).take_while(|b| digits(b)).count();
    bytes.splice(start..start + length, pick(NUMBERS, entropy).iter().copied());
}

/// A piece, many times.
fn repeat(bytes: &mut Vec<u8>, entropy: &mut Entropy) {
    let range = range(bytes, entropy);
    let times = if entropy.below(20) == 0 { entropy.below(5_000) } else { entropy.below(20) };
    let piece =
        bytes.get(range.clone()).unwrap_or_default().repeat(usize::try_from(times).unwrap_or(0).min(MAX_LENGTH / range.len().max(1)));
    bytes.splice(range, piece);
}

fn lines(bytes: &mut Vec<u8>, entropy: &mut Entropy, change: impl FnOnce(&mut Vec<Vec<u8>>, usize, usize)) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return;
    }
    let (at, other) = (below(lines.len(), entropy), below(lines.len(), entropy));
    change(&mut lines, at, other);
    *bytes = lines.concat();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_number_give_the_same_mutant() {
        let corpus = crate::Target::Sip.corpus();
        assert_eq!(mutant(&corpus, 1, 77), mutant(&corpus, 1, 77));
        let distinct: std::collections::BTreeSet<_> = (0..1000).map(|n| mutant(&corpus, 1, n)).collect();
        assert!(distinct.len() > 900, "mutants differ");
    }

    #[test]
    fn mutants_stay_bounded() {
        let corpus = vec![vec![b'a'; 1000]];
        assert!((0..2000).all(|n| mutant(&corpus, 3, n).len() <= MAX_LENGTH));
    }
}
