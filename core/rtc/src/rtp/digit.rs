//! Digits as telephone-event (RFC 4733).
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::sender::{Sender, ticks};

const DIGITS: &str = "0123456789*#ABCD";
const MAX_QUEUE: usize = 32;
const INTERVAL: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_millis(60);
const SHORTEST: Duration = Duration::from_millis(60);
/// The end of an event is told three times (RFC 4733 2.5.1.4).
const ENDS: u8 = 3;
/// -10 dBm0.
const VOLUME: u8 = 10;
const END: u8 = 0x80;

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
    first: bool,
    ends: u8,
}

impl DigitSender {
    /// `false` for what is no digit, and when too many are waiting.
    pub(crate) fn push(&mut self, digit: char, length: Duration, now: Instant) -> bool {
        let event = DIGITS.find(digit.to_ascii_uppercase()).and_then(|place| u8::try_from(place).ok());
        let Some(event) = event.filter(|_| self.queue.len() < MAX_QUEUE) else { return false };
        self.queue.push_back((event, length.max(SHORTEST)));
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
            // A 16-bit duration holds 1.3 s at 48 kHz; nobody presses longer.
            let length = length.min(Duration::from_millis(u64::from(u16::MAX) * 1000 / u64::from(clock_rate.max(1))));
            self.current = Some(Current { event, timestamp: sender.clock_at(now), began: now, length, first: true, ends: 0 });
        }
        let current = self.current.as_mut()?;
        let elapsed = (now.saturating_duration_since(current.began) + INTERVAL).min(current.length);
        let over = elapsed >= current.length;
        let duration = u16::try_from(ticks(elapsed, clock_rate)).unwrap_or(u16::MAX).to_be_bytes();
        let [high, low] = duration;
        let payload = [current.event, if over { END | VOLUME } else { VOLUME }, high, low];
        let packet = sender.packet(payload_type, std::mem::take(&mut current.first), current.timestamp, &payload);
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

/// Tells each press once, however many packets speak of it.
#[derive(Debug, Default)]
pub(crate) struct DigitReceiver {
    last: Option<(u32, u8)>,
}

impl DigitReceiver {
    pub(crate) fn packet(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let [event, ..] = *payload.first_chunk::<4>()?;
        let digit = DIGITS.chars().nth(usize::from(event))?;
        if self.last.replace((timestamp, event)) == Some((timestamp, event)) {
            return None;
        }
        Some(digit)
    }
}

#[cfg(test)]
mod tests {
    use cooee_machine::Entropy;

    use super::*;
    use crate::rtp::parse;

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
            text.extend(heard.packet(header.timestamp, payload));
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
