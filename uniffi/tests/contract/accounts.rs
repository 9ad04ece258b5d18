use cooee_uniffi::{
    AccountOptions, AccountState, Credentials, EndReason, Event, LoginTrouble, NewAccount, Phone, Refused, ServerTrust, Trouble,
};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::support::{Scene, anna, anna_at, config, wait};

#[test]
fn an_account_is_stored_with_its_secret_shown_and_forgotten_with_it() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    assert_eq!(scene.event(|event| if let Event::AccountAdded { account } = event { Some(*account) } else { None }), account);
    let status = scene.until_status(|status| status.accounts.iter().any(|it| it.state == AccountState::Connected));
    assert_eq!((status.accounts[0].id, status.accounts[0].address.as_str()), (account, "anna@example.org"));
    assert_eq!(status.accounts[0].display_name.as_deref(), Some("Anna"));
    let has_password = || scene.app.secrets.lock().unwrap().values().any(|secret| secret == "hunter2");
    assert!(has_password());
    assert_eq!(wait(scene.phone.add_account(anna())), Err(Refused::AccountExists));

    scene.phone.remove_account(account).unwrap();
    scene.event(|event| matches!(event, Event::AccountRemoved { .. }).then_some(()));
    scene.until_status(|status| status.accounts.is_empty());
    assert!(!has_password());
    assert_eq!(scene.phone.remove_account(account), Err(Refused::NoSuchAccount));
}

#[test]
fn what_is_no_account_or_not_yet_one_is_refused_at_once() {
    let scene = Scene::new();
    let with = |credentials| NewAccount { credentials, ..anna() };
    for credentials in
        [Credentials::Invite { link: "https://example.org/invite".into() }, Credentials::Guest { domain: "example.org".into() }]
    {
        assert_eq!(wait(scene.phone.add_account(with(credentials))), Err(Refused::NotYet));
    }
    for (key, certificates) in [("device", vec![]), ("../device", vec![vec![0x30]]), ("", vec![vec![0x30]])] {
        let credentials = Credentials::ClientKey { key: key.into(), certificates };
        assert_eq!(wait(scene.phone.add_account(with(credentials))), Err(Refused::BadKey), "{key}");
    }
    assert_eq!(wait(scene.phone.add_account(NewAccount { address: "nobody".into(), ..anna() })), Err(Refused::BadAddress));
    let mut pinned = anna_at(1);
    pinned.options.as_mut().unwrap().trust = Some(ServerTrust::Pin { sha256: vec![1; 31] });
    assert_eq!(wait(scene.phone.add_account(pinned)), Err(Refused::BadPin));
    let private = ServerTrust::Authority { sha256: vec![1; 31] };
    let private = NewAccount { options: Some(AccountOptions { trust: Some(private), ..anna_at(1).options.unwrap() }), ..anna() };
    assert_eq!(wait(scene.phone.add_account(private)), Err(Refused::BadPin));
    assert!(scene.until_status(|_| true).accounts.is_empty(), "none of them left anything behind");
}

#[test]
fn an_authority_that_was_compared_is_trusted_for_its_account_which_logs_in_anew() {
    let scene = Scene::new();
    let (account, server) = scene.add_anna();
    let before = server.accept();
    let shown = "0a".repeat(32);
    assert_eq!(wait(scene.phone.trust_authority(account, "0a".to_owned())), Err(Refused::BadPin));
    assert_eq!(wait(scene.phone.trust_authority(account + 1, shown.clone())), Err(Refused::NoSuchAccount));
    wait(scene.phone.trust_authority(account, shown)).unwrap();
    assert_ne!(server.accept().peer_addr().unwrap(), before.peer_addr().unwrap());
}

#[test]
fn a_secret_that_is_gone_means_sign_in_again() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    scene.event(|event| matches!(event, Event::AccountAdded { .. }).then_some(()));
    wait(scene.phone.shutdown());
    scene.app.secrets.lock().unwrap().clear();
    let again = Scene {
        phone: wait(Phone::start(config(&scene.folder), Arc::clone(&scene.app) as _)).unwrap(),
        app: Arc::clone(&scene.app),
        folder: crate::support::Folder::new(),
    };
    let (failed, trouble) = again.event(|event| match event {
        Event::AccountFailed { account, trouble } => Some((*account, *trouble)),
        _ => None,
    });
    assert_eq!((failed, trouble), (account, Trouble::NoSecret));
    let shown = again.until_status(|status| matches!(status.accounts[0].state, AccountState::Failed { .. }));
    let AccountState::Failed { trouble, .. } = &shown.accounts[0].state else { unreachable!() };
    assert_eq!(trouble.reason, EndReason::Login { trouble: LoginTrouble::PasswordLost });
    let hunter3 = Credentials::Password { password: "hunter3".into() };
    assert_eq!(wait(again.phone.sign_in(NewAccount { credentials: hunter3, ..anna() })), Ok(account), "the same account");
    let anew = again.until_status(|status| status.accounts[0].state == AccountState::Connected);
    assert_eq!(anew.accounts[0].attempts, shown.accounts[0].attempts + 1, "the state is of the new log-in");
    assert!(again.app.secrets.lock().unwrap().values().any(|secret| secret == "hunter3"));
    assert_eq!(wait(again.phone.change_password(account + 1, "x".into())), Err(Refused::NoSuchAccount));
}

#[test]
fn whoever_signs_in_just_after_signing_out_has_an_account() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    for left in account..account + 20 {
        scene.until_status(|status| status.accounts.iter().map(|it| it.id).eq([left]));
        scene.phone.remove_account(left).unwrap();
        assert_eq!(wait(scene.phone.sign_in(anna())), Ok(left + 1), "added anew");
    }
    scene.until_status(|status| status.accounts.iter().map(|it| it.id).eq([account + 20]));
}

#[test]
fn a_locked_key_store_fails_the_account_and_nothing_else() {
    let scene = Scene::new();
    scene.app.is_locked.store(true, Ordering::Relaxed);
    let account = wait(scene.phone.add_account(anna_at(1))).unwrap();
    let failed = scene.event(|event| match event {
        Event::AccountFailed { account, trouble } => Some((*account, *trouble)),
        _ => None,
    });
    assert_eq!(failed, (account, Trouble::Platform));
    assert_eq!(scene.phone.set_do_not_disturb(true), Ok(()));
}
