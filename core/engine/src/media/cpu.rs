use std::time::Duration;

/// Processor time that this thread has used so far, where the system tells.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn thread_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).ok()?))
}

/// Processor time that this thread has used so far, where the system tells.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn thread_time() -> Option<Duration> {
    None
}
