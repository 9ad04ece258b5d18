use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How often something may happen: `burst` times at once, then once in `every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once.
    pub burst: u32,
    /// One more in each.
    pub every: Duration,
}

impl Rate {
    /// `count` times in any `window`, near enough.
    #[must_use]
    pub fn of(count: u32, window: Duration) -> Self {
        Self { burst: count.max(1), every: window / count.max(1) }
    }
}

/// Counts what should not happen too often, for each of many. A bounded table of leaky buckets: when it is full, the one that is
/// nearest to being forgotten anyway gives way, so that a flood of new names does not hide who is busy.
#[derive(Debug)]
pub struct Throttle<K> {
    rate: Rate,
    capacity: usize,
    /// When each bucket will have run empty.
    empty_at: BTreeMap<K, Instant>,
    soonest: BTreeSet<(Instant, K)>,
}

impl<K: Clone + Ord> Throttle<K> {
    /// Of at most so many, an empty one.
    #[must_use]
    pub fn new(rate: Rate, capacity: usize) -> Self {
        Self { rate, capacity: capacity.max(1), empty_at: BTreeMap::new(), soonest: BTreeSet::new() }
    }

    /// How long until it may happen again; `None`: now.
    #[must_use]
    pub fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let empty_at = self.empty_at.get(key)?;
        let room = self.rate.every * (self.rate.burst - 1);
        let wait = empty_at.saturating_duration_since(now).saturating_sub(room);
        (!wait.is_zero()).then_some(wait)
    }

    /// Whether it happened at all of late.
    #[must_use]
    pub fn knows(&self, key: &K, now: Instant) -> bool {
        self.empty_at.get(key).is_some_and(|empty_at| *empty_at > now)
    }

    /// Whether there is room for it now, and counts it if so.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&mut self, key: K, now: Instant) -> Result<(), Duration> {
        self.wait(&key, now).map_or(Ok(()), Err)?;
        self.count(key, now);
        Ok(())
    }

    /// It happened once more.
    pub fn count(&mut self, key: K, now: Instant) {
        self.forget_the_empty(now);
        let known = self.empty_at.remove(&key);
        if let Some(empty_at) = known {
            self.soonest.remove(&(empty_at, key.clone()));
        } else if self.empty_at.len() >= self.capacity
            && let Some((_, least)) = self.soonest.pop_first()
        {
            self.empty_at.remove(&least);
        }
        // Full is full: what happens beyond the rate makes nobody wait longer.
        let full = now + self.rate.every * self.rate.burst;
        let empty_at = (known.map_or(now, |empty_at| empty_at.max(now)) + self.rate.every).min(full);
        self.empty_at.insert(key.clone(), empty_at);
        self.soonest.insert((empty_at, key));
    }

    fn forget_the_empty(&mut self, now: Instant) {
        while self.soonest.first().is_some_and(|(empty_at, _)| *empty_at <= now) {
            if let Some((_, key)) = self.soonest.pop_first() {
                self.empty_at.remove(&key);
            }
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.empty_at.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "any instant will do, and there is no other way to one")]

    use super::*;

    const RATE: Rate = Rate { burst: 3, every: Duration::from_secs(10) };

    #[test]
    fn a_burst_then_one_at_a_time() {
        let (mut throttle, now) = (Throttle::new(RATE, 10), Instant::now());
        for _ in 0..3 {
            assert_eq!(throttle.wait(&1, now), None);
            throttle.count(1, now);
        }
        assert_eq!(throttle.wait(&1, now), Some(Duration::from_secs(10)));
        assert_eq!(throttle.wait(&2, now), None);
        throttle.count(1, now);
        assert_eq!(throttle.wait(&1, now), Some(Duration::from_secs(10)), "more makes nobody wait longer");
        let later = now + Duration::from_secs(10);
        assert_eq!(throttle.wait(&1, later), None);
        throttle.count(1, later);
        assert_eq!(throttle.wait(&1, later), Some(Duration::from_secs(10)));
        assert!(!throttle.knows(&1, now + Duration::from_secs(40)));
    }

    #[test]
    fn a_flood_of_names_neither_grows_the_table_nor_hides_the_busy() {
        let (mut throttle, now) = (Throttle::new(RATE, 10), Instant::now());
        for _ in 0..3 {
            throttle.count(0, now);
        }
        for name in 1..1000 {
            throttle.count(name, now);
            assert!(throttle.len() <= 10);
        }
        assert!(throttle.wait(&0, now).is_some());
        throttle.count(1, now + Duration::from_secs(31));
        assert_eq!(throttle.len(), 1, "what is over is forgotten");
    }
}
