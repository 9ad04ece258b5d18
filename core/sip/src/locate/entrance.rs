use cooee_machine::{DnsSecurity, Question, Record, RecordType, Transport, srv};

use super::answers::{Answer, Answers, Stop};
use super::service::services;

/// NAPTR services followed.
pub(super) const MAX_SERVICES: usize = 6;

/// One way in: a transport and the SRV records behind it, at least one of which names a server.
pub(super) struct Entrance<'a> {
    pub(super) transport: Transport,
    pub(super) records: &'a [Record],
    /// Of the rule and the records together.
    pub(super) security: DnsSecurity,
}

impl<'a> Entrance<'a> {
    fn new((transport, answer): (Transport, Answer<'a>), signed: DnsSecurity) -> Option<Self> {
        let Answer::Records(records, security) = answer else { return None };
        srv::offers(records).then_some(Self { transport, records, security: security.weaker(signed) })
    }
}

/// The ways in that NAPTR names, in its order, then those of the well-known names (`direct`) that it does not; TLS before the
/// others. A rule for a transport that is not among `direct` is passed over.
pub(super) fn entrances<'a>(
    answers: &mut Answers<'a>,
    rules: Answer<'a>,
    direct: &[(Transport, Answer<'a>)],
) -> Result<Vec<Entrance<'a>>, Stop> {
    let is_allowed = |transport: Transport| direct.iter().any(|(allowed, _)| *allowed == transport);
    let mut found: Vec<(Transport, Answer<'a>)> = Vec::new();
    for service in services(rules.records(), MAX_SERVICES).into_iter().filter(|service| is_allowed(service.transport)) {
        let question = Question { name: service.name, kind: RecordType::Srv };
        found.push((service.transport, answers.ask(question)));
    }
    answers.settle()?;
    for (transport, answer) in direct {
        let is_named = found.iter().any(|(named, answer)| named == transport && srv::offers(answer.records()));
        if !is_named {
            found.push((*transport, *answer));
        }
    }
    // Without a rule it is the proof of its absence that counts.
    let signed = match rules {
        Answer::Records(_, security) | Answer::Nothing { security, .. } => security,
        Answer::Failed(_) => DnsSecurity::Insecure,
        Answer::Unknown => DnsSecurity::Secure,
    };
    let mut entrances: Vec<Entrance<'a>> = found.into_iter().filter_map(|found| Entrance::new(found, signed)).collect();
    entrances.sort_by_key(|entrance| entrance.transport != Transport::Tls);
    Ok(entrances)
}
