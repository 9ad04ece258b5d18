use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cooee_machine::Transport;

use crate::Uri;
use crate::flow::Flow;
use crate::transaction::{Timers, TransactionLimits};

/// Under which names a proxy is itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The domain it serves, in lower case: users are `sip:user@domain`.
    pub domain: String,
    /// Host that others reach it by, in `Via` and `Record-Route`; the domain, where certificates are to match.
    pub host: String,
    /// Addresses it listens on. An unspecified one stands for every address of its port.
    pub addresses: Vec<SocketAddr>,
}

impl Names {
    /// Whether a URI means this proxy, or a user of its domain.
    #[must_use]
    pub fn is_us(&self, uri: &Uri<'_>) -> bool {
        if !uri.is_sip() {
            return false;
        }
        match uri.address() {
            Some(address) => self.listens_on(address, uri) || self.is_named(uri.host()) && self.has_port(uri),
            None => self.is_named(uri.host()),
        }
    }

    fn is_named(&self, host: &str) -> bool {
        host.eq_ignore_ascii_case(&self.domain) || host.eq_ignore_ascii_case(&self.host)
    }

    fn port(uri: &Uri<'_>) -> u16 {
        let is_tls = uri.scheme() == crate::Scheme::Sips || uri.transport().is_some_and(|t| t.eq_ignore_ascii_case("tls"));
        uri.port().unwrap_or(if is_tls { 5061 } else { 5060 })
    }

    fn has_port(&self, uri: &Uri<'_>) -> bool {
        uri.port().is_none() || self.addresses.iter().any(|own| own.port() == Self::port(uri))
    }

    fn listens_on(&self, address: IpAddr, uri: &Uri<'_>) -> bool {
        self.addresses.iter().any(|own| own.port() == Self::port(uri) && (own.ip() == address || own.ip().is_unspecified()))
    }

    /// The address of record of one of its users.
    pub(super) fn address_of(&self, user: &str) -> String {
        let mut address = String::with_capacity(5 + user.len() + self.domain.len());
        ["sip:", user, "@", &self.domain].iter().for_each(|part| address.push_str(part));
        address
    }

    /// Writes `host[:port]` of the end of `flow` that is ours, as others can reach it.
    pub(super) fn write_sent_by(&self, flow: &Flow, out: &mut String) {
        let port = flow.local.port();
        let usual = if flow.transport == Transport::Tls { 5061 } else { 5060 };
        let is_nameless = flow.transport == Transport::Tls || flow.local.ip().is_unspecified();
        // Writing to a String cannot fail.
        let _ = match (is_nameless, flow.local.ip()) {
            (true, _) if port == usual => out.write_str(&self.host),
            (true, _) => write!(out, "{}:{port}", self.host),
            (false, IpAddr::V6(address)) => write!(out, "[{address}]:{port}"),
            (false, IpAddr::V4(address)) => write!(out, "{address}:{port}"),
        };
    }
}

/// What a proxy is and bears.
#[derive(Clone)]
pub struct ProxyConfig {
    /// Who it is.
    pub names: Names,
    /// Signs its tokens; the same after a restart, or calls in progress lose their way.
    pub secret: [u8; 32],
    /// Which run of the server this is, see [`crate::registrar::Binding::epoch`].
    pub epoch: u64,
    /// Whether users may reach other domains: then [`super::ProxyOutput::Reach`] is to be answered.
    pub reaches_other_domains: bool,
    /// Transaction timers.
    pub timers: Timers,
    /// Timer C: longest time between two provisional responses of an INVITE; more than 3 minutes (RFC 3261 16.6).
    pub timer_c: Duration,
    /// Bounds of the transaction table. Its octets bound all messages that the proxy keeps.
    pub limits: TransactionLimits,
    /// Devices of one user that ring at once.
    pub max_branches: usize,
    /// Questions to storage open at once; more are answered with 503.
    pub max_questions: usize,
}

impl ProxyConfig {
    /// The usual values.
    #[must_use]
    pub fn new(names: Names, secret: [u8; 32], epoch: u64) -> Self {
        Self {
            names,
            secret,
            epoch,
            reaches_other_domains: false,
            timers: Timers::default(),
            timer_c: Duration::from_secs(190),
            limits: TransactionLimits { client: 20_000, server: 20_000, bytes: 64 << 20 },
            max_branches: 12,
            max_questions: 8192,
        }
    }
}

impl std::fmt::Debug for ProxyConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxyConfig").field("names", &self.names).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_knows_its_names_and_a_phone_on_its_own_host_is_not_it() {
        let names = Names {
            domain: "example.org".into(),
            host: "example.org".into(),
            addresses: vec!["127.0.0.1:5061".parse().unwrap(), "[::1]:5060".parse().unwrap()],
        };
        for us in ["sip:ben@example.org", "sips:Example.ORG:7777", "sip:127.0.0.1:5061", "sip:127.0.0.1;transport=tls", "sip:ben@[::1]"] {
            assert!(names.is_us(&Uri::parse(us).unwrap()), "{us}");
        }
        for other in ["sip:ben@127.0.0.1:40000", "sip:127.0.0.1", "sip:ben@example.com", "tel:+1", "sip:ben@example.org.evil.com"] {
            assert!(!names.is_us(&Uri::parse(other).unwrap()), "{other}");
        }
    }
}
