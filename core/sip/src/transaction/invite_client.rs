use std::time::{Duration, Instant};

use cooee_machine::Wake;

use super::clock::{Clock, Due};
use super::step::{Deadline, End, Retransmission, Step};
use super::timers::Timers;

/// The standard lets an INVITE proceed for ever. We let it for as long as something is heard of it: a ringing phone and a
/// proxy say so every minute or three (13.3.1.1, timer C), whoever is silent for so long is gone.
const LONGEST_SILENCE: Duration = Duration::from_secs(600);

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
pub struct InviteClient {
    state: State,
    request: Vec<u8>,
    ack: Option<Vec<u8>>,
    reliable: bool,
    timers: Timers,
    clock: Clock,
}

impl InviteClient {
    /// Starts with a request that has just been sent.
    #[must_use]
    pub fn new(request: Vec<u8>, reliable: bool, timers: Timers, now: Instant) -> Self {
        // Timer A keeps doubling: 64*T1 ends it.
        let copy = (!reliable).then(|| Retransmission::new(now, timers.t1, timers.patience()));
        let clock = Clock::repeating(copy, Deadline::give_up(now + timers.patience(), "invite timer B"));
        Self { state: State::Calling, request, ack: None, reliable, timers, clock }
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.request
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
                self.clock = Clock::waiting(Deadline::forget(now + LONGEST_SILENCE, "invite silence"));
                Step::pass()
            }
            (State::Calling | State::Proceeding, 200..300) => {
                self.state = State::Accepted;
                self.clock = Clock::waiting(Deadline::forget(now + self.timers.patience(), "invite timer M"));
                Step::pass()
            }
            (State::Calling | State::Proceeding, _) => self.complete(ack(&self.request), now),
            (State::Accepted, 200..300) => Step::pass(),
            (State::Completed, 300..) => Step { send: self.ack.clone(), ..Step::nothing() },
            _ => Step::nothing(),
        }
    }

    fn complete(&mut self, ack: Option<Vec<u8>>, now: Instant) -> Step {
        self.ack.clone_from(&ack);
        let wait = self.timers.d(self.reliable);
        let end = if wait.is_zero() {
            self.state = State::Terminated;
            self.clock = Clock::default();
            Some(End::Terminated)
        } else {
            self.state = State::Completed;
            self.clock = Clock::waiting(Deadline::forget(now + wait, "invite timer D"));
            None
        };
        Step { send: ack, pass: true, end }
    }

    /// Lets timers A, B, D and M fire, and gives up on an INVITE of which nothing more is heard.
    pub fn handle_timeout(&mut self, now: Instant) -> Step {
        match self.clock.take_due(now) {
            Due::Nothing => Step::nothing(),
            Due::Copy => Step::send(self.request.clone()),
            Due::End => {
                let unanswered = matches!(self.state, State::Calling | State::Proceeding);
                let end = if unanswered { End::Timeout } else { End::Terminated };
                self.state = State::Terminated;
                Step::end(end)
            }
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.request.len() + self.ack.as_ref().map_or(0, Vec::len)
    }

    /// The next timer.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        self.clock.wake("invite timer A")
    }
}

/// Names the state only: a message tells who people are.
impl std::fmt::Debug for InviteClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InviteClient({:?})", self.state)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::transaction::start_of_test;

    const T1: Duration = Duration::from_millis(500);

    fn start(reliable: bool) -> (InviteClient, Instant) {
        let now = start_of_test().instant;
        (InviteClient::new(b"INVITE".to_vec(), reliable, Timers::default(), now), now)
    }

    fn ack(_: &[u8]) -> Option<Vec<u8>> {
        Some(b"ACK".to_vec())
    }

    /// Every copy's time after the start, in units of T1, until the transaction ends.
    fn run_out(transaction: &mut InviteClient, start: Instant) -> (Vec<u32>, Option<End>) {
        let mut copies = Vec::new();
        while let Some(wake) = transaction.next_wake() {
            let step = transaction.handle_timeout(wake.at);
            if step.send.is_some() {
                copies.push(u32::try_from((wake.at - start).as_millis() / T1.as_millis()).unwrap());
            }
            if step.end.is_some() {
                return (copies, step.end);
            }
        }
        (copies, None)
    }

    #[test]
    fn over_udp_an_unanswered_invite_is_sent_seven_times_and_times_out_after_64_t1() {
        let (mut transaction, now) = start(false);
        assert_eq!(run_out(&mut transaction, now), (vec![1, 3, 7, 15, 31, 63], Some(End::Timeout)));
    }

    #[test]
    fn over_a_reliable_transport_an_unanswered_invite_is_sent_once() {
        let (mut transaction, now) = start(true);
        assert_eq!(run_out(&mut transaction, now), (vec![], Some(End::Timeout)));
    }

    #[test]
    fn a_provisional_response_stops_copies_and_the_time_out() {
        let (mut transaction, now) = start(false);
        assert!(!transaction.is_proceeding());
        assert!(transaction.handle_response(100, ack, now).pass);
        assert!(transaction.is_proceeding());
        let later = now + Duration::from_secs(599);
        assert_eq!(transaction.handle_timeout(later), Step::nothing());
        assert!(transaction.handle_response(180, ack, later).pass);
        assert_eq!(transaction.handle_timeout(later + Duration::from_secs(599)), Step::nothing());
    }

    #[test]
    fn an_invite_of_which_nothing_more_is_heard_times_out_after_ten_minutes() {
        let (mut transaction, now) = start(true);
        transaction.handle_response(180, ack, now);
        assert_eq!(run_out(&mut transaction, now), (vec![], Some(End::Timeout)));
    }

    #[test]
    fn every_copy_of_a_refusal_is_acknowledged_but_passed_up_once() {
        let (mut transaction, now) = start(false);
        let first = transaction.handle_response(486, ack, now);
        assert_eq!(first, Step { send: Some(b"ACK".to_vec()), pass: true, end: None });
        let copy = transaction.handle_response(486, |_| panic!("made twice"), now);
        assert_eq!(copy, Step { send: Some(b"ACK".to_vec()), pass: false, end: None });
        assert_eq!(transaction.handle_response(200, ack, now), Step::nothing());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (Duration::from_secs(32), "invite timer D"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
    }

    #[test]
    fn a_refusal_over_a_reliable_transport_ends_the_transaction_at_once() {
        let (mut transaction, now) = start(true);
        let step = transaction.handle_response(603, ack, now);
        assert_eq!(step, Step { send: Some(b"ACK".to_vec()), pass: true, end: Some(End::Terminated) });
        assert_eq!(transaction.next_wake(), None);
        assert_eq!(transaction.handle_response(603, ack, now), Step::nothing());
    }

    #[test]
    fn every_2xx_is_passed_up_for_64_t1_and_nothing_else_any_more() {
        let (mut transaction, now) = start(true);
        assert_eq!(transaction.handle_response(200, ack, now), Step::pass());
        assert_eq!(transaction.handle_response(200, ack, now), Step::pass());
        assert_eq!(transaction.handle_response(180, ack, now), Step::nothing());
        assert_eq!(transaction.handle_response(486, ack, now), Step::nothing());
        let wake = transaction.next_wake().unwrap();
        assert_eq!((wake.at - now, wake.why), (T1 * 64, "invite timer M"));
        assert_eq!(transaction.handle_timeout(wake.at).end, Some(End::Terminated));
        assert_eq!(transaction.handle_response(200, ack, wake.at), Step::nothing());
    }
}
