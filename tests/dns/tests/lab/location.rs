use cooee_dns_lab::{Signing, Zone};
use cooee_machine::{DnsSecurity, Entropy, QuestionId, Transport};
use cooee_sip::locate::{Locate, LocateFailure, LocateOutput, LocatePolicy, LocateTarget, Located, Predict, PredictOutput, Publication};

use crate::LAB;
use Transport::{Tcp, Tls, Udp};

/// Two more domains, each with its own way of saying where its servers are.
pub(crate) fn zones() -> Vec<Zone> {
    vec![
        Zone::new(
            "rules.lab",
            Signing::Nsec,
            r#"@ NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.rules.lab.
@ NAPTR 10 10 "S" "sips+d2t" "" _sips._tcp.provider
@ NAPTR 20 10 "u" "E2U+sip" "!^.*$!sip:x@rules.lab!" .
_sips._tcp.provider CNAME _sips._tcp.farm
_sips._tcp.farm SRV 0 0 5061 one
_sips._tcp.farm SRV 1 0 5063 two
_sip._tcp SRV 0 0 5060 one
one A 127.0.3.1
one AAAA ::1
two A 127.0.3.2
"#,
        ),
        Zone::new("names.lab", Signing::None, "_sips._tcp SRV 0 0 443 sip\nsip A 127.0.3.3\n@ A 127.0.3.4\n"),
    ]
}

async fn locate(domain: &str, policy: LocatePolicy) -> Result<Located, LocateFailure> {
    let resolver = LAB.resolver(&LAB.over_tls()).unwrap();
    let mut plan = Locate::new(LocateTarget::domain(domain), policy, QuestionId(0), Entropy::for_test(1));
    loop {
        match plan.poll_output().expect("a plan that was answered goes on") {
            LocateOutput::Resolve { id, question } => drop(plan.handle_resolved(id, resolver.resolve(question).await)),
            LocateOutput::Found(located) => return Ok(located),
            LocateOutput::Failed(failure) => return Err(failure),
        }
    }
}

async fn predict(domain: &str) -> Result<Publication, LocateFailure> {
    let resolver = LAB.resolver(&LAB.over_https()).unwrap();
    let mut plan = Predict::new(domain, LocatePolicy::any_transport(), QuestionId(0));
    loop {
        match plan.poll_output().expect("a plan that was answered goes on") {
            PredictOutput::Resolve { id, question } => drop(plan.handle_resolved(id, resolver.resolve(question).await)),
            PredictOutput::Found(publication) => return Ok(publication),
            PredictOutput::Failed(failure) => return Err(failure),
        }
    }
}

fn shown(located: &Located) -> Vec<String> {
    located.hops.iter().map(|hop| format!("{:?} {} {:?}", hop.transport, hop.address, hop.security)).collect()
}

#[tokio::test]
async fn two_domains_with_different_layouts_are_both_found() {
    let rules = locate("rules.lab", LocatePolicy::any_transport()).await.unwrap();
    assert_eq!(
        shown(&rules),
        [
            "Tls [::1]:5061 Secure",
            "Tls 127.0.3.1:5061 Secure",
            "Tls 127.0.3.2:5063 Secure",
            "Tcp [::1]:5060 Secure",
            "Tcp 127.0.3.1:5060 Secure"
        ]
    );
    assert!(rules.hops.iter().filter(|hop| hop.transport == Tls).all(|hop| hop.tls_name.as_deref() == Some("rules.lab")));
    assert_eq!(shown(&locate("names.lab", LocatePolicy::tls_only()).await.unwrap()), ["Tls 127.0.3.3:443 Insecure"]);
}

#[tokio::test]
async fn every_server_of_a_signed_domain_is_found_by_priority() {
    let ports = |located: &Located| located.hops.iter().map(|hop| hop.address.ip().to_string()).collect::<Vec<_>>();
    for domain in ["secure.lab", "hashed.lab"] {
        let located = locate(domain, LocatePolicy { ipv6: false, ..LocatePolicy::tls_only() }).await.unwrap();
        let mut first = ports(&located);
        assert_eq!(first.pop().as_deref(), Some("127.0.1.3"));
        first.sort();
        assert_eq!(first, ["127.0.1.1", "127.0.1.2"]);
        assert!(located.hops.iter().all(|hop| hop.security == DnsSecurity::Secure), "{domain}");
    }
}

#[tokio::test]
async fn a_domain_with_wrong_signatures_is_not_called_and_why_is_said() {
    for domain in ["bogus.lab", "expired.lab"] {
        let said = locate(domain, LocatePolicy::tls_only()).await.unwrap_err().to_string();
        assert!(said.contains("DNSSEC"), "{domain}: {said}");
    }
}

#[tokio::test]
async fn a_thousand_servers_are_bounded() {
    assert_eq!(locate("huge.lab", LocatePolicy::tls_only()).await, Err(LocateFailure::NoAddress("huge.lab".to_owned())));
}

#[tokio::test]
async fn a_stranger_s_name_for_this_machine_or_this_network_leads_nowhere() {
    let strangers = || LocatePolicy { private_addresses: false, ..LocatePolicy::tls_only() };
    for domain in ["inside.secure.lab", "names.lab"] {
        assert_eq!(locate(domain, strangers()).await, Err(LocateFailure::PrivateAddress(domain.to_owned())));
    }
}

#[tokio::test]
async fn what_domains_publish_is_read_off_real_servers() {
    let services = |publication: &Publication| publication.services.iter().map(|(transport, _)| *transport).collect::<Vec<_>>();
    let secure = predict("secure.lab").await.unwrap();
    assert_eq!((services(&secure), secure.security), (vec![Tls, Tcp, Udp], DnsSecurity::Secure));
    let plain = predict("plain.lab").await.unwrap();
    assert_eq!((services(&plain), plain.security), (vec![Tls, Tcp, Udp], DnsSecurity::Insecure));
    let refuses = predict("refuses.secure.lab").await.unwrap();
    assert_eq!((services(&refuses), refuses.refuses), (vec![], true));
    let web = predict("web.secure.lab").await.unwrap();
    assert_eq!((services(&web), web.refuses, web.no_such_domain, web.security), (vec![], false, false, DnsSecurity::Secure));
    assert!(predict("nobody.secure.lab").await.unwrap().no_such_domain);
    assert!(predict("bogus.lab").await.is_err());
}
