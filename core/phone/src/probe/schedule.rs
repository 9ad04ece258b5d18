use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Wake};

use super::conditions::DAY;

/// When the next domain is asked about in the background: what is due is spread over a day, unevenly.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// What was due when it began is to be done by then.
    by: Option<Instant>,
    next: Option<Instant>,
    /// Suspicious findings wait since then for better knowledge.
    held_since: Option<Instant>,
}

/// No two domains follow each other faster.
const LEAST: Duration = Duration::from_secs(60);
/// A phone may be asleep: nobody waits for it.
const SLACK: Duration = Duration::from_secs(600);
/// When the day's budget is spent, it is looked at again after this time.
const NAP: Duration = Duration::from_secs(3600);

impl Schedule {
    /// Nothing may be asked now.
    pub(super) fn pause(&mut self) {
        (self.by, self.next) = (None, None);
    }

    /// Whether a domain's turn has come, with so many `due` and so many `left` of the day's budget. `later`: how long until the
    /// next one is due, if none is.
    pub(super) fn is_due(&mut self, due: usize, left: usize, later: Option<Duration>, now: Now, entropy: &mut Entropy) -> bool {
        let count = u32::try_from(due.min(left)).unwrap_or(u32::MAX);
        if count == 0 {
            self.by = None;
            let rest = if due == 0 { later } else { Some(NAP) };
            self.next = rest.map(|rest| now.instant + rest.clamp(LEAST, DAY));
            return false;
        }
        let by = *self.by.get_or_insert_with(|| {
            // Whatever the wake-up was for, the day begins with a pause of its own.
            self.next = None;
            now.instant + DAY
        });
        let is_due = self.next.is_some_and(|next| next <= now.instant);
        if is_due || self.next.is_none() {
            let even = by.saturating_duration_since(now.instant) / count;
            // Half to one and a half times as long, so that no rhythm tells how long the list is.
            let uneven = even / 2 + even.mul_f64(entropy.below(1000) as f64 / 1000.0);
            self.next = Some((now.instant + uneven.max(LEAST)).min(by.max(now.instant + LEAST)));
        }
        if now.instant >= by {
            self.by = None;
        }
        is_due
    }

    /// Notes whether suspicious findings wait.
    pub(super) fn hold(&mut self, holds: bool, now: Now) {
        self.held_since = if holds { self.held_since.or(Some(now.instant)) } else { None };
    }

    /// Whether they have waited long enough.
    pub(super) fn is_held_enough(&self, now: Now) -> bool {
        self.held_since.is_some_and(|since| now.instant >= since + DAY)
    }

    pub(super) fn wake(&self) -> Option<Wake> {
        let at = |at, why| Wake::at(at, why).with_slack(SLACK);
        let held = self.held_since.map(|since| at(since + DAY, "probe: suspicious answers"));
        Wake::earlier(self.next.map(|next| at(next, "probe: next domain")), held)
    }
}
