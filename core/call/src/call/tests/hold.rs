use super::*;
use crate::{CallAction, Held};

/// The description in the last command of ours that has one.
pub(super) fn last_description(bench: &Bench) -> Description {
    let octets = bench.legs().into_iter().rev().find_map(|command| match command {
        LegCommand::Reoffer { offer, .. } => Some(offer),
        LegCommand::AcceptReoffer { description, .. } => Some(description),
        _ => None,
    });
    Description::parse(octets.unwrap()).unwrap()
}

pub(super) fn reoffers(bench: &Bench) -> usize {
    bench.legs().iter().filter(|command| matches!(command, LegCommand::Reoffer { .. })).count()
}

/// The peer answers our last offer, willing to do this.
pub(super) fn agree(bench: &mut Bench, willing: Direction) {
    let media = LocalMedia { direction: willing, ..their_media(2) };
    let sdp = answer(&last_description(bench), &media, &Origin::anonymous(9)).unwrap().0.to_string().into_bytes();
    bench.leg(ua::LegEvent::Reanswered { sdp: Some(sdp) });
}

fn held(bench: &Bench) -> (CallState, Held) {
    let snapshot = bench.call.snapshot();
    (snapshot.state, snapshot.held)
}

const US: Held = Held { by_us: true, by_peer: false };
const PEER: Held = Held { by_us: false, by_peer: true };
const BOTH: Held = Held { by_us: true, by_peer: true };
const NOBODY: Held = Held { by_us: false, by_peer: false };

#[test]
fn a_held_call_is_silent_at_once_and_the_peer_is_told() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    assert_eq!(held(&bench), (CallState::Held(Side::Us), US));
    assert_eq!(bench.requests()[3..], ["mute true", "update 0 sendonly"]);
    assert_eq!(last_description(&bench).media[0].direction, Direction::SendOnly);
    agree(&mut bench, Direction::SendRecv);
    bench.act(Call::resume);
    assert_eq!(last_description(&bench).media[0].direction, Direction::SendRecv);
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(held(&bench), (CallState::Active, NOBODY));
    assert_eq!(bench.requests()[5..], ["mute false", "update 0 sendrecv"]);
    assert_eq!(reoffers(&bench), 2);
}

#[test]
fn muting_outlives_a_hold() {
    let mut bench = Bench::talking();
    bench.act(|call, now| call.mute(true, now));
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    bench.act(Call::resume);
    agree(&mut bench, Direction::SendRecv);
    let mutes: Vec<String> = bench.requests().into_iter().filter(|request| request.starts_with("mute")).collect();
    assert_eq!((mutes, bench.call.snapshot().muted), (vec!["mute true".to_owned()], true));
    bench.act(|call, now| call.mute(false, now));
    assert_eq!(bench.requests().last().unwrap(), "mute false");
}

#[test]
fn both_may_hold_and_either_may_take_back_first() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendOnly, 2)) });
    assert_eq!(held(&bench), (CallState::Held(Side::Us), BOTH));
    assert_eq!(last_description(&bench).media[0].direction, Direction::Inactive);
    bench.act(Call::resume);
    assert_eq!(last_description(&bench).media[0].direction, Direction::SendRecv);
    agree(&mut bench, Direction::SendOnly);
    assert_eq!(held(&bench), (CallState::Held(Side::Peer), PEER));
    bench.act(Call::hold);
    assert_eq!(last_description(&bench).media[0].direction, Direction::Inactive);
    agree(&mut bench, Direction::Inactive);
    assert_eq!(held(&bench), (CallState::Held(Side::Us), BOTH), "an inactive answer to an inactive offer tells nothing new");
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 2)) });
    assert_eq!(held(&bench), (CallState::Held(Side::Us), US));
    bench.act(Call::resume);
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(held(&bench), (CallState::Active, NOBODY));
}

/// A call with a peer that does not speak ICE, and what that peer describes.
pub(super) fn talking_without_ice() -> (Bench, LocalMedia) {
    let mut bench = Bench::placed();
    let without_ice = LocalMedia { ice: None, ..their_media(2) };
    let (answered, _) = answer(&bench.offer(), &without_ice, &Origin::anonymous(9)).unwrap();
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(answered.to_string().into_bytes()) });
    bench.media(session(0, path()));
    bench.media(session(0, SessionEvent::Active));
    (bench, without_ice)
}

#[test]
fn who_is_on_hold_without_ice_may_be_silent_for_as_long_as_it_takes() {
    let (mut bench, _) = talking_without_ice();
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(3600);
    assert_eq!(held(&bench), (CallState::Held(Side::Us), US));
    bench.act(Call::resume);
    agree(&mut bench, Direction::SendRecv);
    bench.media(session(0, SessionEvent::PathLost));
    assert_eq!(bench.call.snapshot().state, CallState::Reconnecting, "who is spoken to may not");
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    bench.media(session(0, SessionEvent::PathLost));
    assert_eq!(bench.call.snapshot().state, CallState::Reconnecting, "ICE goes on during a hold");
}

#[test]
fn a_peer_whose_media_says_good_bye_on_hold_is_still_there() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    bench.media(session(0, SessionEvent::Closed));
    bench.after(3600);
    assert_eq!(held(&bench), (CallState::Held(Side::Us), US));
    bench.act(Call::resume);
    agree(&mut bench, Direction::SendRecv);
    bench.media(session(0, SessionEvent::Reopened));
    bench.media(session(0, SessionEvent::Closed));
    bench.after(5);
    assert_eq!(bench.end(), Some(EndReason::HungUp(Side::Peer)), "who is spoken to and says good-bye is not");
}

#[test]
fn a_peer_without_ice_holds_by_naming_no_address_and_is_still_where_it_was() {
    let (mut bench, without_ice) = talking_without_ice();
    let describe = |address: &str, port: u16| {
        let media = LocalMedia { address: SocketAddr::new(address.parse().unwrap(), port), ..without_ice.clone() };
        Some(offer(&media, &Origin::anonymous(9).next_version()).to_string().into_bytes())
    };
    bench.leg(ua::LegEvent::Reoffer { sdp: describe("0.0.0.0", 4000) });
    assert_eq!(held(&bench), (CallState::Held(Side::Peer), PEER));
    assert_eq!(bench.updated().remote_address, Some(without_ice.address));
    assert_eq!(bench.updated().direction, Direction::RecvOnly, "what it plays is heard");
    bench.leg(ua::LegEvent::Reoffer { sdp: describe("192.0.2.77", 4100) });
    assert_eq!(held(&bench), (CallState::Active, NOBODY));
    assert_eq!(bench.updated().remote_address, Some("192.0.2.77:4100".parse().unwrap()), "it may move");
}

#[test]
fn another_codec_may_be_agreed_on_in_mid_call() {
    let mut bench = Bench::talking();
    let media = LocalMedia { codecs: vec![Codec::pcma()], ..their_media(2) };
    let sdp = offer(&media, &Origin::anonymous(9).next_version()).to_string().into_bytes();
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(sdp) });
    assert_eq!((bench.updated().codec.name.as_str(), bench.call.snapshot().codec.unwrap().name.as_str()), ("PCMA", "PCMA"));
}

#[test]
fn an_offer_that_meets_the_peers_is_made_again_and_not_for_ever() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    for _ in 0..5 {
        bench.leg(ua::LegEvent::ReofferFailed { status: 491 });
        let before = reoffers(&bench);
        bench.after(1);
        assert_eq!(reoffers(&bench), before + 1);
    }
    assert_eq!(reoffers(&bench), 6);
    bench.leg(ua::LegEvent::ReofferFailed { status: 491 });
    bench.after(60);
    assert_eq!(reoffers(&bench), 6);
    assert!(bench.wanted.contains(&CallOutput::Failed { action: CallAction::Hold, status: Some(491) }));
}

#[test]
fn an_answer_of_ours_that_says_all_leaves_nothing_to_offer_again() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    bench.leg(ua::LegEvent::ReofferFailed { status: 491 });
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 2)) });
    assert_eq!(last_description(&bench).media[0].direction, Direction::SendOnly);
    bench.after(1);
    assert_eq!((reoffers(&bench), held(&bench)), (1, (CallState::Held(Side::Us), US)));
}

#[test]
fn a_peer_that_refuses_to_be_held_is_held_here_alone_and_one_that_does_not_come_back_stays_held() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    bench.leg(ua::LegEvent::ReofferFailed { status: 488 });
    assert!(bench.wanted.contains(&CallOutput::Failed { action: CallAction::Hold, status: Some(488) }));
    assert_eq!((held(&bench), bench.updated().direction), ((CallState::Held(Side::Us), US), Direction::SendOnly));
    bench.act(Call::resume);
    bench.leg(ua::LegEvent::ReofferFailed { status: 500 });
    assert!(bench.wanted.contains(&CallOutput::Failed { action: CallAction::Resume, status: Some(500) }));
    assert_eq!(held(&bench), (CallState::Held(Side::Us), US));
    bench.act(Call::resume);
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(held(&bench), (CallState::Active, NOBODY));
}

#[test]
fn who_changes_their_mind_while_the_offer_is_under_way_is_obeyed_afterwards() {
    let mut bench = Bench::talking();
    bench.act(Call::hold);
    bench.act(Call::resume);
    bench.act(Call::hold);
    bench.act(Call::resume);
    assert_eq!(reoffers(&bench), 1, "one at a time");
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(reoffers(&bench), 2);
    agree(&mut bench, Direction::SendRecv);
    assert_eq!((reoffers(&bench), held(&bench)), (2, (CallState::Active, NOBODY)));
}

#[test]
fn what_can_be_done_with_a_call_follows_its_state() {
    use CallAction::{Answer, Decline, Digit, HangUp, Hold, Mute, Resume, Transfer, Unmute};
    let allowed = |bench: &Bench| bench.call.snapshot().allowed;
    assert_eq!(allowed(&Bench::placed()), [HangUp, Mute]);
    assert_eq!(allowed(&Bench::incoming(Some(&their_offer()))), [Answer, Decline, Mute]);
    let mut bench = Bench::talking();
    assert_eq!(allowed(&bench), [HangUp, Hold, Mute, Digit, Transfer]);
    bench.act(|call, now| call.mute(true, now));
    bench.act(Call::hold);
    assert_eq!(allowed(&bench), [HangUp, Resume, Unmute, Transfer]);
    bench.act(Call::hang_up);
    assert_eq!(allowed(&bench), []);
}

#[test]
fn a_call_that_is_not_answered_cannot_be_held() {
    let mut bench = Bench::placed();
    bench.act(Call::hold);
    assert_eq!((held(&bench), reoffers(&bench)), ((CallState::Dialing, NOBODY), 0));
}

#[test]
fn early_media_may_be_agreed_on_anew_before_the_answer() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    bench.leg(ua::LegEvent::EarlyReoffer { dialog: fork("ben"), sdp: reoffer(Direction::SendOnly, 2) });
    assert_eq!(last_description(&bench).media[0].direction, Direction::RecvOnly);
    assert_eq!(bench.requests().last().unwrap(), "update 0 recvonly");
    bench.leg(ua::LegEvent::EarlyReoffer { dialog: fork("nobody"), sdp: reoffer(Direction::SendOnly, 2) });
    assert_eq!(bench.legs().last(), Some(&&LegCommand::RejectReoffer { fork: Some(fork("nobody")), status: 488 }));
}
