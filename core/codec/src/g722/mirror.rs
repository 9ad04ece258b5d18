//! The quadrature mirror filters that split sound into two bands and join them again.

use std::array::from_fn;

use super::tables::MIRROR;

/// The range of a band's samples: 15 bits.
const BAND: std::ops::RangeInclusive<i32> = -16_384..=16_383;

/// The last twelve pairs, the oldest first: the even and the odd ones go through half of the filter each.
type Past = [[i32; 2]; 12];

fn shift(past: &mut Past, pair: [i32; 2]) {
    past.rotate_left(1);
    if let Some(last) = past.last_mut() {
        *last = pair;
    }
}

/// Both halves of the filter.
fn filter(past: &Past) -> (i32, i32) {
    let even = past.iter().zip(MIRROR).map(|([even, _], tap)| even * tap).sum();
    let odd = past.iter().zip(MIRROR.iter().rev()).map(|([_, odd], tap)| odd * tap).sum();
    (even, odd)
}

/// The transmitting filter.
#[derive(Clone, Debug, Default)]
pub(super) struct Analysis {
    past: Past,
}

impl Analysis {
    /// Two samples to one of the lower and one of the higher band.
    pub(super) fn split(&mut self, pair: [i16; 2]) -> (i32, i32) {
        shift(&mut self.past, pair.map(i32::from));
        let (even, odd) = filter(&self.past);
        ((odd + even) >> 14, (odd - even) >> 14)
    }
}

/// The receiving filter.
#[derive(Clone, Debug, Default)]
pub(super) struct Synthesis {
    past: Past,
}

impl Synthesis {
    /// One sample of each band to two.
    pub(super) fn join(&mut self, low: i32, high: i32) -> [i16; 2] {
        let (low, high) = (low.clamp(*BAND.start(), *BAND.end()), high.clamp(*BAND.start(), *BAND.end()));
        shift(&mut self.past, [low + high, low - high]);
        let (even, odd) = filter(&self.past);
        let both = [odd >> 11, even >> 11];
        from_fn(|at| both.get(at).map_or(0, |sample| (*sample).clamp(-32_768, 32_767) as i16))
    }
}
