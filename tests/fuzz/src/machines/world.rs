use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Add;
use std::time::{Duration, Instant};

use cooee_machine::{CloseReason, Entropy, Machine, Now, SocketId, StreamId, StreamOrigin, Transport, Wake};
use cooee_phone::Command;
use cooee_server::{MemoryStore, Server, ServerConfig};

use super::mail::{Mail, Whom};
use super::seat::{Seat, Tally};
use super::tamper::{Tamper, torn};
use super::watch::{QUIET, Watch};

/// Whose mail is tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    Server,
    Phones,
}

/// Both ends of a connection; a stranger has no phone.
#[derive(Clone, Copy)]
pub(super) struct Wire {
    pub(super) phone: Option<(usize, StreamId)>,
    pub(super) server: StreamId,
}

pub(super) struct World {
    pub(super) victim: Victim,
    pub(super) now: Now,
    pub(super) entropy: Entropy,
    pub(super) tamper: Tamper,
    pub(super) server: Server,
    pub(super) server_watch: Watch,
    pub(super) server_wake: Option<Wake>,
    pub(super) store: MemoryStore,
    pub(super) seats: Vec<Seat>,
    pub(super) wires: Vec<Wire>,
    pub(super) mail: BTreeMap<(Instant, u64), (Whom, Mail)>,
    pub(super) sent: u64,
    pub(super) next_stream: u64,
    pub(super) epoch: u64,
    /// Nothing arrives any more, and what is asked fails in time.
    pub(super) is_dead: bool,
}

pub(super) const SERVER_TLS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 5061);
pub(super) const SERVER_UDP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 5060);
const PEOPLE: [(&str, Transport); 3] = [("anna", Transport::Tls), ("ben", Transport::Udp), ("ben", Transport::Tls)];

impl World {
    pub(super) fn new(victim: Victim, store: MemoryStore, corpus: &[Vec<u8>], mut entropy: Entropy) -> Self {
        // A machine only ever sees differences.
        let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
        let seats = (0..3).map(|place| Seat::new(place, entropy.fork(), now)).collect();
        let mut world = Self {
            victim,
            now,
            tamper: Tamper::new(corpus, &mut entropy),
            server: server(1, entropy.fork()),
            server_watch: Watch::new("server", now),
            server_wake: None,
            store,
            seats,
            wires: Vec::new(),
            mail: BTreeMap::new(),
            sent: 0,
            next_stream: 1,
            epoch: 1,
            is_dead: false,
            entropy,
        };
        world.drain_server(0);
        for (place, (user, transport)) in PEOPLE.into_iter().enumerate() {
            world.command(place, Seat::account(number(place), user, transport));
        }
        world.pass(Duration::from_secs(2));
        world
    }

    pub(super) fn command(&mut self, place: usize, command: Command) {
        self.seats[place].phone.handle_command(command, self.now);
        self.drain_phone(place, 0);
    }

    pub(super) fn accept(&mut self, stream: StreamId, remote: SocketAddr) {
        let origin = StreamOrigin::Accepted(Transport::Tls);
        self.post(Whom::Server, Mail::Opened { stream, local: SERVER_TLS, remote, origin }, 1);
    }

    pub(super) fn end(&mut self, server: StreamId, for_server: CloseReason, for_phone: CloseReason) {
        let Some(index) = self.wires.iter().position(|wire| wire.server == server) else { return };
        let wire = self.wires.swap_remove(index);
        self.post(Whom::Server, Mail::Closed(wire.server, for_server), 5);
        if let Some((place, stream)) = wire.phone {
            self.post(Whom::Phone(place), Mail::Closed(stream, for_phone), 5);
        }
    }

    pub(super) fn stream(&mut self) -> StreamId {
        self.next_stream += 2;
        StreamId(self.next_stream)
    }

    /// On its way for up to `most` milliseconds; connections keep their order by the network's own patience.
    pub(super) fn post(&mut self, whom: Whom, mail: Mail, most: u64) {
        let delay = Duration::from_millis(most);
        self.sent += 1;
        self.mail.insert((self.now.instant + delay, self.sent), (whom, mail));
    }

    pub(super) fn is_victim(&self, whom: Whom) -> bool {
        (whom == Whom::Server) == (self.victim == Victim::Server)
    }

    pub(super) fn post_bytes(&mut self, whom: Whom, stream: StreamId, octets: Vec<u8>) {
        if self.is_dead {
            return;
        }
        let is_victim = self.is_victim(whom);
        for octets in self.tamper.deliver(octets, is_victim, &mut self.entropy) {
            for piece in torn(octets, &mut self.entropy) {
                self.post(whom, Mail::Bytes(stream, piece), 5);
            }
        }
        if is_victim && self.entropy.below(50) == 0 {
            self.post(whom, Mail::Blocked(stream), 5);
        }
    }

    pub(super) fn post_datagram(&mut self, whom: Whom, socket: SocketId, ends: (SocketAddr, SocketAddr), octets: Vec<u8>) {
        if self.is_dead || self.entropy.below(20) == 0 {
            return;
        }
        let is_victim = self.is_victim(whom);
        for payload in self.tamper.deliver(octets, is_victim, &mut self.entropy) {
            let delay = 5 + self.entropy.below(10);
            self.post(whom, Mail::Datagram { socket, local: ends.0, remote: ends.1, payload }, delay);
        }
    }

    /// Lets time go by: mail arrives and timers fire, in order.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.instant + time;
        loop {
            let mail = self.mail.first_key_value().map(|((at, _), _)| *at);
            let seats = self.seats.iter().filter_map(|seat| seat.wake).map(|wake| wake.at + wake.slack).min();
            let server = self.server_wake.map(|wake| wake.at + wake.slack);
            let Some(next) = [mail, seats, server].into_iter().flatten().min().filter(|at| *at <= end) else { break };
            self.now = self.now.after(next.saturating_duration_since(self.now.instant));
            if mail.is_some_and(|at| at <= next)
                && let Some((_, (whom, mail))) = self.mail.pop_first()
            {
                self.deliver(whom, &mail);
            }
            self.wake();
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    fn wake(&mut self) {
        if self.server_wake.is_some_and(|wake| wake.at + wake.slack <= self.now.instant) {
            self.deliver(Whom::Server, &Mail::Timeout);
            self.server_watch.woken(self.server_wake, self.now);
        }
        for place in 0..self.seats.len() {
            if self.seats[place].wake.is_some_and(|wake| wake.at + wake.slack <= self.now.instant) {
                self.deliver(Whom::Phone(place), &Mail::Timeout);
                let seat = &mut self.seats[place];
                seat.watch.woken(seat.wake, self.now);
            }
        }
    }

    fn deliver(&mut self, whom: Whom, mail: &Mail) {
        match whom {
            Whom::Server => {
                let Some(input) = mail.for_server() else { return };
                self.server.handle_input(input, self.now);
                self.drain_server(mail.octets());
            }
            Whom::Phone(place) => {
                let Some(input) = mail.for_phone() else { return };
                self.seats[place].phone.handle_input(input, self.now);
                self.drain_phone(place, mail.octets());
            }
        }
    }

    /// The network dies; in the end nothing is left of what was, and the phones shut down.
    pub(super) fn finish(mut self) -> Tally {
        self.is_dead = true;
        // What is on its way still arrives; connections end by time-outs of the system.
        self.pass(Duration::from_secs(60));
        while let Some(wire) = self.wires.first().copied() {
            self.end(wire.server, CloseReason::Timeout, CloseReason::Timeout);
        }
        let now = self.now;
        self.server_watch.quiet_begins(now);
        self.seats.iter_mut().for_each(|seat| seat.watch.quiet_begins(now));
        self.pass(QUIET);
        self.server_watch.quiet_ends(self.now);
        self.seats.iter().for_each(|seat| seat.watch.quiet_ends(self.now));
        assert_eq!((self.server.requests(), self.server.connections()), (0, 0), "nothing is left in the server");
        for place in 0..self.seats.len() {
            self.command(place, Command::Shutdown);
        }
        self.pass(Duration::from_secs(30));
        assert!(self.seats.iter().all(|seat| seat.is_shut_down), "a phone does not shut down");
        self.seats.iter().map(|seat| seat.tally).fold(Tally::default(), Tally::add)
    }
}

pub(super) fn server(epoch: u64, entropy: Entropy) -> Server {
    let mut config = ServerConfig::new("example.org", [7; 32], epoch);
    config.udp = vec![SERVER_UDP];
    config.stun = vec![SocketAddr::from(([192, 0, 2, 1], 3478))];
    config.streams = vec![SERVER_TLS];
    Server::new(config, entropy)
}

pub(super) fn number(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(0)
}
