//! What this machine does to a thread that only sleeps, and what the process has used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);

/// A thread that wakes up at each tick and does nothing.
pub(crate) struct Control {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Slept>,
}

/// How it has slept.
pub(crate) struct Slept {
    pub(crate) lasted: Duration,
    /// Ticks for which it woke up at the next one or later.
    pub(crate) late: u64,
    pub(crate) worst: Duration,
}

impl Control {
    pub(crate) fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        Self { stop, thread: std::thread::spawn(move || sleep(&asked)) }
    }

    pub(crate) fn stop(self) -> Slept {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn sleep(stop: &AtomicBool) -> Slept {
    let start = Instant::now();
    let (mut next, mut late, mut worst) = (start + TICK, 0, Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        let behind = Instant::now().saturating_duration_since(next);
        worst = worst.max(behind);
        let missed = u32::try_from(behind.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX);
        late += u64::from(missed);
        next += TICK * (missed + 1);
    }
    Slept { lasted: start.elapsed(), late, worst }
}

/// Processor time of all threads of this process so far, in steps of 10 ms as the kernel tells it.
pub(crate) fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks: u64 = after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

pub(crate) fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4 / 1_024
}
