use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::time::{Instant as TokioInstant, Sleep};

use crate::now;

const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// The timer of a loop. Where the system has a clock that counts sleep (Linux, Android), so does the timer: what came due while the device
/// slept is due as soon as it is awake, and not as much later as it slept. It wakes no device.
pub(crate) struct Alarm {
    boot: Option<boot::Timer>,
    sleep: Pin<Box<Sleep>>,
}

impl Alarm {
    /// One that is never due. Call it where tokio's IO and timers run.
    pub(crate) fn new() -> Self {
        let boot = boot::Timer::new().inspect_err(|error| tracing::warn!(%error, "timers stand still while the device sleeps")).ok();
        Self { boot, sleep: Box::pin(tokio::time::sleep(FOREVER)) }
    }

    /// Due at this moment of [`now`], in place of the one before; `None` for never.
    pub(crate) fn set(&mut self, deadline: Option<Instant>) {
        let left = deadline.map_or(FOREVER, |at| at.saturating_duration_since(now().instant));
        let is_set = self.boot.as_ref().is_some_and(|timer| {
            timer.set(left).inspect_err(|error| tracing::warn!(%error, "a timer that counts sleep cannot be set")).is_ok()
        });
        if !is_set {
            self.boot = None;
            self.sleep.as_mut().reset(TokioInstant::now() + left);
        }
    }

    /// Waits until it is due.
    pub(crate) async fn due(&mut self) {
        match &self.boot {
            Some(timer) => timer.due().await,
            None => self.sleep.as_mut().await,
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod boot {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime};
    use tokio::net::unix::pipe::Receiver;

    /// A timer by `CLOCK_BOOTTIME`. It is read like a pipe: eight octets each time it is due.
    pub(super) struct Timer {
        timer: OwnedFd,
        due: Receiver,
    }

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            let timer = timerfd_create(TimerfdClockId::Boottime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
            Ok(Self { due: Receiver::from_owned_fd_unchecked(timer.try_clone()?)?, timer })
        }

        pub(super) fn set(&self, left: Duration) -> io::Result<()> {
            // Nothing at all would stop it.
            let left = left.max(Duration::from_nanos(1));
            let once = Timespec { tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX), tv_nsec: left.subsec_nanos().into() };
            let never = Timespec { tv_sec: 0, tv_nsec: 0 };
            timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: never, it_value: once })?;
            Ok(())
        }

        pub(super) async fn due(&self) {
            while let Ok(()) = self.due.readable().await {
                if self.due.try_read(&mut [0; 8]).is_ok() {
                    return;
                }
            }
            // The runtime is ending.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod boot {
    use std::io;
    use std::time::Duration;

    /// There is none.
    pub(super) struct Timer;

    impl Timer {
        pub(super) fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn set(&self, _left: Duration) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) async fn due(&self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_due_at_its_time_and_once_and_can_be_put_off() {
        let mut alarm = Alarm::new();
        let begun = now().instant;
        alarm.set(Some(begun));
        alarm.due().await;
        alarm.set(Some(begun + Duration::from_millis(60)));
        alarm.due().await;
        assert!(now().instant >= begun + Duration::from_millis(60));
        for put_off in [None, Some(now().instant + Duration::from_secs(3600))] {
            alarm.set(Some(now().instant));
            alarm.set(put_off);
            let first = tokio::select! { biased;
                () = alarm.due() => "due",
                () = tokio::time::sleep(Duration::from_millis(30)) => "not due",
            };
            assert_eq!(first, "not due");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn on_linux_it_counts_sleep() {
        assert!(Alarm::new().boot.is_some());
    }
}
