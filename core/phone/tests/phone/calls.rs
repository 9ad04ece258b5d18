//! Two phones and a relay: calls from dialling to the log.

use crate::world::{Listener, Login, MediaMode, SERVER, World, account, address};
use cooee_call::{CallId, CallState, EndReason, LoginTrouble, MediaTrouble, Milestone, NetworkTrouble, Side, TlsTrouble};
use cooee_machine::{CloseReason, TlsFailure, Transport};
use cooee_phone::{AccountConfig, AccountId, Command, DialRefusal, PhoneConfig, PhoneEvent};
use cooee_rtc::{MediaFailure, MediaSecurity};
use cooee_sdp::Codec;

/// Two registered phones; anna's has called ben, who has answered.
fn talking() -> (World, usize, CallId, usize, CallId) {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let call = world.dial(anna, "ben@example.org");
    let incoming = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(incoming));
    assert_eq!(world.call(anna, call).state, CallState::Active);
    assert_eq!(world.call(ben, incoming).state, CallState::Active);
    (world, anna, call, ben, incoming)
}

#[test]
fn calls_ask_the_stun_server_that_the_domain_publishes_and_no_other() {
    let mut world = World::new();
    let anna = world.registered("anna");
    world.dial(anna, "ben@example.org");
    world.srv("_stun._udp.example.org", 0, "stun.example.org", 3479);
    world.a("stun.example.org", "198.51.100.9");
    let ben = world.registered("ben");
    world.dial(ben, "anna@example.org");
    assert!(world.stun_servers[0].is_empty(), "there is no default");
    assert_eq!(world.stun_servers[1], [address("198.51.100.9:3479")]);
}

#[test]
fn a_call_rings_is_answered_speaks_and_is_logged_on_both_sides() {
    let mut world = World::new();
    world.server.login = Login::Password("secret".into());
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(world.call(anna, call).state, CallState::Ringing);
    let incoming = world.incoming(ben).unwrap();
    assert_eq!(incoming.0 % 2, 1, "incoming calls have odd names");
    assert_eq!(world.call(ben, incoming).peer.address.reveal(), "sip:anna@example.org");
    world.pass_seconds(3);
    world.command(ben, Command::Answer(incoming));
    for (phone, id) in [(anna, call), (ben, incoming)] {
        let snapshot = world.call(phone, id);
        assert_eq!((snapshot.state, snapshot.security), (CallState::Active, Some(MediaSecurity::EndToEnd)));
        assert_eq!(snapshot.codec.unwrap().name, "opus");
    }
    world.pass_seconds(60);
    world.command(anna, Command::HangUp(call));
    assert_eq!(world.end(anna, call), Some(EndReason::HungUp(Side::Us)));
    assert_eq!(world.end(ben, incoming), Some(EndReason::HungUp(Side::Peer)));
    for phone in [anna, ben] {
        let log = world.log(phone);
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].call.statistics.unwrap().packets_sent, 7);
        assert_eq!(log[0].call.timeline.between(Milestone::Active, Milestone::Ended).unwrap().as_secs(), 60);
        assert!(world.phones[phone].calls().next().is_none());
    }
}

#[test]
fn a_bare_user_is_called_in_the_accounts_own_domain() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let call = world.dial(anna, "ben");
    assert_eq!(world.call(anna, call).peer.address.reveal(), "sip:ben@example.org");
    assert!(world.incoming(ben).is_some());
}

#[test]
fn dialling_before_the_server_is_there_waits_for_it() {
    let mut world = World::new();
    let ben = world.registered("ben");
    world.listeners.insert(address(SERVER), Listener::Silent);
    let anna = world.add_phone();
    world.add_account(anna, account("anna"));
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(world.call(anna, call).state, CallState::Dialing);
    world.listeners.insert(address(SERVER), Listener::Accept);
    world.networks(anna, &["192.0.2.1"]);
    world.networks(anna, &["192.0.2.2"]);
    assert_eq!(world.call(anna, call).state, CallState::Ringing);
    assert!(world.incoming(ben).is_some());
}

#[test]
fn dialling_does_not_wait_for_the_back_off() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
    world.cut();
    world.pass_seconds(1200);
    world.listeners.insert(address(SERVER), Listener::Accept);
    world.command(ben, Command::RemoveAccount(AccountId(1)));
    world.add_account(ben, account("ben"));
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(world.call(anna, call).state, CallState::Ringing);
}

#[test]
fn a_call_over_an_account_that_does_not_work_ends_by_what_is_wrong() {
    let end = |change: fn(&mut World), seconds: u64| {
        let mut world = World::new();
        change(&mut world);
        let anna = world.add_phone();
        world.add_account(anna, account("anna"));
        let call = world.dial(anna, "ben@example.org");
        world.pass_seconds(seconds);
        let reason = world.end(anna, call).unwrap();
        world.pass_seconds(2);
        let log = world.log(anna);
        assert_eq!((log.len(), &log[0].reason), (1, &reason));
        reason
    };
    assert_eq!(end(World::forget_names, 0), EndReason::NoSuchDomain { domain: "example.org".into() });
    let refused = |world: &mut World| drop(world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused)));
    assert_eq!(end(refused, 0), EndReason::Unreachable(NetworkTrouble::Refused));
    let expired = |world: &mut World| {
        drop(world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Tls(TlsFailure::Expired))));
    };
    assert_eq!(end(expired, 0), EndReason::Untrusted(TlsTrouble::Expired));
    let silent = |world: &mut World| drop(world.listeners.insert(address(SERVER), Listener::Silent));
    assert_eq!(end(silent, 9), EndReason::Unreachable(NetworkTrouble::Timeout));
    let password = |world: &mut World| world.server.login = Login::Password("other".into());
    assert_eq!(end(password, 1), EndReason::Login(LoginTrouble::WrongPassword));
    let mute = |world: &mut World| world.server.login = Login::Silent;
    assert_eq!(end(mute, 40), EndReason::Unreachable(NetworkTrouble::Silent));
}

#[test]
fn an_unknown_user_is_not_found() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let call = world.dial(anna, "nobody@example.org");
    assert_eq!(world.end(anna, call), Some(EndReason::NotFound));
}

#[test]
fn what_is_no_address_is_refused_before_there_is_a_call() {
    let mut world = World::new();
    let phone = world.add_phone();
    let call = world.dial(phone, "ben@example.org");
    assert!(world.events[phone].contains(&PhoneEvent::DialRefused { call, reason: DialRefusal::NoAccount, looked_up: None }));
    let anna = world.registered("anna");
    let call = world.dial(anna, "http://example.org");
    assert!(world.events[anna].contains(&PhoneEvent::DialRefused { call, reason: DialRefusal::BadAddress, looked_up: None }));
    let tcp = world.add_phone();
    world.add_account(tcp, AccountConfig { transport: Some(Transport::Tcp), proxy: Some("198.51.100.1:5061".into()), ..account("tom") });
    let call = world.dial(tcp, "sips:ben@example.org");
    assert!(world.events[tcp].contains(&PhoneEvent::DialRefused { call, reason: DialRefusal::NotSecure, looked_up: None }));
}

#[test]
fn a_call_is_declined_given_up_and_missed() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let call = world.dial(anna, "ben@example.org");
    let incoming = world.incoming(ben).unwrap();
    world.command(ben, Command::Decline(incoming));
    assert_eq!(
        (world.end(anna, call), world.end(ben, incoming)),
        (Some(EndReason::Declined(Side::Peer)), Some(EndReason::Declined(Side::Us)))
    );
    let call = world.dial(anna, "ben@example.org");
    let incoming = world.incoming(ben).unwrap();
    world.command(anna, Command::HangUp(call));
    assert_eq!(world.end(anna, call), Some(EndReason::Cancelled(Side::Us)));
    assert_eq!(world.end(ben, incoming), Some(EndReason::Cancelled(Side::Peer)));
    let call = world.dial(anna, "ben@example.org");
    let incoming = world.incoming(ben).unwrap();
    world.pass_seconds(125);
    assert!(matches!(world.end(anna, call), Some(EndReason::NoAnswer(Side::Peer))), "{:?}", world.end(anna, call));
    assert!(world.end(ben, incoming).is_some());
    assert_eq!((world.log(anna).len(), world.missed(ben)), (3, 3));
}

#[test]
fn one_call_too_many_is_busy() {
    let mut world = World::new();
    let ben = world.add_phone_with(PhoneConfig { max_calls: 1, ..PhoneConfig::default() });
    world.add_account(ben, account("ben"));
    let (anna, cleo) = (world.registered("anna"), world.registered("cleo"));
    world.dial(anna, "ben@example.org");
    let first = world.incoming(ben).unwrap();
    let call = world.dial(cleo, "ben@example.org");
    assert_eq!(world.end(cleo, call), Some(EndReason::Busy(Side::Peer)));
    assert_eq!(world.incoming(ben), Some(first), "it did not ring");
    assert_eq!(world.log(ben).iter().map(|entry| entry.reason.clone()).collect::<Vec<_>>(), [EndReason::Busy(Side::Us)]);
}

#[test]
fn several_calls_run_at_once_and_do_not_mix() {
    let mut world = World::new();
    let (anna, ben, cleo) = (world.registered("anna"), world.registered("ben"), world.registered("cleo"));
    let to_ben = world.dial(anna, "ben@example.org");
    let to_cleo = world.dial(anna, "cleo@example.org");
    let (at_ben, at_cleo) = (world.incoming(ben).unwrap(), world.incoming(cleo).unwrap());
    world.command(cleo, Command::Answer(at_cleo));
    assert_eq!((world.call(anna, to_ben).state, world.call(anna, to_cleo).state), (CallState::Ringing, CallState::Active));
    world.command(ben, Command::Answer(at_ben));
    assert_eq!(world.call(anna, to_ben).state, CallState::Held(Side::Us), "one is spoken to at a time");
    world.command(anna, Command::HangUp(to_cleo));
    world.command(anna, Command::Resume(to_ben));
    assert_eq!((world.call(anna, to_ben).state, world.call(ben, at_ben).state), (CallState::Active, CallState::Active));
    assert_eq!(world.end(cleo, at_cleo), Some(EndReason::HungUp(Side::Peer)));
}

#[test]
fn phones_without_a_codec_in_common_say_so_on_both_sides() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let ben = world.add_phone();
    let mut config = account("ben");
    config.media.codecs = vec![Codec::new(3, "GSM", 8000, 1)];
    world.add_account(ben, config);
    let call = world.dial(anna, "ben@example.org");
    assert_eq!(world.end(anna, call), Some(EndReason::NoCommonCodec));
    assert_eq!(world.log(ben)[0].reason, EndReason::NoCommonCodec);
    assert!(world.incoming(ben).is_none());
}

#[test]
fn media_that_fails_ends_the_call_on_both_sides() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.media[anna] = MediaMode::Fails(MediaFailure::NoPath);
    let call = world.dial(anna, "ben@example.org");
    let incoming = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(incoming));
    assert_eq!(world.end(anna, call), Some(EndReason::Media(MediaTrouble::NoPath)));
    assert_eq!(world.end(ben, incoming), Some(EndReason::Media(MediaTrouble::NoPath)));
}

#[test]
fn a_call_outlives_its_signalling_and_hangs_up_over_the_next() {
    let (mut world, anna, call, ben, incoming) = talking();
    world.cut();
    world.pass_seconds(3);
    assert_eq!((world.call(anna, call).state, world.call(ben, incoming).state), (CallState::Active, CallState::Active));
    world.command(ben, Command::HangUp(incoming));
    assert_eq!(world.end(anna, call), Some(EndReason::HungUp(Side::Peer)));
}

#[test]
fn muting_is_told_and_digits_go_to_the_media() {
    let (mut world, anna, call, ..) = talking();
    world.command(anna, Command::Mute { call, muted: true });
    assert!(world.call(anna, call).muted);
    world.command(anna, Command::Digit { call, digit: '5' });
    assert_eq!(world.call(anna, call).state, CallState::Active);
}

#[test]
fn shutting_down_hangs_up_first() {
    let (mut world, anna, call, ben, incoming) = talking();
    world.command(anna, Command::Shutdown);
    assert!(world.shut_down[anna]);
    assert_eq!(world.end(anna, call), Some(EndReason::HungUp(Side::Us)));
    assert_eq!(world.end(ben, incoming), Some(EndReason::HungUp(Side::Peer)));
    assert_eq!(world.log(anna).len(), 1, "logged before the end");
    let last = world.server.seen.iter().rev().take(2).map(|seen| seen.split(' ').next().unwrap()).collect::<Vec<_>>();
    assert_eq!(last, ["REGISTER", "BYE"]);
    let call = CallId(4_000);
    world.command(anna, Command::Dial { call, account: None, target: "ben@example.org".into(), anonymous: false, subject: None });
    assert!(world.events[anna].contains(&PhoneEvent::DialRefused { call, reason: DialRefusal::ShuttingDown, looked_up: None }));
}

#[test]
fn shutting_down_while_it_rings_lets_the_caller_know() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let call = world.dial(anna, "ben@example.org");
    world.command(ben, Command::Shutdown);
    world.pass_seconds(4);
    assert!(world.shut_down[ben]);
    assert_eq!(world.end(anna, call), Some(EndReason::NoAnswer(Side::Peer)));
}

#[test]
fn a_phone_whose_media_says_nothing_still_logs_and_ends() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.media[anna] = MediaMode::Silent;
    let call = world.dial(anna, "ben@example.org");
    world.pass_seconds(25);
    assert_eq!(world.end(anna, call), Some(EndReason::Media(MediaTrouble::Timeout)));
    assert_eq!((world.log(anna).len(), world.incoming(ben)), (1, None));
}
