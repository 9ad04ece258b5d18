use std::time::Instant;

use cooee_machine::Wake;

use super::buffers::forget;
use super::clock::{Clock, Due};
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
pub struct NonInviteClient {
    state: State,
    /// Empty over a reliable transport: it is never sent again.
    request: Vec<u8>,
    reliable: bool,
    timers: Timers,
    clock: Clock,
}

impl NonInviteClient {
    /// Starts with a request that has just been sent; over a reliable transport it needs none.
    #[must_use]
    pub fn new(request: Vec<u8>, reliable: bool, timers: Timers, now: Instant) -> Self {
        let copy = (!reliable).then(|| Retransmission::new(now, timers.t1, timers.t2));
        let clock = Clock::repeating(copy, Deadline::give_up(now + timers.patience(), "timer F"));
        Self { state: State::Trying, request, reliable, timers, clock }
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.request
    }

    /// Takes a response.
    pub fn handle_response(&mut self, status: u16, now: Instant) -> Step {
        match (self.state, status) {
            (State::Trying | State::Proceeding, ..200) => {
                self.state = State::Proceeding;
                self.clock.slow_down();
                Step::pass()
            }
            (State::Trying | State::Proceeding, _) => {
                forget(&mut self.request);
                let wait = self.timers.wait(self.reliable);
                if wait.is_zero() {
                    self.state = State::Terminated;
                    self.clock = Clock::default();
                    return Step { end: Some(End::Terminated), ..Step::pass() };
                }
                self.state = State::Completed;
                self.clock = Clock::waiting(Deadline::forget(now + wait, "timer K"));
                Step::pass()
            }
            _ => Step::nothing(),
        }
    }

    /// Lets timers E, F and K fire.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        match self.clock.take_due(now) {
            Due::Nothing => Step::nothing(),
            Due::Copy => Step::send(self.request.clone()),
            Due::End => {
                let end = if self.state == State::Completed { End::Terminated } else { End::Timeout };
                self.state = State::Terminated;
                Step::end(end)
            }
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.request.len()
    }

    /// The next timer.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.clock.wake("timer E")
    }
}

/// Names the state only: a message tells who people are.
impl std::fmt::Debug for NonInviteClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NonInviteClient({:?})", self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transaction::start_of_test;

    fn start(reliable: bool) -> (NonInviteClient, Instant) {
        let now = start_of_test().instant;
        (NonInviteClient::new(b"BYE".to_vec(), reliable, Timers::default(), now), now)
    }

    fn run_out(transaction: &mut NonInviteClient, start: Instant) -> (Vec<u128>, Option<End>) {
        let mut copies = Vec::new();
        while let Some(wake) = transaction.next_wake() {
            let step = transaction.handle_timeout(wake.at);
            if step.send.is_some() {
                copies.push((wake.at - start).as_millis());
            }
            if step.end.is_some() {
                return (copies, step.end);
            }
        }
        (copies, None)
    }

    #[test]
    fn over_udp_copies_go_out_at_doubling_intervals_up_to_t2_until_64_t1() {
        let (mut transaction, now) = start(false);
        let (copies, end) = run_out(&mut transaction, now);
        assert_eq!(copies, [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
        assert_eq!(end, Some(End::Timeout));
    }

    #[test]
    fn a_provisional_response_slows_the_copies_down_to_t2_but_not_the_time_out() {
        let (mut transaction, now) = start(false);
        assert!(transaction.handle_response(100, now).pass);
        let (copies, end) = run_out(&mut transaction, now);
        assert_eq!(copies, [500, 4500, 8500, 12500, 16500, 20500, 24500, 28500]);
        assert_eq!(end, Some(End::Timeout));
    }

    #[test]
    fn a_final_response_is_passed_up_once_and_its_copies_absorbed_for_t4() {
        let (mut transaction, now) = start(false);
        assert_eq!(transaction.handle_response(200, now), Step::pass());
        assert_eq!(transaction.handle_response(200, now), Step::nothing());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (Duration::from_secs(5), "timer K"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
    }

    #[test]
    fn over_a_reliable_transport_there_are_no_copies_and_a_final_response_ends_it() {
        let (mut transaction, now) = start(true);
        assert_eq!(transaction.handle_timeout(now + Duration::from_secs(31)), Step::nothing());
        assert_eq!(transaction.handle_response(404, now), Step { end: Some(End::Terminated), ..Step::pass() });
        assert_eq!(transaction.next_wake(), None);
        let (mut unanswered, now) = start(true);
        assert_eq!(run_out(&mut unanswered, now), (vec![], Some(End::Timeout)));
    }
}
