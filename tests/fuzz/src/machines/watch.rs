use std::time::{Duration, Instant};

use cooee_machine::{Now, Wake};

/// What must hold of a machine whatever it is fed.
#[derive(Debug)]
pub(super) struct Watch {
    name: &'static str,
    /// Times it was woken at this moment and wanted to be woken at once again.
    spins: (Instant, u32),
    /// Times it was woken since when.
    wakes: u64,
    since: Instant,
}

/// A machine may need a few turns at one moment, one for each thing that is due.
const MOST_SPINS: u32 = 100;
/// Outputs that any input may set off, however short: the end of a connection ends what ran over it.
const MOST_OUTPUTS: usize = 200;
/// Octets that any input may set off, and for each octet of it: a request may go to twelve devices.
const MOST_OCTETS: usize = 128 * 1024;
const MOST_OCTETS_EACH: usize = 64;
/// In a quiet network, in the mean over an hour.
const MOST_WAKES_A_MINUTE: u64 = 60;

impl Watch {
    pub(super) fn new(name: &'static str, now: Now) -> Self {
        Self { name, spins: (now.instant, 0), wakes: 0, since: now.instant }
    }

    /// One input of `given` octets brought this.
    pub(super) fn step(&self, given: usize, outputs: usize, octets: usize) {
        let name = self.name;
        // The shortest thing that is answered is a ping of four octets.
        assert!(outputs <= MOST_OUTPUTS + given / 4, "{name}: {outputs} outputs for {given} octets");
        assert!(octets <= MOST_OCTETS + MOST_OCTETS_EACH * given, "{name}: {octets} octets for {given}");
    }

    /// It was woken, and now wants this.
    pub(super) fn woken(&mut self, wake: Option<Wake>, now: Now) {
        self.wakes += 1;
        let is_due = wake.is_some_and(|wake| wake.is_due(now));
        let spins = if is_due && self.spins.0 == now.instant { self.spins.1 + 1 } else { 0 };
        self.spins = (now.instant, spins);
        let why = wake.map(|wake| wake.why).unwrap_or_default();
        assert!(spins <= MOST_SPINS, "{} wants to be woken at once for ever: {why}", self.name);
    }

    pub(super) fn quiet_begins(&mut self, now: Now) {
        (self.wakes, self.since) = (0, now.instant);
    }

    pub(super) fn quiet_ends(&self, now: Now) {
        let minutes = now.instant.saturating_duration_since(self.since).as_secs() / 60;
        assert!(self.wakes <= MOST_WAKES_A_MINUTE * minutes.max(1), "{}: {} wake-ups in {minutes} quiet minutes", self.name, self.wakes);
    }
}

/// How long after the last tampering the network stays dead: longer than any timer of calls and connections.
pub(super) const QUIET: Duration = Duration::from_secs(3 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Now {
        Now { instant: Instant::now(), unix: Duration::ZERO }
    }

    #[test]
    fn who_works_through_what_is_due_is_let_be() {
        let (mut now, mut watch) = (now(), Watch::new("it", now()));
        for _ in 0..1000 {
            watch.woken(Some(Wake::at(now.instant, "due")), now);
            watch.woken(Some(Wake::at(now.instant + Duration::from_secs(1), "later")), now);
            now = now.after(Duration::from_secs(1));
        }
        watch.step(0, 10, 1_000);
        watch.quiet_begins(now);
        watch.quiet_ends(now.after(QUIET));
    }

    #[test]
    #[should_panic(expected = "wants to be woken at once for ever")]
    fn who_spins_is_found() {
        let (now, mut watch) = (now(), Watch::new("it", now()));
        (0..200).for_each(|_| watch.woken(Some(Wake::at(now.instant, "due")), now));
    }

    #[test]
    #[should_panic(expected = "outputs for 8 octets")]
    fn who_says_too_much_is_found() {
        Watch::new("it", now()).step(8, 1_000, 0);
    }

    #[test]
    #[should_panic(expected = "quiet minutes")]
    fn who_never_rests_is_found() {
        let (mut now, mut watch) = (now(), Watch::new("it", now()));
        for _ in 0..10_000 {
            now = now.after(Duration::from_millis(10));
            watch.woken(None, now);
        }
        watch.quiet_ends(now);
    }
}
