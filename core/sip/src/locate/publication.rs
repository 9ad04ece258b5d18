use std::time::Duration;

use cooee_machine::{DnsSecurity, Transport, srv};

use super::answers::{Answer, Answers, Stop};
use super::entrance::entrances;
use super::name::Host;
use super::{LocateFailure, LocatePolicy};

/// What a domain says about SIP in NAPTR and SRV records, without looking for any address: whether a call may work, at the
/// price of a few questions. A bare address record says nothing: every web site has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The transports that it offers and the policy allows, best first, each with the weakest security of the records that
    /// say so.
    pub services: Vec<(Transport, DnsSecurity)>,
    /// It offers none and says so by a target of `.` (RFC 2782).
    pub refuses: bool,
    /// It does not exist (NXDOMAIN).
    pub no_such_domain: bool,
    /// Of all that was said.
    pub security: DnsSecurity,
    /// How long it may be believed.
    pub ttl: Duration,
}

/// Reads it off the answers known so far.
pub(super) fn publication(host: &str, policy: &LocatePolicy, answers: &mut Answers<'_>) -> Result<Publication, Stop> {
    let Some(Host::Name(name)) = Host::parse(host) else {
        return Err(Stop::Failed(LocateFailure::InvalidName(host.to_owned())));
    };
    let rules = answers.naptr(&name);
    let direct = answers.services(&policy.transports, &name);
    answers.settle()?;
    let entrances = entrances(answers, rules, &direct)?;
    if entrances.is_empty() {
        // What was not answered may be what would have said it.
        let failed = direct.iter().map(|(_, answer)| answer).chain([&rules]).find_map(|answer| match answer {
            Answer::Failed(failure) => Some(*failure),
            _ => None,
        });
        if let Some(failure) = failed {
            return Err(Stop::Failed(LocateFailure::Dns(failure)));
        }
    }
    let mut services: Vec<(Transport, DnsSecurity)> = Vec::new();
    for entrance in &entrances {
        match services.iter_mut().find(|(transport, _)| *transport == entrance.transport) {
            Some((_, security)) => *security = security.weaker(entrance.security),
            None => services.push((entrance.transport, entrance.security)),
        }
    }
    let denials = || direct.iter().map(|(_, answer)| *answer).chain([rules]);
    let no_such_domain = services.is_empty() && matches!(rules, Answer::Nothing { no_such_name: true, .. });
    let security = if services.is_empty() {
        denials().fold(DnsSecurity::Secure, |all, answer| match answer {
            Answer::Records(_, security) | Answer::Nothing { security, .. } => all.weaker(security),
            Answer::Failed(_) | Answer::Unknown => DnsSecurity::Insecure,
        })
    } else {
        services.iter().fold(DnsSecurity::Secure, |all, (_, security)| all.weaker(*security))
    };
    let refuses = services.is_empty() && direct.iter().any(|(_, answer)| srv::denies(answer.records()));
    Ok(Publication { services, refuses, no_such_domain, security, ttl: answers.ttl() })
}
