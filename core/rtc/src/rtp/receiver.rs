use std::time::Instant;

use super::packet::Header;
use super::sender::ticks;
use crate::rtcp::ReportBlock;

/// One source as received: valid sequence numbers, losses and jitter (RFC 3550 appendix A.1, A.3, A.8).
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    source: Option<Source>,
    /// Another source that may take over.
    rival: Option<Rival>,
    /// Who said good-bye last, and when.
    departed: Option<(u32, Instant)>,
    /// Packets of sources and sequences that were not (yet) believed.
    pub(crate) refused: u64,
    /// Of sources that are gone.
    past_lost: u64,
    sender_report: Option<(u32, u32, Instant)>,
}

#[derive(Debug)]
struct Source {
    ssrc: u32,
    first: u64,
    highest: u64,
    count: u64,
    /// The sequence number that would confirm a jump.
    jump: Option<u16>,
    timestamp: i64,
    last: (Instant, u32),
    clock_rate: u32,
    jitter: f64,
    reported: (u64, u64),
}

#[derive(Debug)]
struct Rival {
    ssrc: u32,
    next: u16,
    run: u32,
}

/// Where a packet stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Does not wrap.
    pub(crate) sequence: u64,
    /// Does not wrap.
    pub(crate) timestamp: i64,
    /// What was known of the stream before is void.
    pub(crate) restarted: bool,
}

const MAX_DROPOUT: u16 = 3000;
const MAX_MISORDER: u16 = 100;
/// Packets in sequence that make a rival source the one that is heard, at once if the present one is silent, else after more.
const TAKE_OVER: u32 = 2;
const TAKE_OVER_FROM_A_SPEAKER: u32 = 10;
const SILENT: std::time::Duration = std::time::Duration::from_millis(60);
/// Packets that a good-bye has overtaken come within this, and begin no stream (RFC 3550 6.2.1).
const STRAGGLERS: std::time::Duration = std::time::Duration::from_secs(1);
/// Counting begins here, so that a packet from before the first one has a number, too.
const BASE: u64 = 1 << 32;

impl Receiver {
    /// `None`: not to be played. `authentic` packets are believed at once, others need two in sequence.
    pub(crate) fn packet(&mut self, header: &Header, clock_rate: u32, authentic: bool, now: Instant) -> Option<Arrival> {
        if self.has_departed(header.ssrc, now) {
            self.refused += 1;
            return None;
        }
        match &mut self.source {
            Some(source) if source.ssrc == header.ssrc => {
                self.rival = None;
                let arrival = source.packet(header, clock_rate, now);
                self.refused += u64::from(arrival.is_none());
                arrival
            }
            other => {
                let needed = match other {
                    None if authentic => 1,
                    Some(source) if now.saturating_duration_since(source.last.0) < SILENT => TAKE_OVER_FROM_A_SPEAKER,
                    _ => TAKE_OVER,
                };
                let run = match &self.rival {
                    Some(rival) if rival.ssrc == header.ssrc && rival.next == header.sequence => rival.run + 1,
                    _ => 1,
                };
                if run < needed {
                    self.rival = Some(Rival { ssrc: header.ssrc, next: header.sequence.wrapping_add(1), run });
                    self.refused += 1;
                    return None;
                }
                self.past_lost += self.source.as_ref().map_or(0, Source::lost);
                (self.rival, self.sender_report) = (None, None);
                let source = self.source.insert(Source::new(header, clock_rate, now));
                Some(Arrival { sequence: source.highest, timestamp: source.timestamp, restarted: true })
            }
        }
    }

    /// Whether a packet goes on with the stream that is heard: same source, next in number and time.
    pub(crate) fn is_continued_by(&self, header: &Header, now: Instant) -> bool {
        self.source.as_ref().is_some_and(|source| {
            source.ssrc == header.ssrc && (1..MAX_DROPOUT).contains(&source.ahead(header)) && !source.clocks_disagree(header, now)
        })
    }

    /// A packet that is no audio, as digits and comfort noise are: it counts, and says nothing of the audio's clock (RFC 4733 2.1).
    pub(crate) fn aside(&mut self, header: &Header) {
        if let Some(source) = self.source.as_mut().filter(|source| source.ssrc == header.ssrc)
            && source.sequence(header).is_some()
        {
            source.count += 1;
        }
    }

    /// A source said good-bye: another may follow at once.
    pub(crate) fn bye(&mut self, ssrc: u32, now: Instant) {
        if self.source.as_ref().is_some_and(|source| source.ssrc == ssrc) {
            self.depart(now);
        }
    }

    /// The source that is heard has gone.
    pub(crate) fn depart(&mut self, now: Instant) {
        self.past_lost += self.source.as_ref().map_or(0, Source::lost);
        if let Some(source) = self.source.take() {
            self.departed = Some((source.ssrc, now));
        }
    }

    fn has_departed(&self, ssrc: u32, now: Instant) -> bool {
        self.departed.is_some_and(|(who, at)| who == ssrc && now.saturating_duration_since(at) < STRAGGLERS)
    }

    /// The middle of a sender report's NTP stamp, for LSR and DLSR.
    pub(crate) fn sender_report(&mut self, ssrc: u32, ntp_middle: u32, now: Instant) {
        self.sender_report = Some((ssrc, ntp_middle, now));
    }

    /// What a report of ours says of the source, counted since the last such.
    pub(crate) fn report(&mut self, now: Instant) -> Option<ReportBlock> {
        let sender_report = self.sender_report;
        let source = self.source.as_mut()?;
        let (expected, received) = (source.expected(), source.count);
        let (new, got) = (expected.saturating_sub(source.reported.0), received.saturating_sub(source.reported.1));
        source.reported = (expected, received);
        let lost = new.saturating_sub(got);
        let fraction_lost = u8::try_from((lost * 256).checked_div(new).unwrap_or(0)).unwrap_or(u8::MAX);
        let signed_lost = i32::try_from(expected.cast_signed() - received.cast_signed()).unwrap_or(i32::MAX);
        let (last_sender_report, delay) = match sender_report {
            Some((ssrc, stamp, at)) if ssrc == source.ssrc => (stamp, ticks(now.saturating_duration_since(at), 65_536)),
            _ => (0, 0),
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the low 32 bits are what is sent
        let (highest, jitter) = ((source.highest - BASE) as u32, source.jitter as u32);
        Some(ReportBlock { ssrc: source.ssrc, fraction_lost, lost: signed_lost, highest, jitter, last_sender_report, delay })
    }

    pub(crate) fn lost(&self) -> u64 {
        self.past_lost + self.source.as_ref().map_or(0, Source::lost)
    }

    /// Seconds.
    pub(crate) fn jitter(&self) -> f64 {
        self.source.as_ref().map_or(0.0, |source| source.jitter / f64::from(source.clock_rate))
    }
}

impl Source {
    fn new(header: &Header, clock_rate: u32, now: Instant) -> Self {
        let first = BASE + u64::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            first,
            highest: first,
            count: 1,
            jump: None,
            timestamp: i64::from(header.timestamp),
            last: (now, header.timestamp),
            clock_rate: clock_rate.max(1),
            jitter: 0.0,
            reported: (0, 0),
        }
    }

    fn expected(&self) -> u64 {
        self.highest - self.first + 1
    }

    fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.count)
    }

    fn packet(&mut self, header: &Header, clock_rate: u32, now: Instant) -> Option<Arrival> {
        let Some(sequence) = self.sequence(header) else {
            // Two in sequence far away: the peer has restarted without telling.
            let restarts = self.jump.replace(header.sequence.wrapping_add(1)) == Some(header.sequence);
            return restarts.then(|| self.restart(header, clock_rate, now));
        };
        self.jump = None;
        let timestamp = self.timestamp + i64::from(header.timestamp.wrapping_sub(self.last.1).cast_signed());
        if clock_rate != self.clock_rate || self.clocks_disagree(header, now) {
            self.count += 1;
            return Some(self.restart(header, clock_rate, now));
        }
        // Before the first one there is nothing that could have been expected.
        self.first = self.first.min(sequence);
        self.count += 1;
        self.measure(header, now);
        (self.timestamp, self.last) = (timestamp, (now, header.timestamp));
        Some(Arrival { sequence, timestamp, restarted: false })
    }

    /// How far a packet is beyond the highest sequence number; what is behind it is far ahead.
    #[allow(clippy::cast_possible_truncation)] // sequence numbers are the low 16 bits
    fn ahead(&self, header: &Header) -> u16 {
        header.sequence.wrapping_sub(self.highest as u16)
    }

    /// The extended sequence number; `None` if it is far from all others.
    fn sequence(&mut self, header: &Header) -> Option<u64> {
        let ahead = self.ahead(header);
        if ahead < MAX_DROPOUT {
            self.highest += u64::from(ahead);
            return Some(self.highest);
        }
        (ahead > u16::MAX - MAX_MISORDER).then(|| self.highest - u64::from(ahead.wrapping_neg()))
    }

    fn restart(&mut self, header: &Header, clock_rate: u32, now: Instant) -> Arrival {
        let lost = self.lost();
        let jitter = self.jitter;
        *self = Self { jitter, ..Self::new(header, clock_rate, now) };
        // Keep what was lost so far in the count.
        self.first -= lost.min(BASE);
        Arrival { sequence: self.highest, timestamp: self.timestamp, restarted: true }
    }

    /// The RTP clock has jumped by seconds against ours.
    fn clocks_disagree(&self, header: &Header, now: Instant) -> bool {
        let theirs = i64::from(header.timestamp.wrapping_sub(self.last.1).cast_signed());
        let ours = i64::from(ticks(now.saturating_duration_since(self.last.0), self.clock_rate));
        (theirs - ours).abs() > 3 * i64::from(self.clock_rate)
    }

    fn measure(&mut self, header: &Header, now: Instant) {
        let theirs = f64::from(header.timestamp.wrapping_sub(self.last.1).cast_signed());
        let ours = now.saturating_duration_since(self.last.0).as_secs_f64() * f64::from(self.clock_rate);
        self.jitter += ((ours - theirs).abs() - self.jitter) / 16.0;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn header(sequence: u16, timestamp: u32, ssrc: u32) -> Header {
        Header { marker: false, payload_type: 8, sequence, timestamp, ssrc }
    }

    #[test]
    fn losses_are_counted_over_a_wrap_and_reordering_and_duplicates_are_not_losses() {
        let begin = crate::some_moment();
        let mut receiver = Receiver::default();
        let mut at = |i: u64| {
            let header = header((65_500 + i) as u16, (i * 160) as u32, 1);
            receiver.packet(&header, 8000, true, begin + Duration::from_millis(20 * i)).unwrap().sequence
        };
        let first = at(0);
        assert_eq!(at(2), first + 2);
        assert_eq!(at(1), first + 1);
        for i in (3..100).filter(|i| i % 10 != 0) {
            assert_eq!(at(i), first + i);
        }
        assert_eq!(receiver.lost(), 9);
        let report = receiver.report(begin).unwrap();
        assert_eq!((report.lost, report.fraction_lost, report.highest), (9, 23, 65_599));
        receiver.packet(&header(63, 99 * 160, 1), 8000, true, begin + Duration::from_secs(2));
        assert_eq!(receiver.report(begin).unwrap().fraction_lost, 0);
        assert_eq!(receiver.lost(), 8, "a duplicate counts as received (RFC 3550 A.3)");
    }

    #[test]
    fn packets_overtaken_by_a_good_bye_begin_no_stream_and_a_source_that_comes_back_does() {
        let begin = crate::some_moment();
        let mut receiver = Receiver::default();
        let at = |i: u64| begin + Duration::from_millis(20 * i);
        assert!(receiver.packet(&header(1, 160, 1), 8000, true, at(1)).is_some());
        receiver.bye(1, at(3));
        assert_eq!(receiver.packet(&header(2, 320, 1), 8000, true, at(3)), None);
        assert!(receiver.packet(&header(7, 320, 2), 8000, true, at(4)).unwrap().restarted, "another source may begin at once");
        receiver.bye(2, at(5));
        assert_eq!(receiver.packet(&header(8, 480, 2), 8000, true, at(54)), None);
        assert!(receiver.packet(&header(9, 640, 2), 8000, true, at(55)).unwrap().restarted);
    }

    #[test]
    fn jitter_is_measured_at_the_codec_clock() {
        let begin = crate::some_moment();
        let mut receiver = Receiver::default();
        for i in 0..500u32 {
            let late = if i % 2 == 0 { 0 } else { 8 };
            receiver.packet(&header(i as u16, i * 960, 1), 48_000, true, begin + Duration::from_millis(u64::from(20 * i + late)));
        }
        assert!((receiver.jitter() - 0.008).abs() < 0.000_5, "{}", receiver.jitter());
        assert!((380..=388).contains(&receiver.report(begin).unwrap().jitter));
    }

    #[test]
    fn one_forged_packet_changes_nothing_and_a_restarted_peer_is_followed() {
        let begin = crate::some_moment();
        let mut receiver = Receiver::default();
        let mut packet = |sequence, ssrc| receiver.packet(&header(sequence, 0, ssrc), 8000, true, begin);
        assert!(packet(10, 1).is_some_and(|arrival| arrival.restarted));
        assert_eq!(packet(30_000, 1), None);
        assert!(packet(11, 1).is_some_and(|arrival| !arrival.restarted));
        assert_eq!(packet(30_000, 1), None);
        assert!(packet(30_001, 1).is_some_and(|arrival| arrival.restarted));
        for i in 0..TAKE_OVER_FROM_A_SPEAKER as u16 - 1 {
            assert_eq!(packet(500 + i, 2), None);
        }
        assert!(packet(509, 2).is_some_and(|arrival| arrival.restarted));
        assert_eq!(receiver.packet(&header(1, 0, 3), 8000, true, begin + SILENT), None);
        assert!(receiver.packet(&header(2, 0, 3), 8000, true, begin + SILENT).is_some());
    }

    #[test]
    fn a_plain_packet_is_believed_only_after_the_next_one() {
        let begin = crate::some_moment();
        let mut receiver = Receiver::default();
        assert_eq!(receiver.packet(&header(10, 0, 1), 8000, false, begin), None);
        assert!(receiver.packet(&header(11, 160, 1), 8000, false, begin).is_some());
        assert_eq!(receiver.refused, 1);
    }
}
