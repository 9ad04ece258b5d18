use cooee_uniffi::{Meaning, Numbering, Refused, RuleScope, read_code};

use crate::support::{Scene, wait};

#[test]
fn who_may_ring_is_listed_part_by_part() {
    let scene = Scene::new();
    let phone = &scene.phone;
    for whom in ["zoe@example.org", "ben@example.org", "spam.example"] {
        phone.block(whom.into()).unwrap();
        phone.allow(whom.into()).unwrap();
    }
    let blocked = |skip, n| wait(phone.blocked(skip, n)).unwrap();
    assert_eq!(
        blocked(0, 100).iter().map(|it| it.whom.as_str()).collect::<Vec<_>>(),
        ["ben@example.org", "spam.example", "zoe@example.org"]
    );
    assert!(blocked(1, 1)[0].whom == "spam.example" && blocked(1, 1)[0].texts == 0 && blocked(3, 9).is_empty());
    assert_eq!((phone.allowed(0, 100).unwrap().len(), phone.allowed(2, 100).unwrap().len()), (3, 1));
    phone.unblock("zoe@example.org".into()).unwrap();
    phone.block("+41 44 668 18 00".into()).unwrap();
    let standing = |address: &str| {
        let standing = phone.standing(address.into()).unwrap();
        [standing.blocked_by, standing.allowed_by].map(|rule| rule.map(|rule| (rule.scope, rule.whom)))
    };
    let rule = |scope, whom: &str| Some((scope, whom.to_owned()));
    let ben = rule(RuleScope::Address, "ben@example.org");
    assert_eq!(standing("Ben <sip:ben@EXAMPLE.org>"), [ben.clone(), ben]);
    assert_eq!(standing("zoe@example.org"), [None, rule(RuleScope::Address, "zoe@example.org")]);
    assert_eq!(standing("anybody@spam.example"), [(); 2].map(|()| rule(RuleScope::Domain, "spam.example")));
    assert_eq!(standing("tel:+41446681800"), [rule(RuleScope::Number, "+41446681800"), None]);
    assert_eq!(phone.standing("two words".into()).err(), Some(Refused::BadAddress));
}

#[test]
fn a_picture_without_a_code_has_no_text() {
    assert_eq!(read_code(vec![90; 64 * 48], 64, 48, 64), None);
    assert_eq!(read_code(vec![90; 10], 64, 48, 64), None, "it is no picture");
}

#[test]
fn numbers_are_understood_as_the_owner_says_and_nonsense_changes_nothing() {
    let scene = Scene::new();
    let phone = &scene.phone;
    let numbering = phone.numbering().unwrap();
    assert_eq!((numbering.region.clone(), numbering.own_zone, numbering.arpa), (None, true, false));
    let bad = |numbering| phone.set_numbering(numbering).err();
    assert_eq!(bad(Numbering { region: Some("Atlantis".into()), ..numbering.clone() }), Some(Refused::BadRegion));
    assert_eq!(bad(Numbering { suffixes: vec!["two words".into()], ..numbering.clone() }), Some(Refused::BadDomain));
    assert_eq!(phone.numbering().unwrap(), numbering);
    let swiss = Numbering { region: Some("CH".into()), suffixes: vec!["e164.example".into()], ..numbering };
    phone.set_numbering(swiss.clone()).unwrap();
    assert_eq!(phone.numbering().unwrap(), swiss);
    let Meaning::Somebody { address, .. } = wait(phone.understand("044 668 18 00".into(), 1)).unwrap().meaning else { panic!() };
    assert_eq!(address, "+41446681800");
}
