//! Calls between domains: example.org, which is ours, and b.lab.

use cooee_machine::{CloseReason, Event, Record, SrvRecord, StreamEvent, StreamId, StreamOrigin, TlsFailure, Transport};
use cooee_server::{Federation, Rate, ServerConfig};
use cooee_sip::{HeaderName, Method, RequestBuilder};

use crate::bench::*;
use crate::calls::in_dialog;

const CARL: &str = "sip:carl@b.lab";

fn federated() -> ServerConfig {
    let mut settings = config();
    settings.federation = Some(Federation { door: 5061, private_addresses: false });
    settings
}

fn bench() -> Bench {
    let mut bench = Bench::new(federated());
    bench.register("anna", 1);
    bench
}

/// b.lab has two servers, the first of which is preferred.
fn zone() -> Vec<(&'static str, Record)> {
    let server = |priority, target: &str| Record::Srv(SrvRecord { priority, weight: 0, port: 5071, target: target.to_owned() });
    vec![
        ("_sips._tcp.b.lab", server(1, "one.b.lab")),
        ("_sips._tcp.b.lab", server(2, "two.b.lab")),
        ("one.b.lab", Record::A([9, 9, 9, 1].into())),
        ("two.b.lab", Record::A([9, 9, 9, 2].into())),
    ]
}

/// Anna calls Carl; the connection that is to be opened for it.
fn call_carl(bench: &mut Bench) -> u64 {
    bench.call(&Phone::new("anna", 1), CARL);
    assert_eq!(bench.lines(1), ["SIP/2.0 100 Trying"]);
    assert!(bench.answer_dns(&zone()) > 0);
    let (stream, remote, tls) = bench.opening().expect("a connection");
    assert_eq!((remote.as_str(), tls.as_deref()), ("9.9.9.1:5071", Some("b.lab")), "its certificate is to be the domain's");
    stream
}

fn come_up(bench: &mut Bench, stream: u64, remote: &str) {
    bench.opened(stream, remote, &["b.lab"], StreamOrigin::Opened);
}

fn close(bench: &mut Bench, stream: u64, reason: CloseReason) {
    bench.io(Event::Stream { stream: StreamId(stream), event: StreamEvent::Closed(reason) });
}

/// A request of somebody of another domain.
fn of(from: &str, method: Method<'_>, target: &str, cseq: u32) -> RequestBuilder {
    RequestBuilder::new(method, target)
        .via("TLS", "b.lab", &format!("z9hG4bKc{cseq}{method}"))
        .max_forwards(70)
        .from(&format!("<{from}>"), "carl")
        .to(&format!("<{target}>"), None)
        .call_id(&format!("from-b-{cseq}"))
        .cseq(cseq, method)
        .contact("<sip:carl@10.9.9.9>")
}

/// A request from the called end inside the dialog that `invite` began.
fn from_callee(invite: &[u8], method: Method<'_>, target: &str, (from, from_tag): (&str, &str), (to, to_tag): (&str, &str)) -> Vec<u8> {
    let call_id = header(invite, HeaderName::CallId).remove(0);
    let request = RequestBuilder::new(method, target)
        .via("TLS", "10.0.0.9", "z9hG4bKback")
        .max_forwards(70)
        .from(&format!("<{from}>"), from_tag)
        .to(&format!("<{to}>"), Some(to_tag))
        .call_id(&call_id)
        .cseq(1, method);
    header(invite, HeaderName::RecordRoute).iter().fold(request, |request, route| request.header(HeaderName::Route, route)).into_bytes()
}

#[test]
fn a_user_calls_another_domain_and_both_ends_of_the_dialog_find_each_other() {
    let mut bench = bench();
    let stream = call_carl(&mut bench);
    come_up(&mut bench, stream, "9.9.9.1:5071");
    let invite = bench.only(stream);
    assert_eq!(line(&invite), "INVITE sip:carl@b.lab SIP/2.0");
    assert!(header(&invite, HeaderName::ProxyAuthorization).is_empty(), "what proves Anna here is nobody else's");
    let route = header(&invite, HeaderName::RecordRoute).remove(0);
    assert!(route.contains("@example.org;transport=tls;lr"), "the way back is by our door: {route}");
    bench.reply(stream, &invite, 200, "carl");
    let ok = bench.only(1);
    let anna = Phone::new("anna", 1);
    let toward = |method, cseq| {
        let text = String::from_utf8(in_dialog(&anna, method, "sip:carl@10.9.9.9", cseq, &ok)).unwrap();
        text.replace("To: <sip:ben@example.org>", "To: <sip:carl@b.lab>").into_bytes()
    };
    bench.bytes(1, &toward(Method::Ack, 2));
    assert_eq!(bench.lines(stream), ["ACK sip:carl@10.9.9.9 SIP/2.0"]);
    // Carl's server comes by a connection of its own; which one plays no part inside the dialog.
    bench.opened(9, "9.9.9.1:40000", &["b.lab"], StreamOrigin::Accepted(Transport::Tls));
    bench.bytes(9, &from_callee(&invite, Method::Info, "sip:anna@10.0.0.1", (CARL, "carl"), ("sip:anna@example.org", "t1")));
    let info = bench.only(1);
    assert_eq!(line(&info), "INFO sip:anna@10.0.0.1 SIP/2.0");
    bench.reply(1, &info, 200, "t1");
    assert_eq!(bench.lines(9), ["SIP/2.0 200 OK"]);
    // The connection has gone meanwhile: the domain is found again.
    close(&mut bench, stream, CloseReason::ByPeer);
    bench.bytes(1, &toward(Method::Bye, 3));
    assert!(bench.answer_dns(&zone()) > 0);
    let (stream, ..) = bench.opening().expect("another connection");
    come_up(&mut bench, stream, "9.9.9.1:5071");
    let bye = bench.only(stream);
    assert_eq!(line(&bye), "BYE sip:carl@10.9.9.9 SIP/2.0");
    bench.reply(stream, &bye, 200, "carl");
    assert_eq!(bench.lines(1).last().map(String::as_str), Some("SIP/2.0 200 OK"));
}

#[test]
fn the_next_call_takes_the_connection_that_is_open() {
    let mut bench = bench();
    let stream = call_carl(&mut bench);
    come_up(&mut bench, stream, "9.9.9.1:5071");
    let invite = bench.only(stream);
    bench.reply(stream, &invite, 486, "carl");
    assert_eq!(bench.lines(1), ["SIP/2.0 486 Busy Here"]);
    bench.lines(stream);
    bench.register("ben", 3);
    bench.call(&Phone::new("ben", 3), CARL);
    assert_eq!((bench.answer_dns(&zone()), bench.opening()), (0, None));
    assert_eq!(bench.lines(stream), ["INVITE sip:carl@b.lab SIP/2.0"]);
}

#[test]
fn the_next_server_is_tried_where_one_is_down_or_says_503() {
    let mut bench = bench();
    let first = call_carl(&mut bench);
    close(&mut bench, first, CloseReason::Refused);
    let (second, remote, _) = bench.opening().expect("the next");
    assert_eq!(remote, "9.9.9.2:5071");
    come_up(&mut bench, second, &remote);
    assert_eq!(bench.lines(second), ["INVITE sip:carl@b.lab SIP/2.0"]);

    let mut bench = self::bench();
    let first = call_carl(&mut bench);
    come_up(&mut bench, first, "9.9.9.1:5071");
    let invite = bench.only(first);
    bench.reply(first, &invite, 503, "one");
    let (second, remote, _) = bench.opening().expect("the next");
    come_up(&mut bench, second, &remote);
    let invite = bench.only(second);
    bench.reply(second, &invite, 503, "two");
    assert_eq!(bench.lines(1), ["SIP/2.0 504 The other domain's servers do not answer"], "there is no third");
}

#[test]
fn a_certificate_for_another_name_is_no_way_in() {
    let mut bench = bench();
    let first = call_carl(&mut bench);
    let wrong = || CloseReason::Tls(TlsFailure::WrongName(vec!["evil.example".to_owned()]));
    close(&mut bench, first, wrong());
    let (second, ..) = bench.opening().expect("the next");
    close(&mut bench, second, wrong());
    assert_eq!(bench.lines(1), ["SIP/2.0 502 The other domain's server has no certificate for it"]);
    assert!(bench.lines(first).is_empty() && bench.lines(second).is_empty(), "not a word is said to either");
}

#[test]
fn a_domain_that_leads_into_a_private_network_is_refused_unless_that_is_wanted() {
    let inside = vec![
        ("_sips._tcp.b.lab", Record::Srv(SrvRecord { priority: 1, weight: 0, port: 5071, target: "in.b.lab".to_owned() })),
        ("in.b.lab", Record::A([192, 168, 1, 1].into())),
    ];
    let call = |settings| {
        let mut bench = Bench::new(settings);
        bench.register("anna", 1);
        bench.call(&Phone::new("anna", 1), CARL);
        bench.answer_dns(&inside);
        bench
    };
    let mut refused = call(federated());
    assert_eq!(refused.opening(), None);
    assert_eq!(refused.lines(1).last().map(String::as_str), Some("SIP/2.0 403 The other domain leads into a private network"));
    let mut settings = federated();
    settings.federation = Some(Federation { door: 5061, private_addresses: true });
    assert_eq!(call(settings).opening().map(|(_, remote, _)| remote).as_deref(), Some("192.168.1.1:5071"));
}

#[test]
fn nobody_is_relayed_for_before_a_proof_and_no_name_is_asked_for() {
    let mut bench = bench();
    bench.bytes(1, &Phone::new("anna", 1).invite(CARL, 1, None));
    assert_eq!(bench.lines(1), ["SIP/2.0 407 Proxy Authentication Required"]);
    bench.opened(9, "9.9.9.1:40000", &["b.lab"], StreamOrigin::Accepted(Transport::Tls));
    bench.bytes(9, &of(CARL, Method::Invite, "sip:dora@c.lab", 1).into_bytes());
    assert_eq!(bench.lines(9), ["SIP/2.0 403 No relaying: only users of this domain can be called"], "not from one domain to another");
    bench.bytes(1, &Phone::new("anna", 1).invite("sip:carl@192.0.2.7", 2, None));
    assert_eq!(bench.lines(1), ["SIP/2.0 403 No relaying: only users of this domain can be called"], "an address is no domain");
    assert_eq!((bench.answer_dns(&[]), bench.opening()), (0, None));
}

#[test]
fn another_domain_calls_by_its_own_certificate_and_hears_back_over_a_way_of_its_own() {
    let mut bench = bench();
    bench.opened(9, "9.9.9.1:40000", &["b.lab"], StreamOrigin::Accepted(Transport::Tls));
    bench.bytes(9, &of(CARL, Method::Invite, "sip:anna@example.org", 1).into_bytes());
    assert_eq!(bench.lines(9), ["SIP/2.0 100 Trying"]);
    let invite = bench.only(1);
    bench.reply(1, &invite, 200, "anna");
    assert_eq!(bench.lines(9), ["SIP/2.0 200 OK"]);
    bench.bytes(1, &from_callee(&invite, Method::Bye, "sip:carl@10.9.9.9", ("sip:anna@example.org", "anna"), (CARL, "carl")));
    bench.answer_dns(&zone());
    let (stream, remote, tls) = bench.opening().expect("a connection to the caller's domain");
    assert_eq!((remote.as_str(), tls.as_deref()), ("9.9.9.1:5071", Some("b.lab")));
    come_up(&mut bench, stream, &remote);
    assert_eq!(bench.lines(stream), ["BYE sip:carl@10.9.9.9 SIP/2.0"]);
}

#[test]
fn a_certificate_speaks_for_its_own_domain_only() {
    let mut bench = bench();
    let refusal = ["SIP/2.0 403 Only the server of the caller's domain can call here"];
    bench.opened(9, "9.9.9.1:40000", &["b.lab"], StreamOrigin::Accepted(Transport::Tls));
    bench.bytes(9, &of("sip:eve@c.lab", Method::Invite, "sip:anna@example.org", 1).into_bytes());
    assert_eq!(bench.lines(9), refusal);
    bench.bytes(9, &of("sip:ben@example.org", Method::Invite, "sip:anna@example.org", 2).into_bytes());
    assert_eq!(bench.lines(9), ["SIP/2.0 407 Proxy Authentication Required"], "and nobody speaks for ours");
    bench.opened(11, "9.9.9.3:40000", &[], StreamOrigin::Accepted(Transport::Tls));
    bench.bytes(11, &of(CARL, Method::Invite, "sip:anna@example.org", 3).into_bytes());
    assert_eq!(bench.lines(11), refusal);
    assert!(bench.lines(1).is_empty(), "nothing rings");
}

#[test]
fn each_domain_has_its_measure() {
    let mut settings = federated();
    settings.limits.guests = Rate { burst: 2, every: std::time::Duration::from_secs(10) };
    let mut bench = Bench::new(settings);
    bench.register("anna", 1);
    bench.opened(9, "9.9.9.1:40000", &["b.lab", "c.lab"], StreamOrigin::Accepted(Transport::Tls));
    let mut ask = |from: &str, cseq| {
        bench.bytes(9, &of(from, Method::Message, "sip:anna@example.org", cseq).into_bytes());
        bench.lines(9)
    };
    assert!(ask(CARL, 1).is_empty() && ask(CARL, 2).is_empty(), "they are Anna's to answer");
    assert_eq!(ask(CARL, 3), ["SIP/2.0 503 Service Unavailable"]);
    assert!(ask("sip:dora@c.lab", 4).is_empty(), "others are not held to it");
}

#[test]
fn an_address_that_speaks_for_many_domains_has_its_measure_as_well() {
    let mut settings = federated();
    settings.limits.guests_from_one = Rate { burst: 2, every: std::time::Duration::from_secs(10) };
    let mut bench = Bench::new(settings);
    bench.register("anna", 1);
    bench.opened(9, "9.9.9.1:40000", &["b.lab", "c.lab", "d.lab"], StreamOrigin::Accepted(Transport::Tls));
    bench.opened(11, "9.9.9.2:40000", &["d.lab"], StreamOrigin::Accepted(Transport::Tls));
    let mut ask = |stream, from: &str, cseq| {
        bench.bytes(stream, &of(from, Method::Message, "sip:anna@example.org", cseq).into_bytes());
        bench.lines(stream)
    };
    assert!(ask(9, CARL, 1).is_empty() && ask(9, "sip:dora@c.lab", 2).is_empty());
    assert_eq!(ask(9, "sip:emil@d.lab", 3), ["SIP/2.0 503 Service Unavailable"]);
    assert!(ask(11, "sip:emil@d.lab", 4).is_empty(), "the domain itself is not held to that");
}
