use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use cooee_machine::{Action, CloseReason, OpenStream, Question, QuestionId, Resolution, ResolveFailure, SocketId, StreamId, StreamOrigin};

use crate::host::{Ends, HostId, Notice, OpenEnd};
use crate::node::Request;
use crate::packet::{Body, Glimpse, Packet, Text};
use crate::stream::{Connection, Effect, StreamNotice, TlsRole};
use crate::world::{Entry, World};

impl World {
    /// Does what a process put on its desk.
    pub(super) fn perform(&mut self, host: HostId, requests: Vec<Request>) {
        for request in requests {
            self.trace_request(host, &request);
            match request {
                Request::Io(Action::Bind { socket, local }) | Request::Bind(socket, local) => {
                    let local = self.hosts[host.0].bind(socket, local);
                    self.post(host, Notice::Bound { socket, local });
                }
                Request::Io(Action::BindToward { socket, remote }) => {
                    let place = &mut self.hosts[host.0];
                    let any = if remote.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
                    let source = place.source_for(remote.ip()).unwrap_or(any);
                    let local = place.bind(socket, SocketAddr::new(source, 0));
                    self.post(host, Notice::Bound { socket, local });
                }
                Request::Io(Action::Unbind(socket)) => {
                    self.hosts[host.0].sockets.remove(&socket);
                }
                Request::Io(Action::Send { socket, remote, payload }) => self.send(host, socket, remote, payload),
                Request::Io(Action::Open { stream, target }) => self.open(host, stream, target),
                Request::Io(Action::Write { stream, payload }) => {
                    let now = self.elapsed();
                    self.with_connection(host, stream, |connection| connection.write(&payload, now));
                }
                Request::Io(Action::Close(stream)) => {
                    let now = self.elapsed();
                    self.with_connection(host, stream, |connection| connection.close(now));
                }
                Request::Io(Action::Resolve { id, question }) => self.resolve(host, id, &question),
                Request::Listen(transport, local) => self.hosts[host.0].listeners.push((transport, local)),
                Request::Disk(ticket, usage) => self.use_disk(host, ticket, usage),
                Request::Note(_) => {}
            }
        }
    }

    fn use_disk(&mut self, host: HostId, ticket: u64, usage: crate::node::DiskUse) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        let done = place.disk.as_mut().map_or(now, |disk| disk.enqueue(now));
        self.agenda.add(done, Entry::Tell(host, place.boot, Notice::Disk { ticket, usage }));
    }

    fn trace_request(&mut self, host: HostId, request: &Request) {
        let (at, name) = (self.clock.elapsed(), self.hosts[host.0].name.as_str());
        let trace = &mut self.trace;
        match request {
            Request::Io(Action::Bind { socket, local }) | Request::Bind(socket, local) => {
                trace.line(at, name, format_args!("> bind {} {local}", socket.0));
            }
            Request::Io(Action::BindToward { socket, remote }) => {
                trace.line(at, name, format_args!("> bind {} toward {remote}", socket.0));
            }
            Request::Io(Action::Unbind(socket)) => trace.line(at, name, format_args!("> unbind {}", socket.0)),
            Request::Io(Action::Send { remote, payload, .. }) => trace.line(at, name, format_args!("> udp {remote} {}", Glimpse(payload))),
            Request::Io(Action::Open { stream, target }) => {
                let tls = target.tls.as_deref().unwrap_or("no TLS");
                trace.line(at, name, format_args!("> open {} {} {tls}", stream.0, target.remote));
            }
            Request::Io(Action::Write { stream, payload }) => {
                trace.line(at, name, format_args!("> stream {} {}", stream.0, Text(payload)));
            }
            Request::Io(Action::Close(stream)) => trace.line(at, name, format_args!("> close {}", stream.0)),
            Request::Io(Action::Resolve { question, .. }) => {
                trace.line(at, name, format_args!("> resolve {:?} {}", question.kind, question.name));
            }
            Request::Listen(transport, local) => trace.line(at, name, format_args!("> listen {transport:?} {local}")),
            Request::Disk(ticket, usage) => trace.line(at, name, format_args!("> disk {usage:?} {ticket}")),
            Request::Note(text) => trace.line(at, name, format_args!("* {text}")),
        }
    }

    fn send(&mut self, host: HostId, socket: SocketId, remote: SocketAddr, payload: Vec<u8>) {
        let place = &self.hosts[host.0];
        let Some(local) = place.sockets.get(&socket).copied() else { return };
        let chosen = if local.ip().is_unspecified() { place.source_for(remote.ip()) } else { Some(local.ip()) };
        let source = SocketAddr::new(chosen.unwrap_or(local.ip()), local.port());
        let packet = Packet { source, destination: remote, body: Body::Datagram(payload) };
        if source.is_ipv4() == remote.is_ipv4() {
            self.leave_host(host, packet);
        } else {
            self.drop_packet(&place.name.clone(), "socket of the other family", &packet);
        }
    }

    fn open(&mut self, host: HostId, stream: StreamId, target: OpenStream) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        let Some(source) = place.source_for(target.remote.ip()) else {
            let local = SocketAddr::new(target.remote.ip(), 0);
            let notice = StreamNotice::Closed(CloseReason::Network("network is unreachable".to_owned()));
            self.post(host, Notice::Stream { stream, local, remote: target.remote, origin: StreamOrigin::Opened, notice });
            return;
        };
        let ends = (SocketAddr::new(source, place.ephemeral_port()), target.remote);
        let role = target.tls.map_or(TlsRole::Plain, |domain| TlsRole::Client(domain, place.trust.clone()));
        let connection = Connection::connect(place.streams.clone(), role, now);
        place.connections.insert(ends, OpenEnd { stream, origin: StreamOrigin::Opened, connection, timer: None });
        self.settle(host, ends);
    }

    fn resolve(&mut self, host: HostId, id: QuestionId, question: &Question) {
        let now = self.elapsed();
        let place = &self.hosts[host.0];
        let Some(attachment) = place.attachments.iter().find(|attachment| attachment.up && !attachment.addresses.is_empty()) else {
            self.post(host, Notice::Resolved { id, resolution: Resolution::Failed(ResolveFailure::NoResolver) });
            return;
        };
        let (up, down) = (&attachment.link.up, &attachment.link.down);
        let (link, cut) = (up.quality.delay + down.quality.delay, up.cut || down.cut);
        let (delay, asked, resolution) = self.dns.ask(host, question, now);
        let (delay, resolution) = match (asked, cut) {
            (true, true) => (self.dns.timeout, Resolution::Failed(ResolveFailure::Timeout)),
            (true, false) => (delay + link, resolution),
            (false, _) => (delay, resolution),
        };
        let boot = place.boot;
        self.agenda.add(now + delay, Entry::Tell(host, boot, Notice::Resolved { id, resolution }));
    }

    fn with_connection(&mut self, host: HostId, stream: StreamId, work: impl FnOnce(&mut Connection)) {
        let Some(ends) = self.hosts[host.0].ends_of(stream) else { return };
        if let Some(end) = self.hosts[host.0].connections.get_mut(&ends) {
            work(&mut end.connection);
        }
        self.settle(host, ends);
    }

    /// Carries out what a connection wants, sets its timer, and forgets it when it is dead.
    pub(super) fn settle(&mut self, host: HostId, ends: Ends) {
        let (local, remote) = ends;
        let mut effects = Vec::new();
        let place = &mut self.hosts[host.0];
        let Some(end) = place.connections.get_mut(&ends) else { return };
        effects.extend(std::iter::from_fn(|| end.connection.poll_effect()));
        let (stream, origin) = (end.stream, end.origin);
        let next = end.connection.next_timeout();
        let timer = next.filter(|_| next != end.timer);
        end.timer = next;
        let cuts = place.streams.cut_anywhere;
        if end.connection.is_dead() {
            place.connections.remove(&ends);
        }
        if let Some(at) = timer {
            self.agenda.add(at.max(self.clock.elapsed()), Entry::StreamTimer(host, ends));
        }
        for effect in effects {
            match effect {
                Effect::Transmit(segment) => {
                    self.leave_host(host, Packet { source: local, destination: remote, body: Body::Segment(segment) });
                }
                Effect::Notify(StreamNotice::Bytes(bytes)) if cuts => {
                    for notice in self.cut(bytes) {
                        self.post(host, Notice::Stream { stream, local, remote, origin, notice });
                    }
                }
                Effect::Notify(notice) => self.post(host, Notice::Stream { stream, local, remote, origin, notice }),
            }
        }
    }

    /// One time in four, hands octets over in two pieces.
    fn cut(&mut self, mut bytes: Vec<u8>) -> Vec<StreamNotice> {
        if bytes.len() < 2 || !self.cuts.chance(0.25) {
            return vec![StreamNotice::Bytes(bytes)];
        }
        let place = 1 + self.cuts.below(bytes.len() as u64 - 1);
        let rest = bytes.split_off(usize::try_from(place).unwrap_or(1));
        vec![StreamNotice::Bytes(bytes), StreamNotice::Bytes(rest)]
    }

    /// A connection's timer has come.
    pub(super) fn stream_timeout(&mut self, host: HostId, ends: Ends) {
        let now = self.elapsed();
        let place = &mut self.hosts[host.0];
        if place.sleep.is_some() {
            return;
        }
        let Some(end) = place.connections.get_mut(&ends) else { return };
        if end.timer.is_some_and(|at| at <= now) {
            end.timer = None;
            end.connection.handle_timeout(now);
            self.settle(host, ends);
        }
    }
}
