//! Registration: RFC 3665 section 2, refusals, refresh, back-off, flows.

use std::time::Duration;

use cooee_machine::{Secret, SocketId, Transport};

use super::super::*;
use super::scene::{OFFER, config, flow};
use super::script::{Script, golden, header};
use crate::digest::{Credentials, Verifier};
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::method::Method;

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\", algorithm=MD5";
const STALE: &str = "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n2\", qop=\"auth\", algorithm=MD5, stale=true";
const FRESH: &str = "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n3\", qop=\"auth\", algorithm=MD5";

fn registering(transport: Transport) -> Script {
    let mut script = Script::new(transport);
    script.agent.register(script.now);
    script
}

/// Contact and life as a registrar gives them back.
fn bound(expires: u32) -> String {
    format!(
        "Contact: <sip:anna@192.0.2.1:5060;transport=tls>;+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-000000000004>\";reg-id=1;expires={expires}\n\
         Require: outbound"
    )
}

fn registered() -> Script {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    assert_eq!(script.sent_lines(), [""; 0]);
    script
}

#[test]
fn a_new_registration_is_challenged_and_then_accepted_as_in_rfc_3665_2_1() {
    let mut script = registering(Transport::Tls);
    let first = script.only();
    assert_eq!(
        golden(&first),
        "REGISTER sip:example.org SIP/2.0\n\
         Via: SIP/2.0/TLS 192.0.2.1:5060;branch=BRANCH;rport\n\
         Max-Forwards: 70\n\
         From: \"anna\" <sip:anna@example.org>;tag=FROM-TAG\n\
         To: \"anna\" <sip:anna@example.org>\n\
         Call-ID: CALL-ID\n\
         CSeq: 1 REGISTER\n\
         Contact: <sip:anna@192.0.2.1:5060;transport=tls>;+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-000000000004>\";reg-id=1\n\
         Expires: 3600\n\
         Supported: path, outbound\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, INFO\n\
         User-Agent: Cooee/test\n\
         Content-Length: 0\n\n"
    );
    script.answer(&first, 401, "s", CHALLENGE, b"");
    let second = script.only();
    let text = golden(&second);
    assert!(text.contains("CSeq: 2 REGISTER\n") && text.contains("Authorization: Digest username=\"anna\""), "{text}");
    assert_eq!(header(&first, HeaderName::CallId), header(&second, HeaderName::CallId));
    let parsed = Message::parse(&second, Framing::Stream).unwrap();
    let credentials = Credentials::parse(parsed.header(HeaderName::Authorization).unwrap()).unwrap();
    let verifier = Verifier::new("anna", "example.org", &Secret::new("anna-pw"));
    assert_eq!(verifier.verify(&credentials, Method::Register, b""), Ok(()));
    script.answer(&second, 200, "s", &bound(1800), b"");
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(
        script.registrations,
        [RegistrationEvent::Registered {
            expires: Duration::from_secs(1800),
            contacts: 1,
            service_route: vec![],
            outbound: true,
            features: vec![],
            date: None
        }]
    );
}

#[test]
fn a_copy_of_a_register_over_udp_is_the_same_to_the_octet() {
    let mut script = registering(Transport::Udp);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let second = script.only();
    script.run(Duration::from_secs(4));
    let copies = script.sent();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|copy| *copy == second));
}

#[test]
fn the_strongest_challenge_is_answered_and_only_once_for_a_realm() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    let both = format!("{CHALLENGE}\nWWW-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256");
    script.answer(&request, 401, "s", &both, b"");
    let text = golden(&script.only());
    assert_eq!(text.matches("Authorization: ").count(), 1);
    assert!(text.contains("algorithm=SHA-256"), "{text}");
}

#[test]
fn a_wrong_password_is_recognised_at_the_second_challenge_and_not_tried_again() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    script.answer(&request, 401, "s", FRESH, b"");
    let refused =
        RegistrationEvent::Refused { status: 401, reason: "Unauthorized".to_owned(), kind: RefusalKind::WrongPassword, retry_in: None };
    assert_eq!(script.registrations, [refused]);
    script.run(Duration::from_secs(100_000));
    script.agent.flow_opened(flow(Transport::Tls, 2, 9), script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.agent.register(script.now);
    assert_eq!(script.sent_lines(), ["REGISTER"]);
}

#[test]
fn the_same_nonce_again_is_a_wrong_password_even_if_it_claims_to_be_stale() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", STALE, b"");
    let request = script.only();
    script.answer(&request, 401, "s", STALE, b"");
    assert!(matches!(script.registrations[..], [RegistrationEvent::Refused { kind: RefusalKind::WrongPassword, .. }]));
}

#[test]
fn a_stale_nonce_is_replaced_but_a_server_that_calls_all_of_them_stale_is_left() {
    let mut script = registering(Transport::Tls);
    let mut tries = 0;
    while let Some(request) = script.sent().pop() {
        tries += 1;
        script.answer(&request, 401, "s", &STALE.replace("n2", &format!("stale{tries}")), b"");
    }
    assert_eq!(tries, 6);
    assert!(matches!(script.registrations[..], [RegistrationEvent::Refused { kind: RefusalKind::WrongPassword, .. }]));
}

#[test]
fn a_refresh_uses_the_nonce_again_and_a_new_one_is_taken_without_suspicion() {
    let mut script = registered();
    script.run_until_sent(Duration::from_secs(3600));
    let refresh = script.only();
    let text = golden(&refresh);
    assert!(text.contains("nonce=\"n1\"") && text.contains("nc=00000002") && text.contains("CSeq: 3 REGISTER"), "{text}");
    script.answer(&refresh, 401, "s", FRESH, b"");
    let again = script.only();
    assert!(golden(&again).contains("nonce=\"n3\"") && golden(&again).contains("nc=00000001"));
    script.answer(&again, 200, "s", &bound(3600), b"");
    assert_eq!(script.registrations.len(), 2);
}

#[test]
fn proxy_and_registrar_may_both_ask() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 407, "s", "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"p1\"", b"");
    let request = script.only();
    assert!(golden(&request).contains("Proxy-Authorization: Digest"));
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    let text = golden(&request);
    assert!(text.contains("\nProxy-Authorization: Digest") && text.contains("\nAuthorization: Digest"), "{text}");
    script.answer(&request, 200, "s", &bound(60), b"");
    assert!(matches!(script.registrations[..], [RegistrationEvent::Registered { .. }]));
}

#[test]
fn the_life_of_the_binding_is_taken_from_our_own_contact() {
    let other = "Contact: <sip:anna@198.51.100.7>;+sip.instance=\"<urn:uuid:other>\";reg-id=1;expires=60";
    for (contacts, life) in [
        (format!("{other}\n{}\nExpires: 30", bound(500)), 500),
        (format!("{other}\nContact: <sip:anna@192.0.2.1:5060;transport=TLS>;expires=700"), 700),
        (format!("{}\nExpires: 400", bound(9).replace(";expires=9", "")), 400),
        ("Contact: <sip:rewritten@203.0.113.5>;expires=200".to_owned(), 200),
        ("Expires: 120".to_owned(), 120),
        ("Server: x".to_owned(), 3600),
    ] {
        let mut script = registering(Transport::Tls);
        let request = script.only();
        script.answer(&request, 200, "s", &contacts, b"");
        script.sent();
        let Some(RegistrationEvent::Registered { expires, .. }) = script.registrations.last() else { panic!("{contacts}") };
        assert_eq!(expires.as_secs(), life, "{contacts}");
    }
}

#[test]
fn an_interval_too_brief_is_made_longer_once() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 423, "s", "Min-Expires: 7200", b"");
    let request = script.only();
    assert_eq!(header(&request, HeaderName::Expires).as_deref(), Some("7200"));
    script.answer(&request, 423, "s", "Min-Expires: 9000", b"");
    script.sent();
    assert!(matches!(script.registrations[..], [RegistrationEvent::Refused { status: 423, kind: RefusalKind::Other, .. }]));
}

#[test]
fn refusals_are_told_by_kind_and_not_repeated() {
    for (status, kind) in
        [(403, RefusalKind::Forbidden), (404, RefusalKind::UnknownUser), (604, RefusalKind::UnknownUser), (302, RefusalKind::Other)]
    {
        let mut script = registering(Transport::Tls);
        let request = script.only();
        script.answer(&request, status, "s", "Server: x", b"");
        script.run(Duration::from_secs(100_000));
        assert_eq!(script.sent_lines(), [""; 0]);
        let [RegistrationEvent::Refused { status: told, kind: what, retry_in: None, .. }] = &script.registrations[..] else { panic!() };
        assert_eq!((*told, *what), (status, kind));
    }
}

#[test]
fn a_refusal_of_what_was_good_before_is_asked_about_again_ever_more_seldom() {
    let mut script = registered();
    script.run_until_sent(Duration::from_secs(3600));
    let mut waits = Vec::new();
    for _ in 0..4 {
        let request = script.only();
        script.answer(&request, 403, "s", "Server: x", b"");
        script.sent();
        let Some(RegistrationEvent::Refused { retry_in: Some(wait), .. }) = script.registrations.last() else { panic!() };
        waits.push(*wait);
        let wait = *wait;
        script.run(wait + Duration::from_secs(1));
    }
    assert!(waits[0] >= Duration::from_secs(15) && waits[3] >= Duration::from_secs(120), "{waits:?}");
}

#[test]
fn a_server_in_trouble_is_given_the_time_it_asks_for_even_over_a_new_flow() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 503, "s", "Retry-After: 100", b"");
    script.sent();
    let [RegistrationEvent::Failed { cause: RegistrationFailure::ServerError(503), retry_in: Some(wait) }] = script.registrations[..]
    else {
        panic!("{:?}", script.registrations)
    };
    assert!(wait >= Duration::from_secs(100));
    script.agent.flow_opened(flow(Transport::Tls, 1, 9), script.now);
    script.run(Duration::from_secs(99));
    assert_eq!(script.sent_lines(), [""; 0]);
    script.run(Duration::from_secs(15));
    assert_eq!(script.sent_lines(), ["REGISTER"]);
}

#[test]
fn silence_fails_the_flow_and_the_next_flow_registers_at_once() {
    let mut script = registering(Transport::Tls);
    script.run(Duration::from_secs(33));
    assert_eq!(script.sent_lines(), ["REGISTER"]);
    assert_eq!(script.failed_flows, 1);
    assert_eq!(script.registrations, [RegistrationEvent::Failed { cause: RegistrationFailure::Timeout, retry_in: None }]);
    script.agent.flow_closed(script.now);
    script.agent.flow_opened(flow(Transport::Tls, 1, 9), script.now);
    assert_eq!(script.sent_lines(), ["REGISTER"]);
}

#[test]
fn a_flow_that_closes_under_a_register_is_told_and_a_new_one_tried() {
    let mut script = registering(Transport::Tls);
    script.only();
    script.agent.flow_closed(script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(script.registrations, [RegistrationEvent::Failed { cause: RegistrationFailure::FlowClosed, retry_in: None }]);
    script.agent.flow_opened(flow(Transport::Tls, 1, 9), script.now);
    assert_eq!(script.sent_lines(), ["REGISTER"]);
}

#[test]
fn unregistering_removes_the_binding_and_is_told() {
    let mut script = registered();
    script.agent.unregister(script.now);
    let request = script.only();
    assert_eq!(header(&request, HeaderName::Expires).as_deref(), Some("0"));
    assert!(!script.agent.is_idle());
    script.answer(&request, 200, "s", "Server: x", b"");
    script.run(Duration::from_secs(10_000));
    assert_eq!(script.sent_lines(), [""; 0]);
    assert_eq!(script.registrations.last(), Some(&RegistrationEvent::Unregistered));
    assert!(script.agent.is_idle());
}

#[test]
fn unregistering_while_a_register_is_under_way_waits_for_its_answer() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.agent.unregister(script.now);
    assert_eq!(script.sent_lines(), [""; 0]);
    script.answer(&request, 200, "s", &bound(3600), b"");
    let request = script.only();
    assert_eq!(header(&request, HeaderName::Expires).as_deref(), Some("0"));
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    assert_eq!(header(&request, HeaderName::Expires).as_deref(), Some("0"));
    script.answer(&request, 200, "s", "Server: x", b"");
    script.sent();
    assert_eq!(script.registrations, [RegistrationEvent::Unregistered]);
}

#[test]
fn an_unregister_without_an_answer_is_given_up() {
    let mut script = registered();
    script.agent.unregister(script.now);
    script.run(Duration::from_secs(33));
    assert_eq!(script.registrations.last(), Some(&RegistrationEvent::Unregistered));
    assert!(script.agent.is_idle());
}

#[test]
fn a_new_flow_removes_what_the_old_one_left_unless_the_server_does() {
    for (outbound, contacts) in [(true, 1), (false, 2)] {
        let mut script = registering(Transport::Tls);
        let request = script.only();
        let answer = if outbound { bound(60) } else { bound(60).replace("Require: outbound", "Server: x") };
        script.answer(&request, 200, "s", &answer, b"");
        script.agent.flow_closed(script.now);
        script.agent.flow_opened(flow(Transport::Tls, 3, 9), script.now);
        let request = script.only();
        let parsed = Message::parse(&request, Framing::Stream).unwrap();
        let found: Vec<_> = parsed.contacts().map(|contact| (contact.uri().host().to_owned(), contact.expires())).collect();
        assert_eq!(found.len(), contacts, "{found:?}");
        assert_eq!(found[0], ("192.0.2.3".to_owned(), None));
        assert!(outbound || found[1] == ("192.0.2.1".to_owned(), Some(0)));
    }
}

#[test]
fn the_service_route_is_told_and_taken_by_later_requests() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    let route = "Service-Route: <sip:edge.example.org;lr>, <sip:home.example.org;lr>";
    script.answer(&request, 200, "s", &format!("{}\n{route}", bound(60)), b"");
    let (_, invite) = script.call();
    let parsed = Message::parse(&invite, Framing::Stream).unwrap();
    let routes: Vec<_> = parsed.routes().map(|route| route.uri().as_str().to_owned()).collect();
    assert_eq!(routes, ["sip:edge.example.org;lr", "sip:home.example.org;lr"]);
}

#[test]
fn a_realm_fixed_by_the_account_gets_no_other_answer() {
    let mut config = config("anna");
    config.realm = Some("example.org".to_owned());
    let mut script = Script::with(Transport::Tls, config);
    script.agent.register(script.now);
    let request = script.only();
    script.answer(&request, 401, "s", &CHALLENGE.replace("realm=\"example.org\"", "realm=\"evil.example\""), b"");
    assert_eq!(script.sent_lines(), [""; 0]);
    assert!(matches!(script.registrations[..], [RegistrationEvent::Refused { kind: RefusalKind::WrongPassword, .. }]));
}

#[test]
fn an_idle_phone_over_tls_wakes_less_than_once_a_minute() {
    let mut script = registered();
    let (end, mut wakes) = (script.now.instant + Duration::from_secs(3000), 0);
    while let Some(wake) = script.agent.next_wake().filter(|wake| wake.at + wake.slack <= end) {
        let at = wake.at + wake.slack;
        script.now = script.now.after(at.saturating_duration_since(script.now.instant));
        script.agent.handle_timeout(script.now);
        script.collect();
        for payload in std::mem::take(&mut script.sent) {
            if payload == b"\r\n\r\n" {
                script.agent.handle_keep_alive(script.now);
            } else {
                script.answer(&payload, 200, "s", &bound(3600), b"");
            }
        }
        wakes += 1;
    }
    assert!(wakes <= 27, "{wakes} in 50 minutes");
    assert_eq!(script.failed_flows, 0);
}

#[test]
fn a_pong_that_fails_to_come_fails_the_flow() {
    let mut script = registered();
    script.run(Duration::from_secs(135));
    assert_eq!(script.failed_flows, 1);
}

#[test]
fn the_registrar_of_an_address_with_a_port_has_that_port() {
    let mut config = config("anna");
    config.aor = cooee_machine::Pii("sip:anna@192.0.2.9:5070".to_owned());
    let mut script = Script::with(Transport::Tcp, config);
    script.agent.register(script.now);
    assert!(golden(&script.only()).starts_with("REGISTER sip:192.0.2.9:5070 SIP/2.0\n"));
}

#[test]
fn a_response_for_somebody_behind_us_is_ignored() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    let answer = String::from_utf8(super::script::response(&request, 200, "s", &bound(60), b"")).unwrap();
    script.receive(answer.replacen("\r\nFrom:", "\r\nVia: SIP/2.0/TLS elsewhere\r\nFrom:", 1).as_bytes());
    assert_eq!(script.registrations, []);
    script.receive(answer.as_bytes());
    assert_eq!(script.registrations.len(), 1);
}

#[test]
fn a_message_by_another_flow_is_ignored() {
    let mut script = registering(Transport::Udp);
    let request = script.only();
    let answer = super::script::response(&request, 200, "s", &bound(60), b"");
    let stranger = FlowId::Udp { socket: SocketId(1), remote: "203.0.113.66:5060".parse().unwrap() };
    script.agent.handle_message(stranger, &answer, script.now);
    script.sent();
    assert_eq!(script.registrations, []);
}

/// What a server far away makes of a `Via` that names no address.
fn seen_as_203_0_113_7(response: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(response).replacen(";rport", ";received=203.0.113.7;rport=40000", 1).into_bytes()
}

fn bound_to_every_address() -> Script {
    let mut script = Script::new(Transport::Udp);
    script.flow.local = "0.0.0.0:5060".parse().unwrap();
    script.agent.flow_opened(script.flow, script.now);
    script.agent.register(script.now);
    script
}

#[test]
fn a_socket_bound_to_every_address_learns_its_own_from_the_challenge() {
    let mut script = bound_to_every_address();
    let request = script.only();
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 401, "s", CHALLENGE, b"")));
    let request = script.only();
    let contact = header(&request, HeaderName::Contact).unwrap();
    assert!(contact.starts_with("<sip:anna@203.0.113.7:40000;transport=udp"), "{contact}");
    assert!(header(&request, HeaderName::Via).unwrap().starts_with("SIP/2.0/UDP 203.0.113.7:40000;"));
    script.answer(&request, 200, "s", &bound(3600), b"");
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn a_registration_accepted_with_an_address_that_is_none_is_made_again_once() {
    let mut script = bound_to_every_address();
    let request = script.only();
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    let request = script.only();
    assert!(header(&request, HeaderName::Contact).unwrap().contains("203.0.113.7:40000"));
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    assert_eq!(script.sent_lines(), [""; 0]);
}

#[test]
fn who_leaves_before_the_address_is_learned_does_not_register_anew() {
    let mut script = Script::new(Transport::Udp);
    let now = script.now;
    script.agent.flow_closed(now);
    script.flow.local = "0.0.0.0:5060".parse().unwrap();
    script.agent.flow_opened(script.flow, now);
    script.agent.register(now);
    let first = script.only();
    script.agent.unregister(now);
    let text = String::from_utf8(super::script::response(&first, 200, "s", "Contact: <sip:anna@0.0.0.0:5060>;expires=3600", b"")).unwrap();
    script.receive(text.replace(";rport", ";rport=6000;received=198.51.100.7").as_bytes());
    let second = script.only();
    assert_eq!(header(&second, HeaderName::Expires).as_deref(), Some("0"));
    script.answer(&second, 200, "s", "", b"");
    assert_eq!(script.sent_lines(), [""; 0], "nothing follows a good-bye");
}

#[test]
fn only_a_response_to_an_own_request_tells_the_own_address() {
    let mut script = Script::new(Transport::Udp);
    let now = script.now;
    script.agent.flow_closed(now);
    script.flow.local = "0.0.0.0:5060".parse().unwrap();
    script.agent.flow_opened(script.flow, now);
    script.agent.register(now);
    let first = script.only();
    let text = String::from_utf8(super::script::response(&first, 401, "s", CHALLENGE, b"")).unwrap();
    let branch = Message::parse(&first, Framing::Datagram).unwrap().via().branch().unwrap().to_owned();
    script.receive(text.replace(";rport", ";rport=6666;received=203.0.113.66").replace(&branch, "z9hG4bKforged").as_bytes());
    script.answer(&first, 401, "s", CHALLENGE, b"");
    let second = script.only();
    let contact = header(&second, HeaderName::Contact).unwrap();
    assert!(!contact.contains("203.0.113.66"), "{contact}");
}

#[test]
fn beyond_a_nat_the_address_that_the_server_sees_is_the_one_to_be_reached_at() {
    let mut script = registering(Transport::Udp);
    let request = script.only();
    assert!(header(&request, HeaderName::Contact).unwrap().contains("192.0.2.1:5060"));
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 401, "s", CHALLENGE, b"")));
    let request = script.only();
    assert!(header(&request, HeaderName::Contact).unwrap().starts_with("<sip:anna@203.0.113.7:40000;transport=udp>"));
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    assert_eq!(script.sent_lines(), [""; 0]);
    let (_, invite) = script.call();
    assert!(header(&invite, HeaderName::Via).unwrap().contains("203.0.113.7:40000"));
}

#[test]
fn a_server_that_finds_us_by_our_flow_spares_peers_our_address_and_anonymous_calls_a_name_that_comes_again() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    let contact = |script: &mut Script, anonymous| {
        let options = InviteOptions { anonymous, ..InviteOptions::default() };
        script.agent.invite("sip:ben@example.org", OFFER.to_vec(), options, script.now);
        header(&script.only(), HeaderName::Contact).unwrap()
    };
    let first = contact(&mut script, false);
    assert!(first.starts_with("<sip:anna@") && first.ends_with(".invalid;transport=tls;ob>"), "{first}");
    assert_eq!(contact(&mut script, false), first);
    assert_eq!(contact(&mut script, true), "<sip:anonymous@anonymous.invalid;transport=tls;ob>");
}

#[test]
fn a_nat_that_changes_its_mind_with_every_packet_costs_one_registration_more() {
    let mut script = registering(Transport::Udp);
    let mut registers = 0;
    for port in 40_000..40_020 {
        let Some(request) = script.sent().pop() else { break };
        registers += 1;
        let text = String::from_utf8(super::script::response(&request, 200, "s", "Expires: 3600", b"")).unwrap();
        script.receive(text.replacen(";rport", &format!(";received=203.0.113.7;rport={port}"), 1).as_bytes());
    }
    assert_eq!(registers, 2);
}

#[test]
fn over_a_connection_that_the_server_does_not_promise_to_keep_the_address_it_sees_is_registered_and_called_from() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    let lines = "Contact: <sip:anna@192.0.2.1:5060;transport=tls>;expires=3600";
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", lines, b"")));
    let again = script.only();
    assert!(header(&again, HeaderName::Contact).unwrap().starts_with("<sip:anna@203.0.113.7:40000;transport=tls>"));
    let (_, invite) = script.call();
    assert_eq!(header(&invite, HeaderName::Contact).as_deref(), Some("<sip:anna@203.0.113.7:40000;transport=tls;ob>"));
}

#[test]
fn where_the_server_keeps_the_flow_nobody_registers_anew_for_an_address() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    assert_eq!(script.sent_lines(), [""; 0]);
    let mut script = registering(Transport::Udp);
    let request = script.only();
    script.receive(&seen_as_203_0_113_7(&super::script::response(&request, 200, "s", &bound(3600), b"")));
    assert!(script.sent().iter().all(|sent| !sent.starts_with(b"REGISTER")));
}

#[test]
fn a_login_of_another_name_stands_in_the_credentials_only() {
    let mut config = config("anna");
    config.auth_user = Some(cooee_machine::Pii("4930123".to_owned()));
    let mut script = Script::with(Transport::Tls, config);
    script.agent.register(script.now);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    assert!(header(&request, HeaderName::Authorization).unwrap().contains("username=\"4930123\""));
    assert!(header(&request, HeaderName::From).unwrap().contains("<sip:anna@example.org>"));
}

#[test]
fn a_minute_is_refreshed_before_it_is_over_and_a_contact_without_a_life_of_its_own_has_the_general_one() {
    for lines in ["Contact: <sip:anna@192.0.2.1:5060;transport=tls>\nExpires: 60", "Expires: 60", "Contact: <sip:x@y>;expires=60"] {
        let mut script = registering(Transport::Tls);
        let request = script.only();
        script.answer(&request, 200, "s", lines, b"");
        assert!(matches!(&script.registrations[..], [RegistrationEvent::Registered { expires, .. }] if expires.as_secs() == 60), "{lines}");
        let before = script.now;
        script.run_until_sent(Duration::from_secs(59));
        assert!(script.sent_lines() == ["REGISTER"] && script.now.instant - before.instant >= Duration::from_secs(45), "{lines}");
    }
}

/// What becomes of a BYE that is challenged so, after a registration in the realm example.org with this algorithm.
fn challenged_bye(registered: &str, challenge: &str) -> Vec<String> {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", &CHALLENGE.replace("MD5", registered), b"");
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    let (leg, invite) = script.call();
    script.answer(&invite, 200, "one", "Contact: <sip:ben@192.0.2.21>", b"x");
    script.sent();
    script.agent.hang_up(leg, HangUp::default(), script.now);
    let bye = script.only();
    script.answer(&bye, 401, "one", challenge, b"");
    script.sent_lines()
}

#[test]
fn whoever_is_called_gets_no_digest_of_the_account_s_password() {
    let of_a_stranger = "WWW-Authenticate: Digest realm=\"evil.example\", nonce=\"n\", qop=\"auth\", algorithm=MD5";
    assert_eq!(challenged_bye("MD5", of_a_stranger), [""; 0]);
    assert_eq!(challenged_bye("MD5", CHALLENGE), [""; 0], "nor if it names the own realm");
    assert_eq!(challenged_bye("MD5", &CHALLENGE.replace("WWW", "Proxy")), ["BYE"], "the own proxy may ask at any time");
}

/// What is sent for a challenge to a call to somebody elsewhere.
fn challenged_invite(script: &mut Script, target: &str, status: u16, challenge: &str) -> Vec<String> {
    script.agent.invite(target, OFFER.to_vec(), InviteOptions::default(), script.now);
    let invite = script.sent().pop().unwrap();
    script.answer(&invite, status, "p", challenge, b"");
    script.sent_lines()
}

#[test]
fn a_peer_that_names_the_own_realm_gets_no_digest() {
    let (proxy, fresh) = (CHALLENGE.replace("WWW", "Proxy"), STALE.replace("WWW", "Proxy"));
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    assert_eq!(challenged_invite(&mut script, "sip:ben@elsewhere.example", 401, CHALLENGE), ["ACK"]);
    let is_withheld =
        |script: &Script| matches!(script.events.last(), Some(LegEvent::Ended(Ended { kind: EndKind::PasswordWithheld, .. })));
    assert!(is_withheld(&script), "which is no wrong password");
    assert_eq!(challenged_invite(&mut script, "sip:0301234567@example.org", 401, CHALLENGE), ["ACK", "INVITE"], "an exchange speaks so");
    assert_eq!(challenged_invite(&mut script, "sip:ben@198.51.100.9", 401, CHALLENGE), ["ACK"]);
    script.agent.invite("sip:ben@elsewhere.example", OFFER.to_vec(), InviteOptions::default(), script.now);
    let invite = script.only();
    assert!(header(&invite, HeaderName::Authorization).is_none(), "what the exchange asked for is not for others");
    script.answer(&invite, 407, "p", &proxy, b"");
    let passed = script.sent().pop().unwrap();
    assert!(header(&passed, HeaderName::ProxyAuthorization).is_some());
    script.answer(&passed, 407, "p", &fresh, b"");
    assert_eq!(script.sent_lines(), ["ACK"], "the own proxy has let it pass: this is the peer");
    script.agent.invite("sip:ben@elsewhere.example", OFFER.to_vec(), InviteOptions::default(), script.now);
    let invite = script.only();
    script.answer(&invite, 180, "p", "Contact: <sip:ben@192.0.2.21>", b"");
    script.answer(&invite, 407, "p", &FRESH.replace("WWW", "Proxy"), b"");
    assert_eq!(script.sent_lines(), ["ACK"], "it has rung there");
    // The own proxy's nonce is known by now, and yet it is to ask first: else the peer's challenge would be the first of this request.
    script.agent.invite("sip:ben@elsewhere.example", OFFER.to_vec(), InviteOptions::default(), script.now);
    let invite = script.only();
    assert!(header(&invite, HeaderName::ProxyAuthorization).is_none());
    script.answer(&invite, 407, "p", &proxy, b"");
    let passed = script.sent().pop().unwrap();
    script.answer(&passed, 407, "p", &fresh, b"");
    assert_eq!(script.sent_lines(), ["ACK"]);
}

#[test]
fn a_realm_is_adopted_from_the_own_server_alone() {
    let challenge = CHALLENGE.replace("WWW", "Proxy");
    for (target, sent) in [("sip:ben@elsewhere.example", vec!["ACK"]), ("sip:ben@sip.example.org", vec!["ACK", "INVITE"])] {
        let mut script = registering(Transport::Tls);
        let request = script.only();
        script.answer(&request, 200, "s", &bound(3600), b"");
        assert_eq!(challenged_invite(&mut script, target, 407, &challenge), sent, "{target}");
    }
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    let strong = challenge.replace("MD5", "SHA-256");
    assert_eq!(challenged_invite(&mut script, "sip:ben@elsewhere.example", 407, &strong), ["ACK"], "its server asks for nothing");
}

#[test]
fn who_never_registers_calls_another_domain_by_its_own_proxy_s_leave_and_answers_nobody_else() {
    let strong = CHALLENGE.replace("WWW", "Proxy").replace("MD5", "SHA-256");
    let foreign = "sip:ben@elsewhere.example";
    for (status, challenge, sent) in [
        (407, strong.clone(), vec!["ACK", "INVITE"]),
        (407, strong.replace("SHA-256", "MD5"), vec!["ACK"]),
        (407, strong.replace("example.org", "elsewhere.example"), vec!["ACK"]),
        (401, strong.replace("Proxy", "WWW"), vec!["ACK"]),
    ] {
        assert_eq!(challenged_invite(&mut Script::new(Transport::Tls), foreign, status, &challenge), sent, "{status} {challenge}");
    }
    let mut script = Script::new(Transport::Tls);
    script.agent.invite(foreign, OFFER.to_vec(), InviteOptions::default(), script.now);
    let invite = script.only();
    script.answer(&invite, 407, "p", &strong, b"");
    let passed = script.sent().pop().unwrap();
    script.answer(&passed, 407, "p", &strong.replace("n1", "n2"), b"");
    assert_eq!(script.sent_lines(), ["ACK"], "the own proxy has let it pass: this is the peer");
}

#[test]
fn nobody_but_the_own_server_makes_a_realm_ask_for_a_stronger_hash_for_ever() {
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", CHALLENGE, b"");
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    let (_, invite) = script.call();
    script.answer(&invite, 401, "one", &CHALLENGE.replace("MD5", "SHA-256"), b"");
    script.sent();
    let (_, invite) = script.call();
    script.answer(&invite, 407, "two", &FRESH.replace("WWW", "Proxy"), b"");
    assert_eq!(script.sent_lines(), ["ACK", "INVITE"], "its own proxy is answered as ever");
}

#[test]
fn a_realm_never_gets_a_weaker_hash_than_it_once_asked_for() {
    let proxy = CHALLENGE.replace("WWW", "Proxy");
    assert_eq!(challenged_bye("SHA-256", &proxy), [""; 0]);
    assert_eq!(challenged_bye("SHA-256", &proxy.replace("MD5", "SHA-256")), ["BYE"]);
    let mut script = registering(Transport::Tls);
    let request = script.only();
    script.answer(&request, 401, "s", &CHALLENGE.replace("MD5", "SHA-256"), b"");
    let request = script.only();
    script.answer(&request, 200, "s", &bound(3600), b"");
    script.agent.register(script.now);
    let request = script.only();
    script.answer(&request, 401, "s", FRESH, b"");
    assert_eq!(script.sent_lines(), [""; 0]);
    assert!(matches!(script.registrations.last(), Some(RegistrationEvent::Refused { kind: RefusalKind::WrongPassword, .. })));
}
