//! What one packet costs from one end to the other: RTP, SRTP (AEAD_AES_128_GCM), demultiplexing, receiver statistics, jitter buffer.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]
#[path = "../tests/world/mod.rs"]
mod world;

use std::hint::black_box;

use cooee_rtc::{EncodedFrame, GatheringOutput};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use world::{World, call, ms};

fn speaking() -> World {
    let mut world = call(1, 40, 0.0);
    world.run(ms(3_000));
    world.log.clear();
    world
}

/// One frame of node 0: its datagram.
fn send(world: &mut World) -> bytes::Bytes {
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    let gathering = &mut world.nodes[0].gathering;
    gathering.send(session, EncodedFrame { payload: &[0x4c; 60], samples: 960, marker: false }, now);
    let mut sent = bytes::Bytes::new();
    loop {
        match gathering.poll_output() {
            GatheringOutput::Transmit { payload, .. } => sent = payload,
            GatheringOutput::Wake(_) => return sent,
            _ => {}
        }
    }
}

fn packet(c: &mut Criterion) {
    let mut group = c.benchmark_group("packet");
    group.throughput(Throughput::Elements(1));
    let mut world = speaking();
    group.bench_function("send", |b| b.iter(|| black_box(send(&mut world))));

    let mut world = speaking();
    let (from, to) = (world.nodes[0].gathered.clone().unwrap().address, world.nodes[1].gathered.clone().unwrap().address);
    let session = world.nodes[1].sessions[0];
    group.bench_function("send, receive and play", |b| {
        b.iter(|| {
            world.now = world.now.after(ms(20));
            let (datagram, now) = (send(&mut world), world.now);
            let gathering = &mut world.nodes[1].gathering;
            gathering.handle_datagram(to, from, &datagram, now);
            while !matches!(gathering.poll_output(), GatheringOutput::Wake(_)) {}
            black_box(gathering.playout(session, now))
        });
    });
    group.finish();
}

criterion_group!(benches, packet);
criterion_main!(benches);
