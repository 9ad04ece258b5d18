use std::any::Any;
use std::time::Duration;

use crate::node::{DiskFailure, DiskUse};

/// What a [`Disk`] holds: any value that can be copied, e.g. a server's in-memory store.
trait Contents {
    fn copy(&self) -> Box<dyn Contents>;
    fn any(&mut self) -> &mut dyn Any;
    fn any_ref(&self) -> &dyn Any;
}

impl<T: Clone + 'static> Contents for T {
    fn copy(&self) -> Box<dyn Contents> {
        Box::new(self.clone())
    }
    fn any(&mut self) -> &mut dyn Any {
        self
    }
    fn any_ref(&self) -> &dyn Any {
        self
    }
}

/// A host's storage: it takes time, loses what was not committed when the host loses power, and can be full.
pub struct Disk {
    /// How long any operation takes; operations are done one after the other.
    pub latency: Duration,
    /// Whether writing fails for want of space.
    pub full: bool,
    live: Box<dyn Contents>,
    durable: Box<dyn Contents>,
    busy_until: Duration,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk").field("latency", &self.latency).field("full", &self.full).finish_non_exhaustive()
    }
}

impl Disk {
    /// A disk that holds `contents`, safely written.
    pub(crate) fn new(contents: impl Clone + 'static, latency: Duration) -> Self {
        let durable = Box::new(contents.clone());
        Self { latency, full: false, live: Box::new(contents), durable, busy_until: Duration::ZERO }
    }

    /// The contents as a running process sees them. `None` if they are not a `T`.
    #[must_use]
    pub fn contents<T: 'static>(&self) -> Option<&T> {
        self.live.any_ref().downcast_ref()
    }

    /// When an operation asked for now is done.
    pub(crate) fn enqueue(&mut self, now: Duration) -> Duration {
        self.busy_until = self.busy_until.max(now) + self.latency;
        self.busy_until
    }

    /// Does an operation by `work`, which gets the contents or the failure.
    pub(crate) fn perform(&mut self, usage: DiskUse, work: impl FnOnce(Result<&mut dyn Any, DiskFailure>)) {
        if self.full && usage != DiskUse::Read {
            work(Err(DiskFailure::Full));
            return;
        }
        work(Ok(self.live.any()));
        if usage == DiskUse::Commit {
            self.durable = self.live.copy();
        }
    }

    /// The power goes: what was not committed is lost.
    pub(crate) fn lose_power(&mut self, now: Duration) {
        self.live = self.durable.copy();
        self.busy_until = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(disk: &mut Disk, value: u32, usage: DiskUse) -> Result<(), DiskFailure> {
        let mut outcome = Ok(());
        disk.perform(usage, |contents| match contents {
            Ok(contents) => contents.downcast_mut::<Vec<u32>>().unwrap().push(value),
            Err(failure) => outcome = Err(failure),
        });
        outcome
    }

    fn disk() -> Disk {
        Disk::new(Vec::<u32>::new(), Duration::from_millis(2))
    }

    #[test]
    fn a_power_cut_loses_what_was_written_after_the_last_commit() {
        let mut disk = disk();
        for (value, usage) in [(1, DiskUse::Write), (2, DiskUse::Commit), (3, DiskUse::Write)] {
            push(&mut disk, value, usage).unwrap();
        }
        assert_eq!(disk.contents(), Some(&vec![1u32, 2, 3]));
        disk.lose_power(Duration::ZERO);
        assert_eq!(disk.contents(), Some(&vec![1u32, 2]));
    }

    #[test]
    fn a_full_disk_refuses_to_write_and_still_reads() {
        let mut disk = disk();
        push(&mut disk, 1, DiskUse::Commit).unwrap();
        disk.full = true;
        assert_eq!(push(&mut disk, 2, DiskUse::Commit), Err(DiskFailure::Full));
        assert_eq!(push(&mut disk, 3, DiskUse::Read), Ok(()), "a reader gets the contents");
        disk.lose_power(Duration::ZERO);
        assert_eq!(disk.contents(), Some(&vec![1u32]));
    }

    #[test]
    fn operations_take_their_time_one_after_the_other() {
        let mut disk = disk();
        let ms = Duration::from_millis;
        assert_eq!([disk.enqueue(ms(10)), disk.enqueue(ms(11)), disk.enqueue(ms(50))], [ms(12), ms(14), ms(52)]);
    }
}
