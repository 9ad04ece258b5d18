use std::time::{Duration, Instant};

use bytes::Bytes;

/// The library repeats a flight so often; once more, and it gives the association up.
const LIBRARY_REPEATS: u32 = 7;

/// Our flight that the peer has not answered, as it went out.
///
/// What was lost is taken from an exact copy just as well, and what was not is dropped as a replay. So copies may go out when the
/// library has spent its repeats, and at once when the peer repeats the flight before (RFC 6347 4.2.4), which spends none.
#[derive(Debug, Default)]
pub(super) struct LastFlight {
    datagrams: Vec<Bytes>,
    sent: Option<Instant>,
    /// By the library, of this flight.
    repeats: u32,
    is_repeat: bool,
    is_due: bool,
}

impl LastFlight {
    /// The timer ran out. Whether the library may repeat it; else a copy is due.
    pub(super) fn expire(&mut self) -> bool {
        self.is_repeat = self.repeats < LIBRARY_REPEATS;
        self.repeats += u32::from(self.is_repeat);
        self.is_due = !self.is_repeat;
        self.is_repeat
    }

    /// The peer repeats what it was answered by this flight, which is lost then; unless it has only not arrived yet. `rto` is one and
    /// a half round trips or more.
    pub(super) fn handle_repeat(&mut self, rto: Duration, now: Instant) {
        let may_have_arrived = |sent: Instant| now.saturating_duration_since(sent) >= rto * 2 / 3;
        self.is_due |= self.sent.is_some_and(may_have_arrived);
    }

    /// Takes note of what the library sends now; if that is nothing, the copies that are due.
    pub(super) fn take(&mut self, fresh: &[Bytes], now: Instant) -> Vec<Bytes> {
        let is_due = std::mem::take(&mut self.is_due);
        let is_repeat = std::mem::take(&mut self.is_repeat);
        if !fresh.is_empty() {
            self.repeats = if is_repeat { self.repeats } else { 0 };
            self.datagrams = fresh.to_vec();
        } else if !is_due {
            return Vec::new();
        }
        self.sent = Some(now);
        if fresh.is_empty() { self.datagrams.clone() } else { Vec::new() }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test needs some moment to start from")]
mod tests {
    use super::*;

    const RTO: Duration = Duration::from_millis(150);

    fn flight(octet: u8) -> Vec<Bytes> {
        vec![Bytes::copy_from_slice(&[octet; 3]), Bytes::copy_from_slice(&[octet; 5])]
    }

    #[test]
    fn a_repeat_of_the_peer_is_answered_by_copies_once_our_flight_had_time_to_arrive() {
        let (mut last, start) = (LastFlight::default(), Instant::now());
        last.handle_repeat(RTO, start);
        assert!(last.take(&[], start).is_empty(), "there is no flight yet");
        assert!(last.take(&flight(1), start).is_empty());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        last.handle_repeat(RTO, at(99));
        assert!(last.take(&[], at(99)).is_empty(), "it crossed ours");
        last.handle_repeat(RTO, at(100));
        last.handle_repeat(RTO, at(100));
        assert_eq!(last.take(&[], at(100)), flight(1));
        assert!(last.take(&[], at(100)).is_empty(), "once");
        last.handle_repeat(RTO, at(150));
        assert!(last.take(&[], at(150)).is_empty(), "and no storm");
    }

    #[test]
    fn the_library_repeats_as_often_as_it_can_and_copies_follow() {
        let (mut last, now) = (LastFlight::default(), Instant::now());
        last.take(&flight(1), now);
        for _ in 0..LIBRARY_REPEATS {
            assert!(last.expire());
            assert!(last.take(&flight(2), now).is_empty());
        }
        for _ in 0..20 {
            assert!(!last.expire());
            assert_eq!(last.take(&[], now), flight(2));
        }
        last.take(&flight(3), now);
        assert!(last.expire(), "a new flight may be repeated anew");
    }
}
