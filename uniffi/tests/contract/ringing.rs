use std::time::Duration;

use cooee_uniffi::{
    Conditions, EndReason, Event, Introduction, Refused, RingCondition, RingLevel, RingLine, RingMend, RingProof, Status, WhoRings,
};

use crate::support::{Scene, wait};

fn line(status: &Status, condition: RingCondition) -> Option<(RingLevel, RingMend)> {
    status.ringing.iter().find(|line| line.condition == condition).map(|RingLine { level, mend, .. }| (*level, *mend))
}

#[test]
fn what_ringing_needs_is_in_the_status_with_what_mends_it() {
    let scene = Scene::new();
    let first = scene.until_status(|_| true);
    assert_eq!(line(&first, RingCondition::Account), Some((RingLevel::Unmet, RingMend::AddAccount)));
    assert!(!first.would_ring && line(&first, RingCondition::Notifications).is_none(), "{first:?}");
    let (account, _server) = scene.add_anna();
    let idle = scene.until_status(|status| status.accounts.iter().any(|it| it.id == account));
    assert_eq!(line(&idle, RingCondition::LoggedIn), Some((RingLevel::Unmet, RingMend::TakeCalls)));
    scene.phone.set_conditions(Conditions {
        may_notify: Some(false),
        may_stay_awake: Some(true),
        saving_power: true,
        ..Conditions::default()
    });
    let status = scene.until_status(|status| line(status, RingCondition::Notifications).is_some());
    let expected = [
        (RingCondition::Account, (RingLevel::Met, RingMend::Nothing)),
        (RingCondition::Notifications, (RingLevel::Unmet, RingMend::AllowNotifications)),
        (RingCondition::Background, (RingLevel::Met, RingMend::Nothing)),
        (RingCondition::Power, (RingLevel::Limited, RingMend::EndPowerSaving)),
        (RingCondition::Undisturbed, (RingLevel::Met, RingMend::Nothing)),
        (RingCondition::Strangers, (RingLevel::Met, RingMend::Nothing)),
    ];
    for (condition, wanted) in expected {
        assert_eq!(line(&status, condition), Some(wanted), "{condition:?}");
    }
    scene.phone.set_do_not_disturb(true).unwrap();
    let quiet = (RingLevel::Unmet, RingMend::EndDoNotDisturb);
    scene.until_status(|status| line(status, RingCondition::Undisturbed) == Some(quiet));
}

#[test]
fn somebody_unknown_asks_without_a_sound_and_is_accepted_or_refused() {
    let scene = Scene::new();
    let (_, server) = scene.add_anna();
    let _stream = server.call("sip:eve@evil.example", "Subject: The keys\r\n");
    let introduction = Introduction { domain: None, line: Some("The keys".into()) };
    let (call, silently) = scene.event(|event| match event {
        Event::IncomingCall { call, silently, .. } => Some((*call, *silently)),
        _ => None,
    });
    assert!(silently);
    assert!(scene.until_calls(|calls| !calls.is_empty())[0].request == Some(introduction.clone()));
    scene.phone.accept_request("eve@evil.example".into()).unwrap();
    scene.until_calls(|calls| calls.iter().any(|it| it.id == call && it.request.is_none()));
    scene.until_calls(|calls| calls.iter().any(|it| it.is_overdue));
    scene.phone.decline(call, true).unwrap();
    scene.until_calls(<[_]>::is_empty);
    assert_eq!(wait(scene.phone.requests()).unwrap(), [], "it was let through");
    scene.phone.refuse_request("eve@evil.example".into()).unwrap();
    assert_eq!(scene.phone.unblock("eve@evil.example".into()), Ok(()));
    assert_eq!(scene.phone.disallow("eve@evil.example".into()), Err(Refused::NotAllowed));
    assert_eq!(scene.phone.accept_request("two words".into()), Err(Refused::BadAddress));
}

#[test]
fn who_asked_in_vain_is_listed_until_something_is_said() {
    let scene = Scene::new();
    let (_, server) = scene.add_anna();
    let stream = server.call("sip:eve@evil.example", "Subject: The keys\r\n");
    scene.event(|event| matches!(event, Event::IncomingCall { .. }).then_some(()));
    server.give_up(&stream, "sip:eve@evil.example");
    scene.event(|event| matches!(event, Event::CallLogged { .. }).then_some(()));
    let requests = wait(scene.phone.requests()).unwrap();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((request.from.address.as_str(), request.times), ("sip:eve@evil.example", 1));
    assert!(request.introduction.line.as_deref() == Some("The keys"));
    scene.phone.refuse_request("eve@evil.example".into()).unwrap();
    assert_eq!(wait(scene.phone.requests()).unwrap(), []);
}

#[test]
fn whose_calls_ring_is_in_the_status() {
    let scene = Scene::new();
    assert_eq!(scene.until_status(|_| true).who_rings, WhoRings::OwnDomain);
    for who in [WhoRings::Everybody, WhoRings::Known] {
        scene.phone.set_who_rings(who).unwrap();
        scene.until_status(|status| status.who_rings == who);
    }
}

#[test]
fn a_test_of_ringing_without_a_server_that_answers_shows_nothing_and_says_why() {
    let scene = Scene::new();
    assert_eq!(scene.phone.test_ringing(Duration::ZERO, None), Err(Refused::NoSuchAccount));
    let (account, server) = scene.add_anna();
    scene.phone.test_ringing(Duration::from_secs(30), Some(account)).unwrap();
    let (line, stream) = server.first_line();
    assert_eq!(line, "INVITE sip:anna@example.org SIP/2.0\r\n");
    drop(stream);
    let test = scene.event(|event| if let Event::RingTested { test } = event { Some(test.clone()) } else { None });
    assert_eq!((test.account, test.proof, test.waited, test.took), (account, RingProof::Nothing, Duration::ZERO, None));
    assert_eq!(test.reason, Some(EndReason::ServerGone));
    assert_eq!(scene.phone.test_ringing(Duration::ZERO, Some(99)), Err(Refused::NoSuchAccount));
}
