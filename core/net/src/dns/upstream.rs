use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::ResolveFailure;
use hickory_proto::op::Message;

use super::answer::Ask;
use super::encrypted::Encrypted;
use super::system::SystemServers;
use super::{DnsServer, DnsServers, RawDns, Resolver, ResolverConfig, wire};

/// A server as it is asked.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    /// As people write it.
    pub(super) name: String,
    /// Its AD bit counts: it was chosen and nobody on the way can set the bit, or the system says so.
    pub(super) is_trusted: bool,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Plain(SocketAddr),
    Encrypted(Arc<Encrypted>),
    Raw(Arc<dyn RawDns>),
}

impl Upstream {
    fn plain(server: SocketAddr, is_trusted: bool) -> Self {
        Self { name: DnsServer::Plain(server).to_string(), is_trusted: is_trusted || server.ip().is_loopback(), way: Way::Plain(server) }
    }

    /// The server's message, which answers exactly this question. All of it takes at most `patience`.
    pub(super) async fn exchange(&self, ask: &Ask, patience: Duration) -> Result<Message, ResolveFailure> {
        match &self.way {
            Way::Plain(server) => wire::plain(*server, ask, patience).await,
            Way::Encrypted(server) => server.exchange(ask, patience).await,
            Way::Raw(raw) => wire::raw(raw.as_ref(), ask, patience).await,
        }
    }
}

/// All servers of a resolver.
#[derive(Debug)]
pub(super) enum Upstreams {
    System,
    These(Vec<Upstream>),
}

impl Upstreams {
    pub(super) fn new(config: &ResolverConfig) -> Self {
        Self::These(match &config.servers {
            DnsServers::System => return Self::System,
            DnsServers::Nobody => Vec::new(),
            DnsServers::Raw(raw) => {
                vec![Upstream { name: config.servers.to_string(), is_trusted: false, way: Way::Raw(Arc::clone(raw)) }]
            }
            DnsServers::Chosen(servers) => servers.iter().map(|server| chosen(server, config)).collect(),
        })
    }

    pub(super) fn are_the_systems(&self) -> bool {
        matches!(self, Self::System)
    }

    pub(super) fn in_order(&self) -> Cow<'_, [Upstream]> {
        match self {
            Self::These(servers) => Cow::Borrowed(servers),
            Self::System => {
                let SystemServers { servers, trust_ad } = SystemServers::load();
                servers.into_iter().map(|server| Upstream::plain(server, trust_ad)).collect()
            }
        }
    }

    pub(super) fn forget(&self) {
        let Self::These(servers) = self else { return };
        for server in servers {
            if let Way::Encrypted(server) = &server.way {
                server.forget();
            }
        }
    }
}

fn chosen(server: &DnsServer, config: &ResolverConfig) -> Upstream {
    if let DnsServer::Plain(address) = server {
        return Upstream::plain(*address, false);
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
    Upstream { name: server.to_string(), is_trusted: true, way: Way::Encrypted(Arc::new(encrypted)) }
}
