//! Whether somebody is there (OPTIONS, RFC 3261 11).

use std::time::Duration;

use cooee_machine::Transport;

use super::super::*;
use super::peer::{ANNA, request};
use super::scene::{self, BEN, Scene, summary};
use super::script::{Script, golden, header};
use crate::header::HeaderName;

/// An OPTIONS that the server has let through for somebody, by the branch `name`.
fn asks(name: &str, lines: &[(&str, &str)]) -> Vec<u8> {
    let via = format!("SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK-{name}, SIP/2.0/TLS b;branch=z9hG4bK-{name}");
    request("OPTIONS", ANNA, &[&[("Via", via.as_str()), ("Contact", "")], lines].concat(), b"")
}

fn asked(script: &mut Script) -> (QueryId, String, Option<String>, bool) {
    match script.queries.pop() {
        Some(QueryEvent::Asked { id, from, asserted, anonymous }) => (id, from.0, asserted.map(|asserted| asserted.0), anonymous),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_question_looks_like_this_and_is_sent_once_more_with_credentials() {
    let mut script = Script::new(Transport::Tls);
    let id = script.agent.query("sip:ben@example.org", script.now);
    assert!(!script.agent.is_idle());
    let sent = script.only();
    assert_eq!(summary(&sent), "OPTIONS");
    assert_eq!(header(&sent, HeaderName::Accept).as_deref(), Some("application/sdp"));
    for untold in [HeaderName::Contact, HeaderName::ContentType] {
        assert_eq!(header(&sent, untold), None, "{}", golden(&sent));
    }
    script.answer(&sent, 407, "p", "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\"", b"");
    let again = script.only();
    assert_eq!(header(&again, HeaderName::CSeq).as_deref(), Some("2 OPTIONS"));
    assert!(header(&again, HeaderName::ProxyAuthorization).is_some());
    script.answer(&again, 200, "p", "Allow: INVITE", b"");
    assert_eq!(script.queries, [QueryEvent::Answered { id, status: Some(200) }]);
}

#[test]
fn every_question_comes_to_one_end() {
    let mut script = Script::new(Transport::Tls);
    let ends = |script: &mut Script, answer: Option<u16>| {
        let id = script.agent.query("sip:ben@example.org", script.now);
        let sent = script.only();
        match answer {
            Some(status) => script.answer(&sent, status, "p", "Server: x", b""),
            None => script.run(Duration::from_secs(33)),
        }
        assert_eq!(script.queries.len(), 1);
        match script.queries.pop() {
            Some(QueryEvent::Answered { id: known, status }) if known == id => status,
            other => panic!("{other:?}"),
        }
    };
    for status in [200, 404, 405, 480, 486, 501, 604] {
        assert_eq!(ends(&mut script, Some(status)), Some(status));
    }
    assert_eq!(ends(&mut script, None), Some(408), "silence");
    for (target, status) in [("tel:+4930123", None), ("sip:ben@example.org", Some(503))] {
        script.agent.flow_closed(script.now);
        let id = script.agent.query(target, script.now);
        script.collect();
        assert_eq!(script.queries.pop(), Some(QueryEvent::Answered { id, status }));
    }
}

#[test]
fn who_is_not_told_hears_what_a_phone_that_is_not_there_would_say() {
    let mut script = Script::new(Transport::Tls);
    script.receive(&asks("1", &[("From", "<sip:eve@evil.example>;tag=f"), ("P-Asserted-Identity", "<sip:eve@evil.example>")]));
    assert_eq!(script.sent_lines(), [""; 0], "nobody is answered before our owner has said so");
    let (id, from, asserted, anonymous) = asked(&mut script);
    assert_eq!((from.as_str(), asserted.as_deref(), anonymous), ("sip:eve@evil.example", Some("sip:eve@evil.example"), false));
    script.agent.answer_query(id, false, script.now);
    let refusal = script.only();
    assert_eq!(summary(&refusal), "480 OPTIONS");
    let text = golden(&refusal);
    assert!(text.starts_with("SIP/2.0 480 Temporarily Unavailable\n"), "{text}");
    for told in ["Allow", "Accept", "Supported", "Contact", "Server", "User-Agent", "Cooee", "Retry-After"] {
        assert!(!text.contains(&format!("\n{told}")), "{text}");
    }
    script.receive(&asks("2", &[]));
    let (id, from, ..) = asked(&mut script);
    assert_eq!(from, "sip:ben@example.org");
    script.agent.answer_query(id, true, script.now);
    let told = golden(&script.only());
    assert!(told.starts_with("SIP/2.0 200 OK\n") && told.contains("Allow: ") && !told.contains("Cooee"), "{told}");
    script.agent.answer_query(id, true, script.now);
    assert_eq!(script.sent_lines(), [""; 0], "once");
    script.receive(&asks("3", &[("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f")]));
    assert!(asked(&mut script).3);
}

#[test]
fn the_own_server_is_answered_at_once_for_it_keeps_the_connection() {
    let mut script = Script::new(Transport::Tls);
    for uri in [ANNA, "sip:192.0.2.1:5060;transport=tls"] {
        script.receive(&request("OPTIONS", uri, &[("From", "<sip:ping@192.0.2.9>;tag=f"), ("Contact", "")], b""));
        assert_eq!(script.sent_lines(), ["200 OPTIONS"], "{uri}");
    }
    assert_eq!(script.queries, []);
}

#[test]
fn of_many_who_ask_at_once_the_first_are_told_nothing() {
    let mut script = Script::new(Transport::Tls);
    for number in 0..40 {
        script.receive(&asks(&number.to_string(), &[("Call-ID", &format!("c{number}"))]));
    }
    assert_eq!(script.sent_lines(), vec!["480 OPTIONS"; 24]);
    assert_eq!(script.agent.core.asked.len(), 16);
}

#[test]
fn a_question_is_answered_once_whatever_the_air_loses() {
    for seed in 0..20 {
        let mut scene = Scene::with(Transport::Udp, seed, scene::config("anna"), scene::config("ben"));
        scene.air.loss = 30;
        let now = scene.now;
        let id = scene.anna().query("sip:ben@example.org", now);
        scene.run(Duration::from_secs(40));
        assert_eq!(scene.ends[scene::ANNA].queries, [QueryEvent::Answered { id, status: Some(200) }], "seed {seed}");
        assert_eq!(scene.ends[BEN].queries, [], "ben's server is anna here, and asks for herself");
        assert!(scene.anna().is_idle());
    }
}
