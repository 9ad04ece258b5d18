use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Transport, Wake};

use super::KeepAliveTimes;
use super::stun;

/// First retransmission of a binding request (RFC 5389 7.2.1); it doubles.
const STUN_RTO: Duration = Duration::from_millis(500);
/// A server that asks for more pings than this gets no more than this.
const SHORTEST: Duration = Duration::from_secs(10);

/// Keeps a flow and the NAT bindings below it alive, and finds out when it is dead (RFC 5626 4.4).
///
/// Over a stream: a double CRLF, answered by a single one. Over UDP: a STUN binding request where the server has promised to
/// answer, else a CRLF that only holds the NAT open.
pub(super) struct KeepAlive {
    times: KeepAliveTimes,
    entropy: Entropy,
    transport: Option<Transport>,
    /// RFC 5626 is in force: silence means that the flow is dead.
    promised: bool,
    /// The server has answered a ping on this flow: it will again.
    answered: bool,
    flow_timer: Option<Duration>,
    next: Option<Wake>,
    pending: Option<Pending>,
    mapped: Option<SocketAddr>,
}

/// A ping on its way.
struct Pending {
    until: Instant,
    stun: Option<(stun::TransactionId, Instant, Duration)>,
}

/// What is to be done to the flow.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Send(Vec<u8>),
    /// No answer, or the NAT has given us another address: the flow is dead.
    Failed,
}

impl KeepAlive {
    pub(super) fn new(times: KeepAliveTimes, entropy: Entropy) -> Self {
        Self {
            times,
            entropy,
            transport: None,
            promised: false,
            answered: false,
            flow_timer: None,
            next: None,
            pending: None,
            mapped: None,
        }
    }

    pub(super) fn flow_opened(&mut self, transport: Transport, now: Now) {
        self.flow_closed();
        self.transport = Some(transport);
        self.schedule(now);
    }

    pub(super) fn flow_closed(&mut self) {
        (self.transport, self.next, self.pending, self.mapped) = (None, None, None, None);
        (self.promised, self.answered, self.flow_timer) = (false, false, None);
    }

    /// A registration succeeded: `outbound` as its `Require` says, `flow_timer` in seconds.
    pub(super) fn registered(&mut self, outbound: bool, flow_timer: Option<u32>, now: Now) {
        self.promised = outbound || flow_timer.is_some();
        let asked = flow_timer.map(|seconds| Duration::from_secs(u64::from(seconds)));
        if asked != self.flow_timer {
            self.flow_timer = asked;
            self.schedule(now);
        }
        // What the NAT maps us to is learned at once: the server answers to where this registration came from, so a mapping that
        // changes before the first ping would else go unnoticed.
        if self.promised && self.transport == Some(Transport::Udp) && self.mapped.is_none() {
            self.next = Some(Wake::at(now.instant, "keep-alive"));
        }
    }

    /// The next ping after 80 to 92 % of the interval, and the rest of it is slack, so that it can share a wake-up.
    fn schedule(&mut self, now: Now) {
        let usual = match self.transport {
            Some(Transport::Udp) => self.times.datagram,
            Some(Transport::Tcp | Transport::Tls) => self.times.stream,
            None => return,
        };
        let interval = self.flow_timer.map_or(usual, |asked| asked.max(SHORTEST).min(usual));
        let milliseconds = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        let wait = Duration::from_millis(milliseconds / 5 * 4 + self.entropy.below(milliseconds / 8));
        let slack = interval.saturating_sub(wait);
        self.next = Some(Wake::at(now.instant + wait, "keep-alive").with_slack(slack));
    }

    pub(super) fn handle_timeout(&mut self, now: Now) -> Option<Beat> {
        if let Some(pending) = self.pending.as_mut() {
            if pending.until <= now.instant {
                self.pending = None;
                return Some(Beat::Failed);
            }
            if let Some((id, at, interval)) = pending.stun.as_mut().filter(|(_, at, _)| *at <= now.instant) {
                *interval *= 2;
                *at = now.instant + *interval;
                return Some(Beat::Send(stun::binding_request(*id)));
            }
        }
        if !self.next?.is_due(now) {
            return None;
        }
        self.schedule(now);
        Some(Beat::Send(self.ping(self.times.pong, now)))
    }

    /// Asks at once whether the other end is there, whenever the next ping is due; all flows that are asked at one moment stay in step.
    /// `None` where nobody has promised to answer, or an answer is waited for already.
    pub(super) fn check(&mut self, now: Now) -> Option<Beat> {
        if self.transport.is_none() || self.is_waiting() || !self.is_answered() {
            return None;
        }
        self.schedule(now);
        Some(Beat::Send(self.ping(self.times.hasty_pong, now)))
    }

    /// A pong is to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    /// Who is pinged answers, or is gone.
    pub(super) fn is_answered(&self) -> bool {
        self.promised || self.answered && self.transport != Some(Transport::Udp)
    }

    fn ping(&mut self, patience: Duration, now: Now) -> Vec<u8> {
        let until = now.instant + patience;
        if !self.is_answered() {
            return b"\r\n\r\n".to_vec();
        }
        if self.transport != Some(Transport::Udp) {
            self.pending = Some(Pending { until, stun: None });
            return b"\r\n\r\n".to_vec();
        }
        let mut id = stun::TransactionId::default();
        self.entropy.fill(&mut id);
        self.pending = Some(Pending { until, stun: Some((id, now.instant + STUN_RTO, STUN_RTO)) });
        stun::binding_request(id)
    }

    /// The stream's peer sent a CRLF.
    pub(super) fn handle_pong(&mut self) {
        self.answered = true;
        self.pending = None;
    }

    /// The stream's peer sent a double CRLF: a ping, or two pongs.
    pub(super) fn handle_ping(&mut self) {
        self.pending = None;
    }

    /// A STUN datagram came.
    pub(super) fn handle_stun(&mut self, datagram: &[u8]) -> Option<Beat> {
        let (id, mapped) = stun::binding_success(datagram)?;
        let (expected, ..) = self.pending.as_ref()?.stun?;
        if expected != id {
            return None;
        }
        self.pending = None;
        let moved = matches!((self.mapped, mapped), (Some(before), Some(after)) if before != after);
        self.mapped = mapped.or(self.mapped);
        moved.then_some(Beat::Failed)
    }

    /// When the flow needs its next ping.
    pub(super) fn next_ping(&self) -> Option<Wake> {
        self.next
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        let pending = self.pending.as_ref();
        let copy = pending.and_then(|pending| pending.stun).map(|(_, at, _)| Wake::at(at, "stun retransmission"));
        let until = pending.map(|pending| Wake::at(pending.until, "wait for a pong"));
        Wake::earlier(self.next, Wake::earlier(copy, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::start_of_test;

    fn keep_alive(transport: Transport) -> (KeepAlive, Now) {
        let now = start_of_test();
        let mut keep_alive = KeepAlive::new(KeepAliveTimes::default(), Entropy::for_test(1));
        keep_alive.flow_opened(transport, now);
        (keep_alive, now)
    }

    fn next(keep_alive: &mut KeepAlive, now: &mut Now) -> Option<Beat> {
        let wake = keep_alive.next_wake().unwrap();
        let later = wake.at + wake.slack;
        *now = now.after(later - now.instant);
        keep_alive.handle_timeout(*now)
    }

    #[test]
    fn a_stream_is_pinged_every_95_to_120_seconds_as_late_as_that_may_be() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Tls);
        for _ in 0..50 {
            let before = now;
            let wake = keep_alive.next_wake().unwrap();
            assert!(wake.at - before.instant >= Duration::from_secs(95));
            assert_eq!(next(&mut keep_alive, &mut now), Some(Beat::Send(b"\r\n\r\n".to_vec())));
            assert_eq!(now.instant - before.instant, Duration::from_secs(120));
        }
    }

    #[test]
    fn a_server_that_never_promised_a_pong_is_not_blamed_for_silence() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Tls);
        for _ in 0..5 {
            assert!(matches!(next(&mut keep_alive, &mut now), Some(Beat::Send(_))));
        }
    }

    #[test]
    fn a_missing_pong_that_was_promised_fails_the_flow_after_ten_seconds() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Tls);
        keep_alive.registered(true, None, now);
        assert!(matches!(next(&mut keep_alive, &mut now), Some(Beat::Send(_))));
        keep_alive.handle_pong();
        assert!(matches!(next(&mut keep_alive, &mut now), Some(Beat::Send(_))));
        let sent = now;
        assert_eq!(next(&mut keep_alive, &mut now), Some(Beat::Failed));
        assert_eq!(now.instant - sent.instant, Duration::from_secs(10));
    }

    #[test]
    fn a_flow_timer_shortens_the_interval_but_not_below_ten_seconds() {
        let (mut keep_alive, now) = keep_alive(Transport::Tcp);
        keep_alive.registered(true, Some(30), now);
        let wake = keep_alive.next_wake().unwrap();
        assert!(wake.at + wake.slack <= now.instant + Duration::from_secs(30));
        keep_alive.registered(true, Some(0), now);
        assert!(keep_alive.next_wake().unwrap().at >= now.instant + Duration::from_secs(8));
        keep_alive.registered(true, Some(u32::MAX), now);
        let wake = keep_alive.next_wake().unwrap();
        assert!(wake.at + wake.slack <= now.instant + Duration::from_secs(120));
    }

    #[test]
    fn udp_is_kept_open_by_crlf_until_the_server_promises_stun() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Udp);
        assert_eq!(next(&mut keep_alive, &mut now), Some(Beat::Send(b"\r\n\r\n".to_vec())));
        keep_alive.registered(true, None, now);
        let Some(Beat::Send(request)) = next(&mut keep_alive, &mut now) else { panic!("no ping") };
        assert!(stun::is_stun(&request));
        let copy = next(&mut keep_alive, &mut now);
        assert_eq!(copy, Some(Beat::Send(request)));
    }

    #[test]
    fn over_udp_the_first_binding_request_follows_the_registration_at_once() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Udp);
        keep_alive.registered(true, None, now);
        let registered = now;
        assert!(matches!(next(&mut keep_alive, &mut now), Some(Beat::Send(request)) if stun::is_stun(&request)));
        assert_eq!(now.instant, registered.instant);
    }

    #[test]
    fn a_check_asks_at_once_waits_five_seconds_and_puts_the_next_ping_off() {
        for transport in [Transport::Tls, Transport::Udp] {
            let (mut keep_alive, mut now) = keep_alive(transport);
            assert_eq!(keep_alive.check(now), None, "nobody has promised to answer");
            keep_alive.registered(true, None, now);
            if transport == Transport::Udp {
                let Some(Beat::Send(request)) = next(&mut keep_alive, &mut now) else { panic!("no ping") };
                keep_alive.handle_stun(&success(&request, 1));
            }
            now = now.after(Duration::from_secs(20));
            assert!(matches!(keep_alive.check(now), Some(Beat::Send(_))));
            assert!(keep_alive.next_ping().unwrap().at >= now.instant + Duration::from_secs(23));
            assert_eq!(keep_alive.check(now), None, "one question at a time");
            let late = now.after(Duration::from_secs(5));
            assert_eq!(keep_alive.handle_timeout(late), Some(Beat::Failed));
        }
    }

    fn success(request: &[u8], port: u8) -> Vec<u8> {
        let attribute = [0, 0x20, 0, 8, 0, 1, 0x21, 0x12 ^ port, 0xe1, 0x12, 0xa6, 0x43];
        [&[1, 1, 0, 12], &request[4..20], &attribute[..]].concat()
    }

    #[test]
    fn an_unanswered_or_moved_stun_binding_fails_the_flow_and_a_steady_one_does_not() {
        let (mut keep_alive, mut now) = keep_alive(Transport::Udp);
        keep_alive.registered(true, None, now);
        for port in [1, 1, 2] {
            let Some(Beat::Send(request)) = next(&mut keep_alive, &mut now) else { panic!("no ping") };
            assert_eq!(keep_alive.handle_stun(&success(&[0; 20], port)), None);
            let verdict = keep_alive.handle_stun(&success(&request, port));
            assert_eq!(verdict, (port == 2).then_some(Beat::Failed));
        }
        let mut copies = 0;
        while next(&mut keep_alive, &mut now) != Some(Beat::Failed) {
            copies += 1;
            assert!(copies < 10);
        }
        assert_eq!(copies, 5, "one request, copies after 0.5, 1.5, 3.5 and 7.5 s");
    }
}
