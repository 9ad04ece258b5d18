use std::time::{Duration, Instant};

use cooee_machine::Entropy;

/// When the next report goes out (RFC 3550 6.2, 6.3 and A.7, for the two members of a call).
#[derive(Debug)]
pub(crate) struct Schedule {
    next: Instant,
    average: f64,
    minimum: Duration,
    entropy: Entropy,
}

const MEMBERS: f64 = 2.0;
/// RTCP's share, in octets a second: 5 % of a session of 32 kb/s, the least that is spoken here.
const BANDWIDTH: f64 = 0.05 * 32_000.0 / 8.0;
/// UDP and IP headers count (RFC 3550 6.2).
const LOWER_LAYERS: f64 = 28.0;
const FIRST: Duration = Duration::from_secs(1);
/// e - 3/2: makes up for timer reconsideration, which pulls intervals below what is intended.
const COMPENSATION: f64 = 1.218_28;

impl Schedule {
    /// `minimum`: 5 s, or less where feedback was negotiated (RFC 4585 3.4). The first report comes sooner, so that it is early known
    /// whether sound arrives.
    pub(crate) fn new(minimum: Duration, mut entropy: Entropy, now: Instant) -> Self {
        let first = FIRST.mul_f64(0.5 + fraction(&mut entropy) / 2.0);
        Self { next: now + first, average: 100.0, minimum, entropy }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.next
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next <= now
    }

    /// A compound packet of this many octets came in.
    pub(crate) fn received(&mut self, octets: usize) {
        #[allow(clippy::cast_precision_loss)] // a datagram's length
        let size = octets as f64 + LOWER_LAYERS;
        self.average += (size - self.average) / 16.0;
    }

    /// One went out; sets the moment of the next.
    pub(crate) fn sent(&mut self, octets: usize, now: Instant) {
        self.received(octets);
        let interval = (MEMBERS * self.average / BANDWIDTH).max(self.minimum.as_secs_f64());
        let randomised = interval * (0.5 + fraction(&mut self.entropy)) / COMPENSATION;
        self.next = now + Duration::from_secs_f64(randomised);
    }
}

/// In 0.0..1.0.
fn fraction(entropy: &mut Entropy) -> f64 {
    f64::from(entropy.u32()) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_report_comes_within_a_second_and_the_others_around_the_minimum() {
        let begin = crate::some_moment();
        let mut seen = vec![];
        for seed in 0..50 {
            let mut schedule = Schedule::new(Duration::from_secs(5), Entropy::for_test(seed), begin);
            let first = schedule.deadline() - begin;
            assert!((FIRST / 2..=FIRST).contains(&first));
            for _ in 0..20 {
                let now = schedule.deadline();
                assert!(schedule.is_due(now));
                schedule.sent(120, now);
                seen.push((schedule.deadline() - now).as_secs_f64());
            }
        }
        let mean = seen.iter().sum::<f64>() / seen.len() as f64;
        assert!(seen.iter().all(|s| (2.05..6.2).contains(s)));
        assert!((mean - 5.0 / COMPENSATION).abs() < 0.2, "{mean}");
    }

    #[test]
    fn large_reports_come_less_often() {
        let begin = crate::some_moment();
        let mut schedule = Schedule::new(Duration::from_millis(2500), Entropy::for_test(1), begin);
        for _ in 0..100 {
            schedule.sent(1200, begin);
        }
        assert!(schedule.deadline() - begin > Duration::from_secs(5));
    }
}
