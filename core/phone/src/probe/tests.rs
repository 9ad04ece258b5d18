//! A prober in virtual time, with a name service of a few lines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use cooee_machine::{
    Action, DnsSecurity, Entropy, Event, Machine, NaptrRecord, Now, Question, QuestionId, Record, RecordType, Resolution, ResolveFailure,
    SrvRecord,
};

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// A prober, its name service, and what came out.
struct Desk {
    prober: Prober,
    now: Now,
    records: BTreeMap<String, Vec<Record>>,
    failing: BTreeMap<String, ResolveFailure>,
    /// What every denial says of its life: zero names no zone.
    denial: Duration,
    /// Answers everything.
    liar: Option<Record>,
    asked: Vec<(Now, Question)>,
    found: BTreeMap<String, Finding>,
    bursts: Vec<Burst>,
    captive: usize,
    /// Questions that wait while the name service is held.
    open: Vec<(QuestionId, Question)>,
    is_held: bool,
}

fn server(target: &str, port: u16) -> Record {
    Record::Srv(SrvRecord { priority: 0, weight: 0, port, target: target.to_owned() })
}

fn pointer(services: &str, replacement: &str) -> Record {
    let (services, replacement) = (services.to_owned(), replacement.to_owned());
    Record::Naptr(NaptrRecord { order: 1, preference: 1, flags: "s".to_owned(), services, regexp: String::new(), replacement })
}

fn private() -> Conditions {
    Conditions { resolver: ResolverClass::Private, online: true, ..Conditions::default() }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("d{number}.example")).collect()
}

impl Desk {
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to begin at")]
    fn new(domains: &[impl AsRef<str>]) -> Self {
        let now = Now { instant: Instant::now(), unix: DAY * 20_000 };
        let prober = Prober::new(ProberConfig::default(), Entropy::for_test(7));
        let mut desk = Self {
            prober,
            now,
            records: BTreeMap::new(),
            failing: BTreeMap::new(),
            denial: HOUR,
            liar: None,
            asked: Vec::new(),
            found: BTreeMap::new(),
            bursts: Vec::new(),
            captive: 0,
            open: Vec::new(),
            is_held: false,
        };
        desk.book(domains);
        desk.command(ProbeCommand::SetConditions(Conditions { resolver: ResolverClass::Network, ..private() }));
        desk
    }

    fn book(&mut self, domains: &[impl AsRef<str>]) {
        let domains: BTreeSet<String> = domains.iter().map(|domain| domain.as_ref().to_owned()).collect();
        self.command(ProbeCommand::SetBook(domains));
    }

    fn publish(&mut self, name: &str, record: Record) -> &mut Self {
        self.records.entry(name.to_owned()).or_default().push(record);
        self
    }

    fn command(&mut self, command: ProbeCommand) {
        self.prober.handle_command(command, self.now);
        self.drain();
    }

    fn probe(&mut self) -> Burst {
        self.command(ProbeCommand::Probe);
        *self.bursts.last().expect("the burst is over")
    }

    fn drain(&mut self) {
        loop {
            match self.prober.poll_output() {
                ProbeOutput::Io(Action::Resolve { id, question }) => {
                    self.asked.push((self.now, question.clone()));
                    self.open.push((id, question));
                }
                ProbeOutput::Found { domain, finding } => _ = self.found.insert(domain, finding),
                ProbeOutput::Done(burst) => self.bursts.push(burst),
                ProbeOutput::Captive => self.captive += 1,
                ProbeOutput::Wake(_) if self.is_held || self.open.is_empty() => return,
                ProbeOutput::Wake(_) => self.answer_all(),
                _ => {}
            }
        }
    }

    fn answer_all(&mut self) {
        for (id, question) in std::mem::take(&mut self.open) {
            let resolution = self.look_up(&question);
            self.prober.handle_input(Event::Resolved { id, resolution }, self.now);
        }
    }

    fn look_up(&self, question: &Question) -> Resolution {
        let security = DnsSecurity::Secure;
        if let Some(failure) = self.failing.get(&question.name) {
            return Resolution::Failed(*failure);
        }
        if let Some(liar) = &self.liar {
            return Resolution::Records { records: vec![liar.clone()], ttl: HOUR, security: DnsSecurity::Insecure };
        }
        let wanted = |record: &&Record| matches!(record, Record::Naptr(_)) == (question.kind == RecordType::Naptr);
        let records: Vec<Record> = self.records.get(&question.name).into_iter().flatten().filter(wanted).cloned().collect();
        if records.is_empty() {
            Resolution::Nothing { no_such_name: true, ttl: self.denial, security }
        } else {
            Resolution::Records { records, ttl: HOUR, security }
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now.after(time);
        loop {
            let ProbeOutput::Wake(wake) = self.prober.poll_output() else { panic!("not drained") };
            let Some(wake) = wake.filter(|wake| wake.at <= end.instant) else { break };
            self.now = self.now.after(wake.at.saturating_duration_since(self.now.instant));
            self.prober.handle_input(Event::Timeout, self.now);
            self.drain();
        }
        self.now = end;
    }

    fn change_network(&mut self) {
        self.prober.handle_input(Event::NetworkChanged(Vec::new()), self.now);
        self.drain();
    }

    fn says(&self, domain: &str) -> &Published {
        &self.found.get(domain).unwrap_or_else(|| panic!("nothing was found of {domain}")).published
    }

    fn asked_about(&self, domain: &str) -> usize {
        self.asked.iter().filter(|(_, question)| question.name == domain || question.name.ends_with(&format!(".{domain}"))).count()
    }
}

#[test]
fn a_domain_is_asked_for_sip_and_xmpp_and_its_word_is_understood() {
    let mut desk = Desk::new(&["sip.example", "xmpp.example", "not-here.example", "web.example", "office.example"]);
    desk.publish("_sips._tcp.sip.example", server("a.sip.example", 5061)).publish("_sip._udp.sip.example", server("a.sip.example", 5060));
    desk.publish("_xmpp-server._tcp.xmpp.example", server("x.xmpp.example", 5269));
    desk.publish("_sips._tcp.not-here.example", server("", 0)).publish("_xmpp-server._tcp.not-here.example", server("", 0));
    desk.publish("web.example", server("web.example", 80));
    desk.publish("_sip._tls.office.example", server("sipdir.example", 443));
    desk.publish("_sipfederationtls._tcp.office.example", server("sipfed.example", 5061));
    let burst = desk.probe();
    assert_eq!(desk.says("sip.example"), &Published::Calls(vec![Service::Sips, Service::SipUdp]));
    assert_eq!(desk.says("xmpp.example"), &Published::Calls(vec![Service::XmppServer]));
    assert_eq!(desk.says("not-here.example"), &Published::Refuses);
    assert_eq!(desk.says("web.example"), &Published::Nothing);
    assert_eq!(desk.says("office.example"), &Published::Nothing, "Microsoft's labels lead nowhere");
    assert_eq!((burst.domains, burst.asked, burst.questions), (5, 5, 30));
    assert!(!desk.asked.iter().any(|(_, question)| question.name.contains("_tls")));
    assert_eq!(desk.found["sip.example"].security, DnsSecurity::Secure);
}

#[test]
fn naptr_records_lead_to_services_under_other_names_which_may_refuse_as_well() {
    let mut desk = Desk::new(&["hosted.example", "moved.example", "many.example"]);
    desk.publish("hosted.example", pointer("SIPS+D2T", "_sips._tcp.host.example"));
    desk.publish("_sips._tcp.host.example", server("edge.host.example", 5061));
    desk.publish("moved.example", pointer("SIP+D2U", "_sip._udp.gone.example"));
    desk.publish("_sip._udp.gone.example", server("", 0));
    for number in 0..40 {
        for services in ["SIPS+D2T", "SIP+D2T", "SIP+D2U"] {
            desk.publish(
                "many.example",
                pointer(services, &format!("s{number}.{}.many.example", services.to_ascii_lowercase().replace('+', "-"))),
            );
        }
    }
    desk.probe();
    assert_eq!(desk.says("hosted.example"), &Published::Calls(vec![Service::Sips]));
    assert!(!matches!(desk.says("moved.example"), Published::Calls(_)), "what NAPTR leads to refuses");
    assert_eq!(desk.asked_about("many.example"), 8, "whatever a domain publishes");
}

#[test]
fn of_the_two_services_of_xmpp_that_one_stands_first_whose_servers_are_preferred() {
    use Service::{XmppServer, XmppsServer};
    let at = |priority| Record::Srv(SrvRecord { priority, weight: 0, port: 5269, target: "x.example".to_owned() });
    for (tls, plain, order) in
        [(10, 20, [XmppsServer, XmppServer]), (10, 10, [XmppsServer, XmppServer]), (20, 10, [XmppServer, XmppsServer])]
    {
        let mut desk = Desk::new(&["both.example"]);
        desk.publish("_xmpps-server._tcp.both.example", at(tls)).publish("_xmpp-server._tcp.both.example", at(plain));
        desk.probe();
        assert_eq!(desk.says("both.example"), &Published::Calls(order.to_vec()));
    }
}

#[test]
fn nothing_of_a_person_is_asked_and_each_domain_once() {
    let mut desk = Desk::new(&["gmail.com", "printer.local", "192.0.2.1", "example.org"]);
    let burst = desk.probe();
    assert_eq!((burst.domains, burst.asked), (2, 1));
    assert!(desk.asked.iter().all(|(_, question)| question.name.ends_with("example.org")));
    assert_eq!(desk.found["gmail.com"].source, Source::KnownProvider);
    assert_eq!(desk.probe().asked, 0, "what is fresh is not asked again");
    desk.now = desk.now.after(HOUR * 2);
    assert_eq!(desk.probe().asked, 1, "what has expired is");
}

#[test]
fn a_burst_keeps_its_bounds_and_shuffles_the_book() {
    let mut desk = Desk::new(&names(600));
    desk.is_held = true;
    desk.command(ProbeCommand::Probe);
    assert_eq!(desk.open.len(), 64);
    desk.is_held = false;
    desk.answer_all();
    desk.drain();
    let burst = desk.bursts[0];
    assert_eq!((burst.asked, burst.questions, burst.most_in_flight), (600, 3600, 64));
    let order: Vec<&str> = desk.asked.iter().filter(|(_, it)| it.kind == RecordType::Naptr).map(|(_, it)| it.name.as_str()).collect();
    assert!(!order.is_sorted() && order.len() == 600);
    let mut other = Desk::new(&names(600));
    other.prober = Prober::new(ProberConfig::default(), Entropy::for_test(8));
    other.book(&names(600));
    other.command(ProbeCommand::SetConditions(private()));
    other.probe();
    assert_ne!(order.first(), other.asked.first().map(|(_, it)| it.name.as_str()).as_ref(), "another seed, another order");
}

#[test]
fn what_cannot_be_found_out_is_unknown_and_displaces_nothing_that_was_known() {
    let mut desk = Desk::new(&["a.example", "b.example", "c.example"]);
    desk.publish("_sips._tcp.a.example", server("s.a.example", 5061));
    desk.publish("_sips._tcp.c.example", server("s.c.example", 5061));
    desk.failing.insert("_sip._tcp.b.example".to_owned(), ResolveFailure::ServerFailure);
    desk.failing.insert("_xmpp-server._tcp.c.example".to_owned(), ResolveFailure::Timeout);
    desk.probe();
    assert_eq!(desk.says("b.example"), &Published::Unknown(Unknown::Resolver(ResolveFailure::ServerFailure)));
    assert_eq!(desk.says("c.example"), &Published::Calls(vec![Service::Sips]), "one service is enough");
    desk.failing.insert("_sips._tcp.a.example".to_owned(), ResolveFailure::Bogus);
    desk.now = desk.now.after(DAY);
    desk.probe();
    assert_eq!(desk.says("a.example"), &Published::Calls(vec![Service::Sips]), "a hint stays");
    assert_eq!(desk.probe().asked, 2, "what failed is asked again when the user says so");
    desk.failing.insert("d.example".to_owned(), ResolveFailure::Bogus);
    desk.failing.insert("_xmpp-server._tcp.d.example".to_owned(), ResolveFailure::Timeout);
    desk.publish("_sips._tcp.d.example", server("s.d.example", 5061));
    desk.book(&["d.example"]);
    desk.probe();
    assert_eq!(desk.says("d.example"), &Published::Unknown(Unknown::Resolver(ResolveFailure::Bogus)), "forged NAPTR spoils SIP");
}

#[test]
fn a_network_that_answers_everything_is_found_out_and_nothing_of_it_is_kept() {
    let mut desk = Desk::new(&names(20));
    desk.liar = Some(server("portal.hotel.example", 80));
    let burst = desk.probe();
    assert!(burst.is_captive && desk.found.is_empty() && desk.captive == 1, "{burst:?} {:?}", desk.found);
    assert!(desk.probe().is_captive && desk.found.is_empty(), "the network is still the same");
    desk.command(ProbeCommand::SetConditions(private()));
    desk.asked.clear();
    desk.run(DAY * 2);
    assert_eq!(desk.asked.len(), 0, "the background waits for another network");
    desk.liar = None;
    assert!(!desk.probe().is_captive, "somebody agreed to what the network wants");
    assert_eq!(desk.found.len(), 20);
    let mut desk = Desk::new(&["one.example"]);
    desk.failing.insert("_sip._udp.one.example".to_owned(), ResolveFailure::Captive);
    assert!(desk.probe().is_captive && desk.found.is_empty(), "the resolver's word is enough");
}

#[test]
fn a_network_that_denies_everything_is_found_out_and_nothing_of_it_is_kept() {
    let mut desk = Desk::new(&names(20));
    desk.denial = Duration::ZERO;
    assert!(desk.probe().is_captive && desk.found.is_empty(), "denials that name no zone");

    let mut desk = Desk::new(&names(20));
    for name in names(4) {
        desk.publish(&format!("_sips._tcp.{name}"), server("s.example", 5061));
    }
    desk.probe();
    let before = desk.found.clone();
    desk.records.clear();
    desk.now = desk.now.after(DAY * 8);
    assert!(desk.probe().is_captive, "all who took calls are gone at once");
    assert_eq!(before.keys().filter(|domain| desk.found[*domain].published != before[*domain].published).count(), 0);
}

#[test]
fn one_domain_that_stops_taking_calls_is_believed() {
    let mut desk = Desk::new(&names(5));
    for name in names(2) {
        desk.publish(&format!("_sips._tcp.{name}"), server("s.example", 5061));
    }
    desk.probe();
    desk.records.remove("_sips._tcp.d0.example");
    desk.now = desk.now.after(DAY * 8);
    assert!(!desk.probe().is_captive);
    assert_eq!(desk.says("d0.example"), &Published::Nothing);
    desk.records.clear();
    desk.now = desk.now.after(DAY * 8);
    assert!(!desk.probe().is_captive);
    assert_eq!(desk.says("d1.example"), &Published::Nothing, "at the end of the burst, for want of anything worse");
}

#[test]
fn one_zone_with_a_wildcard_for_everything_is_unknown_and_not_a_captive_network() {
    let mut desk = Desk::new(&names(3));
    for service in Service::ALL {
        desk.publish(&format!("{}.d1.example", service.label()), server("w.example", 80));
    }
    desk.publish("_sips._tcp.d2.example", server("s.example", 5061));
    assert!(!desk.probe().is_captive);
    assert_eq!(desk.says("d1.example"), &Published::Unknown(Unknown::Implausible));
    assert_eq!(desk.says("d2.example"), &Published::Calls(vec![Service::Sips]));
}

#[test]
fn nothing_is_asked_in_the_background_unless_everything_allows_it() {
    let spoilt: [fn(&mut Conditions); 6] = [
        |it| it.resolver = ResolverClass::Network,
        |it| it.resolver = ResolverClass::None,
        |it| it.online = false,
        |it| it.metered = true,
        |it| it.roaming = true,
        |it| it.low_battery = true,
    ];
    for spoil in spoilt {
        let mut desk = Desk::new(&names(20));
        let mut conditions = private();
        spoil(&mut conditions);
        desk.command(ProbeCommand::SetConditions(conditions));
        desk.run(DAY * 3);
        assert_eq!(desk.asked.len(), 0, "{conditions:?}");
    }
    for resolver in [ResolverClass::Private, ResolverClass::AccountServer] {
        let mut desk = Desk::new(&names(20));
        desk.command(ProbeCommand::SetConditions(Conditions { resolver, ..private() }));
        desk.run(DAY * 2);
        assert_eq!(desk.asked.len(), 120, "{resolver:?}");
    }
}

#[test]
fn the_background_spreads_a_book_over_the_day_within_its_budget_and_at_most_weekly() {
    let mut desk = Desk::new(&names(600));
    desk.command(ProbeCommand::SetConditions(private()));
    let mut counts = Vec::new();
    for _ in 0..5 {
        desk.run(DAY);
        counts.push(desk.found.len());
    }
    assert!(counts[0] > 100 && counts[0] <= 200, "{counts:?}");
    assert_eq!(*counts.last().unwrap(), 600, "{counts:?}");
    let mut begins: Vec<Now> = desk.asked.iter().filter(|(_, it)| it.kind == RecordType::Naptr).map(|(at, _)| *at).collect();
    begins.sort_by_key(|at| at.instant);
    let gaps: BTreeSet<Duration> = begins.windows(2).map(|two| two[1].instant - two[0].instant).collect();
    assert!(gaps.iter().next().unwrap() >= &Duration::from_secs(60) && gaps.len() > 100, "no rhythm, no burst");
    let busiest =
        begins.iter().map(|one| begins.iter().filter(|other| other.unix >= one.unix && other.unix - one.unix < DAY).count()).max();
    assert!(busiest.unwrap() <= 201, "{busiest:?} in one day");
    desk.asked.clear();
    desk.run(HOUR * 24);
    assert_eq!(desk.asked.len(), 0, "an hour's time to live does not make it daily");
    desk.run(DAY * 7);
    assert_eq!(desk.asked_about("d0.example"), 6, "a week later it is asked again, once");
}

#[test]
fn after_a_network_change_only_what_failed_is_asked_again() {
    let mut desk = Desk::new(&names(10));
    desk.failing.insert("_sip._udp.d3.example".to_owned(), ResolveFailure::Timeout);
    desk.command(ProbeCommand::SetConditions(private()));
    desk.probe();
    desk.asked.clear();
    desk.failing.clear();
    desk.run(HOUR * 23);
    assert_eq!(desk.asked.len(), 0, "not before its time");
    desk.change_network();
    desk.run(DAY);
    assert_eq!((desk.asked.len(), desk.asked_about("d3.example")), (6, 6));
    assert_eq!(desk.says("d3.example"), &Published::Nothing);
}

#[test]
fn whoever_changes_networks_often_comes_to_the_last_domain_all_the_same() {
    let mut desk = Desk::new(&names(3));
    desk.command(ProbeCommand::SetConditions(private()));
    for _ in 0..18 {
        desk.run(HOUR * 4);
        desk.change_network();
    }
    assert_eq!(desk.found.len(), 3, "three domains in three days, never more than four hours in one network");
}

#[test]
fn a_new_domain_of_the_book_is_asked_about_and_one_that_left_is_not() {
    let mut desk = Desk::new(&["a.example", "b.example"]);
    desk.command(ProbeCommand::SetConditions(private()));
    desk.run(DAY * 2);
    desk.asked.clear();
    desk.book(&["b.example", "c.example"]);
    desk.run(DAY * 2);
    assert_eq!((desk.asked_about("a.example"), desk.asked_about("b.example"), desk.asked_about("c.example")), (0, 0, 6));
}

#[test]
fn answers_of_a_network_that_was_left_do_not_count_and_the_burst_goes_on() {
    let mut desk = Desk::new(&names(30));
    desk.is_held = true;
    desk.liar = Some(server("portal.hotel.example", 80));
    desk.command(ProbeCommand::Probe);
    let open = std::mem::take(&mut desk.open);
    desk.prober.handle_input(Event::NetworkChanged(Vec::new()), desk.now);
    for (id, question) in open {
        let resolution = desk.look_up(&question);
        desk.prober.handle_input(Event::Resolved { id, resolution }, desk.now);
    }
    desk.liar = None;
    desk.is_held = false;
    desk.drain();
    assert!(desk.bursts.len() == 1 && !desk.bursts[0].is_captive, "{:?}", desk.bursts);
    assert!(desk.found.len() == 30 && desk.found.values().all(|finding| finding.published == Published::Nothing));
}

#[test]
fn a_burst_can_be_stopped_and_needs_somebody_to_ask() {
    let mut desk = Desk::new(&names(100));
    desk.is_held = true;
    desk.command(ProbeCommand::Probe);
    desk.command(ProbeCommand::Stop);
    desk.is_held = false;
    desk.answer_all();
    desk.drain();
    assert!(desk.bursts[0].is_partial && desk.bursts[0].asked < 12, "{:?}", desk.bursts);
    let mut desk = Desk::new(&names(3));
    desk.command(ProbeCommand::SetConditions(Conditions::default()));
    assert!(desk.probe().is_partial && desk.asked.is_empty());
}

#[test]
fn what_was_found_out_earlier_is_recalled_for_domains_of_the_book_only() {
    let mut first = Desk::new(&names(3));
    first.probe();
    let known: Vec<(String, Finding)> = first.found.into_iter().collect();
    let mut desk = Desk::new(&["d0.example", "new.example"]);
    desk.command(ProbeCommand::Recall(known));
    assert_eq!(desk.probe().asked, 1);
    assert!(desk.prober.finding("d0.example").is_some() && desk.prober.finding("d1.example").is_none());
}

#[test]
fn nothing_that_is_printed_names_a_domain() {
    let printed = format!(
        "{:?} {:?}",
        ProbeCommand::SetBook(BTreeSet::from(["anna-nagy.example".to_owned()])),
        ProbeOutput::Io(Action::Resolve {
            id: QuestionId(0),
            question: Question { name: "anna-nagy.example".to_owned(), kind: RecordType::Srv }
        })
    );
    assert!(!printed.contains("anna"), "{printed}");
}
