//! How calls are protected, by what the two accounts want.

use cooee_call::{EndReason, MediaProtection};
use cooee_machine::Transport;
use cooee_phone::Command;
use cooee_rtc::MediaSecurity;
use cooee_sim::HostId;

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, millis, seconds};

/// Anna and ben, whose accounts want this.
fn stage(seed: u64, transport: Transport, [annas, bens]: [MediaProtection; 2]) -> (Stage, HostId, HostId) {
    let mut stage = Stage::new(seed);
    stage.transport = transport;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    for (device, host, user, protection) in [(1, anna, "anna", annas), (2, ben, "ben", bens)] {
        let mut account = stage.account(user, device);
        account.media.protection = protection;
        stage.boot_phone(host, account, ANSWER_AT_ONCE);
    }
    stage.register_all();
    (stage, anna, ben)
}

#[test]
fn a_call_is_as_protected_as_both_sides_can_and_plain_only_if_both_allow_it() {
    use MediaProtection::{BestEffort, Encrypted, Plain};
    let all = [Encrypted, BestEffort, Plain];
    let mut seed = 0;
    for transport in [Transport::Tls, Transport::Udp] {
        for (annas, bens) in all.into_iter().flat_map(|annas| all.map(|bens| (annas, bens))) {
            seed += 1;
            let what = format!("{transport:?}: {annas:?} calls {bens:?}");
            let (mut stage, anna, ben) = stage(seed, transport, [annas, bens]);
            let call = stage.dial(anna, "ben");
            if (annas, bens) == (Plain, Encrypted) {
                assert_eq!(stage.reach_end(&[anna, ben], seconds(5)), [EndReason::SecurityRefused, EndReason::SecurityRefused], "{what}");
                continue;
            }
            stage.reach_active(&[anna, ben], seconds(5));
            let expected = if annas == Plain { MediaSecurity::None } else { MediaSecurity::EndToEnd };
            for host in [anna, ben] {
                assert_eq!(stage.phone(host).snapshot().unwrap().security, Some(expected), "{what}");
            }
            stage.assert_sound(&[anna, ben], seconds(2), 0.95);
            // What is agreed on stays so when the call is held and taken back.
            stage.command(anna, Command::Hold(call));
            stage.world.run_for(seconds(2));
            stage.command(anna, Command::Resume(call));
            stage.world.run_for(millis(500));
            stage.assert_sound(&[anna, ben], seconds(2), 0.95);
            assert_eq!(stage.phone(ben).snapshot().unwrap().security, Some(expected), "{what}");
        }
    }
}

#[test]
fn who_does_not_want_to_be_disturbed_on_one_device_is_called_on_the_other() {
    let mut stage = Stage::new(50);
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let quiet = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
    let pocket = stage.add_phone("ben", "203.0.113.2", Manners::AnswerAfter(seconds(1)));
    stage.register_all();
    stage.command(quiet, Command::SetDoNotDisturb(true));
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, pocket], seconds(5));
    let entry = &stage.phone(quiet).log[0];
    assert_eq!((entry.reason.clone(), entry.missed), (EndReason::DoNotDisturb, true));
}
