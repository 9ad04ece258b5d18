//! What somebody who is no acquaintance learns of where a phone is.

use crate::world::{self, World};
use cooee_call::CallState;
use cooee_machine::Pii;
use cooee_phone::Command;

/// The phones' own addresses, which only their network knows.
const HOME: &str = "10.0.0.";

/// The last message that came to the server and begins like this.
fn last(world: &World, begin: &str) -> String {
    world.server.messages.iter().rev().find(|message| message.starts_with(begin)).cloned().unwrap_or_else(|| panic!("no {begin}"))
}

fn tells_home(world: &World, begin: &str) -> bool {
    let message = last(world, begin);
    assert!(message.contains(" typ srflx"), "what servers see is told to everybody: {message}");
    message.contains(HOME)
}

#[test]
fn the_own_domain_and_who_has_taken_a_call_before_learn_where_the_phone_is_and_others_do_not() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let own = world.dial(anna, "ben@example.org");
    assert!(tells_home(&world, "INVITE sip:ben@example.org "));
    world.command(anna, Command::HangUp(own));
    let foreign = "INVITE sip:ben@elsewhere.example ";
    let refused = world.dial(anna, "ben@elsewhere.example");
    assert!(!tells_home(&world, foreign));
    world.command(ben, Command::Decline(world.incoming(ben).unwrap()));
    world.command(anna, Command::HangUp(refused));
    let taken = world.dial(anna, "ben@elsewhere.example");
    assert!(!tells_home(&world, foreign), "who declined is still a stranger");
    world.command(ben, Command::Answer(world.incoming(ben).unwrap()));
    assert_eq!(world.call(anna, taken).state, CallState::Active);
    world.command(anna, Command::Hold(taken));
    assert!(!last(&world, "INVITE sip:ben@").contains(HOME), "nor within the call");
    world.command(anna, Command::HangUp(taken));
    world.dial(anna, "ben@Elsewhere.example");
    assert!(tells_home(&world, foreign), "however the domain is spelled");
}

#[test]
fn acquaintances_are_remembered_by_the_owner_of_the_phone() {
    let mut world = World::new();
    let (anna, _) = (world.registered("anna"), world.registered("ben"));
    world.command(anna, Command::SetAcquaintances(vec![Pii("sip:ben@elsewhere.example".into())]));
    world.dial(anna, "ben@elsewhere.example");
    assert!(tells_home(&world, "INVITE sip:ben@elsewhere.example "));
}

#[test]
fn who_is_called_because_others_say_so_is_a_stranger_like_any_other() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.registered("carl");
    world.server.scripted.insert("ben".into(), vec![(302, vec!["sip:carl@elsewhere.example"])]);
    let redirected = world.dial(anna, "ben@example.org");
    assert!(tells_home(&world, "INVITE sip:ben@example.org ") && !tells_home(&world, "INVITE sip:carl@elsewhere.example "));
    world.command(anna, Command::HangUp(redirected));
    let call = world.dial(anna, "ben@example.org");
    world.command(ben, Command::Answer(world.incoming(ben).unwrap()));
    world.command(anna, Command::Transfer { call, target: "carl@third.example".into() });
    world.command(ben, Command::FollowTransfer(world.incoming(ben).unwrap()));
    assert!(!tells_home(&world, "INVITE sip:carl@third.example "));
}

#[test]
fn who_only_makes_a_phone_ring_does_not_learn_its_address() {
    let mut world = World::new();
    (world.server.outbound, world.server.tokens) = (true, true);
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    world.dial(anna, "ben@example.org");
    let ringing = last(&world, "SIP/2.0 180 ");
    let contact = ringing.lines().find(|line| line.starts_with("Contact: ")).unwrap();
    assert!(contact.starts_with("Contact: <sip:ben@") && contact.contains(".invalid;transport=tls;ob>"), "{contact}");
    assert!(!ringing.contains("192.0.2.11"), "{ringing}");
    world.command(ben, Command::Answer(world.incoming(ben).unwrap()));
    assert!(last(&world, "SIP/2.0 200 ").contains(HOME), "who is spoken to may");
}

#[test]
fn where_the_server_keeps_no_flow_for_who_is_called_the_address_is_told_for_else_no_bye_would_come() {
    let mut world = World::new();
    world.server.outbound = true;
    let anna = world.registered("anna");
    world.registered("ben");
    world.dial(anna, "ben@example.org");
    let ringing = last(&world, "SIP/2.0 180 ");
    let contact = ringing.lines().find(|line| line.starts_with("Contact: ")).unwrap();
    assert!(contact.contains("192.0.2.11") && !contact.contains(".invalid"), "{contact}");
}

/// A request of somebody who calls Anna and begins no offer.
fn of_caller(line: &str, cseq: &str, lines: &str, body: &str) -> Vec<u8> {
    format!(
        "{line} SIP/2.0\r\nVia: SIP/2.0/TLS example.org;branch=z9hG4bK{}\r\nMax-Forwards: 70\r\nFrom: <sip:ben@example.org>;tag=1\r\n\
         Call-ID: c1\r\nCSeq: {cseq}\r\nContact: <sip:x@192.0.2.99>\r\n{lines}Content-Length: {}\r\n\r\n{body}",
        cseq.len(),
        body.len()
    )
    .into_bytes()
}

/// An INVITE without an offer that wants every provisional response acknowledged, with what its server says of who sent it.
fn call_without_offer(world: &mut World, phone: usize, asserted: &str) {
    let lines = format!("To: <sip:anna@example.org>\r\nRequire: 100rel\r\n{asserted}");
    world.tell(phone, &of_caller("INVITE sip:anna@192.0.2.10", "1 INVITE", &lines, ""));
}

/// What acknowledges a 180 with an answer to its offer.
fn prack(ringing: &str) -> Vec<u8> {
    let value = |name: &str| ringing.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let offer = cooee_sdp::Description::parse(ringing.split("\r\n\r\n").nth(1).unwrap().as_bytes()).unwrap();
    let transport = world::transport(6);
    let media = cooee_sdp::LocalMedia {
        address: transport.address,
        candidates: transport.candidates,
        end_of_candidates: true,
        ice: Some(transport.ice),
        fingerprint: Some(transport.fingerprint),
        crypto: Vec::new(),
        security: cooee_sdp::SecurityPolicy::DTLS_ONLY,
        codecs: cooee_sdp::Codec::defaults(),
        direction: cooee_sdp::Direction::SendRecv,
        ptime: None,
        max_ptime: None,
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: cooee_sdp::DtlsRole::Client,
    };
    let answer = cooee_sdp::answer(&offer, &media, &cooee_sdp::Origin::anonymous(3)).unwrap().0.to_string();
    let (to, number) = (value("To: "), value("RSeq: "));
    let lines = format!("To: {to}\r\nRAck: {number} 1 INVITE\r\nContent-Type: application/sdp\r\n");
    of_caller("PRACK sip:anna@192.0.2.10", "2 PRACK", &lines, &answer)
}

/// The word of Anna's own server that it is Ben who calls.
const VOUCHED: &str = "P-Asserted-Identity: <sip:ben@example.org>\r\n";

fn rings(world: &World) -> bool {
    world.server.messages.iter().any(|message| message.starts_with("SIP/2.0 180 "))
}

#[test]
fn an_acquaintance_who_calls_without_an_offer_gets_ours_while_it_rings_without_our_own_addresses_and_the_call_comes_about() {
    let mut world = World::new();
    let anna = world.registered("anna");
    call_without_offer(&mut world, anna, VOUCHED);
    let ringing = last(&world, "SIP/2.0 180 ");
    assert!(ringing.contains(" typ srflx") && !ringing.contains(HOME), "{ringing}");
    world.tell(anna, &prack(&ringing));
    assert!(last(&world, "SIP/2.0 200 ").contains("CSeq: 2 PRACK"));
    let call = world.incoming(anna).unwrap();
    assert_eq!(world.call(anna, call).state, CallState::Ringing);
    world.command(anna, Command::Answer(call));
    let ok = last(&world, "SIP/2.0 200 ");
    assert!(ok.contains("CSeq: 1 INVITE") && !ok.contains("Content-Type"), "{ok}");
    assert_eq!(world.call(anna, call).state, CallState::Active);
}

#[test]
fn who_calls_without_an_offer_and_is_no_acquaintance_for_certain_learns_no_address_before_the_answer() {
    let stranger = "P-Asserted-Identity: <sip:+49301234567@example.net>\r\n";
    for asserted in ["", stranger] {
        let mut world = World::new();
        let anna = world.registered("anna");
        call_without_offer(&mut world, anna, asserted);
        let call = world.incoming(anna).expect("it rings here");
        assert!(!rings(&world), "a reliable 180 would have to bear our offer");
        world.command(anna, Command::Answer(call));
        let ok = last(&world, "SIP/2.0 200 ");
        assert!(ok.contains("CSeq: 1 INVITE") && ok.contains(" typ host"), "{ok}");
    }
}

#[test]
fn strangers_who_make_the_phone_ring_keep_nobody_else_from_it() {
    let mut world = World::new();
    let anna = world.add_phone_with(cooee_phone::PhoneConfig { max_calls: 1, ..cooee_phone::PhoneConfig::default() });
    world.add_account(anna, world::account("anna"));
    let invite = |name: &str| {
        let invite = of_caller("INVITE sip:anna@192.0.2.10", "1 INVITE", "To: <sip:anna@example.org>\r\n", "");
        let invite =
            String::from_utf8(invite).unwrap().replace("ben@example.org", name).replace("Call-ID: c1", &format!("Call-ID: {name}"));
        invite.replace("branch=z9hG4bK", &format!("branch=z9hG4bK{}", &name[..3])).into_bytes()
    };
    for (name, status) in [("eve@evil.example", 180), ("mallory@evil.example", 486), ("ben@example.org", 180), ("carl@example.org", 486)] {
        world.tell(anna, &invite(name));
        let answered = last(&world, &format!("SIP/2.0 {status} "));
        assert!(answered.contains(&format!("Call-ID: {name}")), "{name}: {answered}");
    }
}

#[test]
fn who_may_always_ring_may_hear_so_and_whoever_the_own_domain_lets_call_under_its_names() {
    let number = "P-Asserted-Identity: <sip:+49301234567@example.net>\r\n";
    let mut world = World::new();
    let anna = world.registered("anna");
    world.command(anna, Command::SetAllowed(vec![cooee_phone::BlockRule::parse("+49301234567@example.net").unwrap()]));
    call_without_offer(&mut world, anna, number);
    assert!(rings(&world));
    let mut world = World::new();
    let anna = world.add_phone();
    world.add_account(anna, cooee_phone::AccountConfig { tls_throughout: true, ..world::account("anna") });
    call_without_offer(&mut world, anna, "");
    assert!(rings(&world));
}

/// The status that somebody of this address gets who asks, through servers, whether Anna is there.
fn asks(world: &mut World, anna: usize, who: &str) -> String {
    let number = world.server.messages.len();
    let via = format!("SIP/2.0/TLS example.org;branch=z9hG4bKa{number}, SIP/2.0/TLS b;branch=z9hG4bKb{number}");
    let request = of_caller("OPTIONS sip:anna@192.0.2.10", "1 OPTIONS", "To: <sip:anna@example.org>\r\n", "");
    let request = String::from_utf8(request).unwrap().replace("ben@example.org", who).replace("c1", &format!("c{number}"));
    let request = request.replace("SIP/2.0/TLS example.org;branch=z9hG4bK9", &via);
    assert!(request.contains(&via), "{request}");
    world.tell(anna, request.as_bytes());
    let answer = last(world, "SIP/2.0 ");
    assert!(answer.contains("CSeq: 1 OPTIONS"), "{answer}");
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_phone_is_there_for_who_is_familiar_and_for_nobody_else() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    assert_eq!(asks(&mut world, anna, "eve@evil.example"), "480");
    assert_eq!(asks(&mut world, anna, "carl@example.org"), "200", "the own domain");
    // Whom we have called, whether or not anybody answered.
    let call = world.dial(anna, "ben@elsewhere.example");
    world.command(ben, Command::Decline(world.incoming(ben).unwrap()));
    world.command(anna, Command::HangUp(call));
    assert_eq!(asks(&mut world, anna, "ben@elsewhere.example"), "200");
    // Whose call was answered, not who only made it ring.
    let invite = of_caller("INVITE sip:anna@192.0.2.10", "1 INVITE", "To: <sip:anna@example.org>\r\n", "");
    world.tell(anna, String::from_utf8(invite).unwrap().replace("ben@example.org", "dora@far.example").as_bytes());
    assert_eq!(asks(&mut world, anna, "dora@far.example"), "480");
    world.command(anna, Command::Answer(world.incoming(anna).unwrap()));
    assert_eq!(asks(&mut world, anna, "dora@far.example"), "200");
    // What the owner remembers, wants and does not want.
    world.command(anna, Command::SetFamiliar(vec![Pii("sip:emil@far.example".into())]));
    world.command(anna, Command::SetAllowed(vec![cooee_phone::BlockRule::parse("fred@far.example").unwrap()]));
    let greta = cooee_phone::Address::understand("greta@far.example", None).unwrap().address;
    let cooee_phone::Address::Mailbox(mailbox) = greta else { panic!("{greta:?}") };
    let address = cooee_phone::Address::Sip(mailbox.sip().unwrap());
    world.command(anna, Command::SetPeople(vec![cooee_phone::Person { address, account: None, answered: None, inquiry: None }]));
    for who in ["emil@far.example", "fred@far.example", "greta@far.example"] {
        assert_eq!(asks(&mut world, anna, who), "200", "{who}");
    }
    world.command(anna, Command::SetBlocked(vec![cooee_phone::BlockRule::parse("far.example").unwrap()]));
    for who in ["emil@far.example", "fred@far.example", "greta@far.example", "anonymous@anonymous.invalid"] {
        assert_eq!(asks(&mut world, anna, who), "480", "{who}");
    }
}
