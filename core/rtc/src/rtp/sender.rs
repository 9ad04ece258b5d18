use std::time::{Duration, Instant};

use cooee_machine::Entropy;

use super::packet::{Header, packet};
use crate::EncodedFrame;

/// The stream we send: sequence numbers, the RTP clock, what has been counted for sender reports.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) ssrc: u32,
    clock_rate: u32,
    sequence: u16,
    /// Of the next frame.
    timestamp: u32,
    /// When the last frame was handed in (or the stream made), and its timestamp.
    last: (Instant, u32),
    marker: bool,
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    /// Of both, what was sent as the source that we were before.
    past: (u64, u64),
}

impl Sender {
    /// Random source and clock, and a first sequence number low enough not to wrap soon (RFC 3711 3.3.1).
    pub(crate) fn new(clock_rate: u32, entropy: &mut Entropy, now: Instant) -> Self {
        let timestamp = entropy.u32();
        Self {
            ssrc: entropy.u32(),
            clock_rate: clock_rate.max(1),
            sequence: u16::try_from(entropy.u32() & 0x7fff).unwrap_or_default(),
            timestamp,
            last: (now, timestamp),
            marker: true,
            packets: 0,
            octets: 0,
            past: (0, 0),
        }
    }

    /// Goes on as another source (RFC 3550 8.2).
    pub(crate) fn change_source(&mut self, entropy: &mut Entropy) {
        self.ssrc = entropy.u32();
        self.past = (self.packets, self.octets);
        self.marker = true;
    }

    /// Packets and octets of the present source, for reports.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (self.packets - self.past.0, self.octets - self.past.1)
    }

    pub(crate) fn set_clock_rate(&mut self, clock_rate: u32) {
        self.clock_rate = clock_rate.max(1);
    }

    pub(crate) fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    /// The packet of a frame, or `None` for an empty one; the clock moves on either way.
    pub(crate) fn frame(&mut self, payload_type: u8, frame: EncodedFrame<'_>, now: Instant) -> Option<Vec<u8>> {
        let timestamp = self.skip(frame.samples, now);
        if frame.payload.is_empty() {
            self.marker = true;
            return None;
        }
        let marker = std::mem::take(&mut self.marker) || frame.marker;
        Some(self.packet(payload_type, marker, timestamp, frame.payload))
    }

    /// Lets the clock run for a frame that is not sent; its timestamp. The next packet begins a talk spurt if `frame` says so.
    pub(crate) fn skip(&mut self, samples: u32, now: Instant) -> u32 {
        let timestamp = self.timestamp;
        self.last = (now, timestamp);
        self.timestamp = timestamp.wrapping_add(samples);
        timestamp
    }

    /// The next frame that is sent begins a talk spurt.
    pub(crate) fn pause(&mut self) {
        self.marker = true;
    }

    pub(crate) fn packet(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.packets += 1;
        self.octets += payload.len() as u64;
        packet(&Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }, payload)
    }

    /// What the RTP clock shows at a moment (RFC 3550 6.4.1: the same instant as the NTP stamp of a report).
    pub(crate) fn clock_at(&self, now: Instant) -> u32 {
        let (at, timestamp) = self.last;
        timestamp.wrapping_add(ticks(now.saturating_duration_since(at), self.clock_rate))
    }
}

/// A duration at a clock, cut to 32 bits as RTP's clocks are.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    (duration.as_nanos() * u128::from(clock_rate) / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::parse;

    #[test]
    fn the_clock_runs_through_silence_and_the_marker_follows_it() {
        let begin = crate::some_moment();
        let mut sender = Sender::new(8000, &mut Entropy::for_test(1), begin);
        let frame = |payload| EncodedFrame { payload, samples: 160, marker: false };
        let header = |packet: Option<Vec<u8>>| parse(&packet.unwrap()).unwrap().0;
        let first = header(sender.frame(8, frame(b"a"), begin));
        let second = header(sender.frame(8, frame(b"b"), begin));
        assert!(first.marker && !second.marker && first.sequence < 0x8000);
        assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 160);
        assert_eq!(sender.frame(8, frame(b""), begin), None);
        let third = header(sender.frame(8, frame(b"c"), begin));
        assert!(third.marker);
        assert_eq!((third.timestamp.wrapping_sub(first.timestamp), third.sequence.wrapping_sub(first.sequence)), (480, 2));
        assert_eq!((sender.packets, sender.octets), (3, 3));
        assert_eq!(sender.clock_at(begin + Duration::from_millis(10)).wrapping_sub(third.timestamp), 80);
    }
}
