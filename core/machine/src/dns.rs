use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// Ties a [`Question`] to its [`Resolution`]. Allotted by the machine that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QuestionId(pub u64);

/// The record types Cooee asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// RFC 2782.
    Srv,
    /// RFC 3403.
    Naptr,
}

/// One question to the resolver the driver lends. `name` is absolute, without the final dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Question {
    /// E.g. `_sips._tcp.example.org`.
    pub name: String,
    /// What is asked.
    pub kind: RecordType,
}

/// RFC 2782.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SrvRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among equals.
    pub weight: u16,
    /// Port of the service.
    pub port: u16,
    /// Host name without the final dot; empty for `.`: "decidedly not available".
    pub target: String,
}

/// RFC 3403.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NaptrRecord {
    /// Lower first; must be followed.
    pub order: u16,
    /// Lower first; among equals of order.
    pub preference: u16,
    /// E.g. `s`.
    pub flags: String,
    /// E.g. `SIPS+D2T`.
    pub services: String,
    /// Substitution, empty when `replacement` is used.
    pub regexp: String,
    /// Name without the final dot, empty for `.`.
    pub replacement: String,
}

/// One record of an answer, aliases (CNAME) already followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Service.
    Srv(SrvRecord),
    /// Rewriting rule.
    Naptr(NaptrRecord),
}

/// How far the answer can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DnsSecurity {
    /// DNSSEC, by our own validation or a trusted resolver's AD bit.
    Secure,
    /// Not signed, or nobody looked.
    Insecure,
}

impl DnsSecurity {
    /// As secure as the weaker of the two: what rests on both.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        if self == Self::Secure { other } else { self }
    }
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResolveFailure {
    /// Nobody answered in time.
    Timeout,
    /// The resolver said SERVFAIL.
    ServerFailure,
    /// Signatures are wrong: do not use the name.
    Bogus,
    /// Refused, not implemented, malformed.
    Refused,
    /// There is no resolver to ask, or it cannot be reached (no network, none configured, connection refused).
    NoResolver,
    /// The resolver could not prove that it is the chosen one (DNS over TLS or HTTPS): nothing was asked.
    Untrusted,
    /// The network answers every question with an address of its own: it wants a login first (a captive portal).
    Captive,
}

/// What became of a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// At least one record of the asked type.
    Records {
        /// In the order they came.
        records: Vec<Record>,
        /// The smallest time to live on the way.
        ttl: Duration,
        /// Whether it was validated.
        security: DnsSecurity,
    },
    /// The name is there but has no such record (NODATA), or the name does not exist (NXDOMAIN).
    Nothing {
        /// NXDOMAIN: no record of any type.
        no_such_name: bool,
        /// How long that may be believed.
        ttl: Duration,
        /// Whether the denial was validated.
        security: DnsSecurity,
    },
    /// No answer.
    Failed(ResolveFailure),
}
