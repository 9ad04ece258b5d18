use std::time::Duration;

use cooee_machine::DnsSecurity;

use super::{Caller, DialPlan, Numbering, Obstacle, Readiness, Reason, Route, Way};
use crate::probe::{Answered, Finding, Protocol, Published, Reach, Service, Source};
use crate::{AccountId, Address, EnumAnswer, EnumService, Inquiry, Reply};

const NOW: Duration = Duration::from_secs(1_800_000_000);
const FAMILY: AccountId = AccountId(1);
const TRUNK: AccountId = AccountId(2);

fn caller(account: AccountId, host: &str, takes_numbers: bool) -> Caller {
    Caller { account, host: host.to_owned(), takes_numbers, is_encrypted: true, readiness: Readiness::Ready }
}

fn family() -> DialPlan {
    DialPlan { callers: vec![caller(FAMILY, "example.org", false)], ..DialPlan::default() }
}

fn with_trunk() -> DialPlan {
    DialPlan { callers: vec![caller(FAMILY, "example.org", false), caller(TRUNK, "provider.example", true)], ..DialPlan::default() }
}

fn address(text: &str) -> Address {
    Address::understand(text, Some("CH".parse().unwrap())).unwrap().address
}

fn answer(text: &str, security: DnsSecurity) -> EnumAnswer {
    let suffix = "own.example".parse().unwrap();
    EnumAnswer { suffix, service: EnumService::Sip, address: address(text), security, order: 1, preference: 1 }
}

/// Each way with its account, as far as it can be used.
fn usable(routes: &[Route]) -> Vec<(Way, Option<AccountId>)> {
    routes.iter().filter(|route| route.is_usable()).map(|route| (route.way, route.account)).collect()
}

#[test]
fn who_is_called_by_name_is_called_by_sip_over_the_account_that_fits() {
    let routes = with_trunk().routes(&address("ben@provider.example"), &[], NOW);
    assert_eq!(usable(&routes), [(Way::Sip, Some(TRUNK))]);
    assert_eq!((routes[0].reasons.as_slice(), routes[1].obstacle), (&[Reason::SameDomain][..], Some(Obstacle::NotYet)));
    let routes = with_trunk().routes(&address("ben@elsewhere.example"), &[], NOW);
    assert_eq!((usable(&routes), &routes[0].reasons), (vec![(Way::Sip, Some(FAMILY))], &vec![Reason::FirstThatWorks]));
    let named = DialPlan { named: Some(TRUNK), ..with_trunk() };
    assert_eq!(usable(&named.routes(&address("ben@elsewhere.example"), &[], NOW)), [(Way::Sip, Some(TRUNK))]);
    assert_eq!(DialPlan::default().routes(&address("ben@example.org"), &[], NOW)[0].obstacle, Some(Obstacle::NoAccount));
}

#[test]
fn a_number_goes_by_enum_then_by_an_account_that_takes_numbers_then_by_the_ordinary_dialler() {
    let found = [answer("sip:anna@far.example", DnsSecurity::Insecure)];
    let ways = |plan: &DialPlan, found: &[EnumAnswer]| usable(&plan.routes(&address("044 668 18 00"), found, NOW));
    assert_eq!(ways(&with_trunk(), &found), [(Way::Sip, Some(FAMILY)), (Way::Exchange, Some(TRUNK)), (Way::OrdinaryDialler, None)]);
    assert_eq!(ways(&family(), &found), [(Way::Sip, Some(FAMILY)), (Way::OrdinaryDialler, None)]);
    assert_eq!(ways(&family(), &[]), [(Way::OrdinaryDialler, None)]);
    assert_eq!(ways(&DialPlan { named: Some(FAMILY), ..family() }, &[])[0], (Way::Exchange, Some(FAMILY)), "what is said counts");
}

#[test]
fn numbers_for_help_are_the_ordinary_diallers_alone() {
    for text in ["112", "144", "911"] {
        for plan in [with_trunk(), DialPlan { named: Some(TRUNK), ..with_trunk() }] {
            let routes = plan.routes(&address(text), &[], NOW);
            assert_eq!((usable(&routes), &routes[0].reasons), (vec![(Way::OrdinaryDialler, None)], &vec![Reason::Emergency]));
            assert_eq!(Numbering { arpa: true, ..Numbering::default() }.lookup(&plan, &address(text)), []);
        }
    }
    assert_eq!(usable(&family().routes(&address("1811"), &[], NOW)), [(Way::OrdinaryDialler, None)]);
    assert_eq!(usable(&with_trunk().routes(&address("1811"), &[], NOW))[0], (Way::Exchange, Some(TRUNK)));
    assert_eq!(usable(&family().routes(&address("*21#"), &[], NOW)), [(Way::Exchange, Some(FAMILY))], "only the own exchange knows it");
}

#[test]
fn the_platform_knows_better_which_numbers_are_for_help() {
    let numbering = Numbering { emergency: Some(vec!["1811".to_owned()]), ..Numbering::default() };
    let routes = |text: &str| with_trunk().routes(&numbering.with_emergency(address(text)), &[], NOW);
    assert_eq!(routes("1811")[0].reasons, [Reason::Emergency]);
    assert_eq!(usable(&routes("144"))[0], (Way::Exchange, Some(TRUNK)));
    assert_eq!(routes("112")[0].reasons, [Reason::Emergency], "what helps everywhere, no list takes away");
    let nothing = Numbering { emergency: Some(Vec::new()), ..Numbering::default() };
    assert_eq!(with_trunk().routes(&nothing.with_emergency(address("144")), &[], NOW)[0].reasons, [Reason::Emergency]);
}

#[test]
fn what_was_found_is_ranked_by_who_answered_by_what_is_validated_and_by_age() {
    let found = [
        answer("sip:refuses@far.example", DnsSecurity::Secure),
        answer("sip:nobody@far.example", DnsSecurity::Insecure),
        answer("sip:first@far.example", DnsSecurity::Insecure),
        answer("sip:asked@far.example", DnsSecurity::Insecure),
        answer("sip:signed@far.example", DnsSecurity::Secure),
        answer("sip:answered@far.example", DnsSecurity::Insecure),
        answer("xmpp:anna@far.example", DnsSecurity::Secure),
    ];
    let domain = |published| Finding { published, security: DnsSecurity::Insecure, source: Source::Dns, checked: NOW, ttl: NOW };
    let mut plan = family();
    let answered = Answered { when: NOW / 2, protocol: Protocol::Sip };
    plan.reach.insert(address("sip:answered@far.example").canonical(), Reach { answered: Some(answered), ..Reach::default() });
    plan.reach
        .insert(address("sip:refuses@far.example").canonical(), Reach { domain: Some(domain(Published::Refuses)), ..Reach::default() });
    let calls = Some(domain(Published::Calls(vec![Service::Sips])));
    plan.reach.insert(address("sip:first@far.example").canonical(), Reach { domain: calls.clone(), ..Reach::default() });
    let said = |reply| Some(Inquiry { asked: NOW, said: Some((reply, NOW)) });
    plan.reach.insert(address("sip:asked@far.example").canonical(), Reach { inquiry: said(Reply::There), ..Reach::default() });
    let nobody = Reach { inquiry: said(Reply::NoSuchUser), domain: calls, answered: None };
    plan.reach.insert(address("sip:nobody@far.example").canonical(), nobody);
    let routes = plan.routes(&address("+41446681800"), &found, NOW);
    let order: Vec<String> = routes.iter().map(|route| route.address.canonical().0).collect();
    let wanted = [
        "sip:answered@far.example",
        "sip:asked@far.example",
        "sip:first@far.example",
        "sip:signed@far.example",
        "sip:refuses@far.example",
        "sip:nobody@far.example",
        "xmpp:anna@far.example",
        "tel:+41446681800",
    ];
    assert_eq!(order, wanted, "the cache is a hint: what refuses is last, and still there");
}

#[test]
fn a_number_leads_to_no_other_number_that_could_cost() {
    let found = [
        "tel:+41900123456",
        "sip:+41900123456@provider.example;user=phone",
        "sip:0900123456@provider.example",
        "sip:+41-900-123-456@provider.example",
        "sip:%2B41900123456@provider.example",
        "sip:+41900123456;ext=1@provider.example",
        "sip:*21*0900123456%23@provider.example",
    ]
    .map(|text| answer(text, DnsSecurity::Secure));
    let routes = with_trunk().routes(&address("+41446681800"), &found, NOW);
    assert_eq!(usable(&routes), [(Way::Exchange, Some(TRUNK)), (Way::OrdinaryDialler, None)], "the number that was dialled");
    assert_eq!(routes.iter().filter(|route| route.obstacle == Some(Obstacle::OtherNumber)).count(), found.len());
    let same = ["tel:+41446681800", "sip:+41-44-668-18-00@provider.example", "sip:anna@provider.example", "sip:200@far.example"]
        .map(|text| answer(text, DnsSecurity::Secure));
    let routes = with_trunk().routes(&address("+41446681800"), &same, NOW);
    assert!(routes.iter().all(|route| route.obstacle.is_none()));
}

#[test]
fn suffixes_are_asked_in_the_order_of_trust() {
    let numbering =
        Numbering { suffixes: vec!["a.example".parse().unwrap(), "e164.arpa".parse().unwrap()], arpa: true, ..Numbering::default() };
    let asked = |plan: &DialPlan| numbering.lookup(plan, &address("+41446681800")).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(asked(&family()), ["e164.example.org", "a.example", "e164.arpa"]);
    assert_eq!(asked(&with_trunk()), ["a.example", "e164.arpa"], "its server learns the number anyhow");
    assert_eq!(Numbering::default().lookup(&with_trunk(), &address("+41446681800")), []);
    assert_eq!(Numbering::default().lookup(&family(), &address("anna@example.org")), []);
}
