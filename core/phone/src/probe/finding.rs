use std::time::Duration;

use cooee_machine::{DnsSecurity, ResolveFailure};

use super::conditions::WEEK;
use super::mail_providers::LIST_CHECKED;
use super::{Protocol, Service, is_known_mail_provider};

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

impl Finding {
    /// What is known of a mail provider without asking anybody: its day is that of the list.
    #[must_use]
    pub fn known_provider(domain: &str) -> Option<Self> {
        let finding = Self {
            published: Published::Nothing,
            security: DnsSecurity::Insecure,
            source: Source::KnownProvider,
            checked: LIST_CHECKED,
            ttl: WEEK,
        };
        is_known_mail_provider(domain).then_some(finding)
    }

    /// The same for who can be called by these protocols only.
    #[must_use]
    pub fn restricted_to(mut self, protocols: &[Protocol]) -> Self {
        if let Published::Calls(services) = &mut self.published {
            services.retain(|service| protocols.contains(&service.protocol()));
            if services.is_empty() {
                self.published = Published::Nothing;
            }
        }
        self
    }
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
