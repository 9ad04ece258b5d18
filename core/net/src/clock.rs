use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cooee_machine::{Entropy, Now};

/// The moment, the same for the whole process: the first call's [`Instant`] plus what `CLOCK_BOOTTIME` has counted since,
/// so that time the device slept is time that passed.
///
/// Limits: such an instant runs ahead of [`Instant::now`] once the device has slept, so compare it only with its own
/// kind. Where there is no boot-time clock (other systems than Linux and Android) it is [`Instant::now`]. Timers do not
/// fire while the device sleeps; [`drive`](crate::drive)'s is due as soon as it is awake.
#[must_use]
pub fn now() -> Now {
    static BASE: OnceLock<(Instant, Duration)> = OnceLock::new();
    let (instant, boot) = *BASE.get_or_init(|| (Instant::now(), since_boot()));
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { instant: instant + since_boot().saturating_sub(boot), unix }
}

/// Time since the device was switched on, sleep included.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[must_use]
pub fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Time since the first call, where there is no boot-time clock.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[must_use]
pub fn since_boot() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Randomness for one root machine, seeded by the operating system.
///
/// # Errors
/// The operating system has none to give.
pub fn seed() -> io::Result<Entropy> {
    use ring::rand::SecureRandom;
    let mut seed = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut seed).map_err(|_| io::Error::other("the operating system gives no randomness"))?;
    Ok(Entropy::from_seed(seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_go_forward_and_start_near_the_systems() {
        let one = now();
        let two = now();
        assert!(two.instant >= one.instant);
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        assert!(system.abs_diff(two.unix) < Duration::from_secs(60));
    }

    #[test]
    fn two_seeds_differ() {
        assert_ne!(seed().unwrap().u64(), seed().unwrap().u64());
    }
}
