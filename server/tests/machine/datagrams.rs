use cooee_machine::Action;
use cooee_sip::Method;

use crate::bench::*;

const REMOTE: &str = "198.51.100.7:41000";

fn binding_request() -> Vec<u8> {
    [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], b"transaction-"].concat()
}

#[test]
fn stun_is_answered_on_the_sip_socket_and_on_its_own() {
    let mut bench = Bench::new(config());
    for socket in [0, 1] {
        bench.datagram(socket, REMOTE, &binding_request());
        let Some(Action::Send { socket: from, payload, .. }) = bench.actions.pop() else { panic!("no answer") };
        assert_eq!(from.0, socket);
        assert_eq!(payload.get(..2), Some(&[1, 1][..]));
        assert_eq!(payload.get(8..20), Some(&b"transaction-"[..]));
    }
}

#[test]
fn the_stun_socket_speaks_nothing_else() {
    let mut bench = Bench::new(config());
    let options = Phone::new("anna", 7).request(Method::Options, "sip:example.org", "sip:example.org", 1, None).into_bytes();
    bench.datagram(1, REMOTE, &options);
    assert!(bench.actions.is_empty());
    bench.datagram(0, REMOTE, &options);
    assert_eq!(bench.sent(REMOTE).len(), 1);
}

#[test]
fn an_address_gets_only_so_many_stun_answers_and_others_theirs() {
    let mut bench = Bench::new(config());
    for _ in 0..1_000 {
        bench.datagram(1, REMOTE, &binding_request());
    }
    assert_eq!(bench.sent(REMOTE).len(), 100);
    for host in 0..250 {
        let other = format!("203.0.113.{host}:5");
        bench.datagram(0, &other, &binding_request());
        assert_eq!(bench.sent(&other).len(), 1);
    }
    bench.pass(std::time::Duration::from_secs(1));
    for _ in 0..1_000 {
        bench.datagram(0, REMOTE, &binding_request());
    }
    assert_eq!(bench.sent(REMOTE).len(), 10);
}

#[test]
fn keep_alives_and_noise_get_no_answer() {
    let mut bench = Bench::new(config());
    for noise in [&b"\r\n\r\n"[..], b"\0\0\0\0", b"", b"jaK", b"\x16\x03\x01\x02\x00", b"SIP/2.0 200 OK\r\n\r\n", &[0xff; 2000]] {
        bench.datagram(0, REMOTE, noise);
        assert!(bench.actions.is_empty(), "{noise:?}");
    }
}

#[test]
fn a_broken_request_is_answered_with_what_is_wrong() {
    let mut bench = Bench::new(config());
    let options = Phone::new("anna", 7).request(Method::Options, "sip:example.org", "sip:example.org", 1, None).into_bytes();
    let broken = String::from_utf8(options).unwrap().replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE");
    bench.datagram(0, REMOTE, broken.as_bytes());
    let answers = bench.sent(REMOTE);
    assert!(answers.len() == 1 && line(&answers[0]).starts_with("SIP/2.0 400 "), "{:?}", answers.first().map(|answer| line(answer)));
}

#[test]
fn no_datagram_makes_the_server_panic_or_remember() {
    let mut entropy = cooee_machine::Entropy::for_test(4);
    let mut bench = Bench::new(config());
    let phone = Phone::new("anna", 7);
    let samples = [phone.register(1, None), phone.invite("sip:ben@example.org", 1, None), binding_request()];
    for _ in 0..20_000 {
        let mut octets = samples[entropy.below(3) as usize].clone();
        for _ in 0..=entropy.below(6) {
            let place = entropy.below(octets.len() as u64) as usize;
            match entropy.below(3) {
                0 => octets[place] = entropy.below(256) as u8,
                1 => octets.truncate(place.max(1)),
                _ => octets.insert(place, b"\r\n;,<>\"@: "[entropy.below(10) as usize]),
            }
        }
        bench.datagram(0, REMOTE, &octets);
        bench.actions.clear();
        bench.events.clear();
    }
    assert_eq!(bench.server.requests(), 0);
}
