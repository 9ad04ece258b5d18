//! Which contacts can be called, kept across starts and forgotten when told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cooee_engine::{Asked, Engine, EngineConfig, EngineEvent, StoreLocation, Stored, TestPlatform};
use cooee_machine::{Question, Record, SrvRecord};
use cooee_net::{DnsObserver, Overrides};
use cooee_phone::Address;
use cooee_phone::probe::{Burst, ProberConfig, Published, Service, Source};

use crate::support::{Folder, config, eventually, find};

fn table() -> Overrides {
    let server = |target: &str| Record::Srv(SrvRecord { priority: 0, weight: 0, port: 5061, target: target.to_owned() });
    Overrides::new()
        .with_record("_sips._tcp.takes.example", server("sip.takes.example"))
        .with_record("_sips._tcp.refuses.example", server(""))
        .with_address("takes.example", [192, 0, 2, 1].into())
        .with_address("refuses.example", [192, 0, 2, 1].into())
        .with_address("web.example", [192, 0, 2, 1].into())
}

fn offline(platform: &Arc<TestPlatform>, folder: &Folder) -> EngineConfig {
    let mut config = config(platform);
    (config.online, config.store) = (false, StoreLocation::File(folder.path().join("cooee.db")));
    // Nobody is asked: all names of the book are below those of the table, or known.
    config.dns.servers = Some("127.0.0.1:9".parse().unwrap());
    config.dns.overrides = table();
    config
}

fn book() -> BTreeSet<String> {
    ["takes.example", "refuses.example", "web.example", "gmail.com"].map(str::to_owned).into()
}

async fn burst(engine: &Engine) -> Burst {
    engine.set_book(book()).unwrap();
    engine.probe().unwrap();
    find(engine, |event| if let EngineEvent::Probed(burst) = event { Some(*burst) } else { None }).await
}

/// What is stored of the book's domains.
async fn words(engine: &Engine) -> Vec<(String, Published)> {
    let addresses: Vec<Address> = book().iter().map(|domain| Address::understand(&format!("x@{domain}"), None).unwrap().address).collect();
    let known = book().into_iter().zip(engine.reach(&addresses).await.unwrap());
    let stored =
        known.filter_map(|(domain, reach)| Some((domain, reach.domain.filter(|finding| finding.source == Source::Dns)?.published)));
    stored.collect()
}

#[tokio::test]
async fn a_book_is_probed_once_and_kept_for_the_next_start_until_it_is_wiped() {
    let (platform, folder) = (Arc::new(TestPlatform::new()), Folder::new());
    let engine = Engine::start(offline(&platform, &folder)).await.unwrap();
    let first = burst(&engine).await;
    assert_eq!((first.domains, first.asked, first.is_partial), (4, 3, false), "{first:?}");
    let known = [
        ("refuses.example".to_owned(), Published::Refuses),
        ("takes.example".to_owned(), Published::Calls(vec![Service::Sips])),
        ("web.example".to_owned(), Published::Nothing),
    ];
    assert_eq!(words(&engine).await, known, "what our own list says is not kept");
    engine.shut_down().await;

    let engine = Engine::start(offline(&platform, &folder)).await.unwrap();
    assert_eq!(words(&engine).await, known);
    assert_eq!(burst(&engine).await.asked, 0, "nothing has expired");
    assert_eq!(engine.stored().await.unwrap(), Stored { domains: 3, ..Stored::default() });
    engine.wipe_contacts().await.unwrap();
    assert_eq!(engine.stored().await.unwrap(), Stored::default());
    assert_eq!(words(&engine).await, []);
    engine.shut_down().await;
}

#[tokio::test]
async fn what_was_found_is_worth_nothing_without_the_platforms_key() {
    let folder = Folder::new();
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()), &folder)).await.unwrap();
    burst(&engine).await;
    engine.shut_down().await;
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()), &folder)).await.unwrap();
    assert_eq!(words(&engine).await, []);
    assert_eq!(engine.stored().await.unwrap().domains, 3);
    engine.shut_down().await;
}

/// Writes down what leaves.
#[derive(Debug, Default)]
struct Recorder(Mutex<Vec<(String, String)>>);

impl DnsObserver for Recorder {
    fn asked(&self, server: &str, question: &Question) {
        self.0.lock().unwrap().push((server.to_owned(), question.name.clone()));
    }
}

/// A phone without accounts whose day has two seconds: what leaves it until so much `wanted` has, and for two days more.
async fn a_day(resolver: &str, wanted: usize) -> (Vec<(String, String)>, Vec<Asked>) {
    let (platform, recorder) = (Arc::new(TestPlatform::new()), Arc::new(Recorder::default()));
    let mut config = config(&platform);
    config.dns.servers = Some(resolver.parse().unwrap());
    config.dns.observer = Some(Arc::clone(&recorder) as _);
    config.prober = ProberConfig { day: Duration::from_secs(2), domains_a_day: 10, ..ProberConfig::default() };
    let engine = Engine::start(config).await.unwrap();
    engine.set_book(book()).unwrap();
    eventually(|| recorder.0.lock().unwrap().len() >= wanted).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let journal = engine.asked().await.unwrap();
    engine.shut_down().await;
    let asked = recorder.0.lock().unwrap().clone();
    (asked, journal)
}

#[tokio::test]
async fn a_background_day_asks_a_private_resolver_about_domains_and_nobody_else_about_anything() {
    // Nobody listens there: what counts is what would have left.
    let (asked, journal) = a_day("tls://127.0.0.1:9", 18).await;
    let names: BTreeSet<&str> = asked.iter().map(|(_, name)| name.as_str()).collect();
    let labels = ["", "_sips._tcp.", "_sip._tcp.", "_sip._udp.", "_xmpp-server._tcp.", "_xmpps-server._tcp."];
    let domains = ["takes.example", "refuses.example", "web.example"];
    let allowed: BTreeSet<String> = domains.iter().flat_map(|domain| labels.map(|label| format!("{label}{domain}"))).collect();
    assert_eq!(names, allowed.iter().map(String::as_str).collect());
    assert!(asked.iter().all(|(server, _)| server.starts_with("tls://")), "{asked:?}");
    assert_eq!(journal.iter().map(|line| line.times).sum::<u64>(), asked.len() as u64, "the journal has all of it");
    assert_eq!(asked.len(), 18, "what could not be found out rests");
    for resolver in ["127.0.0.1:9", "system"] {
        assert_eq!(a_day(resolver, 0).await, (Vec::new(), Vec::new()), "{resolver} belongs to the network");
    }
}
