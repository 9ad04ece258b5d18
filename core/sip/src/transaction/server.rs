use std::time::Instant;

use cooee_machine::Wake;

use super::buffers::{forget, keep};
use super::clock::{Clock, Due};
use super::step::{Deadline, End, Step};
use super::timers::Timers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Trying and Proceeding: no final response yet.
    Open,
    Completed,
    Terminated,
}

/// Non-INVITE server transaction: RFC 3261 17.2.2.
pub struct NonInviteServer {
    state: State,
    /// The last response; empty before there was one, and over a reliable transport, where no copy of the request comes.
    response: Vec<u8>,
    reliable: bool,
    timers: Timers,
    clock: Clock,
}

impl NonInviteServer {
    /// Starts with a request that has just come in.
    #[must_use]
    pub fn new(reliable: bool, timers: Timers) -> Self {
        Self { state: State::Open, response: Vec::new(), reliable, timers, clock: Clock::default() }
    }

    /// Keeps its response in `buffer`.
    pub(super) fn keeping_in(self, buffer: Vec<u8>) -> Self {
        Self { response: buffer, ..self }
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.response
    }

    /// Sends a response of the transaction user. A second final response is dropped.
    pub fn respond(&mut self, status: u16, response: Vec<u8>, now: Instant) -> Step {
        if self.state != State::Open {
            return Step::nothing();
        }
        if !self.reliable {
            keep(&mut self.response, &response);
        }
        if status >= 200 {
            let wait = self.timers.j(self.reliable);
            if wait.is_zero() {
                self.state = State::Terminated;
                return Step { end: Some(End::Terminated), ..Step::send(response) };
            }
            self.state = State::Completed;
            self.clock = Clock::waiting(Deadline::forget(now + wait, "timer J"));
        }
        Step::send(response)
    }

    /// A copy of the request came.
    pub fn handle_copy(&mut self) -> Step {
        Step::send_if_any(&self.response)
    }

    /// Lets timer J fire.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        if self.clock.take_due(now) != Due::End {
            return Step::nothing();
        }
        self.state = State::Terminated;
        forget(&mut self.response);
        Step::end(End::Terminated)
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.response.len()
    }

    /// The next timer.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.clock.wake("no copies")
    }
}

/// Names the state only: a message tells who people are.
impl std::fmt::Debug for NonInviteServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NonInviteServer({:?})", self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transaction::start_of_test;

    #[test]
    fn a_copy_of_the_request_gets_the_same_answer_for_64_t1() {
        let (mut transaction, now) = (NonInviteServer::new(false, Timers::default()), start_of_test().instant);
        assert_eq!(transaction.handle_copy(), Step::nothing());
        assert_eq!(transaction.respond(200, b"200".to_vec(), now), Step::send(b"200".to_vec()));
        assert_eq!(transaction.handle_copy(), Step::send(b"200".to_vec()));
        assert_eq!(transaction.respond(500, b"500".to_vec(), now), Step::nothing());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (Duration::from_secs(32), "timer J"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
    }

    #[test]
    fn over_a_reliable_transport_the_final_response_ends_it() {
        let (mut transaction, now) = (NonInviteServer::new(true, Timers::default()), start_of_test().instant);
        assert_eq!(transaction.respond(100, b"100".to_vec(), now).end, None);
        assert_eq!(transaction.respond(200, b"200".to_vec(), now).end, Some(End::Terminated));
    }
}
