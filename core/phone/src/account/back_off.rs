use std::time::Duration;

use cooee_machine::Entropy;

use crate::ReconnectTimes;

/// How long to wait before the next attempt: doubled after each failure, then drawn from the upper half, so that the phones
/// of a server that restarts do not come back at one moment.
#[derive(Debug)]
pub(super) struct BackOff {
    times: ReconnectTimes,
    failures: u32,
    entropy: Entropy,
}

impl BackOff {
    pub(super) fn new(times: ReconnectTimes, entropy: Entropy) -> Self {
        Self { times, failures: 0, entropy }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) fn next(&mut self) -> Duration {
        let doubled = self.times.first.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1).min(24);
        let whole = doubled.min(self.times.most);
        let half = u64::try_from(whole.as_millis() / 2).unwrap_or(u64::MAX);
        Duration::from_millis(half + self.entropy.below(half + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_its_bound_and_always_stays_in_the_upper_half() {
        let times = ReconnectTimes::default();
        let mut back_off = BackOff::new(times, Entropy::for_test(1));
        for whole in [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000] {
            let drawn = back_off.next();
            assert!(drawn >= Duration::from_millis(whole / 2) && drawn <= Duration::from_millis(whole), "{drawn:?} of {whole}");
        }
        for _ in 0..100 {
            assert!(back_off.next() <= times.most);
        }
        back_off.reset();
        assert!(back_off.next() <= times.first);
    }

    #[test]
    fn two_phones_do_not_draw_the_same() {
        let draws = |seed| {
            let mut back_off = BackOff::new(ReconnectTimes::default(), Entropy::for_test(seed));
            (0..8).map(|_| back_off.next()).collect::<Vec<_>>()
        };
        assert_ne!(draws(1), draws(2));
    }
}
