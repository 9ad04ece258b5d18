use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use cooee_machine::{CloseReason, Now, PeerIdentity, TlsFailure};

use super::StreamConfig;
use super::effect::{Effect, StreamNotice, TlsRole};
use super::round_trip::RoundTrip;
use super::segment::{Segment, Unit};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    SynSent,
    SynReceived,
    Handshake,
    Open,
    /// The owner has closed; what it wrote is still leaving.
    Closing,
    /// The owner has been told; the peer has not acknowledged everything yet.
    Lingering,
    Dead,
}

#[derive(Debug)]
struct InFlight {
    unit: Unit,
    first_sent: Duration,
    sent_again: bool,
}

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    config: StreamConfig,
    role: TlsRole,
    accepted: bool,
    phase: Phase,
    began: Duration,
    effects: VecDeque<Effect>,
    unsent: VecDeque<Unit>,
    in_flight: BTreeMap<u64, InFlight>,
    next_number: u64,
    repeated_acks: u32,
    /// Numbers below it were under way when a loss showed (RFC 6582).
    recover: u64,
    expected: u64,
    early: BTreeMap<u64, Unit>,
    round_trip: RoundTrip,
    retransmit_at: Option<Duration>,
}

impl Connection {
    /// The end that connects.
    pub(crate) fn connect(config: StreamConfig, role: TlsRole, now: Duration) -> Self {
        let mut this = Self::new(config, role, Phase::SynSent, now);
        this.transmit(Segment::Syn);
        this.retransmit_at = Some(now + this.round_trip.timeout());
        this
    }

    /// The end that accepts, on a SYN.
    pub(crate) fn accept(config: StreamConfig, role: TlsRole, now: Duration) -> Self {
        let mut this = Self::new(config, role, Phase::SynReceived, now);
        this.transmit(Segment::SynAck);
        this.retransmit_at = Some(now + this.round_trip.timeout());
        this
    }

    fn new(config: StreamConfig, role: TlsRole, phase: Phase, began: Duration) -> Self {
        Self {
            config,
            role,
            accepted: phase == Phase::SynReceived,
            phase,
            began,
            effects: VecDeque::new(),
            unsent: VecDeque::new(),
            in_flight: BTreeMap::new(),
            next_number: 0,
            repeated_acks: 0,
            recover: 0,
            expected: 0,
            early: BTreeMap::new(),
            round_trip: RoundTrip::default(),
            retransmit_at: None,
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.phase == Phase::Dead
    }

    pub(crate) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub(crate) fn next_timeout(&self) -> Option<Duration> {
        match self.phase {
            Phase::Dead => None,
            Phase::SynSent | Phase::SynReceived | Phase::Handshake => {
                let deadline = self.began + self.config.connect_timeout;
                Some(self.retransmit_at.map_or(deadline, |at| at.min(deadline)))
            }
            _ => self.retransmit_at,
        }
    }

    /// The owner writes. Nothing happens unless the connection is open.
    pub(crate) fn write(&mut self, payload: &[u8], now: Duration) {
        if self.phase != Phase::Open {
            return;
        }
        self.unsent.extend(payload.chunks(self.config.segment_size).map(|chunk| Unit::Bytes(chunk.to_vec())));
        let waiting: usize = self.unsent.iter().chain(self.in_flight.values().map(|sent| &sent.unit)).map(Unit::size).sum();
        if waiting >= self.config.overflow_at {
            self.abort(CloseReason::Overflow);
            return;
        }
        if waiting >= self.config.blocked_from {
            self.notify(StreamNotice::Blocked);
        }
        self.pump(now);
    }

    /// The owner closes, once what it wrote has left.
    pub(crate) fn close(&mut self, now: Duration) {
        match self.phase {
            Phase::Open => {
                self.phase = Phase::Closing;
                self.unsent.push_back(Unit::Fin);
                self.pump(now);
            }
            Phase::SynSent | Phase::SynReceived | Phase::Handshake => self.abort(CloseReason::ByUs),
            Phase::Closing | Phase::Lingering | Phase::Dead => {}
        }
    }

    /// The host resets the connection: its process has ended.
    pub(crate) fn reset(&mut self) {
        self.transmit(Segment::Rst);
        self.phase = Phase::Dead;
    }

    /// The network under the connection has gone: it ends here, and the peer hears nothing.
    pub(crate) fn lose_network(&mut self, why: &str) {
        self.end(CloseReason::Network(why.to_owned()));
    }

    pub(crate) fn handle_segment(&mut self, segment: Segment, now: Now, elapsed: Duration) {
        match segment {
            Segment::Syn => {
                if self.phase == Phase::SynReceived {
                    self.transmit(Segment::SynAck);
                }
            }
            Segment::SynAck => {
                self.transmit(Segment::Ack { next: self.expected });
                if self.phase == Phase::SynSent {
                    self.established(elapsed);
                }
            }
            Segment::Rst => match self.phase {
                Phase::SynSent => self.end(CloseReason::Refused),
                Phase::SynReceived => self.phase = Phase::Dead,
                _ => self.end(CloseReason::Network("connection reset by peer".to_owned())),
            },
            Segment::Ack { next } => {
                self.if_accepting_established(elapsed);
                self.acknowledged(next, elapsed);
            }
            Segment::Data { number, unit } => {
                self.if_accepting_established(elapsed);
                self.arrived(number, unit, now, elapsed);
            }
        }
    }

    pub(crate) fn handle_timeout(&mut self, elapsed: Duration) {
        let opening = matches!(self.phase, Phase::SynSent | Phase::SynReceived | Phase::Handshake);
        if opening && elapsed >= self.began + self.config.connect_timeout {
            self.abort(CloseReason::Timeout);
            return;
        }
        if self.retransmit_at.is_none_or(|at| elapsed < at) {
            return;
        }
        if self.in_flight.values().next().is_some_and(|sent| elapsed >= sent.first_sent + self.config.user_timeout) {
            self.end(CloseReason::Network("connection timed out".to_owned()));
            return;
        }
        self.round_trip.back_off();
        match self.phase {
            Phase::SynSent => self.transmit(Segment::Syn),
            Phase::SynReceived => self.transmit(Segment::SynAck),
            _ => {
                self.recover = self.next_number;
                self.retransmit_first();
            }
        }
        self.retransmit_at = Some(elapsed + self.round_trip.timeout());
    }

    fn established(&mut self, now: Duration) {
        self.retransmit_at = None;
        self.round_trip.advance();
        match &self.role {
            TlsRole::Plain => {
                self.phase = Phase::Open;
                self.notify(StreamNotice::Opened(PeerIdentity::default()));
            }
            TlsRole::Client(domain, _) => {
                self.unsent.push_back(Unit::ClientHello(domain.clone()));
                self.phase = Phase::Handshake;
                self.pump(now);
            }
            TlsRole::Server(_) => self.phase = Phase::Handshake,
        }
    }

    fn if_accepting_established(&mut self, now: Duration) {
        if self.phase == Phase::SynReceived {
            self.established(now);
        }
    }

    fn arrived(&mut self, number: u64, unit: Unit, now: Now, elapsed: Duration) {
        if self.phase == Phase::SynSent || self.phase == Phase::Dead {
            return;
        }
        if number >= self.expected && number < self.expected + 4 * self.config.window as u64 {
            self.early.insert(number, unit);
        }
        let mut read = VecDeque::new();
        while let Some(unit) = self.early.remove(&self.expected) {
            self.expected += 1;
            read.push_back(unit);
        }
        self.transmit(Segment::Ack { next: self.expected });
        while let Some(unit) = read.pop_front() {
            self.read(unit, now, elapsed);
        }
    }

    fn read(&mut self, unit: Unit, now: Now, elapsed: Duration) {
        match (self.phase, unit) {
            (Phase::Handshake, unit) => self.shake_hands(unit, now, elapsed),
            (Phase::Open, Unit::Bytes(bytes)) => self.notify(StreamNotice::Bytes(bytes)),
            // A plain listener reads a TLS greeting as the octets it is made of.
            (Phase::Open, Unit::ClientHello(_)) => self.notify(StreamNotice::Bytes(vec![22, 3, 1, 1, 0x2C, 1, 0, 1, 0x28, 3, 3])),
            (Phase::Open, Unit::Alert) => self.end(CloseReason::Tls(TlsFailure::Other("alert received".to_owned()))),
            (Phase::Open | Phase::Closing, Unit::Fin) => self.end(CloseReason::ByPeer),
            (Phase::Lingering, Unit::Fin) => self.phase = Phase::Dead,
            _ => {}
        }
    }

    /// TLS 1.3: one round trip more, the client judges.
    fn shake_hands(&mut self, unit: Unit, now: Now, elapsed: Duration) {
        match (&self.role, unit) {
            (TlsRole::Client(domain, trust), Unit::ServerHello(certificate)) => {
                match trust.verify(&certificate, domain, now.unix) {
                    Ok(peer) => {
                        self.unsent.push_back(Unit::Finished);
                        self.phase = Phase::Open;
                        self.notify(StreamNotice::Opened(peer));
                    }
                    Err(failure) => {
                        self.unsent.push_back(Unit::Alert);
                        self.unsent.push_back(Unit::Fin);
                        self.notify(StreamNotice::Closed(CloseReason::Tls(failure)));
                        self.phase = Phase::Lingering;
                    }
                }
                self.pump(elapsed);
            }
            (TlsRole::Client(..), Unit::Fin) => self.end(CloseReason::Tls(TlsFailure::Other("closed in the handshake".to_owned()))),
            (TlsRole::Client(..), _) => self.abort(CloseReason::Tls(TlsFailure::Other("not a TLS server".to_owned()))),
            (TlsRole::Server(Some(certificate)), Unit::ClientHello(_)) => {
                self.unsent.push_back(Unit::ServerHello(certificate.clone()));
                self.pump(elapsed);
            }
            (TlsRole::Server(_), Unit::Finished) => {
                self.phase = Phase::Open;
                self.notify(StreamNotice::Opened(PeerIdentity::default()));
            }
            // Never opened, so its owner never hears of it.
            _ => self.reset(),
        }
    }

    fn acknowledged(&mut self, next: u64, now: Duration) {
        let Some(newest) = self.in_flight.range(..next).next_back().map(|(_, sent)| sent.first_sent) else {
            self.repeat_acknowledged(now);
            return;
        };
        // Karn's rule, for everything this acknowledges: what waited behind a retransmission tells nothing about the path.
        let sent_again = self.in_flight.range(..next).any(|(_, sent)| sent.sent_again);
        self.in_flight = self.in_flight.split_off(&next);
        self.repeated_acks = 0;
        self.round_trip.advance();
        if !sent_again {
            self.round_trip.measure(now.saturating_sub(newest));
        }
        if next < self.recover {
            self.retransmit_first();
        }
        self.retransmit_at = (!self.in_flight.is_empty()).then(|| now + self.round_trip.timeout());
        self.pump(now);
        if self.phase == Phase::Lingering && self.in_flight.is_empty() && self.unsent.is_empty() {
            self.phase = Phase::Dead;
        }
    }

    /// Fast retransmit (RFC 5681 3.2): the third acknowledgement of the same says that the next was lost.
    fn repeat_acknowledged(&mut self, now: Duration) {
        if self.in_flight.is_empty() {
            return;
        }
        self.repeated_acks += 1;
        if self.repeated_acks == 3 {
            self.recover = self.next_number;
            self.retransmit_first();
            self.retransmit_at = Some(now + self.round_trip.timeout());
        }
    }

    fn retransmit_first(&mut self) {
        if let Some((&number, sent)) = self.in_flight.iter_mut().next() {
            sent.sent_again = true;
            let unit = sent.unit.clone();
            self.transmit(Segment::Data { number, unit });
        }
    }

    /// Sends what the window allows.
    fn pump(&mut self, now: Duration) {
        while self.in_flight.len() < self.config.window {
            let Some(unit) = self.unsent.pop_front() else { return };
            let last = unit == Unit::Fin;
            let number = self.next_number;
            self.next_number += 1;
            self.transmit(Segment::Data { number, unit: unit.clone() });
            self.in_flight.insert(number, InFlight { unit, first_sent: now, sent_again: false });
            let rto = self.round_trip.timeout();
            self.retransmit_at.get_or_insert(now + rto);
            if last && self.phase == Phase::Closing {
                self.phase = Phase::Lingering;
                self.notify(StreamNotice::Closed(CloseReason::ByUs));
            }
        }
    }

    /// Ends at once, and tells the peer so.
    fn abort(&mut self, why: CloseReason) {
        if self.phase != Phase::SynSent {
            self.transmit(Segment::Rst);
        }
        self.end(why);
    }

    /// Ends at once; the owner is told if it has not been.
    fn end(&mut self, why: CloseReason) {
        let unheard_of = self.accepted && matches!(self.phase, Phase::SynReceived | Phase::Handshake);
        if !unheard_of && !matches!(self.phase, Phase::Lingering | Phase::Dead) {
            self.notify(StreamNotice::Closed(why));
        }
        self.phase = Phase::Dead;
    }

    fn transmit(&mut self, segment: Segment) {
        self.effects.push_back(Effect::Transmit(segment));
    }

    fn notify(&mut self, notice: StreamNotice) {
        self.effects.push_back(Effect::Notify(notice));
    }
}
