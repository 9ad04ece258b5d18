//! What a server does by the second: transactions, a REGISTER, an INVITE and a request inside a dialog forwarded over TLS, each
//! with its answer. Storage answers at once: `cargo bench -p cooee-sip --bench proxy`.
#![allow(clippy::unwrap_used, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "any instant will do, and there is no other way to one")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, StreamId, Transport};
use cooee_sip::proxy::{Caller, Gate, Location, Names, Proxy, ProxyConfig, ProxyOutput};
use cooee_sip::registrar::{Binding, BindingKey, RegisterRequest, Registrar, RegistrarConfig, RegistrarOutput};
use cooee_sip::transaction::{RequestMatch, Timers, TransactionLimits, Transactions};
use cooee_sip::{Flow, FlowId, Framing, HeaderName, Message, response_to};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn now() -> Now {
    Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) }
}

fn flow(number: u64) -> Flow {
    Flow {
        id: FlowId::Stream(StreamId(number)),
        transport: Transport::Tls,
        local: "192.0.2.1:5061".parse().unwrap(),
        remote: format!("198.51.100.{number}:40000").parse().unwrap(),
    }
}

fn binding() -> Binding {
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
        flow: flow(2),
        epoch: 7,
        user_agent: None,
    }
}

fn request(method: &str, uri: &str, number: u64, to_tag: &str, headers: &str) -> Vec<u8> {
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.1:5070;branch=z9hG4bK{method}{number};rport\r\nMax-Forwards: 70\r\n\
         From: \"Anna\" <sip:anna@example.org>;tag=a\r\nTo: <sip:ben@example.org>{to_tag}\r\nCall-ID: 3848276298220188511@10.0.0.1\r\n\
         CSeq: {} {method}\r\n{headers}Contact: <sip:anna@10.0.0.1:5070;transport=tls>\r\nUser-Agent: Cooee\r\nContent-Length: 0\r\n\r\n",
        number + 1
    )
    .into_bytes()
}

/// A proxy and the two phones it serves.
struct Bench {
    proxy: Proxy,
    now: Now,
    sent: Vec<Vec<u8>>,
}

impl Bench {
    fn new() -> Self {
        let names = Names { domain: "example.org".into(), host: "example.org".into(), addresses: vec![flow(1).local] };
        let mut proxy = Proxy::new(ProxyConfig::new(names, [5; 32], 7), Entropy::for_test(1));
        [1, 2].into_iter().for_each(|number| proxy.flow_opened(flow(number)));
        Self { proxy, now: now(), sent: Vec::new() }
    }

    /// A message comes in; what leaves because of it, last one last, is in `sent`.
    fn give(&mut self, from: Flow, octets: &[u8]) {
        self.sent.clear();
        let message = Message::parse(octets, Framing::Stream).unwrap();
        if message.is_request() {
            self.proxy.handle_request(from, &message, |_| Gate::Admit(Caller::Stranger), self.now);
        } else {
            self.proxy.handle_response(&message, self.now);
        }
        while let Some(output) = self.proxy.poll_output() {
            match output {
                ProxyOutput::Send { payload, .. } => self.sent.push(payload),
                ProxyOutput::Locate { ticket, .. } => {
                    self.proxy.handle_located(ticket, Ok(Location::Bindings(vec![binding()])), self.now);
                }
                ProxyOutput::Admit { .. } | ProxyOutput::Reach { .. } => {}
            }
        }
    }

    fn answer(&self, status: u16) -> Vec<u8> {
        let forwarded = Message::parse(self.sent.last().unwrap(), Framing::Stream).unwrap();
        let mut response = response_to(&forwarded, status, "", Some("b"));
        for route in forwarded.header_values(HeaderName::RecordRoute) {
            response = response.header(HeaderName::RecordRoute, route);
        }
        response.into_bytes()
    }

    /// An INVITE, its refusal and the ACK.
    fn refused(&mut self, number: u64) {
        self.give(flow(1), &request("INVITE", "sip:ben@example.org", number, "", ""));
        let busy = self.answer(486);
        self.give(flow(2), &busy);
        let ack = request("ACK", "sip:ben@example.org", number, ";tag=b", "");
        self.give(flow(1), &String::from_utf8(ack).unwrap().replace("branch=z9hG4bKACK", "branch=z9hG4bKINVITE").into_bytes());
    }

    /// The `Route` of a call.
    fn call(&mut self) -> String {
        self.give(flow(1), &request("INVITE", "sip:ben@example.org", 0, "", ""));
        let ok = self.answer(200);
        self.give(flow(2), &ok);
        let ok = Message::parse(&ok, Framing::Stream).unwrap();
        ok.record_routes().map(|route| format!("Route: <{}>\r\n", route.uri())).collect()
    }
}

fn proxy(c: &mut Criterion) {
    let mut group = c.benchmark_group("proxy");
    group.throughput(Throughput::Elements(1));
    group.bench_function("invite, 100, 486, ack", |b| {
        let (mut bench, mut number) = (Bench::new(), 0);
        b.iter(|| {
            number += 1;
            bench.refused(number);
        });
        assert!(bench.proxy.is_empty());
    });
    group.bench_function("info and 200 in a dialog", |b| {
        let (mut bench, mut number) = (Bench::new(), 0);
        let routes = bench.call();
        b.iter(|| {
            number += 1;
            bench.give(flow(1), &request("INFO", "sip:ben@10.0.0.2", number, ";tag=b", &routes));
            let ok = bench.answer(200);
            bench.give(flow(2), &ok);
            black_box(bench.sent.len())
        });
        assert_eq!(bench.proxy.len(), 1);
    });
    group.finish();
}

fn registrar(c: &mut Criterion) {
    let mut group = c.benchmark_group("registrar");
    group.throughput(Throughput::Elements(1));
    group.bench_function("refresh", |b| {
        let mut registrar = Registrar::new(RegistrarConfig::default(), Entropy::for_test(1));
        let (now, mut bindings, mut number) = (now(), Vec::<Binding>::new(), 0);
        b.iter(|| {
            number += 1;
            let message = Arc::new(request("REGISTER", "sip:example.org", number, "", "Expires: 600\r\n"));
            registrar.handle_register(RegisterRequest { aor: "sip:anna@example.org".into(), message, flow: flow(1), epoch: 7 });
            while let Some(output) = registrar.poll_output() {
                match output {
                    RegistrarOutput::Locate { ticket, .. } => registrar.handle_located(ticket, Ok(bindings.clone()), now),
                    RegistrarOutput::Persist { ticket, put, .. } => {
                        bindings = put;
                        registrar.handle_persisted(ticket, Ok(()), now);
                    }
                    RegistrarOutput::Respond { status, response, .. } => {
                        assert_eq!(status, 200);
                        black_box(response);
                    }
                }
            }
        });
    });
    group.finish();
}

fn transactions(c: &mut Criterion) {
    let mut group = c.benchmark_group("transaction");
    group.throughput(Throughput::Elements(1));
    for open in [0, 10_000] {
        let limits = TransactionLimits { client: 20_000, server: 20_000, bytes: 64 << 20 };
        let (mut table, now, mut number) = (Transactions::new(Timers::default(), limits), now(), 0);
        let mut take = |table: &mut Transactions, is_answered: bool| {
            number += 1;
            let octets = request("OPTIONS", "sip:ben@example.org", number, "", "");
            let message = Message::parse(&octets, Framing::Stream).unwrap();
            let RequestMatch::New { id, .. } = table.receive_request(flow(1).id, &message, now) else { return };
            if is_answered {
                table.respond(id, 200, response_to(&message, 200, "", Some("b")).into_bytes(), now);
            }
            while let Some(output) = table.poll_output() {
                black_box(output);
            }
        };
        (0..open).for_each(|_| take(&mut table, false));
        group.bench_function(BenchmarkId::new("options and 200, others open", open), |b| b.iter(|| take(&mut table, true)));
    }
    group.finish();
}

criterion_group!(benches, transactions, registrar, proxy);
criterion_main!(benches);
