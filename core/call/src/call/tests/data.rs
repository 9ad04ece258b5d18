use super::hold::{agree, last_description, reoffers};
use super::*;

const PACKET: Option<Duration> = Some(Duration::from_millis(60));

/// The most that is sent by Opus, and whether silence is left out.
fn bounds(negotiated: &Negotiated) -> (Option<u32>, bool, Option<Duration>) {
    let opus = negotiated.codec.opus_parameters().unwrap();
    (opus.max_average_bitrate, opus.dtx, negotiated.peer_ptime)
}

fn low_data() -> Bench {
    let now = start();
    let media = MediaPreferences { low_data: true, codecs: vec![Codec::pcma(), Codec::opus()], ..MediaPreferences::default() };
    let mut bench = Bench { call: Call::outgoing(setup(media), now), now, wanted: Vec::new() };
    bench.drain();
    bench.act(|call, now| call.server_ready(now));
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.call.placed(Leg::Sip(LegId(1)));
    bench
}

#[test]
fn where_data_is_dear_little_is_asked_for_and_little_sent_whatever_the_peer_wishes() {
    let mut bench = low_data();
    let offered = &bench.offer().media[0];
    assert_eq!((offered.bandwidth.total, offered.bandwidth.payload, offered.bandwidth.packets), (Some(20), Some(12_000), Some(17)));
    assert_eq!((offered.ptime, offered.codecs[0].name.as_str()), (PACKET, "opus"));
    let asked = offered.codecs[0].opus_parameters().unwrap();
    assert_eq!((asked.max_average_bitrate, asked.dtx, asked.in_band_fec, asked.ptime), (Some(12_000), true, true, PACKET));
    // Their answer asks for packets of 20 ms, and sets no bound.
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    assert_eq!(bounds(&bench.started()), (Some(12_000), true, PACKET));
}

#[test]
fn a_peer_that_knows_only_g711_is_at_least_sent_long_packets() {
    let mut bench = low_data();
    let theirs = LocalMedia { codecs: vec![Codec::pcma()], ..their_media(2) };
    let sdp = answer(&bench.offer(), &theirs, &Origin::anonymous(9)).unwrap().0.to_string().into_bytes();
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    assert_eq!((bench.started().codec.name.as_str(), bench.started().peer_ptime), ("PCMA", PACKET));
}

#[test]
fn in_a_call_it_holds_at_once_the_peer_is_asked_and_it_can_be_taken_back() {
    let mut bench = Bench::talking();
    let before = bounds(&bench.started());
    bench.act(|call, _| call.set_low_data(true));
    assert_eq!(bounds(&bench.updated()), (Some(12_000), true, PACKET), "before they have agreed");
    assert_eq!(last_description(&bench).media[0].bandwidth.total, Some(20));
    agree(&mut bench, Direction::SendRecv);
    bench.act(|call, _| call.set_low_data(true));
    assert_eq!((reoffers(&bench), bench.call.snapshot().state), (1, CallState::Active));
    bench.act(|call, _| call.set_low_data(false));
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(bounds(&bench.updated()), before);
    assert_eq!((reoffers(&bench), last_description(&bench).media[0].bandwidth.total), (2, None));
}

#[test]
fn a_peer_that_refuses_to_send_less_is_not_asked_again_and_the_call_goes_on() {
    let mut bench = Bench::talking();
    bench.act(|call, _| call.set_low_data(true));
    bench.leg(ua::LegEvent::ReofferFailed { status: 488 });
    assert_eq!((reoffers(&bench), bench.call.snapshot().state), (1, CallState::Active));
    assert!(!bench.wanted.iter().any(|output| matches!(output, CallOutput::Failed { .. })), "nobody asked for anything that failed");
    assert_eq!(bounds(&bench.updated()).0, Some(12_000), "we keep to it");
    bench.act(Call::hold);
    agree(&mut bench, Direction::SendRecv);
    assert_eq!(reoffers(&bench), 2);
    assert_eq!(last_description(&bench).media[0].bandwidth.total, Some(20), "what is described next says it all the same");
}
