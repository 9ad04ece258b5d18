use std::time::{Duration, Instant};

use cooee_codec::{BLOCK, Block, ResampleError, Resampler, SILENCE};

use crate::clock::StreamClock;
use crate::{Consumer, Producer, ring};

/// Sound kept in hand beyond what a callback brings or takes at once, so that irregular ones leave no holes.
const SPARE: Duration = Duration::from_millis(15);
/// Streams with larger callbacks than this are not smoothed: the delay would make talking hard.
const LARGEST: Duration = Duration::from_millis(150);
/// This much more than the target in hand is delay that nobody wants: it is dropped.
const SURPLUS: Duration = Duration::from_millis(55);
/// How hard the level in hand is steered to the target: parts per million for each millisecond off.
const STEERING: f64 = 100.0;

/// Samples of a stream that last this long.
pub(crate) fn frames(time: Duration, rate: u32) -> usize {
    usize::try_from(time.as_millis() * u128::from(rate) / 1_000).unwrap_or(0)
}

/// How much should be in hand for a stream with callbacks like these.
pub(crate) fn target(clock: &StreamClock) -> Duration {
    clock.period().clamp(Duration::from_millis(10), LARGEST) + SPARE
}

/// How much may be.
pub(crate) fn ceiling(clock: &StreamClock) -> Duration {
    target(clock) + SURPLUS
}

/// Follows how much is in hand on average, and says how many parts per million faster the stream runs, as far as we must
/// follow it.
pub(crate) struct Steering {
    rate: u32,
    average: Option<f64>,
}

impl Steering {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate, average: None }
    }

    /// `surplus`: whether more in hand means that the stream is the faster one.
    pub(crate) fn update(&mut self, filled: usize, surplus: bool, clock: &StreamClock) -> f64 {
        let average = self.average.get_or_insert(filled as f64);
        *average += (filled as f64 - *average) * 0.02;
        let off = (*average - frames(target(clock), self.rate) as f64) * 1_000.0 / f64::from(self.rate) * STEERING;
        let off = off.clamp(-2_000.0, 2_000.0);
        clock.drift_ppm().unwrap_or(0.0) + if surplus { off } else { -off }
    }

    pub(crate) fn restart(&mut self) {
        self.average = None;
    }
}

/// From a stream's callbacks, at its rate and by its clock, to our blocks by ours.
pub struct Capture {
    consumer: Consumer,
    resampler: Resampler,
    clock: StreamClock,
    steering: Steering,
    rate: u32,
    raw: Vec<i16>,
    wide: Vec<i16>,
    primed: bool,
    glitches: u64,
}

/// The callback's end of a [`Capture`].
pub struct CaptureFeed {
    producer: Producer,
    clock: StreamClock,
}

impl Capture {
    /// For a stream of mono samples at this rate.
    ///
    /// # Errors
    /// A rate that is no rate of sound.
    pub fn new(rate: u32, now: Instant) -> Result<(CaptureFeed, Self), ResampleError> {
        let (producer, consumer) = ring(rate as usize);
        let clock = StreamClock::new(rate, now);
        let feed = CaptureFeed { producer, clock: clock.clone() };
        let resampler = Resampler::to_blocks(rate)?;
        let capture = Self {
            consumer,
            resampler,
            clock,
            steering: Steering::new(rate),
            rate,
            raw: Vec::new(),
            wide: Vec::with_capacity(BLOCK),
            primed: false,
            glitches: 0,
        };
        Ok((feed, capture))
    }

    /// The next 10 ms; silence while there is not enough.
    pub fn read(&mut self, block: &mut Block) {
        *block = SILENCE;
        let (filled, needed) = (self.consumer.filled(), self.resampler.needed());
        let (target, ceiling) = (frames(target(&self.clock), self.rate), frames(ceiling(&self.clock), self.rate));
        if !self.primed {
            self.primed = filled >= target.max(needed);
        } else if filled < needed {
            self.primed = false;
            self.glitches += 1;
            self.steering.restart();
        }
        if !self.primed {
            return;
        }
        if filled > ceiling {
            self.consumer.skip(filled - target);
            self.glitches += 1;
            self.steering.restart();
        }
        self.raw.resize(needed, 0);
        self.consumer.pop(&mut self.raw);
        self.wide.clear();
        if self.resampler.process(&self.raw, &mut self.wide).is_ok() {
            for (sample, wide) in block.iter_mut().zip(&self.wide) {
                *sample = *wide;
            }
        }
        self.resampler.follow(self.steering.update(self.consumer.filled(), true, &self.clock));
    }

    /// How often there was too little or too much.
    #[must_use]
    pub fn glitches(&self) -> u64 {
        self.glitches
    }

    /// How much faster the stream's clock runs than ours.
    #[must_use]
    pub fn drift_ppm(&self) -> Option<f64> {
        self.clock.drift_ppm()
    }

    /// How long sound waits here.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.consumer.filled() as u64 * 1_000 / u64::from(self.rate.max(1)))
    }
}

impl CaptureFeed {
    /// The callback's samples; those for which there is no room are dropped.
    pub fn push(&mut self, samples: impl ExactSizeIterator<Item = i16>, now: Instant) {
        self.clock.count(samples.len(), now);
        self.producer.push(samples);
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::{Level, Tone, ToneGenerator};

    use super::*;

    /// Runs a stream whose callbacks bring 10 ms each at `rate`, its clock off by `ppm`, for a minute of our time.
    fn run(rate: u32, ppm: f64) -> (Capture, Vec<i16>) {
        let start = Instant::now();
        let (mut feed, mut capture) = Capture::new(rate, start).unwrap();
        let (mut heard, mut given) = (Vec::new(), 0.0);
        let step = std::f32::consts::TAU * 440.0 / rate as f32;
        let mut at = 0_u32;
        for tick in 0..6_000_u32 {
            given += f64::from(rate) / 100.0 * (1.0 + ppm / 1e6);
            let count = (given - f64::from(at)) as u32;
            let samples: Vec<i16> = (at..at + count).map(|n| (10_000.0 * (step * n as f32).sin()) as i16).collect();
            feed.push(samples.into_iter(), start + Duration::from_millis(10) * tick);
            at += count;
            let mut block = [0; 480];
            capture.read(&mut block);
            heard.extend(block);
        }
        (capture, heard)
    }

    #[test]
    fn a_stream_of_any_rate_is_heard_without_holes_though_its_clock_drifts() {
        for (rate, ppm) in [(48_000, 0.0), (44_100, 150.0), (48_000, -150.0), (16_000, 80.0)] {
            let (capture, heard) = run(rate, ppm);
            assert_eq!(capture.glitches(), 0, "{rate} {ppm}");
            assert!(capture.delay() < Duration::from_millis(80), "{rate} {ppm}: {:?}", capture.delay());
            assert!((capture.drift_ppm().unwrap() - ppm).abs() < 10.0, "{rate} {ppm}: {:?}", capture.drift_ppm());
            let level = Level::of(&heard[48_000..]);
            assert!((level.rms + 13.3).abs() < 0.2, "{rate} {ppm}: {level:?}");
            assert!(heard[48_000..].chunks(480).all(|block| Level::of(block).rms > -14.5));
        }
    }

    #[test]
    fn a_stream_of_large_callbacks_is_given_more_in_hand() {
        let start = Instant::now();
        let (mut feed, mut capture) = Capture::new(48_000, start).unwrap();
        for tick in 0..3_000_u32 {
            if tick % 6 == 0 {
                feed.push([1_000; 2_880].into_iter(), start + Duration::from_millis(10) * tick);
            }
            capture.read(&mut [0; 480]);
        }
        assert_eq!(capture.glitches(), 0);
    }

    #[test]
    fn a_stream_that_stops_is_silence_and_a_flood_is_dropped() {
        let start = Instant::now();
        let (mut feed, mut capture) = Capture::new(48_000, start).unwrap();
        let mut tone = ToneGenerator::new(Tone::Steady(440));
        let mut block = [1; 480];
        capture.read(&mut block);
        assert_eq!((block, capture.glitches()), (SILENCE, 0));
        for _ in 0..90 {
            feed.push(tone.next_block().into_iter(), start);
        }
        capture.read(&mut block);
        assert_eq!(capture.glitches(), 1);
        assert!(capture.delay() <= Duration::from_millis(25));
        for _ in 0..10 {
            capture.read(&mut block);
        }
        assert_eq!((block, capture.glitches()), (SILENCE, 2));
    }
}
