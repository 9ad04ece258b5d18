use std::sync::atomic::Ordering;

use cooee_uniffi::{AccountState, Conditions, EndReason, Event, NetworkAddress, Refused, Side, Trouble, WakeReason, Woken};

use crate::support::{Scene, anna, wait};

#[test]
fn names_are_asked_for_through_the_platform() {
    let scene = Scene::new();
    wait(scene.phone.add_account(anna())).unwrap();
    scene.until_status(|status| status.accounts.iter().any(|it| matches!(it.state, AccountState::Failed { .. })));
    assert!(scene.app.asked_names.load(Ordering::Relaxed) > 0);
}

#[test]
fn what_the_app_tells_of_networks_and_power_shows_in_the_status() {
    let scene = Scene::new();
    let network = |address: &str| NetworkAddress { interface: "wlan0".into(), address: address.into() };
    let networks = vec![network("192.0.2.7"), network("nonsense")];
    scene.phone.set_conditions(Conditions {
        networks: Some(networks),
        metered: true,
        roaming: true,
        saving_power: true,
        ..Conditions::default()
    });
    let shown = scene.until_status(|status| status.conditions.metered).conditions;
    assert_eq!(shown.networks, Some(vec![network("192.0.2.7")]));
    assert!(shown.roaming && shown.saving_power);
}

#[test]
fn calls_take_little_data_from_now_on() {
    let scene = Scene::new();
    scene.phone.set_low_data(true).unwrap();
    scene.until_status(|status| status.low_data);
    scene.phone.set_low_data(false).unwrap();
    scene.until_status(|status| !status.low_data);
}

#[test]
fn whoever_wakes_the_phone_hears_when_it_may_sleep_and_that_an_announced_call_rings() {
    let scene = Scene::new();
    for reason in [WakeReason::Alarm, WakeReason::Network, WakeReason::Boot] {
        assert_eq!(wait(scene.phone.wake(reason)), Ok(Woken::Done));
    }
    let account = wait(scene.phone.add_account(anna())).unwrap();
    let payload = b"From: \"Ben\" <sip:ben@example.net>\r\nTo: <sip:anna@example.org>\r\nCall-ID: 7\r\n".to_vec();
    scene.until_status(|status| status.accounts.iter().any(|it| it.state != AccountState::Stored));
    assert_eq!(wait(scene.phone.wake(WakeReason::Push { payload })), Ok(Woken::Ringing));
    let (call, called) = scene.event(|event| match event {
        Event::IncomingCall { call, account, .. } => Some((*call, *account)),
        _ => None,
    });
    assert_eq!(called, account);
    scene.phone.decline(call, false).unwrap();
    let reason = scene.event(|event| match event {
        Event::CallEnded { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(reason, EndReason::Declined { by: Side::Us });
    wait(scene.phone.shutdown());
    assert_eq!(wait(scene.phone.wake(WakeReason::Alarm)), Err(Refused::ShuttingDown));
}

#[test]
fn a_platform_that_hangs_holds_up_nobody_and_is_given_up_on() {
    let scene = Scene::new();
    scene.app.hangs.store(true, Ordering::Relaxed);
    let account = wait(scene.phone.add_account(anna())).unwrap();
    scene.phone.set_do_not_disturb(true).unwrap();
    scene.until_status(|status| status.do_not_disturb && status.accounts.len() == 1);
    let failed = scene.event(|event| match event {
        Event::AccountFailed { account, trouble } => Some((*account, *trouble)),
        _ => None,
    });
    assert_eq!(failed, (account, Trouble::Platform));
}
