use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Measured over less than this, a clock's drift is hidden by the irregularity of callbacks.
const SHORTEST: Duration = Duration::from_secs(10);
/// More than this is no drift but a device that sleeps.
const LARGEST: f64 = 5_000.0;

/// Compares a stream's own clock with ours: its callback counts frames, anyone asks for the drift.
#[derive(Clone, Debug)]
pub struct StreamClock(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    base: Instant,
    rate: u32,
    /// Nanoseconds from `base` to the first and the last callback.
    first: AtomicU64,
    last: AtomicU64,
    /// Frames between these two.
    frames: AtomicU64,
    /// Frames of the largest callback.
    largest: AtomicU64,
}

impl StreamClock {
    /// For a stream of this rate, beginning about now.
    #[must_use]
    pub fn new(rate: u32, now: Instant) -> Self {
        let zero = || AtomicU64::new(0);
        Self(Arc::new(Counters { base: now, rate, first: zero(), last: zero(), frames: zero(), largest: zero() }))
    }

    /// The callback has taken or given this many frames. Waits for nothing.
    pub fn count(&self, frames: usize, now: Instant) {
        let Counters { base, first, last, frames: counted, largest, .. } = &*self.0;
        let elapsed = u64::try_from(now.saturating_duration_since(*base).as_nanos()).unwrap_or(u64::MAX).max(1);
        if first.load(Ordering::Relaxed) == 0 {
            first.store(elapsed, Ordering::Relaxed);
        } else {
            counted.fetch_add(frames as u64, Ordering::Relaxed);
        }
        last.store(elapsed, Ordering::Relaxed);
        largest.fetch_max(frames as u64, Ordering::Relaxed);
    }

    /// The largest piece that the stream takes or gives at once; zero before the first.
    #[must_use]
    pub fn period(&self) -> Duration {
        let Counters { rate, largest, .. } = &*self.0;
        Duration::from_micros(largest.load(Ordering::Relaxed).saturating_mul(1_000_000) / u64::from((*rate).max(1)))
    }

    /// How much faster (positive) the stream's clock runs than ours, in parts per million; `None` in the first ten seconds and
    /// if it is too far off to be a clock.
    #[must_use]
    pub fn drift_ppm(&self) -> Option<f64> {
        let Counters { rate, first, last, frames, .. } = &*self.0;
        let elapsed = last.load(Ordering::Relaxed).saturating_sub(first.load(Ordering::Relaxed));
        if Duration::from_nanos(elapsed) < SHORTEST {
            return None;
        }
        let expected = elapsed as f64 / 1e9 * f64::from(*rate);
        let drift = (frames.load(Ordering::Relaxed) as f64 / expected - 1.0) * 1e6;
        (drift.abs() <= LARGEST).then_some(drift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(frames: usize, seconds: u32) -> Option<f64> {
        let start = Instant::now();
        let clock = StreamClock::new(48_000, start);
        for callback in 0..=seconds * 100 {
            clock.count(frames, start + Duration::from_millis(5) + Duration::from_millis(10) * callback);
        }
        clock.drift_ppm()
    }

    #[test]
    fn a_true_clock_has_no_drift_and_a_fast_one_is_told() {
        assert_eq!(measured(480, 20), Some(0.0));
        assert!((measured(481, 20).unwrap() - 2_083.3).abs() < 1.0);
        assert!((measured(479, 20).unwrap() + 2_083.3).abs() < 1.0);
    }

    #[test]
    fn the_largest_callback_is_remembered() {
        let now = Instant::now();
        let clock = StreamClock::new(48_000, now);
        assert_eq!(clock.period(), Duration::ZERO);
        for frames in [480, 960, 100] {
            clock.count(frames, now);
        }
        assert_eq!(clock.period(), Duration::from_millis(20));
    }

    #[test]
    fn too_short_and_too_far_off_are_unknown() {
        assert_eq!(measured(480, 9), None);
        assert_eq!(measured(240, 20), None);
    }
}
