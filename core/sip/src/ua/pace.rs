use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cooee_machine::{Now, Pii};

/// How fast strangers may make us work: so many at once, then one in this time. A bucket that fills slowly.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    each: Duration,
}

/// Of all senders together.
const ALL: Rate = Rate { burst: 60, each: Duration::from_millis(500) };
/// Of one: half of what all may, so that nobody takes the others' share.
const ONE: Rate = Rate { burst: 30, each: Duration::from_secs(1) };
/// So many senders are told apart at a time. Each has written within the last half minute, which is more than all may.
const SENDERS: usize = 128;

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    left: u32,
    since: Option<Instant>,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        Self { rate, left: rate.burst, since: None }
    }

    fn fill(&mut self, now: Now) {
        let Rate { burst, each } = self.rate;
        let since = *self.since.get_or_insert(now.instant);
        let more = u32::try_from(now.instant.saturating_duration_since(since).as_millis() / each.as_millis()).unwrap_or(u32::MAX);
        if more > 0 {
            self.left = self.left.saturating_add(more).min(burst);
            self.since = Some(if self.left == burst { now.instant } else { since + each * more });
        }
    }

    fn is_full(&self) -> bool {
        self.left == self.rate.burst
    }

    fn take(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

/// The pace of all senders together, and of each.
#[derive(Debug)]
pub(super) struct Pace {
    all: Bucket,
    /// Those of whom there was something lately.
    senders: BTreeMap<Pii<String>, Bucket>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { all: Bucket::new(ALL), senders: BTreeMap::new() }
    }
}

impl Pace {
    /// Whether there is room for another one of this sender, and takes it. What one sends in vain is at nobody else's expense.
    pub(super) fn take(&mut self, sender: Pii<String>, now: Now) -> bool {
        self.all.fill(now);
        self.senders.retain(|_, bucket| {
            bucket.fill(now);
            !bucket.is_full()
        });
        if self.all.left == 0 || (self.senders.len() >= SENDERS && !self.senders.contains_key(&sender)) {
            return false;
        }
        let own = self.senders.entry(sender).or_insert_with(|| Bucket::new(ONE));
        own.fill(now);
        let may = own.left > 0;
        if may {
            own.take();
            self.all.take();
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::start_of_test;

    /// How many of so many tries of one sender there is room for, at a time.
    fn taken(pace: &mut Pace, sender: &str, at: Duration, tries: u32) -> usize {
        let now = start_of_test();
        (0..tries).filter(|_| pace.take(Pii(sender.to_owned()), now.after(at))).count()
    }

    #[test]
    fn a_burst_of_one_sender_passes_and_then_one_a_second() {
        let mut pace = Pace::default();
        let mut taken = |at, tries| taken(&mut pace, "eve", Duration::from_millis(at), tries);
        assert_eq!(taken(0, 100), 30);
        assert_eq!(taken(999, 10), 0);
        assert_eq!(taken(2700, 10), 2);
        assert_eq!(taken(3000, 10), 1);
        assert_eq!(taken(3_600_000, 100), 30);
    }

    #[test]
    fn who_never_stops_leaves_room_for_others() {
        let mut pace = Pace::default();
        for second in 0..100 {
            let at = Duration::from_secs(second);
            taken(&mut pace, "eve", at, 1000);
            assert_eq!(taken(&mut pace, "ben", at, 1), 1, "{second}");
        }
    }

    #[test]
    fn many_senders_together_have_a_pace_and_are_not_all_remembered() {
        let mut pace = Pace::default();
        let passed: usize = (0..1000).map(|number| taken(&mut pace, &format!("eve{number}"), Duration::ZERO, 1)).sum();
        assert_eq!((passed, pace.senders.len()), (60, 60));
        let later: usize = (0..1000).map(|number| taken(&mut pace, &format!("mallory{number}"), Duration::from_millis(1700), 1)).sum();
        assert_eq!((later, pace.senders.len()), (3, 3));
    }
}
