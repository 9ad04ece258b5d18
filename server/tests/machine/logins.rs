use std::time::Duration;

use cooee_machine::Secret;
use cooee_server::{ServerEvent, StoreFailure};
use cooee_sip::{Framing, HeaderName, Message, Method};

use crate::bench::*;

#[test]
fn a_phone_registers_with_the_stronger_of_two_challenges() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    let offered = header(&challenge, HeaderName::WwwAuthenticate);
    assert!(offered[0].contains("algorithm=SHA-256") && offered[1].contains("algorithm=MD5"), "{offered:?}");
    assert!(offered.iter().all(|challenge| challenge.contains("realm=\"example.org\"") && challenge.contains("qop=\"auth\"")));
    bench.bytes(1, &phone.register(2, Some(&challenge)));
    let ok = bench.only(1);
    assert_eq!(line(&ok), "SIP/2.0 200 OK");
    assert!(Message::parse(&ok, Framing::Stream).unwrap().contacts().next().unwrap().expires().is_some_and(|left| left == 3600));
    assert_eq!(bench.store.bindings(&user("anna")).count(), 1);
    assert!(bench.events.iter().any(|event| matches!(event, ServerEvent::Registered { devices: 1, .. })));
}

#[test]
fn a_register_sent_again_gets_the_same_answer_and_no_new_challenge() {
    let mut bench = Bench::new(config());
    let mut phone = Phone::new("anna", 7);
    phone.transport = "UDP";
    let remote = "198.51.100.7:5070";
    bench.datagram(0, remote, &phone.register(1, None));
    let challenge = bench.sent(remote).remove(0);
    let request = phone.register(2, Some(&challenge));
    bench.datagram(0, remote, &request);
    bench.datagram(0, remote, &request);
    let answers = bench.sent(remote);
    assert_eq!(answers.iter().map(|answer| line(answer)).collect::<Vec<_>>(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK"]);
    assert_eq!(header(&answers[0], HeaderName::Contact), header(&answers[1], HeaderName::Contact));
    assert_eq!(bench.server.requests(), 0, "nothing is kept for it");
}

#[test]
fn baresip_1_is_challenged_with_md5_alone() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let mut phone = Phone::new("anna", 1);
    phone.agent = "baresip v1.0.0 (x86_64/linux)";
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    let offered = header(&challenge, HeaderName::WwwAuthenticate);
    assert!(offered.len() == 1 && offered[0].contains("algorithm=MD5"), "{offered:?}");
    bench.bytes(1, &phone.register(2, Some(&challenge)));
    assert_eq!(bench.lines(1), ["SIP/2.0 200 OK"]);
    phone.agent = "baresip v2.0.1";
    bench.bytes(1, &phone.register(3, None));
    assert_eq!(header(&bench.only(1), HeaderName::WwwAuthenticate).len(), 2);
}

/// An answer with everything random in it blotted out.
fn shape(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer).into_owned();
    let mut shape = String::new();
    for line in text.lines() {
        let line = line.split("nonce=\"").enumerate().map(|(n, part)| if n == 0 { part } else { part.split_once('"').unwrap().1 });
        shape.push_str(&line.collect::<String>());
        shape.push('\n');
    }
    shape
}

#[test]
fn nothing_tells_an_unknown_user_from_a_wrong_password() {
    let mut shapes = Vec::new();
    for name in ["anna", "nobody"] {
        let mut bench = Bench::new(config());
        bench.open(1);
        let mut phone = Phone::new(name, 1);
        phone.password = Secret::new("wrong");
        bench.bytes(1, &phone.register(1, None));
        let challenge = bench.only(1);
        bench.bytes(1, &phone.register(2, Some(&challenge)));
        let again = bench.only(1);
        assert_eq!(line(&again), "SIP/2.0 401 Unauthorized");
        assert!(bench.events.iter().any(|event| matches!(event, ServerEvent::LoginFailed { .. })));
        let to_tag =
            |text: String| text.replace(name, "NAME").lines().filter(|line| !line.starts_with("To:")).collect::<Vec<_>>().join("\n");
        shapes.push((to_tag(shape(&challenge)), to_tag(shape(&again))));
    }
    assert_eq!(shapes[0], shapes[1]);
}

#[test]
fn nobody_registers_or_calls_in_the_name_of_another() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    let theft = phone.request(Method::Register, "sip:example.org", "sip:ben@example.org", 2, Some(&challenge));
    bench.bytes(1, &theft.contact("<sip:anna@10.0.0.1>").into_bytes());
    assert_eq!(bench.lines(1), ["SIP/2.0 403 That is somebody else's address"]);
    bench.bytes(1, &phone.invite("sip:ben@example.org", 1, None));
    let challenge = bench.only(1);
    let invite = String::from_utf8(phone.invite("sip:ben@example.org", 2, Some(&challenge))).unwrap();
    bench.bytes(1, invite.replace("From: <sip:anna@", "From: <sip:ben@").as_bytes());
    assert_eq!(bench.lines(1), ["SIP/2.0 403 That is somebody else's address"]);
    bench.bytes(1, &phone.invite("sip:ben@example.org", 3, None));
    let challenge = bench.only(1);
    let invite = String::from_utf8(phone.invite("sip:ben@example.org", 4, Some(&challenge))).unwrap();
    bench.bytes(1, invite.replace("From: <sip:anna@example.org", "From: <sip:boss@example.com").as_bytes());
    assert_eq!(bench.lines(1), ["SIP/2.0 403 That is somebody else's address"], "of another domain neither");
}

#[test]
fn names_are_folded_so_that_anna_is_anna() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    bench.register("ben", 2);
    let invite = bench.call(&Phone::new("anna", 1), "sip:BEN@Example.org");
    assert_eq!(line(&invite), "INVITE sip:BEN@Example.org SIP/2.0");
    assert_eq!(bench.lines(2), ["INVITE sip:ben@10.0.0.2;transport=tls SIP/2.0"]);
}

#[test]
fn an_old_nonce_is_stale_and_a_forged_one_is_not() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    for cseq in 1..=3 {
        bench.bytes(1, &phone.request(Method::Options, "sip:example.org", "sip:example.org", cseq, None).into_bytes());
        bench.written(1);
        bench.pass(Duration::from_secs(202));
    }
    bench.bytes(1, &phone.register(2, Some(&challenge)));
    let stale = bench.only(1);
    assert!(header(&stale, HeaderName::WwwAuthenticate).iter().all(|challenge| challenge.contains("stale=true")));
    bench.bytes(1, &phone.register(3, Some(&stale)));
    assert_eq!(bench.lines(1), ["SIP/2.0 200 OK"]);
    let forged = String::from_utf8(stale).unwrap().replace("nonce=\"0", "nonce=\"1");
    bench.bytes(1, &phone.register(4, Some(forged.as_bytes())));
    let refused = bench.only(1);
    assert_eq!(line(&refused), "SIP/2.0 401 Unauthorized");
    assert!(header(&refused, HeaderName::WwwAuthenticate).iter().all(|challenge| !challenge.contains("stale")));
}

#[test]
fn the_proof_of_an_overheard_register_is_worth_nothing_on_another() {
    let mut bench = Bench::new(config());
    let mut phone = Phone::new("anna", 7);
    phone.transport = "UDP";
    bench.datagram(0, "198.51.100.7:5070", &phone.register(1, None));
    let challenge = bench.sent("198.51.100.7:5070").remove(0);
    let heard = phone.register(2, Some(&challenge));
    bench.datagram(0, "198.51.100.7:5070", &heard);
    assert_eq!(line(&bench.sent("198.51.100.7:5070")[0]), "SIP/2.0 200 OK");
    let heard = String::from_utf8(heard).unwrap();
    let thief = "198.51.100.66:5070";
    for changed in [heard.replace("@10.0.0.7;", "@10.0.0.66;"), heard.replace("Call-ID: ", "Call-ID: other")] {
        assert_ne!(changed, heard);
        bench.datagram(0, thief, changed.as_bytes());
        assert_eq!(line(&bench.sent(thief)[0]), "SIP/2.0 401 Unauthorized");
    }
    assert_eq!(bench.store.bindings(&user("anna")).count(), 1);
}

#[test]
fn a_recorded_call_cannot_be_played_again() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    bench.register("ben", 2);
    let invite = bench.call(&Phone::new("anna", 1), "sip:ben@example.org");
    assert_eq!(bench.lines(2).len(), 1);
    bench.open(9);
    let replayed = String::from_utf8(invite).unwrap().replace("branch=z9hG4bK", "branch=z9hG4bKreplayed");
    bench.bytes(9, replayed.as_bytes());
    let answers = bench.written(9);
    assert_eq!(line(answers.last().unwrap()), "SIP/2.0 407 Proxy Authentication Required");
    assert!(bench.lines(2).is_empty());
}

#[test]
fn failing_storage_is_told_to_the_phone_and_to_the_operator() {
    for (failure, status) in [(StoreFailure::Full, "SIP/2.0 500 Storage failed"), (StoreFailure::Busy, "SIP/2.0 503 Service Unavailable")] {
        let mut bench = Bench::new(config());
        bench.open(1);
        let phone = Phone::new("anna", 1);
        bench.bytes(1, &phone.register(1, None));
        let challenge = bench.only(1);
        bench.failure = Some(failure.clone());
        bench.bytes(1, &phone.register(2, Some(&challenge)));
        assert_eq!(bench.lines(1), [status]);
        assert!(bench.events.contains(&ServerEvent::StorageFailed(failure)));
    }
}

#[test]
fn logins_waiting_for_storage_are_bounded() {
    let mut settings = config();
    settings.limits.logins = 5;
    let mut bench = Bench::new(settings);
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    bench.is_slow = true;
    for cseq in 2..22 {
        bench.bytes(1, &phone.register(cseq, Some(&challenge)));
    }
    assert_eq!(bench.asked.len(), 5);
    assert_eq!(bench.lines(1), vec!["SIP/2.0 503 Service Unavailable"; 15]);
}

#[test]
fn the_octets_of_logins_waiting_for_storage_are_bounded() {
    let mut settings = config();
    settings.limits.login_octets = 20_000;
    let mut bench = Bench::new(settings);
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.register(1, None));
    let challenge = bench.only(1);
    bench.is_slow = true;
    for cseq in 2..12 {
        let register = String::from_utf8(phone.register(cseq, Some(&challenge))).unwrap();
        let large = register.replacen("\r\n", &format!("\r\nX-Large: {}\r\n", "x".repeat(5_000)), 1);
        bench.bytes(1, large.as_bytes());
    }
    assert_eq!(bench.asked.len(), 4);
    bench.is_slow = false;
    std::mem::take(&mut bench.asked).into_iter().for_each(|request| bench.answer(request));
    bench.drain();
    let refused = |lines: Vec<String>| lines.iter().filter(|line| line.starts_with("SIP/2.0 503")).count();
    assert_eq!(refused(bench.lines(1)), 6);
    bench.bytes(1, &phone.register(12, Some(&challenge)));
    assert_eq!(refused(bench.lines(1)), 0, "room again");
}

#[test]
fn foreign_domains_cannot_be_registered_here() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let request = Phone::new("anna", 1).request(Method::Register, "sip:elsewhere.example", "sip:anna@elsewhere.example", 1, None);
    bench.bytes(1, &request.into_bytes());
    assert_eq!(bench.lines(1), ["SIP/2.0 403 Only users of this domain can register here"]);
}

/// A login with this password over a connection of its own from `address`; the status line that comes of it.
fn log_in(bench: &mut Bench, number: u64, address: &str, name: &str, password: &str) -> String {
    bench.open_from(number, &format!("{address}:40000"));
    let mut phone = Phone::new(name, number);
    phone.password = Secret::new(password);
    bench.bytes(number, &phone.register(1, None));
    let challenge = bench.only(number);
    bench.bytes(number, &phone.register(2, Some(&challenge)));
    let answer = bench.only(number);
    bench.close(number);
    if line(&answer) == LATER {
        let wait: u64 = header(&answer, HeaderName::RetryAfter)[0].parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
    }
    line(&answer)
}

const OK: &str = "SIP/2.0 200 OK";
const WRONG: &str = "SIP/2.0 401 Unauthorized";
const LATER: &str = "SIP/2.0 503 Service Unavailable";

#[test]
fn who_guesses_passwords_must_wait_and_others_need_not() {
    let mut bench = Bench::new(config());
    let mut number = 100;
    let mut log_in = |bench: &mut Bench, address: &str, name: &str, password: &str| {
        number += 1;
        log_in(bench, number, address, name, password)
    };
    for guess in 0..10 {
        assert_eq!(log_in(&mut bench, "203.0.113.5", "anna", &format!("guess{guess}")), WRONG);
    }
    assert_eq!(log_in(&mut bench, "203.0.113.5", "anna", "anna-secret"), LATER, "not even the right one is looked at");
    assert!(bench.events.iter().any(|event| matches!(event, ServerEvent::LoginDelayed { .. })));
    assert_eq!(log_in(&mut bench, "203.0.113.6", "anna", "anna-secret"), OK, "from elsewhere nothing has changed");
    assert_eq!(log_in(&mut bench, "203.0.113.5", "ben", "ben-secret"), OK, "somebody else there logs in");
    bench.pass(Duration::from_secs(30));
    assert_eq!(log_in(&mut bench, "203.0.113.5", "anna", "anna-secret"), OK, "after the wait it is looked at");
}

#[test]
fn guesses_sent_all_at_once_are_counted_like_one_after_the_other() {
    let mut settings = config();
    settings.limits.unproven_messages = 1000;
    let mut bench = Bench::new(settings);
    bench.open_from(100, "203.0.113.5:40000");
    let mut phone = Phone::new("anna", 100);
    bench.bytes(100, &phone.register(1, None));
    let challenge = bench.only(100);
    let guesses: Vec<Vec<u8>> = (0..300)
        .map(|guess| {
            phone.password = Secret::new(format!("guess{guess}"));
            phone.register(2 + guess, Some(&challenge))
        })
        .collect();
    phone.password = Secret::new("anna-secret");
    bench.bytes(100, &[guesses.concat(), phone.register(302, Some(&challenge))].concat());
    let answers = bench.lines(100);
    assert_eq!(answers.iter().filter(|line| *line == WRONG).count(), 10);
    assert_eq!(answers.iter().filter(|line| *line == LATER).count(), 291, "not even the right one is looked at");
}

#[test]
fn waiting_does_not_tell_who_exists() {
    let mut bench = Bench::new(config());
    let outcomes: Vec<Vec<String>> = [("anna", 1), ("nobody", 2)]
        .map(|(name, network)| (0..12).map(|n| log_in(&mut bench, 100 * network + n, &format!("203.0.113.{network}"), name, "x")).collect())
        .into();
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].iter().filter(|line| *line == LATER).count(), 2);
}

#[test]
fn an_address_that_tries_many_users_must_wait_and_those_who_live_there_need_not() {
    let mut bench = Bench::new(config());
    assert_eq!(log_in(&mut bench, 100, "[2001:db8::1]", "anna", "anna-secret"), OK);
    for guess in 0..30 {
        let address = format!("[2001:db8::{guess:x}]");
        assert_eq!(log_in(&mut bench, 200 + guess, &address, &format!("user{guess}"), "x"), WRONG);
    }
    bench.open_from(300, "[2001:db8::77]:40000");
    let phone = Phone::new("ben", 300);
    bench.bytes(300, &phone.register(1, None));
    let challenge = bench.only(300);
    bench.bytes(300, &phone.register(2, Some(&challenge)));
    assert_eq!(bench.lines(300), [LATER], "the /64 is one address");
    assert_eq!(log_in(&mut bench, 301, "[2001:db8::5]", "anna", "anna-secret"), OK, "anna has logged in from there before");
    assert_eq!(log_in(&mut bench, 302, "[2001:db8:0:1::5]", "ben", "ben-secret"), OK, "the next /64 is another");
}

#[test]
fn a_thousand_guessing_addresses_cannot_keep_a_user_out() {
    let mut bench = Bench::new(config());
    let mut looked_at = 0;
    for round in 0..3 {
        for host in 0..200 {
            let line = log_in(&mut bench, 1000 + 200 * round + host, &format!("203.0.113.{host}"), "anna", "guess");
            looked_at += usize::from(line == WRONG);
        }
    }
    assert_eq!(looked_at, 200, "each address once, then the account is slowed down for those that have failed");
    assert_eq!(log_in(&mut bench, 9000, "198.51.100.200", "anna", "anna-secret"), OK);
}

#[test]
fn a_phone_with_an_old_password_is_slowed_down_and_not_refused_for_good() {
    let mut bench = Bench::new(config());
    for attempt in 0..2000 {
        log_in(&mut bench, 1000 + attempt, "203.0.113.5", "anna", "old-password");
        bench.pass(Duration::from_secs(5));
    }
    bench.pass(Duration::from_secs(30));
    assert_eq!(log_in(&mut bench, 9000, "203.0.113.5", "anna", "anna-secret"), OK);
}
