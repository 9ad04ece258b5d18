//! How an account finds its server, logs in, and says what is wrong.

use std::time::Duration;

use crate::world::{ACCOUNT, Listener, Login, SERVER, SPARE, World, account, address};
use cooee_call::{CallId, LoginTrouble, NetworkTrouble, TlsTrouble};
use cooee_machine::{CloseReason, Pii, Secret, TlsFailure, Transport};
use cooee_phone::{AccountConfig, AccountState, AccountTrouble, Command};

fn trouble(world: &World, phone: usize) -> AccountTrouble {
    match world.state(phone) {
        AccountState::Failed { trouble, .. } => trouble,
        other => panic!("{other:?}"),
    }
}

fn failed_with(change: impl FnOnce(&mut World)) -> AccountTrouble {
    let mut world = World::new();
    change(&mut world);
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass_seconds(9);
    trouble(&world, phone)
}

#[test]
fn an_account_finds_its_server_by_the_domain_and_checks_that_name() {
    let mut world = World::new();
    world.server.login = Login::Password("secret".into());
    let phone = world.registered("anna");
    assert_eq!(world.opened[phone], [(address(SERVER), Some("example.org".to_owned()))]);
    assert_eq!(world.states(phone), ["connecting", "registered"]);
    assert_eq!(world.state(phone), AccountState::Registered { transport: Transport::Tls, devices: 1 });
    assert_eq!(world.server.count("REGISTER "), 2, "one challenged, one proven");
}

#[test]
fn a_proxy_is_asked_in_place_of_the_domain_and_must_prove_its_own_name() {
    let mut world = World::new();
    world.a("edge.example.net", "198.51.100.1");
    let phone = world.add_phone();
    world.add_account(phone, AccountConfig { proxy: Some("edge.example.net:5061".into()), ..account("anna") });
    assert_eq!(world.opened[phone], [(address(SERVER), Some("edge.example.net".to_owned()))]);
    assert_eq!(world.states(phone), ["connecting", "registered"]);
}

#[test]
fn each_thing_that_is_wrong_has_its_own_trouble() {
    let listener = |listener: Listener| failed_with(move |world| drop(world.listeners.insert(address(SERVER), listener)));
    let closed = |reason: CloseReason| listener(Listener::Fail(reason));
    let tls = |failure: TlsFailure| closed(CloseReason::Tls(failure));
    let shown = || "0a".repeat(32);
    assert_eq!(
        tls(TlsFailure::UnknownAuthority([10; 32])),
        AccountTrouble::Untrusted(TlsTrouble::UnknownAuthority { shown: Some(shown()) })
    );
    assert_eq!(tls(TlsFailure::OtherAuthority([10; 32])), AccountTrouble::Untrusted(TlsTrouble::OtherAuthority { shown: shown() }));
    let lost = tls(TlsFailure::KeyLost);
    assert!(lost.is_final() && lost == AccountTrouble::Login(LoginTrouble::KeyLost), "{lost:?}: a person has to sign in again");
    assert_eq!(tls(TlsFailure::Expired), AccountTrouble::Untrusted(TlsTrouble::Expired));
    let names = TlsTrouble::WrongName { names: "a.example, b.example".into() };
    assert_eq!(tls(TlsFailure::WrongName(vec!["a.example".into(), "b.example".into()])), AccountTrouble::Untrusted(names));
    assert_eq!(closed(CloseReason::Refused), AccountTrouble::Unreachable(NetworkTrouble::Refused));
    assert_eq!(listener(Listener::Silent), AccountTrouble::Unreachable(NetworkTrouble::Timeout));
    assert_eq!(failed_with(World::forget_names), AccountTrouble::NoSuchDomain("example.org".into()));
    assert!(matches!(failed_with(World::lose_resolver), AccountTrouble::Unreachable(NetworkTrouble::Dns { .. })));
    let wrong = failed_with(|world| world.server.login = Login::Password("other".into()));
    assert_eq!(wrong, AccountTrouble::Login(LoginTrouble::WrongPassword));
    let refused = |status| failed_with(move |world| world.server.login = Login::Refuse(status));
    assert_eq!(refused(404), AccountTrouble::Login(LoginTrouble::UnknownUser));
    assert_eq!(refused(403), AccountTrouble::Login(LoginTrouble::Forbidden));
    assert_eq!(refused(500), AccountTrouble::ServerError(500));
}

#[test]
fn every_trouble_says_what_to_do_and_how_a_call_ends_by_it() {
    let troubles = [
        AccountTrouble::BadAddress(Pii("anna".into())),
        AccountTrouble::NoSuchDomain("example.org".into()),
        AccountTrouble::NoService("example.org".into()),
        AccountTrouble::InsecureOnly { domain: "example.org".into(), offered: "UDP".into() },
        AccountTrouble::TransportNotAllowed("UDP".into()),
        AccountTrouble::Untrusted(TlsTrouble::Expired),
        AccountTrouble::Unreachable(NetworkTrouble::Timeout),
        AccountTrouble::ServerError(503),
        AccountTrouble::Login(LoginTrouble::WrongPassword),
    ];
    let ids = troubles.map(|trouble| {
        assert!(!trouble.advice().is_empty(), "{trouble}");
        trouble.end_reason().id()
    });
    let expected = ["bad-address", "no-such-domain", "no-service", "insecure-only", "bad-address", "untrusted.expired"];
    assert_eq!(ids[..6], expected);
    assert_eq!(ids[6..], ["unreachable.timeout", "server-error", "login.wrong-password"]);
}

#[test]
fn a_domain_without_tls_is_refused_and_never_spoken_to_in_the_clear() {
    let mut world = World::new();
    world.forget_names();
    world.srv("_sip._udp.example.org", 10, "sip.example.org", 5060);
    world.srv("_sip._tcp.example.org", 10, "sip.example.org", 5060);
    world.a("sip.example.org", "198.51.100.1");
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass_seconds(600);
    assert!(world.datagrams.is_empty());
    assert!(world.opened[phone].iter().all(|(_, tls)| tls.is_some()), "{:?}", world.opened[phone]);
    assert_eq!(trouble(&world, phone), AccountTrouble::InsecureOnly { domain: "example.org".into(), offered: "TCP, UDP".into() });
}

#[test]
fn a_transport_that_was_asked_for_is_used() {
    let mut world = World::new();
    let (udp, tcp) = (world.add_phone(), world.add_phone());
    let with = |transport| AccountConfig { proxy: Some("198.51.100.1:5061".into()), transport: Some(transport), ..account("anna") };
    world.add_account(udp, with(Transport::Udp));
    assert_eq!(world.datagrams, [address(SERVER)]);
    world.add_account(tcp, with(Transport::Tcp));
    assert_eq!(world.opened[tcp], [(address(SERVER), None)]);
    assert_eq!(world.state(tcp), AccountState::Registered { transport: Transport::Tcp, devices: 1 });
}

#[test]
fn a_call_over_udp_is_not_placed_while_the_server_has_never_answered() {
    let mut world = World::new();
    let phone = world.add_phone();
    let config = AccountConfig { proxy: Some(SERVER.into()), transport: Some(Transport::Udp), ..account("anna") };
    world.add_account(phone, config.clone());
    world.pass_seconds(1);
    let early = world.dial(phone, "ben@example.org");
    world.pass_seconds(90);
    let late = world.dial(phone, "ben@example.org");
    world.pass_seconds(90);
    let ends = [early, late].map(|call| world.end(phone, call).unwrap().id());
    assert!(ends.iter().all(|end| end.starts_with("unreachable.")), "it has not gone, it never was there: {ends:?}");
    // Who does not register is told by the INVITE itself.
    world.add_account(phone, AccountConfig { register: false, ..config });
    let call = world.dial(phone, "ben@example.org");
    world.pass_seconds(40);
    assert_eq!(world.end(phone, call).unwrap().id(), "unreachable.silent");
}

#[test]
fn an_address_that_is_none_is_said_so_at_once() {
    let mut world = World::new();
    let phone = world.add_phone();
    world.add_account(phone, AccountConfig { address: Pii("anna".into()), ..account("anna") });
    assert_eq!(world.states(phone), ["failed"]);
    assert!(world.phones[phone].account_state(ACCOUNT).is_none());
}

#[test]
fn a_server_that_refuses_connections_is_passed_over_for_the_next() {
    let mut world = World::new();
    world.add_spare();
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
    let phone = world.registered("anna");
    assert_eq!(world.opened[phone].iter().map(|(remote, _)| *remote).collect::<Vec<_>>(), [address(SERVER), address(SPARE)]);
}

#[test]
fn a_server_that_answers_503_or_nothing_is_passed_over_for_the_next() {
    for login in [Login::Refuse(503), Login::Silent] {
        let mut world = World::new();
        world.add_spare();
        world.server.at.insert(address(SERVER), login);
        let phone = world.add_phone();
        world.add_account(phone, account("anna"));
        world.pass_seconds(40);
        assert!(matches!(world.state(phone), AccountState::Registered { .. }), "{:?}", world.state(phone));
        assert!(world.opened[phone].contains(&(address(SPARE), Some("example.org".to_owned()))));
    }
}

fn tried(world: &World, phone: usize) -> Vec<std::net::SocketAddr> {
    world.opened[phone].iter().map(|(remote, _)| *remote).collect()
}

#[test]
fn a_server_that_failed_is_tried_last_for_a_while_and_first_again_later() {
    let mut world = World::new();
    world.add_spare();
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
    let phone = world.registered("anna");
    world.cut();
    world.pass_seconds(2);
    assert_eq!(tried(&world, phone), [SERVER, SPARE, SPARE].map(address));
    world.listeners.insert(address(SERVER), Listener::Accept);
    world.pass_seconds(300);
    world.cut();
    world.pass_seconds(2);
    assert_eq!(tried(&world, phone).last(), Some(&address(SERVER)));
    // In another network it may be there.
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
    world.cut();
    world.pass_seconds(2);
    let before = tried(&world, phone).len();
    world.networks(phone, &["192.0.2.10"]);
    world.networks(phone, &["192.0.2.77"]);
    assert_eq!(tried(&world, phone).get(before..), Some(&[SERVER, SPARE].map(address)[..]));
}

#[test]
fn servers_that_all_failed_are_all_tried_again() {
    let mut world = World::new();
    world.add_spare();
    for server in [SERVER, SPARE] {
        world.listeners.insert(address(server), Listener::Fail(CloseReason::Refused));
    }
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass_seconds(2);
    assert_eq!(tried(&world, phone), [SERVER, SPARE, SERVER, SPARE].map(address));
}

#[test]
fn an_address_that_is_slow_is_overtaken_by_the_servers_other_one() {
    let mut world = World::new();
    world.add_spare();
    world.aaaa("sip.example.org", "2001:db8::1");
    let six = address("[2001:db8::1]:5061");
    world.listeners.insert(six, Listener::Silent);
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass(Duration::from_millis(400));
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
    assert_eq!(tried(&world, phone), [six, address(SERVER)], "the spare server is not for that");
    // One that answers at once is the only one that is tried.
    let mut world = World::new();
    world.aaaa("sip.example.org", "2001:db8::1");
    world.listeners.insert(six, Listener::Accept);
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass_seconds(2);
    assert_eq!(tried(&world, phone), [six]);
}

#[test]
fn a_spare_server_is_tried_when_all_addresses_of_the_first_are_silent() {
    let mut world = World::new();
    world.add_spare();
    world.aaaa("sip.example.org", "2001:db8::1");
    let six = address("[2001:db8::1]:5061");
    world.listeners.insert(six, Listener::Silent);
    world.listeners.insert(address(SERVER), Listener::Silent);
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass_seconds(4);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
    assert_eq!(tried(&world, phone), [six, address(SERVER), address(SPARE)]);
}

#[test]
fn trust_is_the_trouble_that_is_told_when_servers_fail_in_several_ways() {
    let trouble = failed_with(|world| {
        world.add_spare();
        world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
        world.listeners.insert(address(SPARE), Listener::Fail(CloseReason::Tls(TlsFailure::Expired)));
    });
    assert_eq!(trouble, AccountTrouble::Untrusted(TlsTrouble::Expired));
}

#[test]
fn a_wrong_password_is_not_tried_again_by_itself() {
    let mut world = World::new();
    world.server.login = Login::Password("other".into());
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    let before = world.server.seen.len();
    world.networks(phone, &["192.0.2.10"]);
    world.networks(phone, &["192.0.2.77"]);
    world.pass_seconds(86_400);
    assert_eq!(world.server.seen.len(), before);
    world.server.login = Login::Password("secret".into());
    world.add_account(phone, AccountConfig { password: Secret::new("secret"), ..account("anna") });
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
}

#[test]
fn an_account_with_a_wrong_password_does_not_come_back_when_its_connection_is_lost() {
    let mut world = World::new();
    world.server.login = Login::Password("other".into());
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.cut();
    world.pass_seconds(3600);
    assert_eq!(world.opened[phone].len(), 1);
    assert_eq!(trouble(&world, phone), AccountTrouble::Login(LoginTrouble::WrongPassword));
    let call = world.dial(phone, "ben@example.org");
    assert_eq!(world.end(phone, call).unwrap().id(), "login.wrong-password");
}

#[test]
fn an_address_that_swallows_everything_costs_three_seconds_if_there_is_another() {
    let mut world = World::new();
    world.add_spare();
    world.listeners.insert(address(SERVER), Listener::Silent);
    let phone = world.add_phone();
    world.add_account(phone, account("anna"));
    world.pass(Duration::from_millis(3600));
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
}

#[test]
fn a_lost_connection_comes_back_within_a_second_or_so_and_registers_anew() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.cut();
    assert_eq!(world.state(phone), AccountState::Connecting);
    world.pass_seconds(2);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
    assert_eq!(world.states(phone), ["connecting", "registered", "connecting", "registered"]);
}

#[test]
fn a_dead_server_is_asked_less_and_less_often_but_for_ever() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Refused));
    world.cut();
    world.pass_seconds(600);
    let first = world.opened[phone].len();
    assert!((8..=15).contains(&first), "{first} in ten minutes");
    world.pass_seconds(3600);
    let later = world.opened[phone].len() - first;
    assert!((11..=25).contains(&later), "{later} in an hour");
    world.listeners.insert(address(SERVER), Listener::Accept);
    world.pass_seconds(301);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
}

#[test]
fn another_network_means_another_connection_at_once() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.networks(phone, &["192.0.2.10"]);
    assert_eq!(world.opened[phone].len(), 1, "the first word about networks changes nothing");
    world.networks(phone, &["192.0.2.10", "2001:db8::7"]);
    assert_eq!(world.opened[phone].len(), 1, "a further network leaves what works");
    world.networks(phone, &["2001:db8::7"]);
    assert_eq!(world.opened[phone].len(), 2);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }), "without waiting");
}

#[test]
fn a_network_that_comes_back_ends_the_waiting() {
    let mut world = World::new();
    world.listeners.insert(address(SERVER), Listener::Fail(CloseReason::Network("unreachable".into())));
    let phone = world.add_phone();
    world.networks(phone, &[]);
    world.add_account(phone, account("anna"));
    world.pass_seconds(3600);
    world.listeners.insert(address(SERVER), Listener::Accept);
    world.networks(phone, &["192.0.2.10"]);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
}

#[test]
fn what_is_not_sip_closes_the_connection_and_harms_nobody() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.tell(phone, b"HTTP/1.1 400 Bad Request\r\nContent-Length: nonsense\r\n\r\n");
    assert_eq!(world.state(phone), AccountState::Connecting);
    world.pass_seconds(2);
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
}

#[test]
fn an_account_without_registration_connects_and_asks_for_nothing() {
    let mut world = World::new();
    let phone = world.add_phone();
    world.add_account(phone, AccountConfig { register: false, ..account("anna") });
    assert_eq!(world.state(phone), AccountState::Connected);
    assert!(world.server.seen.is_empty());
}

#[test]
fn an_idle_phone_hardly_ever_wakes() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.pass_seconds(60);
    world.wakes = 0;
    world.pass(Duration::from_secs(3600));
    assert!(matches!(world.state(phone), AccountState::Registered { .. }));
    assert!(world.wakes <= 40, "{} wake-ups in an hour", world.wakes);
}

#[test]
fn a_removed_account_unregisters_and_closes() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.command(phone, Command::RemoveAccount(ACCOUNT));
    assert!(world.server.messages.last().unwrap().contains("expires=0") || world.server.messages.last().unwrap().contains("Expires: 0"));
    assert!(world.phones[phone].account_state(ACCOUNT).is_none());
    world.pass_seconds(600);
    assert_eq!(world.opened[phone].len(), 1);
}

#[test]
fn shutting_down_unregisters_closes_and_says_so_even_if_nobody_answers() {
    let mut world = World::new();
    let phone = world.registered("anna");
    world.command(phone, Command::Shutdown);
    assert!(world.shut_down[phone]);
    let mut world = World::new();
    let phone = world.registered("anna");
    world.server.login = Login::Silent;
    world.command(phone, Command::Shutdown);
    assert!(!world.shut_down[phone]);
    world.pass_seconds(4);
    assert!(world.shut_down[phone]);
}

#[test]
fn neither_password_nor_people_are_in_debug_output() {
    let mut world = World::new();
    world.server.login = Login::Password("secret".into());
    let phone = world.registered("anna");
    world.registered("ben");
    world.dial(phone, "ben@example.org");
    let dial = Command::Dial { call: CallId(2), account: None, target: "ben@example.org".into(), anonymous: false, subject: None };
    let printed = format!("{:?} {:?} {dial:?}", world.phones[phone], world.events[phone]);
    for word in ["secret", "anna@", "ben@"] {
        let at = printed.find(word).map(|at| &printed[at.saturating_sub(200)..at + 40]);
        assert_eq!(at, None, "{word}");
    }
}
