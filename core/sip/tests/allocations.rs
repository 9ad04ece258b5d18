//! A forwarded message costs no allocation besides the output buffer: editing it, and all that the proxy does with one of a
//! dialog.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "any instant will do, and there is no other way to one")]

use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, SocketId, StreamId, Transport};
use cooee_sip::proxy::{Caller, Gate, Location, Names, Proxy, ProxyConfig, ProxyOutput};
use cooee_sip::registrar::{Binding, BindingKey, Ticket};
use cooee_sip::{Flow, FlowId, Forward, Framing, HeaderName, Message, forward_request, forward_response, response_to, via_transport};

const INVITE: &[u8] = include_bytes!("../../../tests/fixtures/sip/invite-822.sip");
const RINGING: &[u8] = include_bytes!("../../../tests/fixtures/sip/ringing.sip");

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn the_counter_sees_allocations() {
    assert_eq!(allocations(|| drop(Vec::<u8>::with_capacity(1000))), 1);
}

#[test]
fn a_request_is_parsed_edited_and_forwarded_without_allocating() {
    let mut out = Vec::with_capacity(4096);
    let edit = Forward {
        via: "SIP/2.0/TLS example.org;branch=z9hG4bKabc",
        source: "192.0.2.101:4000".parse().ok(),
        request_uri: Some("sip:ben@192.0.2.4"),
        pop_routes: 1,
        routes: &["<sip:edge.example.org;lr>"],
        record_routes: &["<sip:example.org;lr>"],
        remove: &[HeaderName::ProxyAuthorization],
        append: &[(HeaderName::Other(b"X-One"), "1")],
    };
    let count = allocations(|| {
        let message = Message::parse(INVITE, Framing::Datagram).unwrap();
        let hops = message.max_forwards().unwrap();
        assert!(hops > 0 && message.via().is_rfc3261() && message.to().tag().is_none() && message.from().tag().is_some());
        assert_eq!(message.routes().count(), 1);
        forward_request(&message, &edit, &mut out).unwrap();
    });
    assert!(out.len() > INVITE.len());
    assert_eq!(count, 0);
}

#[test]
fn a_response_is_parsed_and_forwarded_without_allocating() {
    let mut out = Vec::with_capacity(4096);
    let count = allocations(|| forward_response(&Message::parse(RINGING, Framing::Datagram).unwrap(), &mut out).unwrap());
    assert!(!out.is_empty());
    assert_eq!(count, 0);
}

#[test]
fn a_message_is_framed_by_one_allocation_each() {
    let mut framer = cooee_sip::Framer::default();
    framer.push(&INVITE.repeat(11));
    let _ = framer.poll();
    let count = allocations(|| (0..10).for_each(|_| drop(framer.poll().unwrap().unwrap())));
    assert_eq!(count, 10);
}

const EPOCH: u64 = 7;

fn flow(transport: Transport, number: u64) -> Flow {
    let remote = format!("198.51.100.{number}:40000").parse().unwrap();
    let id = match transport {
        Transport::Udp => FlowId::Udp { socket: SocketId(0), remote },
        Transport::Tcp | Transport::Tls => FlowId::Stream(StreamId(number)),
    };
    Flow { id, transport, local: "192.0.2.1:5061".parse().unwrap(), remote }
}

fn binding(flow: Flow) -> Binding {
    Binding {
        key: BindingKey(20),
        contact: "sip:ben@10.0.0.2".into(),
        params: String::new(),
        instance: None,
        reg_id: None,
        q: 1000,
        expires: Duration::from_secs(2_000_000_000),
        updated: Duration::from_secs(1_799_999_000),
        call_id: "r".into(),
        cseq: 1,
        path: Vec::new(),
        flow,
        epoch: EPOCH,
        user_agent: None,
    }
}

/// A proxy between Anna, who is not registered, and Ben's phone. What it hands out lies in `sent` and `asked`.
struct Bench {
    anna: Flow,
    ben: Flow,
    proxy: Proxy,
    now: Now,
    sent: Vec<Vec<u8>>,
    asked: Vec<(Ticket, String)>,
    calls: u64,
}

impl Bench {
    fn new(transport: Transport) -> Self {
        let (anna, ben) = (flow(transport, 1), flow(transport, 2));
        let names = Names { domain: "example.org".into(), host: "example.org".into(), addresses: vec![anna.local] };
        let mut proxy = Proxy::new(ProxyConfig::new(names, [5; 32], EPOCH), Entropy::for_test(1));
        proxy.socket_bound(SocketId(0), anna.local);
        [anna, ben].into_iter().for_each(|flow| proxy.flow_opened(flow));
        let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
        Self { anna, ben, proxy, now, sent: Vec::with_capacity(8), asked: Vec::with_capacity(8), calls: 0 }
    }

    fn drain(&mut self) {
        while let Some(output) = self.proxy.poll_output() {
            match output {
                ProxyOutput::Send { payload, .. } => self.sent.push(payload),
                ProxyOutput::Locate { ticket, aor } => self.asked.push((ticket, aor)),
                ProxyOutput::Admit { .. } | ProxyOutput::Reach { .. } => panic!("nobody is to be asked"),
            }
        }
    }

    /// What a message costs until all that it calls for is said: allocations beyond those that are handed out, which are one
    /// for each message and one for each question.
    fn give(&mut self, from: Flow, octets: &[u8]) -> u64 {
        let before = self.sent.len() + self.asked.len();
        let count = allocations(|| {
            let message = Message::parse(octets, Framing::Stream).unwrap();
            if message.is_request() {
                self.proxy.handle_request(from, &message, |_| Gate::Admit(Caller::Stranger), self.now);
            } else {
                self.proxy.handle_response(&message, self.now);
            }
            self.drain();
        });
        count - (self.sent.len() + self.asked.len() - before) as u64
    }

    /// What the answer of storage costs, counted alike.
    fn locate(&mut self) -> u64 {
        let (ticket, _) = self.asked.pop().unwrap();
        let found = Ok(Location::Bindings(vec![binding(self.ben)]));
        let before = self.sent.len();
        let count = allocations(|| {
            self.proxy.handle_located(ticket, found, self.now);
            self.drain();
        });
        count - (self.sent.len() - before) as u64
    }

    /// The message that was sent last; what was sent before it is forgotten.
    fn last(&mut self) -> Vec<u8> {
        let last = self.sent.pop().unwrap();
        self.sent.clear();
        last
    }

    /// The costs of a call: of each message on its way, in order.
    fn call(&mut self) -> Vec<(&'static str, u64)> {
        self.calls += 1;
        let (call, anna, ben) = (self.calls, self.anna, self.ben);
        let transport = via_transport(anna.transport);
        let request = |method: &str, uri: &str, (from, to): (&str, &str), routes: &str| {
            format!(
                "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} 10.0.0.1:5070;branch=z9hG4bK{method}{call};rport\r\nMax-Forwards: 70\r\n\
                 From: <sip:x@example.org>;tag={from}\r\nTo: <sip:y@example.org>{to}\r\nCall-ID: c{call}\r\nCSeq: 1 {method}\r\n{routes}\
                 Contact: <sip:x@10.0.0.1:5070>\r\nContent-Length: 0\r\n\r\n"
            )
        };
        let answer = |request: &[u8], status, tag| {
            let request = Message::parse(request, Framing::Stream).unwrap();
            let mut response = response_to(&request, status, "", Some(tag)).header(HeaderName::Contact, "<sip:z@10.0.0.9>");
            for route in request.header_values(HeaderName::RecordRoute) {
                response = response.header(HeaderName::RecordRoute, route);
            }
            response.into_bytes()
        };
        let mut costs = Vec::new();
        costs.push(("INVITE", self.give(anna, request("INVITE", "sip:ben@example.org", ("a", ""), "").as_bytes())));
        costs.push(("INVITE, located", self.locate()));
        let invite = self.last();
        costs.push(("180", self.give(ben, &answer(&invite, 180, "b"))));
        costs.push(("200", self.give(ben, &answer(&invite, 200, "b"))));
        let ok = self.last();
        let ok = Message::parse(&ok, Framing::Stream).unwrap();
        let routes: String = ok.record_routes().map(|route| format!("Route: <{}>\r\n", route.uri())).collect();
        costs.push(("ACK", self.give(anna, request("ACK", "sip:z@10.0.0.9", ("a", ";tag=b"), &routes).as_bytes())));
        costs.push(("ACK, located", self.locate()));
        costs.push(("INFO to a device", self.give(anna, request("INFO", "sip:z@10.0.0.9", ("a", ";tag=b"), &routes).as_bytes())));
        costs.push(("INFO to a device, located", self.locate()));
        let info = self.last();
        costs.push(("200 to INFO", self.give(ben, &answer(&info, 200, "b"))));
        costs.push(("BYE to a connection", self.give(ben, request("BYE", "sip:x@10.0.0.1:5070", ("b", ";tag=a"), &routes).as_bytes())));
        let bye = self.last();
        costs.push(("200 to BYE", self.give(anna, &answer(&bye, 200, "a"))));
        self.sent.clear();
        self.now = self.now.after(Duration::from_secs(33));
        self.proxy.handle_timeout(self.now);
        self.drain();
        assert!(self.proxy.is_empty() && self.proxy.kept_bytes() == 0);
        costs
    }
}

#[test]
fn a_message_of_a_dialog_passes_the_proxy_without_allocating() {
    for transport in [Transport::Tls, Transport::Udp] {
        let mut bench = Bench::new(transport);
        // Tables and buffers grow to what is needed at a time.
        (0..100).for_each(|_| drop(bench.call()));
        let expected = [
            // Begins a transaction, a dialog and a search for the user: who is called, three times over, and what is done.
            ("INVITE", 4),
            ("INVITE, located", 4),
            ("180", 0),
            ("200", 0),
            // The user's name, of which the question is made.
            ("ACK", 1),
            ("ACK, located", 0),
            ("INFO to a device", 1),
            ("INFO to a device, located", 0),
            ("200 to INFO", 0),
            ("BYE to a connection", 0),
            ("200 to BYE", 0),
        ];
        assert_eq!(bench.call(), expected, "{transport:?}");
    }
}
