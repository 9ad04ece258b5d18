use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use cooee_machine::{Interface, QuestionId, Resolution, SocketId, StreamId, StreamOrigin, Transport};

use crate::alarms::Alarms;
use crate::disk::Disk;
use crate::link::Duplex;
use crate::network::NetworkId;
use crate::node::{DiskUse, Node};
use crate::packet::Packet;
use crate::stream::{Certificate, Connection, StreamConfig, StreamNotice, TrustStore};

/// Names a host of a [`World`](crate::World).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostId(pub(crate) usize);

/// One of a host's attachments to a network.
#[derive(Debug)]
pub struct Attachment {
    /// The link between host and network.
    pub link: Duplex,
    pub(crate) name: String,
    pub(crate) network: NetworkId,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) up: bool,
}

/// What the world will tell a process, kept until then.
#[derive(Debug)]
pub(crate) enum Notice {
    Started,
    Bound { socket: SocketId, local: Result<SocketAddr, String> },
    Datagram { socket: SocketId, local: SocketAddr, remote: SocketAddr, payload: Vec<u8> },
    Stream { stream: StreamId, local: SocketAddr, remote: SocketAddr, origin: StreamOrigin, notice: StreamNotice },
    Resolved { id: QuestionId, resolution: Resolution },
    NetworkChanged,
    Timeout(&'static str),
    Alarm(&'static str),
    Disk { ticket: u64, usage: DiskUse },
}

/// Both ends of a connection, ours first.
pub(crate) type Ends = (SocketAddr, SocketAddr);

#[derive(Debug)]
pub(crate) struct OpenEnd {
    pub(crate) stream: StreamId,
    pub(crate) origin: StreamOrigin,
    pub(crate) connection: Connection,
    pub(crate) timer: Option<Duration>,
}

/// What a host does with what comes while it sleeps.
#[derive(Debug, Default)]
pub(crate) struct Sleep {
    pub(crate) queue: usize,
    pub(crate) packets: VecDeque<Packet>,
    pub(crate) notices: VecDeque<Notice>,
    pub(crate) wake_due: Option<&'static str>,
}

/// A computer: addresses, sockets, a disk, and one process.
pub struct Host {
    /// Whom its TLS believes.
    pub trust: TrustStore,
    /// What it shows in TLS handshakes; without, they fail.
    pub certificate: Option<Certificate>,
    /// How its TCP behaves, for connections yet to come.
    pub streams: StreamConfig,
    /// Its storage, which outlives the process.
    pub disk: Option<Disk>,
    pub(crate) name: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) process: Option<Box<dyn Node>>,
    /// Counts processes, so that nothing meant for one reaches the next.
    pub(crate) boot: u32,
    pub(crate) powered: bool,
    pub(crate) sleep: Option<Sleep>,
    /// It sleeps whenever its process lets it.
    pub(crate) alarms: Option<Alarms>,
    pub(crate) sockets: BTreeMap<SocketId, SocketAddr>,
    pub(crate) listeners: Vec<(Transport, SocketAddr)>,
    pub(crate) connections: BTreeMap<Ends, OpenEnd>,
    pub(crate) wake: Option<(Duration, &'static str)>,
    pub(crate) last_wake: Option<Duration>,
    pub(crate) idle_wakes: u32,
    next_accepted: u64,
    next_port: u16,
}

const FIRST_EPHEMERAL: u16 = 49_152;

impl Host {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            trust: TrustStore::default(),
            certificate: None,
            streams: StreamConfig::default(),
            disk: None,
            name: name.to_owned(),
            attachments: Vec::new(),
            process: None,
            boot: 0,
            powered: true,
            sleep: None,
            alarms: None,
            sockets: BTreeMap::new(),
            listeners: Vec::new(),
            connections: BTreeMap::new(),
            wake: None,
            last_wake: None,
            idle_wakes: 0,
            next_accepted: 1,
            next_port: FIRST_EPHEMERAL,
        }
    }

    /// Gives it a disk that holds `contents`, each operation taking `latency`.
    pub fn install_disk(&mut self, contents: impl Clone + 'static, latency: Duration) {
        self.disk = Some(Disk::new(contents, latency));
    }

    /// The networks that are up, as [`Event::NetworkChanged`](cooee_machine::Event::NetworkChanged) tells them.
    #[must_use]
    pub fn interfaces(&self) -> Vec<Interface> {
        let up = self.attachments.iter().filter(|attachment| attachment.up);
        up.flat_map(|a| a.addresses.iter().map(|address| Interface { name: a.name.clone(), address: *address })).collect()
    }

    /// How the alarms of a device come that sleeps.
    #[must_use]
    pub fn alarms(&self) -> Option<&Alarms> {
        self.alarms.as_ref()
    }

    /// The network that one of its attachments leads to.
    #[must_use]
    pub fn network(&self, attachment: usize) -> NetworkId {
        self.attachments[attachment].network
    }

    /// Whether an address is its own, on a network that is up.
    pub(crate) fn owns(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.attachment_of(address).is_some()
    }

    /// Which attachment an address of its own belongs to.
    pub(crate) fn attachment_of(&self, address: IpAddr) -> Option<usize> {
        self.attachments.iter().position(|attachment| attachment.up && attachment.addresses.contains(&address))
    }

    /// The address packets to `remote` leave from, if nothing else was chosen: that of the first attachment of the family.
    pub(crate) fn source_for(&self, remote: IpAddr) -> Option<IpAddr> {
        if remote.is_loopback() {
            return Some(remote);
        }
        let up = self.attachments.iter().filter(|attachment| attachment.up);
        up.flat_map(|attachment| &attachment.addresses).find(|address| address.is_ipv4() == remote.is_ipv4()).copied()
    }

    /// The socket that takes a datagram to `local`: one bound to just that, or to any address.
    pub(crate) fn socket_at(&self, local: SocketAddr) -> Option<SocketId> {
        let any = unspecified(local);
        let bound = |wanted: SocketAddr| self.sockets.iter().find(move |(_, at)| **at == wanted).map(|(socket, _)| *socket);
        bound(local).or_else(|| bound(any))
    }

    /// The transport of the listener that takes a connection to `local`.
    pub(crate) fn listener_at(&self, local: SocketAddr) -> Option<Transport> {
        let any = unspecified(local);
        self.listeners.iter().find(|(_, at)| *at == local || *at == any).map(|(transport, _)| *transport)
    }

    /// Gives a UDP socket its address.
    pub(crate) fn bind(&mut self, socket: SocketId, wanted: SocketAddr) -> Result<SocketAddr, String> {
        if !wanted.ip().is_unspecified() && !self.owns(wanted.ip()) {
            return Err("address not available".to_owned());
        }
        let port = if wanted.port() == 0 { self.ephemeral_port() } else { wanted.port() };
        let local = SocketAddr::new(wanted.ip(), port);
        let clash =
            |at: &SocketAddr| at.port() == port && (at.ip() == local.ip() || at.ip().is_unspecified() || local.ip().is_unspecified());
        if self.sockets.values().any(clash) {
            return Err("address in use".to_owned());
        }
        self.sockets.insert(socket, local);
        Ok(local)
    }

    /// A port nothing here uses.
    pub(crate) fn ephemeral_port(&mut self) -> u16 {
        loop {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(FIRST_EPHEMERAL);
            let used = self.sockets.values().chain(self.connections.keys().map(|(local, _)| local));
            if used.clone().all(|at| at.port() != port) {
                return port;
            }
        }
    }

    /// The name of the next accepted connection: odd.
    pub(crate) fn accepted_stream(&mut self) -> StreamId {
        let stream = StreamId(self.next_accepted);
        self.next_accepted += 2;
        stream
    }

    /// Where a connection is kept.
    pub(crate) fn ends_of(&self, stream: StreamId) -> Option<Ends> {
        self.connections.iter().find(|(_, end)| end.stream == stream).map(|(ends, _)| *ends)
    }

    /// Forgets what belonged to the process.
    pub(crate) fn forget_process(&mut self) {
        self.process = None;
        self.boot += 1;
        self.sleep = None;
        self.sockets.clear();
        self.listeners.clear();
        self.connections.clear();
        self.wake = None;
        self.next_accepted = 1;
    }
}

fn unspecified(local: SocketAddr) -> SocketAddr {
    let any = if local.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    SocketAddr::new(any, local.port())
}
