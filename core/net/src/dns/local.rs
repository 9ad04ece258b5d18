use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use cooee_machine::{DnsSecurity, Question, Record, RecordType, Resolution};

/// A table that answers instead of the DNS, for demonstrations and tests. It speaks for each of its names and for all
/// names below them: what is not in it does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(HashMap<String, Vec<Record>>);

impl Overrides {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `name` has this address, too.
    #[must_use]
    pub fn with_address(self, name: &str, address: IpAddr) -> Self {
        self.with_record(
            name,
            match address {
                IpAddr::V4(four) => Record::A(four),
                IpAddr::V6(six) => Record::Aaaa(six),
            },
        )
    }

    /// `name` has this record, too.
    #[must_use]
    pub fn with_record(mut self, name: &str, record: Record) -> Self {
        self.0.entry(fold(name)).or_default().push(record);
        self
    }

    pub(super) fn answer(&self, question: &Question) -> Option<Resolution> {
        let name = fold(&question.name);
        if let Some(records) = self.0.get(&name) {
            return Some(of_kind(records, question.kind));
        }
        let below = |known: &String| name.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.'));
        self.0.keys().any(below).then(|| nothing(true))
    }
}

/// How long an answer of ours may be believed.
const TTL: Duration = Duration::from_secs(60);

/// Answers that never go out: numeric addresses, `localhost`, `invalid` (RFC 6761), `onion` (RFC 7686).
pub(super) fn answer(question: &Question) -> Option<Resolution> {
    let name = fold(&question.name);
    let numeric = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    if let Ok(address) = numeric.parse::<IpAddr>() {
        let record = match address {
            IpAddr::V4(four) => Record::A(four),
            IpAddr::V6(six) => Record::Aaaa(six),
        };
        return Some(of_kind(&[record], question.kind));
    }
    match name.rsplit('.').next()? {
        "localhost" => {
            let addresses = [Record::A(Ipv4Addr::LOCALHOST), Record::Aaaa(Ipv6Addr::LOCALHOST)];
            Some(of_kind(&addresses, question.kind))
        }
        "invalid" | "onion" | "" => Some(nothing(true)),
        _ => None,
    }
}

pub(super) fn of_kind(records: &[Record], kind: RecordType) -> Resolution {
    let records: Vec<Record> = records.iter().filter(|record| kind_of(record) == kind).cloned().collect();
    if records.is_empty() { nothing(false) } else { Resolution::Records { records, ttl: TTL, security: DnsSecurity::Insecure } }
}

fn nothing(no_such_name: bool) -> Resolution {
    Resolution::Nothing { no_such_name, ttl: TTL, security: DnsSecurity::Insecure }
}

fn kind_of(record: &Record) -> RecordType {
    match record {
        Record::A(_) => RecordType::A,
        Record::Aaaa(_) => RecordType::Aaaa,
        Record::Srv(_) => RecordType::Srv,
        Record::Naptr(_) => RecordType::Naptr,
    }
}

pub(super) fn fold(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str, kind: RecordType) -> Question {
        Question { name: name.to_owned(), kind }
    }

    fn records(resolution: Option<Resolution>) -> Vec<Record> {
        match resolution {
            Some(Resolution::Records { records, .. }) => records,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_of_this_machine_and_numbers_never_go_out() {
        assert_eq!(records(answer(&ask("LocalHost.", RecordType::A))), [Record::A(Ipv4Addr::LOCALHOST)]);
        assert_eq!(records(answer(&ask("pbx.localhost", RecordType::Aaaa))), [Record::Aaaa(Ipv6Addr::LOCALHOST)]);
        assert_eq!(records(answer(&ask("192.0.2.1", RecordType::A))), [Record::A(Ipv4Addr::new(192, 0, 2, 1))]);
        assert_eq!(records(answer(&ask("[2001:db8::1]", RecordType::Aaaa))).len(), 1);
        assert_eq!(answer(&ask("192.0.2.1", RecordType::Aaaa)), Some(nothing(false)));
        assert_eq!(answer(&ask("_sips._tcp.localhost", RecordType::Srv)), Some(nothing(false)));
        assert_eq!(answer(&ask("anything.invalid", RecordType::A)), Some(nothing(true)));
        assert_eq!(answer(&ask("example.org", RecordType::A)), None);
        assert_eq!(answer(&ask("notlocalhost", RecordType::A)), None);
    }

    #[test]
    fn a_table_speaks_for_its_names_and_all_below_them() {
        let table = Overrides::new().with_address("demo.cooee.example", IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert_eq!(records(table.answer(&ask("Demo.Cooee.example.", RecordType::A))), [Record::A(Ipv4Addr::LOCALHOST)]);
        assert_eq!(table.answer(&ask("demo.cooee.example", RecordType::Aaaa)), Some(nothing(false)));
        assert_eq!(table.answer(&ask("_sips._tcp.demo.cooee.example", RecordType::Srv)), Some(nothing(true)));
        assert_eq!(table.answer(&ask("cooee.example", RecordType::A)), None);
        assert_eq!(table.answer(&ask("nodemo.cooee.example", RecordType::A)), None);
    }
}
