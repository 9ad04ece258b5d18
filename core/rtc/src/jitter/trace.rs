//! The jitter buffer against synthetic networks: what is heard, and how late.
use std::time::Duration;

use bytes::Bytes;
use cooee_machine::Entropy;

use super::{Content, JitterBuffer, Packet};
use crate::{Playout, Stretch};

/// One packet: when it was spoken and when it arrives, in microseconds; `None` if it is lost.
struct Spoken {
    at: i64,
    arrives: Option<i64>,
    pause: bool,
}

struct Network {
    frame: i64,
    clock_rate: u32,
    /// The player's clock runs this much faster than the speaker's, in parts per million.
    drift: i64,
    redundancy: bool,
    stretches: bool,
}

const NETWORK: Network = Network { frame: 20_000, clock_rate: 48_000, drift: 0, redundancy: false, stretches: true };
const BASE: i64 = 30_000;

#[derive(Debug, Default)]
struct Heard {
    decoded: u64,
    recovered: u64,
    concealed: u64,
    silent: i64,
    /// Mouth to ear beyond the fastest way through the network, averaged and at the end, in milliseconds.
    mean: f64,
    last: f64,
    late: u64,
    dropped: u64,
    order_kept: bool,
}

fn spoken(count: i64, frame: i64, mut arrives: impl FnMut(i64) -> Option<i64>) -> Vec<Spoken> {
    (0..count).map(|i| Spoken { at: i * frame, arrives: arrives(i).map(|late| i * frame + BASE + late), pause: false }).collect()
}

/// Plays a trace through a device with a period of 10 ms.
fn play(network: &Network, trace: &[Spoken]) -> Heard {
    let begin = crate::some_moment();
    let at = |micros: i64| begin + Duration::from_micros(u64::try_from(micros).unwrap());
    let mut arrivals: Vec<(i64, usize)> = trace.iter().enumerate().filter_map(|(i, spoken)| Some((spoken.arrives?, i))).collect();
    arrivals.sort_unstable();
    let end = trace.last().unwrap().at + 500_000;
    let mut buffer = JitterBuffer::new(Some(Duration::from_millis(20)));
    let (mut heard, mut delays, mut left, mut previous) = (Heard { order_kept: true, ..Heard::default() }, vec![], 0, None);
    let mut arrivals = arrivals.into_iter().peekable();
    let mut now = 0;
    while now < end {
        while let Some((arrival, i)) = arrivals.next_if(|(arrival, _)| *arrival <= now) {
            let mut payload = vec![if network.redundancy { 9 << 3 } else { 31 << 3 }, 0b1100_0000];
            payload.extend_from_slice(&u32::try_from(i).unwrap().to_be_bytes());
            if trace[i].pause {
                payload.truncate(1);
            }
            let packet = Packet {
                sequence: 1000 + i as u64,
                timestamp: trace[i].at * i64::from(network.clock_rate) / 1_000_000,
                clock_rate: network.clock_rate,
                payload_type: 111,
                content: Content::Opus,
                payload: Bytes::from(payload),
            };
            buffer.insert(packet, at(arrival));
        }
        while left < 10_000 {
            left += match buffer.playout(at(now)) {
                Playout::Decode { payload, stretch, .. } => {
                    heard.decoded += 1;
                    if payload.len() == 6 {
                        let i = u32::from_be_bytes(payload[2..].try_into().unwrap()) as usize;
                        heard.order_kept &= previous.is_none_or(|previous| previous < i);
                        previous = Some(i);
                        delays.push((now + left - trace[i].at - BASE) as f64 / 1000.0);
                    }
                    // Zero: as long as it was spoken.
                    let next = previous.and_then(|i| Some(trace.get(i + 1)?.at - trace[i].at));
                    (if network.frame == 0 { next.unwrap_or(40_000) } else { network.frame })
                        + match stretch {
                            _ if !network.stretches => 0,
                            Stretch::None => 0,
                            Stretch::Shorten | Stretch::ShortenPause => -5_000,
                            Stretch::SkipPause => -10_000,
                            Stretch::Lengthen => 5_000,
                        }
                }
                Playout::Fec { duration, .. } => {
                    heard.recovered += 1;
                    duration.as_micros() as i64
                }
                Playout::Conceal { duration } => {
                    heard.concealed += duration.as_micros() as u64;
                    duration.as_micros() as i64
                }
                Playout::Silence { duration } | Playout::ComfortNoise { duration, .. } => {
                    heard.silent += duration.as_micros() as i64;
                    duration.as_micros() as i64
                }
            };
        }
        left -= 10_000;
        now += 10_000 - 10_000 * network.drift / 1_000_000;
    }
    heard.concealed = heard.concealed.div_ceil(network.frame.max(10_000) as u64);
    heard.mean = delays.iter().sum::<f64>() / delays.len() as f64;
    heard.last = delays.iter().rev().take(50).sum::<f64>() / 50.0;
    (heard.late, heard.dropped) = (buffer.counters().late, buffer.counters().dropped);
    heard
}

fn show(name: &str, heard: &Heard) {
    println!(
        "{name}: decoded {} recovered {} concealed {} late {} dropped {} delay mean {:.0} ms, at the end {:.0} ms",
        heard.decoded, heard.recovered, heard.concealed, heard.late, heard.dropped, heard.mean, heard.last
    );
    assert!(heard.order_kept, "{name}");
}

fn uniform(entropy: &mut Entropy, bound: u64) -> i64 {
    i64::try_from(entropy.below(bound)).unwrap()
}

#[test]
fn a_clean_network_costs_little_delay_and_nothing_is_concealed() {
    for frame in [10_000, 20_000, 40_000, 60_000] {
        let heard = play(&Network { frame, ..NETWORK }, &spoken(1_000, frame, |_| Some(0)));
        show(&format!("clean, {} ms", frame / 1000), &heard);
        // Frames at the end of the trace are concealed until the device stops.
        assert!(heard.decoded == 1_000 && heard.concealed <= 12 && heard.late == 0 && heard.dropped == 0);
        assert!(heard.last <= 45.0 + frame as f64 / 1000.0, "{}", heard.last);
    }
}

#[test]
fn jitter_is_covered_by_a_delay_of_its_size() {
    let mut entropy = Entropy::for_test(1);
    let heard = play(&NETWORK, &spoken(3_000, 20_000, |_| Some(uniform(&mut entropy, 60_000))));
    show("jitter 0-60 ms, reordered", &heard);
    assert!(heard.concealed + heard.late <= 90, "at most 3 %");
    assert!(heard.mean < 95.0);
}

#[test]
fn lost_frames_are_recovered_from_the_next_packet_where_it_can() {
    let mut entropy = Entropy::for_test(2);
    let mut trace = || spoken(3_000, 20_000, |_| (entropy.below(10) != 0).then_some(0));
    let heard = play(&Network { redundancy: true, ..NETWORK }, &trace());
    show("10 % loss, redundancy", &heard);
    let lost = 3_000 - heard.decoded;
    assert!(heard.recovered * 100 >= lost * 85, "nine in ten single losses: {} of {lost}", heard.recovered);
    assert!(heard.mean < 60.0);
    let heard = play(&NETWORK, &trace());
    show("10 % loss, no redundancy", &heard);
    assert!(heard.recovered == 0 && (3_000 - heard.decoded).abs_diff(heard.concealed) <= 20);
    assert!(heard.mean < 50.0, "no waiting for what never comes");
}

#[test]
fn bursts_of_loss_leave_the_delay_as_it_was() {
    let heard = play(&NETWORK, &spoken(2_000, 20_000, |i| (i % 200 >= 8).then_some(0)));
    show("160 ms lost every 4 s", &heard);
    // Of each burst, 60 ms are concealed and the rest is silence.
    assert!(heard.concealed >= 30 && heard.silent >= 10 * 80_000);
    assert!(heard.last < 60.0 && heard.late == 0);
}

#[test]
fn a_stall_is_played_late_and_then_caught_up() {
    let stall = |i: i64| Some(if i % 400 < 15 { (15 - i % 400) * 20_000 } else { 0 });
    let heard = play(&NETWORK, &spoken(2_000, 20_000, stall));
    show("300 ms stall every 8 s", &heard);
    assert!(heard.decoded + heard.dropped + heard.late == 2_000 && heard.last < 150.0);
    // Without a pause nothing can be caught up with: what is far too late is left out in the end.
    let heard = play(&Network { stretches: false, ..NETWORK }, &spoken(2_000, 20_000, |i| if i < 1_000 { stall(i) } else { Some(0) }));
    show("the same for 20 s, nobody stretches", &heard);
    assert!(heard.last < 220.0 && heard.dropped < 120);
}

#[test]
fn drifting_clocks_are_followed() {
    for drift in [-10_000, -100, 100, 10_000] {
        let heard = play(&Network { drift, ..NETWORK }, &spoken(3_000, 20_000, |_| Some(0)));
        show(&format!("player {drift} ppm fast"), &heard);
        assert!(heard.last < 80.0 && heard.dropped == 0 && heard.late == 0);
        assert!(heard.concealed <= 12 + if drift == 10_000 { 30 } else { 2 });
    }
}

#[test]
fn after_a_pause_of_the_speaker_his_words_come_in_time() {
    // Speech for 1 s, then silence with a sign of life every 400 ms for 3 s.
    let mut trace = vec![];
    for second in 0..40_i64 {
        for i in 0..50 {
            let at = second * 1_000_000 + i * 20_000;
            let speaks = second % 4 == 0;
            if speaks || i % 20 == 0 {
                trace.push(Spoken { at, arrives: Some(at + BASE), pause: !speaks });
            }
        }
    }
    let heard = play(&NETWORK, &trace);
    show("pauses (DTX)", &heard);
    assert!(heard.decoded == trace.len() as u64 && heard.late == 0 && heard.dropped == 0);
    assert!(heard.last < 50.0);
}

/// Words of 400 ms in G.711, with pauses of 600 ms in which nothing is sent, after comfort noise or without. What was concealed.
fn words_and_pauses(comfort_noise: bool) -> Duration {
    let begin = crate::some_moment();
    let mut buffer = JitterBuffer::new(None);
    let (mut sequence, mut left, mut concealed) = (0, Duration::ZERO, Duration::ZERO);
    for tick in 0..1_000_u64 {
        let (now, place) = (begin + Duration::from_millis(10 * tick), tick % 100);
        let content = if place < 40 { Content::Audio } else { Content::ComfortNoise };
        if tick % 2 == 0 && (place < 40 || place == 40 && comfort_noise) {
            let payload = if place < 40 { Bytes::from_static(&[0; 160]) } else { Bytes::from_static(&[60]) };
            let timestamp = i64::try_from(tick).unwrap() * 80;
            buffer.insert(Packet { sequence, timestamp, clock_rate: 8_000, payload_type: 8, content, payload }, now);
            sequence += 1;
        }
        while left < Duration::from_millis(10) {
            left += match buffer.playout(now) {
                Playout::Decode { .. } => Duration::from_millis(20),
                Playout::Fec { duration, .. } | Playout::Silence { duration } | Playout::ComfortNoise { duration, .. } => duration,
                Playout::Conceal { duration } => {
                    concealed += duration;
                    duration
                }
            };
        }
        left -= Duration::from_millis(10);
    }
    assert_eq!((buffer.counters().late, buffer.counters().dropped), (0, 0));
    concealed
}

#[test]
fn a_pause_is_silence_and_not_a_loss() {
    assert_eq!(words_and_pauses(true), Duration::ZERO);
    // Without a word of the pause it might be a loss, for 60 ms.
    assert_eq!(words_and_pauses(false), 10 * Duration::from_millis(60));
}

#[test]
fn a_change_of_the_frame_length_is_followed() {
    let (mut at, mut trace) = (0, vec![]);
    for length in [20_000, 60_000, 10_000, 40_000] {
        for _ in 0..100 {
            trace.push(Spoken { at, arrives: Some(at + BASE), pause: false });
            at += length;
        }
    }
    let heard = play(&Network { frame: 0, ..NETWORK }, &trace);
    show("20, 60, 10, 40 ms", &heard);
    assert!(heard.decoded == 400 && heard.late == 0 && heard.dropped == 0);
    assert!(heard.concealed < 20 && heard.last < 90.0);
}

#[test]
fn duplicates_and_old_packets_change_nothing() {
    let begin = crate::some_moment();
    let mut buffer = JitterBuffer::new(None);
    let packet = |sequence: u64| Packet {
        sequence,
        timestamp: i64::try_from(sequence).unwrap() * 160,
        clock_rate: 8_000,
        payload_type: 8,
        content: Content::Audio,
        payload: Bytes::from_static(&[0; 160]),
    };
    for i in 0..500 {
        let now = begin + Duration::from_millis(20 * i);
        buffer.insert(packet(i), now);
        buffer.insert(packet(i), now);
        buffer.insert(packet(if i < 50 { i } else { i - 50 }), now);
        buffer.playout(now);
    }
    assert!(buffer.counters().duplicate >= 499 && buffer.counters().late >= 400);
    assert_eq!(buffer.counters().dropped, 0);
}

#[test]
fn a_flood_is_bounded() {
    let begin = crate::some_moment();
    let mut buffer = JitterBuffer::new(None);
    let mut entropy = Entropy::for_test(3);
    for i in 0..20_000_u64 {
        let packet = Packet {
            sequence: 5_000 + entropy.below(10_000),
            timestamp: i64::try_from(entropy.below(1 << 40)).unwrap(),
            clock_rate: 1 + entropy.u32() % 90_000,
            payload_type: 8,
            content: if entropy.below(2) == 0 { Content::Opus } else { Content::ComfortNoise },
            payload: Bytes::from_static(&[0x4c; 20]),
        };
        buffer.insert(packet, begin + Duration::from_micros(i));
        assert!(buffer.len() <= 120);
        if i % 7 == 0 {
            buffer.playout(begin + Duration::from_micros(i));
        }
    }
}
