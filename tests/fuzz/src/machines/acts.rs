use cooee_machine::{Action, CloseReason, Machine, OpenStream, SocketId, StreamId, StreamOrigin, TlsFailure};
use cooee_phone::Output;
use cooee_server::{ServerOutput, StoreAnswer, StoreFailure, StoreReply, StoreRequest};

use super::mail::{Mail, Whom};
use super::names;
use super::world::{SERVER_TLS, SERVER_UDP, Victim, Wire, World, number};
use crate::mutate::pick;

/// What the machines ask for is done, and counted.
impl World {
    pub(super) fn drain_server(&mut self, given: usize) {
        let (mut outputs, mut octets) = (0, 0);
        loop {
            match self.server.poll_output() {
                ServerOutput::Io(action) => {
                    octets += written(&action);
                    self.server_acts(action);
                }
                ServerOutput::Store(request) => self.stores(request),
                ServerOutput::Log(_) => {}
                ServerOutput::Wake(wake) => {
                    self.server_wake = wake;
                    break;
                }
            }
            outputs += 1;
        }
        self.server_watch.step(given, outputs, octets);
    }

    fn server_acts(&mut self, action: Action) {
        match action {
            Action::Bind { socket, local } => self.post(Whom::Server, Mail::Bound(socket, Ok(local)), 0),
            Action::Write { stream, payload } => {
                let wire = self.wires.iter().find(|wire| wire.server == stream);
                if let Some((place, stream)) = wire.and_then(|wire| wire.phone) {
                    self.post_bytes(Whom::Phone(place), stream, payload);
                }
            }
            Action::Send { remote, payload, .. } => {
                if remote == self.seats[1].address {
                    self.post_datagram(Whom::Phone(1), SocketId(0), (remote, SERVER_UDP), payload);
                }
            }
            Action::Close(stream) => self.end(stream, CloseReason::ByUs, CloseReason::ByPeer),
            Action::BindToward { .. } | Action::Unbind(_) | Action::Open { .. } | Action::Resolve { .. } => {}
        }
    }

    /// Each request has one reply, sooner or later, right or wrong.
    fn stores(&mut self, request: StoreRequest) {
        let strikes = self.victim == Victim::Server && !self.is_dead && self.tamper.strikes(&mut self.entropy);
        let ticket = request.ticket;
        let honest = self.store.perform(request);
        let reply = match self.entropy.below(4) {
            _ if !strikes => honest,
            0 => StoreReply {
                ticket,
                outcome: Err(pick(&[StoreFailure::Busy, StoreFailure::Full, StoreFailure::Gone], &mut self.entropy).clone()),
            },
            1 => StoreReply { ticket, outcome: Ok(StoreAnswer::Done) },
            2 => StoreReply { ticket, outcome: Ok(StoreAnswer::Bindings(None)) },
            _ => StoreReply { ticket, outcome: Ok(StoreAnswer::Verifier(None)) },
        };
        let delay = if strikes { *pick(&[0, 100, 40_000], &mut self.entropy) } else { 1 };
        self.post(Whom::Server, Mail::Stored(reply), delay);
    }

    pub(super) fn drain_phone(&mut self, place: usize, given: usize) {
        let (mut outputs, mut octets) = (0, 0);
        loop {
            match self.seats[place].phone.poll_output() {
                Output::Io(action) => {
                    octets += written(&action);
                    self.phone_acts(place, action);
                }
                Output::Media(request) => {
                    let strikes = self.victim == Victim::Phones && self.tamper.strikes(&mut self.entropy);
                    let call = request.call();
                    for event in self.seats[place].media(number(place), &request, strikes, &mut self.entropy) {
                        self.post(Whom::Phone(place), Mail::Media(call, event), 2);
                    }
                }
                Output::Event(event) => self.seats[place].hears(&event),
                Output::ShutDown => self.seats[place].is_shut_down = true,
                Output::Wake(wake) => {
                    self.seats[place].wake = wake;
                    break;
                }
                _ => {}
            }
            outputs += 1;
        }
        self.seats[place].watch.step(given, outputs, octets);
    }

    fn phone_acts(&mut self, place: usize, action: Action) {
        let whom = Whom::Phone(place);
        let strikes = self.victim == Victim::Phones && self.tamper.strikes(&mut self.entropy);
        match action {
            Action::Open { stream, target } => self.phone_opens(place, stream, &target, strikes),
            Action::Write { stream, payload } => {
                if let Some(wire) = self.wires.iter().find(|wire| wire.phone == Some((place, stream))) {
                    self.post_bytes(Whom::Server, wire.server, payload);
                }
            }
            Action::Close(stream) => match self.wires.iter().find(|wire| wire.phone == Some((place, stream))).map(|wire| wire.server) {
                Some(server) => self.end(server, CloseReason::ByPeer, CloseReason::ByUs),
                None => self.post(whom, Mail::Closed(stream, CloseReason::ByUs), 1),
            },
            Action::Resolve { id, question } => {
                let resolution = if strikes { names::spoiled(&question, &mut self.entropy) } else { names::honest(&question) };
                let failed = cooee_machine::Resolution::Failed(cooee_machine::ResolveFailure::Timeout);
                let (resolution, delay) = if self.is_dead { (failed, 5_000) } else { (resolution, 5) };
                self.post(whom, Mail::Resolved(id, resolution), delay);
            }
            Action::Bind { socket, .. } | Action::BindToward { socket, .. } if strikes => {
                self.post(whom, Mail::Bound(socket, Err("taken".to_owned())), 0);
            }
            Action::Bind { socket, .. } | Action::BindToward { socket, .. } => {
                self.post(whom, Mail::Bound(socket, Ok(self.seats[place].address)), 0);
            }
            Action::Send { remote, payload, .. } => {
                if remote == SERVER_UDP {
                    self.post_datagram(Whom::Server, SocketId(0), (remote, self.seats[place].address), payload);
                }
            }
            Action::Unbind(_) => {}
        }
    }

    fn phone_opens(&mut self, place: usize, stream: StreamId, target: &OpenStream, strikes: bool) {
        let whom = Whom::Phone(place);
        if strikes || self.is_dead || target.remote != SERVER_TLS {
            let reasons = [CloseReason::Refused, CloseReason::Timeout, CloseReason::Tls(TlsFailure::Expired), CloseReason::ByPeer];
            let reason = pick(&reasons, &mut self.entropy).clone();
            let (reason, delay) = if self.is_dead { (CloseReason::Timeout, 6_000) } else { (reason, 20) };
            return self.post(whom, Mail::Closed(stream, reason), delay);
        }
        let server = self.stream();
        self.wires.push(Wire { phone: Some((place, stream)), server });
        let local = self.seats[place].address;
        self.accept(server, local);
        self.post(whom, Mail::Opened { stream, local, remote: target.remote, origin: StreamOrigin::Opened }, 1);
    }
}

fn written(action: &Action) -> usize {
    match action {
        Action::Write { payload, .. } | Action::Send { payload, .. } => payload.len(),
        _ => 0,
    }
}
