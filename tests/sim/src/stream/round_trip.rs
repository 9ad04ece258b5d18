use std::time::Duration;

const INITIAL_RTO: Duration = Duration::from_secs(1);
const MIN_VARIANCE: Duration = Duration::from_millis(200);
const MAX_RTO: Duration = Duration::from_secs(60);

/// The estimate of the round trip, and the retransmission timeout made of it (RFC 6298, with Linux' floor of 200 ms above the mean).
#[derive(Debug, Default)]
pub(crate) struct RoundTrip {
    /// Mean and mean deviation.
    smoothed: Option<(Duration, Duration)>,
    backoff: u32,
}

impl RoundTrip {
    /// A measurement (RFC 6298 section 2).
    pub(crate) fn measure(&mut self, sample: Duration) {
        self.smoothed = Some(match self.smoothed {
            None => (sample, sample / 2),
            Some((mean, variance)) => ((mean * 7 + sample) / 8, (variance * 3 + mean.abs_diff(sample)) / 4),
        });
    }

    /// The timer ran out: the next one is twice as long.
    pub(crate) fn back_off(&mut self) {
        self.backoff = (self.backoff + 1).min(16);
    }

    /// Something new was acknowledged.
    pub(crate) fn advance(&mut self) {
        self.backoff = 0;
    }

    /// How long to wait for an acknowledgement.
    pub(crate) fn timeout(&self) -> Duration {
        let base = self.smoothed.map_or(INITIAL_RTO, |(mean, variance)| mean + (variance * 4).max(MIN_VARIANCE));
        (base * (1 << self.backoff)).min(MAX_RTO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_starts_at_a_second_follows_the_path_and_doubles_up_to_a_minute() {
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.timeout(), Duration::from_secs(1));
        (0..50).for_each(|_| round_trip.measure(Duration::from_millis(40)));
        assert_eq!(round_trip.timeout(), Duration::from_millis(240));
        round_trip.back_off();
        assert_eq!(round_trip.timeout(), Duration::from_millis(480));
        (0..50).for_each(|_| round_trip.back_off());
        assert_eq!(round_trip.timeout(), MAX_RTO);
        round_trip.advance();
        assert_eq!(round_trip.timeout(), Duration::from_millis(240));
    }
}
