use cooee_uniffi::{AddressKind, Event, Meaning, MessageTrouble, NoAddress, Obstacle, ReachState, Refused, Remark, Way};

use crate::support::{Scene, wait};

#[test]
fn what_is_typed_is_understood_with_what_calling_it_would_do() {
    let scene = Scene::new();
    let understand = |text: &str, seq| wait(scene.phone.understand(text.into(), seq)).unwrap();
    let nobody = understand("https://example.org", 1);
    assert_eq!(nobody.seq, 1);
    assert!(nobody.meaning == Meaning::Nobody { why: NoAddress::Scheme { scheme: "https".into() } });
    let Meaning::Somebody { kind, address, name, remarks, routes, .. } = understand("Ben <ben@example.org>", 2).meaning else { panic!() };
    assert_eq!((kind, address.as_str(), name.as_deref()), (AddressKind::Mailbox, "ben@example.org", Some("Ben")));
    assert_eq!(remarks, [Remark::AnyProtocol]);
    assert!(routes.iter().all(|route| route.obstacle.is_some()), "there is nobody to call from");
    assert_eq!(routes[0].obstacle, Some(Obstacle::NoAccount));
    let (account, _server) = scene.add_anna();
    let Meaning::Somebody { routes, .. } = understand("ben@example.org", 3).meaning else { panic!() };
    let best = &routes[0];
    assert_eq!((best.way, best.account, best.obstacle, best.reach.state), (Way::Sip, Some(account), None, ReachState::Unknown));
}

#[test]
fn a_page_of_people_has_an_answer_for_each_and_a_bound() {
    let scene = Scene::new();
    let page = |addresses: Vec<String>| wait(scene.phone.reach(addresses));
    let known = page(vec!["ben@gmail.com".into(), "no address at all".into(), "anna@example.org".into()]).unwrap();
    assert_eq!(
        known.iter().map(|reach| reach.state).collect::<Vec<_>>(),
        [ReachState::NotPublished, ReachState::Unknown, ReachState::Unknown]
    );
    assert_eq!(page(vec!["ben@example.org".into(); 101]).err(), Some(Refused::Length));
    assert_eq!(page(Vec::new()), Ok(Vec::new()));
}

#[test]
fn asking_about_contacts_is_told_and_moves_the_revision_of_people() {
    let scene = Scene::new();
    let people = scene.phone.people();
    let before = wait(people.next()).unwrap();
    scene.phone.set_contacts(vec!["ben@example.org".into(), "no address at all".into()]).unwrap();
    scene.phone.probe().unwrap();
    scene.event(|event| matches!(event, Event::Probed).then_some(()));
    assert!(wait(people.next()).unwrap() > before);
    scene.phone.stop_probing().unwrap();
    wait(scene.phone.wipe_contacts()).unwrap();
}

#[test]
fn how_somebody_is_called_is_chosen_and_forgotten() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    assert_eq!(scene.phone.choose("ben@example.org".into(), Some(99), None), Err(Refused::NoSuchAccount));
    assert_eq!(scene.phone.choose("ben".into(), Some(account), None), Err(Refused::BadAddress));
    scene.phone.choose("ben@example.org".into(), Some(account), None).unwrap();
    let forget = |target: &str| wait(scene.phone.forget_choice(target.into()));
    assert_eq!((forget("ben@example.org"), forget("ben@example.org")), (Ok(true), Ok(false)));
    assert_eq!(forget("https://example.org"), Err(Refused::BadAddress));
}

#[test]
fn who_may_ring_is_changed_at_once_and_refused_if_it_makes_no_sense() {
    let scene = Scene::new();
    let phone = &scene.phone;
    assert_eq!(phone.block("two words".into()), Err(Refused::BadAddress));
    assert_eq!(phone.unblock("ben@example.org".into()), Err(Refused::NotBlocked));
    assert_eq!(phone.disallow("example.org".into()), Err(Refused::NotAllowed));
    assert_eq!((phone.block("ben@example.org".into()), phone.allow("example.org".into())), (Ok(()), Ok(())));
    assert_eq!((phone.unblock("ben@example.org".into()), phone.disallow("example.org".into())), (Ok(()), Ok(())));
    phone.set_do_not_disturb(true).unwrap();
    phone.set_reject_anonymous(true).unwrap();
    scene.until_status(|status| status.do_not_disturb && status.reject_anonymous);
}

#[test]
fn a_text_is_refused_or_its_fate_is_told() {
    let scene = Scene::new();
    assert_eq!(wait(scene.phone.send_message("ben@example.org".into(), "hello".into(), None)), Err(Refused::NoSuchAccount));
    let (account, _server) = scene.add_anna();
    assert_eq!(wait(scene.phone.send_message("ben@example.org".into(), String::new(), None)), Err(Refused::Length));
    let message = wait(scene.phone.send_message("not an address".into(), "hello".into(), Some(account))).unwrap();
    let failed = scene.event(|event| match event {
        Event::MessageFailed { message, trouble } => Some((*message, *trouble)),
        _ => None,
    });
    assert_eq!(failed, (message, MessageTrouble::BadAddress));
}

#[test]
fn whatever_changes_what_is_known_of_people_moves_their_revision() {
    let scene = Scene::new();
    let (account, _server) = scene.add_anna();
    let (phone, ben) = (&scene.phone, || "ben@example.org".to_owned());
    let people = phone.people();
    let mut before = wait(people.next()).unwrap();
    let mut moved = |what: &str, done: Result<(), Refused>| {
        assert_eq!(done, Ok(()), "{what}");
        let now = wait(people.next()).unwrap();
        assert!(now > before, "{what}");
        before = now;
    };
    moved("block", phone.block(ben()));
    moved("unblock", phone.unblock(ben()));
    moved("allow", phone.allow(ben()));
    moved("disallow", phone.disallow(ben()));
    moved("accept", phone.accept_request(ben()));
    moved("refuse", phone.refuse_request(ben()));
    moved("choose", phone.choose(ben(), Some(account), None));
    moved("forget the choice", wait(phone.forget_choice(ben())).map(|_| ()));
    moved("see calls", wait(phone.see_calls(0)));
    moved("see texts", wait(phone.see_texts(0)));
    moved("forget calls", wait(phone.forget_calls(None)).map(|_| ()));
    moved("forget texts", wait(phone.forget_texts(None)).map(|_| ()));
}

#[test]
fn a_call_that_stands_in_the_log_and_the_fate_of_a_text_move_the_revision_before_they_are_told() {
    let scene = Scene::new();
    let (account, server) = scene.add_anna();
    let people = scene.phone.people();
    let before = wait(people.next()).unwrap();
    let called = scene.phone.dial("ben@example.org".into(), Some(account), false).unwrap();
    let (_line, _stream) = server.first_line();
    scene.phone.hang_up(called).unwrap();
    scene.event(|event| matches!(event, Event::CallLogged { call, .. } if *call == called).then_some(()));
    let logged = wait(people.next()).unwrap();
    assert!(logged > before);
    wait(scene.phone.send_message("not an address".into(), "hello".into(), Some(account))).unwrap();
    scene.event(|event| matches!(event, Event::MessageFailed { .. }).then_some(()));
    assert!(wait(people.next()).unwrap() > logged);
}
