use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cooee_codec::{Block, ResampleError, Resampler};

use crate::capture::{Steering, ceiling, frames, target};
use crate::clock::StreamClock;
use crate::{Consumer, Producer, ring};

/// From our blocks by our clock to a stream's callbacks, at its rate and by its clock.
pub struct Playback {
    producer: Producer,
    resampler: Resampler,
    clock: StreamClock,
    steering: Steering,
    rate: u32,
    narrow: Vec<i16>,
    dropped: u64,
    starved: Arc<AtomicU64>,
}

/// The callback's end of a [`Playback`].
pub struct PlaybackDrain {
    consumer: Consumer,
    clock: StreamClock,
    starved: Arc<AtomicU64>,
    flowing: bool,
}

impl Playback {
    /// For a stream of mono samples at this rate.
    ///
    /// # Errors
    /// A rate that is no rate of sound.
    pub fn new(rate: u32, now: Instant) -> Result<(PlaybackDrain, Self), ResampleError> {
        let (producer, consumer) = ring(rate as usize);
        let clock = StreamClock::new(rate, now);
        let starved = Arc::new(AtomicU64::new(0));
        let drain = PlaybackDrain { consumer, clock: clock.clone(), starved: Arc::clone(&starved), flowing: false };
        let resampler = Resampler::from_blocks(rate)?;
        let playback = Self { producer, resampler, clock, steering: Steering::new(rate), rate, narrow: Vec::new(), dropped: 0, starved };
        Ok((drain, playback))
    }

    /// Plays 10 ms; dropped if far too much waits already.
    pub fn write(&mut self, block: &Block) {
        let filled = self.producer.filled();
        if filled > frames(ceiling(&self.clock), self.rate) {
            // A stream that has not begun yet misses nothing that it should have played.
            self.dropped += u64::from(self.clock.period() > Duration::ZERO);
            self.steering.restart();
            return;
        }
        if filled == 0 {
            // The first, or all was played: put some silence ahead, so that the next callback is not late again.
            self.producer.push(std::iter::repeat_n(0, frames(target(&self.clock), self.rate)));
            self.steering.restart();
        }
        self.narrow.clear();
        if self.resampler.process(block, &mut self.narrow).is_ok() {
            self.producer.push(self.narrow.iter().copied());
        }
        self.resampler.follow(self.steering.update(self.producer.filled(), false, &self.clock));
    }

    /// How often there was too little or too much.
    #[must_use]
    pub fn glitches(&self) -> u64 {
        self.dropped + self.starved.load(Ordering::Relaxed)
    }

    /// How much faster the stream's clock runs than ours.
    #[must_use]
    pub fn drift_ppm(&self) -> Option<f64> {
        self.clock.drift_ppm()
    }

    /// How long sound waits here.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.producer.filled() as u64 * 1_000 / u64::from(self.rate.max(1)))
    }
}

impl PlaybackDrain {
    /// What the callback shall play; silence where there is nothing.
    pub fn fill(&mut self, samples: &mut [i16], now: Instant) {
        self.clock.count(samples.len(), now);
        let count = self.consumer.pop(samples);
        for sample in samples.iter_mut().skip(count) {
            *sample = 0;
        }
        let starved = count < samples.len();
        if starved && self.flowing {
            self.starved.fetch_add(1, Ordering::Relaxed);
        }
        self.flowing = !starved;
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::{Level, Tone, ToneGenerator};

    use super::*;

    #[test]
    fn a_stream_of_any_rate_plays_without_holes_though_its_clock_drifts() {
        for (rate, ppm) in [(48_000, 0.0), (44_100, 150.0), (48_000, -150.0), (16_000, 80.0)] {
            let start = Instant::now();
            let (mut drain, mut playback) = Playback::new(rate, start).unwrap();
            let mut tone = ToneGenerator::new(Tone::Steady(440));
            let (mut heard, mut wanted) = (Vec::new(), 0.0);
            for tick in 0..6_000_u32 {
                playback.write(&tone.next_block());
                wanted += f64::from(rate) / 100.0 * (1.0 + ppm / 1e6);
                let mut samples = vec![0; wanted as usize - heard.len()];
                drain.fill(&mut samples, start + Duration::from_millis(10) * tick);
                heard.extend(samples);
            }
            assert_eq!(playback.glitches(), 0, "{rate} {ppm}");
            assert!((playback.drift_ppm().unwrap() - ppm).abs() < 10.0, "{rate} {ppm}: {:?}", playback.drift_ppm());
            assert!(playback.delay() < Duration::from_millis(80), "{rate} {ppm}: {:?}", playback.delay());
            let level = Level::of(&heard[rate as usize..]).rms;
            assert!((level + 19.3).abs() < 0.3, "{rate} {ppm}: {level}");
        }
    }

    #[test]
    fn a_stream_that_does_not_play_holds_a_little_and_only_one_that_stopped_counts() {
        let start = Instant::now();
        let (mut drain, mut playback) = Playback::new(48_000, start).unwrap();
        for _ in 0..1_000 {
            playback.write(&[0; 480]);
        }
        assert!(playback.delay() <= Duration::from_millis(90), "{:?}", playback.delay());
        assert_eq!(playback.glitches(), 0);
        drain.fill(&mut [0; 480], start);
        for _ in 0..1_000 {
            playback.write(&[0; 480]);
        }
        assert!(playback.delay() <= Duration::from_millis(90) && playback.glitches() > 900);
    }

    #[test]
    fn silence_is_played_while_nothing_is_written_and_only_a_gap_counts() {
        let start = Instant::now();
        let (mut drain, mut playback) = Playback::new(48_000, start).unwrap();
        let mut samples = [9; 480];
        drain.fill(&mut samples, start);
        assert_eq!((samples, playback.glitches()), ([0; 480], 0));
        playback.write(&[100; 480]);
        for _ in 0..10 {
            drain.fill(&mut samples, start);
        }
        assert_eq!((samples, playback.glitches()), ([0; 480], 1));
    }
}
