use std::time::{Duration, Instant};

use crate::mux::{Class, classify};

/// How much a peer may send: beyond what any codec needs, packets are dropped before they cost anything.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// RTP and RTCP from where the peer is or may be.
    peer: Rate,
    reports: Rate,
    /// The same from elsewhere.
    others: Rate,
    others_reports: Rate,
}

/// The moment at which all that was admitted would have come at the highest steady rate (GCRA).
#[derive(Debug, Default)]
struct Rate(Option<Instant>);

/// 400 packets, 80 kB (640 kbit/s) a second: Opus ends at 510 kbit/s, and packets of 10 ms are 100 a second.
const PACKET: Duration = Duration::from_micros(2_500);
const OCTET: Duration = Duration::from_nanos(12_500);
/// Strangers and reports: 20 a second.
const RARE: Duration = Duration::from_millis(50);
/// What a path that stood still may deliver at once.
const BURST: Duration = Duration::from_secs(1);

impl Rates {
    pub(super) fn admits(&mut self, is_peer: bool, datagram: &[u8], now: Instant) -> bool {
        if classify(datagram) == Class::Rtcp {
            return if is_peer { &mut self.reports } else { &mut self.others_reports }.admits(RARE, now);
        }
        let octets = OCTET.saturating_mul(u32::try_from(datagram.len()).unwrap_or(u32::MAX));
        if is_peer { self.peer.admits(PACKET.max(octets), now) } else { self.others.admits(RARE.max(octets), now) }
    }
}

impl Rate {
    fn admits(&mut self, cost: Duration, now: Instant) -> bool {
        let at = self.0.unwrap_or(now).max(now);
        let has_room = at.saturating_duration_since(now) < BURST;
        if has_room {
            self.0 = Some(at + cost);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(octets: usize, interval: Duration, is_peer: bool) -> usize {
        let (begin, mut rates) = (crate::some_moment(), Rates::default());
        let mut datagram = vec![0x80; octets];
        datagram[1] = 8;
        let count = u32::try_from(Duration::from_secs(10).as_micros() / interval.as_micros()).unwrap();
        (0..count).filter(|i| rates.admits(is_peer, &datagram, begin + interval * *i)).count()
    }

    #[test]
    fn what_a_codec_may_send_passes_and_a_flood_is_cut_to_it() {
        assert_eq!(passed(172, Duration::from_millis(20), true), 500);
        assert_eq!(passed(1300, Duration::from_millis(20), true), 500, "Opus at 510 kbit/s");
        assert!((4_400..=4_401).contains(&passed(50, Duration::from_micros(200), true)), "4000 and a burst of 400");
        let two_megabits = passed(250, Duration::from_millis(1), true);
        assert!((3_510..=3_530).contains(&two_megabits), "{two_megabits}");
        assert!((219..=221).contains(&passed(172, Duration::from_millis(1), false)));
    }

    #[test]
    fn what_strangers_report_leaves_the_peers_reports_their_room() {
        let (begin, mut rates, report) = (crate::some_moment(), Rates::default(), [0x80, 200, 0, 1]);
        let at = |i: u32| begin + Duration::from_millis(1) * i;
        let passed = (0..10_000).filter(|i| rates.admits(false, &report, at(*i))).count();
        assert!((219..=221).contains(&passed));
        assert!((0..10).all(|i| rates.admits(true, &report, at(9_990 + i))));
    }

    #[test]
    fn a_burst_after_a_stall_passes_whole() {
        let (now, mut rates) = (crate::some_moment(), Rates::default());
        assert!((0..150).all(|_| rates.admits(true, &[0x80; 180], now)));
    }
}
