use super::bench::*;
use crate::proxy::{Gate, GateRefusal};
use crate::{Framing, HeaderName, Message};

fn answer(bench: &mut Bench, method: &str, uri: &str, extra: &str) -> Vec<u8> {
    bench.give(tls(1), &request(method, uri, "TLS", "x1", ("a", ""), extra));
    bench.take(tls(1)).pop().unwrap()
}

#[test]
fn what_is_not_fit_to_be_forwarded_is_refused_as_the_standard_says() {
    let hops = String::from_utf8(invite()).unwrap().replace("Max-Forwards: 70", "Max-Forwards: 0");
    let mut bench = Bench::new();
    bench.give(tls(1), hops.as_bytes());
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 483 Too Many Hops"]);
    let required = answer(&mut Bench::new(), "INVITE", "sip:ben@example.org", "Proxy-Require: privacy, sec-agree\r\n");
    assert_eq!(first_line(&required), "SIP/2.0 420 Bad Extension");
    assert_eq!(header(&required, HeaderName::Unsupported).as_deref(), Some("privacy, sec-agree"));
    assert_eq!(first_line(&answer(&mut Bench::new(), "INVITE", "urn:service:sos", "")), "SIP/2.0 416 Unsupported URI Scheme");
}

#[test]
fn strangers_and_foreign_domains_are_not_relayed_for() {
    for (uri, route) in [
        ("sip:ben@elsewhere.example", ""),
        ("sip:ben@192.0.2.99", ""),
        ("sip:ben@example.org", "Route: <sip:evil.example;lr>\r\n"),
        ("sip:ben@example.org", "Route: <sip:example.org;lr>, <sip:evil.example;lr>\r\n"),
    ] {
        let mut bench = Bench::new();
        let refused = answer(&mut bench, "INVITE", uri, route);
        assert!(first_line(&refused).starts_with("SIP/2.0 403 No relaying"), "{uri} {route}");
        assert!(bench.sent.is_empty() && bench.proxy.is_empty());
    }
    let mut bench = Bench::new();
    bench.give(tls(1), &request("INVITE", "sip:ben@example.org", "TLS", "x", ("a", ""), "Route: <sip:example.org;lr>\r\n"));
    assert_eq!(bench.lines(tls(2)).len(), 1, "our own name in a preloaded route is fine");
}

#[test]
fn a_loop_is_seen_and_a_spiral_is_not_mistaken_for_one() {
    let mut bench = Bench::new();
    bench.give(tls(1), &invite());
    let out = String::from_utf8_lossy(&bench.only(tls(2))).into_owned();
    let back = out.replacen("INVITE sip:ben@10.0.0.2 ", "INVITE sip:ben@example.org ", 1);
    bench.give(tls(3), back.as_bytes());
    assert_eq!(bench.take(tls(3)).last().map(|last| first_line(last)).as_deref(), Some("SIP/2.0 482 Loop Detected"));
    let spiral = out.replacen("INVITE sip:ben@10.0.0.2 ", "INVITE sip:anna@example.org ", 1);
    bench.give(tls(3), spiral.as_bytes());
    assert_eq!(bench.lines(tls(3)), ["SIP/2.0 100 Trying"]);
}

#[test]
fn unknown_users_and_users_without_a_device_are_told_apart() {
    assert_eq!(first_line(&answer(&mut Bench::new(), "INVITE", "sip:carl@example.org", "")), "SIP/2.0 404 No such user");
    let mut bench = Bench::new();
    bench.bindings.insert("sip:ben@example.org".into(), Vec::new());
    assert_eq!(first_line(&answer(&mut bench, "INVITE", "sip:ben@example.org", "")), "SIP/2.0 480 No device is connected");
    let asked = first_line(&answer(&mut bench, "OPTIONS", "sip:ben@example.org", ""));
    assert_eq!(asked, "SIP/2.0 480 Temporarily Unavailable", "as a device says that does not tell whether it is there");
    let mut bench = Bench::new();
    bench.bindings.get_mut("sip:ben@example.org").unwrap().iter_mut().for_each(|binding| binding.epoch = 1);
    let gone = answer(&mut bench, "INVITE", "sip:ben@example.org", "");
    assert_eq!(first_line(&gone), "SIP/2.0 480 No device is connected", "connections of before the restart are gone");
}

#[test]
fn a_sips_call_goes_over_tls_only() {
    let mut bench = Bench::new();
    bench.bindings.get_mut("sip:ben@example.org").unwrap()[0].flow = udp(9);
    bench.give(tls(1), &request("INVITE", "sips:ben@example.org", "TLS", "x", ("a", ""), ""));
    assert_eq!((bench.lines(udp(9)).len(), bench.lines(tls(3)).len()), (0, 1));
}

#[test]
fn a_challenge_costs_no_memory_and_its_ack_is_dropped() {
    let mut bench = Bench::new();
    let challenge = GateRefusal { status: 407, reason: "", headers: vec![(HeaderName::ProxyAuthenticate, "Digest realm=\"x\"".into())] };
    let bytes = invite();
    let message = Message::parse(&bytes, Framing::Stream).unwrap();
    for _ in 0..2 {
        bench.proxy.handle_request(tls(1), &message, |_| Gate::Refuse(challenge.clone()), bench.now);
    }
    bench.drain();
    let answers = bench.take(tls(1));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers.first(), answers.last(), "a copy gets the same answer");
    assert!(bench.proxy.is_empty() && bench.proxy.next_wake().is_none());
    bench.give(tls(1), &request("ACK", "sip:ben@example.org", "TLS", "i1", ("a", "t"), ""));
    assert!(bench.sent.is_empty());
}

#[test]
fn a_caller_who_has_to_be_looked_up_first_waits_in_a_transaction() {
    let mut bench = Bench::new();
    let bytes = invite();
    let message = Message::parse(&bytes, Framing::Stream).unwrap();
    bench.proxy.handle_request(tls(1), &message, |_| Gate::Ask, bench.now);
    bench.drain();
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 100 Trying"]);
    assert_eq!(bench.lines(tls(2)).len(), 1);
}

#[test]
fn who_fails_the_check_costs_no_memory_either() {
    let mut bench = Bench::new();
    bench.refuses_callers = true;
    let bytes = invite();
    let message = Message::parse(&bytes, Framing::Stream).unwrap();
    bench.proxy.handle_request(tls(1), &message, |_| Gate::Ask, bench.now);
    bench.drain();
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 407 Proxy Authentication Required"], "and no 100 before");
    assert!(bench.proxy.is_empty() && bench.proxy.next_wake().is_none());
}

#[test]
fn beyond_its_bounds_the_proxy_says_503_and_keeps_nothing() {
    let mut bench = Bench::new();
    bench.storage_answers = false;
    let full = 20_000;
    for number in 0..full + 10 {
        let bytes = request("MESSAGE", "sip:ben@example.org", "TLS", &format!("f{number}"), ("a", ""), "");
        bench.give(tls(1), &bytes);
    }
    assert!(bench.proxy.len() <= full);
    let last = bench.take(tls(1)).pop().unwrap();
    assert_eq!(first_line(&last), "SIP/2.0 503 Service Unavailable");
}

#[test]
fn who_cancels_a_call_before_the_login_is_judged_leaves_nothing_behind() {
    let (mut bench, invite) = (Bench::new(), request("INVITE", "sip:ben@example.org", "UDP", "i1", ("a", ""), ""));
    let cancel = request("CANCEL", "sip:ben@example.org", "UDP", "i1", ("a", ""), "");
    for octets in [&invite, &cancel] {
        let message = Message::parse(octets, Framing::Datagram).unwrap();
        bench.proxy.handle_request(udp(1), &message, |_| Gate::Ask, bench.now);
    }
    // The verdict comes too late.
    bench.drain();
    assert_eq!(bench.lines(udp(1)), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert!(bench.proxy.is_empty() && bench.proxy.next_wake().is_none() && bench.proxy.kept_bytes() == 0);
    bench.give(udp(1), &request("CANCEL", "sip:ben@example.org", "UDP", "nix", ("a", ""), ""));
    assert_eq!(bench.lines(udp(1)), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    assert!(bench.proxy.next_wake().is_none(), "nor who cancels nothing");
}
