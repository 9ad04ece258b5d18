use cooee_machine::{ResolveFailure, Transport};

/// Why a domain leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocateFailure {
    /// What was dialled is no host name, or needs no finding out to be refused.
    #[error("“{0}” is not a host name")]
    InvalidName(String),
    /// A `sips` address or a TLS-only account together with `transport=udp`, or a transport the policy forbids.
    #[error("transport {} is not allowed here", word(*.0))]
    NotAllowed(Transport),
    /// The name does not exist (NXDOMAIN).
    #[error("there is no domain “{0}”")]
    NoSuchDomain(String),
    /// The domain exists but says by an SRV target `.` that it offers no such service (RFC 2782).
    #[error("“{0}” says that it offers no SIP service")]
    NoService(String),
    /// The domain offers SIP, but none of the transports the policy allows.
    #[error("“{domain}” offers SIP only over {}", words(offered))]
    OnlyOffers {
        /// The dialled domain.
        domain: String,
        /// What it does offer.
        offered: Vec<Transport>,
    },
    /// Neither the domain nor its servers have an address we can use.
    #[error("“{0}” has no address")]
    NoAddress(String),
    /// It leads only to addresses that are not on the public Internet, and the policy refuses those.
    #[error("“{0}” leads only into a private network")]
    PrivateAddress(String),
    /// The resolver had no answer.
    #[error("the name could not be looked up: {}", reason(*.0))]
    Dns(ResolveFailure),
}

fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}

fn words(transports: &[Transport]) -> String {
    transports.iter().map(|transport| word(*transport)).collect::<Vec<_>>().join(", ")
}

fn reason(failure: ResolveFailure) -> &'static str {
    match failure {
        ResolveFailure::Timeout => "no answer from the name server in time",
        ResolveFailure::ServerFailure => "the name server failed",
        ResolveFailure::Bogus => "its DNSSEC signatures are wrong",
        ResolveFailure::Refused => "the name server refused",
        ResolveFailure::NoResolver => "there is no name server to ask, or it cannot be reached",
        ResolveFailure::Captive => "this network wants a login first",
        ResolveFailure::Untrusted => "the name server could not prove that it is the chosen one",
    }
}
