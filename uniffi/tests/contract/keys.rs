use cooee_uniffi::{CodeMatch, KeyTrust, Refused};

use crate::support::{Scene, wait};

/// The key of a call with Ben.
const SPOKEN: &str = "INSERT INTO media_key (person, account, peer, theirs, ours, seen)
    VALUES ('ben@example.org', 'anna@example.org', 'sip:ben@example.org', randomblob(32), randomblob(32), 1790000000123)";
/// That of another phone of his, later.
const AGAIN: &str = "INSERT INTO media_key (person, account, peer, theirs, ours, seen)
    VALUES ('ben@example.org', 'anna@example.org', 'sip:ben@example.org', randomblob(32), randomblob(32), 1790000000124)";

fn ben() -> String {
    "ben@example.org".to_owned()
}

/// What the other phone shows for the same call: the two keys the other way round.
fn from_there(code: &str) -> String {
    let (ours, theirs) = code.strip_prefix("COOEE1:").unwrap().split_once(':').unwrap();
    format!("COOEE1:{theirs}:{ours}")
}

#[test]
fn a_key_is_compared_by_words_and_counted_on_until_it_is_forgotten() {
    let scene = Scene::with(SPOKEN);
    let phone = &scene.phone;
    let key = wait(phone.media_key(ben())).unwrap().unwrap();
    assert_eq!(
        (key.words.len(), key.trust, key.peer.as_str(), key.account.as_str()),
        (12, KeyTrust::Unknown, "sip:ben@example.org", "anna@example.org")
    );
    assert!(!key.seen.is_zero());
    assert_eq!(wait(phone.words_match(ben(), "COOEE1:of another call".into())), Err(Refused::NoSuchKey));
    assert_eq!(wait(phone.forget_verified(ben())), Ok(false));
    wait(phone.words_match(ben(), key.code.clone())).unwrap();
    assert_eq!(wait(phone.media_key(ben())).unwrap().unwrap().trust, KeyTrust::Verified);
    assert_eq!(wait(phone.forget_verified(ben())), Ok(true));
    assert!(wait(phone.media_key(ben())).unwrap() == Some(key));
}

#[test]
fn a_key_is_compared_by_a_camera_and_another_one_later_is_told() {
    let scene = Scene::with(SPOKEN);
    let phone = &scene.phone;
    let code = wait(phone.media_key(ben())).unwrap().unwrap().code;
    assert_eq!(wait(phone.compare_code(ben(), "https://example.org".into())), Ok(CodeMatch::NoCode));
    assert_eq!(wait(phone.compare_code(ben(), code.clone())), Ok(CodeMatch::Different), "its own code proves nothing");
    assert_eq!(wait(phone.compare_code(ben(), from_there(&code))), Ok(CodeMatch::Same));
    assert_eq!(wait(phone.media_key(ben())).unwrap().unwrap().trust, KeyTrust::Verified);
    scene.store(AGAIN);
    assert_eq!(wait(phone.media_key(ben())).unwrap().unwrap().trust, KeyTrust::Changed);
}

#[test]
fn without_a_call_there_is_no_key() {
    let scene = Scene::new();
    assert!(wait(scene.phone.media_key(ben())).unwrap().is_none());
    assert_eq!(wait(scene.phone.words_match(ben(), String::new())), Err(Refused::NoSuchKey));
    assert_eq!(wait(scene.phone.compare_code(ben(), String::new())), Err(Refused::NoSuchKey));
}
