use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cooee_machine::ResolveFailure;
use hickory_proto::op::Message;

use super::answer::Ask;
use super::canary::Canary;
use super::encrypted::Encrypted;
use super::system::SystemServers;
use super::{DnsServer, DnsServers, RawDns, Resolver, ResolverConfig, wire};

/// A server as it is asked.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// As people write it.
    pub(super) name: String,
    /// Its AD bit counts: it was chosen and nobody on the way can set the bit, or the system says so by `options trust-ad`.
    pub(super) is_trusted: bool,
    /// Where nobody vouches for the server: whether it answers for what does not exist.
    pub(super) canary: Option<Arc<Canary>>,
    way: Carrier,
}

#[derive(Clone, Debug)]
enum Carrier {
    Plain(SocketAddr),
    Encrypted(Arc<Encrypted>),
    Raw(Arc<dyn RawDns>),
}

impl Upstream {
    fn plain(server: SocketAddr, is_trusted: bool, canary: Option<Arc<Canary>>) -> Self {
        Self { name: DnsServer::Plain(server).to_string(), is_trusted, canary, way: Carrier::Plain(server) }
    }

    /// The server's message, which answers exactly this question. All of it takes at most `patience`.
    pub(super) async fn exchange(&self, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
        match &self.way {
            Carrier::Plain(server) => wire::plain(*server, ask, patience).await,
            Carrier::Encrypted(server) => server.exchange(ask, patience).await,
            Carrier::Raw(raw) => wire::raw(raw.as_ref(), ask, patience).await,
        }
    }
}

/// All servers of a resolver.
#[derive(Debug)]
pub(super) enum Upstreams {
    /// Read anew each time; what is known of them is kept.
    System(Mutex<HashMap<SocketAddr, Arc<Canary>>>),
    These(Mutex<Vec<Upstream>>),
}

impl Upstreams {
    pub(super) fn new(config: &ResolverConfig) -> Self {
        Self::These(Mutex::new(match &config.servers {
            DnsServers::System => return Self::System(Mutex::default()),
            DnsServers::Nobody => Vec::new(),
            DnsServers::Raw(raw) => {
                let (name, way) = (config.servers.to_string(), Carrier::Raw(Arc::clone(raw)));
                vec![Upstream { name, is_trusted: false, canary: Some(Arc::default()), way }]
            }
            DnsServers::Chosen(servers) => servers.iter().map(|server| chosen(server, config)).collect(),
        }))
    }

    pub(super) fn are_the_systems(&self) -> bool {
        matches!(self, Self::System(_))
    }

    pub(super) fn in_order(&self) -> Vec<Upstream> {
        match self {
            Self::These(servers) => servers.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::System(canaries) => {
                let mut canaries = canaries.lock().unwrap_or_else(PoisonError::into_inner);
                of_the_system(SystemServers::load(), &mut canaries)
            }
        }
    }

    /// Another network: connections are as good as dead, and nobody is known.
    pub(super) fn forget(&self) {
        match self {
            Self::System(canaries) => canaries.lock().unwrap_or_else(PoisonError::into_inner).clear(),
            Self::These(servers) => {
                for server in servers.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
                    server.canary = server.canary.take().map(|_| Arc::default());
                    if let Carrier::Encrypted(encrypted) = &server.way {
                        encrypted.forget();
                    }
                }
            }
        }
    }
}

/// A resolver on this machine may only pass on what the network's says: it is believed no more than any other.
fn of_the_system(system: SystemServers, canaries: &mut HashMap<SocketAddr, Arc<Canary>>) -> Vec<Upstream> {
    let SystemServers { servers, trust_ad } = system;
    canaries.retain(|server, _| servers.contains(server));
    let mut canary = |server| Some(Arc::clone(canaries.entry(server).or_default()));
    servers.into_iter().map(|server| Upstream::plain(server, trust_ad, canary(server))).collect()
}

fn chosen(server: &DnsServer, config: &ResolverConfig) -> Upstream {
    if let DnsServer::Plain(address) = server {
        let is_here = address.ip().is_loopback();
        return Upstream::plain(*address, is_here, (!is_here).then(Arc::default));
    }
    // Its own bootstrap is nobody: encrypted servers that need each other's names would go round in a circle.
    let bootstrap = Resolver::new(ResolverConfig {
        servers: config.bootstrap.clone(),
        bootstrap: DnsServers::Nobody,
        overrides: config.overrides.clone(),
        observer: config.observer.clone(),
        trust: config.trust.clone(),
        ..ResolverConfig::default()
    });
    let encrypted = Encrypted::new(server.clone(), config.trust.clone(), bootstrap);
    Upstream { name: server.to_string(), is_trusted: true, canary: None, way: Carrier::Encrypted(Arc::new(encrypted)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolver_of_the_system_is_believed_about_dnssec_only_where_the_system_says_so() {
        let trusted = |text: &str| -> Vec<bool> {
            let found = of_the_system(SystemServers::read(text), &mut HashMap::new());
            found.iter().map(|upstream| upstream.is_trusted).collect()
        };
        assert_eq!(trusted("nameserver 127.0.0.53\nnameserver 192.0.2.1\n"), [false, false], "a stub may pass on what anybody said");
        assert_eq!(trusted("nameserver 127.0.0.53\nnameserver 192.0.2.1\noptions edns0 trust-ad\n"), [true, true]);
    }

    #[test]
    fn a_chosen_resolver_is_believed_where_nobody_on_the_way_can_speak_for_it() {
        let trusted = |text: &str| {
            let config = ResolverConfig { servers: text.parse().unwrap(), ..ResolverConfig::default() };
            Upstreams::new(&config).in_order().iter().all(|upstream| upstream.is_trusted)
        };
        assert!(trusted("127.0.0.1") && trusted("[::1]:5300") && trusted("tls://192.0.2.1") && trusted("https://192.0.2.1/dns-query"));
        assert!(!trusted("192.0.2.1"));
    }
}
