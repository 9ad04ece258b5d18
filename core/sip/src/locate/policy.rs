use cooee_machine::Transport;

/// What is to be located.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocateTarget {
    /// A domain in its ASCII form, or a numeric address (IPv6 with or without brackets).
    pub host: String,
    /// From the URI. With a port there is no NAPTR and no SRV (RFC 3263 4.2).
    pub port: Option<u16>,
    /// From the URI's `transport` parameter or the account's setting. With one there is no NAPTR.
    pub transport: Option<Transport>,
    /// A `sips` URI: never anything below TLS, whatever the policy allows.
    pub secure: bool,
}

impl LocateTarget {
    /// A bare domain, as in the right half of an address.
    #[must_use]
    pub fn domain(host: impl Into<String>) -> Self {
        Self { host: host.into(), port: None, transport: None, secure: false }
    }
}

/// What the account allows, and how much is worth trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatePolicy {
    /// Allowed transports, best first. Decides between services that the domain offers alike.
    pub transports: Vec<Transport>,
    /// Whether A records are of use.
    pub ipv4: bool,
    /// Whether AAAA records are of use. Where both are, addresses of one host alternate, IPv6 first.
    pub ipv6: bool,
    /// Whether addresses that are not on the public Internet ([`cooee_machine::is_public`]) are of use. For the account's own
    /// server they are; a stranger's domain must not lead into the network at home.
    pub private_addresses: bool,
    /// The list of hops ends here.
    pub max_hops: usize,
}

impl LocatePolicy {
    /// TLS or nothing: what an account starts with.
    #[must_use]
    pub fn tls_only() -> Self {
        Self { transports: vec![Transport::Tls], ipv4: true, ipv6: true, private_addresses: true, max_hops: 16 }
    }

    /// TLS first, then TCP, then UDP: for a PBX on one's own network, or a prediction of reachability.
    #[must_use]
    pub fn any_transport() -> Self {
        Self { transports: vec![Transport::Tls, Transport::Tcp, Transport::Udp], ..Self::tls_only() }
    }
}

impl Default for LocatePolicy {
    fn default() -> Self {
        Self::tls_only()
    }
}
