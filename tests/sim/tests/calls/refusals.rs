//! Calls and accounts that do not come about, each for its own reason.

use cooee_call::{CallId, CallState, EndReason, LoginTrouble, NetworkTrouble, Side, TlsTrouble};
use cooee_machine::{Secret, Transport};
use cooee_phone::{AccountConfig, AccountState, AccountTrouble};
use cooee_sdp::Codec;
use cooee_sim::{Certificate, HostId};

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, millis, seconds};

/// The first trouble of an account, waiting for it.
fn trouble(stage: &mut Stage, host: HostId) -> AccountTrouble {
    let told = |stage: &Stage| stage.phone(host).troubles().next().cloned();
    stage.reach("the account fails", seconds(60), |stage| told(stage).is_some());
    told(stage).unwrap()
}

/// A phone with this account, and how a call over it ends.
fn account_and_call(stage: &mut Stage, account: AccountConfig) -> (AccountTrouble, EndReason) {
    let internet = stage.world.internet();
    let host = stage.world.add_host("visitor", internet, "198.51.100.77", &stage.access.clone());
    stage.boot_phone(host, account, Manners::Ring);
    let trouble = trouble(stage, host);
    stage.dial(host, "ben@example.org");
    let end = stage.reach_end(&[host], seconds(60)).remove(0);
    (trouble, end)
}

#[test]
fn a_wrong_password_is_told_by_the_account_and_by_the_call() {
    let mut stage = Stage::new(1);
    let mut account = stage.account("anna", 1);
    account.password = Secret::new("wrong");
    let (trouble, end) = account_and_call(&mut stage, account);
    assert_eq!(trouble, AccountTrouble::Login(LoginTrouble::WrongPassword));
    assert_eq!(end, EndReason::Login(LoginTrouble::WrongPassword));
}

#[test]
fn an_unknown_user_cannot_tell_whether_the_name_or_the_password_is_wrong() {
    let mut stage = Stage::new(2);
    let account = stage.account("nobody", 1);
    let (trouble, end) = account_and_call(&mut stage, account);
    assert!(matches!(trouble, AccountTrouble::Login(_)), "{trouble:?}");
    assert!(matches!(end, EndReason::Login(_)), "{end:?}");
}

#[test]
fn a_domain_that_does_not_exist_is_told() {
    let mut stage = Stage::new(3);
    let account = AccountConfig::new("anna@example.invalid", Secret::new("x"), "urn:uuid:00000000-0000-4000-8000-000000000001");
    let (trouble, end) = account_and_call(&mut stage, account);
    assert_eq!(trouble, AccountTrouble::NoSuchDomain("example.invalid".to_owned()));
    assert_eq!(end, EndReason::NoSuchDomain { domain: "example.invalid".to_owned() });
}

#[test]
fn a_certificate_that_cannot_be_trusted_is_told_for_its_reason() {
    let good = Certificate::new(&["example.org"]);
    let of_somebody = good.clone().by("somebody");
    let shown = Some(of_somebody.fingerprint().iter().map(|octet| format!("{octet:02x}")).collect::<String>());
    let names = || "other.example".to_owned();
    for (certificate, expected) in [
        (of_somebody, TlsTrouble::UnknownAuthority { shown }),
        (good.expired(), TlsTrouble::Expired),
        (Certificate::new(&["other.example"]), TlsTrouble::WrongName { names: names() }),
    ] {
        let mut stage = Stage::new(4);
        let server = stage.server;
        stage.world.host_mut(server).certificate = Some(certificate);
        let account = stage.account("anna", 1);
        let (trouble, end) = account_and_call(&mut stage, account);
        assert_eq!(trouble, AccountTrouble::Untrusted(expected.clone()));
        assert_eq!(end, EndReason::Untrusted(expected));
    }
}

#[test]
fn a_server_that_is_not_there_refuses_or_is_silent() {
    let mut stage = Stage::new(5);
    let server = stage.server;
    stage.world.kill(server);
    let account = stage.account("anna", 1);
    let (trouble, end) = account_and_call(&mut stage, account);
    assert_eq!(trouble, AccountTrouble::Unreachable(NetworkTrouble::Refused));
    assert_eq!(end, EndReason::Unreachable(NetworkTrouble::Refused));

    for transport in [Transport::Tls, Transport::Udp] {
        let mut stage = Stage::new(6);
        stage.transport = transport;
        let server = stage.server;
        stage.world.power_off(server);
        let account = stage.account("anna", 1);
        let internet = stage.world.internet();
        let waiting = stage.world.add_host("waiting", internet, "198.51.100.78", &stage.access.clone());
        stage.boot_phone(waiting, account.clone(), Manners::Ring);
        let (trouble, end) = account_and_call(&mut stage, account);
        let expected = if transport == Transport::Udp { NetworkTrouble::Silent } else { NetworkTrouble::Timeout };
        assert_eq!(trouble, AccountTrouble::Unreachable(expected.clone()), "{transport:?}");
        let state = stage.phone(waiting).account_state();
        let says_when = matches!(state, Some(AccountState::Failed { trouble: AccountTrouble::Unreachable(_), retry_in: Some(_) }));
        assert!(says_when, "it stays failed, and says when it tries again: {state:?}");
        assert_eq!(end, EndReason::Unreachable(expected), "{transport:?}");
    }
}

#[test]
fn names_that_cannot_be_looked_up_are_told() {
    let mut stage = Stage::new(7);
    stage.world.dns.loss = 1.0;
    let account = stage.account("anna", 1);
    let (trouble, end) = account_and_call(&mut stage, account);
    assert!(matches!(trouble, AccountTrouble::Unreachable(NetworkTrouble::Dns { .. })), "{trouble:?}");
    assert!(matches!(end, EndReason::Unreachable(NetworkTrouble::Dns { .. })), "{end:?}");
}

#[test]
fn nobody_of_that_name_and_nobody_at_home_are_different_things() {
    let (mut stage, anna, _) = Stage::with_anna_and_ben(8);
    stage.dial(anna, "nobody");
    assert_eq!(stage.reach_end(&[anna], seconds(5)), [EndReason::NotFound]);
    stage.dial(anna, "carl");
    assert_eq!(stage.reach_end(&[anna], seconds(5)), [EndReason::Unavailable]);
}

#[test]
fn no_common_codec_ends_the_call_at_both_ends() {
    let mut stage = Stage::new(9);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    for (host, user, codec) in [(anna, "anna", Codec::pcma()), (ben, "ben", Codec::opus())] {
        let mut account = stage.account(user, 5);
        account.media.codecs = vec![codec];
        stage.boot_phone(host, account, ANSWER_AT_ONCE);
    }
    stage.register_all();
    stage.dial(anna, "ben");
    assert_eq!(stage.reach_end(&[anna], seconds(5)), [EndReason::NoCommonCodec]);
}

#[test]
fn a_call_can_be_declined() {
    let mut stage = Stage::new(10);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", Manners::DeclineAfter(millis(700)));
    stage.register_all();
    stage.dial(anna, "ben");
    let ends = stage.reach_end(&[anna, ben], seconds(5));
    assert_eq!(ends, [EndReason::Declined(Side::Peer), EndReason::Declined(Side::Us)]);
}

#[test]
fn a_phone_with_as_many_calls_as_it_takes_is_busy_for_others() {
    let mut stage = Stage::new(11);
    let [anna, ben, carl] = [("anna", "198.51.100.1"), ("ben", "203.0.113.1"), ("carl", "203.0.113.3")]
        .map(|(user, address)| stage.add_phone(user, address, Manners::Ring));
    stage.register_all();
    let first = stage.dial(anna, "ben");
    let second = stage.dial(carl, "ben");
    stage.reach("both ring", seconds(2), |stage| {
        [(anna, first), (carl, second)].iter().all(|(host, call)| stage.phone(*host).snapshots()[call].state == CallState::Ringing)
    });
    let third = stage.dial(anna, "ben");
    let state = |stage: &Stage, call: CallId| stage.phone(anna).snapshots().get(&call).map(|call| call.state.clone());
    let busy = Some(CallState::Ended(EndReason::Busy(Side::Peer)));
    stage.reach("the third is refused", seconds(2), |stage| state(stage, third) == busy);
    assert_eq!(state(&stage, first), Some(CallState::Ringing));
    assert!(stage.phone(ben).log[0].missed);
}

#[test]
fn nobody_answers_and_the_call_ends_by_itself() {
    let mut stage = Stage::new(12);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
    stage.register_all();
    stage.dial(anna, "ben");
    let ends = stage.reach_end(&[anna, ben], seconds(200));
    assert!(matches!(ends[0], EndReason::NoAnswer(_)), "{ends:?}");
    assert!(matches!(ends[1], EndReason::NoAnswer(_) | EndReason::Cancelled(Side::Peer)), "{ends:?}");
}
