//! Keys that people have compared.

use cooee_call::{KeyTrust, MediaKeys};
use cooee_machine::Pii;
use cooee_phone::{Command, VerifiedKey};
use cooee_rtc::MediaSecurity;

use crate::stage::{Stage, seconds};

fn compared(peer: &str, keys: &[[u8; 32]]) -> Command {
    Command::SetVerified(keys.iter().map(|key| VerifiedKey { peer: Pii(peer.to_owned()), key: *key }).collect())
}

#[test]
fn a_call_is_verified_while_its_key_is_among_those_that_were_compared_with_this_person() {
    let (mut stage, anna, ben) = Stage::with_anna_and_ben(1);
    stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    let call = |stage: &Stage, host| stage.phone(host).snapshot().unwrap();
    let (hers, his) = (call(&stage, anna).keys.unwrap(), call(&stage, ben).keys.unwrap());
    assert_eq!(hers, MediaKeys { ours: his.theirs, theirs: his.ours });
    assert_eq!(hers.words(), his.words(), "both read the same");
    let (end_to_end, verified) = (Some(MediaSecurity::EndToEnd), Some(MediaSecurity::Verified));
    let judged = |stage: &Stage| (call(stage, anna).security, call(stage, anna).key_trust);
    for (peer, keys, expected) in [
        ("sip:zoe@example.org", vec![hers.theirs], (end_to_end, KeyTrust::Unknown)),
        ("ben@Example.org", vec![[7; 32], hers.theirs], (verified, KeyTrust::Verified)),
        ("sip:ben@example.org", vec![[7; 32]], (end_to_end, KeyTrust::Changed)),
        ("sip:ben@example.org", Vec::new(), (end_to_end, KeyTrust::Unknown)),
    ] {
        // At once, in the call that goes on.
        stage.command(anna, compared(peer, &keys));
        assert_eq!(judged(&stage), expected, "{peer}");
    }
    stage.command(anna, compared("sip:ben@example.org", &[hers.theirs]));
    stage.hang_up(anna);
    stage.reach_end(&[anna, ben], seconds(3));
    let entry = stage.phone(anna).log.last().unwrap();
    assert_eq!(entry.call.security, verified, "and so it is logged");
    assert!(entry.story.steps().iter().any(|step| step.fact.id() == "key-changed"));
    assert_eq!(stage.phone(ben).log.last().unwrap().call.security, end_to_end, "each person for itself");
}
