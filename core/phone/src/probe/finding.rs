use std::time::Duration;

use cooee_machine::{DnsSecurity, ResolveFailure};

use super::Service;

/// What a domain says about calls, when, and how far that can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it says.
    pub published: Published,
    /// The weakest of the answers it rests on.
    pub security: DnsSecurity,
    /// Who says so.
    pub source: Source,
    /// When it was found, since the Unix epoch.
    pub checked: Duration,
    /// How long its answers asked to be believed: the shortest time to live among them. Zero for failures.
    pub ttl: Duration,
}

/// What a domain says about calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It takes calls, by these services, at least one, the best first.
    Calls(Vec<Service>),
    /// It says by `.` that it takes none (RFC 2782), and says nothing else.
    Refuses,
    /// It says nothing about calls.
    Nothing,
    /// It could not be found out.
    Unknown(Unknown),
}

/// Why nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// Nobody asked yet.
    NotAsked,
    /// The resolver had no answer.
    Resolver(ResolveFailure),
    /// The same answer to every question: nobody runs all services on one port, so somebody in between answers.
    Implausible,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The DNS.
    Dns,
    /// Our own list of mail providers that run no telephony; nobody was asked.
    KnownProvider,
}
