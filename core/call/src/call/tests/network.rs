//! The address that the sound goes over is gone.

use std::net::IpAddr;

use super::*;
use crate::{Advice, Fact, StorySide};

const OURS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 77));

fn networks(bench: &mut Bench, up: &[IpAddr], lost: &[IpAddr]) {
    bench.act(|call, now| call.handle_networks(up, lost, now));
}

#[test]
fn a_call_ends_for_its_network_s_sake_after_fifteen_seconds_without_it() {
    let mut bench = Bench::talking();
    networks(&mut bench, &[OTHER], &[OURS]);
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(14);
    assert_eq!((bench.call.snapshot().state, bench.end()), (CallState::Reconnecting, None));
    bench.after(1);
    assert_eq!(bench.end(), Some(EndReason::NetworkChanged));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::HangUp { status: Some(408), text: Some("Network Changed") }));
    bench.media(MediaEvent::Stopped { statistics: None });
    let story = &bench.log().unwrap().story;
    let verdict = story.verdict().unwrap();
    assert_eq!((verdict.fact.side(), verdict.advice), (StorySide::Yours, Advice::CallAgain));
    assert_eq!(verdict.fact, Fact::Ended(EndReason::NetworkChanged));
    assert!(story.steps().iter().any(|step| step.fact == Fact::NetworkLost));
}

#[test]
fn an_address_that_comes_back_in_time_leaves_the_call_to_its_media() {
    let mut bench = Bench::talking();
    networks(&mut bench, &[], &[OURS]);
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(14);
    networks(&mut bench, &[OURS], &[]);
    bench.media(session(0, path()));
    bench.after(100);
    assert_eq!(bench.call.snapshot().state, CallState::Active);
    networks(&mut bench, &[], &[OURS]);
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(14);
    assert_eq!(bench.end(), None, "each time counts from its own beginning");
}

#[test]
fn what_gets_through_over_an_address_that_is_said_to_be_gone_is_not_ended() {
    let mut bench = Bench::talking();
    networks(&mut bench, &[], &[OURS]);
    bench.after(100);
    assert_eq!((bench.call.snapshot().state, bench.call.next_wake().is_none()), (CallState::Active, true));
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(0);
    assert_eq!(bench.end(), Some(EndReason::NetworkChanged));
}

#[test]
fn without_ice_nothing_proves_that_anything_gets_through() {
    let (mut bench, _) = hold::talking_without_ice();
    networks(&mut bench, &[], &[OURS]);
    bench.after(15);
    assert_eq!(bench.end(), Some(EndReason::NetworkChanged));
}

#[test]
fn other_addresses_that_go_and_a_path_over_another_one_end_nothing() {
    let mut bench = Bench::talking();
    networks(&mut bench, &[OURS], &[OTHER]);
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(29);
    assert_eq!(bench.end(), None);
    bench.after(1);
    assert_eq!(bench.end(), Some(EndReason::PeerSilent));

    let mut bench = Bench::talking();
    networks(&mut bench, &[OTHER], &[OURS]);
    bench.media(session(0, SessionEvent::PathLost));
    let SessionEvent::Path(path) = path() else { unreachable!("it is one") };
    bench.media(session(0, SessionEvent::Path(Path { local: (OTHER, 4000).into(), ..path })));
    bench.after(100);
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}

#[test]
fn consent_that_expires_on_a_network_that_is_gone_is_the_network_s() {
    let mut bench = Bench::talking();
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(28);
    networks(&mut bench, &[], &[OURS]);
    bench.media(session(0, SessionEvent::Failed(MediaFailure::ConsentExpired)));
    assert_eq!(bench.end(), Some(EndReason::NetworkChanged));
}
