//! Who is asked what kind of thing: the kind tells nothing of whom it is about.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cooee_machine::{Question, RecordType};
use cooee_net::DnsObserver;
use cooee_phone::probe::Service;

use crate::desk::{Desk, Job};

/// Whom, what kind, how often.
pub(crate) type Questions = BTreeMap<(String, String), u64>;

/// What was asked since the desk looked last. At most one job for it lies on the desk, however much is asked and however slow the
/// disk is: the desk's room is for what people do.
#[derive(Clone, Default)]
pub(crate) struct AskedSince(Arc<Mutex<Questions>>);

impl AskedSince {
    /// Adds one. `true` if it is the first since: the desk has to be told.
    pub(crate) fn add(&self, whom: &str, kind: String) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = asked.is_empty();
        *asked.entry((whom.to_owned(), kind)).or_default() += 1;
        is_first
    }

    /// All, for the desk.
    pub(crate) fn take(&self) -> Questions {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down what resolvers are asked, and tells another observer on.
pub(crate) struct Journal {
    desk: Desk,
    asked: AskedSince,
    next: Option<Arc<dyn DnsObserver>>,
}

impl Journal {
    pub(crate) fn new(desk: Desk, next: Option<Arc<dyn DnsObserver>>) -> Self {
        Self { desk, asked: AskedSince::default(), next }
    }
}

impl DnsObserver for Journal {
    fn asked(&self, server: &str, question: &Question) {
        if self.asked.add(server, kind(question)) {
            self.desk.put(Job::NoteAsked(self.asked.clone()));
        }
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
    fn however_much_is_asked_the_desk_has_one_job_of_it() {
        let asked = AskedSince::default();
        let jobs = (0..3000).filter(|_| asked.add("192.0.2.1", "NAPTR".to_owned())).count();
        assert_eq!((jobs, asked.take().into_values().sum::<u64>()), (1, 3000));
        assert!(asked.add("192.0.2.1", "NAPTR".to_owned()), "what comes after the desk has looked is a job again");
    }

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
