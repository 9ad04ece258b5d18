use std::fs;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::{LoginTrouble, MediaProtection};
use cooee_engine::{
    AccountOptions, DesktopPlatform, Engine, EngineConfig, EngineEvent, NewAccount, Platform, PlatformError, Refused, SecretName, Standing,
    StartError, StoreError, StoreLocation, TestPlatform, Trouble,
};
use cooee_machine::{ClientKey, Secret, ServerTrust};
use cooee_phone::{AccountId, AccountState, AccountTrouble};

use crate::support::{Folder, anna, config, find, no_sound, until};

fn offline(platform: &Arc<TestPlatform>) -> EngineConfig {
    EngineConfig { online: false, ..config(platform) }
}

/// Everything in files below `folder`.
fn at(folder: &Folder) -> EngineConfig {
    let platform = Arc::new(DesktopPlatform::new(folder.path().to_owned()));
    EngineConfig { online: false, ..EngineConfig::new(platform, StoreLocation::File(folder.path().join("cooee.db")), no_sound()) }
}

async fn added(engine: &Engine) -> AccountId {
    find(engine, |event| match event {
        EngineEvent::AccountAdded(id) => Some(*id),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn accounts_are_added_once_listed_and_removed() {
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()))).await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    assert_eq!(added(&engine).await, id);
    assert_eq!(engine.add_account(anna()).await, Err(Refused::AccountExists));
    for address in ["", "anna", "anna@", "@example.org", "tel:+4930123", "anna@exa mple.org"] {
        assert_eq!(engine.add_account(NewAccount::new(address, Secret::default())).await, Err(Refused::BadAddress), "{address}");
    }
    assert_eq!(engine.snapshot().accounts.len(), 1);
    assert_eq!(engine.stored_accounts().await.unwrap()[0].address.reveal(), "anna@example.org");
    assert_eq!(engine.dial("ben@example.org", None), Err(Refused::Offline));
    engine.remove_account(id).unwrap();
    find(&engine, |event| matches!(event, EngineEvent::AccountRemoved(gone) if *gone == id).then_some(())).await;
    assert_eq!(engine.remove_account(id), Err(Refused::NoSuchAccount));
    assert!(engine.snapshot().accounts.is_empty());
}

#[tokio::test]
async fn a_key_that_two_accounts_prove_themselves_by_goes_with_the_last_of_them() {
    let platform = Arc::new(TestPlatform::new());
    let engine = Engine::start(offline(&platform)).await.unwrap();
    assert!(["account-1.password", "contacts.key", ".hidden", ""].iter().all(|name| SecretName::client_key(name).is_none()));
    let name = SecretName::client_key("device").unwrap();
    platform.keep_secret(&name, &Secret::new("a key")).await.unwrap();
    let key = Some(ClientKey { name: "device".to_owned(), chain: Vec::new() });
    for address in ["anna@example.org", "ben@example.org"] {
        let options = AccountOptions { key: key.clone(), ..AccountOptions::default() };
        engine.add_account(NewAccount { options, ..NewAccount::new(address, Secret::default()) }).await.unwrap();
        added(&engine).await;
    }
    for is_there_afterwards in [true, false] {
        let id = engine.stored_accounts().await.unwrap()[0].id;
        engine.remove_account(id).unwrap();
        find(&engine, |event| matches!(event, EngineEvent::AccountRemoved(gone) if *gone == id).then_some(())).await;
        assert_eq!(platform.secret(&name).await.unwrap().is_some(), is_there_afterwards);
    }
}

#[tokio::test]
async fn stopped_is_the_last_event_and_nothing_is_accepted_after_it() {
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()))).await.unwrap();
    engine.shut_down().await;
    engine.shut_down().await;
    assert!(matches!(engine.next_event().await, Some(EngineEvent::Stopped)));
    assert!(engine.next_event().await.is_none());
    assert_eq!(engine.add_account(anna()).await, Err(Refused::ShuttingDown));
    assert_eq!(engine.past_calls(1).await, Err(StoreError::Closed));
    assert!(engine.snapshot().stopped);
}

#[tokio::test]
async fn accounts_passwords_settings_and_the_devices_name_survive_a_restart() {
    let folder = Folder::new();
    let engine = Engine::start(at(&folder)).await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    added(&engine).await;
    engine.set_setting("speaker", Some("headset")).await.unwrap();
    let instance = engine.setting("instance").await.unwrap();
    engine.shut_down().await;
    let engine = Engine::start(at(&folder)).await.unwrap();
    assert_eq!(engine.snapshot().accounts[0].id, id);
    assert_eq!(engine.setting("speaker").await.unwrap().as_deref(), Some("headset"));
    assert_eq!(engine.setting("instance").await.unwrap(), instance);
    engine.shut_down().await;
    assert!(matches!(engine.next_event().await, Some(EngineEvent::Stopped)), "no trouble with the password");
    let secret = folder.path().join(format!("secrets/account-{}.password", id.0));
    assert_eq!(fs::read_to_string(secret).unwrap(), "hunter2");
}

#[tokio::test]
async fn a_password_that_is_gone_is_told_and_the_account_can_be_removed() {
    let folder = Folder::new();
    let engine = Engine::start(at(&folder)).await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    added(&engine).await;
    engine.shut_down().await;
    fs::remove_dir_all(folder.path().join("secrets")).unwrap();
    let engine = Engine::start(at(&folder)).await.unwrap();
    find(&engine, |event| {
        matches!(event, EngineEvent::AccountFailed { account, trouble: Trouble::NoPassword } if *account == id).then_some(())
    })
    .await;
    let state = || engine.snapshot().accounts[0].state.clone();
    let gone = AccountState::Failed { trouble: AccountTrouble::Login(LoginTrouble::PasswordLost), retry_in: None };
    assert_eq!(state(), Some(gone), "and it is shown");
    engine.change_password(id, Secret::new("hunter3")).await.unwrap();
    until(&engine, |snapshot| snapshot.accounts[0].state.is_none()).await;
    assert_eq!(engine.change_password(AccountId(99), Secret::default()).await, Err(Refused::NoSuchAccount));
    engine.remove_account(id).unwrap();
    find(&engine, |event| matches!(event, EngineEvent::AccountRemoved(_)).then_some(())).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_password_that_cannot_be_read_yet_is_read_later() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    // Short, as it is asked for again after three times as long; a device that takes longer is asked once more.
    let start = || Engine::start(EngineConfig { platform_patience: Duration::from_millis(500), ..at(&folder) });
    let engine = start().await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    added(&engine).await;
    engine.shut_down().await;
    let secret = folder.path().join(format!("secrets/account-{}.password", id.0));
    let lock = |mode| fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
    lock(0o644);
    let engine = start().await.unwrap();
    find(&engine, |event| matches!(event, EngineEvent::AccountFailed { .. }).then_some(())).await;
    assert!(engine.snapshot().accounts[0].state.is_some());
    lock(0o600);
    until(&engine, |snapshot| snapshot.accounts[0].state.is_none()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_password_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let engine = Engine::start(at(&folder)).await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    added(&engine).await;
    engine.shut_down().await;
    let secret = folder.path().join(format!("secrets/account-{}.password", id.0));
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let engine = Engine::start(at(&folder)).await.unwrap();
    let said = find(&engine, |event| match event {
        EngineEvent::AccountFailed { trouble, .. } => Some(trouble.to_string()),
        _ => None,
    })
    .await;
    assert!(said.contains("chmod 600"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_account_whose_password_cannot_be_kept_is_not_added() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let secrets = folder.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o777)).unwrap();
    let engine = Engine::start(at(&folder)).await.unwrap();
    let id = engine.add_account(anna()).await.unwrap();
    let failed = find(&engine, |event| match event {
        EngineEvent::AccountFailed { account, trouble: Trouble::Platform(PlatformError::Secret(_)) } => Some(*account),
        _ => None,
    })
    .await;
    assert_eq!(failed, id);
    assert!(engine.snapshot().accounts.is_empty());
    assert!(engine.stored_accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_database_stops_the_start_and_stays_as_it_is() {
    let folder = Folder::new();
    let path = folder.path().join("cooee.db");
    let damaged = b"no database at all, but long enough to be read as one ".repeat(40);
    fs::write(&path, &damaged).unwrap();
    let error = Engine::start(at(&folder)).await.unwrap_err();
    assert!(matches!(error, StartError::Store(StoreError::Corrupt { .. })), "{error}");
    assert_eq!(fs::read(&path).unwrap(), damaged);
}

#[tokio::test]
async fn a_platform_that_hangs_is_not_waited_for_for_ever() {
    let platform = Arc::new(TestPlatform::new());
    platform.hang();
    let config = EngineConfig { platform_patience: Duration::from_millis(50), ..offline(&platform) };
    let error = Engine::start(config).await.unwrap_err();
    assert!(matches!(error, StartError::Platform(PlatformError::Timeout)), "{error}");
}

#[tokio::test]
async fn a_platform_that_hangs_later_fails_only_what_needs_it() {
    let platform = Arc::new(TestPlatform::new());
    // Long enough for a platform that does not hang, on any machine.
    let config = EngineConfig { platform_patience: Duration::from_secs(3), ..offline(&platform) };
    let engine = Engine::start(config).await.unwrap();
    platform.hang();
    engine.add_account(anna()).await.unwrap();
    find(&engine, |event| {
        matches!(event, EngineEvent::AccountFailed { trouble: Trouble::Platform(PlatformError::Timeout), .. }).then_some(())
    })
    .await;
    assert!(engine.past_calls(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_is_blocked_and_whether_one_may_be_disturbed_survive_a_restart() {
    let folder = Folder::new();
    let engine = Engine::start(at(&folder)).await.unwrap();
    assert_eq!(engine.block("sip:Ben@Example.org;transport=udp").unwrap().to_string(), "Ben@example.org");
    engine.block("spam.example").unwrap();
    engine.block("spam.example").unwrap();
    engine.block("zoe@example.net").unwrap();
    engine.unblock("zoe@example.net").unwrap();
    assert_eq!(engine.unblock("zoe@example.net"), Err(Refused::NotBlocked));
    assert_eq!(engine.block("no address at all"), Err(Refused::BadAddress));
    engine.set_do_not_disturb(true).unwrap();
    engine.set_reject_anonymous(true).unwrap();
    engine.set_reject_anonymous(false).unwrap();
    let before = engine.snapshot();
    engine.shut_down().await;
    let engine = Engine::start(at(&folder)).await.unwrap();
    let after = engine.snapshot();
    assert_eq!(after.blocked.iter().map(ToString::to_string).collect::<Vec<_>>(), ["Ben@example.org", "spam.example"]);
    assert_eq!((&after.blocked, after.do_not_disturb, after.reject_anonymous), (&before.blocked, true, false));
}

#[tokio::test]
async fn what_was_said_about_somebody_is_known_however_the_address_is_written() {
    let engine = Engine::start(at(&Folder::new())).await.unwrap();
    let standing = |whom: &str| {
        let Standing { blocked_by, allowed_by } = engine.standing(whom).unwrap();
        (blocked_by.map(|rule| rule.to_string()), allowed_by.map(|rule| rule.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(standing("ben@example.org"), (None, None));
    engine.allow("example.org").unwrap();
    engine.block("ben@example.org").unwrap();
    engine.allow("+41 44 668 18 00").unwrap();
    for text in ["ben@example.org", "sip:ben@EXAMPLE.org;transport=tls", "Ben <ben@Example.org>"] {
        assert_eq!(standing(text), (some("ben@example.org"), some("example.org")), "{text}");
    }
    assert_eq!(standing("Ben@example.org"), (None, some("example.org")), "users are compared to the letter");
    assert_eq!(standing("tel:+41-44-668-18-00"), (None, some("+41446681800")));
    assert_eq!(standing("sip:+41446681800@anybody.example"), (None, None), "anybody can be called so");
    engine.block("+41446681800").unwrap();
    assert_eq!(standing("sip:+41446681800@anybody.example"), (some("+41446681800"), None));
    assert_eq!(engine.standing("two words"), Err(Refused::BadAddress));
}

#[tokio::test]
async fn a_list_of_addresses_and_domains_is_known_again_after_a_restart() {
    let folder = Folder::new();
    let engine = Engine::start(at(&folder)).await.unwrap();
    engine.block("zoe@example.org").unwrap();
    engine.block("all.example").unwrap();
    engine.shut_down().await;
    let engine = Engine::start(at(&folder)).await.unwrap();
    for whom in ["zoe@example.org", "all.example"] {
        engine.unblock(whom).unwrap();
    }
    assert!(engine.snapshot().blocked.is_empty());
}

#[tokio::test]
async fn two_phones_on_one_store_keep_each_others_accounts_and_passwords() {
    let folder = Folder::new();
    let (one, other) = (Engine::start(at(&folder)).await.unwrap(), Engine::start(at(&folder)).await.unwrap());
    let anna = one.add_account(anna()).await.unwrap();
    added(&one).await;
    assert_eq!(other.add_account(crate::support::anna()).await, Err(Refused::AccountExists));
    let ben = other.add_account(NewAccount::new("ben@example.org", Secret::new("hunter3"))).await.unwrap();
    assert_ne!(anna, ben);
    let secret = |id: AccountId| fs::read_to_string(folder.path().join(format!("secrets/account-{}.password", id.0))).unwrap();
    while added(&other).await != ben {}
    assert_eq!((secret(anna), secret(ben)), ("hunter2".to_owned(), "hunter3".to_owned()));
    assert_eq!(one.stored_accounts().await.unwrap().len(), 2);
    until(&one, |snapshot| snapshot.accounts.iter().any(|account| account.id == ben)).await;
    other.remove_account(anna).unwrap();
    find(&other, |event| matches!(event, EngineEvent::AccountRemoved(_)).then_some(())).await;
    one.stored().await.unwrap();
    until(&one, |snapshot| snapshot.accounts.iter().all(|account| account.id == ben)).await;
}

#[tokio::test]
async fn a_phone_beside_which_contacts_are_wiped_remembers_by_the_new_key() {
    let folder = Folder::new();
    let phone = Engine::start(at(&folder)).await.unwrap();
    let account = phone.add_account(anna()).await.unwrap();
    added(&phone).await;
    phone.choose("ben@example.org", Some(account), None).unwrap();
    let chosen = phone.stored().await.unwrap().choices;
    let command = Engine::start(at(&folder)).await.unwrap();
    command.wipe_contacts().await.unwrap();
    command.shut_down().await;
    phone.choose("ben@example.org", Some(account), None).unwrap();
    assert_eq!(phone.stored().await.unwrap().choices, chosen);
    let next = Engine::start(at(&folder)).await.unwrap();
    assert_eq!(next.forget_choice("ben@example.org").await.unwrap(), Ok(true), "it knows again for whom that was chosen");
}

#[tokio::test]
async fn a_disk_that_hangs_keeps_nobody_from_leaving() {
    let platform = Arc::new(TestPlatform::new());
    // Shorter than what a shutdown waits for.
    let config = EngineConfig { platform_patience: Duration::from_secs(3600), ..offline(&platform) };
    let engine = Engine::start(config).await.unwrap();
    platform.hang();
    engine.add_account(anna()).await.unwrap();
    engine.shut_down().await;
    while engine.next_event().await.is_some() {}
    assert!(engine.snapshot().stopped);
}

#[tokio::test]
async fn what_one_of_two_phones_on_a_store_says_about_callers_holds_for_both_at_once() {
    let folder = Folder::new();
    let phone = Engine::start(at(&folder)).await.unwrap();
    phone.block("ben@example.org").unwrap();
    phone.blocked().await.unwrap();
    let command = Engine::start(at(&folder)).await.unwrap();
    command.block("spam.example").unwrap();
    command.allow("carol@example.org").unwrap();
    command.set_do_not_disturb(true).unwrap();
    command.set_numbering(cooee_phone::Numbering { arpa: true, ..command.snapshot().numbering.clone() }).unwrap();
    command.shut_down().await;
    // Nobody asks the phone anything.
    until(&phone, |now| now.blocked.len() == 2 && now.allowed.len() == 1 && now.do_not_disturb && now.numbering.arpa).await;
    phone.block("eve@example.org").unwrap();
    assert_eq!(phone.blocked().await.unwrap().len(), 3, "nor is what one says lost by what the other says");
}

#[tokio::test]
async fn the_list_of_who_is_blocked_has_an_end() {
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()))).await.unwrap();
    for number in 0..1000 {
        engine.block(&format!("caller{number}@example.org")).unwrap();
    }
    assert_eq!(engine.block("one-more@example.org"), Err(Refused::TooManyBlocked));
    assert_eq!(engine.snapshot().blocked.len(), 1000);
}

#[tokio::test]
async fn an_account_is_stored_with_all_its_options() {
    let options = AccountOptions {
        trust: ServerTrust::Pin([9; 32]),
        protection: MediaProtection::BestEffort,
        stun_server: Some("stun.example.org".to_owned()),
        expires: Some(Duration::from_secs(300)),
        register: false,
        ..AccountOptions::default()
    };
    let engine = Engine::start(offline(&Arc::new(TestPlatform::new()))).await.unwrap();
    engine.add_account(NewAccount { options: options.clone(), ..anna() }).await.unwrap();
    added(&engine).await;
    assert_eq!(engine.stored_accounts().await.unwrap()[0].options, options);
}
