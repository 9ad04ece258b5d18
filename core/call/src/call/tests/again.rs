use super::*;
use crate::{OfferRow, RedirectTrouble};
use cooee_sdp::{NegotiatedSecurity, Protocol};

fn placed_by(row: OfferRow) -> Bench {
    let now = start();
    let setup = CallSetup { row, ..setup(MediaPreferences::default()) };
    let mut bench = Bench { call: Call::outgoing(setup, now), now, wanted: Vec::new() };
    bench.act(|call, now| call.server_ready(now));
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.call.placed(Leg::Sip(LegId(1)));
    bench
}

fn offers(bench: &Bench) -> Vec<Description> {
    let offer = |command: &&LegCommand| match command {
        LegCommand::Place { offer } => Some(Description::parse(offer).unwrap()),
        _ => None,
    };
    bench.legs().iter().filter_map(offer).collect()
}

fn protocols(bench: &Bench) -> Vec<Protocol> {
    offers(bench).into_iter().map(|offer| offer.media[0].protocol.clone()).collect()
}

fn redirected(places: &[&str]) -> ua::LegEvent {
    let contacts = places.iter().map(|place| Pii((*place).to_owned())).collect();
    let ended = Ended { by: EndedBy::Peer, kind: EndKind::Redirected, status: Some(302), reason: None, cause: None, contacts };
    ua::LegEvent::Ended(ended)
}

/// The phone lets it go to where it was pointed.
fn follow(call: &mut Call, now: Now) {
    let row = OfferTable::row(TargetKind::ForeignDomain, Signalling::Plain, MediaProtection::Encrypted);
    call.redirected(row, CandidatePolicy::All, now);
}

#[test]
fn a_peer_that_cannot_take_an_offer_gets_the_next_one_once() {
    for status in [415, 488, 606] {
        let mut bench = placed_by(OfferTable::row(TargetKind::Trunk, Signalling::ToServer, MediaProtection::Encrypted));
        bench.leg(ended(EndKind::Rejected, Some(status)));
        bench.call.placed(Leg::Sip(LegId(2)));
        assert_eq!((bench.end(), protocols(&bench)), (None, vec![Protocol::DtlsSavpf, Protocol::RtpSavp]), "{status}");
        assert_eq!(bench.requests(), ["gather"], "the candidates serve again");
        bench.leg(ended(EndKind::Rejected, Some(status)));
        assert_eq!((bench.end().unwrap().id(), offers(&bench).len()), ("not-acceptable", 2));
    }
}

#[test]
fn nobody_is_offered_keys_that_another_has_seen() {
    let mut bench = placed_by(OfferTable::row(TargetKind::OwnDomain, Signalling::EveryHop, MediaProtection::BestEffort));
    bench.leg(redirected(&["sip:clara@example.org"]));
    let row = OfferTable::row(TargetKind::OwnDomain, Signalling::EveryHop, MediaProtection::BestEffort);
    bench.act(|call, now| call.redirected(row, CandidatePolicy::All, now));
    let offers = offers(&bench);
    let [first, second] = &offers[..] else { panic!("{} offers", offers.len()) };
    let keys = |offer: &Description| -> Vec<Vec<u8>> { offer.media[0].crypto.iter().map(|line| line.key_salt.clone()).collect() };
    assert!(!keys(first).is_empty() && keys(first).iter().all(|key| !keys(second).contains(key)));
}

#[test]
fn a_call_taken_at_the_second_offer_stays_as_it_was_agreed() {
    let mut bench = placed_by(OfferTable::row(TargetKind::Trunk, Signalling::ToServer, MediaProtection::Encrypted));
    bench.leg(ended(EndKind::Rejected, Some(488)));
    let theirs = LocalMedia { security: SecurityPolicy::SDES_ONLY, crypto: Crypto::fresh(&mut Entropy::for_test(4)), ..their_media(2) };
    let (answered, agreed) = answer(&offers(&bench)[1], &theirs, &Origin::anonymous(9)).unwrap();
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(answered.to_string().into_bytes()) });
    let NegotiatedSecurity::Sdes { ours, .. } = bench.started().security else { panic!("{:?}", bench.started()) };
    let NegotiatedSecurity::Sdes { theirs: known, .. } = agreed.security else { panic!("{agreed:?}") };
    assert_eq!(ours, known);
    bench.media(session(0, SessionEvent::Active));
    bench.act(Call::hold);
    let Some(LegCommand::Reoffer { offer, .. }) = bench.legs().last().copied() else { panic!("not held") };
    let held = Description::parse(offer).unwrap();
    assert_eq!((held.media[0].protocol.clone(), held.media[0].crypto.clone()), (Protocol::RtpSavp, vec![ours]));
}

#[test]
fn an_exchange_that_knows_no_feedback_is_offered_none_and_held_without() {
    let mut bench = placed_by(OfferTable::row(TargetKind::ForeignDomain, Signalling::ToServer, MediaProtection::Encrypted));
    bench.leg(ended(EndKind::Rejected, Some(488)));
    assert_eq!(protocols(&bench), [Protocol::DtlsSavpf, Protocol::DtlsSavp]);
    let answered = answer(&offers(&bench)[1], &their_media(2), &Origin::anonymous(9)).unwrap().0;
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(answered.to_string().into_bytes()) });
    bench.media(session(0, SessionEvent::Active));
    bench.act(Call::hold);
    let Some(LegCommand::Reoffer { offer, .. }) = bench.legs().last().copied() else { panic!("not held") };
    assert_eq!(Description::parse(offer).unwrap().media[0].protocol, Protocol::DtlsSavp);
}

#[test]
fn who_has_no_other_offer_and_who_lacks_a_codec_is_not_asked_again() {
    let mut bench = placed_by(OfferTable::row(TargetKind::ForeignDomain, Signalling::ToServer, MediaProtection::Plain));
    bench.leg(ended(EndKind::Rejected, Some(488)));
    assert_eq!((bench.end().unwrap().id(), offers(&bench).len()), ("not-acceptable", 1));
    let mut bench = Bench::placed();
    let words = Some("No Common Codec".to_owned());
    let Ended { by, kind, status, cause, contacts, .. } =
        Ended { by: EndedBy::Peer, kind: EndKind::Rejected, status: Some(488), reason: None, cause: None, contacts: Vec::new() };
    bench.leg(ua::LegEvent::Ended(Ended { by, kind, status, reason: words, cause, contacts }));
    assert_eq!((bench.end(), offers(&bench).len()), (Some(EndReason::NoCommonCodec), 1));
    let mut bench = Bench::placed();
    bench.leg(ended(EndKind::Rejected, Some(486)));
    assert_eq!((bench.end(), offers(&bench).len()), (Some(EndReason::Busy(Side::Peer)), 1));
}

#[test]
fn best_effort_is_one_plain_line_with_keys_and_is_held_in_the_same_profile() {
    let mut bench = placed_by(OfferTable::row(TargetKind::ForeignDomain, Signalling::ToServer, MediaProtection::BestEffort));
    let offered = bench.offer();
    assert_eq!((offered.media[0].protocol.clone(), offered.media[0].fingerprints.len()), (Protocol::RtpAvp, 1));
    assert!(offered.media[0].crypto.is_empty(), "keys do not travel over hops that nobody knows");
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    assert!(matches!(bench.started().security, NegotiatedSecurity::Dtls { .. }));
    bench.media(session(0, SessionEvent::Active));
    bench.act(Call::hold);
    let Some(LegCommand::Reoffer { offer, .. }) = bench.legs().last().copied() else { panic!("not held") };
    let held = Description::parse(offer).unwrap();
    assert_eq!((held.media[0].protocol.clone(), held.media[0].fingerprints.len()), (Protocol::RtpAvp, 1));
}

#[test]
fn a_pointer_is_followed_and_shown() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    bench.leg(redirected(&["sip:ben@example.net"]));
    let place = Pii("sip:ben@example.net".to_owned());
    assert!(bench.wanted.contains(&CallOutput::Redirected(place.clone())));
    assert_eq!((bench.call.state(), bench.sent_on()), (&CallState::Dialing, vec![place.0]));
    assert_eq!(bench.requests(), ["gather", "start 0", "drop 0"], "the early media of who pointed away is over");
    bench.act(follow);
    bench.call.placed(Leg::Sip(LegId(2)));
    let sdp = bench.answer(3);
    bench.leg(ua::LegEvent::Answered { dialog: fork("new"), sdp: Some(sdp) });
    assert_eq!(bench.call.snapshot().state, CallState::Connecting);
    assert_eq!(bench.call.snapshot().peer.address.reveal(), "sip:ben@example.org", "whom one dialled stays to be seen");
}

#[test]
fn a_pointer_that_leads_nowhere_ends_the_call_and_says_why() {
    for (places, trouble) in [
        (&["sip:ben@example.org"][..], RedirectTrouble::Loop),
        (&[], RedirectTrouble::Nowhere),
        (&["mailto:ben@example.org"], RedirectTrouble::Nowhere),
    ] {
        let mut bench = Bench::placed();
        bench.leg(redirected(places));
        assert_eq!(bench.end(), Some(EndReason::Redirected(trouble)));
    }
    let mut bench = Bench::placed();
    bench.leg(redirected(&["sips:ben@example.net"]));
    bench.act(|call, now| call.redirected_in_vain(RedirectTrouble::Nowhere, now));
    assert_eq!(bench.end(), Some(EndReason::Redirected(RedirectTrouble::Nowhere)));
}

#[test]
fn who_gives_up_between_two_places_is_obeyed() {
    let mut bench = Bench::placed();
    bench.leg(redirected(&["sip:ben@example.net"]));
    bench.act(Call::hang_up);
    assert_eq!(bench.end(), Some(EndReason::Cancelled(Side::Us)));
    bench.act(follow);
    assert_eq!(offers(&bench).len(), 1);
}

#[test]
fn where_one_place_refuses_the_next_is_called_and_the_last_refusal_is_the_end() {
    let mut bench = Bench::placed();
    bench.leg(redirected(&["sip:desk@example.net", "sip:desk@EXAMPLE.net", "mailto:ben@example.net", "sip:mobile@example.net"]));
    bench.act(follow);
    bench.leg(ua::LegEvent::Progress { dialog: fork("desk"), status: 180, sdp: None });
    bench.leg(ended(EndKind::Rejected, Some(480)));
    assert_eq!((bench.end(), bench.call.state()), (None, &CallState::Dialing));
    bench.act(follow);
    assert_eq!(bench.sent_on(), ["sip:desk@example.net", "sip:mobile@example.net"]);
    bench.leg(ended(EndKind::Rejected, Some(486)));
    assert_eq!((bench.end(), offers(&bench).len()), (Some(EndReason::Busy(Side::Peer)), 3));
}

#[test]
fn a_place_that_cannot_be_called_from_here_is_passed_over() {
    let mut bench = Bench::placed();
    bench.leg(redirected(&["sips:ben@example.net", "sip:ben@example.net"]));
    bench.act(|call, now| call.redirected_in_vain(RedirectTrouble::Nowhere, now));
    assert_eq!(bench.end(), None);
    assert!(bench.wanted.contains(&CallOutput::Redirected(Pii("sip:ben@example.net".to_owned()))));
}

#[test]
fn who_does_not_want_to_be_called_anywhere_is_called_nowhere_else() {
    let mut bench = Bench::placed();
    bench.leg(redirected(&["sip:desk@example.net", "sip:mobile@example.net"]));
    bench.act(follow);
    bench.leg(ended(EndKind::Rejected, Some(603)));
    assert_eq!(bench.end(), Some(EndReason::Declined(Side::Peer)));
}

#[test]
fn what_an_offer_tells_of_us_is_settled_anew_for_each_place() {
    let behind_nat = || {
        let mut local = transport(1);
        let address = SocketAddr::from(([203, 0, 113, 9], 7000));
        local.candidates.push(Candidate { address, kind: CandidateKind::ServerReflexive, priority: 1, ..local.candidates[0].clone() });
        local
    };
    let mut bench = Bench::outgoing();
    bench.act(|call, now| call.server_ready(now));
    bench.media(MediaEvent::Gathered(behind_nat()));
    bench.leg(redirected(&["sip:ben@example.net"]));
    let row = OfferTable::row(TargetKind::ForeignDomain, Signalling::ToServer, MediaProtection::Encrypted);
    bench.act(|call, now| call.redirected(row, CandidatePolicy::NoHost, now));
    let told: Vec<usize> = offers(&bench).iter().map(|offer| offer.media[0].candidates.len()).collect();
    assert_eq!(told, [2, 1]);
    assert_eq!(offers(&bench)[1].media[0].address, Some("203.0.113.9".parse().unwrap()));
}
