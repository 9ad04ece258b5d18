//! Samples from one thread to another without a lock, for a device's callback must not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, AtomicUsize, Ordering};

/// A ring of samples with one writer and one reader.
struct Ring {
    samples: Box<[AtomicI16]>,
    /// Samples written and read since the beginning; both only grow (and wrap together).
    written: AtomicUsize,
    read: AtomicUsize,
}

/// The end that writes.
pub struct Producer(Arc<Ring>);

/// The end that reads.
pub struct Consumer(Arc<Ring>);

/// A ring for at least this many samples.
#[must_use]
pub fn ring(capacity: usize) -> (Producer, Consumer) {
    // A power of two keeps the places right when the counters wrap.
    let samples = (0..capacity.max(1).next_power_of_two()).map(|_| AtomicI16::new(0)).collect();
    let ring = Arc::new(Ring { samples, written: AtomicUsize::new(0), read: AtomicUsize::new(0) });
    (Producer(Arc::clone(&ring)), Consumer(ring))
}

impl Ring {
    fn filled(&self) -> usize {
        self.written.load(Ordering::Acquire).wrapping_sub(self.read.load(Ordering::Acquire))
    }

    fn place(&self, at: usize) -> Option<&AtomicI16> {
        self.samples.get(at & (self.samples.len() - 1))
    }
}

impl Producer {
    /// Writes as many samples as there is room for; how many that were.
    pub fn push(&mut self, samples: impl IntoIterator<Item = i16>) -> usize {
        let ring = &self.0;
        let start = ring.written.load(Ordering::Relaxed);
        let room = ring.samples.len() - ring.filled();
        let mut count = 0;
        for sample in samples.into_iter().take(room) {
            if let Some(place) = ring.place(start.wrapping_add(count)) {
                place.store(sample, Ordering::Relaxed);
            }
            count += 1;
        }
        ring.written.store(start.wrapping_add(count), Ordering::Release);
        count
    }

    /// Samples waiting to be read.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.0.filled()
    }
}

impl Consumer {
    /// Reads into `samples` as far as there are any; how many that were.
    pub fn pop(&mut self, samples: &mut [i16]) -> usize {
        let ring = &self.0;
        let start = ring.read.load(Ordering::Relaxed);
        let count = ring.filled().min(samples.len());
        for (at, sample) in samples.iter_mut().take(count).enumerate() {
            *sample = ring.place(start.wrapping_add(at)).map_or(0, |place| place.load(Ordering::Relaxed));
        }
        ring.read.store(start.wrapping_add(count), Ordering::Release);
        count
    }

    /// Forgets the oldest samples, at most `count`; how many that were.
    pub fn skip(&mut self, count: usize) -> usize {
        let start = self.0.read.load(Ordering::Relaxed);
        let count = self.0.filled().min(count);
        self.0.read.store(start.wrapping_add(count), Ordering::Release);
        count
    }

    /// Samples waiting to be read.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.0.filled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_out_in_order_and_a_full_ring_takes_no_more() {
        let (mut producer, mut consumer) = ring(100);
        assert_eq!(producer.push(0..200), 128);
        let mut out = [0; 100];
        assert_eq!(consumer.pop(&mut out), 100);
        assert!(out.iter().copied().eq(0..100));
        assert_eq!(producer.push(128..228), 100);
        assert_eq!(consumer.skip(28), 28);
        assert_eq!(consumer.pop(&mut out), 100);
        assert!(out.iter().copied().eq(128..228));
        assert_eq!((consumer.pop(&mut out), consumer.filled(), producer.filled()), (0, 0, 0));
    }

    #[test]
    fn two_threads_lose_and_repeat_nothing() {
        let (mut producer, mut consumer) = ring(64);
        let writer = std::thread::spawn(move || {
            let mut next = 0_u32;
            while next < 200_000 {
                let piece = (next..(next + 37).min(200_000)).map(|value| value as i16);
                let pushed = producer.push(piece);
                next += pushed as u32;
                if pushed == 0 {
                    std::thread::yield_now();
                }
            }
        });
        let mut expected = 0_u32;
        let mut out = [0; 50];
        while expected < 200_000 {
            let count = consumer.pop(&mut out);
            for sample in &out[..count] {
                assert_eq!(*sample, expected as i16);
                expected += 1;
            }
            if count == 0 {
                std::thread::yield_now();
            }
        }
        writer.join().unwrap();
    }
}
