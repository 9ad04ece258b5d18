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
