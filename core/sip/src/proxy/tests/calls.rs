use std::time::Duration;

use super::bench::*;
use crate::registrar::Binding;
use crate::{Framing, HeaderName, Message};

/// Anna has called; Ben's devices have the INVITE.
fn calling() -> (Bench, Vec<u8>, Vec<u8>) {
    let mut bench = Bench::new();
    bench.give(tls(1), &invite());
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 100 Trying"]);
    let (two, three) = (bench.only(tls(2)), bench.only(tls(3)));
    (bench, two, three)
}

#[test]
fn an_invite_goes_to_every_device_and_stays_as_it_was_otherwise() {
    let (_, two, three) = calling();
    assert_eq!(first_line(&two), "INVITE sip:ben@10.0.0.2 SIP/2.0");
    assert_eq!(first_line(&three), "INVITE sip:ben@10.0.0.3 SIP/2.0");
    let message = Message::parse(&two, Framing::Stream).unwrap();
    let vias: Vec<_> = message.vias().map(|via| (via.host().to_owned(), via.received(), via.rport())).collect();
    let received = "198.51.100.1".parse().ok();
    assert_eq!(vias, [("example.org".to_owned(), None, None), ("10.0.0.1".to_owned(), received, Some(40000))]);
    assert_eq!(message.max_forwards(), Some(69));
    assert!(String::from_utf8_lossy(&two).contains("X-Odd:  kept é\r\n"));
    assert_eq!(message.record_routes().count(), 1, "both sides come in by the same door");
    let route = message.record_routes().next().unwrap().uri();
    assert!(route.is_loose_route() && route.host() == "example.org" && route.transport() == Some("tls"), "{}", route.as_str());
}

#[test]
fn nobody_who_calls_can_assert_who_it_is() {
    let mut bench = Bench::new();
    let forged = "SIP/2.0\r\nP-Asserted-Identity: <sip:ben@example.org>\r\nP-Preferred-Identity: <sip:ben@example.org>\r\n";
    bench.give(tls(1), String::from_utf8_lossy(&invite()).replacen("SIP/2.0\r\n", forged, 1).as_bytes());
    let sent = bench.only(tls(2));
    assert!(header(&sent, HeaderName::PAssertedIdentity).is_none() && header(&sent, HeaderName::PPreferredIdentity).is_none());
}

#[test]
fn ringing_passes_and_the_first_answer_cancels_the_others_as_answered_elsewhere() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 180, "two");
    bench.reply(tls(3), &three, 180, "three");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 180 Ringing", "SIP/2.0 180 Ringing"]);
    bench.reply(tls(2), &two, 200, "two");
    let ok = bench.only(tls(1));
    assert_eq!((first_line(&ok), Message::parse(&ok, Framing::Stream).unwrap().vias().count()), ("SIP/2.0 200 OK".to_owned(), 1));
    let cancel = bench.only(tls(3));
    assert_eq!(first_line(&cancel), "CANCEL sip:ben@10.0.0.3 SIP/2.0");
    assert_eq!(header(&cancel, HeaderName::Reason).as_deref(), Some("SIP;cause=200;text=\"Call completed elsewhere\""));
    bench.reply(tls(3), &cancel, 200, "three");
    bench.reply(tls(3), &three, 487, "three");
    assert_eq!(bench.lines(tls(3)), ["ACK sip:ben@10.0.0.3 SIP/2.0"]);
    assert!(bench.lines(tls(1)).is_empty(), "the loser's 487 is nobody's business");
    bench.pass(Duration::from_secs(40));
    assert!(bench.proxy.is_empty());
}

#[test]
fn a_device_that_registers_anew_while_it_rings_rings_there_too_and_only_once() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(3), &three, 180, "three");
    bench.lines(tls(1));
    bench.proxy.handle_registered(tls(3).id, "sip:ben@example.org", bench.now);
    bench.drain();
    assert!(bench.lines(tls(3)).is_empty(), "it rings by that connection already");
    // The first device comes by another connection; the one before is dead, and nobody knows.
    bench.proxy.flow_opened(tls(4));
    let moved = Binding { updated: Duration::from_secs(1_800_000_000), ..binding(20, "sip:ben@10.0.0.4", tls(4)) };
    bench.bindings.insert("sip:ben@example.org".into(), vec![moved, binding(30, "sip:ben@10.0.0.3", tls(3))]);
    bench.proxy.handle_registered(tls(4).id, "sip:carl@example.org", bench.now);
    bench.drain();
    assert!(bench.lines(tls(4)).is_empty(), "nobody calls that user");
    for _ in 0..2 {
        bench.proxy.handle_registered(tls(4).id, "sip:ben@example.org", bench.now);
        bench.drain();
    }
    let four = bench.only(tls(4));
    assert_eq!(first_line(&four), "INVITE sip:ben@10.0.0.4 SIP/2.0");
    bench.reply(tls(4), &four, 200, "four");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 200 OK"]);
    bench.proxy.flow_opened(tls(5));
    bench.proxy.handle_registered(tls(5).id, "sip:ben@example.org", bench.now);
    bench.drain();
    assert!(bench.lines(tls(5)).is_empty(), "the call is taken");
    drop(two);
}

#[test]
fn a_device_that_has_not_answered_at_all_is_cancelled_once_it_does() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 200, "two");
    assert!(bench.lines(tls(3)).is_empty(), "a CANCEL must not overtake its INVITE");
    bench.reply(tls(3), &three, 100, "three");
    assert_eq!(bench.lines(tls(3)), ["CANCEL sip:ben@10.0.0.3 SIP/2.0"]);
}

#[test]
fn two_answers_both_reach_the_caller() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 200, "two");
    bench.reply(tls(3), &three, 200, "three");
    let tags: Vec<_> =
        bench.take(tls(1)).iter().map(|ok| Message::parse(ok, Framing::Stream).unwrap().to().tag().unwrap().to_owned()).collect();
    assert_eq!(tags, ["two", "three"]);
}

#[test]
fn a_6xx_stops_all_devices_and_wins() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(3), &three, 180, "three");
    bench.take(tls(1));
    bench.reply(tls(2), &two, 603, "two");
    assert!(bench.lines(tls(1)).is_empty(), "the others are heard first");
    let cancel = bench.only(tls(3));
    assert_eq!(header(&cancel, HeaderName::Reason).as_deref(), Some("SIP;cause=603"));
    bench.reply(tls(3), &three, 487, "three");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 603 Decline"]);
}

#[test]
fn the_best_of_the_refusals_is_passed_on_when_all_are_in() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 480, "two");
    assert!(bench.lines(tls(1)).is_empty());
    bench.reply(tls(3), &three, 486, "three");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 486 Busy Here"]);
    assert_eq!(
        (bench.lines(tls(2)), bench.lines(tls(3))),
        (vec!["ACK sip:ben@10.0.0.2 SIP/2.0".into()], vec!["ACK sip:ben@10.0.0.3 SIP/2.0".into()])
    );
}

#[test]
fn a_caller_who_gives_up_is_forwarded_with_its_reason() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 180, "two");
    bench.take(tls(1));
    let cancel = request("CANCEL", "sip:ben@example.org", "TLS", "i1", ("a", ""), "Reason: SIP;cause=487;text=\"bye\"\r\n");
    bench.give(tls(1), &cancel);
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 200 OK"]);
    let forwarded = bench.only(tls(2));
    assert_eq!(header(&forwarded, HeaderName::Reason).as_deref(), Some("SIP;cause=487;text=\"bye\""));
    bench.reply(tls(2), &two, 487, "two");
    bench.reply(tls(3), &three, 180, "three");
    assert_eq!(bench.lines(tls(3)), ["CANCEL sip:ben@10.0.0.3 SIP/2.0"]);
    bench.take(tls(1));
    bench.reply(tls(3), &three, 487, "three");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 487 Request Terminated"]);
}

#[test]
fn a_cancelled_device_that_falls_silent_is_given_up() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(2), &two, 180, "two");
    bench.reply(tls(3), &three, 486, "three");
    bench.give(tls(1), &request("CANCEL", "sip:ben@example.org", "TLS", "i1", ("a", ""), ""));
    bench.take(tls(1));
    bench.pass(Duration::from_secs(31));
    assert!(bench.lines(tls(1)).is_empty());
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 486 Busy Here"]);
}

#[test]
fn a_cancel_before_the_callee_is_found_ends_the_call_at_once() {
    let mut bench = Bench::new();
    bench.storage_answers = false;
    bench.give(tls(1), &invite());
    bench.give(tls(1), &request("CANCEL", "sip:ben@example.org", "TLS", "i1", ("a", ""), ""));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 100 Trying", "SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    bench.answer_storage();
    assert!(bench.sent.is_empty(), "nothing rings any more");
}

#[test]
fn a_cancel_for_nothing_is_answered_with_481() {
    let mut bench = Bench::new();
    bench.give(tls(1), &request("CANCEL", "sip:ben@example.org", "TLS", "nix", ("a", ""), ""));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
}

#[test]
fn a_phone_that_rings_for_ever_is_cancelled_by_timer_c() {
    let (mut bench, two, three) = calling();
    bench.reply(tls(3), &three, 486, "three");
    for _ in 0..3 {
        bench.reply(tls(2), &two, 180, "two");
        bench.pass(Duration::from_secs(180));
        assert!(bench.lines(tls(2)).is_empty(), "each provisional response starts timer C anew");
    }
    bench.pass(Duration::from_secs(11));
    assert_eq!(bench.lines(tls(2)), ["CANCEL sip:ben@10.0.0.2 SIP/2.0"]);
    bench.reply(tls(2), &two, 487, "two");
    assert_eq!(bench.lines(tls(1)).last().map(String::as_str), Some("SIP/2.0 486 Busy Here"));
}

#[test]
fn silent_devices_end_in_a_time_out() {
    let (mut bench, ..) = calling();
    bench.pass(Duration::from_secs(33));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 408 Request Timeout"]);
    assert!(bench.sent.is_empty());
    bench.pass(Duration::from_secs(40));
    assert!(bench.proxy.is_empty());
}

#[test]
fn a_caller_whose_connection_breaks_has_hung_up() {
    let (mut bench, two, _) = calling();
    bench.reply(tls(2), &two, 180, "two");
    bench.take(tls(1));
    bench.proxy.flow_closed(tls(1).id, bench.now);
    bench.drain();
    assert_eq!(bench.lines(tls(2)), ["CANCEL sip:ben@10.0.0.2 SIP/2.0"]);
    bench.reply(tls(2), &two, 487, "two");
    assert!(bench.lines(tls(1)).is_empty());
    bench.pass(Duration::from_secs(60));
    assert!(bench.proxy.is_empty());
}

#[test]
fn devices_whose_connections_break_are_as_good_as_not_there() {
    let (mut bench, two, _) = calling();
    bench.reply(tls(2), &two, 180, "two");
    bench.take(tls(1));
    for number in [2, 3] {
        bench.proxy.flow_closed(tls(number).id, bench.now);
    }
    bench.drain();
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 480 Temporarily Unavailable"]);
}

#[test]
fn one_instance_rings_once_over_its_newest_flow() {
    let mut bench = Bench::new();
    let ben = bench.bindings.get_mut("sip:ben@example.org").unwrap();
    ben.iter_mut().for_each(|binding| binding.instance = Some("urn:uuid:1".into()));
    ben.last_mut().unwrap().updated += Duration::from_secs(5);
    bench.give(tls(1), &invite());
    assert_eq!((bench.lines(tls(2)).len(), bench.lines(tls(3)).len()), (0, 1));
    bench.proxy.flow_closed(tls(3).id, bench.now);
    bench.drain();
    assert_eq!(bench.lines(tls(1)).last().map(String::as_str), Some("SIP/2.0 480 Temporarily Unavailable"));
    bench.give(tls(1), &request("INVITE", "sip:ben@example.org", "TLS", "i2", ("a2", ""), ""));
    assert_eq!(bench.lines(tls(2)).len(), 1, "with that flow gone the older one is used");
}

#[test]
fn headers_inside_a_contact_do_not_get_into_the_request_uri() {
    let mut bench = Bench::new();
    bench.bindings.get_mut("sip:ben@example.org").unwrap()[0].contact = "sips:b?n:pw@10.0.0.2:5;transport=tls?Route=%3Csip:x%3E".into();
    bench.give(tls(1), &invite());
    assert_eq!(bench.lines(tls(2)), ["INVITE sips:b?n:pw@10.0.0.2:5;transport=tls SIP/2.0"]);
}

#[test]
fn a_path_is_put_on_top_as_route() {
    let mut bench = Bench::new();
    bench.bindings.get_mut("sip:ben@example.org").unwrap().first_mut().unwrap().path =
        vec!["<sip:edge1.example.org;lr>".into(), "<sip:edge2.example.org;lr>".into()];
    bench.give(tls(1), &invite());
    let two = bench.only(tls(2));
    let message = Message::parse(&two, Framing::Stream).unwrap();
    let hosts: Vec<_> = message.routes().map(|route| route.uri().host().to_owned()).collect();
    assert_eq!(hosts, ["edge1.example.org", "edge2.example.org"]);
}

#[test]
fn over_udp_copies_are_absorbed_and_answers_go_where_the_caller_listens() {
    let mut bench = Bench::new();
    let call = request("INVITE", "sip:ben@example.org", "UDP", "u1", ("a", ""), "");
    bench.give(udp(9), &call);
    bench.give(udp(9), &call);
    assert_eq!(bench.lines(udp(9)), ["SIP/2.0 100 Trying", "SIP/2.0 100 Trying"]);
    let two = bench.only(tls(2));
    let message = Message::parse(&two, Framing::Stream).unwrap();
    let doors: Vec<_> =
        message.record_routes().map(|route| (route.uri().host().to_owned(), route.uri().transport().unwrap().to_owned())).collect();
    assert_eq!(doors, [("example.org".to_owned(), "tls".to_owned()), ("192.0.2.1".to_owned(), "udp".to_owned())]);
    let without = String::from_utf8(request("MESSAGE", "sip:ben@example.org", "UDP", "u2", ("b", ""), "")).unwrap().replace(";rport", "");
    bench.bindings.clear();
    bench.give(udp(9), without.as_bytes());
    let to: std::net::SocketAddr = "198.51.100.9:5070".parse().unwrap();
    assert!(matches!(bench.sent.last(), Some((crate::FlowId::Udp { remote, .. }, _)) if *remote == to));
}

#[test]
fn a_request_that_is_no_invite_gets_no_100_and_no_late_408() {
    let mut bench = Bench::new();
    bench.give(tls(1), &request("MESSAGE", "sip:ben@example.org", "TLS", "m1", ("a", ""), ""));
    let message = bench.only(tls(2));
    assert!(Message::parse(&message, Framing::Stream).unwrap().record_routes().next().is_none());
    bench.pass(Duration::from_secs(40));
    assert!(bench.lines(tls(1)).is_empty());
    assert!(bench.proxy.is_empty());
    bench.give(tls(1), &request("MESSAGE", "sip:ben@example.org", "TLS", "m2", ("a", ""), ""));
    let message = bench.take(tls(2)).pop().unwrap();
    bench.reply(tls(2), &message, 200, "x");
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 200 OK"]);
}

#[test]
fn an_answer_that_has_lost_the_way_back_is_the_devices_failure_and_nothing_stays_of_it() {
    for method in ["INVITE", "MESSAGE"] {
        let mut bench = Bench::new();
        bench.give(tls(1), &request(method, "sip:ben@example.org", "TLS", "m1", ("a", ""), ""));
        let _ = bench.take(tls(1));
        for number in [2, 3] {
            let asked = bench.only(tls(number));
            let mut vias = 0;
            let lost = |line: &&str| {
                vias += usize::from(line.starts_with("Via:"));
                !line.starts_with("Via:") || vias == 1
            };
            let asked: String = std::str::from_utf8(&asked).unwrap().split_inclusive("\r\n").filter(lost).collect();
            bench.reply(tls(number), asked.as_bytes(), 200, "x");
        }
        assert_eq!(bench.lines(tls(1)), ["SIP/2.0 502 Bad Gateway"], "{method}");
        if method == "INVITE" {
            bench.give(tls(1), &request("ACK", "sip:ben@example.org", "TLS", "m1", ("a", ""), ""));
        }
        bench.pass(Duration::from_secs(40));
        assert!(bench.proxy.is_empty(), "{method}");
    }
}
