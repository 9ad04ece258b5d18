use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{CloseReason, Interface, SocketId, StreamId};
use cooee_server::{StoreAnswer, StoreReply};

use super::mail::{Mail, Whom};
use super::watch::Watch;
use super::world::{SERVER_UDP, Victim, Wire, World, number, server};
use crate::mutate::{below, pick};

/// What happens besides what the machines do themselves.
impl World {
    /// One thing more that happens, and a little time.
    pub(super) fn step(&mut self) {
        match self.entropy.below(24) {
            0..=9 => self.press_a_key(),
            10..=12 => self.forge_datagram(),
            13..=14 => self.knock(),
            15 => self.cut(),
            16 => self.say_what_was_not_asked(),
            17 => self.news_of_media(),
            18 if self.entropy.below(8) == 0 => self.restart_server(),
            19 if self.entropy.below(4) == 0 => self.change_network(),
            _ => {}
        }
        let times = [0, 5, 20, 40, 200, 1_000, 4_000, 40_000, 400_000];
        let most = if self.entropy.below(20) == 0 { times.len() } else { 6 };
        let time = *pick(&times[..most], &mut self.entropy);
        self.pass(Duration::from_millis(time));
    }

    fn press_a_key(&mut self) {
        let place = below(self.seats.len(), &mut self.entropy);
        let command = self.seats[place].key(number(place), &mut self.entropy);
        self.command(place, command);
    }

    /// From an address that nobody owns, or that of a phone.
    fn forge_datagram(&mut self) {
        let payload = self.tamper.forged(&mut self.entropy);
        let remote = if self.entropy.below(2) == 0 { self.seats[1].address } else { SocketAddr::from(([203, 0, 113, 9], 9)) };
        let mail = |socket, local: SocketAddr, remote| Mail::Datagram { socket: SocketId(socket), local, remote, payload };
        match self.victim {
            Victim::Server => {
                let socket = self.entropy.below(2);
                self.post(Whom::Server, mail(socket, SERVER_UDP, remote), 5);
            }
            Victim::Phones => {
                let local = self.seats[1].address;
                let remote = if self.entropy.below(4) == 0 { remote } else { SERVER_UDP };
                self.post(Whom::Phone(1), mail(0, local, remote), 5);
            }
        }
    }

    /// A stranger connects to the server and says something; or the server says something unasked to a phone.
    fn knock(&mut self) {
        let octets = self.tamper.forged(&mut self.entropy);
        if self.wires.is_empty() || (self.victim == Victim::Server && self.wires.len() < 12) {
            let server = self.stream();
            self.wires.push(Wire { phone: None, server });
            self.accept(server, SocketAddr::from(([203, 0, 113, 7], 7)));
        }
        let wire = *pick(&self.wires, &mut self.entropy);
        match (self.victim, wire.phone) {
            (Victim::Phones, Some((place, stream))) => self.post_bytes(Whom::Phone(place), stream, octets),
            _ => self.post_bytes(Whom::Server, wire.server, octets),
        }
    }

    fn cut(&mut self) {
        if !self.wires.is_empty() {
            let server = pick(&self.wires, &mut self.entropy).server;
            self.end(server, CloseReason::ByPeer, CloseReason::Network("reset".to_owned()));
        }
    }

    /// Answers nobody waits for, events of connections nobody has.
    fn say_what_was_not_asked(&mut self) {
        let id = self.entropy.below(40);
        let whom = if self.victim == Victim::Server { Whom::Server } else { Whom::Phone(below(3, &mut self.entropy)) };
        let mail = match self.entropy.below(7) {
            0 => Mail::Bytes(StreamId(id), b"\r\n\r\n".to_vec()),
            1 => Mail::Blocked(StreamId(id)),
            2 => Mail::Closed(StreamId(1000 + id), CloseReason::Overflow),
            3 => Mail::Resolved(
                cooee_machine::QuestionId(1000 + id),
                cooee_machine::Resolution::Failed(cooee_machine::ResolveFailure::Timeout),
            ),
            4 => Mail::Bound(SocketId(1000 + id), Err("taken".to_owned())),
            5 => Mail::Stored(StoreReply { ticket: cooee_server::StoreTicket(1_000_000 + id), outcome: Ok(StoreAnswer::Done) }),
            _ => Mail::Timeout,
        };
        self.post(whom, mail, 0);
    }

    fn news_of_media(&mut self) {
        let place = below(self.seats.len(), &mut self.entropy);
        if let Some((call, event)) = self.seats[place].media_news(&mut self.entropy) {
            self.post(Whom::Phone(place), Mail::Media(call, event), 0);
        }
    }

    /// As after a crash: connections are reset, storage is as it was.
    fn restart_server(&mut self) {
        self.epoch += 1;
        while let Some(wire) = self.wires.first().copied() {
            self.end(wire.server, CloseReason::ByPeer, CloseReason::Network("reset".to_owned()));
        }
        self.mail.retain(|_, (whom, _)| *whom != Whom::Server);
        self.server = server(self.epoch, self.entropy.fork());
        (self.server_watch, self.server_wake) = (Watch::new("server", self.now), None);
        self.drain_server(0);
    }

    fn change_network(&mut self) {
        let place = below(self.seats.len(), &mut self.entropy);
        let address = SocketAddr::from(([198, 51, 100, 100 + number(place)], 40_000)).ip();
        let up = [Interface { name: "wlan0".to_owned(), address }];
        let up = if self.entropy.below(3) == 0 { Vec::new() } else { up.to_vec() };
        self.post(Whom::Phone(place), Mail::Networks(up), 0);
    }
}
