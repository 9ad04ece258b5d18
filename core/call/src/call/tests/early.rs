//! Before the answer: hold, digits, and offers of ours to who calls without one.

use super::*;
use crate::CallAction;

/// A call that one place has answered early, with keys.
fn announced() -> Bench {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    bench.media(session(0, secured()));
    bench
}

fn can(bench: &Bench, action: CallAction) -> bool {
    bench.call.snapshot().allowed.contains(&action)
}

/// The last offer to a place that has not answered the call.
fn offered(bench: &Bench) -> Description {
    let Some(LegCommand::Reoffer { fork: Some(_), offer }) = bench.legs().last().copied() else { panic!("{:?}", bench.legs().last()) };
    Description::parse(offer).unwrap()
}

fn agreed(bench: &Bench, direction: Direction) -> Option<Vec<u8>> {
    let media = LocalMedia { direction, ..their_media(2) };
    Some(answer(&offered(bench), &media, &Origin::anonymous(9)).unwrap().0.to_string().into_bytes())
}

#[test]
fn digits_reach_a_menu_that_speaks_before_it_answers() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    assert!(!can(&bench, CallAction::Digit), "nothing can be sent yet");
    bench.media(session(0, secured()));
    bench.act(|call, now| call.digit('5', now));
    assert_eq!(bench.requests().last().unwrap(), "digit 5");
}

#[test]
fn a_call_that_is_heard_before_the_answer_is_held_and_taken_back_by_update() {
    let mut bench = announced();
    bench.act(Call::hold);
    assert_eq!(offered(&bench).media[0].direction, Direction::SendOnly);
    assert_eq!(bench.requests().iter().rev().take(2).rev().collect::<Vec<_>>(), ["mute true", "update 0 sendonly"]);
    assert!(bench.call.snapshot().held.by_us && !can(&bench, CallAction::Digit));
    let sdp = agreed(&bench, Direction::RecvOnly);
    bench.leg(ua::LegEvent::EarlyReanswered { dialog: fork("ben"), sdp });
    let offers = bench.legs().len();
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: None });
    assert_eq!(bench.legs().len(), offers, "it knows already");
    bench.media(session(0, SessionEvent::Active));
    assert_eq!(bench.call.state(), &CallState::Held(Side::Us));
    bench.act(Call::resume);
    let Some(LegCommand::Reoffer { fork: None, offer }) = bench.legs().last().copied() else { panic!("not taken back") };
    assert_eq!(Description::parse(offer).unwrap().origin.session_version, offered_version(&bench, 0) + 2);
}

/// The version of our first offer, and so many more.
fn offered_version(bench: &Bench, more: u64) -> u64 {
    bench.offer().origin.session_version + more
}

#[test]
fn who_cannot_be_told_before_the_answer_is_told_after_it() {
    for (asked, status) in [(true, 405), (false, 491)] {
        let mut bench = announced();
        bench.act(Call::hold);
        let first = bench.offer();
        if asked {
            bench.leg(ua::LegEvent::EarlyReofferFailed { dialog: fork("ben"), status });
            bench.act(Call::resume);
            bench.act(Call::hold);
            assert!(!bench.legs().iter().rev().take(1).any(|command| matches!(command, LegCommand::Reoffer { fork: None, .. })));
        }
        bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: None });
        if !asked {
            assert!(matches!(bench.legs().last(), Some(LegCommand::Reoffer { fork: Some(_), .. })), "one at a time");
            bench.leg(ua::LegEvent::EarlyReofferFailed { dialog: fork("ben"), status });
        }
        let Some(LegCommand::Reoffer { fork: None, offer }) = bench.legs().last().copied() else { panic!("{:?}", bench.legs().last()) };
        let offer = Description::parse(offer).unwrap();
        assert!(offer.media[0].direction == Direction::SendOnly && offer.origin.session_version > first.origin.session_version);
    }
}

#[test]
fn a_further_place_that_is_heard_while_the_call_is_held_is_silent_from_the_start() {
    let mut bench = announced();
    bench.act(Call::hold);
    let sdp = bench.answer(3);
    bench.leg(ua::LegEvent::Progress { dialog: fork("mobile"), status: 183, sdp: Some(sdp) });
    let starts = bench.wanted.iter().rev().find_map(|output| match output {
        CallOutput::Media(MediaRequest::Start { negotiated, .. }) => Some(negotiated.direction),
        _ => None,
    });
    assert_eq!(starts, Some(Direction::SendOnly));
    assert!(matches!(bench.legs().last(), Some(LegCommand::Reoffer { fork: Some(dialog), .. }) if *dialog == fork("mobile")));
}

/// Somebody calls without an offer and wants ours before the answer; our candidates are known.
fn wanted_early() -> (Bench, Description) {
    let now = start();
    let call = Call::incoming(setup(MediaPreferences::default()), Leg::Sip(LegId(1)), IncomingOffer::OursEarly, now);
    let mut bench = Bench { call, now, wanted: Vec::new() };
    bench.drain();
    assert!(bench.legs().is_empty(), "nothing to say yet");
    bench.media(MediaEvent::Gathered(transport(1)));
    let Some(LegCommand::Ring { offer: Some(offer) }) = bench.legs().last().copied() else { panic!("{:?}", bench.legs()) };
    let offer = Description::parse(offer).unwrap();
    (bench, offer)
}

fn their_answer(offer: &Description) -> Vec<u8> {
    answer(offer, &their_media(2), &Origin::anonymous(9)).unwrap().0.to_string().into_bytes()
}

#[test]
fn what_is_agreed_before_a_person_has_taken_the_call_is_silent_until_then() {
    let (mut bench, offer) = wanted_early();
    bench.leg(ua::LegEvent::EarlyAnswered { sdp: their_answer(&offer) });
    assert_eq!(bench.requests(), ["gather", "start 0"]);
    assert_eq!(bench.started().direction, Direction::Inactive, "neither heard nor said");
    for event in [path(), secured(), SessionEvent::Active] {
        bench.media(session(0, event));
    }
    assert_eq!(bench.call.state(), &CallState::Ringing);
    bench.act(Call::answer);
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0", "update 0 sendrecv"]);
    assert!(matches!(bench.legs().last(), Some(LegCommand::Answer { .. })));
    assert_eq!(bench.call.state(), &CallState::Connecting, "that nothing flowed is no proof");
    bench.media(session(0, SessionEvent::Active));
    assert_eq!(bench.call.state(), &CallState::Active);
}

#[test]
fn a_caller_may_offer_again_while_it_rings_and_is_still_not_heard() {
    let (mut bench, offer) = wanted_early();
    bench.leg(ua::LegEvent::EarlyAnswered { sdp: their_answer(&offer) });
    bench.leg(ua::LegEvent::EarlyReoffer { dialog: fork("caller"), sdp: reoffer(Direction::SendRecv, 7) });
    let Some(LegCommand::AcceptReoffer { fork: Some(_), description }) = bench.legs().last().copied() else { panic!("refused") };
    assert_eq!(Description::parse(description).unwrap().media[0].direction, Direction::SendRecv);
    assert_eq!(bench.updated().direction, Direction::Inactive);
}

#[test]
fn who_takes_the_call_before_the_offer_is_answered_speaks_as_soon_as_it_is() {
    let (mut bench, offer) = wanted_early();
    bench.act(Call::answer);
    assert!(matches!(bench.legs().last(), Some(LegCommand::Answer { .. })));
    bench.leg(ua::LegEvent::EarlyAnswered { sdp: their_answer(&offer) });
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0"]);
    assert_eq!(bench.started().direction, Direction::SendRecv);
}
