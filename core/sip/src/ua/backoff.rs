use std::time::Duration;

use cooee_machine::{Entropy, Now, Wake};

/// RFC 5626 4.5, no other flow being up.
const BASE: u64 = 30;
const MAX: u64 = 1800;
/// A server may send us away for this long, in seconds.
const LONGEST_RETRY_AFTER: u64 = 4 * 3600;

/// When to try again, and when to refresh.
pub(super) struct Backoff {
    failures: u32,
    asked_for: bool,
    entropy: Entropy,
}

impl Backoff {
    pub(super) fn new(entropy: Entropy) -> Self {
        Self { failures: 0, asked_for: false, entropy }
    }

    pub(super) fn reset(&mut self) {
        (self.failures, self.asked_for) = (0, false);
    }

    /// Whether the present wait is the server's own wish or answer, which a new flow does not shorten.
    pub(super) fn is_asked_for(&self) -> bool {
        self.asked_for
    }

    /// The wait after one more failure: 50 to 100 % of min(max, base * 2^failures); the server's `Retry-After`, in seconds,
    /// if it gives one, with up to a tenth more, lest all its phones come back at once.
    pub(super) fn next(&mut self, retry_after: Option<u32>) -> Duration {
        let upper = MAX.min(BASE.saturating_mul(1 << self.failures.min(10))) * 1000;
        self.failures = self.failures.saturating_add(1);
        self.asked_for = true;
        match retry_after {
            // 0 means at once, but not for ever.
            Some(seconds) if seconds > 0 || self.failures == 1 => {
                let wait = u64::from(seconds).min(LONGEST_RETRY_AFTER) * 1000;
                Duration::from_millis(wait + self.entropy.below(wait / 10 + 1000))
            }
            _ => Duration::from_millis(upper / 2 + self.entropy.below(upper / 2)),
        }
    }

    /// When to refresh a binding that lives `expires` seconds: after 75 to 90 % of it.
    pub(super) fn refresh(&mut self, expires: u32, now: Now) -> Wake {
        let life = u64::from(expires) * 1000;
        let wait = life / 4 * 3 + self.entropy.below(life * 15 / 100);
        Wake::at(now.instant + Duration::from_millis(wait), "registration refresh").with_slack(Duration::from_millis(life / 40))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_half_a_minute_to_half_an_hour_each_by_chance_between_half_and_all() {
        let mut backoff = Backoff::new(Entropy::for_test(1));
        for upper in [30, 60, 120, 240, 480, 960, 1800, 1800, 1800] {
            let wait = backoff.next(None);
            assert!(wait >= Duration::from_secs(upper / 2) && wait <= Duration::from_secs(upper), "{wait:?} of {upper}");
        }
        backoff.reset();
        assert!(backoff.next(None) <= Duration::from_secs(30));
    }

    #[test]
    fn retry_after_is_heeded_but_neither_for_ever_nor_at_once_for_ever() {
        let mut backoff = Backoff::new(Entropy::for_test(2));
        assert!(backoff.next(Some(0)) < Duration::from_secs(2));
        assert!(backoff.next(Some(0)) >= Duration::from_secs(30));
        let wait = backoff.next(Some(120));
        assert!(wait >= Duration::from_secs(120) && wait <= Duration::from_secs(133));
        assert!(backoff.next(Some(u32::MAX)) < Duration::from_secs(5 * 3600));
    }

    #[test]
    fn bindings_are_refreshed_before_they_die_whatever_their_life() {
        let now = crate::transaction::start_of_test();
        let mut backoff = Backoff::new(Entropy::for_test(3));
        for expires in [1, 10, 60, 3600, u32::MAX] {
            let wake = backoff.refresh(expires, now);
            let life = Duration::from_secs(u64::from(expires));
            assert!(wake.at >= now.instant + life * 3 / 4 && wake.at + wake.slack < now.instant + life);
        }
    }
}
