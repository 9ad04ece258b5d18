use cooee_machine::{NaptrRecord, Question, Record, RecordType, Transport};

/// The SRV name of a transport below a domain (RFC 3263 4.2).
pub(super) fn srv_name(transport: Transport, domain: &str) -> String {
    let prefix = match transport {
        Transport::Udp => "_sip._udp.",
        Transport::Tcp => "_sip._tcp.",
        Transport::Tls => "_sips._tcp.",
    };
    format!("{prefix}{domain}")
}

pub(super) fn srv_question(transport: Transport, domain: &str) -> Question {
    Question { name: srv_name(transport, domain), kind: RecordType::Srv }
}

/// One NAPTR record that leads to SIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) transport: Transport,
    /// Name of its SRV records.
    pub(super) name: String,
}

/// The SIP services among NAPTR records: TLS first whatever the domain prefers, then by order and preference.
/// Records for anything else (ENUM, other transports, rewriting by regexp) are passed over, at most `limit` are kept.
pub(super) fn services(records: &[Record], limit: usize) -> Vec<Service> {
    let mut rules: Vec<(&NaptrRecord, Transport)> = records.iter().filter_map(rule).collect();
    rules.sort_by_key(|(rule, transport)| (*transport != Transport::Tls, rule.order, rule.preference));
    rules.truncate(limit);
    rules.into_iter().map(|(rule, transport)| Service { transport, name: rule.replacement.to_ascii_lowercase() }).collect()
}

fn rule(record: &Record) -> Option<(&NaptrRecord, Transport)> {
    let Record::Naptr(rule) = record else { return None };
    let usable = rule.flags.eq_ignore_ascii_case("s") && rule.regexp.is_empty() && !rule.replacement.is_empty();
    let transport = match rule.services.to_ascii_uppercase().as_str() {
        "SIPS+D2T" => Transport::Tls,
        "SIP+D2T" => Transport::Tcp,
        "SIP+D2U" => Transport::Udp,
        _ => return None,
    };
    usable.then_some((rule, transport))
}
