use super::bench::*;
use crate::flow::Flow;
use crate::{Framing, HeaderName, Message};

/// A call between Anna and Ben's first device; gives the `Route` lines for Anna, then for Ben.
fn talking(bench: &mut Bench, from: Flow) -> (String, String) {
    let transport = if from == tls(1) { "TLS" } else { "UDP" };
    bench.give(from, &request("INVITE", "sip:ben@example.org", transport, "i1", ("a", ""), ""));
    let two = bench.only(tls(2));
    bench.reply(tls(2), &two, 200, "two");
    let ok = bench.take(from).pop().unwrap();
    let routes = |bytes: &[u8]| -> Vec<String> {
        let message = Message::parse(bytes, Framing::Stream).unwrap();
        message.record_routes().map(|route| format!("Route: <{}>\r\n", route.uri())).collect()
    };
    let for_anna: String = routes(&ok).into_iter().rev().collect();
    bench.sent.clear();
    (for_anna, routes(&two).concat())
}

fn anna(method: &str, branch: &str, routes: &str) -> Vec<u8> {
    request(method, "sip:two@10.0.0.9", "TLS", branch, ("a", "two"), routes)
}

fn ben(method: &str, branch: &str, routes: &str) -> Vec<u8> {
    String::from_utf8(request(method, "sip:anna@10.0.0.1:5070", "TLS", branch, ("two", "a"), routes)).unwrap().into_bytes()
}

#[test]
fn requests_inside_a_dialog_find_the_other_end_both_ways() {
    let mut bench = Bench::new();
    let (for_anna, for_ben) = talking(&mut bench, tls(1));
    bench.give(tls(1), &anna("ACK", "k1", &for_anna));
    let ack = bench.only(tls(2));
    assert_eq!(first_line(&ack), "ACK sip:two@10.0.0.9 SIP/2.0");
    assert_eq!(header(&ack, HeaderName::Route), None, "our own route is taken off");
    bench.give(tls(1), &anna("INVITE", "r1", &for_anna));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 100 Trying"]);
    let again = bench.only(tls(2));
    bench.reply(tls(2), &again, 200, "two");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 200 OK"]);
    bench.give(tls(2), &ben("BYE", "b1", &for_ben));
    let bye = bench.only(tls(1));
    assert_eq!(first_line(&bye), "BYE sip:anna@10.0.0.1:5070 SIP/2.0");
    bench.reply(tls(1), &bye, 200, "a");
    assert_eq!(bench.lines(tls(2)), ["SIP/2.0 200 OK"]);
}

#[test]
fn a_dialog_outlives_the_connections_it_was_made_on() {
    let mut bench = Bench::new();
    let (for_anna, for_ben) = talking(&mut bench, tls(1));
    for number in [1, 2] {
        bench.proxy.flow_closed(tls(number).id, bench.now);
    }
    (4..=5).for_each(|number| bench.proxy.flow_opened(tls(number)));
    bench.bindings.get_mut("sip:anna@example.org").unwrap()[0].flow = tls(4);
    bench.bindings.get_mut("sip:ben@example.org").unwrap()[0].flow = tls(5);
    bench.give(tls(4), &anna("INVITE", "r1", &for_anna));
    assert_eq!(bench.lines(tls(5)), ["INVITE sip:two@10.0.0.9 SIP/2.0"]);
    bench.give(tls(5), &ben("BYE", "b1", &for_ben));
    assert_eq!(bench.lines(tls(4)), ["SIP/2.0 100 Trying", "BYE sip:anna@10.0.0.1:5070 SIP/2.0"]);
}

#[test]
fn a_caller_without_registration_is_reached_by_its_flow_as_long_as_that_lives() {
    let mut bench = Bench::new();
    bench.bindings.remove("sip:anna@example.org");
    let (_, for_ben) = talking(&mut bench, tls(1));
    bench.give(tls(2), &ben("BYE", "b1", &for_ben));
    assert_eq!(bench.lines(tls(1)), ["BYE sip:anna@10.0.0.1:5070 SIP/2.0"]);
    bench.proxy.flow_closed(tls(1).id, bench.now);
    bench.drain();
    bench.sent.clear();
    bench.give(tls(2), &ben("BYE", "b2", &for_ben));
    assert_eq!(bench.lines(tls(2)), ["SIP/2.0 480 The other end has lost its connection"]);
}

#[test]
fn the_two_doors_of_a_mixed_call_are_both_taken_off() {
    let mut bench = Bench::new();
    bench.bindings.remove("sip:anna@example.org");
    let (for_anna, for_ben) = talking(&mut bench, udp(9));
    assert_eq!(for_anna.matches("Route:").count(), 2);
    bench.give(udp(9), &anna("ACK", "k1", &for_anna));
    let ack = bench.only(tls(2));
    assert_eq!(header(&ack, HeaderName::Route), None);
    bench.give(tls(2), &ben("BYE", "b1", &for_ben));
    assert_eq!(bench.lines(udp(9)), ["BYE sip:anna@10.0.0.1:5070 SIP/2.0"]);
}

#[test]
fn a_strict_router_upstream_is_put_right() {
    let mut bench = Bench::new();
    let (for_anna, _) = talking(&mut bench, tls(1));
    let ours = for_anna.trim().trim_start_matches("Route: <").trim_end_matches('>').to_owned();
    let strict = request("BYE", &ours, "TLS", "s1", ("a", "two"), "Route: <sip:two@10.0.0.9>\r\n");
    bench.give(tls(1), &strict);
    let bye = bench.only(tls(2));
    assert_eq!((first_line(&bye), header(&bye, HeaderName::Route)), ("BYE sip:two@10.0.0.9 SIP/2.0".to_owned(), None));
}

#[test]
fn a_route_of_another_dialog_leads_nowhere() {
    let mut bench = Bench::new();
    let (for_anna, _) = talking(&mut bench, tls(1));
    let stolen = String::from_utf8(anna("BYE", "x1", &for_anna)).unwrap().replace("Call-ID: c1", "Call-ID: other");
    bench.give(tls(3), stolen.as_bytes());
    assert_eq!(bench.lines(tls(3)), ["SIP/2.0 403 Unknown route"]);
    let ack = stolen.replace("BYE", "ACK");
    bench.give(tls(3), ack.as_bytes());
    assert!(bench.sent.is_empty());
}

#[test]
fn the_route_of_a_dialog_is_no_door_for_a_new_one() {
    let mut bench = Bench::new();
    let (for_anna, _) = talking(&mut bench, tls(1));
    for method in ["INVITE", "OPTIONS", "MESSAGE"] {
        let forged = String::from_utf8(request(method, "sip:two@10.0.0.9", "TLS", method, ("a", ""), &for_anna)).unwrap();
        bench.give(tls(1), forged.replace("From: <sip:anna@example.org>", "From: <sip:police@gov.example>").as_bytes());
        assert_eq!(bench.lines(tls(1)), ["SIP/2.0 403 A dialog does not begin with another's route"], "{method}");
        assert!(bench.lines(tls(2)).is_empty(), "{method}");
    }
}
