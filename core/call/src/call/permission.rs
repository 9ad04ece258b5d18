use std::time::Instant;

use cooee_machine::Now;

use super::Call;

/// The word of the device's system that a call may ring aloud, which some apps have to wait for.
#[derive(Debug, Default)]
pub(super) struct Permission {
    /// It is waited for until then.
    due: Option<Instant>,
    is_overdue: bool,
}

impl Call {
    /// It rings aloud from now on, as soon as the system lets it.
    pub(super) fn ring_aloud(&mut self, now: Now) {
        self.permission.due = Some(now.instant + self.times.permission);
    }

    pub(super) fn permission_due(&self) -> Option<Instant> {
        self.permission.due.filter(|_| self.rings_here())
    }

    /// Waits no longer, if its time has come.
    pub(super) fn miss_permission(&mut self, now: Now) {
        if self.permission_due().is_some_and(|at| at <= now.instant) {
            self.permission = Permission { due: None, is_overdue: true };
            self.is_changed = true;
        }
    }

    pub(super) fn is_overdue(&self) -> bool {
        self.permission.is_overdue && self.rings_here()
    }
}
