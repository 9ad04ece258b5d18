use std::time::Instant;

use cooee_machine::Wake;

use super::step::{Deadline, End, Retransmission, Step};
use super::timers::Timers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    /// RFC 6026: a 2xx came; more may, from other branches.
    Accepted,
    /// A 3xx-6xx came and was acknowledged; its copies are acknowledged again.
    Completed,
    Terminated,
}

/// INVITE client transaction: RFC 3261 17.1.1 with RFC 6026.
#[derive(Debug)]
pub struct InviteClient {
    state: State,
    request: Vec<u8>,
    ack: Option<Vec<u8>>,
    reliable: bool,
    timers: Timers,
    retransmission: Option<Retransmission>,
    deadline: Option<Deadline>,
}

impl InviteClient {
    /// Starts with the request to send.
    #[must_use]
    pub fn new(request: Vec<u8>, reliable: bool, timers: Timers, now: Instant) -> (Self, Step) {
        let step = Step::send(request.clone());
        let transaction = Self {
            state: State::Calling,
            request,
            ack: None,
            reliable,
            timers,
            // Timer A keeps doubling: 64*T1 ends it.
            retransmission: (!reliable).then(|| Retransmission::new(now, timers.t1, timers.patience())),
            deadline: Some(Deadline::give_up(now + timers.patience(), "invite timer B")),
        };
        (transaction, step)
    }

    /// The request as sent.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Whether a provisional response came and no final one (RFC 3261 9.1: the time for CANCEL).
    #[must_use]
    pub fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Takes a response. `ack` makes the ACK to a non-2xx from the request (RFC 3261 17.1.1.3).
    pub fn handle_response(&mut self, status: u16, ack: impl FnOnce(&[u8]) -> Option<Vec<u8>>, now: Instant) -> Step {
        match (self.state, status) {
            (State::Calling | State::Proceeding, ..200) => {
                self.state = State::Proceeding;
                self.retransmission = None;
                self.deadline = None;
                Step::pass()
            }
            (State::Calling | State::Proceeding, 200..300) => {
                self.state = State::Accepted;
                self.retransmission = None;
                self.deadline = Some(Deadline::forget(now + self.timers.patience(), "invite timer M"));
                Step::pass()
            }
            (State::Calling | State::Proceeding, _) => self.complete(ack(&self.request), now),
            (State::Accepted, 200..300) => Step::pass(),
            (State::Completed, 300..) => Step { send: self.ack.clone(), ..Step::nothing() },
            _ => Step::nothing(),
        }
    }

    fn complete(&mut self, ack: Option<Vec<u8>>, now: Instant) -> Step {
        self.retransmission = None;
        self.ack.clone_from(&ack);
        let wait = self.timers.d(self.reliable);
        let end = if wait.is_zero() {
            self.state = State::Terminated;
            self.deadline = None;
            Some(End::Terminated)
        } else {
            self.state = State::Completed;
            self.deadline = Some(Deadline::forget(now + wait, "invite timer D"));
            None
        };
        Step { send: ack, pass: true, end }
    }

    /// Lets timers A, B, D and M fire.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        if self.deadline.is_some_and(|deadline| deadline.is_due(now)) {
            let end = if self.state == State::Calling { End::Timeout } else { End::Terminated };
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
        let copy = self.retransmission.map(|copy| copy.wake("invite timer A"));
        Wake::earlier(copy, self.deadline.map(|deadline| deadline.wake()))
    }
}
