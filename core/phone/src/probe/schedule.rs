use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Wake};

/// When the next domain is asked about in the background: what is due is spread over a day, unevenly.
#[derive(Debug)]
pub(crate) struct Schedule {
    day: Duration,
    /// What is due is to be done by then. It outlasts pauses, and what is late then comes soon: whoever changes networks often would
    /// never come to the last domains.
    by: Option<Instant>,
    /// The next domain's turn.
    next: Option<Instant>,
    /// Nothing may be asked until then: it is looked again.
    look: Option<Instant>,
    /// Suspicious findings wait since then for better knowledge.
    held_since: Option<Instant>,
}

impl Schedule {
    pub(crate) fn new(day: Duration) -> Self {
        Self { day, by: None, next: None, look: None, held_since: None }
    }

    /// No two domains follow each other faster.
    fn least(&self) -> Duration {
        self.day / 720
    }

    /// Nothing may be asked now.
    pub(crate) fn pause(&mut self) {
        (self.next, self.look) = (None, None);
    }

    /// The book is another one: what is due gets a day of its own.
    pub(crate) fn change_book(&mut self) {
        (self.by, self.next) = (None, None);
    }

    /// What was suspicious in another network is forgotten.
    pub(crate) fn change_network(&mut self) {
        self.pause();
        self.held_since = None;
    }

    /// Whether a domain's turn has come, with so many `due` and so many `left` of the day's budget. `later`: how long until the
    /// next one is due, if none is.
    pub(crate) fn is_due(&mut self, due: usize, left: usize, later: Option<Duration>, now: Now, entropy: &mut Entropy) -> bool {
        let count = u32::try_from(due.min(left)).unwrap_or(u32::MAX);
        if count == 0 {
            // A budget that is spent is looked at again after an hour.
            let rest = if due == 0 { later } else { Some(self.day / 24) };
            (self.by, self.next) = (None, None);
            self.look = rest.map(|rest| now.instant + rest.clamp(self.least(), self.day));
            return false;
        }
        self.look = None;
        let by = *self.by.get_or_insert(now.instant + self.day);
        let is_due = self.next.is_some_and(|next| next <= now.instant);
        if is_due || self.next.is_none() {
            let even = by.saturating_duration_since(now.instant) / count;
            // Half to one and a half times as long, so that no rhythm tells how long the list is.
            let uneven = even / 2 + even.mul_f64(entropy.below(1000) as f64 / 1000.0);
            self.next = Some((now.instant + uneven).min(by).max(now.instant + self.least()));
        }
        is_due
    }

    /// Notes whether suspicious findings wait.
    pub(crate) fn hold(&mut self, holds: bool, now: Now) {
        self.held_since = if holds { self.held_since.or(Some(now.instant)) } else { None };
    }

    /// Whether they have waited long enough.
    pub(crate) fn is_held_enough(&self, now: Now) -> bool {
        self.held_since.is_some_and(|since| now.instant >= since + self.day)
    }

    pub(crate) fn wake(&self) -> Option<Wake> {
        // A phone may be asleep: nobody waits for it.
        let at = |at, why| Wake::at(at, why).with_slack(self.day / 144);
        let held = self.held_since.map(|since| at(since + self.day, "probe: suspicious answers"));
        let next = self.next.map(|next| at(next, "probe: next domain"));
        let look = self.look.map(|look| at(look, "probe: what is due"));
        Wake::earlier(Wake::earlier(next, look), held)
    }
}
