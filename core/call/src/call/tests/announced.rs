use super::*;
use crate::{CallAction, Leg};

fn announced() -> Bench {
    let now = start();
    Bench { call: Call::announced(setup(MediaPreferences::default()), now), now, wanted: Vec::new() }
}

/// The call itself comes, with another name of who calls.
fn arrives(bench: &mut Bench) {
    let peer = Peer { address: Pii("sip:ben@example.org".into()), display_name: Some(Pii("Ben".into())) };
    let theirs = offer(&their_media(2), &Origin::anonymous(7)).to_string().into_bytes();
    let announced = std::mem::replace(&mut bench.call, Call::announced(setup(MediaPreferences::default()), bench.now));
    let setup = CallSetup { peer, ..setup(MediaPreferences::default()) };
    bench.call = announced.arrives(setup, Leg::Sip(LegId(1)), IncomingOffer::Theirs(&theirs), bench.now);
}

fn drained(bench: &mut Bench) -> Vec<CallOutput> {
    std::iter::from_fn(|| bench.call.poll_output()).collect()
}

#[test]
fn an_announced_call_rings_and_says_nothing_to_anybody_until_it_is_there() {
    let mut bench = announced();
    assert!(bench.call.rings_here() && *bench.call.state() == CallState::Announced);
    assert_eq!(bench.call.allowed(), [CallAction::Answer, CallAction::Decline, CallAction::Mute]);
    bench.call.mute(true, bench.now);
    assert!(
        drained(&mut bench).iter().all(|output| !matches!(output, CallOutput::Leg(_) | CallOutput::Media(MediaRequest::Gather { .. })))
    );
    bench.now = bench.now.after(Duration::from_secs(3));
    arrives(&mut bench);
    assert_eq!(*bench.call.state(), CallState::Ringing);
    let call = bench.call.snapshot();
    assert_eq!((call.peer.display_name, call.muted), (Some(Pii("Ben".into())), true));
    assert_eq!(call.timeline.between(Milestone::Begun, Milestone::Ringing), Some(Duration::ZERO), "it rings since it was announced");
    assert!(drained(&mut bench).contains(&CallOutput::Leg(LegCommand::Ring { offer: None })));
}

#[test]
fn one_that_was_taken_before_is_taken_when_it_comes() {
    let mut bench = announced();
    bench.call.answer(bench.now);
    assert_eq!(*bench.call.state(), CallState::Connecting);
    bench.now = bench.now.after(Duration::from_secs(2));
    arrives(&mut bench);
    bench.call.handle_media(MediaEvent::Gathered(transport(1)), bench.now);
    assert!(drained(&mut bench).iter().any(|output| matches!(output, CallOutput::Leg(LegCommand::Answer { .. }))));
}

#[test]
fn one_that_never_comes_is_missed_after_its_time_taken_or_not() {
    for is_taken in [false, true] {
        let mut bench = announced();
        if is_taken {
            bench.call.answer(bench.now);
        }
        bench.call.handle_timeout(bench.now.after(CallTimes::default().permission));
        let wake = bench.call.next_wake().unwrap();
        assert_eq!(wake.at - bench.now.instant, CallTimes::default().announced);
        bench.now = bench.now.after(wake.at - bench.now.instant);
        bench.call.handle_timeout(bench.now);
        let outputs = drained(&mut bench);
        assert!(outputs.iter().all(|output| !matches!(output, CallOutput::Leg(_))));
        let entry = outputs.iter().find_map(|output| if let CallOutput::Log(entry) = output { Some(entry) } else { None }).unwrap();
        assert_eq!((entry.reason.clone(), entry.missed), (EndReason::NotArrived, true));
    }
}
