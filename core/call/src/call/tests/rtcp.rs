//! Peers that do not multiplex RTP and RTCP, with ICE.
use super::*;

/// What a side describes that has a second component.
fn with_rtcp(octet: u8) -> LocalTransport {
    let one = transport(octet);
    let address = SocketAddr::new(one.address.ip(), 4001);
    let second = one.candidates.iter().map(|candidate| Candidate { component: 2, address, ..candidate.clone() });
    LocalTransport { candidates: one.candidates.iter().cloned().chain(second).collect(), rtcp: Some(address), ..one }
}

fn without_mux(octet: u8) -> LocalMedia {
    let transport = with_rtcp(octet);
    LocalMedia { candidates: transport.candidates, rtcp: transport.rtcp, rtcp_mux: false, ..their_media(octet) }
}

fn components(description: &Description) -> (bool, Option<u16>, Vec<u8>) {
    let media = &description.media[0];
    (media.rtcp_mux, media.rtcp.map(|rtcp| rtcp.port()), media.candidates.iter().map(|candidate| candidate.component).collect())
}

fn reoffers(bench: &Bench) -> Vec<Description> {
    let offer = |command: &&LegCommand| if let LegCommand::Reoffer { offer, .. } = command { Some(offer.clone()) } else { None };
    bench.legs().iter().filter_map(offer).map(|offer| Description::parse(&offer).unwrap()).collect()
}

/// Called somebody who answers so; the second component is gathered.
fn answered(is_mismatch: bool) -> Bench {
    let mut bench = Bench::placed();
    assert_eq!(components(&bench.offer()), (true, None, vec![1]), "most peers multiplex");
    let (mut sdp, _) = answer(&bench.offer(), &without_mux(2), &Origin::anonymous(9)).unwrap();
    sdp.media[0].ice_mismatch = is_mismatch;
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp.to_string().into_bytes()) });
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0", "gather rtcp"]);
    assert!(reoffers(&bench).is_empty());
    bench.media(MediaEvent::Gathered(with_rtcp(1)));
    bench
}

fn reanswer(bench: &mut Bench) {
    let offer = reoffers(bench).pop().unwrap();
    let (sdp, _) = answer(&offer, &without_mux(2), &Origin::anonymous(9)).unwrap();
    bench.leg(ua::LegEvent::Reanswered { sdp: Some(sdp.to_string().into_bytes()) });
}

#[test]
fn who_answers_without_mux_is_offered_a_second_component_once() {
    for is_mismatch in [false, true] {
        let mut bench = answered(is_mismatch);
        assert!(bench.started().has_rtcp_component(), "with a mismatch, too: only our second component was missed");
        let offers = reoffers(&bench);
        assert_eq!(offers.iter().map(components).collect::<Vec<_>>(), [(false, Some(4001), vec![1, 2])]);
        assert_eq!(offers[0].media[0].ice, bench.offer().media[0].ice, "no restart");
        assert_eq!(offers[0].origin.session_version, bench.offer().origin.session_version + 1);
        reanswer(&mut bench);
        for event in [path(), secured(), SessionEvent::Active] {
            bench.media(session(0, event));
        }
        bench.act(Call::hold);
        assert_eq!(reoffers(&bench).last().map(components), Some((false, Some(4001), vec![1, 2])), "and it stays described");
        reanswer(&mut bench);
        assert_eq!((reoffers(&bench).len(), bench.call.snapshot().state), (2, CallState::Held(Side::Us)));
    }
}

#[test]
fn a_call_whose_second_component_is_refused_goes_on_and_can_be_held() {
    let mut bench = answered(false);
    bench.leg(ua::LegEvent::ReofferFailed { status: 488 });
    for event in [path(), secured(), SessionEvent::Active] {
        bench.media(session(0, event));
    }
    assert_eq!((bench.call.snapshot().state, reoffers(&bench).len()), (CallState::Active, 1));
    assert!(!bench.wanted.iter().any(|output| matches!(output, CallOutput::Failed { .. })), "nobody asked for anything");
    bench.act(Call::hold);
    assert_eq!((bench.call.snapshot().state, reoffers(&bench).len()), (CallState::Held(Side::Us), 2));
}

#[test]
fn the_second_component_waits_for_an_offer_of_the_peers() {
    let mut bench = answered(false);
    bench.leg(ua::LegEvent::ReofferFailed { status: 491 });
    assert_eq!(reoffers(&bench).len(), 1);
    bench.after(2);
    assert_eq!(reoffers(&bench).len(), 2);
    reanswer(&mut bench);
    bench.after(60);
    assert_eq!(reoffers(&bench).len(), 2);
}

#[test]
fn who_offers_without_mux_finds_a_second_component_in_the_answer() {
    for (theirs, asked, told) in [
        (without_mux(2), "gather both", (false, Some(4001), vec![1, 2])),
        (LocalMedia { rtcp: None, ..without_mux(2) }, "gather", (false, None, vec![1])),
        (LocalMedia { rtcp_mux: true, ..without_mux(2) }, "gather", (true, None, vec![1])),
        (LocalMedia { ice: None, ..without_mux(2) }, "gather", (false, None, vec![])),
    ] {
        let offered = offer(&theirs, &Origin::anonymous(9)).to_string().into_bytes();
        let mut bench = Bench::incoming(Some(&offered));
        assert_eq!(bench.requests(), [asked]);
        bench.media(MediaEvent::Gathered(if asked == "gather" { transport(1) } else { with_rtcp(1) }));
        bench.act(Call::answer);
        let sdp = bench
            .legs()
            .into_iter()
            .find_map(|command| if let LegCommand::Answer { description } = command { Some(description.clone()) } else { None });
        assert_eq!(components(&Description::parse(&sdp.unwrap()).unwrap()), told);
        assert_eq!(bench.started().has_rtcp_component(), asked == "gather both");
        assert!(reoffers(&bench).is_empty());
    }
}
