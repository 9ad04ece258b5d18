use std::sync::Arc;
use std::time::Duration;

use cooee_uniffi::{Audio, CallAction, CallDirection, CallState, Config, EndReason, Event, Phone, Refused, Side, SystemCall};

use crate::support::{App, Folder, Scene, config, wait};

#[test]
fn a_call_is_shown_with_what_can_be_done_and_why_it_ended_is_told() {
    let scene = Scene::new();
    let (account, server) = scene.add_anna();
    let call = scene.phone.dial("ben@example.org".into(), Some(account), false).unwrap();
    let (line, _stream) = server.first_line();
    assert_eq!(line, "INVITE sip:ben@example.org SIP/2.0\r\n");
    let calls = scene.until_calls(|calls| !calls.is_empty());
    let shown = &calls[0];
    assert_eq!((shown.id, shown.account, shown.direction, shown.state), (call, account, CallDirection::Outgoing, CallState::Dialing));
    assert_eq!(shown.peer.address, "sip:ben@example.org");
    assert_eq!(shown.allowed, [CallAction::HangUp, CallAction::Mute]);
    assert!(shown.figures.is_none() && shown.security.is_none() && shown.answered.is_none() && !shown.begun.is_zero());
    scene.until_awake(true);

    scene.phone.mute(call, true).unwrap();
    let muted = scene.until_calls(|calls| calls.iter().any(|call| call.muted));
    assert_eq!(muted[0].allowed, [CallAction::HangUp, CallAction::Unmute]);
    for (refused, not_allowed) in [
        (scene.phone.answer(call, false), CallAction::Answer),
        (scene.phone.answer(call, true), CallAction::Answer),
        (scene.phone.decline(call, false), CallAction::Decline),
        (scene.phone.decline(call, true), CallAction::Decline),
        (scene.phone.hold(call), CallAction::Hold),
        (scene.phone.resume(call), CallAction::Resume),
        (scene.phone.digit(call, "1".into()), CallAction::Digit),
        (scene.phone.transfer(call, "cleo@example.org".into()), CallAction::Transfer),
        (scene.phone.follow_transfer(call), CallAction::FollowTransfer),
        (scene.phone.refuse_transfer(call), CallAction::RefuseTransfer),
    ] {
        assert_eq!(refused, Err(Refused::NotNow), "{not_allowed:?}");
    }
    for digit in ["", "12", "x"] {
        assert_eq!(scene.phone.digit(call, digit.into()), Err(Refused::NotADigit), "{digit:?}");
    }
    assert_eq!(scene.phone.transfer_to(call, call), Err(Refused::SameCall));
    assert_eq!(scene.phone.transfer_to(call, 7), Err(Refused::NoSuchCall));

    scene.phone.hang_up(call).unwrap();
    let (ended, reason, missed) = scene.event(|event| match event {
        Event::CallEnded { call, reason, missed, .. } => Some((*call, reason.clone(), *missed)),
        _ => None,
    });
    assert_eq!((ended, reason, missed), (call, EndReason::Cancelled { by: Side::Us }, false));
    scene.until_calls(<[_]>::is_empty);
}

#[test]
fn that_it_rings_over_there_is_heard_though_the_app_rings_here() {
    let folder = Folder::new();
    let heard = folder.0.join("heard.wav");
    let audio = Audio::Files { speak: None, record: Some(heard.to_str().unwrap().to_owned()) };
    let app = Arc::new(App::default());
    let phone = wait(Phone::start(Config { audio, ..config(&folder) }, Arc::clone(&app) as _)).unwrap();
    let scene = Scene { phone, app, folder: Folder::new() };
    let (account, server) = scene.add_anna();
    let call = scene.phone.dial("ben@example.org".into(), Some(account), false).unwrap();
    let _stream = server.ring();
    scene.until_calls(|calls| calls.iter().any(|call| call.state == CallState::Ringing));
    let loud = || {
        let recorded = std::fs::read(&heard).unwrap_or_default();
        recorded.chunks(2).skip(22).any(|sample| sample.try_into().is_ok_and(|sample| i16::from_le_bytes(sample).abs() > 1000))
    };
    wait(async {
        while !loud() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    scene.phone.hang_up(call).unwrap();
}

#[test]
fn a_call_that_is_not_there_is_refused_by_every_command() {
    let scene = Scene::new();
    let phone = &scene.phone;
    for refused in [
        phone.answer(7, false),
        phone.decline(7, false),
        phone.hang_up(7),
        phone.hold(7),
        phone.resume(7),
        phone.mute(7, true),
        phone.digit(7, "1".into()),
        phone.transfer(7, "cleo@example.org".into()),
        phone.transfer_to(7, 8),
        phone.follow_transfer(7),
        phone.refuse_transfer(7),
    ] {
        assert_eq!(refused, Err(Refused::NoSuchCall));
    }
    assert_eq!(phone.dial("ben@example.org".into(), None, false), Err(Refused::NoSuchAccount));
    let (account, _server) = scene.add_anna();
    assert_eq!(phone.dial(" ".into(), Some(account), false), Err(Refused::BadAddress));
    assert_eq!(phone.dial("ben@example.org".into(), Some(99), true), Err(Refused::NoSuchAccount));
}

#[test]
fn a_dial_of_which_no_call_comes_is_told() {
    let scene = Scene::new();
    let (_, _server) = scene.add_anna();
    let call = scene.phone.dial("not an address".into(), None, false).unwrap();
    let refused = scene.event(|event| match event {
        Event::DialRefused { call, reason } => Some((*call, reason.clone())),
        _ => None,
    });
    assert_eq!(refused, (call, EndReason::BadAddress));
}

#[test]
fn a_call_of_the_devices_own_has_the_floor_and_gives_it_back() {
    let scene = Scene::new();
    let (_, server) = scene.add_anna();
    for state in [SystemCall::Held, SystemCall::Busy, SystemCall::None] {
        scene.phone.system_call(state).unwrap();
        scene.phone.route_changed().unwrap();
    }
    scene.phone.system_call(SystemCall::Busy).unwrap();
    // It takes one of two places.
    let dialled = scene.phone.dial("ben@example.org".into(), None, false).unwrap();
    let _stream = server.call("sip:cleo@example.org", "");
    let (busy, reason) = scene.event(|event| match event {
        Event::CallEnded { call, reason, .. } => Some((*call, reason.clone())),
        _ => None,
    });
    assert!(busy != dialled, "who calls is told that somebody is spoken to");
    assert_eq!(reason, EndReason::Busy { who: Side::Us });
    wait(scene.phone.shutdown());
    assert_eq!(scene.phone.system_call(SystemCall::None), Err(Refused::ShuttingDown));
    assert_eq!(scene.phone.route_changed(), Err(Refused::ShuttingDown));
}
