use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cooee_machine::{PeerIdentity, Pii, StreamId, StreamOrigin, Transport, source};
use rustls::pki_types::UnixTime;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::guests::{Guest, Guests};
use super::half_open::HalfOpen;
use super::incoming::{Arrival, Kind};
use super::stream::{Surroundings, accepted, ends, line};
use crate::{Certificate, Trust, now, tls};

/// Where a server listens. Port 0 takes any free port.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// UDP addresses; each still has to be bound by the machine.
    pub udp: Vec<SocketAddr>,
    /// Plain TCP.
    pub tcp: Vec<SocketAddr>,
    /// TLS over TCP.
    pub tls: Vec<SocketAddr>,
    /// Ours; needed for TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// Authorities for the certificates that peers may show. Showing one is optional; one that proves nothing is ignored.
    pub trust: Trust,
}

/// Why a door could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Another program has it.
    #[error("{transport} {address} is taken by another program: stop that program or choose another port")]
    Taken {
        /// Over which transport.
        transport: Transport,
        /// Which address.
        address: SocketAddr,
    },
    /// Not allowed.
    #[error("not allowed to listen on {transport} {address}: choose a port above 1023 or run with the right to use low ports")]
    Forbidden {
        /// Over which transport.
        transport: Transport,
        /// Which address.
        address: SocketAddr,
    },
    /// It is not an address of this machine.
    #[error("{address} is not an address of this machine")]
    NotOurs {
        /// Which address.
        address: SocketAddr,
    },
    /// TLS without a certificate.
    #[error("TLS needs a certificate")]
    NoCertificate,
    /// The TLS library refuses its configuration.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// Anything else, in the system's words.
    #[error("cannot listen on {transport} {address}: {source}")]
    System {
        /// Over which transport.
        transport: Transport,
        /// Which address.
        address: SocketAddr,
        /// What it said.
        source: io::Error,
    },
}

/// Doors bound and not yet open: [`Driver::listen`](super::Driver::listen) opens them.
pub struct Listeners {
    udp: Vec<(SocketAddr, UdpSocket)>,
    streams: Vec<(SocketAddr, TcpListener, Option<TlsAcceptor>)>,
    trust: Trust,
}

impl Listeners {
    /// Binds all of it or nothing. Call it within a tokio runtime.
    ///
    /// # Errors
    /// The first door that could not be had.
    pub fn bind(config: ListenConfig) -> Result<Self, ListenError> {
        let acceptor = match (&config.tls, config.certificate) {
            (tls, _) if tls.is_empty() => None,
            (_, None) => return Err(ListenError::NoCertificate),
            (_, Some(certificate)) => Some(TlsAcceptor::from(tls::server_config(certificate)?)),
        };
        let mut listeners = Self { udp: Vec::new(), streams: Vec::new(), trust: config.trust };
        for address in config.udp {
            let bound = super::datagram::bind(address).and_then(|socket| Ok((socket.local_addr()?, socket)));
            listeners.udp.push(bound.map_err(|error| refused(Transport::Udp, address, error))?);
        }
        for address in config.tcp {
            let (address, listener) = bind(address).map_err(|error| refused(Transport::Tcp, address, error))?;
            listeners.streams.push((address, listener, None));
        }
        for address in config.tls {
            let (address, listener) = bind(address).map_err(|error| refused(Transport::Tls, address, error))?;
            listeners.streams.push((address, listener, acceptor.clone()));
        }
        Ok(listeners)
    }

    /// What was bound, with the ports that were free: first UDP, then TCP, then TLS, each in the order of the configuration.
    pub fn addresses(&self) -> impl Iterator<Item = (Transport, SocketAddr)> {
        let streams = self.streams.iter().map(|(address, _, acceptor)| {
            let transport = if acceptor.is_some() { Transport::Tls } else { Transport::Tcp };
            (transport, *address)
        });
        self.udp.iter().map(|(address, _)| (Transport::Udp, *address)).chain(streams)
    }

    /// Starts accepting; gives back the UDP sockets.
    pub(super) fn open(self, tasks: &mut JoinSet<()>, around: &Surroundings) -> Vec<(SocketAddr, UdpSocket)> {
        let house = House {
            around: around.clone(),
            places: Arc::new(Semaphore::new(around.limits.connections)),
            guests: Arc::new(Guests::new(&around.limits)),
            half_open: Arc::new(HalfOpen::new(around.limits.handshakes)),
            next_id: Arc::new(AtomicU64::new(1)),
            trust: self.trust,
        };
        for (_, listener, acceptor) in self.streams {
            tasks.spawn(accept(listener, acceptor, house.clone()));
        }
        self.udp
    }
}

/// What all listeners share.
#[derive(Clone)]
struct House {
    around: Surroundings,
    places: Arc<Semaphore>,
    guests: Arc<Guests>,
    half_open: Arc<HalfOpen>,
    next_id: Arc<AtomicU64>,
    trust: Trust,
}

/// When the system has no room for another socket, it gets this long to find some.
const PAUSE: Duration = Duration::from_millis(100);

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, house: House) {
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((tcp, remote)) => match (house.guests.enter(remote.ip(), now().instant), Arc::clone(&house.places).try_acquire_owned()) {
                (Some(guest), Ok(place)) => _ = tasks.spawn(receive(tcp, acceptor.clone(), house.clone(), (guest, place))),
                _ => tracing::debug!(remote = ?Pii(remote), "no place for another connection"),
            },
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn receive(tcp: TcpStream, acceptor: Option<TlsAcceptor>, house: House, _place: (Guest, OwnedSemaphorePermit)) {
    let Ok((local, remote)) = ends(&tcp) else { return };
    let id = StreamId(house.next_id.fetch_add(2, Ordering::Relaxed));
    let (end, duty) = line(true);
    let opened = |peer, transport| Arrival {
        kind: Kind::Opened { stream: id, local, remote, peer, origin: StreamOrigin::Accepted(transport) },
        line: Some(end),
    };
    let Some(acceptor) = acceptor else {
        return accepted(id, tcp, opened(PeerIdentity::default(), Transport::Tcp), duty, house.around).await;
    };
    let waiting = house.half_open.enter(id, source(remote.ip()));
    let handshake = Box::pin(timeout(house.around.limits.handshake, acceptor.accept(tcp)));
    let stream = tokio::select! {
        done = handshake => match done {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(remote = ?Pii(remote), %error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!(remote = ?Pii(remote), "a TLS handshake took too long"),
        },
        _ = waiting => return tracing::debug!(remote = ?Pii(remote), "a TLS handshake gave way to newer ones"),
    };
    house.half_open.leave(id);
    let peer = tls::judge(&house.trust, stream.get_ref().1.peer_certificates(), UnixTime::now());
    accepted(id, stream, opened(peer, Transport::Tls), duty, house.around).await;
}

fn bind(address: SocketAddr) -> io::Result<(SocketAddr, TcpListener)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Without it a restarted server finds its own port taken for a minute.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    let listener = TcpListener::from_std(socket.into())?;
    Ok((listener.local_addr()?, listener))
}

fn refused(transport: Transport, address: SocketAddr, source: io::Error) -> ListenError {
    match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken { transport, address },
        io::ErrorKind::PermissionDenied => ListenError::Forbidden { transport, address },
        io::ErrorKind::AddrNotAvailable => ListenError::NotOurs { address },
        _ => ListenError::System { transport, address, source },
    }
}
