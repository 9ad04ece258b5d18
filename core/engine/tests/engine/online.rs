use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use cooee_call::{EndReason, NetworkTrouble, Side};
use cooee_engine::{Engine, EngineConfig, EngineEvent, Interfaces, MessageState, Refused, StoreLocation, TestPlatform};
use cooee_machine::Interface;
use cooee_phone::{AccountState, WakeReason, Woken};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Folder, anna, anna_at, config, eventually, find, until};

fn online(platform: &Arc<TestPlatform>) -> EngineConfig {
    EngineConfig { interfaces: Interfaces::Loopback, ..config(platform) }
}

/// A server that takes connections and says nothing.
async fn mute_server() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn first_line(stream: &mut TcpStream) -> String {
    let mut octets = Vec::new();
    while !octets.ends_with(b"\r\n") {
        octets.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(octets).unwrap()
}

#[tokio::test]
async fn a_server_that_is_not_there_fails_the_account_and_each_call_with_the_cause() {
    let (listener, port) = mute_server().await;
    drop(listener);
    let engine = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    let account = engine.add_account(anna_at(port)).await.unwrap();
    find(&engine, |event| matches!(event, EngineEvent::AccountChanged { state: AccountState::Failed { .. }, .. }).then_some(())).await;
    let call = engine.dial("ben@example.org", Some(account)).unwrap();
    let reason = find(&engine, |event| match event {
        EngineEvent::CallEnded { entry, .. } if entry.call.id == call => Some(entry.reason.clone()),
        _ => None,
    })
    .await;
    assert_eq!(reason, EndReason::Unreachable(NetworkTrouble::Refused));
    engine.shut_down().await;
}

#[tokio::test]
async fn a_call_shows_in_the_snapshot_keeps_the_device_awake_and_ends_in_the_log() {
    let (listener, port) = mute_server().await;
    let platform = Arc::new(TestPlatform::new());
    let engine = Engine::start(EngineConfig { take_calls: false, ..online(&platform) }).await.unwrap();
    let account = engine.add_account(anna_at(port)).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let call = engine.dial("ben@example.org", Some(account)).unwrap();
    assert_eq!(first_line(&mut stream).await, "INVITE sip:ben@example.org SIP/2.0\r\n");
    until(&engine, |snapshot| snapshot.calls.iter().any(|view| view.call.id == call)).await;
    eventually(|| platform.is_kept_awake()).await;
    assert_eq!(engine.digit(call, 'x'), Err(Refused::NotADigit));
    engine.hang_up(call).unwrap();
    let ended = find(&engine, |event| match event {
        EngineEvent::CallEnded { entry, .. } => Some(entry.reason.clone()),
        _ => None,
    })
    .await;
    assert_eq!(ended, EndReason::Cancelled(Side::Us));
    let (logged, number) =
        find(&engine, |event| if let EngineEvent::CallLogged { call, number } = event { Some((*call, *number)) } else { None }).await;
    let log = engine.past_calls(10).await.unwrap();
    assert_eq!((log.len(), log[0].account.reveal().as_str()), (1, "anna@example.org"));
    assert_eq!(log[0].reason, Some(EndReason::Cancelled(Side::Us)));
    assert_eq!((logged, number), (call, log[0].number));
    eventually(|| !platform.is_kept_awake()).await;
    assert_eq!(engine.hang_up(cooee_call::CallId(1)), Err(Refused::NoSuchCall));
    engine.shut_down().await;
}

/// What is on the disk in the middle of a call is what a killed process leaves.
#[tokio::test]
async fn a_call_in_whose_middle_the_phone_is_killed_stands_in_the_log_of_the_next_one() {
    let (listener, port) = mute_server().await;
    let platform = Arc::new(TestPlatform::new());
    let (folder, copy) = (Folder::new(), Folder::new());
    let stored = |folder: &Folder| StoreLocation::File(folder.path().join("cooee.db"));
    let config = EngineConfig { take_calls: false, store: stored(&folder), ..online(&platform) };
    let engine = Engine::start(config).await.unwrap();
    let account = engine.add_account(anna_at(port)).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let call = engine.dial("ben@example.org", Some(account)).unwrap();
    first_line(&mut stream).await;
    until(&engine, |snapshot| snapshot.calls.iter().any(|view| view.call.id == call)).await;
    // Jobs are done in order: once this is answered, the call is kept.
    assert!(engine.past_calls(1).await.unwrap().is_empty());
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let next = Engine::start(EngineConfig { store: stored(&copy), ..online(&platform) }).await.unwrap();
    let log = next.past_calls(10).await.unwrap();
    assert_eq!(log.iter().map(|call| call.reason.clone()).collect::<Vec<_>>(), [Some(EndReason::CutOffUnanswered)]);
    assert_eq!(log[0].peer.reveal(), "sip:ben@example.org");
    next.shut_down().await;
    engine.shut_down().await;
}

#[tokio::test]
async fn an_idle_phone_says_when_it_must_be_woken_and_sleeps_until_then() {
    let (listener, port) = mute_server().await;
    drop(listener);
    let platform = Arc::new(TestPlatform::new());
    let engine = Engine::start(online(&platform)).await.unwrap();
    engine.add_account(anna_at(port)).await.unwrap();
    // Each failure waits longer; in the end long enough for the device to sleep.
    eventually(|| platform.alarm().is_some() && !platform.is_kept_awake()).await;
    assert_eq!(engine.wake(WakeReason::Alarm).await, Ok(Woken::Done));
    engine.shut_down().await;
}

#[tokio::test]
async fn a_changed_network_makes_the_phone_connect_anew_at_once() {
    let (listener, port) = mute_server().await;
    drop(listener);
    let platform = Arc::new(TestPlatform::new());
    let engine = Engine::start(online(&platform)).await.unwrap();
    engine.add_account(anna_at(port)).await.unwrap();
    let failed =
        |event: &EngineEvent| matches!(event, EngineEvent::AccountChanged { state: AccountState::Failed { .. }, .. }).then_some(());
    find(&engine, failed).await;
    // Now it is there, but the phone would only look again after a while.
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.unwrap();
    platform.change_networks(vec![Interface { name: "wlan0".to_owned(), address: "192.0.2.7".parse().unwrap() }]);
    let (mut stream, _) = listener.accept().await.unwrap();
    assert_eq!(first_line(&mut stream).await, "REGISTER sip:example.org SIP/2.0\r\n");
    engine.shut_down().await;
}

#[tokio::test]
async fn a_silent_server_does_not_hold_up_the_shutdown_beyond_its_time() {
    let (listener, port) = mute_server().await;
    let engine = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    engine.add_account(anna_at(port)).await.unwrap();
    let (_stream, _) = listener.accept().await.unwrap();
    engine.shut_down().await;
    find(&engine, |event| matches!(event, EngineEvent::Stopped).then_some(())).await;
}

#[tokio::test]
async fn two_phones_live_in_one_process_and_one_that_is_dropped_leaves_by_itself() {
    let (listener, port) = mute_server().await;
    let one = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    let other = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    one.add_account(anna_at(port)).await.unwrap();
    other.add_account(anna_at(port)).await.unwrap();
    let _streams = (listener.accept().await.unwrap(), listener.accept().await.unwrap());
    let watch = one.watch();
    drop(one);
    eventually(|| watch.borrow().stopped).await;
    assert!(!other.snapshot().stopped);
    other.shut_down().await;
}

#[tokio::test]
async fn dialling_needs_an_account_and_an_address() {
    let engine = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    assert_eq!(engine.dial("ben@example.org", None), Err(Refused::NoSuchAccount));
    let account = engine.add_account(anna()).await.unwrap();
    assert_eq!(engine.dial(" ", Some(account)), Err(Refused::BadAddress));
    engine.shut_down().await;
}

#[tokio::test]
async fn a_text_that_cannot_be_sent_is_told_and_kept_as_failed() {
    let (listener, port) = mute_server().await;
    drop(listener);
    let engine = Engine::start(online(&Arc::new(TestPlatform::new()))).await.unwrap();
    assert_eq!(engine.send_message("ben@example.org", None, "Hello").await, Err(Refused::NoSuchAccount));
    engine.add_account(anna_at(port)).await.unwrap();
    for text in ["", &"x".repeat(2000)] {
        assert_eq!(engine.send_message("ben@example.org", None, text).await, Err(Refused::Length));
    }
    let message = engine.send_message(" ben@example.org ", None, "Hello").await.unwrap();
    find(&engine, |event| matches!(event, EngineEvent::MessageFailed { message: failed, .. } if *failed == message).then_some(())).await;
    let kept = engine.messages(10).await.unwrap();
    assert_eq!((kept.len(), kept[0].peer.reveal().as_str(), kept[0].text.reveal().as_str()), (1, "ben@example.org", "Hello"));
    assert!(matches!(&kept[0].state, MessageState::Failed(Some(_))), "{:?}", kept[0].state);
    engine.shut_down().await;
}
