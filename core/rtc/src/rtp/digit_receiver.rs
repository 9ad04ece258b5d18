use std::collections::VecDeque;

use super::digit::{DIGITS, END};
use super::packet::Header;

/// Tells each press once, however many packets speak of it, in whatever order they come (RFC 4733 2.5.2).
#[derive(Debug, Default)]
pub(crate) struct DigitReceiver {
    recent: VecDeque<Press>,
}

#[derive(Debug)]
struct Press {
    ssrc: u32,
    event: u8,
    /// Of its current segment.
    timestamp: u32,
    /// The longest told of that segment.
    duration: u16,
    sequence: u16,
    ended: bool,
}

/// Packets are not reordered over more presses than this.
const MAX_RECENT: usize = 8;
/// Contiguous events in one packet (RFC 4733 2.5.1.5) that are read.
const MAX_PACKED: usize = 8;

impl DigitReceiver {
    /// The presses that nothing was known of before this packet.
    pub(crate) fn packet(&mut self, header: &Header, payload: &[u8]) -> String {
        let mut digits = String::new();
        let mut timestamp = header.timestamp;
        for event in payload.chunks_exact(4).take(MAX_PACKED) {
            let [event, flags, high, low] = *event else { break };
            let duration = u16::from_be_bytes([high, low]);
            let told = Press { ssrc: header.ssrc, event, timestamp, duration, sequence: header.sequence, ended: flags & END != 0 };
            if self.is_new(told, header.marker) {
                digits.extend(DIGITS.chars().nth(usize::from(event)));
            }
            timestamp = timestamp.wrapping_add(u32::from(duration));
        }
        digits
    }

    fn is_new(&mut self, told: Press, marker: bool) -> bool {
        let known =
            self.recent.iter_mut().rev().find(|press| (press.ssrc, press.event) == (told.ssrc, told.event) && press.has(&told, marker));
        match known {
            Some(press) => press.goes_on(&told),
            None => {
                if self.recent.len() >= MAX_RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(told);
                return true;
            }
        }
        false
    }
}

impl Press {
    /// Whether a packet speaks of this press.
    fn has(&self, told: &Self, marker: bool) -> bool {
        let since = told.timestamp.wrapping_sub(self.timestamp);
        if since == 0 {
            // A clock that stood still between two presses of a key: the second begins with a marker, later and short again.
            let is_later = told.sequence.wrapping_sub(self.sequence).wrapping_sub(1) < 0x8000;
            return !(marker && is_later && self.ended && told.duration < self.duration);
        }
        // The next segment of a long press.
        !self.ended && !marker && since == u32::from(u16::MAX)
    }

    fn goes_on(&mut self, told: &Self) {
        if told.timestamp != self.timestamp {
            (self.timestamp, self.duration) = (told.timestamp, 0);
        }
        self.duration = self.duration.max(told.duration);
        self.ended |= told.ended;
        if told.sequence.wrapping_sub(self.sequence) < 0x8000 {
            self.sequence = told.sequence;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16, timestamp: u32, marker: bool) -> Header {
        Header { marker, payload_type: 101, sequence, timestamp, ssrc: 1 }
    }

    fn event(digit: u8, duration: u16, end: bool) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [digit, if end { END | 10 } else { 10 }, high, low]
    }

    #[test]
    fn packets_of_two_presses_that_overtake_each_other_make_no_third() {
        let mut heard = DigitReceiver::default();
        let mut text = String::new();
        for (sequence, timestamp, digit, end) in
            [(1, 0, 1, false), (5, 2000, 2, false), (2, 0, 1, true), (6, 2000, 2, true), (3, 0, 1, true)]
        {
            text += &heard.packet(&header(sequence, timestamp, false), &event(digit, 800, end));
        }
        assert_eq!(text, "12");
    }

    #[test]
    fn any_one_packet_of_a_press_tells_it() {
        for kept in 0..3 {
            let mut heard = DigitReceiver::default();
            let packets = [(true, 160, false), (false, 320, false), (false, 320, true)];
            let (marker, duration, end) = packets[kept];
            assert_eq!(heard.packet(&header(kept as u16, 99, marker), &event(11, duration, end)), "#");
        }
    }

    #[test]
    fn a_long_press_in_segments_is_one_press_even_if_the_end_of_a_segment_is_lost() {
        let mut heard = DigitReceiver::default();
        let mut text = String::new();
        for (sequence, timestamp, duration, end) in [
            (1, 100, 960, false),
            (2, 100, 0xfff0, false),
            (4, 100 + 0xffff, 960, false),
            (5, 100 + 2 * 0xffff, 960, false),
            (6, 100 + 2 * 0xffff, 960, true),
        ] {
            text += &heard.packet(&header(sequence, timestamp, sequence == 1), &event(7, duration, end));
        }
        text += &heard.packet(&header(7, 100 + 3 * 0xffff, true), &event(7, 960, false));
        assert_eq!(text, "77");
    }

    #[test]
    fn a_key_pressed_twice_while_the_clock_stands_still_is_heard_twice() {
        let mut heard = DigitReceiver::default();
        let mut text = String::new();
        for (sequence, marker, duration, end) in [
            (1, true, 160, false),
            (2, false, 800, true),
            (3, false, 800, true),
            (4, true, 160, false),
            (5, false, 800, true),
            (1, true, 160, false),
        ] {
            text += &heard.packet(&header(sequence, 4000, marker), &event(5, duration, end));
        }
        assert_eq!(text, "55");
    }

    #[test]
    fn events_packed_into_one_packet_are_each_heard_once() {
        let mut heard = DigitReceiver::default();
        let packed = [event(1, 400, true), event(16, 100, true), event(2, 400, false)].concat();
        assert_eq!(heard.packet(&header(1, 1000, true), &packed), "12", "a flash is no digit");
        assert_eq!(heard.packet(&header(2, 1500, false), &event(2, 800, true)), "");
        assert_eq!(heard.packet(&header(3, 9000, true), &[5, 10, 0]), "", "too short to be one");
        assert_eq!(heard.packet(&header(4, 9000, true), &[event(5, 0, true); 300].concat()).len(), 1);
    }
}
