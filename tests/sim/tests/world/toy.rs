//! A process that writes down what it hears, and one that answers.

use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{
    Action, CloseReason, Event, Now, OpenStream, PeerIdentity, Resolution, ServerTrust, SocketId, StreamEvent, StreamId, Transport, Wake,
};
use cooee_sim::{Desk, HostId, Input, Node, Quality, World};

pub(crate) fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a [`Toy`] heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Bound(Result<SocketAddr, String>),
    Datagram(SocketAddr, Vec<u8>),
    Opened(StreamId, SocketAddr, PeerIdentity),
    Bytes(StreamId, Vec<u8>),
    Blocked(StreamId),
    Closed(StreamId, CloseReason),
    Resolved(Resolution),
    Network(usize),
    Woken,
}

/// Listens, writes down what comes and when, and may send everything back.
#[derive(Default)]
pub(crate) struct Toy {
    pub(crate) udp: Option<SocketAddr>,
    pub(crate) listen: Vec<(Transport, SocketAddr)>,
    pub(crate) echo: bool,
    pub(crate) wake: Option<Wake>,
    pub(crate) heard: Vec<(Duration, Heard)>,
}

/// The socket every [`Toy`] has.
pub(crate) const SOCKET: SocketId = SocketId(0);

impl Toy {
    pub(crate) fn udp(port: u16) -> Self {
        Self { udp: Some(SocketAddr::from(([0, 0, 0, 0], port))), ..Self::default() }
    }

    pub(crate) fn server(transport: Transport, port: u16) -> Self {
        Self { listen: vec![(transport, SocketAddr::from(([0, 0, 0, 0], port)))], echo: true, ..Self::udp(port) }
    }

    pub(crate) fn echoing(self) -> Self {
        Self { echo: true, ..self }
    }

    /// Without times, without bindings and news of the network.
    pub(crate) fn happened(&self) -> Vec<Heard> {
        let quiet = |heard: &Heard| !matches!(heard, Heard::Bound(_) | Heard::Network(_));
        self.heard.iter().map(|(_, heard)| heard.clone()).filter(quiet).collect()
    }

    pub(crate) fn datagrams(&self) -> Vec<(Duration, SocketAddr, Vec<u8>)> {
        let datagram = |(at, heard): &(Duration, Heard)| match heard {
            Heard::Datagram(from, payload) => Some((*at, *from, payload.clone())),
            _ => None,
        };
        self.heard.iter().filter_map(datagram).collect()
    }

    /// Everything read from a connection.
    pub(crate) fn read(&self, stream: StreamId) -> Vec<u8> {
        let bytes = self.heard.iter().filter_map(|(_, heard)| match heard {
            Heard::Bytes(of, bytes) if *of == stream => Some(bytes.as_slice()),
            _ => None,
        });
        bytes.collect::<Vec<_>>().concat()
    }

    fn note(&mut self, heard: Heard, now: Now) {
        let since = now.unix - cooee_sim::Clock::CALENDAR_START;
        self.heard.push((since, heard));
    }

    fn io(&mut self, event: Event<'_>, desk: &mut Desk, now: Now) {
        let heard = match event {
            Event::Bound { local, .. } => Heard::Bound(local),
            Event::Datagram { socket, remote, payload, .. } => {
                if self.echo {
                    desk.act(Action::Send { socket, remote, payload: payload.to_vec() });
                }
                Heard::Datagram(remote, payload.to_vec())
            }
            Event::Stream { stream, event } => match event {
                StreamEvent::Opened { remote, peer, .. } => Heard::Opened(stream, remote, peer),
                StreamEvent::Bytes(bytes) => {
                    if self.echo {
                        desk.act(Action::Write { stream, payload: bytes.to_vec() });
                    }
                    Heard::Bytes(stream, bytes.to_vec())
                }
                StreamEvent::Blocked => Heard::Blocked(stream),
                StreamEvent::Closed(why) => Heard::Closed(stream, why),
            },
            Event::Resolved { resolution, .. } => Heard::Resolved(resolution),
            Event::NetworkChanged(interfaces) => Heard::Network(interfaces.len()),
            Event::Timeout => {
                self.wake = self.wake.filter(|wake| !wake.is_due(now));
                Heard::Woken
            }
        };
        self.note(heard, now);
    }
}

impl Node for Toy {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                if let Some(local) = self.udp {
                    desk.act(Action::Bind { socket: SOCKET, local });
                }
                for (transport, local) in &self.listen {
                    desk.listen(*transport, *local);
                }
            }
            Input::Io(event) => self.io(event, desk, now),
            Input::Alarm | Input::Disk { .. } => {}
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        self.wake
    }
}

/// Does an action on a host that runs a [`Toy`].
pub(crate) fn act(world: &mut World, host: HostId, action: Action) {
    world.with(host, |_: &mut Toy, desk, _| desk.act(action));
}

pub(crate) fn send(world: &mut World, host: HostId, remote: &str, payload: &[u8]) {
    act(world, host, Action::Send { socket: SOCKET, remote: at(remote), payload: payload.to_vec() });
}

pub(crate) fn open(world: &mut World, host: HostId, stream: u64, remote: &str, tls: Option<&str>) {
    let target = OpenStream { remote: at(remote), tls: tls.map(str::to_owned), trust: ServerTrust::Known, key: None };
    act(world, host, Action::Open { stream: StreamId(stream), target });
}

pub(crate) fn write(world: &mut World, host: HostId, stream: u64, payload: &[u8]) {
    act(world, host, Action::Write { stream: StreamId(stream), payload: payload.to_vec() });
}

pub(crate) fn toy(world: &World, host: HostId) -> &Toy {
    world.node(host)
}

/// Two hosts on the Internet, 10 ms from its core each: a client, and a server at 192.0.2.1:5060.
pub(crate) fn two(seed: u64, transport: Transport) -> (World, HostId, HostId) {
    let mut world = World::new(seed);
    let quality = Quality::millis(10);
    let internet = world.internet();
    let client = world.add_host("client", internet, "198.51.100.1", &quality);
    let server = world.add_host("server", internet, "192.0.2.1", &quality);
    world.boot(client, Toy::udp(5060));
    world.boot(server, Toy::server(transport, 5060));
    world.run_for(ms(1));
    (world, client, server)
}
