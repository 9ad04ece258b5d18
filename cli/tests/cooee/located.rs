//! Servers found by their domains in a real DNS.

use std::net::{SocketAddr, TcpListener};

use cooee_dns_lab::{Lab, Signing, Zone};

use crate::server::Server;
use crate::voice;

/// Where nobody listens.
fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn two_domains_with_different_layouts_are_called_though_a_server_of_each_is_down() {
    let (rules, names) = (Server::for_domain("rules", "rules.lab"), Server::for_domain("names", "names.lab"));
    let port = |server: &Server| server.address.parse::<SocketAddr>().unwrap().port();
    let lab = Lab::start(vec![
        // By a rule, at a provider's name, the second by priority.
        Zone::new(
            "rules.lab",
            Signing::Nsec,
            format!(
                "@ NAPTR 10 10 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.provider\n_sips._tcp.provider SRV 0 0 {} down\n\
                 _sips._tcp.provider SRV 1 0 {} up\ndown A 127.0.0.1\nup A 127.0.0.1\n",
                dead_port(),
                port(&rules)
            ),
        ),
        // By the well-known name, the first address of the only server.
        Zone::new(
            "names.lab",
            Signing::None,
            format!(
                "_sips._tcp SRV 0 9 {0} sip\n_sips._tcp SRV 0 0 {0} sip\n_sips._tcp SRV 7 0 {1} sip\nsip A 127.0.0.1\n",
                dead_port(),
                port(&names)
            ),
        ),
    ])
    .unwrap_or_else(|error| panic!("{error}"));
    for (server, domain, dns) in [(&rules, "rules.lab", lab.over_tls()), (&names, "names.lab", lab.over_https())] {
        let authority = server.home("lab.pem");
        std::fs::write(&authority, lab.authority()).unwrap();
        let more = ["--dns", &dns, "--trust", authority.to_str().unwrap()];
        for person in ["anna", "ben"] {
            let added = server.add_located(person, &more);
            assert_eq!(added.code, Some(0), "{added:#?}");
        }
        let sound = |name: &str| {
            let speech = server.home(&format!("{name}.wav"));
            voice::write(&speech, &voice::of(name));
            [speech, server.heard(name)].map(|path| path.to_str().unwrap().to_owned())
        };
        let ([hers, anna_heard], [his, ben_heard]) = (sound("anna"), sound("ben"));
        let mut ben = server.command("ben", &[&["phone", "--answer", "--speak", &his, "--record", &ben_heard][..], &more].concat());
        ben.until_state("registered");
        let whom = format!("ben@{domain}");
        let mut anna = server.command("anna", &[&["call", &whom, "--speak", &hers, "--record", &anna_heard][..], &more].concat());
        anna.until_state("active");
        ben.until_state("active");
        anna.interrupt();
        assert_eq!(anna.end().code, Some(0));
    }
}

#[test]
fn a_number_with_two_addresses_rings_at_the_second_where_nobody_is_at_the_first_and_the_log_shows_both() {
    let server = Server::for_domain("enum", "numbers.lab");
    let port = server.address.parse::<SocketAddr>().unwrap().port();
    let rule = |preference, user| {
        format!("0.0.8.1.8.6.6.4.4.1.4.e164 NAPTR 100 {preference} \"u\" \"E2U+sip\" \"!^.*$!sip:{user}@numbers.lab!\" .\n")
    };
    let records = format!("_sips._tcp SRV 0 0 {port} sip\nsip A 127.0.0.1\n{}{}", rule(10, "nobody"), rule(20, "ben"));
    let lab = Lab::start(vec![Zone::new("numbers.lab", Signing::Nsec, records)]).unwrap_or_else(|error| panic!("{error}"));
    let authority = server.home("lab.pem");
    std::fs::write(&authority, lab.authority()).unwrap();
    let dns = lab.over_tls();
    let more = ["--dns", &dns, "--trust", authority.to_str().unwrap()];
    for person in ["anna", "ben"] {
        assert_eq!(server.add_located(person, &more).code, Some(0));
    }
    let speech = server.home("speech.wav");
    voice::write(&speech, &voice::of("anna"));
    let sound = ["--speak", speech.to_str().unwrap()];
    let run = |arguments: &[&str]| server.command("anna", &[arguments, &more].concat());
    let mut ben = server.command("ben", &[&["phone", "--answer"][..], &sound, &more].concat());
    ben.until_state("registered");
    let call = |first: &str| {
        let mut anna = run(&[&["call", "+41 44 668 18 00"][..], &sound].concat());
        anna.until_state("active");
        anna.interrupt();
        assert_eq!(anna.end().code, Some(0));
        let log = run(&["log"]).end();
        let past = log.events.iter().rev().find(|event| event["event"] == "past").unwrap().clone();
        assert_eq!(past["legs"][0]["address"], first, "{past}");
        past
    };
    let past = call("sip:nobody@numbers.lab");
    let legs = past["legs"].as_array().unwrap();
    assert_eq!((legs.len(), &legs[0]["outcome"], &legs[0]["account"]), (2, &"not-found".into(), &"anna@numbers.lab".into()), "{past}");
    assert_eq!((&legs[1]["address"], &legs[1]["outcome"]), (&"sip:ben@numbers.lab".into(), &"answered".into()), "{past}");
    // Who answered there is called there first from then on, and the explanation says the same.
    let explained = run(&["explain", "+41446681800"]).end();
    let first = explained.events.iter().find(|event| event["event"] == "route").unwrap();
    assert_eq!((&first["address"], &first["place"]), (&"sip:ben@numbers.lab".into(), &1.into()), "{first}");
    assert!(first["reasons"].to_string().contains("signed") && first["reasons"].to_string().contains("answered"), "{first}");
    call("sip:ben@numbers.lab");
    // What is chosen comes before that, until it is forgotten.
    assert_eq!(run(&["choose", "+41446681800", "--by", "nobody@numbers.lab"]).end().code, Some(0));
    let explained = run(&["explain", "+41446681800"]).end();
    assert!(explained.event("route")["reasons"].to_string().contains("you chose this way"), "{explained:#?}");
    assert_eq!(run(&["privacy"]).end().event("stored")["choices"], 1);
    call("sip:nobody@numbers.lab");
    assert_eq!(run(&["choose", "+41446681800", "--forget"]).end().code, Some(0));
    call("sip:ben@numbers.lab");
    ben.interrupt();
    assert_eq!(ben.end().code, Some(0));
}
