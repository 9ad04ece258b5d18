use cooee_machine::{Now, Wake};

use super::{Account, Ids};

/// What sleep means for an account.
impl Account {
    /// The device has woken up: whether the flow still leads to the server is to be known soon. What is only waited for is tried now, if
    /// that `hurries`.
    pub(crate) fn wake(&mut self, hurries: bool, ids: &mut Ids, now: Now) {
        if self.leaving.is_none() && !self.is_hopeless() {
            if hurries {
                self.connection.hurry(ids, now);
            }
            self.agent.check_flow(now);
        }
    }

    /// Whether there is a way to the server is yet to be seen.
    pub(crate) fn is_looking(&self) -> bool {
        self.connection.stage().is_looking() || self.agent.awaits_server()
    }

    /// Nothing is under way that would suffer if timers stood still.
    pub(crate) fn is_settled(&self) -> bool {
        !self.is_looking() && self.agent.is_idle() && self.leaving.is_none()
    }

    /// What must not be slept through.
    pub(crate) fn next_alarm(&self) -> Option<Wake> {
        Wake::together(self.connection.stage().next_attempt().into_iter().chain(self.agent.next_alarm()))
    }
}
