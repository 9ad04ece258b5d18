use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::delay::{Delay, MAX_TARGET};
use super::opus;
use crate::{Playout, Stretch};

/// A packet as it goes in.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Extended, does not wrap.
    pub sequence: u64,
    /// Extended, does not wrap; at the clock rate.
    pub timestamp: i64,
    /// Ticks a second.
    pub clock_rate: u32,
    /// Which codec.
    pub payload_type: u8,
    /// What it holds.
    pub content: Content,
    /// The codec's octets.
    pub payload: Bytes,
}

/// What the payload of a packet tells about the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Opus: it may carry redundancy for the packet before, or announce a pause (RFC 7587 3.1.3).
    Opus,
    /// Sound of another codec.
    Audio,
    /// Comfort noise (RFC 3389): a pause begins, or goes on.
    ComfortNoise,
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets that came after their time had passed.
    pub late: u64,
    /// Packets that came again.
    pub duplicate: u64,
    /// Packets left out to make up for a delay.
    pub dropped: u64,
    /// Frames asked for.
    pub played: u64,
    /// Lost frames for which redundancy was there.
    pub recovered: u64,
    /// Frames that had to be concealed, in as many whole ones as it took time.
    pub concealed: u64,
    /// Frames to be played faster or slower.
    pub stretched: u64,
}

#[derive(Debug)]
struct Waiting {
    sequence: u64,
    /// Where the frame stands on the peer's clock, in microseconds.
    stamp: i64,
    arrival: i64,
    payload_type: u8,
    content: Content,
    payload: Bytes,
}

/// Keeps packets until they should be played. All times are microseconds: on our clock since the first packet, on the peer's since zero of
/// its extended RTP clock.
#[derive(Debug)]
pub struct JitterBuffer {
    queue: VecDeque<Waiting>,
    delay: Delay,
    epoch: Option<Instant>,
    /// Length of a frame as the timestamps show it; a new length counts once seen twice.
    frame: i64,
    frame_seen: i64,
    newest: Option<(u64, i64)>,
    position: Option<Position>,
    /// Concealed since the last packet that was played.
    starved: i64,
    /// Concealed in all.
    concealed: i64,
    redundancy: bool,
    last_loss: Option<i64>,
    excess_frames: u32,
    waited: i64,
    counters: Counters,
}

/// What has been played up to now.
#[derive(Clone, Copy, Debug)]
struct Position {
    sequence: u64,
    stamp: i64,
    /// The codec says that the peer is silent.
    paused: bool,
    /// Lost frames were passed over since the last packet: `stamp` is beyond what has been played.
    passed: bool,
}

const MAX_PACKETS: usize = 120;
const MAX_SPAN: i64 = 1_500_000;
const DEFAULT_FRAME: i64 = 20_000;
const LONGEST_FRAME: i64 = 120_000;
/// Nothing is due: that is filled in steps of a device period, so that it ends as soon as something is.
const STEP: i64 = 10_000;
/// After this much, concealment has faded into the background anyway.
const MAX_CONCEAL: i64 = 60_000;
const QUARTER_STEP: i64 = STEP / 4;
/// The delay may be so much too long (more where packets come late) before a frame of a pause is shortened, most of one is left out, and voice
/// is shortened as well; and too short before one is lengthened: less than the margin of the target.
const TOO_LONG: i64 = 10_000;
const MUCH_TOO_LONG: i64 = 150_000;
const FAR_TOO_LONG: i64 = 200_000;
const TOO_SHORT: i64 = 3_000;
/// A stream that stood still this long begins anew, with the whole target delay.
const RESTART_AFTER: i64 = 60_000;
/// Losses make it worth waiting for redundancy for this long.
const LOSS_MATTERS: i64 = 10_000_000;
/// A voice at another speed is worse than one that comes late, and most sentences have a pause. After so many frames that came far too late
/// and no pause, one in three is to be shortened; and if that has not helped after so many, one in ten is left out.
const PATIENCE: u32 = 300;
const HURRY: u32 = 3;
const LAST_PATIENCE: u32 = 450;

impl JitterBuffer {
    /// For a stream whose packets are most likely this long.
    #[must_use]
    pub fn new(frame: Option<Duration>) -> Self {
        let frame = frame.map_or(DEFAULT_FRAME, |frame| micros(frame).clamp(STEP / 4, LONGEST_FRAME));
        Self {
            queue: VecDeque::new(),
            delay: Delay::new(),
            epoch: None,
            frame,
            frame_seen: frame,
            newest: None,
            position: None,
            starved: 0,
            concealed: 0,
            redundancy: false,
            last_loss: None,
            excess_frames: 0,
            waited: 0,
            counters: Counters::default(),
        }
    }

    /// The stream begins anew: another source, or a jump of its clock.
    pub fn restart(&mut self) {
        self.queue.clear();
        self.delay = Delay::new();
        (self.newest, self.position) = (None, None);
        (self.starved, self.excess_frames) = (0, 0);
    }

    /// A packet came. Late, double and far too many ones are counted and dropped.
    pub fn insert(&mut self, packet: Packet, now: Instant) {
        let arrival = self.clock(now);
        let stamp = packet.timestamp.saturating_mul(1_000_000) / i64::from(packet.clock_rate.max(1));
        self.learn_frame(packet.sequence, stamp);
        self.delay.arrived(arrival, arrival - stamp);
        let half = self.frame / 2;
        let is_late = |at: Position| packet.sequence < at.sequence || (at.passed && stamp + half < at.stamp);
        if self.position.is_some_and(is_late) {
            self.counters.late += 1;
            return;
        }
        let place = self.queue.iter().rposition(|waiting| waiting.sequence <= packet.sequence);
        if place.and_then(|place| self.queue.get(place)).is_some_and(|waiting| waiting.sequence == packet.sequence) {
            self.counters.duplicate += 1;
            return;
        }
        self.redundancy |= has_redundancy(packet.content, &packet.payload);
        let Packet { sequence, payload_type, content, payload, .. } = packet;
        self.queue.insert(place.map_or(0, |place| place + 1), Waiting { sequence, stamp, arrival, payload_type, content, payload });
        self.limit();
    }

    /// Nobody plays, or the peer sends far too much at once: the oldest go.
    fn limit(&mut self) {
        while let (Some(first), Some(last)) = (self.queue.front(), self.queue.back())
            && (self.queue.len() > MAX_PACKETS || last.stamp - first.stamp > MAX_SPAN)
        {
            let (sequence, stamp) = (first.sequence + 1, first.stamp + self.frame);
            self.queue.pop_front();
            self.counters.dropped += 1;
            if let Some(position) = &mut self.position {
                (position.sequence, position.stamp) = (sequence, stamp);
            }
        }
    }

    fn learn_frame(&mut self, sequence: u64, stamp: i64) {
        if let Some((newest, at)) = self.newest {
            let length = stamp - at;
            if sequence == newest + 1 && (STEP / 4..=LONGEST_FRAME).contains(&length) {
                if length == self.frame_seen {
                    self.frame = length;
                }
                self.frame_seen = length;
            }
            if sequence <= newest {
                return;
            }
        }
        self.newest = Some((sequence, stamp));
    }

    /// What to play next.
    pub fn playout(&mut self, now: Instant) -> Playout {
        let now = self.clock(now);
        self.counters.played += 1;
        let Some(head) = self.queue.front() else { return self.starve() };
        let lag = now - head.stamp - self.delay.fastest();
        let target = self.target(now);
        let Some(position) = self.position else {
            return if lag >= target { self.take(now) } else { silence(STEP) };
        };
        let gap = head.stamp - position.stamp;
        let missing = head.sequence > position.sequence;
        if gap > 0 && !missing {
            // The peer has paused (DTX): its next words are due when they are due.
            return if lag >= target { self.take(now) } else { self.wait() };
        }
        if gap > self.starved && missing && lag < target + 2 * self.frame {
            return self.lose(gap, now);
        }
        if self.starved >= RESTART_AFTER && lag < target {
            return self.wait();
        }
        self.take(now)
    }

    /// Nothing has come that could be played.
    fn starve(&mut self) -> Playout {
        if self.position.is_none() {
            return silence(STEP);
        }
        self.wait()
    }

    /// Fills time without moving on in the stream: what is late will still be played, or is found to be lost.
    fn wait(&mut self) -> Playout {
        self.starved += STEP;
        if self.position.is_some_and(|position| position.paused) || self.starved > MAX_CONCEAL {
            return silence(STEP);
        }
        self.conceal(STEP)
    }

    /// A frame will never come: on with the stream without it.
    fn lose(&mut self, gap: i64, now: i64) -> Playout {
        self.last_loss = Some(now);
        let already = std::mem::take(&mut self.starved);
        let missing = gap - already;
        let next = self.queue.front().filter(|head| has_redundancy(head.content, &head.payload));
        let next = next.map(|head| (head.payload.clone(), head.payload_type));
        if let (true, Some((next, payload_type))) = (already == 0 && missing < self.frame + self.frame / 2, next) {
            self.pass(missing);
            self.counters.recovered += 1;
            return Playout::Fec { next, payload_type, duration: duration(self.frame) };
        }
        // Codecs conceal multiples of 2.5 ms; a rest of less than a step goes with the last.
        let length = if missing < self.frame + STEP { (missing / QUARTER_STEP).max(1) * QUARTER_STEP } else { self.frame };
        self.pass(already + length);
        self.conceal(length)
    }

    fn conceal(&mut self, length: i64) -> Playout {
        self.concealed += length;
        Playout::Conceal { duration: duration(length) }
    }

    /// Moves on in the stream without a packet.
    fn pass(&mut self, length: i64) {
        if let Some(position) = &mut self.position {
            position.stamp += length;
            position.passed = true;
        }
    }

    /// Plays the first packet.
    fn take(&mut self, now: i64) -> Playout {
        let target = self.target(now);
        loop {
            let Some(head) = self.queue.pop_front() else { return self.starve() };
            let lag = now - head.stamp - self.delay.fastest();
            let next = self.queue.front().filter(|next| next.sequence == head.sequence + 1);
            // The next packet tells the true length of this one.
            let length = next.map(|next| next.stamp - head.stamp).filter(|length| (STEP / 4..=LONGEST_FRAME).contains(length));
            let length = length.map_or(self.frame, |length| length.min(self.frame.max(self.frame_seen)));
            let paused = is_pause(head.content, &head.payload);
            self.position = Some(Position { sequence: head.sequence + 1, stamp: head.stamp + length, paused, passed: false });
            self.starved = 0;
            let excess = lag - target;
            // Far too late, or many seconds of too much that stretching has not cured: leave a frame out.
            if next.is_some() && (excess > MAX_TARGET || self.excess_frames > LAST_PATIENCE && self.excess_frames.is_multiple_of(10)) {
                self.excess_frames += 1;
                self.counters.dropped += 1;
                continue;
            }
            let stretch = self.stretch(excess);
            self.waited += ((now - head.arrival).max(0) - self.waited) / 32;
            if head.content == Content::ComfortNoise {
                return Playout::ComfortNoise { payload: head.payload, duration: duration(length / STEP * STEP) };
            }
            return Playout::Decode { payload: head.payload, payload_type: head.payload_type, stretch };
        }
    }

    fn stretch(&mut self, excess: i64) -> Stretch {
        self.excess_frames = if excess > FAR_TOO_LONG { self.excess_frames + 1 } else { 0 };
        // Somewhat faster is hardly heard, twice as fast is.
        let stretch = if self.excess_frames > PATIENCE && self.excess_frames % HURRY == 1 {
            Stretch::Shorten
        } else if excess > MUCH_TOO_LONG {
            Stretch::SkipPause
        } else if excess > TOO_LONG.max(self.delay.kept()) {
            Stretch::ShortenPause
        } else if excess < -TOO_SHORT {
            Stretch::Lengthen
        } else {
            return Stretch::None;
        };
        self.counters.stretched += 1;
        stretch
    }

    /// The delay aimed at: with losses, one frame more where the next packet could mend them, and a step of the device, lest it is asked
    /// for a moment too soon.
    fn target(&self, now: i64) -> i64 {
        let lossy = self.last_loss.is_some_and(|at| now - at < LOSS_MATTERS);
        (self.delay.target() + if lossy && self.redundancy { self.frame + STEP } else { 0 }).min(MAX_TARGET)
    }

    /// How long packets wait here, averaged over the last half minute or so, and what is aimed at.
    #[must_use]
    pub fn delays(&self) -> (Duration, Duration) {
        (duration(self.waited), duration(self.delay.target()))
    }

    /// What has happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters { concealed: u64::try_from(self.concealed / self.frame).unwrap_or(0), ..self.counters }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    fn clock(&mut self, now: Instant) -> i64 {
        micros(now.saturating_duration_since(*self.epoch.get_or_insert(now)))
    }
}

/// Whether a packet mends the loss of the one before it.
fn has_redundancy(content: Content, payload: &[u8]) -> bool {
    content == Content::Opus && opus::has_redundancy(payload)
}

/// Whether the peer says nothing for a while after this packet.
fn is_pause(content: Content, payload: &[u8]) -> bool {
    content == Content::ComfortNoise || content == Content::Opus && opus::is_pause(payload)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn silence(micros: i64) -> Playout {
    Playout::Silence { duration: duration(micros) }
}
