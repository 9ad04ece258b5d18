use std::time::Duration;

use super::bench::*;

/// A request of about `size` octets.
fn large(method: &str, number: usize, routes: &str, size: usize) -> Vec<u8> {
    let (uri, to) = if routes.is_empty() { ("sip:ben@example.org", "") } else { ("sip:two@10.0.0.9", "two") };
    let extra = format!("{routes}X-Large: {}\r\n", "x".repeat(size));
    request(method, uri, "TLS", &format!("n{number}"), ("a", to), &extra)
}

#[test]
fn while_storage_is_silent_no_more_is_kept_than_the_limit() {
    let mut bench = Bench::with(|config| config.limits.bytes = 100_000);
    bench.storage_answers = false;
    for number in 0..100 {
        bench.give(tls(1), &large("INVITE", number, "", 5_000));
        assert!(bench.proxy.kept_bytes() < 100_000 + 6_000);
    }
    let refused = bench.lines(tls(1)).iter().filter(|line| line.starts_with("SIP/2.0 503")).count();
    assert_eq!((bench.proxy.len(), refused), (100 - refused, 81));
    bench.bindings.clear();
    bench.answer_storage();
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 404 No such user"; 19]);
    assert_eq!(bench.proxy.kept_bytes(), 0);
    bench.pass(Duration::from_secs(33));
    assert!(bench.proxy.is_empty() && bench.proxy.callers.is_empty());
}

#[test]
fn copies_for_many_devices_stop_at_the_limit() {
    let mut bench = Bench::with(|config| config.limits.bytes = 100_000);
    let devices = (0..10).map(|key| binding(key, "sip:ben@10.0.0.2", tls(2))).collect();
    bench.bindings.insert("sip:ben@example.org".into(), devices);
    bench.give(tls(1), &large("INVITE", 1, "", 20_000));
    assert_eq!(bench.take(tls(2)).len(), 4);
    assert!(bench.proxy.kept_bytes() < 100_000 + 21_000);
}

#[test]
fn acks_that_wait_for_storage_are_bounded_and_the_rest_is_left_to_be_repeated() {
    let mut bench = Bench::with(|config| config.limits.bytes = 100_000);
    let routes = routes_of_a_call(&mut bench);
    bench.storage_answers = false;
    let before = bench.proxy.kept_bytes();
    for number in 0..100 {
        bench.give(tls(1), &large("ACK", number, &routes, 5_000));
    }
    assert!(bench.proxy.kept_bytes() < 106_000);
    let waiting = bench.located.len();
    assert!((15..=20).contains(&waiting), "{waiting}");
    bench.answer_storage();
    assert_eq!(bench.lines(tls(2)).len(), waiting);
    assert_eq!(bench.proxy.kept_bytes(), before);
}

/// The `Route` lines for Anna of a call with Ben's first device.
fn routes_of_a_call(bench: &mut Bench) -> String {
    bench.give(tls(1), &invite());
    let two = bench.only(tls(2));
    bench.reply(tls(2), &two, 200, "two");
    bench.sent.clear();
    format!("Route: {}\r\n", header(&two, crate::HeaderName::RecordRoute).unwrap())
}

#[test]
fn of_a_long_route_through_ourselves_only_the_first_two_tokens_are_opened() {
    let mut bench = Bench::new();
    let route = routes_of_a_call(&mut bench);
    bench.give(tls(1), &request("BYE", "sip:two@10.0.0.9", "TLS", "b2", ("a", "two"), &route.repeat(2)));
    assert_eq!(bench.lines(tls(2)), ["BYE sip:two@10.0.0.9 SIP/2.0"]);
    bench.give(tls(1), &request("BYE", "sip:two@10.0.0.9", "TLS", "b3", ("a", "two"), &route.repeat(3)));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 403 Unknown route"]);
}

#[test]
fn a_cancel_that_finds_no_room_is_sent_as_soon_as_there_is() {
    let mut bench = Bench::with(|config| config.limits.client = 2);
    bench.give(tls(1), &invite());
    let (two, three) = (bench.only(tls(2)), bench.only(tls(3)));
    bench.reply(tls(2), &two, 180, "two");
    bench.reply(tls(3), &three, 180, "three");
    bench.give(tls(1), &request("CANCEL", "sip:ben@example.org", "TLS", "i1", ("a", ""), ""));
    bench.pass(Duration::from_secs(9));
    assert!(bench.take(tls(2)).is_empty() && bench.take(tls(3)).is_empty());
    bench.reply(tls(2), &two, 486, "two");
    assert_eq!(bench.lines(tls(2)), ["ACK sip:ben@10.0.0.2 SIP/2.0"]);
    bench.pass(Duration::from_secs(4));
    let cancel = bench.only(tls(3));
    assert_eq!(first_line(&cancel), "CANCEL sip:ben@10.0.0.3 SIP/2.0");
    bench.sent.clear();
    bench.reply(tls(3), &cancel, 200, "three");
    bench.reply(tls(3), &three, 487, "three");
    assert!(bench.lines(tls(1)).contains(&"SIP/2.0 486 Busy Here".to_owned()));
}

#[test]
fn timer_c_tries_its_cancel_again_until_there_is_room() {
    let mut bench = Bench::with(|config| config.limits.client = 1);
    bench.bindings.get_mut("sip:ben@example.org").unwrap().truncate(1);
    bench.give(tls(1), &invite());
    let two = bench.only(tls(2));
    bench.reply(tls(2), &two, 180, "two");
    bench.sent.clear();
    bench.pass(Duration::from_secs(300));
    assert_eq!(bench.proxy.len(), 1, "it is not given up: the phone still rings");
    assert!(bench.take(tls(2)).is_empty());
    bench.pass(Duration::from_secs(400));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 408 Request Timeout"], "after ten minutes of silence it is");
}

#[test]
fn a_connection_that_closes_ends_the_calls_that_came_over_it_and_no_others() {
    let mut bench = Bench::new();
    bench.give(tls(1), &invite());
    bench.bindings.insert("sip:anna@example.org".into(), vec![binding(10, "sip:anna@10.0.0.1", tls(4))]);
    bench.proxy.flow_opened(tls(4));
    bench.give(tls(4), &request("INVITE", "sip:ben@example.org", "TLS", "other", ("b", ""), ""));
    let rings = bench.take(tls(2));
    rings.iter().for_each(|invite| bench.reply(tls(2), invite, 180, "two"));
    bench.sent.clear();
    bench.proxy.flow_closed(tls(1).id, bench.now);
    bench.drain();
    assert_eq!(bench.lines(tls(2)), ["CANCEL sip:ben@10.0.0.2 SIP/2.0"]);
    assert_eq!(bench.proxy.callers.len(), 2, "the other rings on, and a cancelled phone has yet to answer");
}
