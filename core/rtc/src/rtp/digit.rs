//! Digits as telephone-event (RFC 4733).
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::sender::{Sender, ticks};

pub(super) const DIGITS: &str = "0123456789*#ABCD";
const MAX_QUEUE: usize = 32;
const INTERVAL: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_millis(60);
const SHORTEST: Duration = Duration::from_millis(60);
const LONGEST: Duration = Duration::from_secs(10);
/// The end of an event is told three times (RFC 4733 2.5.1.4).
const ENDS: u8 = 3;
/// -10 dBm0.
const VOLUME: u8 = 10;
pub(super) const END: u8 = 0x80;

/// Sends queued digits one after the other.
#[derive(Debug, Default)]
pub(crate) struct DigitSender {
    queue: VecDeque<(u8, Duration)>,
    current: Option<Current>,
    /// Not before this.
    next: Option<Instant>,
}

#[derive(Debug)]
struct Current {
    event: u8,
    timestamp: u32,
    began: Instant,
    length: Duration,
    /// Of its duration, what the segments before this one told.
    reported: u32,
    first: bool,
    ends: u8,
}

impl DigitSender {
    /// `false` for what is no digit, and when too many are waiting.
    pub(crate) fn push(&mut self, digit: char, length: Duration, now: Instant) -> bool {
        let event = DIGITS.find(digit.to_ascii_uppercase()).and_then(|place| u8::try_from(place).ok());
        let Some(event) = event.filter(|_| self.queue.len() < MAX_QUEUE) else { return false };
        self.queue.push_back((event, length.clamp(SHORTEST, LONGEST)));
        self.next.get_or_insert(now);
        true
    }

    /// Sound pauses while a digit is being sent.
    pub(crate) fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// The packet that is due, if one is.
    pub(crate) fn poll(&mut self, sender: &mut Sender, payload_type: u8, clock_rate: u32, now: Instant) -> Option<Vec<u8>> {
        if self.next.is_none_or(|at| now < at) {
            return None;
        }
        if self.current.is_none() {
            let Some((event, length)) = self.queue.pop_front() else {
                self.next = None;
                return None;
            };
            self.current = Some(Current { event, timestamp: sender.clock_at(now), began: now, length, reported: 0, first: true, ends: 0 });
        }
        let current = self.current.as_mut()?;
        let elapsed = (now.saturating_duration_since(current.began) + INTERVAL).min(current.length);
        let in_segment = ticks(elapsed, clock_rate).saturating_sub(current.reported);
        let duration = u16::try_from(in_segment).unwrap_or(u16::MAX);
        let is_segment_full = u32::from(duration) < in_segment;
        let over = elapsed >= current.length && !is_segment_full;
        let [high, low] = duration.to_be_bytes();
        let payload = [current.event, if over { END | VOLUME } else { VOLUME }, high, low];
        let packet = sender.packet(payload_type, std::mem::take(&mut current.first), current.timestamp, &payload);
        if is_segment_full {
            // RFC 4733 2.5.1.3: a long event goes on in another segment.
            current.timestamp = current.timestamp.wrapping_add(u32::from(duration));
            current.reported += u32::from(duration);
        }
        self.next = Some(now + INTERVAL);
        current.ends += u8::from(over);
        if current.ends >= ENDS {
            self.current = None;
            self.next = Some(now + PAUSE);
            sender.pause();
        }
        Some(packet)
    }
}

#[cfg(test)]
mod tests {
    use cooee_machine::Entropy;

    use super::*;
    use crate::rtp::{DigitReceiver, parse};

    #[test]
    fn digits_are_sent_one_after_the_other_and_each_is_heard_once() {
        let begin = crate::some_moment();
        let (mut sender, mut digits, mut heard) =
            (Sender::new(8000, &mut Entropy::for_test(1), begin), DigitSender::default(), DigitReceiver::default());
        for digit in "1*d".chars() {
            assert!(digits.push(digit, Duration::from_millis(100), begin));
        }
        assert!(!digits.push('x', SHORTEST, begin));
        let (mut text, mut stamps, mut ends, mut packets) = (String::new(), vec![], 0, 0);
        let mut now = begin;
        while let Some(at) = digits.deadline() {
            now = now.max(at);
            let Some(packet) = digits.poll(&mut sender, 101, 8000, now) else { continue };
            let (header, payload) = parse(&packet).unwrap();
            let payload = &packet[payload];
            packets += 1;
            ends += u32::from(payload[1] & END != 0);
            if header.marker {
                stamps.push(header.timestamp);
            }
            if payload[1] & END != 0 {
                assert_eq!(u16::from_be_bytes([payload[2], payload[3]]), 800);
            }
            text.push_str(&heard.packet(&header, payload));
        }
        assert_eq!((text.as_str(), ends, packets, stamps.len()), ("1*D", 9, 21, 3));
        assert!(stamps[1].wrapping_sub(stamps[0]) > 800);
        assert!(now - begin < Duration::from_millis(700));
    }

    #[test]
    fn too_many_digits_are_refused() {
        let begin = crate::some_moment();
        let mut digits = DigitSender::default();
        assert_eq!((0..100).filter(|_| digits.push('5', SHORTEST, begin)).count(), MAX_QUEUE);
    }
}
