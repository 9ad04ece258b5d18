use super::*;

fn dialled(is_stun_known: bool) -> Bench {
    let now = start();
    let setup = CallSetup { is_stun_known, ..setup(MediaPreferences::default()) };
    let mut bench = Bench { call: Call::outgoing(setup, now), now, wanted: Vec::new() };
    bench.drain();
    bench
}

fn asked(bench: &Bench) -> Option<Vec<SocketAddr>> {
    bench.wanted.iter().find_map(|output| match output {
        CallOutput::Media(MediaRequest::Gather { stun_servers, .. }) => Some(stun_servers.clone()),
        _ => None,
    })
}

#[test]
fn gathering_waits_for_the_stun_servers_to_be_known() {
    let mut bench = dialled(false);
    assert_eq!(asked(&bench), None);
    let server = SocketAddr::from(([192, 0, 2, 9], 3478));
    bench.act(|call, _| call.stun_known(&[server]));
    assert_eq!(asked(&bench), Some(vec![server]));
    bench.act(|call, _| call.stun_known(&[]));
    bench.after(5);
    assert_eq!(bench.requests(), ["gather"], "once");
}

#[test]
fn it_does_not_wait_for_long() {
    let mut bench = dialled(false);
    let wake = bench.call.next_wake().unwrap().at;
    assert_eq!(wake.saturating_duration_since(bench.now.instant), Duration::from_millis(500));
    bench.after(1);
    assert_eq!(asked(&bench), Some(Vec::new()));
    assert_eq!(asked(&dialled(true)), Some(Vec::new()));
}

#[test]
fn a_call_that_ends_before_it_gathers_is_over_at_once() {
    let mut bench = dialled(false);
    bench.act(Call::hang_up);
    assert!(bench.requests().is_empty() && bench.log().is_some());
    bench.after(1);
    assert!(bench.requests().is_empty() && bench.call.is_finished());
}

#[test]
fn a_server_that_is_there_and_says_nothing_is_silent() {
    let mut bench = Bench::outgoing();
    bench.act(|call, _| call.server_silent());
    bench.after(20);
    assert_eq!(bench.end(), Some(EndReason::Unreachable(NetworkTrouble::Silent)));
    let mut bench = Bench::outgoing();
    bench.act(|call, _| call.server_silent());
    bench.act(|call, _| call.server_lost());
    bench.after(20);
    assert_eq!(bench.end(), Some(EndReason::Unreachable(NetworkTrouble::Timeout)));
}

#[test]
fn calls_that_are_screened_are_refused_and_only_some_of_them_are_missed() {
    for (why, status, id, missed) in [
        (Screened::Busy, 486, "busy.us", true),
        (Screened::DoNotDisturb, 480, "do-not-disturb", true),
        (Screened::Blocked, 603, "blocked", false),
        (Screened::Anonymous, 433, "anonymous", false),
    ] {
        let call = Call::screened(setup(MediaPreferences::default()), Leg::Sip(LegId(4)), why, start());
        let mut bench = Bench { call, now: start(), wanted: Vec::new() };
        bench.drain();
        assert!(matches!(bench.legs()[..], [LegCommand::Reject { status: given, .. }] if *given == status), "{why:?}");
        let entry = bench.log().unwrap();
        assert_eq!((entry.reason.id(), entry.missed), (id, missed), "{why:?}");
        assert!(bench.requests().is_empty(), "nothing is gathered for it");
    }
}

#[test]
fn a_call_is_missed_only_if_nobody_of_ours_took_notice() {
    let missed = |act: fn(&mut Bench)| {
        let mut bench = Bench::incoming(Some(&their_offer()));
        act(&mut bench);
        bench.media(MediaEvent::Stopped { statistics: None });
        bench.log().unwrap().missed
    };
    assert!(missed(|bench| bench.leg(ended(EndKind::Cancelled, None))));
    assert!(missed(|bench| bench.after(120)));
    assert!(!missed(|bench| bench.leg(ended(EndKind::AnsweredElsewhere, None))));
    assert!(!missed(|bench| bench.act(Call::decline)));
    assert!(!missed(|bench| bench.act(Call::decline_busy)));
}
