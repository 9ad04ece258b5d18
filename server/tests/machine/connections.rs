use std::time::Duration;

use cooee_machine::Machine;
use cooee_server::{ServerCommand, ServerEvent, TurnedAway};
use cooee_sip::Method;

use crate::bench::*;

fn options(number: u32) -> Vec<u8> {
    Phone::new("anna", 1).request(Method::Options, "sip:example.org", "sip:example.org", number, None).into_bytes()
}

#[test]
fn a_head_split_at_every_octet_is_one_message() {
    let message = options(1);
    for cut in 1..message.len() {
        let mut bench = Bench::new(config());
        bench.open(1);
        bench.bytes(1, &message[..cut]);
        assert!(bench.lines(1).is_empty(), "cut at {cut}");
        bench.bytes(1, &message[cut..]);
        assert_eq!(bench.lines(1), ["SIP/2.0 200 OK"], "cut at {cut}");
    }
    let mut bench = Bench::new(config());
    bench.open(1);
    message.iter().for_each(|octet| bench.bytes(1, &[*octet]));
    assert_eq!(bench.lines(1), ["SIP/2.0 200 OK"]);
}

#[test]
fn forty_thousand_pipelined_requests_are_answered_one_by_one() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    let stream: Vec<u8> = (0..40_000).flat_map(options).collect();
    let mut answered = 0;
    for chunk in stream.chunks(16 * 1024) {
        bench.bytes(1, chunk);
        bench.datagram(0, "198.51.100.7:5070", &options(1));
        assert_eq!(bench.sent("198.51.100.7:5070").len(), 1, "others are served in between");
        let lines = bench.lines(1);
        assert!(lines.len() < 100, "what waits for the peer is bounded by what it sent");
        answered += lines.len();
    }
    assert_eq!(answered, 40_000);
}

#[test]
fn a_ping_is_answered_by_a_pong() {
    let mut bench = Bench::new(config());
    bench.open(1);
    bench.bytes(1, b"\r\n\r\n");
    assert_eq!(bench.written(1), [b"\r\n".to_vec()]);
    bench.bytes(1, &b"\r\n\r\n".repeat(4000));
    assert_eq!(bench.written(1), [b"\r\n".to_vec()], "those that come at once are answered by one");
}

#[test]
fn pings_keep_up_who_has_logged_in_and_nobody_else() {
    let mut bench = Bench::new(config());
    bench.open(1);
    bench.register("ben", 2);
    for _ in 0..4 {
        bench.bytes(1, b"\r\n\r\n");
        bench.bytes(2, b"\r\n\r\n");
        bench.pass(Duration::from_secs(100));
    }
    assert!(bench.is_closed(1) && !bench.is_closed(2));
}

#[test]
fn what_is_no_sip_is_answered_once_and_closed() {
    let mut bench = Bench::new(config());
    bench.open(1);
    bench.bytes(1, b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    assert!(bench.is_closed(1) && bench.server.connections() == 0);
    assert!(bench.events.iter().any(|event| matches!(event, ServerEvent::TurnedAway { why: TurnedAway::NotSip, .. })));
    let mut bench = Bench::new(config());
    bench.open(1);
    let huge = String::from_utf8(options(1)).unwrap().replace("Content-Length: 0", "Content-Length: 18446744073709551615");
    bench.bytes(1, huge.as_bytes());
    assert!(bench.lines(1)[0].starts_with("SIP/2.0 400 ") && bench.is_closed(1));
    let mut bench = Bench::new(config());
    bench.open(1);
    bench.bytes(1, format!("OPTIONS sip:a SIP/2.0\r\nX: {}", "x".repeat(70_000)).as_bytes());
    assert!(bench.is_closed(1), "a head without end is not collected for ever");
    bench.bytes(1, &options(1));
    assert!(bench.lines(1).iter().all(|line| !line.starts_with("SIP/2.0 200")), "nothing counts after the end");
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let mut bench = Bench::new(config());
    bench.open(1);
    bench.open(2);
    bench.open(3);
    bench.bytes(2, b"OPTIONS sip:exam");
    bench.bytes(3, b"\r\n\r\n");
    bench.pass(Duration::from_secs(29));
    assert_eq!(bench.server.connections(), 3);
    bench.pass(Duration::from_secs(2));
    assert!(bench.is_closed(1) && bench.is_closed(2) && !bench.is_closed(3), "half a message is no message");
    bench.pass(Duration::from_secs(300));
    assert!(bench.is_closed(3));
    let why: Vec<TurnedAway> =
        bench.events.iter().filter_map(|event| if let ServerEvent::TurnedAway { why, .. } = event { Some(*why) } else { None }).collect();
    assert_eq!(why, [TurnedAway::NoMessage, TurnedAway::NoMessage, TurnedAway::Idle]);
}

#[test]
fn a_registered_phone_that_never_pings_is_borne_with_longer() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    bench.register("ben", 2);
    bench.bytes(2, b"\r\n\r\n");
    bench.pass(Duration::from_secs(15 * 60));
    assert!(!bench.is_closed(1), "its next REGISTER may be an hour away");
    assert!(!bench.is_closed(2), "a telephone that dozes wakes up for a ping every ten minutes");
    bench.pass(Duration::from_secs(6 * 60));
    assert!(bench.is_closed(2), "who pings and stops is gone");
    bench.pass(Duration::from_secs(7_500));
    assert!(bench.is_closed(1));
}

#[test]
fn connections_are_bounded_in_all_and_from_one_place() {
    let mut settings = config();
    (settings.limits.connections, settings.limits.connections_from_one) = (8, 4);
    let mut bench = Bench::new(settings);
    for number in 0..6 {
        bench.open_from(number * 2 + 1, &format!("[2001:db8:1:2::{number}]:40000"));
    }
    assert_eq!(bench.server.connections(), 4, "a /64 is one place");
    for number in 10..14 {
        bench.open(number * 2 + 1);
    }
    assert_eq!(bench.server.connections(), 8);
    bench.close(1);
    bench.open_from(101, "[2001:db8:1:2::9]:40000");
    assert_eq!(bench.server.connections(), 8);
}

#[test]
fn where_there_are_too_many_the_oldest_gives_way_that_has_proven_nothing() {
    let mut settings = config();
    settings.limits.connections = 3;
    let mut bench = Bench::new(settings);
    bench.register("anna", 1);
    for stream in [3, 5, 7] {
        bench.open(stream);
    }
    assert_eq!([1, 3, 5, 7].map(|stream| bench.is_closed(stream)), [false, true, false, false]);
    bench.register("ben", 9);
    bench.register("anna", 11);
    bench.open(13);
    assert_eq!([1, 9, 11, 13].map(|stream| bench.is_closed(stream)), [false, false, false, true], "who is registered never does");
}

#[test]
fn who_proves_nothing_is_not_listened_to_for_ever_and_who_does_is() {
    let mut bench = Bench::new(config());
    bench.open(1);
    for number in 0..65 {
        assert!(!bench.is_closed(1), "{number}");
        bench.bytes(1, &options(number));
    }
    assert!(bench.is_closed(1));
    assert_eq!(bench.lines(1).len(), 64);
    bench.register("anna", 3);
    for number in 0..200 {
        bench.bytes(3, &options(number));
    }
    assert!(!bench.is_closed(3));
    bench.open(5);
    bench.bytes(5, &[b'a'; 20_000]);
    assert!(bench.is_closed(5), "nor is a large message of a stranger's waited for");
}

#[test]
fn a_stopped_server_lets_go_of_everybody() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    bench.server.handle_command(ServerCommand::Stop, bench.now);
    bench.drain();
    assert!(bench.is_closed(1));
    bench.open(3);
    assert!(bench.is_closed(3));
}
