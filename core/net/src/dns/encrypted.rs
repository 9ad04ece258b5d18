//! A connection to a server that proves who it is (RFC 8310's strict profile), opened when it is needed, kept while it is used.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cooee_machine::{Question, Record, RecordType, Resolution, ResolveFailure};
use hickory_proto::op::Message;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;

use super::answer::Ask;
use super::resolver::Resolver;
use super::server::{DnsServer, EncryptedServer};
use super::{over_https, over_tls};
use crate::{Trust, tls};

/// For all of TCP, TLS and HTTP, at all addresses of the server.
const OPENING: Duration = Duration::from_secs(8);
/// At one address, while others remain.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(2);
const ADDRESSES_MAX: usize = 4;
/// Nobody is asked in vain again before.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// A connection that is not used is closed (RFC 7858 3.4): it costs the phone and the server.
const IDLE: Duration = Duration::from_secs(20);

/// Why a question over a connection has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection ended; another may do.
    Closed,
    /// The end of the matter.
    Failed(ResolveFailure),
}

/// One chosen server and the connection to it.
#[derive(Debug)]
pub(super) struct Encrypted {
    way: Arc<Endpoint>,
    /// The latest connection.
    link: Mutex<Option<(watch::Receiver<Link>, Arc<Use>)>>,
}

/// What is needed to open a connection.
struct Endpoint {
    server: DnsServer,
    trust: Trust,
    /// Asked for the server's address, where that is not known.
    bootstrap: Resolver,
}

#[derive(Clone, Debug)]
enum Link {
    Opening,
    Open(Channel),
    /// For as long as its task lives nobody tries again.
    Closed(ResolveFailure),
}

#[derive(Clone, Debug)]
enum Channel {
    Tls(over_tls::Channel),
    Https(over_https::Channel),
}

/// When a connection was last of use.
#[derive(Debug)]
struct Use(Mutex<UseTimes>);

#[derive(Clone, Copy, Debug)]
struct UseTimes {
    asked: Instant,
    answered: Option<Instant>,
}

impl Encrypted {
    /// `server` is an encrypted one.
    pub(super) fn new(server: DnsServer, trust: Trust, bootstrap: Resolver) -> Self {
        Self { way: Arc::new(Endpoint { server, trust, bootstrap }), link: Mutex::default() }
    }

    /// Another network: the connection is as good as dead.
    pub(super) fn forget(&self) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.way.bootstrap.forget();
    }

    /// One question. A connection that ends under it is replaced once.
    pub(super) async fn exchange(&self, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
        let begun = Instant::now();
        match timeout(patience, self.over_channels(ask)).await {
            Ok(result) => result,
            Err(_) => {
                self.drop_if_silent(begun);
                Err(ResolveFailure::Timeout)
            }
        }
    }

    async fn over_channels(&self, ask: &Ask) -> Result<Message, ResolveFailure> {
        for _ in 0..2 {
            let (channel, used) = self.channel().await?;
            used.asked();
            match channel.exchange(ask).await {
                Ok(message) => {
                    used.answered();
                    return Ok(message);
                }
                Err(Fault::Failed(failure)) => {
                    used.answered();
                    return Err(failure);
                }
                Err(Fault::Closed) => self.drop_link(&used),
            }
        }
        Err(ResolveFailure::NoResolver)
    }

    /// The open connection, or the one that opens now: many questions wait for the same.
    async fn channel(&self) -> Result<(Channel, Arc<Use>), ResolveFailure> {
        let (mut link, used) = self.current();
        // Bounded by the task that opens, and by the patience of whoever asks.
        let settled = link.wait_for(|link| !matches!(link, Link::Opening)).await;
        match settled.map(|link| link.clone()) {
            Ok(Link::Open(channel)) => Ok((channel, used)),
            Ok(Link::Closed(why)) => Err(why),
            Ok(Link::Opening) | Err(_) => Err(ResolveFailure::NoResolver),
        }
    }

    fn current(&self) -> (watch::Receiver<Link>, Arc<Use>) {
        let mut kept = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((link, used)) = &*kept
            && link.borrow().is_usable()
            && link.has_changed().is_ok()
        {
            return (link.clone(), Arc::clone(used));
        }
        let (sender, link) = watch::channel(Link::Opening);
        let used = Arc::new(Use::new());
        tokio::spawn(keep(Arc::clone(&self.way), sender, Arc::clone(&used)));
        *kept = Some((link.clone(), Arc::clone(&used)));
        (link, used)
    }

    fn drop_link(&self, used: &Arc<Use>) {
        let mut kept = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        // Others may have replaced it already.
        if kept.as_ref().is_some_and(|(_, current)| Arc::ptr_eq(current, used)) {
            *kept = None;
        }
    }

    /// A connection over which nothing at all came since `begun` may be dead without anybody having said so.
    fn drop_if_silent(&self, begun: Instant) {
        let mut kept = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let is_silent = |used: &Use| used.times().answered.is_none_or(|answered| answered < begun);
        if kept.as_ref().is_some_and(|(link, used)| matches!(*link.borrow(), Link::Open(_)) && is_silent(used)) {
            *kept = None;
        }
    }
}

impl Link {
    fn is_usable(&self) -> bool {
        match self {
            Self::Open(channel) => !channel.is_closed(),
            Self::Opening | Self::Closed(_) => true,
        }
    }
}

impl Channel {
    fn is_closed(&self) -> bool {
        match self {
            Self::Tls(channel) => channel.is_closed(),
            Self::Https(channel) => channel.is_closed(),
        }
    }

    async fn exchange(&self, ask: &Ask) -> Result<Message, Fault> {
        match self {
            Self::Tls(channel) => channel.exchange(ask).await,
            Self::Https(channel) => channel.exchange(ask).await,
        }
    }
}

impl Use {
    fn new() -> Self {
        Self(Mutex::new(UseTimes { asked: Instant::now(), answered: None }))
    }

    fn asked(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked = Instant::now();
    }

    fn answered(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answered = Some(Instant::now());
    }

    fn times(&self) -> UseTimes {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the connection and lets it go when it has not been used for a while; ends early when nobody holds it.
async fn keep(way: Arc<Endpoint>, link: watch::Sender<Link>, used: Arc<Use>) {
    let opened = match timeout(OPENING, way.open()).await {
        Ok(opened) => opened,
        Err(_) => Err(ResolveFailure::Timeout),
    };
    let channel = match opened {
        Ok(channel) => channel,
        Err(why) => {
            link.send_replace(Link::Closed(why));
            tokio::time::sleep(AFTER_FAILURE).await;
            return;
        }
    };
    used.asked();
    link.send_replace(Link::Open(channel));
    loop {
        let idle_at = used.times().asked + IDLE;
        if idle_at <= Instant::now() {
            // Receivers would keep the channel alive.
            link.send_replace(Link::Closed(ResolveFailure::NoResolver));
            return;
        }
        tokio::select! {
            () = sleep_until(idle_at) => {}
            () = link.closed() => return,
        }
    }
}

impl Endpoint {
    async fn open(&self) -> Result<Channel, ResolveFailure> {
        let (DnsServer::Tls(server) | DnsServer::Https { server, .. }) = &self.server else { return Err(ResolveFailure::NoResolver) };
        let addresses = self.addresses(server).await?;
        let mut failure = ResolveFailure::NoResolver;
        for (place, address) in addresses.iter().enumerate() {
            let patience = if place + 1 == addresses.len() { OPENING } else { ADDRESS_PATIENCE };
            match timeout(patience, self.open_at(*address, server)).await {
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(why)) => failure = why,
                Err(_) => failure = ResolveFailure::Timeout,
            }
        }
        Err(failure)
    }

    async fn addresses(&self, server: &EncryptedServer) -> Result<Vec<SocketAddr>, ResolveFailure> {
        if let Some(known) = server.known_address() {
            return Ok(vec![known]);
        }
        let ask = |kind| self.look_up(Question { name: server.name.clone(), kind });
        let (six, four) = tokio::join!(ask(RecordType::Aaaa), ask(RecordType::A));
        // One of the two is enough.
        let (six, four) = match (six, four) {
            (Err(_), Err(failure)) => return Err(failure),
            (six, four) => (six.unwrap_or_default(), four.unwrap_or_default()),
        };
        let turns = (0..ADDRESSES_MAX).flat_map(|turn| [six.get(turn), four.get(turn)]).flatten().copied();
        let addresses: Vec<SocketAddr> = turns.take(ADDRESSES_MAX).map(|ip| SocketAddr::new(ip, server.port)).collect();
        if addresses.is_empty() { Err(ResolveFailure::NoResolver) } else { Ok(addresses) }
    }

    /// Boxed: the bootstrap is a resolver like the one that holds it.
    fn look_up(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Vec<std::net::IpAddr>, ResolveFailure>> + Send + '_>> {
        Box::pin(async move {
            match self.bootstrap.resolve(question).await {
                Resolution::Records { records, .. } => Ok(records
                    .iter()
                    .filter_map(|record| match record {
                        Record::A(address) => Some((*address).into()),
                        Record::Aaaa(address) => Some((*address).into()),
                        Record::Srv(_) | Record::Naptr(_) => None,
                    })
                    .collect()),
                Resolution::Nothing { .. } => Ok(Vec::new()),
                Resolution::Failed(failure) => Err(failure),
            }
        })
    }

    async fn open_at(&self, address: SocketAddr, server: &EncryptedServer) -> Result<Channel, ResolveFailure> {
        let unreachable = |error: &std::io::Error| {
            tracing::debug!(%error, server = %self.server, "the DNS server cannot be reached");
            ResolveFailure::NoResolver
        };
        let name = ServerName::try_from(server.name.clone()).map_err(|_| ResolveFailure::NoResolver)?;
        let stream = TcpStream::connect(address).await.map_err(|error| unreachable(&error))?;
        // A question is one small segment, and waits for no other.
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        let protocols: &[&[u8]] = if matches!(self.server, DnsServer::Https { .. }) { &[b"h2"] } else { &[] };
        let config = tls::host_config(&self.trust, protocols).map_err(|_| ResolveFailure::Untrusted)?;
        let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| {
            let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            let failure = unreachable(&error);
            if is_tls { ResolveFailure::Untrusted } else { failure }
        })?;
        match &self.server {
            DnsServer::Https { server, path } => {
                let channel = over_https::Channel::start(stream, &server.authority(), path).await;
                channel.map(Channel::Https).map_err(|_| ResolveFailure::NoResolver)
            }
            _ => Ok(Channel::Tls(over_tls::Channel::start(stream))),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.server)
    }
}
