//! Several places answer one offer, and each may go on differently before the call is answered.

use super::*;

fn early(bench: &mut Bench, name: &str, octet: u8) {
    let sdp = bench.answer(octet);
    bench.leg(ua::LegEvent::Progress { dialog: fork(name), status: 183, sdp: Some(sdp) });
}

/// The one at this address offers another description.
fn update(bench: &mut Bench, name: &str, media: &LocalMedia) {
    let sdp = offer(media, &Origin::anonymous(9).next_version()).to_string().into_bytes();
    bench.leg(ua::LegEvent::EarlyReoffer { dialog: fork(name), sdp });
}

/// What we answered to the last of such offers, and to whom.
fn answered(bench: &Bench) -> (String, Description) {
    match bench.legs().last() {
        Some(LegCommand::AcceptReoffer { fork: Some(fork), description }) => {
            (fork.remote_tag.clone(), Description::parse(description).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

fn pcma(octet: u8) -> LocalMedia {
    LocalMedia { codecs: vec![Codec::new(8, "PCMA", 8000, 1)], direction: Direction::SendOnly, ..their_media(octet) }
}

#[test]
fn what_one_fork_agrees_on_anew_is_not_what_another_answers() {
    let mut bench = Bench::placed();
    early(&mut bench, "desk", 2);
    update(&mut bench, "desk", &pcma(2));
    assert_eq!(answered(&bench).0, "desk");
    early(&mut bench, "mobile", 3);
    let sdp = bench.answer(3);
    bench.leg(ua::LegEvent::Answered { dialog: fork("mobile"), sdp: Some(sdp) });
    assert_eq!(bench.end(), None);
    assert_eq!(bench.requests(), ["gather", "start 0", "update 0 recvonly", "start 1", "keep 1", "drop 0"]);
    assert_eq!(bench.call.snapshot().codec.unwrap().name, "opus");
}

#[test]
fn every_fork_knows_versions_and_ice_credentials_of_its_own() {
    let mut bench = Bench::placed();
    early(&mut bench, "desk", 2);
    early(&mut bench, "mobile", 3);
    // Another address, user fragment and password: ICE begins anew, there alone.
    update(&mut bench, "desk", &their_media(5));
    let (whom, desk) = answered(&bench);
    let first = bench.offer();
    assert_eq!((whom.as_str(), desk.origin.session_version), ("desk", first.origin.session_version + 1));
    assert_ne!(desk.media[0].ice, first.media[0].ice);
    update(&mut bench, "mobile", &LocalMedia { direction: Direction::SendOnly, ..their_media(3) });
    let (whom, mobile) = answered(&bench);
    assert_eq!((whom.as_str(), mobile.origin.session_version), ("mobile", first.origin.session_version + 1));
    assert_eq!(mobile.media[0].ice, first.media[0].ice);
    // The winner's own is what the call goes on with.
    bench.leg(ua::LegEvent::Answered { dialog: fork("mobile"), sdp: None });
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 3)) });
    let Some(LegCommand::AcceptReoffer { fork: None, description }) = bench.legs().last().copied() else { panic!("no answer") };
    let later = Description::parse(description).unwrap();
    assert_eq!((later.origin.session_version, &later.media[0].ice), (first.origin.session_version + 2, &first.media[0].ice));
}

#[test]
fn an_offer_of_a_fork_that_is_not_there_is_refused_to_that_fork() {
    let mut bench = Bench::placed();
    early(&mut bench, "desk", 2);
    update(&mut bench, "car", &their_media(4));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::RejectReoffer { fork: Some(fork("car")), status: 488 }));
}

#[test]
fn ever_different_early_answers_begin_no_media_without_end_and_the_final_one_counts() {
    let mut bench = Bench::placed();
    for round in 0..100 {
        for name in ["desk", "mobile"] {
            let sdp = bench.answer(2 + round);
            bench.leg(ua::LegEvent::Progress { dialog: fork(name), status: 183, sdp: Some(sdp) });
        }
    }
    let begun = |bench: &Bench| bench.requests().iter().filter(|request| request.starts_with("start")).count();
    assert_eq!(begun(&bench), 32);
    let sdp = bench.answer(200);
    bench.leg(ua::LegEvent::Answered { dialog: fork("desk"), sdp: Some(sdp) });
    assert_eq!((begun(&bench), bench.requests().last().map(String::as_str)), (33, Some("drop 31")), "what the call was answered with");
}
