use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use cooee_codec::CodecKind;
use cooee_engine::Speaker;
use cooee_rtc::Playout;
use cooee_rtc::jitter::{Content, JitterBuffer, Packet};
use cooee_sdp::Codec;

use crate::{FRAME, FRAME_MICROS, Spoken, Trace};

/// The device asks for this much at a time, in microseconds.
const BLOCK: i64 = 10_000;
/// Nobody plays later than by this, in microseconds.
const LONGEST_WAIT: i64 = 1_000_000;
/// How long after the last word to listen.
const TAIL: i64 = 600_000;

/// What came of a trace.
#[derive(Debug)]
pub struct Heard {
    /// What was played, from the first packet's beginning on, at 48 kHz.
    pub samples: Vec<i16>,
    /// From mouth to ear beyond the network's fastest, averaged over all packets that were played, in milliseconds: packet, jitter buffer.
    pub delay: f64,
    /// Sound that was invented, left out or silent in the midst of the stream, in milliseconds.
    pub missing: f64,
    /// Of the latter, packets that had come and were left out, in milliseconds.
    pub dropped: f64,
    /// Sound from redundancy, in milliseconds.
    pub recovered: f64,
}

/// A listener: the jitter buffer and the speaker of a phone, in virtual time.
struct Listener<'a> {
    trace: &'a Trace,
    spoken: &'a Spoken,
    begin: Instant,
    /// By how much everything is played later than the jitter buffer would have it, in microseconds.
    later: i64,
    buffer: JitterBuffer,
    speaker: Speaker,
    codec: Codec,
    content: Content,
    /// Missing since the last packet that was played, and before it.
    since: i64,
    missing: i64,
    delays: Vec<f64>,
}

/// Plays a trace through our jitter buffer, decoder, concealment and time stretching.
///
/// # Errors
/// The codec is unknown, or its speech cannot be had.
pub fn play(trace: &Trace, kind: CodecKind, spoken: &Spoken) -> Result<Heard> {
    play_later(trace, kind, spoken, 0.0)
}

/// The same for somebody who would rather have it all later, by so many milliseconds.
///
/// # Errors
/// The codec is unknown, or its speech cannot be had.
pub fn play_later(trace: &Trace, kind: CodecKind, spoken: &Spoken, later: f64) -> Result<Heard> {
    let codec = Codec::by_name(kind.name()).context("a codec of ours")?;
    let mut listener = Listener {
        trace,
        spoken,
        begin: start(),
        later: (later * 1_000.0) as i64,
        buffer: JitterBuffer::new(Some(Duration::from_millis(20))),
        speaker: Speaker::new(std::slice::from_ref(&codec)),
        content: if kind == CodecKind::Opus { Content::Opus } else { Content::Audio },
        codec,
        since: 0,
        missing: 0,
        delays: Vec::new(),
    };
    let mut arrivals: Vec<(i64, usize)> = (0..trace.late.len()).filter_map(|packet| Some((trace.arrives(packet)?, packet))).collect();
    arrivals.sort_unstable();
    let mut arrivals = arrivals.into_iter().peekable();
    let end = trace.spoken(trace.late.len()) + TAIL;
    let mut samples = Vec::new();
    for now in (0..end).step_by(BLOCK as usize) {
        while let Some((at, packet)) = arrivals.next_if(|(at, _)| *at <= now) {
            listener.arrive(packet, at);
        }
        samples.extend(listener.tick(now));
    }
    let dropped = (listener.buffer.counters().dropped * FRAME_MICROS.unsigned_abs()) as f64 / 1_000.0;
    Ok(Heard {
        samples,
        delay: listener.delays.iter().sum::<f64>() / listener.delays.len().max(1) as f64,
        missing: listener.missing as f64 / 1_000.0 + dropped,
        dropped,
        recovered: listener.speaker.recovered().as_secs_f64() * 1_000.0,
    })
}

/// Any moment will do: only differences count.
fn start() -> Instant {
    Instant::now()
}

impl Listener<'_> {
    fn at(&self, micros: i64) -> Instant {
        self.begin + Duration::from_micros((LONGEST_WAIT + micros).unsigned_abs())
    }

    fn arrive(&mut self, packet: usize, at: i64) {
        let Some(payload) = self.spoken.packets.get(packet) else { return };
        let clock_rate = self.codec.clock_rate;
        let ticks = i64::try_from(packet).unwrap_or(0) * FRAME_MICROS * i64::from(clock_rate) / 1_000_000;
        let now = self.at(at);
        let packet = Packet {
            sequence: 1_000 + packet as u64,
            timestamp: ticks,
            clock_rate,
            payload_type: self.codec.payload_type,
            content: self.content,
            payload: payload.clone(),
        };
        self.buffer.insert(packet, now);
    }

    fn tick(&mut self, now: i64) -> cooee_codec::Block {
        let instant = self.at(now - self.later);
        while self.speaker.waiting() < Duration::from_millis(10) {
            let playout = self.buffer.playout(instant);
            self.note(&playout, now + i64::try_from(self.speaker.waiting().as_micros()).unwrap_or(0));
            self.speaker.play(&playout);
        }
        self.speaker.next_block(|| Playout::Silence { duration: Duration::ZERO })
    }

    /// Counts what is played from this moment on.
    fn note(&mut self, playout: &Playout, at: i64) {
        match playout {
            Playout::Decode { payload, .. } => {
                let packet = self.spoken.packets.iter().position(|known| known.as_ptr() == payload.as_ptr());
                self.delays.extend(packet.map(|packet| (at - self.trace.spoken(packet)) as f64 / 1_000.0));
                self.missing += std::mem::take(&mut self.since);
            }
            Playout::Conceal { duration } | Playout::Silence { duration } | Playout::ComfortNoise { duration, .. } => {
                // Before the first packet nothing is missing.
                if !self.delays.is_empty() {
                    self.since += i64::try_from(duration.as_micros()).unwrap_or(0);
                }
            }
            Playout::Fec { .. } => {}
        }
    }
}

/// Where a stretch of speech is in what was heard, given the delay: some more on both sides, for the delay varies.
impl Heard {
    /// What was heard of a clip.
    #[must_use]
    pub fn clip(&self, at: &std::ops::Range<usize>) -> &[i16] {
        let delay = (self.delay * 48.0) as usize;
        let from = (at.start + delay).saturating_sub(5 * FRAME);
        let to = (at.end + delay + 10 * FRAME).min(self.samples.len());
        self.samples.get(from..to).unwrap_or_default()
    }
}
