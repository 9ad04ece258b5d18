use std::time::Duration;

use cooee_machine::Entropy;

/// Draws from a seeded stream, in the shapes a network needs.
#[derive(Debug)]
pub(crate) struct Dice(Entropy);

impl Dice {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self(entropy)
    }

    /// True with `probability` (0 to 1). Draws nothing for 0, so that a feature switched off shifts no other draw.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && f64::from(self.0.u32()) < probability * (f64::from(u32::MAX) + 1.0)
    }

    /// Evenly from nothing up to and without `bound`, in whole nanoseconds.
    pub(crate) fn duration(&mut self, bound: Duration) -> Duration {
        let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(if nanos == 0 { 0 } else { self.0.below(nanos) })
    }

    /// Evenly from `0..bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_what_they_say() {
        let mut dice = Dice::new(Entropy::for_test(1));
        let hits = (0..100_000).filter(|_| dice.chance(0.2)).count();
        assert!((19_500..20_500).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| !dice.chance(0.0) && dice.chance(1.0)));
    }

    #[test]
    fn durations_stay_below_their_bound() {
        let mut dice = Dice::new(Entropy::for_test(2));
        assert!((0..1000).all(|_| dice.duration(Duration::from_micros(5)) < Duration::from_micros(5)));
        assert_eq!(dice.duration(Duration::ZERO), Duration::ZERO);
    }
}
