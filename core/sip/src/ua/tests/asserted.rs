//! Who calls: RFC 3323, 3325, 3892.

use cooee_machine::{Pii, Transport};

use super::super::*;
use super::peer::invite;
use super::scene::OFFER;
use super::script::{Script, header};
use crate::header::HeaderName;

/// Asserted identity, who referred, anonymous or not.
fn told(transport: Transport, lines: &[(&str, &str)]) -> (Option<String>, Option<String>, bool) {
    let mut script = Script::new(transport);
    script.receive(&invite(lines));
    match script.events.pop() {
        Some(LegEvent::Incoming { asserted, referred_by, anonymous, .. }) => {
            let reveal = |uri: Option<Pii<String>>| uri.map(|uri| uri.reveal().clone());
            (reveal(asserted), reveal(referred_by), anonymous)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_asserted_identity_is_believed_from_the_own_server_over_tls_only() {
    let lines = [("P-Asserted-Identity", "\"Ben\" <tel:+4930123>, <sip:ben@sip.example.org>")];
    assert_eq!(told(Transport::Tls, &lines).0.as_deref(), Some("sip:ben@sip.example.org"));
    assert_eq!(told(Transport::Tls, &[("P-Asserted-Identity", "tel:+4930123")]).0.as_deref(), Some("tel:+4930123"));
    assert_eq!(told(Transport::Udp, &lines).0, None);
    assert_eq!(told(Transport::Tcp, &lines).0, None);
    assert_eq!(told(Transport::Tls, &[("P-Asserted-Identity", "<http://example.org>")]).0, None);
    assert_eq!(told(Transport::Tls, &[("P-Asserted-Identity", "\"")]).0, None);
}

#[test]
fn a_caller_that_does_not_want_to_be_known_is_not() {
    let identity = ("P-Asserted-Identity", "<sip:ben@example.org>");
    let anonymous = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=f";
    let of_provider = "<sip:Anonymous@provider.example>;tag=f";
    for lines in [
        [identity, ("From", anonymous)],
        [identity, ("From", of_provider)],
        [identity, ("Privacy", "id")],
        [identity, ("Privacy", "critical; User")],
    ] {
        assert_eq!(told(Transport::Tls, &lines), (None, None, true), "{lines:?}");
    }
    assert!(!told(Transport::Tls, &[identity, ("Privacy", "none")]).2);
}

#[test]
fn who_referred_the_caller_is_told() {
    assert_eq!(
        told(Transport::Tls, &[("Referred-By", "\"Carol\" <sip:carol@example.org>;cid=x")]).1.as_deref(),
        Some("sip:carol@example.org")
    );
    assert_eq!(told(Transport::Tls, &[("b", "sip:carol@example.org")]).1.as_deref(), Some("sip:carol@example.org"));
    assert_eq!(told(Transport::Tls, &[("Referred-By", "<<")]).1, None);
}

#[test]
fn an_anonymous_call_tells_nobody_who_calls_but_by_its_credentials() {
    let mut script = Script::new(Transport::Tls);
    let options = InviteOptions { anonymous: true, ..InviteOptions::default() };
    let leg = script.agent.invite("sip:ben@example.org", OFFER.to_vec(), options, script.now);
    let invite = script.only();
    assert!(header(&invite, HeaderName::From).unwrap().starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="));
    assert_eq!(header(&invite, HeaderName::Privacy).as_deref(), Some("id"));
    assert_eq!(header(&invite, HeaderName::Contact).as_deref(), Some("<sip:anonymous@192.0.2.1:5060;transport=tls;ob>"));
    script.answer(&invite, 200, "one", "Contact: <sip:ben@192.0.2.21>", b"x");
    script.sent();
    // And says no more later on.
    script.agent.reoffer(leg, OFFER.to_vec(), script.now);
    let reinvite = script.only();
    script.answer(&reinvite, 200, "one", "Contact: <sip:ben@192.0.2.21>", b"x");
    script.agent.refer(leg, &ReferTo { target: "sip:carol@example.org".to_owned(), replaces: None }, script.now);
    let refer = script.sent().pop().unwrap();
    script.answer(&refer, 603, "one", "Server: x", b"");
    for message in [invite, reinvite, refer] {
        assert!(!String::from_utf8_lossy(&message).contains("anna"), "{}", String::from_utf8_lossy(&message));
    }
}
