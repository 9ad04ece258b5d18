//! The server as one machine: connections, logins, registrar, proxy, STUN.

mod connection;
mod copies;
mod doorman;
mod federation;
mod guard;
mod ingress;
mod login;
mod storage;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cooee_machine::{Action, Entropy, Event, Machine, Now, Rate, SocketId, StreamEvent, StreamOrigin, Throttle, Transport, Wake, source};
use cooee_sip::proxy::{Names, Proxy, ProxyConfig, ProxyOutput};
use cooee_sip::registrar::{Registrar, RegistrarConfig, RegistrarOutput};
use cooee_sip::{Flow, FlowId, feature};

use crate::config::ServerConfig;
use crate::event::ServerEvent;
use crate::store::{StoreReply, StoreRequest};
use crate::stun;
use connection::Connections;
use doorman::Doorman;
use federation::{Federating, FederationOutput};
use guard::Guard;
use storage::Waiting;

/// What the owner asks of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCommand {
    /// Close all connections and take no more.
    Stop,
}

/// What the world tells a server.
#[derive(Debug)]
pub enum ServerInput<'a> {
    /// From the network.
    Io(Event<'a>),
    /// From storage.
    Stored(StoreReply),
}

impl<'a> From<Event<'a>> for ServerInput<'a> {
    fn from(event: Event<'a>) -> Self {
        Self::Io(event)
    }
}

/// What a server wants.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerOutput {
    /// From the driver.
    Io(Action),
    /// From storage.
    Store(StoreRequest),
    /// For the operator.
    Log(ServerEvent),
    /// To be called again then; the last output of a round.
    Wake(Option<Wake>),
}

/// How often the log says that logins from one address are delayed.
const DELAYS_TOLD: Rate = Rate { burst: 1, every: Duration::from_secs(60) };

/// Addresses whose STUN requests, or delayed logins, are counted.
const SOURCES: usize = 10_000;

/// The family server.
pub struct Server {
    config: ServerConfig,
    /// Its own [`SocketId`]s: first SIP, then STUN alone, in the order of the configuration.
    connections: Connections,
    doorman: Doorman,
    guard: Guard,
    stun: Throttle<IpAddr>,
    /// Who was told about in the log as delayed.
    delays: Throttle<IpAddr>,
    registrar: Registrar,
    proxy: Proxy,
    federation: Federating,
    waiting: Waiting,
    outputs: VecDeque<ServerOutput>,
    is_stopped: bool,
}

impl Server {
    /// A server that begins by binding its UDP sockets. Everything random in it comes from `entropy`.
    #[must_use]
    pub fn new(config: ServerConfig, mut entropy: Entropy) -> Self {
        let mut addresses = config.streams.clone();
        addresses.extend(&config.udp);
        let host = config.host.clone().unwrap_or_else(|| config.domain.clone());
        let names = Names { domain: config.domain.clone(), host, addresses };
        let reaches_other_domains = config.federation.is_some();
        let proxy = ProxyConfig {
            timers: config.timers,
            reaches_other_domains,
            ..ProxyConfig::new(names, derive(&config.secret, "route"), config.epoch)
        };
        let sockets = config.udp.iter().chain(&config.stun).zip(0..);
        let outputs = sockets.map(|(local, id)| ServerOutput::Io(Action::Bind { socket: SocketId(id), local: *local })).collect();
        Self {
            connections: Connections::new(config.limits, config.open_to_strangers),
            doorman: Doorman::new(&config, derive(&config.secret, "nonce"), entropy.fork()),
            guard: Guard::new(config.limits.failed_logins),
            stun: Throttle::new(config.limits.stun, SOURCES),
            delays: Throttle::new(DELAYS_TOLD, SOURCES),
            registrar: Registrar::new(RegistrarConfig { features: features(&config), ..config.registrar }, entropy.fork()),
            proxy: Proxy::new(proxy, entropy.fork()),
            federation: Federating::new(config.federation, entropy.fork()),
            waiting: Waiting::default(),
            config,
            outputs,
            is_stopped: false,
        }
    }

    /// Open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Requests being forwarded.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.proxy.len()
    }

    fn handle_event(&mut self, event: Event<'_>, now: Now) {
        match event {
            Event::Bound { socket, local } => self.bound(socket, local),
            Event::Datagram { socket, local, remote, payload } => {
                let flow = Flow { id: FlowId::Udp { socket, remote }, transport: Transport::Udp, local, remote };
                self.handle_datagram(socket, flow, payload, now);
            }
            Event::Stream { stream, event } => match event {
                StreamEvent::Opened { local, remote, peer, origin } => {
                    let flow = match origin {
                        StreamOrigin::Accepted(transport) => Flow { id: FlowId::Stream(stream), transport, local, remote },
                        StreamOrigin::Opened => self.federation.flow(stream, local, remote),
                    };
                    self.handle_opened(flow, peer, now);
                }
                StreamEvent::Bytes(bytes) => self.handle_bytes(stream, bytes, now),
                StreamEvent::Closed(reason) => self.handle_closed(stream, reason, now),
                // What is queued for a peer that does not read is the driver's to bound.
                StreamEvent::Blocked => {}
            },
            Event::Timeout => {}
            Event::Resolved { id, resolution } => self.federation.handle_resolved(id, resolution),
            // Its sockets are bound to what the operator named.
            Event::NetworkChanged(_) => {}
        }
    }

    fn bound(&mut self, socket: SocketId, local: Result<SocketAddr, String>) {
        match local {
            Ok(local) => {
                if self.speaks_sip(socket) {
                    self.proxy.socket_bound(socket, local);
                }
                self.log(ServerEvent::Listening { local });
            }
            Err(reason) => self.log(ServerEvent::NotListening { reason }),
        }
    }

    fn speaks_sip(&self, socket: SocketId) -> bool {
        usize::try_from(socket.0).is_ok_and(|index| index < self.config.udp.len())
    }

    fn handle_datagram(&mut self, socket: SocketId, flow: Flow, payload: &[u8], now: Now) {
        if stun::is_stun(payload) {
            self.handle_stun(socket, flow.remote, payload, now);
        } else if self.speaks_sip(socket) && !payload.iter().all(|octet| octet.is_ascii_whitespace() || *octet == 0) {
            self.handle_message(flow, payload, now);
        }
    }

    /// Whose address is forged in many requests gets few answers.
    fn handle_stun(&mut self, socket: SocketId, remote: SocketAddr, payload: &[u8], now: Now) {
        let from = source(remote.ip());
        if self.stun.wait(&from, now.instant).is_none()
            && let Some(payload) = stun::answer(payload, remote)
        {
            self.stun.count(from, now.instant);
            self.outputs.push_back(ServerOutput::Io(Action::Send { socket, remote, payload }));
        }
    }

    /// Lets the machines inside say all they have to say.
    fn settle(&mut self, now: Now) {
        loop {
            if let Some(output) = self.registrar.poll_output() {
                self.registrar_output(output, now);
            } else if let Some(output) = self.proxy.poll_output() {
                self.proxy_output(output, now);
            } else if let Some(output) = self.federation.poll_output() {
                match output {
                    FederationOutput::Io(action) => self.outputs.push_back(ServerOutput::Io(action)),
                    FederationOutput::Answer { ticket, location } => self.proxy.handle_located(ticket, Ok(location), now),
                }
            } else {
                return;
            }
        }
    }

    fn registrar_output(&mut self, output: RegistrarOutput, now: Now) {
        match output {
            RegistrarOutput::Locate { ticket, aor } => self.locate_for_registrar(ticket, &aor, now),
            RegistrarOutput::Persist { ticket, aor, put, remove } => self.persist(ticket, &aor, put, remove, now),
            RegistrarOutput::Respond { flow, aor, status, bindings, response } => {
                if status == 200 {
                    self.connections.registered(flow.id, bindings > 0);
                    if bindings > 0 {
                        self.proxy.handle_registered(flow.id, &aor, now);
                    }
                    self.log(ServerEvent::Registered { user: cooee_machine::Pii(aor), devices: bindings });
                }
                self.reply(flow, response);
            }
        }
    }

    fn proxy_output(&mut self, output: ProxyOutput, now: Now) {
        match output {
            ProxyOutput::Send { flow, payload } => self.send(flow, payload),
            ProxyOutput::Admit { ticket, request, flow } => self.check_caller(ticket, request, flow, now),
            ProxyOutput::Locate { ticket, aor } => self.locate_for_proxy(ticket, &aor, now),
            ProxyOutput::Reach { ticket, domain, instead_of } => self.federation.reach(ticket, &domain, instead_of),
        }
    }

    fn send(&mut self, flow: FlowId, payload: Vec<u8>) {
        let action = match flow {
            FlowId::Udp { socket, remote } => Action::Send { socket, remote, payload },
            FlowId::Stream(stream) if self.connections.has(stream) => Action::Write { stream, payload },
            FlowId::Stream(_) => return,
        };
        self.outputs.push_back(ServerOutput::Io(action));
    }

    fn log(&mut self, event: ServerEvent) {
        self.outputs.push_back(ServerOutput::Log(event));
    }

    fn next_wake(&self) -> Option<Wake> {
        Wake::earlier(self.connections.next_wake(), self.proxy.next_wake())
    }
}

impl Machine for Server {
    type Command = ServerCommand;
    type Input<'a> = ServerInput<'a>;
    type Output = ServerOutput;

    fn handle_command(&mut self, command: ServerCommand, _now: Now) {
        match command {
            ServerCommand::Stop => {
                self.is_stopped = true;
                let closing = self.connections.all().map(|stream| ServerOutput::Io(Action::Close(stream))).collect::<Vec<_>>();
                self.outputs.extend(closing);
            }
        }
    }

    fn handle_input(&mut self, input: ServerInput<'_>, now: Now) {
        match input {
            ServerInput::Io(event) => self.handle_event(event, now),
            ServerInput::Stored(reply) => self.handle_stored(reply, now),
        }
        self.close_overdue(now);
        if self.proxy.next_wake().is_some_and(|wake| wake.is_due(now)) {
            self.proxy.handle_timeout(now);
        }
        self.settle(now);
    }

    fn poll_output(&mut self) -> ServerOutput {
        self.outputs.pop_front().unwrap_or_else(|| ServerOutput::Wake(self.next_wake()))
    }
}

/// What those who register are told that it can do.
fn features(config: &ServerConfig) -> &'static [&'static str] {
    if config.open_to_strangers { &[feature::RING_LATER] } else { &[feature::PROVEN_CALLERS, feature::RING_LATER] }
}

/// A key of its own for each purpose.
fn derive(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let derived = ring::hmac::sign(&key, purpose.as_bytes());
    derived.as_ref().first_chunk().copied().unwrap_or(*secret)
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({} connections, {} requests)", self.connections.len(), self.proxy.len())
    }
}
