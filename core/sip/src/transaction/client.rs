use std::time::Instant;

use cooee_machine::Wake;

use super::step::{Deadline, End, Retransmission, Step};
use super::timers::Timers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

/// Non-INVITE client transaction: RFC 3261 17.1.2.
#[derive(Debug)]
pub struct NonInviteClient {
    state: State,
    /// Empty over a reliable transport: it is never sent again.
    request: Vec<u8>,
    reliable: bool,
    timers: Timers,
    retransmission: Option<Retransmission>,
    deadline: Option<Deadline>,
}

impl NonInviteClient {
    /// Starts with the request to send.
    #[must_use]
    pub fn new(request: Vec<u8>, reliable: bool, timers: Timers, now: Instant) -> (Self, Step) {
        let kept = if reliable { Vec::new() } else { request.clone() };
        let transaction = Self {
            state: State::Trying,
            request: kept,
            reliable,
            timers,
            retransmission: (!reliable).then(|| Retransmission::new(now, timers.t1, timers.t2)),
            deadline: Some(Deadline::give_up(now + timers.patience(), "timer F")),
        };
        (transaction, Step::send(request))
    }

    /// Takes a response.
    pub fn handle_response(&mut self, status: u16, now: Instant) -> Step {
        match (self.state, status) {
            (State::Trying | State::Proceeding, ..200) => {
                self.state = State::Proceeding;
                if let Some(copy) = self.retransmission.as_mut() {
                    copy.slow_down();
                }
                Step::pass()
            }
            (State::Trying | State::Proceeding, _) => {
                self.retransmission = None;
                self.request = Vec::new();
                let wait = self.timers.wait(self.reliable);
                if wait.is_zero() {
                    self.state = State::Terminated;
                    self.deadline = None;
                    return Step { end: Some(End::Terminated), ..Step::pass() };
                }
                self.state = State::Completed;
                self.deadline = Some(Deadline::forget(now + wait, "timer K"));
                Step::pass()
            }
            _ => Step::nothing(),
        }
    }

    /// Lets timers E, F and K fire.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        if self.deadline.is_some_and(|deadline| deadline.is_due(now)) {
            let end = if self.state == State::Completed { End::Terminated } else { End::Timeout };
            self.state = State::Terminated;
            (self.retransmission, self.deadline) = (None, None);
            return Step::end(end);
        }
        if self.retransmission.as_mut().is_some_and(|copy| copy.take_due(now)) {
            return Step::send(self.request.clone());
        }
        Step::nothing()
    }

    /// The next timer.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let copy = self.retransmission.map(|copy| copy.wake("timer E"));
        Wake::earlier(copy, self.deadline.map(|deadline| deadline.wake()))
    }
}
