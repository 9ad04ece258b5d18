use super::*;
use crate::{CallAction, TransferProgress, TransferTarget};
use ua::TransferEvent;

fn to_carl() -> TransferTarget {
    TransferTarget::Address(Pii("sip:carl@example.org".into()))
}

fn told(bench: &Bench) -> Vec<TransferProgress> {
    let progress = |output: &CallOutput| if let CallOutput::Transfer(progress) = output { Some(*progress) } else { None };
    bench.wanted.iter().filter_map(progress).collect()
}

fn asks(bench: &Bench) -> usize {
    bench.legs().iter().filter(|command| matches!(command, LegCommand::Transfer { .. })).count()
}

/// The peer agrees to our last offer.
fn agree(bench: &mut Bench) {
    let offer =
        bench.legs().into_iter().rev().find_map(|command| if let LegCommand::Reoffer { offer, .. } = command { Some(offer) } else { None });
    let offer = Description::parse(offer.unwrap()).unwrap();
    let sdp = answer(&offer, &their_media(2), &Origin::anonymous(9)).unwrap().0.to_string().into_bytes();
    bench.leg(ua::LegEvent::Reanswered { sdp: Some(sdp) });
}

fn transferring() -> Bench {
    let mut bench = Bench::talking();
    bench.act(|call, now| call.transfer(to_carl(), now));
    agree(&mut bench);
    bench
}

#[test]
fn the_peer_is_asked_once_it_is_held_and_the_call_ends_when_the_others_speak() {
    let mut bench = Bench::talking();
    bench.act(|call, now| call.transfer(to_carl(), now));
    assert_eq!((bench.call.snapshot().state, asks(&bench)), (CallState::Held(Side::Us), 0));
    agree(&mut bench);
    assert_eq!(asks(&bench), 1);
    for event in [TransferEvent::Accepted, TransferEvent::Progress(180), TransferEvent::Progress(180), TransferEvent::Succeeded] {
        bench.leg(ua::LegEvent::Transfer(event));
    }
    use TransferProgress::{Asked, Succeeded, Trying};
    assert_eq!(told(&bench), [Asked, Trying(100), Trying(180), Succeeded]);
    assert_eq!(bench.end(), Some(EndReason::Transferred));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::HangUp { status: None, text: None }));
}

#[test]
fn a_transfer_that_fails_gives_the_call_back() {
    let mut bench = transferring();
    bench.leg(ua::LegEvent::Transfer(TransferEvent::Accepted));
    bench.leg(ua::LegEvent::Transfer(TransferEvent::Failed(486)));
    agree(&mut bench);
    let snapshot = bench.call.snapshot();
    assert_eq!((snapshot.state, snapshot.transfer), (CallState::Active, Some(TransferProgress::Failed(486))));
    assert!(snapshot.allowed.contains(&CallAction::Transfer), "one may try again");
    bench.leg(ua::LegEvent::Transfer(TransferEvent::Succeeded));
    assert_eq!(bench.end(), None, "what comes after the end of it means nothing");
}

#[test]
fn a_call_that_was_held_before_stays_held() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    agree(&mut bench);
    bench.act(|call, now| call.transfer(to_carl(), now));
    assert_eq!(asks(&bench), 1, "there is nothing to wait for");
    bench.leg(ua::LegEvent::Transfer(TransferEvent::Failed(603)));
    assert_eq!(bench.call.snapshot().state, CallState::Held(Side::Us));
}

#[test]
fn a_peer_that_does_not_want_to_be_held_is_asked_all_the_same() {
    let mut bench = Bench::talking();
    bench.act(|call, now| call.transfer(to_carl(), now));
    bench.leg(ua::LegEvent::ReofferFailed { status: 488 });
    assert_eq!(asks(&bench), 1);
}

#[test]
fn one_transfer_at_a_time_and_only_of_a_call_that_is_up() {
    let mut bench = transferring();
    bench.act(|call, now| call.transfer(to_carl(), now));
    let refused = CallOutput::Failed { action: CallAction::Transfer, status: None };
    assert!(bench.wanted.contains(&refused) && asks(&bench) == 1);
    let mut bench = Bench::placed();
    bench.act(|call, now| call.transfer(to_carl(), now));
    assert!(bench.wanted.contains(&refused) && asks(&bench) == 0);
}

#[test]
fn a_peer_that_leaves_as_soon_as_it_was_asked_has_been_handed_over() {
    let mut bench = transferring();
    bench.leg(ua::LegEvent::Transfer(TransferEvent::Accepted));
    bench.leg(ended(EndKind::HungUp, None));
    assert_eq!(bench.end(), Some(EndReason::Transferred));
    let mut bench = transferring();
    bench.leg(ended(EndKind::HungUp, None));
    assert_eq!(bench.end(), Some(EndReason::HungUp(Side::Peer)), "it had not agreed");
    let mut bench = Bench::talking();
    bench.act(|call, _| call.join(true));
    bench.leg(ended(EndKind::HungUp, None));
    assert_eq!(bench.end(), Some(EndReason::Transferred));
}

#[test]
fn only_who_is_spoken_to_may_ask_for_a_transfer() {
    let ask = || ua::LegEvent::TransferAsked { target: Pii("sip:carl@example.org".into()), replaces: None, referred_by: None };
    let asked = |bench: &Bench| bench.wanted.iter().any(|output| matches!(output, CallOutput::TransferAsked { .. }));
    let mut bench = Bench::talking();
    bench.leg(ask());
    assert!(asked(&bench));
    bench.act(|call, _| drop(call.accept_transfer()));
    bench.act(|call, _| call.notify_transfer(180));
    assert_eq!(bench.legs()[1..], [&LegCommand::AcceptTransfer, &LegCommand::NotifyTransfer { status: 180 }]);
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    bench.leg(ask());
    assert!(!asked(&bench), "on hold one does not call for ears again");
    assert_eq!(bench.legs().last(), Some(&&LegCommand::RejectTransfer { status: 603 }));
    let mut bench = Bench::incoming(Some(&their_offer()));
    bench.leg(ask());
    assert!(!asked(&bench));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::RejectTransfer { status: 603 }));
}

#[test]
fn a_call_that_steps_aside_is_silent_and_does_not_trouble_its_peer() {
    let mut bench = Bench::talking();
    let before = bench.legs().len();
    bench.act(|call, _| call.step_aside());
    assert_eq!((bench.legs().len(), bench.updated().direction), (before, Direction::SendOnly));
    assert_eq!(bench.requests().last().unwrap(), "update 0 sendonly");
    bench.act(Call::resume);
    agree(&mut bench);
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}
