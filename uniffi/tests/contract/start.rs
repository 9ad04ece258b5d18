use std::sync::Arc;
use std::sync::atomic::Ordering;

use cooee_uniffi::{Audio, Config, Dns, Phone, Refused, StartError};

use crate::support::{App, Folder, Scene, anna, config, wait};

fn fails(config: Config) -> StartError {
    wait(Phone::start(config, Arc::new(App::default()))).err().expect("it must not start")
}

#[test]
fn what_cannot_start_says_why_and_leaves_nothing_running() {
    let folder = Folder::new();
    assert_eq!(fails(Config { region: Some("Atlantis".into()), ..config(&folder) }), StartError::BadRegion);
    assert_eq!(
        fails(Config { dns: Some(Dns::Servers { servers: vec!["no server".into()] }), ..config(&folder) }),
        StartError::BadDnsServer
    );
    let audio = Audio::Files { speak: Some("/nonexistent.wav".into()), record: None };
    assert!(matches!(fails(Config { audio, ..config(&folder) }), StartError::Sound { .. }));
    std::fs::write(folder.0.join("file"), "").unwrap();
    let data_dir = folder.0.join("file/below").to_str().unwrap().to_owned();
    assert!(matches!(fails(Config { data_dir, ..config(&folder) }), StartError::Storage { .. }));
    let locked = App::default();
    locked.is_locked.store(true, Ordering::Relaxed);
    assert!(matches!(wait(Phone::start(config(&folder), Arc::new(locked))).err(), Some(StartError::Platform { .. })));
}

#[test]
fn a_phone_that_has_ended_says_so_everywhere_and_may_be_ended_again() {
    let scene = Scene::new();
    let phone = &scene.phone;
    let (status, calls, people) = (phone.status(), phone.calls(), phone.people());
    assert!(wait(status.next()).is_some() && wait(calls.next()).is_some() && wait(people.next()).is_some());
    let (account, _server) = scene.add_anna();
    wait(phone.shutdown());
    wait(phone.shutdown());
    wait(async {
        while status.next().await.is_some() {}
        while calls.next().await.is_some() {}
        while people.next().await.is_some() {}
        while phone.next_event().await.unwrap().is_some() {}
    });
    assert!(wait(phone.status().next()).is_some_and(|status| status.accounts.len() == 1), "a new stream shows the last state once");
    assert_eq!(wait(phone.add_account(anna())), Err(Refused::ShuttingDown));
    assert_eq!(phone.remove_account(account), Err(Refused::ShuttingDown));
    assert_eq!(phone.dial("ben@example.org".into(), None, false), Err(Refused::ShuttingDown));
    assert_eq!(wait(phone.send_message("ben@example.org".into(), "hi".into(), None)), Err(Refused::ShuttingDown));
    for refused in [
        wait(phone.see_calls(1)),
        wait(phone.see_texts(1)),
        wait(phone.forget_calls(None)).map(drop),
        wait(phone.forget_texts(None)).map(drop),
        wait(phone.log(None, 1)).map(drop),
        wait(phone.texts(None, 1)).map(drop),
        wait(phone.media_key("ben@example.org".into())).map(drop),
        phone.set_numbering(phone.numbering().unwrap()),
        phone.block("ben@example.org".into()),
        phone.unblock("ben@example.org".into()),
        phone.allow("ben@example.org".into()),
        phone.disallow("ben@example.org".into()),
        phone.set_do_not_disturb(true),
        phone.set_reject_anonymous(true),
    ] {
        assert_eq!(refused, Err(Refused::ShuttingDown));
    }
}

#[test]
fn a_phone_that_is_let_go_without_a_word_ends_all_the_same() {
    let (folder, app) = (Folder::new(), Arc::new(App::default()));
    let phone = wait(Phone::start(config(&folder), Arc::clone(&app) as _)).unwrap();
    let (status, lent) = (phone.status(), Arc::downgrade(&app));
    drop((phone, app));
    wait(async { while status.next().await.is_some() {} });
    wait(async {
        while lent.strong_count() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    });
}
