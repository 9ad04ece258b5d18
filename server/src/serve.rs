use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::{Transport, is_host_name};
use cooee_net::{
    Certificate, CertificateError, Driver, DriverConfig, DriverError, Feed, Limits, ListenConfig, ListenError, Listeners, Resolver,
    ResolverConfig, Step, Trust, drive, raise_file_limit,
};
use tokio::sync::mpsc;

use crate::certificate::CertificateFiles;
use crate::config::{Federation, ServerConfig, ServerLimits};
use crate::event::ServerEvent;
use crate::machine::{Server, ServerCommand, ServerInput, ServerOutput};
use crate::store::{Backend, Domain, MemoryStore, StoreError, StoreThread};

/// Replies and commands that may wait for the machine: more than it allows itself questions, so that a reply never waits.
const ROOM: usize = 20_000;
/// How long connections may take to close when the server stops.
const GOODBYE: Duration = Duration::from_secs(2);

/// Where accounts and registrations are.
#[derive(Debug)]
pub enum Storage {
    /// SQLite in this directory.
    Directory(PathBuf),
    /// Nowhere: gone with the process.
    Memory(Box<MemoryStore>),
}

/// What a server runs with.
#[derive(Debug)]
pub struct ServeConfig {
    /// The domain, in ASCII.
    pub domain: String,
    /// The host name or address others reach it by, where that is not the domain.
    pub host: Option<String>,
    /// Where to take TLS.
    pub tls: Vec<SocketAddr>,
    /// Where to take plain TCP: loopback or an address of one's own network only.
    pub tcp: Vec<SocketAddr>,
    /// Where to take UDP: loopback or an address of one's own network only.
    pub udp: Vec<SocketAddr>,
    /// Where to answer STUN alone.
    pub stun: Vec<SocketAddr>,
    /// Our certificate; needed for TLS.
    pub certificate: Option<Arc<Certificate>>,
    /// Its files, where they are to be watched for renewal.
    pub certificate_files: Option<CertificateFiles>,
    /// Where accounts and registrations are.
    pub storage: Storage,
    /// Let people of other domains call without proof of who they are.
    pub open_to_strangers: bool,
    /// Calls to and from other domains; they need a certificate. `None`: there are none.
    pub other_domains: Option<OtherDomains>,
    /// What connections may take in time and octets; how many there may be is the machine's to say.
    pub limits: Limits,
}

impl ServeConfig {
    /// TLS on 5061 and STUN on 3478, everywhere.
    #[must_use]
    pub fn new(domain: &str, storage: Storage) -> Self {
        let everywhere = |port| vec![SocketAddr::new([0, 0, 0, 0].into(), port), SocketAddr::new([0u16; 8].into(), port)];
        Self {
            domain: domain.trim_end_matches('.').to_ascii_lowercase(),
            host: None,
            tls: everywhere(5061),
            tcp: Vec::new(),
            udp: Vec::new(),
            stun: everywhere(3478),
            certificate: None,
            certificate_files: None,
            storage,
            open_to_strangers: false,
            other_domains: None,
            limits: Limits::default(),
        }
    }
}

/// How other domains are found, and when they are believed.
#[derive(Clone, Debug)]
pub struct OtherDomains {
    /// Authorities that sign their certificates.
    pub trust: Trust,
    /// Finds their servers.
    pub resolver: ResolverConfig,
    /// Whether a domain may lead to an address that is not on the public Internet.
    pub private_addresses: bool,
}

/// Why a server does not start, in a sentence that tells the operator what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Not a name a domain can have.
    #[error("“{0}” is not a domain name (write international names in their xn-- form)")]
    Domain(String),
    /// Signalling in the clear is for one's own network.
    #[error("{address} is not an address of your own network: SIP over {transport} is not encrypted. Name a LAN address, or use TLS")]
    PlainInPublic {
        /// Which transport.
        transport: Transport,
        /// Which address.
        address: SocketAddr,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The certificate cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Certificate(#[from] CertificateError),
    /// A door cannot be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Storage cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no driver.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The system refuses what every program needs.
    #[error("the operating system refuses: {0}")]
    System(#[from] std::io::Error),
}

/// A server whose doors are open and that nobody drives yet.
pub struct Service {
    server: Box<Server>,
    driver: Driver,
    store: StoreThread,
    feed: mpsc::Receiver<Feed<ServerCommand, ServerInput<'static>>>,
    replies: mpsc::Sender<Feed<ServerCommand, ServerInput<'static>>>,
    addresses: Vec<(Transport, SocketAddr)>,
    watch: Option<tokio::task::JoinHandle<()>>,
}

impl Service {
    /// Opens storage, then all doors or none, and lets the process have as many files open as the system allows. Call it within a tokio
    /// runtime.
    ///
    /// # Errors
    /// [`ServeError`].
    pub fn start(config: ServeConfig) -> Result<Self, ServeError> {
        check(&config)?;
        let mut entropy = cooee_net::seed()?;
        let (backend, secret) = open(config.storage, &config.domain, &mut entropy)?;
        let certificate = match (config.certificate, &config.certificate_files) {
            (None, Some(files)) => Some(files.load()?),
            (certificate, _) => certificate,
        };
        let sip_sockets = config.udp.len();
        let other_domains = config.other_domains.filter(|_| certificate.is_some());
        let trust = other_domains.as_ref().map_or_else(Trust::nobody, |others| others.trust.clone());
        let listeners = Listeners::bind(ListenConfig {
            udp: config.udp.into_iter().chain(config.stun).collect(),
            tcp: config.tcp,
            tls: config.tls,
            certificate: certificate.clone(),
            trust: trust.clone(),
        })?;
        let addresses: Vec<(Transport, SocketAddr)> = listeners.addresses().collect();
        let of =
            |udp: bool| addresses.iter().filter(move |(transport, _)| (*transport == Transport::Udp) == udp).map(|(_, address)| *address);
        let mut machine = ServerConfig::new(&config.domain, secret, entropy.u64());
        machine.host = config.host.map(uri_host);
        machine.udp = of(true).take(sip_sockets).collect();
        machine.stun = of(true).skip(sip_sockets).collect();
        machine.streams = of(false).collect();
        machine.open_to_strangers = config.open_to_strangers;
        let door = addresses.iter().find(|(transport, _)| *transport == Transport::Tls).map(|(_, address)| address.port());
        machine.federation =
            other_domains.as_ref().zip(door).map(|(others, door)| Federation { door, private_addresses: others.private_addresses });
        let (replies, feed) = mpsc::channel(ROOM);
        let deliver = replies.clone();
        let store = StoreThread::start(backend, ROOM, move |reply| {
            // The machine is gone: so is whoever asked.
            let _ = deliver.blocking_send(Feed::Input(ServerInput::Stored(reply)));
        })?;
        let limits = limits(&mut machine.limits, config.limits, raise_file_limit());
        let resolver = Resolver::new(other_domains.map(|others| others.resolver).unwrap_or_default());
        let mut driver = Driver::new(DriverConfig { limits, certificate: certificate.clone(), ..DriverConfig::new(trust, resolver) })?;
        driver.listen(listeners);
        let watch = config.certificate_files.zip(certificate).map(|(files, certificate)| tokio::spawn(files.watch(certificate)));
        Ok(Self { server: Box::new(Server::new(machine, entropy)), driver, store, feed, replies, addresses, watch })
    }

    /// Where it listens: UDP (SIP, then STUN alone), TCP, TLS, each in the order of the configuration, with the ports that were
    /// free.
    #[must_use]
    pub fn addresses(&self) -> &[(Transport, SocketAddr)] {
        &self.addresses
    }

    /// Serves until `stop` is done, then closes all connections properly. `report` hears what happens.
    pub async fn run(mut self, stop: impl Future<Output = ()>, mut report: impl FnMut(ServerEvent)) {
        let Self { server, driver, store, feed, replies, .. } = &mut self;
        let driven = drive(&mut **server, driver, feed, |output| match output {
            ServerOutput::Io(action) => Step::Io(action),
            ServerOutput::Store(request) => {
                if let Err(reply) = store.ask(request) {
                    // There is room by construction; without it the question stays open and its bound holds.
                    let _ = replies.try_send(Feed::Input(ServerInput::Stored(reply)));
                }
                Step::Taken
            }
            ServerOutput::Log(event) => {
                tracing::debug!(?event, "server");
                report(event);
                Step::Taken
            }
            ServerOutput::Wake(wake) => Step::Wake(wake),
        });
        tokio::select! {
            () = driven => {}
            () = stop => {}
        }
        self.driver.close(GOODBYE).await;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.abort();
        }
    }
}

/// Starts a server and runs it until `stop` is done.
///
/// # Errors
/// [`ServeError`]: it did not start.
pub async fn serve(config: ServeConfig, stop: impl Future<Output = ()>, report: impl FnMut(ServerEvent)) -> Result<(), ServeError> {
    Service::start(config)?.run(stop, report).await;
    Ok(())
}

/// Files that a server has open besides connections: its doors, its database, calls to other domains.
const OTHER_FILES: usize = 256;

/// How many connections there may be is the machine's to say, within what the system allows. The driver has room for handshakes beside
/// them: a newcomer is looked at before the machine says who gives way.
fn limits(machine: &mut ServerLimits, driver: Limits, files: Option<usize>) -> Limits {
    let beside = driver.handshakes + OTHER_FILES;
    let possible = files.map_or(machine.connections, |files| files.saturating_sub(beside).max(files / 4));
    if possible < machine.connections {
        tracing::warn!(possible, wished = machine.connections, "this system allows fewer connections");
        machine.connections = possible;
    }
    Limits { connections: machine.connections + driver.handshakes, connections_from_one: machine.connections_from_one, ..driver }
}

fn check(config: &ServeConfig) -> Result<(), ServeError> {
    let domain = &config.domain;
    if domain.parse::<IpAddr>().is_err() && !is_host_name(domain) {
        return Err(ServeError::Domain(domain.clone()));
    }
    let plain = config.tcp.iter().map(|address| (Transport::Tcp, *address)).chain(config.udp.iter().map(|a| (Transport::Udp, *a)));
    for (transport, address) in plain {
        if !is_own_network(address.ip()) {
            return Err(ServeError::PlainInPublic { transport, address });
        }
    }
    Ok(())
}

/// Loopback, private, link-local. Not "any address": that would be the public one too.
fn is_own_network(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn open(storage: Storage, domain: &str, entropy: &mut cooee_machine::Entropy) -> Result<(Backend, [u8; 32]), ServeError> {
    let mut secret = [0; 32];
    entropy.fill(&mut secret);
    match storage {
        Storage::Memory(memory) => Ok((Backend::Memory(memory), secret)),
        Storage::Directory(directory) => {
            let database = Domain::open(&directory, domain, secret)?;
            let secret = database.secret();
            Ok((Backend::Sqlite(Box::new(database)), secret))
        }
    }
}

/// As a URI has it: an IPv6 address in brackets (RFC 3261 25.1, `IPv6reference`).
fn uri_host(host: String) -> String {
    host.parse::<Ipv6Addr>().map_or(host, |address| format!("[{address}]"))
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Service({:?})", self.addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_allows_few_files_gets_few_connections_and_room_for_handshakes() {
        let of = |files: Option<usize>| {
            let mut machine = ServerLimits::default();
            let driver = limits(&mut machine, Limits::default(), files);
            (machine.connections, driver.connections)
        };
        assert_eq!(of(None), (10_000, 10_512));
        assert_eq!(of(Some(1 << 20)), (10_000, 10_512));
        assert_eq!(of(Some(4096)), (3328, 3840));
        assert_eq!(of(Some(1024)), (256, 768));
    }

    #[test]
    fn only_an_ipv6_address_gets_brackets_in_a_uri() {
        for (typed, written) in [
            ("2001:db8::10", "[2001:db8::10]"),
            ("[2001:db8::10]", "[2001:db8::10]"),
            ("192.0.2.1", "192.0.2.1"),
            ("sip.example.org", "sip.example.org"),
        ] {
            assert_eq!(uri_host(typed.to_owned()), written);
        }
    }
}
