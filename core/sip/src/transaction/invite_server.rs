use std::time::Instant;

use cooee_machine::Wake;

use super::buffers::{forget, keep};
use super::clock::{Clock, Due};
use super::step::{Deadline, End, Retransmission, Step};
use super::timers::Timers;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    /// A 3xx-6xx was sent and waits for its ACK.
    Completed,
    Confirmed,
    /// RFC 6026: a 2xx was sent; the transaction user repeats it and gets the ACK.
    Accepted,
    Terminated,
}

/// INVITE server transaction: RFC 3261 17.2.1 with RFC 6026.
pub struct InviteServer {
    state: State,
    /// The last response, as long as it may go out again; empty if there is none, and over a reliable transport.
    response: Vec<u8>,
    reliable: bool,
    timers: Timers,
    clock: Clock,
}

impl InviteServer {
    /// Starts with a request that has just come in. The transaction user answers 100 at once.
    #[must_use]
    pub fn new(reliable: bool, timers: Timers) -> Self {
        Self { state: State::Proceeding, response: Vec::new(), reliable, timers, clock: Clock::default() }
    }

    /// Keeps its response in `buffer`.
    pub(super) fn keeping_in(self, buffer: Vec<u8>) -> Self {
        Self { response: buffer, ..self }
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.response
    }

    /// Whether a final response may still be chosen.
    #[must_use]
    pub fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Sends a response of the transaction user; in state Accepted, 2xx only. Anything out of place is dropped.
    pub fn respond(&mut self, status: u16, response: Vec<u8>, now: Instant) -> Step {
        match (self.state, status) {
            (State::Proceeding, ..200) => {
                self.keep(&response);
                Step::send(response)
            }
            (State::Proceeding, 200..300) => {
                self.state = State::Accepted;
                forget(&mut self.response);
                self.clock = Clock::waiting(Deadline::forget(now + self.timers.patience(), "invite timer L"));
                Step::send(response)
            }
            (State::Proceeding, _) => {
                self.state = State::Completed;
                self.keep(&response);
                let copy = (!self.reliable).then(|| Retransmission::new(now, self.timers.t1, self.timers.t2));
                self.clock = Clock::repeating(copy, Deadline::give_up(now + self.timers.patience(), "invite timer H"));
                Step::send(response)
            }
            (State::Accepted, 200..300) => Step::send(response),
            _ => Step::nothing(),
        }
    }

    fn keep(&mut self, response: &[u8]) {
        if !self.reliable {
            keep(&mut self.response, response);
        }
    }

    /// A copy of the INVITE came: the last response goes out again, where the standard wants it.
    pub fn handle_copy(&mut self) -> Step {
        match self.state {
            State::Proceeding | State::Completed => Step::send_if_any(&self.response),
            State::Confirmed | State::Accepted | State::Terminated => Step::nothing(),
        }
    }

    /// An ACK with this transaction's branch came.
    pub fn handle_ack(&mut self, now: Instant) -> Step {
        match self.state {
            State::Completed => {
                forget(&mut self.response);
                let wait = self.timers.wait(self.reliable);
                if wait.is_zero() {
                    self.state = State::Terminated;
                    self.clock = Clock::default();
                    return Step::end(End::Terminated);
                }
                self.state = State::Confirmed;
                self.clock = Clock::waiting(Deadline::forget(now + wait, "invite timer I"));
                Step::nothing()
            }
            State::Accepted => Step::pass(),
            State::Proceeding | State::Confirmed | State::Terminated => Step::nothing(),
        }
    }

    /// Lets timers G, H, I and L fire.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        match self.clock.take_due(now) {
            Due::Nothing => Step::nothing(),
            Due::Copy => Step::send_if_any(&self.response),
            Due::End => {
                let end = if self.state == State::Completed { End::Timeout } else { End::Terminated };
                self.state = State::Terminated;
                Step::end(end)
            }
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.response.len()
    }

    /// The next timer.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.clock.wake("invite timer G")
    }
}

/// Names the state only: a message tells who people are.
impl std::fmt::Debug for InviteServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InviteServer({:?})", self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transaction::start_of_test;

    fn start(reliable: bool) -> (InviteServer, Instant) {
        (InviteServer::new(reliable, Timers::default()), start_of_test().instant)
    }

    fn copies_until_the_end(transaction: &mut InviteServer, start: Instant) -> (Vec<u128>, Option<End>) {
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
    fn a_copy_of_the_invite_is_answered_by_the_latest_provisional_response() {
        let (mut transaction, now) = start(false);
        assert_eq!(transaction.handle_copy(), Step::nothing());
        assert_eq!(transaction.respond(100, b"100".to_vec(), now), Step::send(b"100".to_vec()));
        assert_eq!(transaction.respond(180, b"180".to_vec(), now), Step::send(b"180".to_vec()));
        assert_eq!(transaction.handle_copy(), Step::send(b"180".to_vec()));
        assert_eq!(transaction.next_wake(), None);
    }

    #[test]
    fn a_refusal_over_udp_is_repeated_until_64_t1_without_an_ack() {
        let (mut transaction, now) = start(false);
        transaction.respond(486, b"486".to_vec(), now);
        assert_eq!(transaction.handle_copy(), Step::send(b"486".to_vec()));
        let (copies, end) = copies_until_the_end(&mut transaction, now);
        assert_eq!(copies, [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
        assert_eq!(end, Some(End::Timeout));
    }

    #[test]
    fn an_ack_stops_the_copies_and_later_copies_of_it_are_absorbed_for_t4() {
        let (mut transaction, now) = start(false);
        transaction.respond(486, b"486".to_vec(), now);
        assert_eq!(transaction.handle_ack(now), Step::nothing());
        assert_eq!(transaction.handle_ack(now), Step::nothing());
        assert_eq!(transaction.handle_copy(), Step::nothing());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (Duration::from_secs(5), "invite timer I"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
    }

    #[test]
    fn over_a_reliable_transport_a_refusal_is_sent_once_and_the_ack_ends_it() {
        let (mut transaction, now) = start(true);
        transaction.respond(603, b"603".to_vec(), now);
        assert_eq!(transaction.handle_timeout(now + Duration::from_secs(31)), Step::nothing());
        assert_eq!(transaction.handle_ack(now).end, Some(End::Terminated));
    }

    #[test]
    fn a_2xx_is_repeated_by_the_transaction_user_only_and_copies_of_the_invite_are_absorbed() {
        let (mut transaction, now) = start(false);
        assert_eq!(transaction.respond(200, b"200".to_vec(), now), Step::send(b"200".to_vec()));
        assert_eq!(transaction.handle_copy(), Step::nothing());
        assert_eq!(transaction.respond(200, b"200".to_vec(), now), Step::send(b"200".to_vec()));
        assert_eq!(transaction.respond(486, b"486".to_vec(), now), Step::nothing());
        assert_eq!(transaction.handle_ack(now), Step::pass());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (Duration::from_secs(32), "invite timer L"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
    }
}
