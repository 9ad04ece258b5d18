use cooee_uniffi::{Advice, CallDirection, EndReason, Event, Fact, Fault, MessageTrouble, Refused, Side, StorySide, TextFate};

use crate::support::{Scene, wait};

/// A missed call and a text of Ben's, from before this phone began.
const MISSED: &str = "
    INSERT INTO call (account, direction, peer, peer_name, begun, reason, missed, person)
        VALUES ('anna@example.org', 'incoming', 'sip:ben@example.org', 'Ben', 1790000000123, 'cancelled.peer', 1, 'ben@example.org'),
               ('anna@example.org', 'outgoing', 'sip:ben@example.org', NULL, 1790000000124, 'abducted', 0, 'ben@example.org');
    INSERT INTO message (account, peer, at, text, state, person)
    VALUES ('anna@example.org', 'sip:ben@example.org', 1790000000125, 'hi', 'received', 'ben@example.org')";

#[test]
fn a_call_that_is_over_is_in_the_log_with_its_story_and_can_be_forgotten() {
    let scene = Scene::new();
    let phone = &scene.phone;
    let (account, server) = scene.add_anna();
    let call = phone.dial("ben@example.org".into(), Some(account), false).unwrap();
    let (_line, _stream) = server.first_line();
    phone.hang_up(call).unwrap();
    let number = scene.event(|event| match event {
        Event::CallLogged { call: logged, number } if *logged == call => Some(*number),
        _ => None,
    });
    let with = |whom: &[&str]| wait(phone.log_with(whom.iter().map(|&whom| whom.to_owned()).collect(), None, 9)).unwrap().calls.len();
    assert_eq!(["Ben <sip:ben@EXAMPLE.org>", "ben", "cleo@example.org"].map(|whom| with(&[whom])), [1, 1, 0], "however it is written");
    assert_eq!((with(&["cleo@example.org", "ben@example.org"]), with(&[])), (1, 0), "one of them, and of no address nothing");
    let page = wait(phone.log(None, 100)).unwrap();
    let [line] = &page.calls[..] else { panic!() };
    assert_eq!((line.number, line.account.as_str(), line.peer.address.as_str()), (number, "anna@example.org", "sip:ben@example.org"));
    assert_eq!(
        (line.direction, &line.reason, line.fault),
        (CallDirection::Outgoing, &EndReason::Cancelled { by: Side::Us }, Fault::Nobody)
    );
    assert!(!line.missed && !line.new && line.times == 1 && line.talked.is_none() && line.security.is_none() && line.codec.is_none());
    let [leg] = &line.route[..] else { panic!() };
    assert_eq!(
        (leg.address.as_str(), leg.account.as_str(), &leg.reason),
        ("sip:ben@example.org", "anna@example.org", &Some(line.reason.clone()))
    );

    let story = wait(phone.story(number)).unwrap();
    assert_eq!(story.begun, line.begun);
    let dialled = story.steps.iter().find(|step| step.fact == Fact::Dialled { address: "sip:ben@example.org".into() }).unwrap();
    assert_eq!(dialled.side, StorySide::Yours);
    let verdict = story.verdict.unwrap();
    assert!(verdict.fact == Fact::Ended { reason: EndReason::Cancelled { by: Side::Us } });
    assert_eq!((verdict.side, verdict.advice), (None, Advice::Nothing));
    let report = wait(phone.report(number)).unwrap();
    assert!(report.contains("ended reason=cancelled.us") && !report.contains("example"), "{report}");

    assert_eq!(wait(phone.forget_calls(Some(number))), Ok(1));
    assert_eq!(wait(phone.forget_calls(Some(number))), Ok(0));
    assert!(wait(phone.log(None, 1)).unwrap().calls.is_empty());
    for gone in [wait(phone.story(number)).err(), wait(phone.report(number)).err()] {
        assert_eq!(gone, Some(Refused::NoSuchCall));
    }
}

#[test]
fn what_was_missed_is_new_until_it_was_looked_at() {
    let scene = Scene::with(MISSED);
    let phone = &scene.phone;
    let page = wait(phone.log(None, 2)).unwrap();
    assert_eq!((page.missed, page.calls.iter().map(|call| call.number).collect::<Vec<_>>()), (1, vec![2, 1]));
    let [unknown, missed] = &page.calls[..] else { panic!() };
    assert!(missed.missed && missed.new && missed.peer.name.as_deref() == Some("Ben") && !unknown.new);
    assert_eq!(unknown.reason, EndReason::Other { name: "abducted".into() });
    assert_eq!(wait(phone.log(Some(2), 9)).unwrap().calls[0].number, 1);
    assert_eq!(wait(phone.missed(None, 9)).unwrap().calls.len(), 1);
    wait(phone.see_calls(1)).unwrap();
    let page = wait(phone.missed(None, 9)).unwrap();
    assert_eq!((page.missed, page.calls[0].new), (0, false));
    assert_eq!(wait(phone.forget_calls(None)), Ok(2));
}

#[test]
fn texts_are_read_page_by_page_with_what_became_of_them() {
    let scene = Scene::with(MISSED);
    let phone = &scene.phone;
    let (account, _server) = scene.add_anna();
    let sent = wait(phone.send_message("not an address".into(), "hello".into(), Some(account))).unwrap();
    scene.event(|event| matches!(event, Event::MessageFailed { .. }).then_some(()));
    let page = wait(phone.texts(None, 9)).unwrap();
    let [failed, came] = &page.texts[..] else { panic!() };
    assert_eq!((page.unread, failed.message, came.message), (1, sent, 1));
    assert_eq!((failed.text.as_str(), failed.fate), ("hello", TextFate::Failed { trouble: Some(MessageTrouble::BadAddress) }));
    assert!(came.new && came.fate == TextFate::Received && came.text == "hi" && !failed.new && !failed.at.is_zero());
    assert_eq!((came.account.as_str(), came.peer.address.as_str()), ("anna@example.org", "sip:ben@example.org"));
    let with_ben = wait(phone.texts_with(vec!["ben".into(), "+41446681800".into()], None, 9)).unwrap();
    assert_eq!(with_ben.texts.iter().map(|text| text.message).collect::<Vec<_>>(), [1]);
    wait(phone.see_texts(came.message)).unwrap();
    let page = wait(phone.texts(Some(sent), 9)).unwrap();
    assert_eq!((page.unread, page.texts.len(), page.texts[0].new), (0, 1, false));
    assert_eq!((wait(phone.forget_texts(Some(sent))), wait(phone.forget_texts(None))), (Ok(1), Ok(1)));
    assert!(wait(phone.texts(None, 9)).unwrap().texts.is_empty());
}

#[test]
fn why_an_account_does_not_work_has_a_story_too() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    let story = wait(scene.phone.account_story(account)).unwrap();
    assert!(story.steps.iter().any(|step| matches!(step.fact, Fact::Connected { .. })) && !story.begun.is_zero());
    let report = wait(scene.phone.account_report(account)).unwrap();
    assert!(report.contains("log-in") && report.contains("connected transport=tcp") && !report.contains("127.0.0.1"), "{report}");
    assert_eq!(wait(scene.phone.account_story(99)).err(), Some(Refused::NoSuchAccount));
    assert_eq!(wait(scene.phone.account_report(99)).err(), Some(Refused::NoSuchAccount));
}

#[test]
fn a_page_has_a_bound() {
    let scene = Scene::new();
    let phone = &scene.phone;
    assert_eq!(wait(phone.log(None, 101)).err(), Some(Refused::Length));
    assert_eq!(wait(phone.missed(None, 101)).err(), Some(Refused::Length));
    assert_eq!(wait(phone.texts(None, 101)).err(), Some(Refused::Length));
    assert_eq!(wait(phone.log_with(vec![String::new(); 101], None, 1)).err(), Some(Refused::Length));
    assert_eq!(wait(phone.texts_with(vec![String::new(); 101], None, 1)).err(), Some(Refused::Length));
    assert_eq!(wait(phone.blocked(0, 101)).err(), Some(Refused::Length));
    assert_eq!(phone.allowed(0, 101).err(), Some(Refused::Length));
}
