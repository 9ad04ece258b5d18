use std::time::Duration;

use cooee_machine::Entropy;

/// How the alarms of a device come that sleeps: seldom, and late.
#[derive(Debug)]
pub struct Alarms {
    /// The least time from one to the next; while a telephone dozes, 9 minutes.
    spacing: Duration,
    /// How much later than it may an alarm comes at most.
    lateness: Duration,
    entropy: Entropy,
    last: Option<Duration>,
    /// What was asked for, and when it comes.
    set: Option<((Duration, Duration), Duration)>,
    count: u64,
}

impl Alarms {
    /// Alarms with this much time between them, each at a moment within its slack, or up to `lateness` after that.
    #[must_use]
    pub fn new(spacing: Duration, lateness: Duration, entropy: Entropy) -> Self {
        Self { spacing, lateness, entropy, last: None, set: None, count: 0 }
    }

    /// So many have come.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the alarm comes that is asked for; `None` if that was asked for before, and is yet to come.
    pub(crate) fn set(&mut self, at: Duration, slack: Duration, now: Duration) -> Option<Duration> {
        if let Some((asked, moment)) = self.set
            && asked == (at, slack)
        {
            return (moment <= now).then_some(now);
        }
        let latest = u64::try_from((slack + self.lateness).as_millis()).unwrap_or(u64::MAX - 1);
        let late = Duration::from_millis(self.entropy.below(latest + 1));
        let earliest = self.last.map_or(now, |last| last + self.spacing).max(now);
        let moment = (at + late).max(earliest);
        self.set = Some(((at, slack), moment));
        Some(moment)
    }

    /// Whether the alarm comes that was asked for last; it does once.
    pub(crate) fn take_due(&mut self, now: Duration) -> bool {
        let is_due = self.set.take_if(|(_, moment)| *moment <= now).is_some();
        if is_due {
            self.last = Some(now);
            self.count += 1;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_keep_their_distance_and_come_late_within_bounds() {
        let (seconds, mut alarms) =
            (Duration::from_secs, Alarms::new(Duration::from_secs(540), Duration::from_secs(30), Entropy::for_test(1)));
        let first = alarms.set(seconds(100), seconds(20), seconds(10)).unwrap();
        assert!(first >= seconds(100) && first <= seconds(150));
        assert_eq!(alarms.set(seconds(100), seconds(20), seconds(50)), None, "asked for again, it stays");
        assert!(!alarms.take_due(seconds(99)) && alarms.take_due(first) && !alarms.take_due(first));
        let second = alarms.set(first + seconds(60), seconds(0), first).unwrap();
        assert!(second >= first + seconds(540));
        assert_eq!(alarms.count(), 1);
    }
}
