use std::time::Duration;

use super::bench::*;
use crate::feature::LONGEST_WAIT;

/// Anna calls this user, after so many seconds.
fn call(user: &str, seconds: &str) -> Vec<u8> {
    request("INVITE", &format!("sip:{user}@example.org"), "TLS", "q1", ("a", ""), &format!("Cooee-Ring-Later: {seconds}\r\n"))
}

#[test]
fn who_calls_their_own_address_may_let_it_ring_later_and_nobody_else_waits() {
    let mut bench = Bench::new();
    bench.give(tls(1), &call("Anna", "30"));
    assert_eq!(bench.lines(tls(1)), ["SIP/2.0 100 Trying", "SIP/2.0 182 Queued"]);
    bench.bindings.insert("sip:Anna@example.org".into(), bench.bindings["sip:anna@example.org"].clone());
    bench.pass(Duration::from_secs(29));
    assert!(bench.lines(tls(1)).is_empty());
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.lines(tls(1)), ["INVITE sip:anna@10.0.0.1:5070 SIP/2.0"]);
    for (user, seconds) in [("ben", "30"), ("anna", "soon"), ("anna", "")] {
        let mut bench = Bench::new();
        bench.give(tls(1), &call(user, seconds));
        let sent: Vec<String> = (1..=3).flat_map(|number| bench.lines(tls(number))).collect();
        assert!(sent.iter().any(|line| line.starts_with("INVITE ")), "{user} {seconds}: {sent:?}");
    }
}

#[test]
fn a_call_that_waits_can_be_given_up_and_its_caller_may_go_and_none_waits_for_long() {
    for ends_by_cancel in [true, false] {
        let mut bench = Bench::new();
        bench.give(tls(1), &call("anna", "99999"));
        bench.lines(tls(1));
        if ends_by_cancel {
            let cancel = String::from_utf8(call("anna", "")).unwrap().replace("INVITE", "CANCEL");
            bench.give(tls(1), cancel.as_bytes());
            assert_eq!(bench.lines(tls(1)), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
        } else {
            bench.proxy.flow_closed(tls(1).id, bench.now);
            bench.drain();
        }
        bench.pass(LONGEST_WAIT * 2);
        assert!(bench.lines(tls(1)).iter().all(|line| !line.starts_with("INVITE ")));
        assert!(bench.proxy.is_empty());
    }
    let mut bench = Bench::new();
    bench.give(tls(1), &call("anna", "99999"));
    bench.lines(tls(1));
    bench.pass(LONGEST_WAIT + Duration::from_secs(1));
    assert_eq!(bench.lines(tls(1))[0], "INVITE sip:anna@10.0.0.1:5070 SIP/2.0");
}
