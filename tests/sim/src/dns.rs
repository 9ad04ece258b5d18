use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use cooee_machine::{DnsSecurity, Entropy, NaptrRecord, Question, Record, RecordType, Resolution, ResolveFailure, SrvRecord};

use crate::dice::Dice;
use crate::host::HostId;

/// The name service all hosts ask, by the resolver each of them has: zones, delay, loss, failures, and a cache a host.
#[derive(Debug)]
pub struct Dns {
    /// From question to answer, on top of the delay of the host's own link.
    pub delay: Duration,
    /// Probability that a question or its answer is lost for good; the resolver then gives up after `timeout`.
    pub loss: f64,
    /// When a resolver gives up.
    pub timeout: Duration,
    /// Whether answers claim to be validated.
    pub security: DnsSecurity,
    /// How long "there is no such thing" holds (RFC 2308).
    pub negative_ttl: Duration,
    records: BTreeMap<Question, (Vec<Record>, Duration)>,
    failing: BTreeSet<String>,
    cache: BTreeMap<(HostId, Question), (Duration, Resolution)>,
    dice: Dice,
}

impl Dns {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self {
            delay: Duration::from_millis(5),
            loss: 0.0,
            timeout: Duration::from_secs(5),
            security: DnsSecurity::Insecure,
            negative_ttl: Duration::from_secs(60),
            records: BTreeMap::new(),
            failing: BTreeSet::new(),
            cache: BTreeMap::new(),
            dice: Dice::new(entropy),
        }
    }

    /// Adds a record with a time to live of five minutes.
    pub fn add(&mut self, name: &str, record: Record) {
        self.add_for(name, record, Duration::from_secs(300));
    }

    /// Adds a record with this time to live; a set of records has that of its last one.
    pub fn add_for(&mut self, name: &str, record: Record, ttl: Duration) {
        let entry = self.records.entry(question(name, kind(&record))).or_default();
        entry.0.push(record);
        entry.1 = ttl;
    }

    /// Adds an A or AAAA record.
    pub fn add_address(&mut self, name: &str, address: IpAddr) {
        self.add(
            name,
            match address {
                IpAddr::V4(address) => Record::A(address),
                IpAddr::V6(address) => Record::Aaaa(address),
            },
        );
    }

    /// Adds an SRV record, weight 0.
    pub fn add_service(&mut self, name: &str, priority: u16, target: &str, port: u16) {
        self.add(name, Record::Srv(SrvRecord { priority, weight: 0, port, target: target.to_owned() }));
    }

    /// Adds a NAPTR record with flag `s`, preference 0.
    pub fn add_pointer(&mut self, name: &str, order: u16, services: &str, replacement: &str) {
        let (flags, services, replacement) = ("s".to_owned(), services.to_owned(), replacement.to_owned());
        self.add(name, Record::Naptr(NaptrRecord { order, preference: 0, flags, services, regexp: String::new(), replacement }));
    }

    /// Adds a rule of ENUM: below `suffix`, the number (digits only) leads to an address by SIP (RFC 6116).
    pub fn add_number(&mut self, number: &str, suffix: &str, preference: u16, address: &str) {
        let name: String = number.chars().rev().flat_map(|digit| [digit, '.']).collect::<String>() + suffix;
        let (flags, services, regexp) = ("u".to_owned(), "E2U+sip".to_owned(), format!("!^.*$!{address}!"));
        self.add(&name, Record::Naptr(NaptrRecord { order: 100, preference, flags, services, regexp, replacement: String::new() }));
    }

    /// Takes every record of a name away. Caches do not notice.
    pub fn remove(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        self.records.retain(|question, _| question.name != name);
    }

    /// Lets every question about a name end in SERVFAIL, or no longer.
    pub fn fail(&mut self, name: &str, failing: bool) {
        if failing {
            self.failing.insert(name.to_ascii_lowercase());
        } else {
            self.failing.remove(&name.to_ascii_lowercase());
        }
    }

    /// The answer a host gets to a question asked at `now`, and how long it takes beyond the host's link; at once out of its cache.
    pub(crate) fn ask(&mut self, host: HostId, asked: &Question, now: Duration) -> (Duration, bool, Resolution) {
        let key = (host, question(&asked.name, asked.kind));
        if let Some((until, resolution)) = self.cache.get(&key).filter(|(until, _)| *until > now) {
            return (Duration::ZERO, false, aged(resolution, *until - now));
        }
        if self.dice.chance(self.loss) {
            return (self.timeout, false, Resolution::Failed(ResolveFailure::Timeout));
        }
        let resolution = self.look_up(&key.1);
        if let Resolution::Records { ttl, .. } | Resolution::Nothing { ttl, .. } = &resolution {
            self.cache.insert(key, (now + self.delay + *ttl, resolution.clone()));
        }
        (self.delay, true, resolution)
    }

    fn look_up(&self, question: &Question) -> Resolution {
        if self.failing.contains(&question.name) {
            return Resolution::Failed(ResolveFailure::ServerFailure);
        }
        if let Some((records, ttl)) = self.records.get(question) {
            return Resolution::Records { records: records.clone(), ttl: *ttl, security: self.security };
        }
        // A name exists if it, or anything below it, has a record (RFC 8020).
        let below = format!(".{}", question.name);
        let exists = self.records.keys().any(|known| known.name == question.name || known.name.ends_with(&below));
        Resolution::Nothing { no_such_name: !exists, ttl: self.negative_ttl, security: self.security }
    }
}

fn question(name: &str, kind: RecordType) -> Question {
    Question { name: name.to_ascii_lowercase(), kind }
}

fn kind(record: &Record) -> RecordType {
    match record {
        Record::A(_) => RecordType::A,
        Record::Aaaa(_) => RecordType::Aaaa,
        Record::Srv(_) => RecordType::Srv,
        Record::Naptr(_) => RecordType::Naptr,
    }
}

/// The same answer with what is left of its time to live.
fn aged(resolution: &Resolution, left: Duration) -> Resolution {
    let mut resolution = resolution.clone();
    if let Resolution::Records { ttl, .. } | Resolution::Nothing { ttl, .. } = &mut resolution {
        *ttl = left;
    }
    resolution
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn dns() -> Dns {
        let mut dns = Dns::new(Entropy::for_test(3));
        dns.add_service("_sips._tcp.Example.org", 10, "sip.example.org", 5061);
        dns.add_address("sip.example.org", "192.0.2.1".parse().unwrap());
        dns
    }

    fn ask(dns: &mut Dns, name: &str, kind: RecordType, now: Duration) -> Resolution {
        dns.ask(HostId(0), &Question { name: name.to_owned(), kind }, now).2
    }

    fn nothing(no_such_name: bool) -> Resolution {
        Resolution::Nothing { no_such_name, ttl: SECOND * 60, security: DnsSecurity::Insecure }
    }

    #[test]
    fn a_name_is_found_whatever_its_case_and_only_by_the_type_it_has() {
        let mut dns = dns();
        let Resolution::Records { records, ttl, .. } = ask(&mut dns, "_SIPS._tcp.example.org", RecordType::Srv, SECOND) else {
            panic!("not found");
        };
        let expected = SrvRecord { priority: 10, weight: 0, port: 5061, target: "sip.example.org".to_owned() };
        assert_eq!((records, ttl), (vec![Record::Srv(expected)], SECOND * 300));
        assert_eq!(ask(&mut dns, "sip.example.org", RecordType::Aaaa, SECOND), nothing(false));
        assert_eq!(ask(&mut dns, "example.org", RecordType::A, SECOND), nothing(false), "names below it exist");
        assert_eq!(ask(&mut dns, "example.net", RecordType::A, SECOND), nothing(true));
    }

    #[test]
    fn an_answer_is_cached_for_its_time_to_live_and_ages_meanwhile() {
        let mut dns = dns();
        let first = ask(&mut dns, "sip.example.org", RecordType::A, SECOND);
        dns.remove("sip.example.org");
        let Resolution::Records { ttl, .. } = ask(&mut dns, "sip.example.org", RecordType::A, SECOND * 201) else { panic!("{first:?}") };
        assert_eq!(ttl, SECOND * 100 + dns.delay);
        assert_eq!(ask(&mut dns, "sip.example.org", RecordType::A, SECOND * 302), nothing(true));
    }

    #[test]
    fn a_failing_name_is_servfail_and_is_not_cached() {
        let mut dns = dns();
        dns.fail("sip.example.org", true);
        let failure = Resolution::Failed(ResolveFailure::ServerFailure);
        assert_eq!(ask(&mut dns, "sip.example.org", RecordType::A, SECOND), failure);
        dns.fail("sip.example.org", false);
        assert_ne!(ask(&mut dns, "sip.example.org", RecordType::A, SECOND), failure);
    }

    #[test]
    fn a_lost_question_times_out_after_the_resolvers_patience() {
        let mut dns = dns();
        dns.loss = 1.0;
        let question = Question { name: "sip.example.org".to_owned(), kind: RecordType::A };
        let timeout = Resolution::Failed(ResolveFailure::Timeout);
        assert_eq!(dns.ask(HostId(0), &question, SECOND), (SECOND * 5, false, timeout));
    }
}
