//! Performs actions, yields events: a task for each socket and connection, one queue to the machine's loop.

mod datagram;
mod guests;
mod half_open;
mod incoming;
mod limits;
mod listen;
mod stream;

pub use incoming::Incoming;
pub use limits::Limits;
pub use listen::{ListenConfig, ListenError, Listeners};

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::{Action, CloseReason, OpenStream, Question, QuestionId, ServerTrust, SocketId, StreamId, TlsFailure};
use rustls::ClientConfig;
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::{Certificate, Resolver, Signer, Trust, tls};
use incoming::{Arrival, Kind};
use stream::{Line, Surroundings};

/// Arrivals that may wait for the machine; the tasks that bring more wait too, so the network slows down and not the memory.
const WAITING_STREAM_EVENTS: usize = 64;
const WAITING_DATAGRAMS: usize = 256;

/// With what a driver works.
#[derive(Clone)]
pub struct DriverConfig {
    /// Authorities for the servers we connect to.
    pub trust: Trust,
    /// Shown to servers that ask for it.
    pub certificate: Option<Arc<Certificate>>,
    /// Signs with keys that lie elsewhere, for connections that name one.
    pub signer: Option<Arc<dyn Signer>>,
    /// For [`Action::Resolve`].
    pub resolver: Resolver,
    /// Time-outs and bounds.
    pub limits: Limits,
}

impl DriverConfig {
    /// Default limits, no certificate of our own.
    #[must_use]
    pub fn new(trust: Trust, resolver: Resolver) -> Self {
        Self { trust, certificate: None, signer: None, resolver, limits: Limits::default() }
    }
}

/// Why there is no driver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The TLS library refuses its configuration.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// What a machine gets from the operating system. [`Driver::perform`] never blocks; dropping it ends all its tasks and
/// closes all its sockets at once. [`Driver::close`] says good-bye first.
pub struct Driver {
    config: DriverConfig,
    client: Arc<ClientConfig>,
    sockets: HashMap<SocketId, Bound>,
    /// Bound by [`Listeners`] and not yet asked for.
    prepared: Vec<(SocketAddr, UdpSocket)>,
    streams: HashMap<StreamId, Line>,
    around: Surroundings,
    stream_events: mpsc::Receiver<Arrival>,
    to_datagrams: mpsc::Sender<Arrival>,
    datagrams: mpsc::Receiver<Arrival>,
    /// The driver's own words, before all others.
    own: VecDeque<Incoming>,
    datagrams_next: bool,
    /// Whose octets the machine is dealing with: until it asks for more, no more are read from there.
    handling: Option<StreamId>,
    is_closing: bool,
    tasks: JoinSet<()>,
}

struct Bound {
    socket: Arc<UdpSocket>,
    task: AbortHandle,
}

impl Driver {
    /// Call it within a tokio runtime with IO and time.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(config: DriverConfig) -> Result<Self, DriverError> {
        let client = tls::client_config(config.trust.clone(), config.certificate.clone())?;
        let (arrivals, stream_events) = mpsc::channel(WAITING_STREAM_EVENTS);
        let (to_datagrams, datagrams) = mpsc::channel(WAITING_DATAGRAMS);
        Ok(Self {
            around: Surroundings { arrivals, limits: config.limits },
            config,
            client,
            sockets: HashMap::new(),
            prepared: Vec::new(),
            streams: HashMap::new(),
            stream_events,
            to_datagrams,
            datagrams,
            own: VecDeque::new(),
            datagrams_next: true,
            handling: None,
            is_closing: false,
            tasks: JoinSet::new(),
        })
    }

    /// Opens the doors. A UDP address among them is ready for the machine's [`Action::Bind`] to exactly that address.
    pub fn listen(&mut self, listeners: Listeners) {
        let prepared = listeners.open(&mut self.tasks, &self.around);
        self.prepared.extend(prepared);
    }

    /// Does what the machine asks, or begins it; answers come as events.
    pub fn perform(&mut self, action: Action) {
        match action {
            Action::Bind { socket, local } => self.bind(socket, local),
            Action::BindToward { socket, remote } => self.bind(socket, datagram::source(remote)),
            Action::Unbind(socket) => {
                if let Some(bound) = self.sockets.remove(&socket) {
                    bound.task.abort();
                }
            }
            Action::Send { socket, remote, payload } => self.send(socket, remote, &payload),
            Action::Open { stream, target } => self.open(stream, target),
            Action::Write { stream, payload } => {
                let limit = self.config.limits.queued;
                if self.streams.get_mut(&stream).is_some_and(|line| line.write(payload, limit)) {
                    self.own.push_back(Incoming(Kind::Blocked(stream)));
                }
            }
            Action::Close(stream) => {
                if let Some(line) = self.streams.get_mut(&stream) {
                    line.close();
                }
            }
            Action::Resolve { id, question } => self.resolve(id, question),
        }
    }

    /// Closes every connection as its protocol says (over TLS with `close_notify`), what was written before first, and those that
    /// come meanwhile too. Events are dropped. Over when the last is closed or `patience` is.
    pub async fn close(&mut self, patience: Duration) {
        self.is_closing = true;
        self.streams.values_mut().for_each(Line::close);
        let closed = async {
            while !self.streams.is_empty() {
                self.next().await;
            }
        };
        if tokio::time::timeout(patience, closed).await.is_err() {
            tracing::debug!(left = self.streams.len(), "connections did not close in time");
        }
    }

    /// The next event. What the machine has written about the last one belongs before this call. Safe to drop while it waits: nothing is lost.
    pub async fn next(&mut self) -> Incoming {
        loop {
            if let Some(incoming) = self.try_next() {
                return incoming;
            }
            let arrival = tokio::select! {
                Some(arrival) = self.datagrams.recv() => arrival,
                Some(arrival) = self.stream_events.recv() => arrival,
            };
            if let Some(incoming) = self.admit(arrival) {
                return incoming;
            }
        }
    }

    /// The next event if there is one now; datagrams and the rest in turn.
    pub fn try_next(&mut self) -> Option<Incoming> {
        while self.tasks.try_join_next().is_some() {}
        if let Some(line) = self.handling.take().and_then(|stream| self.streams.get(&stream)) {
            line.handled();
        }
        if let Some(own) = self.own.pop_front() {
            return Some(own);
        }
        loop {
            self.datagrams_next = !self.datagrams_next;
            let (first, second) = if self.datagrams_next {
                (&mut self.datagrams, &mut self.stream_events)
            } else {
                (&mut self.stream_events, &mut self.datagrams)
            };
            let arrival = first.try_recv().or_else(|_| second.try_recv()).ok()?;
            if let Some(incoming) = self.admit(arrival) {
                return Some(incoming);
            }
        }
    }

    /// Keeps the books; `None` for what is of no interest any more.
    fn admit(&mut self, arrival: Arrival) -> Option<Incoming> {
        match &arrival.kind {
            Kind::Datagram { socket, .. } if !self.sockets.contains_key(socket) => return None,
            Kind::Opened { stream, .. } => match arrival.line {
                Some(mut line) => {
                    if self.is_closing {
                        line.close();
                    }
                    self.streams.insert(*stream, line);
                }
                None => self.streams.get_mut(stream)?.opened = true,
            },
            Kind::Bytes { stream, .. } => self.handling = Some(*stream),
            Kind::Closed(stream, _) => _ = self.streams.remove(stream)?,
            _ => {}
        }
        Some(Incoming(arrival.kind))
    }

    fn bind(&mut self, id: SocketId, local: SocketAddr) {
        let prepared = self.prepared.iter().position(|(address, _)| *address == local);
        let bound = match prepared {
            Some(index) => Ok(self.prepared.swap_remove(index).1),
            None => datagram::bind(local),
        };
        let bound = bound.and_then(|socket| Ok((socket.local_addr()?, Arc::new(socket))));
        let local = match bound {
            Ok((local, socket)) => {
                let task = self.tasks.spawn(datagram::receive(id, local, Arc::clone(&socket), self.to_datagrams.clone()));
                if let Some(old) = self.sockets.insert(id, Bound { socket, task }) {
                    old.task.abort();
                }
                Ok(local)
            }
            Err(error) => Err(error.to_string()),
        };
        self.own.push_back(Incoming(Kind::Bound { socket: id, local }));
    }

    /// A datagram the kernel has no room for is lost, as on any network.
    fn send(&self, socket: SocketId, remote: SocketAddr, payload: &[u8]) {
        let Some(bound) = self.sockets.get(&socket) else { return };
        // Straight to the kernel: tokio would call a socket that was bound just now not yet writable.
        if let Err(error) = SockRef::from(&*bound.socket).send_to(payload, &remote.into()) {
            tracing::debug!(%error, "a datagram is not sent");
        }
    }

    fn open(&mut self, id: StreamId, target: OpenStream) {
        if self.streams.contains_key(&id) {
            tracing::warn!(?id, "a connection is opened under a name still in use");
            return;
        }
        let client = match self.client(&target) {
            Ok(client) => client,
            Err(failure) => return self.own.push_back(Incoming(Kind::Closed(id, CloseReason::Tls(failure)))),
        };
        let (line, duty) = stream::line(false);
        self.streams.insert(id, line);
        self.tasks.spawn(stream::open(id, target, (client, self.config.trust.clone()), duty, self.around.clone()));
    }

    /// TLS as this server is to be believed, and as we prove ourselves to it.
    fn client(&self, target: &OpenStream) -> Result<Arc<ClientConfig>, TlsFailure> {
        let own = match (&target.key, &self.config.signer) {
            (None, _) => self.config.certificate.clone(),
            (Some(key), Some(signer)) => Some(tls::held_elsewhere(key, Arc::clone(signer))),
            (Some(_), None) => return Err(TlsFailure::KeyLost),
        };
        let config = match &target.trust {
            ServerTrust::Known if target.key.is_none() => return Ok(Arc::clone(&self.client)),
            ServerTrust::Known => tls::client_config(self.config.trust.clone(), own),
            ServerTrust::Authorities(authorities) => tls::client_config(Trust::nobody().with_der(authorities.iter().cloned()), own),
            ServerTrust::Authority(pin) => tls::authority_config(*pin, own),
            ServerTrust::Pin(pin) => tls::pinned_config(*pin, own),
            _ => return Err(TlsFailure::Other("whom to believe is not understood".to_owned())),
        };
        config.map_err(|error| TlsFailure::Other(error.to_string()))
    }

    fn resolve(&mut self, id: QuestionId, question: Question) {
        let (resolver, arrivals) = (self.config.resolver.clone(), self.around.arrivals.clone());
        self.tasks.spawn(async move {
            let resolution = resolver.resolve(question).await;
            let _ = arrivals.send(Kind::Resolved { id, resolution }.into()).await;
        });
    }
}
