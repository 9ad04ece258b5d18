//! An account with an ordinary provider: numbers, plain UDP, no registration, an exchange without ICE or keys.

use cooee_call::{CallState, EndReason, MediaProtection, Milestone, Side};
use cooee_machine::{Secret, Transport};
use cooee_phone::{AccountConfig, Command};
use cooee_rtc::MediaSecurity;
use cooee_sim::{HostId, Quality};

use crate::exchange::{EXCHANGE, Exchange, Turn};
use crate::phone::Manners;
use crate::stage::{Stage, millis, seconds};

/// Anna's phone, and her provider's exchange.
pub(crate) fn stage(seed: u64, turns: impl IntoIterator<Item = Turn>) -> (Stage, HostId, HostId) {
    let mut stage = Stage::new(seed);
    let internet = stage.world.internet();
    let exchange = stage.world.add_host("exchange", internet, EXCHANGE, &Quality::millis(5));
    stage.world.boot(exchange, Exchange::new(turns));
    let mut account = AccountConfig::new("anna@provider.example", Secret::new("x"), "urn:uuid:00000000-0000-4000-8000-000000000001");
    account.proxy = Some(EXCHANGE.to_owned());
    account.transport = Some(Transport::Udp);
    (account.numbers, account.register) = (true, false);
    account.media.protection = MediaProtection::BestEffort;
    let anna = stage.world.add_host("anna", internet, "198.51.100.1", &Quality::millis(10));
    stage.boot_phone(anna, account, Manners::Ring);
    stage.world.run_for(seconds(1));
    (stage, anna, exchange)
}

pub(crate) fn exchange(stage: &Stage, host: HostId) -> &Exchange {
    stage.world.node(host)
}

#[test]
fn what_is_announced_before_the_answer_is_heard() {
    let (mut stage, anna, provider) = stage(1, [Turn::Announce(seconds(3))]);
    stage.dial(anna, "030 / 12 34");
    let took = stage.reach("the announcement begins", seconds(2), |stage| stage.phone(anna).state() == Some(CallState::Ringing));
    assert!(took < millis(900), "{took:?}");
    stage.reach_active(&[anna], seconds(5));
    let call = stage.phone(anna).snapshot().unwrap();
    let answered = call.timeline.step(Milestone::Answered).unwrap().at;
    let first = stage.phone(anna).last_heard().first.unwrap();
    assert!(answered - first > seconds(2), "heard at {first:?}, answered at {answered:?}");
    assert_eq!(call.security, Some(MediaSecurity::None), "that nothing protects it is shown");
    assert_eq!(exchange(&stage, provider).invites[0].0, "sip:0301234@provider.example");
    stage.assert_sound(&[anna], seconds(2), 0.95);
    assert!(exchange(&stage, provider).heard > 90);
    stage.hang_up(anna);
    assert_eq!(stage.reach_end(&[anna], seconds(3)), [EndReason::HungUp(Side::Us)]);
}

#[test]
fn an_exchange_holds_by_naming_no_address_and_its_music_is_heard() {
    let (mut stage, anna, provider) = stage(2, [Turn::Announce(millis(500))]);
    stage.dial(anna, "0301234");
    stage.reach_active(&[anna], seconds(5));
    stage.assert_sound(&[anna], seconds(2), 0.95);
    stage.world.with(provider, |exchange: &mut Exchange, desk, _| exchange.hold(true, desk));
    stage.reach("anna is held", seconds(2), |stage| stage.phone(anna).state() == Some(CallState::Held(Side::Peer)));
    stage.world.run_for(millis(200));
    let before = exchange(&stage, provider).heard;
    stage.assert_sound(&[anna], seconds(600), 0.99);
    assert_eq!(exchange(&stage, provider).heard, before, "nothing is said to who does not listen");
    stage.world.with(provider, |exchange: &mut Exchange, desk, _| exchange.hold(false, desk));
    stage.reach("anna is taken back", seconds(2), |stage| stage.phone(anna).is_active());
    stage.world.run_for(seconds(2));
    assert!(exchange(&stage, provider).heard > before + 80);
}

#[test]
fn a_call_outlives_a_hold_in_which_the_exchange_sends_nothing_at_all() {
    let (mut stage, anna, provider) = stage(4, [Turn::Announce(millis(500))]);
    let quiet = |stage: &mut Stage, is_quiet: bool| {
        stage.world.with(provider, |exchange: &mut Exchange, desk, _| {
            exchange.is_quiet = is_quiet;
            exchange.hold(is_quiet, desk);
        });
    };
    stage.dial(anna, "0301234");
    stage.reach_active(&[anna], seconds(5));
    quiet(&mut stage, true);
    stage.world.run_for(seconds(600));
    assert_eq!(stage.phone(anna).state(), Some(CallState::Held(Side::Peer)));
    quiet(&mut stage, false);
    stage.reach("anna is taken back", seconds(2), |stage| stage.phone(anna).is_active());
    stage.world.run_for(millis(200));
    stage.assert_sound(&[anna], seconds(2), 0.95);
}

#[test]
fn a_call_finds_its_way_past_a_refused_offer_and_a_pointer() {
    let turns = [Turn::Refuse(488), Turn::MoveTo("sip:0309999@provider.example"), Turn::Announce(millis(300))];
    let (mut stage, anna, provider) = stage(3, turns);
    stage.dial(anna, "0301234");
    stage.reach_active(&[anna], seconds(5));
    let invites = &exchange(&stage, provider).invites;
    let called: Vec<&str> = invites.iter().map(|(uri, _)| uri.as_str()).collect();
    assert_eq!(called, ["sip:0301234@provider.example", "sip:0301234@provider.example", "sip:0309999@provider.example"]);
    let offered = |at: usize, what: &str| invites[at].1.contains(what);
    assert!(offered(0, " RTP/AVP ") && offered(0, "a=fingerprint:") && !offered(0, "a=crypto:"));
    assert!(offered(1, " UDP/TLS/RTP/SAVPF ") && offered(2, " RTP/AVP "));
    let call = stage.phone(anna).snapshot().unwrap();
    assert_eq!(call.legs[1].address.reveal(), "sip:0309999@provider.example");
    stage.assert_sound(&[anna], seconds(2), 0.95);
}

#[test]
fn who_answers_answers_the_first_offer_whatever_another_phone_has_agreed_on_since() {
    let (mut stage, anna, provider) = stage(5, [Turn::Fork]);
    stage.dial(anna, "0301234");
    stage.reach_active(&[anna], seconds(5));
    assert_eq!(stage.phone(anna).snapshot().unwrap().codec.unwrap().name, "opus");
    stage.assert_sound(&[anna], seconds(2), 0.95);
    assert!(exchange(&stage, provider).heard > 90);
    stage.hang_up(anna);
    assert_eq!(stage.reach_end(&[anna], seconds(3)), [EndReason::HungUp(Side::Us)]);
}

#[test]
fn a_menu_that_speaks_before_the_answer_hears_digits() {
    let (mut stage, anna, provider) = stage(6, [Turn::Announce(seconds(5))]);
    let call = stage.dial(anna, "0301234");
    stage.reach("the menu is heard", seconds(2), |stage| stage.phone(anna).state() == Some(CallState::Ringing));
    stage.world.run_for(millis(500));
    stage.command(anna, Command::Digit { call, digit: '7' });
    stage.world.run_for(seconds(1));
    assert_eq!(exchange(&stage, provider).pressed.iter().copied().collect::<Vec<_>>(), [7]);
    assert_eq!(stage.phone(anna).state(), Some(CallState::Ringing), "that is no answer");
}
