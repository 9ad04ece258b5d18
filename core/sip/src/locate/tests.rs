use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{
    DnsSecurity, Entropy, NaptrRecord, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure, SrvRecord, Transport,
};

use super::{Locate, LocateFailure, LocateOutput, LocatePolicy, LocateTarget, Located, Predict, PredictOutput, Publication};
use Transport::{Tcp, Tls, Udp};

const TTL: Duration = Duration::from_secs(300);

/// A zone: what is not in it does not exist.
#[derive(Default)]
struct Zone {
    records: BTreeMap<(String, RecordType), Vec<Record>>,
    failures: BTreeMap<(String, RecordType), ResolveFailure>,
    /// Nobody signed what is not there.
    denials_unsigned: bool,
    asked: usize,
}

impl Zone {
    fn with(mut self, name: &str, kind: RecordType, record: Record) -> Self {
        self.records.entry((name.into(), kind)).or_default().push(record);
        self
    }

    fn a(self, name: &str, address: &str) -> Self {
        self.with(name, RecordType::A, Record::A(address.parse().unwrap()))
    }

    fn aaaa(self, name: &str, address: &str) -> Self {
        self.with(name, RecordType::Aaaa, Record::Aaaa(address.parse().unwrap()))
    }

    fn srv(self, name: &str, priority: u16, port: u16, target: &str) -> Self {
        self.with(name, RecordType::Srv, Record::Srv(SrvRecord { priority, weight: 0, port, target: target.into() }))
    }

    fn naptr(self, name: &str, order: u16, services: &str, replacement: &str) -> Self {
        let rule = NaptrRecord {
            order,
            preference: 50,
            flags: "s".into(),
            services: services.into(),
            regexp: String::new(),
            replacement: replacement.into(),
        };
        self.with(name, RecordType::Naptr, Record::Naptr(rule))
    }

    fn failing(mut self, name: &str, kind: RecordType, failure: ResolveFailure) -> Self {
        self.failures.insert((name.into(), kind), failure);
        self
    }

    fn resolve(&mut self, question: &Question) -> Resolution {
        self.asked += 1;
        let key = (question.name.clone(), question.kind);
        if let Some(failure) = self.failures.get(&key) {
            return Resolution::Failed(*failure);
        }
        match self.records.get(&key) {
            Some(records) => Resolution::Records { records: records.clone(), ttl: TTL, security: DnsSecurity::Secure },
            None => Resolution::Nothing {
                no_such_name: !self.records.keys().any(|(name, _)| *name == question.name),
                ttl: TTL,
                security: if self.denials_unsigned { DnsSecurity::Insecure } else { DnsSecurity::Secure },
            },
        }
    }
}

fn run_with(zone: &mut Zone, target: LocateTarget, policy: LocatePolicy, seed: u64) -> Result<Located, LocateFailure> {
    let mut plan = Locate::new(target, policy, QuestionId(1000), Entropy::for_test(seed));
    let mut open = Vec::new();
    loop {
        match plan.poll_output() {
            Some(LocateOutput::Resolve { id, question }) => open.push((id, zone.resolve(&question))),
            Some(LocateOutput::Found(located)) => return Ok(located),
            Some(LocateOutput::Failed(failure)) => return Err(failure),
            // Answers come back in the opposite order: it must not matter.
            None => assert!(std::mem::take(&mut open).into_iter().rev().all(|(id, answer)| plan.handle_resolved(id, answer))),
        }
    }
}

fn tls(zone: &mut Zone) -> Result<Located, LocateFailure> {
    run_with(zone, LocateTarget::domain("example.org"), LocatePolicy::tls_only(), 1)
}

fn any(zone: &mut Zone) -> Result<Located, LocateFailure> {
    run_with(zone, LocateTarget::domain("example.org"), LocatePolicy::any_transport(), 1)
}

fn shown(located: &Located) -> Vec<(Transport, String)> {
    located.hops.iter().map(|hop| (hop.transport, hop.address.to_string())).collect()
}

fn full() -> Zone {
    Zone::default()
        .naptr("example.org", 10, "SIP+D2U", "_sip._udp.example.org")
        .naptr("example.org", 20, "SIP+D2T", "_sip._tcp.example.org")
        .naptr("example.org", 30, "SIPS+D2T", "_sips._tcp.provider.example")
        .srv("_sip._udp.example.org", 0, 5060, "one.example.org")
        .srv("_sip._tcp.example.org", 0, 5060, "one.example.org")
        .srv("_sips._tcp.provider.example", 10, 5061, "one.example.org")
        .srv("_sips._tcp.provider.example", 20, 5063, "two.example.org")
        .a("one.example.org", "192.0.2.1")
        .aaaa("one.example.org", "2001:db8::1")
        .a("two.example.org", "192.0.2.2")
}

#[test]
fn naptr_is_followed_and_the_name_for_tls_stays_the_dialled_domain() {
    let located = tls(&mut full()).unwrap();
    let expected = [(Tls, "[2001:db8::1]:5061"), (Tls, "192.0.2.1:5061"), (Tls, "192.0.2.2:5063")];
    assert_eq!(shown(&located), expected.map(|(transport, address)| (transport, address.to_owned())));
    assert!(located.hops.iter().all(|hop| hop.tls_name.as_deref() == Some("example.org")));
    assert!(located.hops.iter().all(|hop| hop.security == DnsSecurity::Secure));
    assert_eq!(located.ttl, TTL);
}

#[test]
fn tls_comes_first_whatever_order_the_domain_prefers() {
    let located = any(&mut full()).unwrap();
    let transports: Vec<Transport> = located.hops.iter().map(|hop| hop.transport).collect();
    assert_eq!(transports, [Tls, Tls, Tls, Udp, Udp, Tcp, Tcp]);
    assert!(located.hops.iter().filter(|hop| hop.transport != Tls).all(|hop| hop.tls_name.is_none()));
}

#[test]
fn a_domain_without_naptr_is_found_by_its_well_known_service_name() {
    let mut zone = Zone::default().srv("_sips._tcp.example.org", 0, 443, "sip.example.org").a("sip.example.org", "192.0.2.9");
    assert_eq!(shown(&tls(&mut zone).unwrap()), [(Tls, "192.0.2.9:443".to_owned())]);
}

#[test]
fn a_domain_without_any_service_is_tried_at_its_own_address() {
    let mut zone = Zone::default().a("example.org", "192.0.2.3");
    assert_eq!(shown(&tls(&mut zone).unwrap()), [(Tls, "192.0.2.3:5061".to_owned())]);
    let located = any(&mut zone).unwrap();
    assert_eq!(shown(&located), [(Tls, 5061), (Tcp, 5060), (Udp, 5060)].map(|(t, port)| (t, format!("192.0.2.3:{port}"))));
    assert_eq!(located.hops.first().map(|hop| hop.security), Some(DnsSecurity::Secure));
}

#[test]
fn a_domain_that_offers_only_less_than_tls_is_told_apart_with_what_it_offers() {
    let mut zone = Zone::default().srv("_sip._udp.example.org", 0, 5060, "sip.example.org").a("example.org", "192.0.2.3");
    let failure = tls(&mut zone).unwrap_err();
    assert_eq!(failure, LocateFailure::OnlyOffers { domain: "example.org".into(), offered: vec![Udp] });
    assert_eq!(failure.to_string(), "“example.org” offers SIP only over UDP");
    let mut zone = Zone::default().naptr("example.org", 10, "SIP+D2T", "_sip._tcp.elsewhere.example");
    assert_eq!(tls(&mut zone), Err(LocateFailure::OnlyOffers { domain: "example.org".into(), offered: vec![Tcp] }));
}

#[test]
fn a_name_server_that_failed_for_the_wanted_service_is_not_taken_for_its_absence() {
    let mut zone = full().failing("_sips._tcp.example.org", RecordType::Srv, ResolveFailure::Timeout);
    let target = LocateTarget { transport: Some(Tls), ..LocateTarget::domain("example.org") };
    let failure = run_with(&mut zone, target, LocatePolicy::tls_only(), 1).unwrap_err();
    assert_eq!(failure, LocateFailure::Dns(ResolveFailure::Timeout));
}

#[test]
fn a_dot_means_decidedly_not_here() {
    let mut zone = Zone::default().srv("_sips._tcp.example.org", 0, 0, "").a("example.org", "192.0.2.3");
    assert_eq!(tls(&mut zone), Err(LocateFailure::NoService("example.org".into())));
    // Only TLS is denied: the others are still worth a try at the domain's own address.
    assert_eq!(shown(&any(&mut zone).unwrap()).first(), Some(&(Tcp, "192.0.2.3:5060".to_owned())));
}

#[test]
fn an_explicit_port_asks_for_addresses_only() {
    let mut zone = full().a("example.org", "192.0.2.3");
    let target = LocateTarget { port: Some(5099), ..LocateTarget::domain("example.org") };
    let located = run_with(&mut zone, target, LocatePolicy::tls_only(), 1).unwrap();
    assert_eq!(shown(&located), [(Tls, "192.0.2.3:5099".to_owned())]);
    assert_eq!(zone.asked, 2);
}

#[test]
fn a_numeric_host_asks_nothing() {
    for (host, shown_as) in [("[2001:db8::7]", "[2001:db8::7]:5061"), ("192.0.2.7", "192.0.2.7:5061")] {
        let mut zone = Zone::default();
        let located = run_with(&mut zone, LocateTarget::domain(host), LocatePolicy::tls_only(), 1).unwrap();
        assert_eq!(shown(&located), [(Tls, shown_as.to_owned())]);
        assert_eq!(located.hops.first().unwrap().tls_name.as_deref(), Some(host.trim_matches(['[', ']'])));
        assert_eq!(zone.asked, 0);
    }
}

#[test]
fn an_explicit_transport_is_the_only_one_looked_for() {
    let target = LocateTarget { transport: Some(Tcp), ..LocateTarget::domain("example.org") };
    let mut zone = full();
    let located = run_with(&mut zone, target.clone(), LocatePolicy::any_transport(), 1).unwrap();
    assert!(located.hops.iter().all(|hop| hop.transport == Tcp));
    assert_eq!(run_with(&mut zone, target, LocatePolicy::tls_only(), 1), Err(LocateFailure::NotAllowed(Tcp)));
}

#[test]
fn a_secure_target_never_goes_below_tls() {
    let secure = |transport| LocateTarget { secure: true, transport, ..LocateTarget::domain("example.org") };
    let located = run_with(&mut full(), secure(None), LocatePolicy::any_transport(), 1).unwrap();
    assert!(located.hops.iter().all(|hop| hop.transport == Tls));
    let mut zone = Zone::default().srv("_sips._tcp.example.org", 0, 5061, "h.example.org").a("h.example.org", "192.0.2.1");
    let located = run_with(&mut zone, secure(Some(Tcp)), LocatePolicy::any_transport(), 1).unwrap();
    assert_eq!(shown(&located), [(Tls, "192.0.2.1:5061".to_owned())]);
    assert_eq!(run_with(&mut full(), secure(Some(Udp)), LocatePolicy::any_transport(), 1), Err(LocateFailure::NotAllowed(Udp)));
}

#[test]
fn what_does_not_exist_is_told_from_what_has_no_address_and_from_what_could_not_be_asked() {
    assert_eq!(tls(&mut Zone::default()), Err(LocateFailure::NoSuchDomain("example.org".into())));
    let mut zone = Zone::default().srv("_sips._tcp.example.org", 0, 5061, "gone.example.org");
    assert_eq!(tls(&mut zone), Err(LocateFailure::NoAddress("example.org".into())));
    let mut zone =
        Zone::default().failing("_sips._tcp.example.org", RecordType::Srv, ResolveFailure::Timeout).a("example.org", "192.0.2.3");
    assert_eq!(tls(&mut zone), Err(LocateFailure::Dns(ResolveFailure::Timeout)));
    let mut zone =
        Zone::default().failing("_sips._tcp.example.org", RecordType::Srv, ResolveFailure::Refused).a("example.org", "192.0.2.3");
    assert!(tls(&mut zone).is_ok());
    let wrong = run_with(&mut Zone::default(), LocateTarget::domain("exa mple"), LocatePolicy::tls_only(), 1);
    assert_eq!(wrong, Err(LocateFailure::InvalidName("exa mple".into())));
}

#[test]
fn a_rule_with_wrong_signatures_ends_the_search() {
    let mut zone = full().failing("example.org", RecordType::Naptr, ResolveFailure::Bogus).a("example.org", "192.0.2.3");
    assert_eq!(any(&mut zone), Err(LocateFailure::Dns(ResolveFailure::Bogus)));
}

#[test]
fn a_failing_naptr_server_does_not_hide_the_well_known_name() {
    let mut zone = Zone::default()
        .failing("example.org", RecordType::Naptr, ResolveFailure::ServerFailure)
        .srv("_sips._tcp.example.org", 0, 5061, "sip.example.org")
        .a("sip.example.org", "192.0.2.9");
    assert_eq!(shown(&tls(&mut zone).unwrap()), [(Tls, "192.0.2.9:5061".to_owned())]);
}

#[test]
fn an_abundance_of_records_is_bounded() {
    let mut zone = Zone::default();
    for n in 0..400 {
        let name = format!("_sips._tcp.d{n}.example");
        zone = zone.naptr("example.org", n, "SIPS+D2T", &name);
        for m in 0..20 {
            zone = zone.srv(&name, m, 5061, &format!("h{m}.d{n}.example"));
        }
    }
    for n in 0..400 {
        for m in 0..20 {
            zone = zone.a(&format!("h{m}.d{n}.example"), &format!("10.{}.{}.{m}", n / 256, n % 256));
        }
    }
    let located = any(&mut zone).unwrap();
    assert_eq!(located.hops.len(), 12);
    assert!(zone.asked as u64 <= Locate::MAX_QUESTIONS);
}

#[test]
fn the_same_seed_gives_the_same_list_and_another_may_not() {
    let zone = || {
        (0..6).fold(Zone::default(), |zone, n| {
            let record = SrvRecord { priority: 0, weight: 10, port: 5061, target: format!("h{n}.example.org") };
            zone.with("_sips._tcp.example.org", RecordType::Srv, Record::Srv(record))
                .a(&format!("h{n}.example.org"), &format!("192.0.2.{n}"))
        })
    };
    let list = |seed| run_with(&mut zone(), LocateTarget::domain("example.org"), LocatePolicy::tls_only(), seed).unwrap();
    assert_eq!(list(1), list(1));
    assert!((2..20).any(|seed| list(seed) != list(1)));
}

#[test]
fn strangers_answers_are_not_taken() {
    let mut plan = Locate::new(LocateTarget::domain("example.org"), LocatePolicy::tls_only(), QuestionId(64), Entropy::for_test(1));
    let nothing = || Resolution::Failed(ResolveFailure::Timeout);
    assert!(!plan.handle_resolved(QuestionId(3), nothing()));
    assert!(!plan.handle_resolved(QuestionId(66), nothing()));
    assert!(plan.handle_resolved(QuestionId(64), nothing()));
    assert!(!plan.handle_resolved(QuestionId(64), nothing()));
}

#[test]
fn a_denial_that_nobody_signed_makes_what_it_leads_to_insecure() {
    let mut zone = Zone { denials_unsigned: true, ..Zone::default().a("example.org", "192.0.2.3") };
    assert!(tls(&mut zone).unwrap().hops.iter().all(|hop| hop.security == DnsSecurity::Insecure));
    let zone = Zone::default().srv("_sips._tcp.example.org", 0, 443, "sip.example.org").a("sip.example.org", "192.0.2.9");
    let mut zone = Zone { denials_unsigned: true, ..zone };
    assert!(tls(&mut zone).unwrap().hops.iter().all(|hop| hop.security == DnsSecurity::Insecure), "a rule may have been hidden");
}

#[test]
fn a_stranger_s_domain_does_not_lead_into_the_network_at_home() {
    let public = || LocatePolicy { private_addresses: false, ..LocatePolicy::tls_only() };
    let at = |zone: &mut Zone, host: &str| run_with(zone, LocateTarget::domain(host), public(), 1);
    let mut zone = Zone::default()
        .srv("_sips._tcp.example.org", 0, 5061, "inside.example.org")
        .srv("_sips._tcp.example.org", 1, 5061, "outside.example.org")
        .a("inside.example.org", "192.168.1.1")
        .aaaa("inside.example.org", "fd00::1")
        .a("outside.example.org", "193.0.6.139");
    assert_eq!(shown(&at(&mut zone, "example.org").unwrap()), [(Tls, "193.0.6.139:5061".to_owned())]);
    let mut zone = Zone::default().srv("_sips._tcp.example.org", 0, 5061, "inside.example.org").a("inside.example.org", "127.0.0.1");
    assert_eq!(at(&mut zone, "example.org"), Err(LocateFailure::PrivateAddress("example.org".into())));
    for host in ["10.0.0.1", "[::1]", "localhost"] {
        assert_eq!(at(&mut Zone::default(), host), Err(LocateFailure::PrivateAddress(host.into())));
    }
}

fn predicted(zone: &mut Zone) -> Result<Publication, LocateFailure> {
    let mut plan = Predict::new("Example.ORG", LocatePolicy::any_transport(), QuestionId(7));
    let mut open = Vec::new();
    loop {
        match plan.poll_output() {
            Some(PredictOutput::Resolve { id, question }) => {
                assert!(matches!(question.kind, RecordType::Naptr | RecordType::Srv), "no address is of use");
                open.push((id, zone.resolve(&question)));
            }
            Some(PredictOutput::Found(publication)) => return Ok(publication),
            Some(PredictOutput::Failed(failure)) => return Err(failure),
            None => assert!(std::mem::take(&mut open).into_iter().rev().all(|(id, answer)| plan.handle_resolved(id, answer))),
        }
    }
}

#[test]
fn what_a_domain_publishes_is_told_without_an_address() {
    let mut zone = full();
    let publication = predicted(&mut zone).unwrap();
    assert_eq!(publication.services, [Tls, Udp, Tcp].map(|transport| (transport, DnsSecurity::Secure)));
    assert_eq!((publication.refuses, publication.no_such_domain, publication.ttl), (false, false, TTL));
    assert_eq!(zone.asked, 5, "NAPTR, three well-known names and the one that a rule names");
}

#[test]
fn a_domain_that_refuses_is_told_from_one_that_says_nothing_and_from_one_that_is_not_there() {
    let says = |zone: &mut Zone| predicted(zone).map(|p| (p.services.len(), p.refuses, p.no_such_domain, p.security));
    let mut zone = Zone::default().srv("_sip._udp.example.org", 0, 0, "").a("example.org", "192.0.2.1");
    assert_eq!(says(&mut zone), Ok((0, true, false, DnsSecurity::Secure)));
    // Only one service is refused; another is there.
    let mut zone = Zone::default().srv("_sip._udp.example.org", 0, 0, "").srv("_sip._tcp.example.org", 0, 5060, "sip.example.org");
    assert_eq!(says(&mut zone), Ok((1, false, false, DnsSecurity::Secure)));
    let mut zone = Zone { denials_unsigned: true, ..Zone::default().a("example.org", "192.0.2.1") };
    assert_eq!(says(&mut zone), Ok((0, false, false, DnsSecurity::Insecure)));
    assert_eq!(says(&mut Zone::default()), Ok((0, false, true, DnsSecurity::Secure)));
}

#[test]
fn what_could_not_be_asked_is_unknown_unless_a_service_was_found_all_the_same() {
    let failing = |zone: Zone| zone.failing("_sips._tcp.example.org", RecordType::Srv, ResolveFailure::Timeout);
    assert_eq!(predicted(&mut failing(Zone::default())), Err(LocateFailure::Dns(ResolveFailure::Timeout)));
    let mut zone = failing(Zone::default().srv("_sip._tcp.example.org", 0, 5060, "sip.example.org"));
    assert_eq!(predicted(&mut zone).unwrap().services.len(), 1);
    let mut zone = full().failing("_sip._udp.example.org", RecordType::Srv, ResolveFailure::Bogus);
    assert_eq!(predicted(&mut zone), Err(LocateFailure::Dns(ResolveFailure::Bogus)));
    let mut numeric = Predict::new("192.0.2.1", LocatePolicy::any_transport(), QuestionId(0));
    assert!(matches!(numeric.poll_output(), Some(PredictOutput::Failed(LocateFailure::InvalidName(_)))));
}
