//! Several calls at once, and who is let through.

use crate::world::{self, ACCOUNT, World, account};
use cooee_call::{CallAction, CallId, CallState, EndReason, Held, Side};
use cooee_machine::Secret;
use cooee_phone::{AccountConfig, AccountId, AccountState, AccountTrouble, BlockRule, Command, PhoneEvent};

const US: Held = Held { by_us: true, by_peer: false };
const PEER: Held = Held { by_us: false, by_peer: true };
const NOBODY: Held = Held { by_us: false, by_peer: false };

struct Party {
    world: World,
    anna: usize,
    ben: usize,
    carl: usize,
}

impl Party {
    /// Anna speaks with ben; their names for the call.
    fn talking() -> (Self, CallId, CallId) {
        let mut world = World::new();
        let [anna, ben, carl] = ["anna", "ben", "carl"].map(|user| world.registered(user));
        let mut party = Self { world, anna, ben, carl };
        let annas = party.world.dial(anna, "ben@example.org");
        let bens = party.world.incoming(ben).unwrap();
        party.world.command(ben, Command::Answer(bens));
        (party, annas, bens)
    }

    /// Carl calls anna; their names for the call.
    fn carl_calls(&mut self) -> (CallId, CallId) {
        let carls = self.world.dial(self.carl, "anna@example.org");
        (carls, self.world.incoming(self.anna).unwrap())
    }

    fn held(&self, phone: usize, call: CallId) -> Held {
        self.world.call(phone, call).held
    }
}

#[test]
fn a_call_is_held_and_taken_back_and_both_sides_see_it() {
    let (mut party, annas, bens) = Party::talking();
    party.world.command(party.anna, Command::Hold(annas));
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (US, PEER));
    assert_eq!(party.world.call(party.ben, bens).state, CallState::Held(Side::Peer));
    party.world.command(party.ben, Command::Hold(bens));
    let both = Held { by_us: true, by_peer: true };
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (both, both));
    party.world.command(party.anna, Command::Resume(annas));
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (PEER, US));
    party.world.command(party.ben, Command::Resume(bens));
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (NOBODY, NOBODY));
    assert_eq!(party.world.call(party.anna, annas).state, CallState::Active);
}

#[test]
fn a_second_call_waits_and_its_answer_holds_the_first() {
    let (mut party, annas, bens) = Party::talking();
    let (carls, waiting) = party.carl_calls();
    assert_eq!(party.world.call(party.anna, waiting).allowed[..2], [CallAction::Answer, CallAction::Decline]);
    assert_eq!(party.held(party.anna, annas), NOBODY, "ringing alone disturbs nobody");
    party.world.command(party.anna, Command::Answer(waiting));
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (US, PEER));
    assert_eq!(party.world.call(party.carl, carls).state, CallState::Active);
    // To and fro.
    party.world.command(party.anna, Command::Resume(annas));
    assert_eq!((party.held(party.anna, annas), party.held(party.anna, waiting), party.held(party.carl, carls)), (NOBODY, US, PEER));
    party.world.command(party.anna, Command::Resume(waiting));
    assert_eq!((party.held(party.anna, annas), party.held(party.anna, waiting)), (US, NOBODY));
    party.world.command(party.anna, Command::HangUp(waiting));
    assert_eq!(party.held(party.anna, annas), US, "the other is taken back when the person says so");
    party.world.command(party.anna, Command::Resume(annas));
    assert_eq!((party.held(party.anna, annas), party.held(party.ben, bens)), (NOBODY, NOBODY));
}

#[test]
fn a_second_call_may_be_answered_in_place_of_the_first() {
    let (mut party, annas, bens) = Party::talking();
    let (carls, waiting) = party.carl_calls();
    party.world.command(party.anna, Command::AnswerEnding(waiting));
    assert_eq!(party.world.end(party.anna, annas), Some(EndReason::HungUp(Side::Us)));
    assert_eq!(party.world.end(party.ben, bens), Some(EndReason::HungUp(Side::Peer)));
    assert_eq!(party.world.call(party.carl, carls).state, CallState::Active);
}

#[test]
fn a_second_call_may_be_refused_as_busy() {
    let (mut party, annas, _) = Party::talking();
    let (carls, waiting) = party.carl_calls();
    party.world.command(party.anna, Command::DeclineBusy(waiting));
    assert_eq!(party.world.end(party.carl, carls), Some(EndReason::Busy(Side::Peer)));
    assert_eq!(party.world.end(party.anna, waiting), Some(EndReason::Declined(Side::Us)));
    assert!(party.world.log(party.anna).iter().all(|entry| !entry.missed));
    assert_eq!(party.held(party.anna, annas), NOBODY);
}

#[test]
fn a_call_that_rings_unanswered_does_not_make_the_phone_busy_for_the_next_one() {
    let mut world = World::new();
    let [anna, ben, carl, dora] = ["anna", "ben", "carl", "dora"].map(|user| world.registered(user));
    let bens = world.dial(ben, "anna@example.org");
    let carls = world.dial(carl, "anna@example.org");
    let doras = world.dial(dora, "anna@example.org");
    assert_eq!((world.call(ben, bens).state, world.call(carl, carls).state), (CallState::Ringing, CallState::Ringing));
    assert_eq!(world.end(dora, doras), Some(EndReason::Busy(Side::Peer)), "there is an end to it");
    assert!(world.log(anna)[0].missed);
    // The first of them goes on ringing while the second is spoken to.
    let second = world.incoming(anna).unwrap();
    world.command(anna, Command::Answer(second));
    assert_eq!((world.call(carl, carls).state, world.call(ben, bens).state), (CallState::Active, CallState::Ringing));
}

#[test]
fn who_dials_again_holds_the_first_call_and_has_two_to_choose_from() {
    let (mut party, annas, _) = Party::talking();
    let second = party.world.dial(party.anna, "carl@example.org");
    assert_eq!(party.held(party.anna, annas), US);
    let carls = party.world.incoming(party.carl).unwrap();
    party.world.command(party.anna, Command::Resume(annas));
    party.world.command(party.carl, Command::Answer(carls));
    assert_eq!(party.held(party.anna, annas), NOBODY);
    assert_eq!((party.held(party.anna, second), party.held(party.carl, carls)), (US, PEER), "nobody is let in on another's call");
}

#[test]
fn who_does_not_want_to_be_disturbed_is_not_and_finds_the_calls_in_the_log() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.command(anna, Command::SetDoNotDisturb(true));
    let bens = world.dial(ben, "anna@example.org");
    assert_eq!(world.end(ben, bens), Some(EndReason::Unavailable));
    assert_eq!(world.incoming(anna), None);
    let log = world.log(anna);
    assert_eq!((log[0].reason.clone(), log[0].missed), (EndReason::DoNotDisturb, true));
    world.command(anna, Command::SetDoNotDisturb(false));
    world.dial(ben, "anna@example.org");
    assert!(world.incoming(anna).is_some());
}

#[test]
fn who_is_allowed_rings_although_nobody_is_to() {
    let mut world = World::new();
    let (anna, ben, carl) = (world.registered("anna"), world.registered("ben"), world.registered("carl"));
    world.command(anna, Command::SetDoNotDisturb(true));
    world.command(anna, Command::SetAllowed(vec![BlockRule::parse("ben@example.org").unwrap()]));
    world.dial(carl, "anna@example.org");
    assert_eq!(world.incoming(anna), None);
    let bens = world.dial(ben, "anna@example.org");
    let rings = world.incoming(anna).unwrap();
    world.command(ben, Command::HangUp(bens));
    world.command(anna, Command::SetBlocked(vec![BlockRule::parse("example.org").unwrap()]));
    world.dial(ben, "anna@example.org");
    assert_eq!(world.incoming(anna), Some(rings), "who is blocked is not allowed");
}

#[test]
fn who_calls_anonymously_is_not_known_to_the_called_person_nor_to_whom_they_are_sent_on() {
    let mut world = World::new();
    let [anna, ben, carl] = ["anna", "ben", "carl"].map(|user| world.registered(user));
    let call = CallId(2);
    world.command(anna, Command::Dial { call, account: None, target: "ben@example.org".into(), anonymous: true, subject: None });
    let bens = world.incoming(ben).unwrap();
    let seen = world.call(ben, bens);
    assert_eq!((seen.anonymous, seen.peer.address.reveal().as_str()), (true, "sip:anonymous@anonymous.invalid"));
    world.command(ben, Command::Answer(bens));
    world.command(ben, Command::Transfer { call: bens, target: "carl".into() });
    world.command(anna, Command::FollowTransfer(call));
    let carls = world.incoming(carl).unwrap();
    assert!(world.call(carl, carls).anonymous);
}

#[test]
fn texts_of_who_is_blocked_by_the_own_server_s_word_are_counted_and_those_without_an_address_are_as_calls_are() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let rule = BlockRule::parse("ben@example.org").unwrap();
    world.command(anna, Command::SetBlocked(vec![rule.clone()]));
    let text = |world: &mut World, number: u32, lines: &str| {
        let message = format!(
            "MESSAGE sip:anna@192.0.2.10:40000;transport=tls SIP/2.0\r\nVia: SIP/2.0/TLS example.org;branch=z9hG4bK-t{number}\r\n\
             Max-Forwards: 70\r\n{lines}To: <sip:anna@example.org>\r\nCall-ID: t{number}\r\nCSeq: 1 MESSAGE\r\n\
             Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
        );
        let before = world.events[anna].len();
        world.tell(anna, message.as_bytes());
        world.events[anna][before..].to_vec()
    };
    let asserted = "From: <sip:nice@example.net>;tag=1\r\nP-Asserted-Identity: <sip:ben@example.org>\r\n";
    assert!(matches!(&text(&mut world, 1, asserted)[..], [PhoneEvent::MessageBlocked { rule: blocker, .. }] if *blocker == rule));
    let nobody = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n";
    assert!(matches!(&text(&mut world, 2, nobody)[..], [PhoneEvent::MessageReceived { .. }]));
    world.command(anna, Command::SetRejectAnonymous(true));
    assert_eq!(text(&mut world, 3, nobody), []);
}

#[test]
fn a_blocked_caller_is_declined_without_ringing_and_by_name_or_domain() {
    for rule in ["ben@example.org", "example.org"] {
        let mut world = World::new();
        let (anna, ben) = (world.registered("anna"), world.registered("ben"));
        world.command(anna, Command::SetBlocked(vec![BlockRule::parse(rule).unwrap()]));
        let bens = world.dial(ben, "anna@example.org");
        assert_eq!(world.end(ben, bens), Some(EndReason::Declined(Side::Peer)));
        assert_eq!(world.incoming(anna), None);
        assert_eq!((world.log(anna)[0].reason.clone(), world.log(anna)[0].missed), (EndReason::Blocked, false));
        world.command(anna, Command::SetBlocked(Vec::new()));
        let bens = world.dial(ben, "anna@example.org");
        assert!(world.incoming(anna).is_some());
        world.command(anna, Command::SetBlocked(vec![BlockRule::parse(rule).unwrap()]));
        assert_eq!(world.end(ben, bens), Some(EndReason::Declined(Side::Peer)), "who is blocked does not go on ringing");
    }
}

#[test]
fn a_silent_server_over_udp_is_silent_by_every_way_of_asking() {
    use cooee_call::NetworkTrouble;
    use cooee_machine::Transport;
    for (wait, register) in [(0, true), (1, true), (15, true), (40, true), (0, false), (40, false)] {
        let mut world = World::new();
        let anna = world.add_phone();
        let config = AccountConfig { transport: Some(Transport::Udp), proxy: Some("198.51.100.1".into()), register, ..account("anna") };
        world.add_account(anna, config);
        world.pass_seconds(wait);
        let call = world.dial(anna, "ben@example.org");
        world.pass_seconds(70);
        let expected = Some(EndReason::Unreachable(NetworkTrouble::Silent));
        assert_eq!(world.end(anna, call), expected, "dialled after {wait} s, registering: {register}");
    }
}

#[test]
fn a_call_is_sent_on_to_where_the_called_side_is_now() {
    let mut world = World::new();
    let (anna, carl) = (world.registered("anna"), world.registered("carl"));
    world.server.scripted.insert("ben".into(), vec![(302, vec!["sip:carl@example.org"])]);
    let call = world.dial(anna, "ben@example.org");
    let snapshot = world.call(anna, call);
    assert_eq!((snapshot.state, snapshot.legs[1].address.reveal().as_str()), (CallState::Ringing, "sip:carl@example.org"));
    let carls = world.incoming(carl).unwrap();
    world.command(carl, Command::Answer(carls));
    assert_eq!(world.call(anna, call).state, CallState::Active);
}

#[test]
fn pointers_in_circles_without_end_and_to_weaker_places_are_not_followed() {
    use cooee_call::RedirectTrouble::{Insecure, Loop, Nowhere, Number, TooMany};
    let to = |place: &'static str| vec![(302, vec![place])];
    let cases: [(&str, &[(&str, &'static str)], _); 6] = [
        ("ben@example.org", &[("ben", "sip:carl@example.org"), ("carl", "sip:ben@example.org")], Loop),
        ("sips:ben@example.org", &[("ben", "sip:carl@example.org")], Insecure),
        ("ben@example.org", &[("ben", "mailto:ben@example.org")], Nowhere),
        ("ben@elsewhere.example", &[("ben", "tel:+49900123")], Number),
        ("ben@elsewhere.example", &[("ben", "sip:+49900123@example.org;user=phone")], Number),
        (
            "0@example.org",
            &[
                ("0", "sip:1@example.org"),
                ("1", "sip:2@example.org"),
                ("2", "sip:3@example.org"),
                ("3", "sip:4@example.org"),
                ("4", "sip:5@example.org"),
                ("5", "sip:6@example.org"),
            ],
            TooMany,
        ),
    ];
    for (dialled, pointers, trouble) in cases {
        let mut world = World::new();
        let anna = world.registered("anna");
        world.server.scripted = pointers.iter().map(|(user, place)| ((*user).to_owned(), to(place))).collect();
        let call = world.dial(anna, dialled);
        assert_eq!(world.end(anna, call), Some(EndReason::Redirected(trouble)), "{dialled}");
    }
}

#[test]
fn a_refused_offer_is_followed_by_the_next_and_the_call_succeeds() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.server.scripted.insert("ben".into(), vec![(488, vec![])]);
    let call = world.dial(anna, "ben@example.org");
    let bens = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(bens));
    assert_eq!(world.call(anna, call).state, CallState::Active);
    let offers: Vec<&String> = world.server.messages.iter().filter(|message| message.starts_with("INVITE sip:ben@example.org")).collect();
    assert!(offers[0].contains("UDP/TLS/RTP/SAVPF") && offers[1].contains("UDP/TLS/RTP/SAVP ") && !offers[1].contains("a=crypto:"));
}

/// Adds a further account of its own domain to a phone.
fn provider(world: &mut World, phone: usize, name: u64, change: impl FnOnce(&mut AccountConfig)) -> AccountId {
    let mut config = AccountConfig::new("anna@provider.example", Secret::new("secret"), "urn:uuid:00000000-0000-4000-8000-000000000077");
    change(&mut config);
    world.command(phone, Command::AddAccount { account: AccountId(name), config: Box::new(config) });
    AccountId(name)
}

#[test]
fn each_call_leaves_by_the_account_that_it_belongs_to() {
    let mut world = World::new();
    world.srv("_sips._tcp.provider.example", 10, "sip.example.org", 5061);
    let anna = world.registered("anna");
    let trunk = provider(&mut world, anna, 7, |config| config.numbers = true);
    let account = |world: &mut World, target: &str, explicit: Option<AccountId>| {
        let call = CallId(1000 + 2 * world.events[anna].len() as u64);
        world.command(anna, Command::Dial { call, account: explicit, target: target.into(), anonymous: false, subject: None });
        let of = |event: &PhoneEvent| match event {
            PhoneEvent::CallChanged { account, call: snapshot } if snapshot.id == call => {
                Some((*account, snapshot.peer.address.reveal().clone()))
            }
            _ => None,
        };
        world.events[anna].iter().find_map(of).unwrap()
    };
    assert_eq!(account(&mut world, "ben", None), (ACCOUNT, "sip:ben@example.org".into()));
    assert_eq!(account(&mut world, "ben@example.org", None).0, ACCOUNT);
    assert_eq!(account(&mut world, "ben@provider.example", None).0, trunk);
    assert_eq!(account(&mut world, "ben@elsewhere.example", None).0, ACCOUNT, "the first, where nothing speaks for another");
    assert_eq!(account(&mut world, "030 1234", None), (trunk, "sip:0301234@provider.example".into()));
    assert_eq!(account(&mut world, "tel:+49-30-1234", None), (trunk, "sip:+49301234@provider.example;user=phone".into()));
    assert_eq!(account(&mut world, "030 1234", Some(ACCOUNT)).0, ACCOUNT, "what is said counts");
}

#[test]
fn an_account_that_does_not_work_is_passed_over_unless_it_is_the_one_that_fits() {
    let mut world = World::new();
    let anna = world.add_phone();
    let broken = provider(&mut world, anna, 0, |_| {});
    world.add_account(anna, account("anna"));
    let leaves_by = |world: &mut World, target: &str| {
        let call = CallId(1000 + 2 * world.events[anna].len() as u64);
        world.command(anna, Command::Dial { call, account: None, target: target.into(), anonymous: false, subject: None });
        let of = |event: &PhoneEvent| match event {
            PhoneEvent::CallChanged { account, call: snapshot } if snapshot.id == call => Some(*account),
            _ => None,
        };
        world.events[anna].iter().find_map(of).unwrap()
    };
    assert_eq!(leaves_by(&mut world, "ben@elsewhere.example"), ACCOUNT);
    assert_eq!(leaves_by(&mut world, "ben@provider.example"), broken);
}

#[test]
fn a_domain_without_encryption_is_refused_with_the_exception_to_make() {
    for (service, transport) in [("_sip._udp", "UDP"), ("_sip._tcp", "TCP")] {
        let mut world = World::new();
        world.forget_names();
        world.srv(&format!("{service}.example.org"), 10, "sip.example.org", 5060);
        world.a("sip.example.org", "198.51.100.1");
        let anna = world.add_phone();
        world.add_account(anna, account("anna"));
        let AccountState::Failed { trouble, retry_in: None } = world.state(anna) else { panic!("{:?}", world.state(anna)) };
        assert_eq!(trouble, AccountTrouble::InsecureOnly { domain: "example.org".into(), offered: transport.into() });
        assert!(trouble.advice().contains(&format!("transport to {transport}")), "{}", trouble.advice());
        let call = world.dial(anna, "ben@example.org");
        assert!(world.end(anna, call).unwrap().explanation().advice.contains(transport));
    }
}

/// Lets the server pass an INVITE on to a phone.
fn invite(world: &mut World, phone: usize, number: u32, lines: &str) {
    invite_with(world, phone, number, lines, "");
}

fn invite_with(world: &mut World, phone: usize, number: u32, lines: &str, sdp: &str) {
    let kind = if sdp.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let text = format!(
        "INVITE sip:anna@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TLS example.org;branch=z9hG4bK{number}\r\nMax-Forwards: 70\r\n\
         To: <sip:anna@example.org>\r\nCall-ID: c{number}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.99>\r\n{lines}\
         {kind}Content-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    );
    world.tell(phone, text.as_bytes());
}

const NOBODY_SAYS: &str = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\nPrivacy: id\r\n";

#[test]
fn who_withholds_an_address_is_shown_as_such_or_refused_by_choice() {
    let mut world = World::new();
    let anna = world.registered("anna");
    invite(&mut world, anna, 1, NOBODY_SAYS);
    let call = world.incoming(anna).unwrap();
    assert!(world.call(anna, call).anonymous);
    world.command(anna, Command::Decline(call));
    world.command(anna, Command::SetRejectAnonymous(true));
    invite(&mut world, anna, 2, NOBODY_SAYS);
    assert_eq!(world.incoming(anna), Some(call), "the second did not ring");
    let last = world.log(anna).pop().unwrap();
    assert_eq!((last.reason, last.missed), (EndReason::Anonymous, false));
    assert!(world.server.messages.last().unwrap().starts_with("SIP/2.0 433 "));
    invite(&mut world, anna, 3, "From: <sip:ben@example.org>;tag=1\r\n");
    assert_ne!(world.incoming(anna), Some(call), "who shows an address does");
}

#[test]
fn the_word_of_the_own_server_is_shown_and_counts_when_somebody_is_blocked() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let lines = "From: <sip:nice@example.net>;tag=1\r\nP-Asserted-Identity: <sip:ben@example.org>\r\n";
    invite(&mut world, anna, 1, lines);
    let call = world.incoming(anna).unwrap();
    assert_eq!(world.call(anna, call).asserted.unwrap().reveal(), "sip:ben@example.org");
    world.command(anna, Command::Decline(call));
    world.command(anna, Command::SetBlocked(vec![BlockRule::parse("ben@example.org").unwrap()]));
    invite(&mut world, anna, 2, lines);
    assert_eq!(world.log(anna).pop().unwrap().reason, EndReason::Blocked);
}

#[test]
fn the_own_server_is_not_believed_about_people_of_other_domains() {
    for (identity, is_shown) in [
        ("<sip:ben@EXAMPLE.org>", true),
        ("<sip:boss@bank.example>", false),
        ("<sip:boss@badexample.org>", false),
        ("<sip:+4930123@carrier.example;user=phone>", true),
        ("<sip:+4930123x@carrier.example>", false),
        ("<tel:+4930123>", true),
    ] {
        let mut world = World::new();
        let anna = world.registered("anna");
        invite(&mut world, anna, 1, &format!("From: <sip:x@example.net>;tag=1\r\nP-Asserted-Identity: {identity}\r\n"));
        let call = world.incoming(anna).unwrap();
        assert_eq!(world.call(anna, call).asserted.is_some(), is_shown, "{identity}");
    }
}

#[test]
fn keys_in_a_description_are_offered_within_a_domain_only_where_its_server_is_said_to_keep_to_tls() {
    for (tls_throughout, second) in [(false, "UDP/TLS/RTP/SAVP "), (true, " RTP/SAVP ")] {
        let mut world = World::new();
        let anna = world.add_phone();
        world.add_account(anna, AccountConfig { tls_throughout, ..account("anna") });
        world.server.scripted.insert("ben".into(), vec![(488, vec![])]);
        world.dial(anna, "ben@example.org");
        let offers: Vec<&String> = world.server.messages.iter().filter(|message| message.starts_with("INVITE sip:ben@")).collect();
        assert!(offers[0].contains("UDP/TLS/RTP/SAVPF") && offers[1].contains(second), "{}", offers[1]);
        assert_eq!(offers[1].contains("a=crypto:"), tls_throughout);
    }
}

#[test]
fn keys_in_a_description_are_taken_where_every_hop_is_known_and_not_for_what_a_caller_writes_of_itself() {
    let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.99\r\ns=-\r\nc=IN IP4 192.0.2.99\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n\
               a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n";
    let rings = |config: AccountConfig, from: &str, lines: &str| {
        let mut world = World::new();
        let anna = world.add_phone();
        world.add_account(anna, config);
        invite_with(&mut world, anna, 1, &format!("From: <{from}>;tag=1\r\n{lines}"), sdp);
        world.incoming(anna).is_some()
    };
    for from in ["sip:ben@example.org", "sips:ben@example.org", "sip:ben@198.51.100.1", "sip:ben@elsewhere.example"] {
        assert!(!rings(account("anna"), from, ""), "{from}");
    }
    let kept = || AccountConfig { tls_throughout: true, ..account("anna") };
    assert!(rings(kept(), "sip:ben@example.org", "") && rings(kept(), "sip:ben@198.51.100.1", ""));
    assert!(!rings(kept(), "sip:ben@elsewhere.example", ""));
    let asserted = "P-Asserted-Identity: <sip:ben@elsewhere.example>\r\n";
    assert!(!rings(kept(), "sip:ben@example.org", asserted), "the server's word counts more than the caller's");
    let udp = AccountConfig { proxy: Some("198.51.100.1".into()), transport: Some(cooee_machine::Transport::Tcp), ..kept() };
    let mut world = World::new();
    world.listeners.insert(world::address("198.51.100.1:5060"), world::Listener::Accept);
    let anna = world.add_phone();
    world.add_account(anna, udp);
    invite_with(&mut world, anna, 1, "From: <sip:ben@example.org>;tag=1\r\n", sdp);
    assert_eq!(world.incoming(anna), None, "without TLS there is nothing to keep to");
    assert!(rings(AccountConfig { numbers: true, ..account("anna") }, "sip:ben@elsewhere.example", ""), "a provider's exchange");
}
