use cooee_sip::{Framing, HeaderName, Message, Method};

use crate::bench::*;

fn both() -> Bench {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    bench.register("ben", 2);
    bench
}

/// The dialog's route as the caller has it, from a 200.
fn routes(ok: &[u8]) -> Vec<String> {
    let message = Message::parse(ok, Framing::Stream).unwrap();
    let mut routes: Vec<String> = message.record_routes().map(|route| format!("<{}>", route.uri())).collect();
    routes.reverse();
    routes
}

pub(crate) fn in_dialog(phone: &Phone, method: Method<'_>, uri: &str, cseq: u32, ok: &[u8]) -> Vec<u8> {
    let message = Message::parse(ok, Framing::Stream).unwrap();
    let text = phone.request(method, uri, "sip:ben@example.org", cseq, None);
    let text = routes(ok).iter().fold(text, |request, route| request.header(HeaderName::Route, route)).into_bytes();
    let text = String::from_utf8(text).unwrap();
    let call_id = text.lines().find(|line| line.starts_with("Call-ID: ")).unwrap().to_owned();
    text.replace("To: <sip:ben@example.org>", &format!("To: <sip:ben@example.org>;tag={}", message.to().tag().unwrap()))
        .replace(&call_id, &format!("Call-ID: {}", message.call_id()))
        .into_bytes()
}

#[test]
fn a_call_is_made_and_ended() {
    let mut bench = both();
    let anna = Phone::new("anna", 1);
    bench.call(&anna, "sip:ben@example.org");
    assert_eq!(bench.lines(1), ["SIP/2.0 100 Trying"]);
    let invite = bench.only(2);
    assert!(header(&invite, HeaderName::ProxyAuthorization).is_empty(), "credentials go no further than here");
    bench.reply(2, &invite, 180, "ben");
    bench.reply(2, &invite, 200, "ben");
    let answers = bench.written(1);
    assert_eq!(answers.iter().map(|answer| line(answer)).collect::<Vec<_>>(), ["SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]);
    let ok = &answers[1];
    bench.bytes(1, &in_dialog(&anna, Method::Ack, "sip:ben@10.0.0.2", 2, ok));
    assert_eq!(bench.lines(2), ["ACK sip:ben@10.0.0.2 SIP/2.0"]);
    bench.bytes(1, &in_dialog(&anna, Method::Bye, "sip:ben@10.0.0.2", 3, ok));
    let bye = bench.only(2);
    assert_eq!(line(&bye), "BYE sip:ben@10.0.0.2 SIP/2.0");
    bench.reply(2, &bye, 200, "ben");
    assert_eq!(bench.lines(1), ["SIP/2.0 200 OK"]);
}

#[test]
fn an_anonymous_caller_is_reached_within_the_call() {
    let mut bench = both();
    let anna = Phone::new("anna", 1);
    bench.bytes(1, &anna.invite("sip:ben@example.org", 1, None));
    let challenge = bench.only(1);
    let invite = String::from_utf8(anna.invite("sip:ben@example.org", 2, Some(&challenge))).unwrap();
    bench.bytes(1, invite.replace("From: <sip:anna@example.org>", "From: <sip:anonymous@anonymous.invalid>").as_bytes());
    let invite = bench.only(2);
    bench.reply(2, &invite, 200, "ben");
    let ok = bench.written(1).pop().unwrap();
    bench.bytes(1, &in_dialog(&anna, Method::Ack, "sip:ben@10.0.0.2", 2, &ok));
    bench.written(2);
    let routes = header(&invite, HeaderName::RecordRoute);
    let bye = Phone::new("ben", 2).request(Method::Bye, "sip:anna@10.0.0.1", "sip:anonymous@anonymous.invalid", 1, None);
    let bye = routes.iter().fold(bye, |bye, route| bye.header(HeaderName::Route, route)).into_bytes();
    let bye = String::from_utf8(bye).unwrap().replace("tag=t2", "tag=ben").replace("anonymous.invalid>", "anonymous.invalid>;tag=t1");
    bench.bytes(2, bye.replace("Call-ID: BYE-ben-2", &format!("Call-ID: {}", header(&invite, HeaderName::CallId)[0])).as_bytes());
    assert_eq!(bench.lines(1), ["BYE sip:anna@10.0.0.1 SIP/2.0"]);
}

#[test]
fn a_call_goes_on_after_both_phones_and_the_server_have_been_away() {
    let mut bench = both();
    let anna = Phone::new("anna", 1);
    bench.call(&anna, "sip:ben@example.org");
    let invite = bench.only(2);
    bench.reply(2, &invite, 200, "ben");
    let ok = bench.written(1).pop().unwrap();
    let mut settings = config();
    settings.epoch = 12;
    let mut bench = Bench::above(settings, bench.store, bench.now);
    bench.open(1);
    bench.bytes(1, &in_dialog(&anna, Method::Info, "sip:ben@10.0.0.2", 3, &ok));
    assert_eq!(bench.lines(1), ["SIP/2.0 480 No device is connected"], "his connection of before is gone, whatever its number");
    let mut again = Phone::new("ben", 2);
    again.number = 2;
    bench.open(2);
    bench.bytes(2, &again.register(11, None));
    let challenge = bench.only(2);
    bench.bytes(2, &again.register(12, Some(&challenge)));
    assert_eq!(bench.lines(2), ["SIP/2.0 200 OK"]);
    bench.bytes(1, &in_dialog(&anna, Method::Bye, "sip:ben@10.0.0.2", 4, &ok));
    assert_eq!(bench.lines(2), ["BYE sip:ben@10.0.0.2 SIP/2.0"]);
}

#[test]
fn a_phone_on_udp_is_found_again_after_a_restart_of_the_server() {
    let mut bench = Bench::new(config());
    bench.register("anna", 1);
    let mut ben = Phone::new("ben", 7);
    ben.transport = "UDP";
    let remote = "198.51.100.7:5070";
    bench.datagram(0, remote, &ben.register(1, None));
    let challenge = bench.sent(remote).remove(0);
    bench.datagram(0, remote, &ben.register(2, Some(&challenge)));
    assert_eq!(bench.sent(remote).len(), 1);
    let mut settings = config();
    settings.epoch = 12;
    let mut bench = Bench::above(settings, bench.store, bench.now);
    bench.open(1);
    bench.call(&Phone::new("anna", 1), "sip:ben@example.org");
    assert_eq!(bench.sent(remote).iter().map(|sent| line(sent)).collect::<Vec<_>>(), ["INVITE sip:ben@10.0.0.7;transport=tls SIP/2.0"]);
}

#[test]
fn strangers_are_turned_away_unless_the_operator_lets_them_in() {
    let mut bench = both();
    bench.open(9);
    let stranger = String::from_utf8(Phone::new("eve", 9).invite("sip:ben@example.org", 1, None)).unwrap();
    let stranger = stranger.replace("sip:eve@example.org", "sip:eve@elsewhere.example");
    bench.bytes(9, stranger.as_bytes());
    assert_eq!(bench.lines(9), ["SIP/2.0 403 Calls from other domains are not taken here"]);
    let mut settings = config();
    settings.open_to_strangers = true;
    let mut bench = Bench::new(settings);
    bench.register("ben", 2);
    bench.open(9);
    bench.bytes(9, stranger.as_bytes());
    assert_eq!(bench.lines(2).len(), 1);
    let ours = Phone::new("anna", 9).invite("sip:ben@example.org", 2, None);
    bench.bytes(9, &ours);
    assert_eq!(bench.lines(9).last().map(String::as_str), Some("SIP/2.0 407 Proxy Authentication Required"), "but not as one of us");
}

#[test]
fn nobody_is_relayed_to_elsewhere() {
    let mut bench = both();
    bench.bytes(1, &Phone::new("anna", 1).invite("sip:carl@elsewhere.example", 1, None));
    assert_eq!(bench.lines(1), ["SIP/2.0 403 No relaying: only users of this domain can be called"]);
}

#[test]
fn the_server_answers_for_itself_without_state() {
    let mut bench = Bench::new(config());
    bench.open(1);
    let phone = Phone::new("anna", 1);
    bench.bytes(1, &phone.request(Method::Options, "sip:example.org", "sip:example.org", 1, None).into_bytes());
    let ok = bench.only(1);
    assert_eq!(line(&ok), "SIP/2.0 200 OK");
    assert!(header(&ok, HeaderName::Allow).contains(&"INVITE".to_owned()));
    bench.bytes(1, &phone.request(Method::Message, "sip:example.org", "sip:example.org", 2, None).into_bytes());
    bench.bytes(1, &phone.request(Method::Ack, "sip:example.org", "sip:example.org", 2, None).into_bytes());
    assert_eq!(bench.lines(1), ["SIP/2.0 404 Not Found"]);
    assert_eq!(bench.server.requests(), 0);
}

#[test]
fn a_cancel_right_behind_its_invite_waits_for_nobody() {
    let mut bench = both();
    let anna = Phone::new("anna", 1);
    bench.bytes(1, &anna.invite("sip:ben@example.org", 1, None));
    let challenge = bench.only(1);
    bench.is_slow = true;
    let invite = anna.invite("sip:ben@example.org", 2, Some(&challenge));
    let cancel =
        String::from_utf8(anna.request(Method::Cancel, "sip:ben@example.org", "sip:ben@example.org", 2, None).into_bytes()).unwrap();
    let cancel = cancel.replace("anna12CANCEL", "anna12INVITE").replace("Call-ID: CANCEL", "Call-ID: INVITE");
    bench.bytes(1, &[invite, cancel.into_bytes()].concat());
    assert_eq!(bench.lines(1), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    bench.is_slow = false;
    for request in std::mem::take(&mut bench.asked) {
        bench.answer(request);
        bench.drain();
    }
    assert!(bench.lines(2).is_empty());
}
