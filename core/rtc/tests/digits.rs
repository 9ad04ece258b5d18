//! A thousand digits over bad networks (RFC 4733).
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::Entropy;
use cooee_rtc::SessionEvent;
use cooee_sdp::{Codec, Negotiated, NegotiatedSecurity};
use world::*;

/// The sound and the events of both clocks.
fn terms(terms: &mut Negotiated, audio: &Codec, events: u32) {
    let events = Codec::telephone_event(events);
    terms.codec = audio.clone();
    terms.receive = vec![audio.clone(), events.clone()];
    terms.dtmf = Some(events);
}

fn thousand(seed: u64) -> String {
    let mut entropy = Entropy::for_test(seed);
    // Every other digit is the one before once more: the hardest to tell apart.
    let mut digits = String::new();
    while digits.len() < 1_000 {
        let digit = char::from(b"0123456789*#ABCD"[entropy.below(16) as usize]);
        digits.push(digit);
        digits.push(digit);
    }
    digits
}

/// Dials them as fast as the queue takes them; what node 1 heard.
fn dial(world: &mut World, digits: &str, length: Duration) -> String {
    let session = world.nodes[0].sessions[0];
    let mut waiting = digits.chars().peekable();
    while waiting.peek().is_some() {
        let now = world.now;
        while let Some(digit) = waiting.next_if(|digit| world.nodes[0].gathering.send_digit(session, *digit, length, now)) {
            assert!(digits.contains(digit));
        }
        world.run(world.at() + ms(500));
    }
    world.run(world.at() + ms(32 * 400));
    world.events(1).filter_map(|(_, event)| if let SessionEvent::Digit(digit) = event { Some(*digit) } else { None }).collect()
}

#[test]
fn a_thousand_digits_over_ten_percent_of_loss_are_all_heard_once_and_in_order() {
    for (audio, clock) in [(Codec::pcma(), 8_000), (Codec::opus(), 48_000), (Codec::opus(), 8_000)] {
        for (seed, jitter) in [(1, 0), (2, 30)] {
            let mut world = without_ice(seed, [sdes(3, 5), sdes(5, 3)], |agreed| terms(agreed, &audio, clock));
            world.run(ms(1_000));
            (world.loss, world.jitter) = (0.1, ms(jitter));
            let digits = thousand(seed);
            let heard = dial(&mut world, &digits, ms(100));
            assert_eq!(heard.len(), digits.len(), "{clock} Hz, {jitter} ms of jitter");
            assert_eq!(heard, digits, "{clock} Hz, {jitter} ms of jitter");
        }
    }
}

/// One packet of an event: when it was sent, whether it has the marker, its timestamp, its duration, whether it is the end.
type Event = (Duration, bool, u32, u16, bool);

fn events_of(mut world: World, digits: &str, length: Duration, payload_type: u8) -> Vec<Vec<Event>> {
    world.run(ms(1_000));
    world.recorded = Some(vec![]);
    let mut at = Vec::new();
    let session = world.nodes[0].sessions[0];
    for digit in digits.chars() {
        let now = world.now;
        assert!(world.nodes[0].gathering.send_digit(session, digit, length, now));
    }
    for _ in 0..4_000 {
        let known = world.recorded.as_ref().unwrap().len();
        world.run(world.at() + ms(1));
        at.resize(known, Duration::ZERO);
        at.resize(world.recorded.as_ref().unwrap().len(), world.at() - ms(1_001));
    }
    let mut presses: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    for ((from, _, datagram), at) in world.recorded.take().unwrap().into_iter().zip(at) {
        if from.ip().to_string() == A && datagram[1] & 0x7f == payload_type {
            let stamp = u32::from_be_bytes(datagram[4..8].try_into().unwrap());
            let duration = u16::from_be_bytes([datagram[14], datagram[15]]);
            presses.entry(stamp).or_default().push((at, datagram[1] & 0x80 != 0, stamp, duration, datagram[13] & 0x80 != 0));
        }
    }
    presses.into_values().collect()
}

fn in_the_clear(audio: &Codec, clock: u32) -> World {
    let mut world = without_ice(5, [NegotiatedSecurity::None, NegotiatedSecurity::None], |agreed| terms(agreed, audio, clock));
    world.nodes.iter_mut().for_each(|node| node.samples = audio.clock_rate / 50);
    world
}

#[test]
fn a_press_is_told_every_20_ms_with_growing_duration_and_its_end_three_times() {
    for (audio, clock, payload_type) in [(Codec::pcma(), 8_000_u32, 101), (Codec::opus(), 48_000, 110)] {
        let mut presses = events_of(in_the_clear(&audio, clock), "15", ms(100), payload_type);
        presses.sort_by_key(|press| press[0].0);
        assert_eq!(presses.len(), 2);
        let tick = (clock / 50) as u16;
        for press in &presses {
            let told: Vec<_> = press.iter().map(|event| (event.1, event.3 / tick, event.4)).collect();
            let expected = [
                (true, 1, false),
                (false, 2, false),
                (false, 3, false),
                (false, 4, false),
                (false, 5, true),
                (false, 5, true),
                (false, 5, true),
            ];
            assert_eq!(told, expected, "marker, duration, end");
            assert!(press.windows(2).all(|pair| (ms(19)..=ms(21)).contains(&(pair[1].0 - pair[0].0))));
        }
        let (first, second) = (presses[0][0], presses[1][0]);
        let apart = u64::from(second.2.wrapping_sub(first.2)) * 1_000 / u64::from(clock);
        assert!((second.0 - first.0).as_millis().abs_diff(u128::from(apart)) <= 21, "the stamps are as far apart as the presses");
        assert!(second.0 - first.0 >= ms(160), "with a pause between them");
    }
}

#[test]
fn a_press_longer_than_a_duration_can_say_goes_on_in_segments_and_is_one() {
    let segments = events_of(in_the_clear(&Codec::opus(), 48_000), "7", ms(3_000), 110);
    assert_eq!(segments.len(), 3);
    let mut at = segments.iter().position(|segment| segment[0].1).unwrap();
    let begin = segments[at][0].2;
    for number in 0..3_u32 {
        at = segments.iter().position(|segment| segment[0].2 == begin.wrapping_add(number * 0xffff)).unwrap();
        let segment = &segments[at];
        assert_eq!(segment[0].1, number == 0, "only the press has a marker");
        assert_eq!(segment.iter().filter(|event| event.4).count(), if number == 2 { 3 } else { 0 });
        assert_eq!(segment.last().unwrap().3, if number == 2 { (144_000 - 2 * 0xffff) as u16 } else { 0xffff });
    }
    let mut world = in_the_clear(&Codec::opus(), 48_000);
    world.run(ms(1_000));
    world.loss = 0.1;
    assert_eq!(dial(&mut world, "77", ms(3_000)), "77");
}

#[test]
fn sound_rests_during_a_press_and_begins_anew_with_a_marker() {
    let mut world = in_the_clear(&Codec::pcma(), 8_000);
    world.run(ms(1_000));
    world.recorded = Some(vec![]);
    let (session, now) = (world.nodes[0].sessions[0], world.now);
    assert!(world.nodes[0].gathering.send_digit(session, '5', ms(200), now));
    world.run(ms(2_000));
    let sent: Vec<u8> =
        world.recorded.take().unwrap().into_iter().filter(|(from, ..)| from.ip().to_string() == A).map(|(.., d)| d[1]).collect();
    let first = sent.iter().position(|kind| kind & 0x7f == 101).unwrap();
    let last = sent.iter().rposition(|kind| kind & 0x7f == 101).unwrap();
    assert!(sent[first..=last].iter().all(|kind| kind & 0x7f == 101 || (192..=223).contains(kind)));
    assert_eq!(sent[last + 1..].iter().find(|kind| *kind & 0x7f == 8), Some(&0x88));
}
