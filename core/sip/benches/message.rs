//! What a proxy does to a message, by the second: `cargo bench -p cooee-sip`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use cooee_sip::{Forward, Framing, Message, forward_request, forward_response};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// 822 octets.
const INVITE: &[u8] = include_bytes!("../../../tests/fixtures/sip/invite-822.sip");
const REGISTER: &[u8] = include_bytes!("../../../tests/fixtures/sip/register.sip");
const RINGING: &[u8] = include_bytes!("../../../tests/fixtures/sip/ringing.sip");

/// What a proxy must know of a request before it can send it on.
fn route(message: &Message<'_>) -> usize {
    let via = message.via();
    let route = message.route().map_or(0, |r| r.uri().host().len());
    via.branch().unwrap().len()
        + route
        + message.request_uri().unwrap().host().len()
        + usize::from(message.max_forwards().unwrap())
        + message.to().tag().map_or(0, str::len)
        + message.from().tag().map_or(0, str::len)
        + message.call_id().len()
        + usize::try_from(message.cseq().number).unwrap()
}

fn messages(c: &mut Criterion) {
    let mut group = c.benchmark_group("message");
    group.throughput(Throughput::Elements(1));
    for (name, bytes) in [("invite", INVITE), ("register", REGISTER), ("ringing", RINGING)] {
        group.bench_function(format!("parse/{name}"), |b| {
            b.iter(|| black_box(Message::parse(black_box(bytes), Framing::Datagram).unwrap()).body().len());
        });
    }
    group.bench_function("forward/invite", |b| {
        let edit = Forward {
            via: "SIP/2.0/UDP proxy.example.org:5060;branch=z9hG4bK7d1f3c2ab5e94c60",
            request_uri: Some("sip:ben@192.0.2.4:5060"),
            ..Forward::default()
        };
        let mut out = Vec::with_capacity(2048);
        b.iter(|| {
            let message = Message::parse(black_box(INVITE), Framing::Datagram).unwrap();
            let known = route(&message);
            out.clear();
            forward_request(&message, &edit, &mut out).unwrap();
            black_box(known + out.len())
        });
    });
    group.bench_function("forward/ringing", |b| {
        let mut out = Vec::with_capacity(2048);
        b.iter(|| {
            let message = Message::parse(black_box(RINGING), Framing::Datagram).unwrap();
            out.clear();
            forward_response(&message, &mut out).unwrap();
            black_box(out.len())
        });
    });
    group.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
