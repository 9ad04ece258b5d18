//! Two domains with servers of their own, which find each other in a real DNS.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use cooee_audio::{Device, NullDevice};
use cooee_dns_lab::{Lab, Signing, Zone};
use cooee_engine::{Engine, EngineConfig, EngineEvent, Interfaces, NewAccount, StoreLocation, TestPlatform};
use cooee_machine::Secret;
use cooee_net::Trust;
use cooee_phone::probe::ReachState;
use cooee_phone::{Address, InquiryConfig, Reply};
use cooee_server::throwaway::Throwaway;
use serde_json::Value;

use crate::process::{Cooee, Ended, Folder};
use crate::voice;

const PASSWORD: &str = "correct horse battery staple";
const RULES: Ipv4Addr = Ipv4Addr::new(127, 0, 6, 1);
const NAMES: Ipv4Addr = Ipv4Addr::new(127, 0, 6, 2);
/// Nobody listens there.
const DOWN: Ipv4Addr = Ipv4Addr::new(127, 0, 6, 9);

/// The lab's DNS, and a server for each of two domains.
struct Stage {
    folder: Folder,
    dns: String,
    trusted: Vec<String>,
    authorities: Vec<String>,
    servers: Vec<Cooee>,
    _lab: Lab,
    /// Held, so that the port is nobody else's; the servers have it at addresses of their own.
    _port: TcpListener,
}

impl Stage {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let lab = Lab::start(vec![
            // By a rule, at a provider's name, the second by priority.
            Zone::new(
                "rules.lab",
                Signing::Nsec,
                format!(
                    "@ NAPTR 10 10 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.provider\n_sips._tcp.provider SRV 0 0 {port} down\n\
                     _sips._tcp.provider SRV 1 0 {port} up\ndown A {DOWN}\nup A {RULES}\n"
                ),
            ),
            // By the well-known name, the last of three.
            Zone::new(
                "names.lab",
                Signing::None,
                format!(
                    "_sips._tcp SRV 0 9 {port} sip\n_sips._tcp SRV 0 0 {port} sip\n_sips._tcp SRV 7 0 {port} last\nsip A {DOWN}\nlast A {NAMES}\n"
                ),
            ),
            // Altered after it was signed: where its server is, and where a number leads.
            Zone::new(
                "forged.lab",
                Signing::Tampered,
                "_sips._tcp SRV 10 60 5061 sip\nsip A 127.0.1.1\n\
                 0.0.8.1.8.6.6.4.4.1.4 NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:ben@127.0.1.1!\" .\n",
            ),
        ])
        .unwrap_or_else(|error| panic!("{error}"));
        let domains = [("rules.lab", RULES), ("names.lab", NAMES)];
        let certificates = domains.map(|(domain, address)| Throwaway::new(domain, &[address.into()]).unwrap());
        let file = |name: String, text: &str| {
            let path = folder.join(&name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let authorities: Vec<String> =
            [lab.authority()].into_iter().chain(certificates.iter().map(|it| it.authority.as_str())).map(str::to_owned).collect();
        let files = authorities.iter().enumerate().map(|(number, text)| file(format!("authority-{number}.pem"), text)).collect::<Vec<_>>();
        let trusted = files.iter().flat_map(|file| ["--trust".to_owned(), file.clone()]).collect();
        let keys = domains.iter().zip(&certificates).map(|((domain, address), it)| {
            (*domain, *address, file(format!("{domain}.chain"), &it.chain), file(format!("{domain}.key"), &it.key))
        });
        let keys = keys.collect::<Vec<_>>();
        let mut stage = Self { dns: lab.over_tls(), trusted, authorities, servers: Vec::new(), _lab: lab, _port: held, folder };
        for (domain, address, chain, key) in keys {
            for user in ["anna", "ben", "carl", "dora"] {
                stage.run_with(domain, &["user", "add", &format!("{user}@{domain}")], PASSWORD).assert(0, "");
            }
            let (tls, stun) = (format!("{address}:{port}"), format!("{address}:0"));
            let serve = ["serve", "--domain", domain, "--certificate", &chain, "--key", &key, "--tls", &tls, "--stun", &stun];
            let mut server = stage.start(domain, &[&serve[..], &["--private-domains"]].concat());
            server.until("serving", |event| event["event"] == "serving");
            stage.servers.push(server);
        }
        stage
    }

    fn arguments<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let more = ["--dns", self.dns.as_str()].into_iter().chain(self.trusted.iter().map(String::as_str));
        arguments.iter().copied().chain(more).collect()
    }

    fn start(&self, home: &str, arguments: &[&str]) -> Cooee {
        Cooee::start(&self.folder.join(home), &self.arguments(arguments))
    }

    fn run_with(&self, home: &str, arguments: &[&str], line: &str) -> Ended {
        Cooee::with_input(&self.folder.join(home), &self.arguments(arguments), &format!("{line}\n")).end()
    }

    /// Somebody with a phone, a voice, and an account whose server is found by its domain.
    fn person(&self, address: &str) -> [String; 2] {
        self.run_with(address, &["account", "add", address], PASSWORD).assert(0, "");
        let speech = self.folder.join(&format!("{address}.wav"));
        voice::write(&speech, &voice::of(address.split('@').next().unwrap()));
        ["--speak".to_owned(), speech.to_str().unwrap().to_owned()]
    }

    /// How a call of theirs ends that cannot come about.
    fn ends(&self, who: &str, whom: &str) -> Value {
        let ended = self.start(who, &["call", whom]).end();
        assert_eq!(ended.code, Some(4), "{ended:#?}");
        let of_end = |event: &&Value| event["reason"].is_string();
        ended.events.iter().rev().find(of_end).unwrap_or_else(|| panic!("no end in {ended:#?}")).clone()
    }
}

#[test]
fn domains_with_different_layouts_call_each_other_both_ways_though_a_server_of_each_is_down_and_no_forged_one() {
    let stage = Stage::new("domains");
    let (anna, ben) = ("anna@rules.lab", "ben@names.lab");
    let (hers, his) = (stage.person(anna), stage.person(ben));
    let with = |arguments: &[&str], sound: &[String; 2], who: &str| {
        let sound = sound.iter().map(String::as_str);
        stage.start(who, &arguments.iter().copied().chain(sound).collect::<Vec<_>>())
    };
    for (caller, called, of_caller, of_called) in [(anna, ben, &hers, &his), (ben, anna, &his, &hers)] {
        let mut phone = with(&["phone", "--answer"], of_called, called);
        phone.until_state("registered");
        let mut call = with(&["call", called], of_caller, caller);
        call.until_state("active");
        phone.until_state("active");
        // Whom she has called is known when he calls back; her own call was a request, and her domain proven by her server.
        let came = phone.told("a call", |event| event["direction"] == "incoming");
        let domain = if caller == anna { Value::from("rules.lab") } else { Value::Null };
        assert_eq!(came["request"]["domain"], domain, "{came}");
        call.interrupt();
        assert_eq!(call.end().code, Some(0));
        phone.interrupt();
        assert_eq!(phone.end().code, Some(0));
    }
    // What is forged is not used, and the call says so: by the server that looks for the domain, and by the phone that looks for the number.
    let end = stage.ends(anna, "ben@forged.lab");
    assert!(end["reason"] == "server-error" && end["text"].as_str().unwrap().contains("signatures (DNSSEC) are wrong"), "{end}");
    stage.run_with(anna, &["numbers", "--suffix", "forged.lab"], "").assert(0, "");
    let end = stage.ends(anna, "+41 44 668 18 00");
    assert!(end["reason"] == "wrong-signatures" && end["text"].as_str().unwrap().contains("forged.lab"), "{end}");
    let log = stage.run_with(anna, &["log"], "");
    assert!(log.events.iter().any(|event| event["reason"] == "wrong-signatures"), "{log:#?}");
}

#[test]
fn who_was_marked_is_asked_through_both_servers_whether_a_phone_is_there_and_who_was_not_is_not() {
    let stage = Stage::new("asked");
    let ben = "ben@names.lab";
    let his = stage.person(ben);
    stage.run_with(ben, &["allow", "carl@rules.lab"], "").assert(0, "");
    let mut phone = stage.start(ben, &["phone", &his[0], &his[1]]);
    phone.until_state("registered");
    let no_sound = || {
        let device: Box<dyn Device> = Box::new(NullDevice);
        Ok(device)
    };
    let mut config = EngineConfig::new(Arc::new(TestPlatform::new()), StoreLocation::Memory, Arc::new(no_sound));
    config.interfaces = Interfaces::Loopback;
    config.dns.servers = Some(stage.dns.parse().unwrap());
    config.extra_trust = stage.authorities.iter().fold(Trust::nobody(), |trust, it| trust.with_pem(it.as_bytes()).unwrap());
    config.phone.inquiries = InquiryConfig { spread: Duration::from_secs(2), ..InquiryConfig::default() };
    let address = |text: &str| Address::understand(text, None).unwrap().address;
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let engine = Engine::start(config).await.unwrap();
        engine.add_account(NewAccount::new("carl@rules.lab", Secret::new(PASSWORD))).await.unwrap();
        for marked in [ben, "dora@names.lab", "nobody@names.lab"] {
            engine.mark(marked, true).unwrap();
        }
        let book = [ben, "dora@names.lab", "nobody@names.lab", "anna@names.lab"].map(address);
        engine.set_people(book.to_vec());
        let mut replies = BTreeMap::new();
        let asked = async {
            while replies.len() < 3 {
                if let Some(EngineEvent::PersonReplied { address, reply }) = engine.next_event().await {
                    replies.insert(address.0, reply);
                }
            }
        };
        // Whoever waits a minute waits for ever.
        tokio::time::timeout(Duration::from_secs(60), asked).await.expect("three answers");
        let expected =
            [("sip:ben@names.lab", Reply::There), ("sip:dora@names.lab", Reply::Unknown), ("sip:nobody@names.lab", Reply::NoSuchUser)];
        assert_eq!(replies, expected.map(|(who, reply)| (who.to_owned(), reply)).into());
        let states: Vec<&str> = engine.reach(&book).await.unwrap().iter().map(|reach| reach.state().as_str()).collect();
        assert_eq!(states, ["answered", "unknown", "no such user", "unknown"]);
        assert!(matches!(engine.reach(&book).await.unwrap()[0].state(), ReachState::Answered(_)));
        let journal = engine.asked().await.unwrap();
        let asked = journal.iter().filter(|line| line.kind == "OPTIONS of a person" && line.whom == "your account's server");
        assert_eq!(asked.map(|line| line.times).sum::<u64>(), 3, "who is not marked is not asked: {journal:?}");
        engine.shut_down().await;
    });
    phone.interrupt();
    assert_eq!(phone.end().code, Some(0));
}
