//! Who is asked what kind of thing: the kind tells nothing of whom it is about.

use std::fmt;
use std::sync::Arc;

use cooee_machine::{Question, RecordType};
use cooee_net::DnsObserver;
use cooee_phone::probe::Service;

use crate::desk::{Desk, Job};

/// Writes down what resolvers are asked, and tells another observer on.
pub(crate) struct Journal {
    desk: Desk,
    next: Option<Arc<dyn DnsObserver>>,
}

impl Journal {
    pub(crate) fn new(desk: Desk, next: Option<Arc<dyn DnsObserver>>) -> Self {
        Self { desk, next }
    }
}

impl DnsObserver for Journal {
    fn asked(&self, server: &str, question: &Question) {
        self.desk.put(Job::NoteAsked { whom: server.to_owned(), kind: kind(question) });
        if let Some(next) = &self.next {
            next.asked(server, question);
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal")
    }
}

/// The kind of a question, e.g. `SRV _sips._tcp`, without the domain it is about.
fn kind(question: &Question) -> String {
    match question.kind {
        RecordType::A => "A".to_owned(),
        RecordType::Aaaa => "AAAA".to_owned(),
        RecordType::Srv => match Service::ALL.iter().find(|service| question.name.starts_with(&format!("{}.", service.label()))) {
            Some(service) => format!("SRV {}", service.label()),
            None => "SRV".to_owned(),
        },
        RecordType::Naptr if is_number(&question.name) => "NAPTR of a telephone number".to_owned(),
        RecordType::Naptr => "NAPTR".to_owned(),
    }
}

/// RFC 6116 3.2: a digit a label.
fn is_number(name: &str) -> bool {
    name.split('.').take_while(|label| matches!(label.as_bytes(), [digit] if digit.is_ascii_digit())).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_tells_nothing_of_whom_it_is_about() {
        let kind = |name: &str, kind| super::kind(&Question { name: name.to_owned(), kind });
        assert_eq!(kind("_sips._tcp.anna-nagy.example", RecordType::Srv), "SRV _sips._tcp");
        assert_eq!(kind("_anna._tcp.example", RecordType::Srv), "SRV");
        assert_eq!(kind("anna-nagy.example", RecordType::Naptr), "NAPTR");
        assert_eq!(kind("0.0.8.1.8.6.6.4.4.1.4.e164.arpa", RecordType::Naptr), "NAPTR of a telephone number");
        assert_eq!(kind("sip.anna-nagy.example", RecordType::A), "A");
    }
}
