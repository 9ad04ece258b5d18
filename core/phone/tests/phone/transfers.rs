//! Calls that are handed over, and short texts, between three phones and a relay.

use crate::world::{self, ACCOUNT, World, account};
use cooee_call::{CallAction, CallId, CallState, EndReason, Held, Side, TransferProgress};
use cooee_machine::Pii;
use cooee_phone::{
    AccountConfig, AccountId, BlockRule, Command, MessageId, MessageTrouble, Numbering, PhoneConfig, PhoneEvent, TransferDecision,
};

/// Anna speaks with ben; their names for the call. Carl is there.
fn talking() -> (World, [usize; 3], CallId, CallId) {
    let mut world = World::new();
    let [anna, ben, carl] = ["anna", "ben", "carl"].map(|user| world.registered(user));
    let annas = world.dial(anna, "ben@example.org");
    let bens = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(bens));
    (world, [anna, ben, carl], annas, bens)
}

/// Whom a phone was asked to call, and what was decided, step by step.
fn asked(world: &World, phone: usize) -> Vec<(String, TransferDecision)> {
    let asked = |event: &PhoneEvent| match event {
        PhoneEvent::TransferAsked { target, decision, .. } => Some((target.reveal().clone(), *decision)),
        _ => None,
    };
    world.events[phone].iter().filter_map(asked).collect()
}

/// Ben does what he is asked; the call that he makes.
fn follow(world: &mut World, ben: usize, bens: CallId) -> CallId {
    world.command(ben, Command::FollowTransfer(bens));
    follows(world, ben).expect("he calls")
}

fn follows(world: &World, phone: usize) -> Option<CallId> {
    let (_, decision) = asked(world, phone).pop()?;
    if let TransferDecision::Follows(call) = decision { Some(call) } else { None }
}

const CARL: &str = "sip:carl@example.org";
const OPEN: TransferDecision = TransferDecision::Open { within: std::time::Duration::from_secs(30) };

#[test]
fn nobody_is_called_because_somebody_asks_for_it_until_the_person_says_so() {
    for says_no in [true, false] {
        let (mut world, [anna, ben, carl], annas, bens) = talking();
        world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
        assert_eq!(asked(&world, ben), [(CARL.to_owned(), OPEN)]);
        let call = world.call(ben, bens);
        assert_eq!(call.transfer_asked, Some(Pii(CARL.into())));
        assert!(call.allowed.contains(&CallAction::FollowTransfer) && call.allowed.contains(&CallAction::RefuseTransfer));
        if says_no {
            world.command(ben, Command::RefuseTransfer(bens));
        } else {
            world.pass_seconds(29);
            assert_eq!(asked(&world, ben).len(), 1);
            world.pass_seconds(2);
        }
        assert_eq!(asked(&world, ben).last(), Some(&(CARL.to_owned(), TransferDecision::Refused)));
        assert_eq!((world.incoming(carl), world.call(anna, annas).transfer), (None, Some(TransferProgress::Failed(603))));
        assert_eq!((world.call(anna, annas).state, world.call(ben, bens).state), (CallState::Active, CallState::Active));
        let call = world.call(ben, bens);
        assert!(call.transfer_asked.is_none() && !call.allowed.contains(&CallAction::FollowTransfer));
        world.command(ben, Command::FollowTransfer(bens));
        assert_eq!(world.incoming(carl), None, "it is no longer asked");
    }
}

#[test]
fn who_asks_again_and_again_is_no_longer_heard() {
    let (mut world, [anna, ben, _], annas, bens) = talking();
    for _ in 0..5 {
        world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
        world.command(ben, Command::RefuseTransfer(bens));
    }
    let questions = asked(&world, ben).iter().filter(|(_, decision)| *decision == OPEN).count();
    assert_eq!((questions, world.call(anna, annas).transfer), (3, Some(TransferProgress::Failed(603))));
}

#[test]
fn a_question_ends_with_its_call() {
    let (mut world, [anna, ben, carl], annas, bens) = talking();
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    world.command(anna, Command::HangUp(annas));
    world.command(ben, Command::FollowTransfer(bens));
    world.pass_seconds(40);
    assert_eq!((asked(&world, ben).len(), world.incoming(carl)), (1, None));
}

#[test]
fn an_exchange_that_is_trusted_with_it_hands_over_without_a_question() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let ben = world.add_phone();
    world.add_account(ben, AccountConfig { follow_transfers: true, ..account("ben") });
    let carl = world.registered("carl");
    let annas = world.dial(anna, "ben@example.org");
    let bens = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(bens));
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    assert!(follows(&world, ben).is_some() && asked(&world, ben).len() == 1);
    world.command(carl, Command::Answer(world.incoming(carl).unwrap()));
    assert_eq!(world.end(anna, annas), Some(EndReason::Transferred));
}

#[test]
fn errands_count_as_calls() {
    let mut world = World::new();
    let anna = world.registered("anna");
    let ben = world.add_phone_with(PhoneConfig { max_calls: 1, ..PhoneConfig::default() });
    world.add_account(ben, account("ben"));
    let carl = world.registered("carl");
    let annas = world.dial(anna, "ben@example.org");
    let bens = world.incoming(ben).unwrap();
    world.command(ben, Command::Answer(bens));
    world.dial(ben, "carl@example.org");
    world.command(carl, Command::Answer(world.incoming(carl).unwrap()));
    world.command(ben, Command::Resume(bens));
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    assert_eq!(asked(&world, ben), [(CARL.to_owned(), TransferDecision::Refused)]);
    assert_eq!(world.call(anna, annas).transfer, Some(TransferProgress::Failed(486)));
}

#[test]
fn who_is_handed_over_hears_of_it_calls_the_other_and_is_out_of_the_first_call() {
    let (mut world, [anna, ben, carl], annas, bens) = talking();
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    let follows = &follow(&mut world, ben, bens);
    assert_eq!(asked(&world, ben), [(CARL.to_owned(), OPEN), (CARL.to_owned(), TransferDecision::Follows(*follows))]);
    assert_eq!(follows.0 % 2, 1);
    let ours = Held { by_us: true, by_peer: false };
    assert_eq!(world.call(anna, annas).held, ours, "held while it is tried");
    assert_eq!(world.call(anna, annas).transfer, Some(TransferProgress::Trying(180)));
    assert!(!world.call(ben, bens).held.by_us, "what the first call plays is heard while the second one rings");
    let carls = world.incoming(carl).unwrap();
    assert_eq!(world.call(carl, carls).referred_by, Some(Pii("sip:anna@example.org".into())));
    world.command(carl, Command::Answer(carls));
    assert_eq!(world.end(anna, annas), Some(EndReason::Transferred));
    assert_eq!(world.end(ben, bens), Some(EndReason::Transferred));
    assert_eq!((world.call(ben, *follows).state, world.call(carl, carls).state), (CallState::Active, CallState::Active));
    assert_eq!(world.call(ben, *follows).held, Held::default());
}

#[test]
fn who_is_muted_stays_muted_when_handed_over() {
    let (mut world, [anna, ben, carl], annas, bens) = talking();
    world.command(ben, Command::Mute { call: bens, muted: true });
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    let follows = follow(&mut world, ben, bens);
    let carls = world.incoming(carl).unwrap();
    world.command(carl, Command::Answer(carls));
    let call = world.call(ben, follows);
    assert_eq!((call.state, call.muted), (CallState::Active, true));
}

#[test]
fn a_transfer_that_fails_leaves_the_two_where_they_were() {
    let (mut world, [anna, ben, carl], annas, bens) = talking();
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    follow(&mut world, ben, bens);
    let carls = world.incoming(carl).unwrap();
    world.command(carl, Command::Decline(carls));
    assert_eq!(world.call(anna, annas).transfer, Some(TransferProgress::Failed(603)));
    assert_eq!((world.call(anna, annas).state, world.call(ben, bens).state), (CallState::Active, CallState::Active));
    world.command(anna, Command::Transfer { call: annas, target: "nobody".into() });
    world.command(ben, Command::FollowTransfer(bens));
    assert_eq!(world.call(anna, annas).transfer, Some(TransferProgress::Failed(404)));
    assert_eq!((world.call(anna, annas).state, world.call(ben, bens).state), (CallState::Active, CallState::Active));
}

#[test]
fn two_calls_are_joined() {
    let (mut world, [anna, ben, carl], first, bens) = talking();
    let second = world.dial(anna, "carl@example.org");
    let carls = world.incoming(carl).unwrap();
    world.command(carl, Command::Mute { call: carls, muted: true });
    world.command(carl, Command::Answer(carls));
    world.command(anna, Command::TransferTo { call: first, other: second });
    let follows = follow(&mut world, ben, bens);
    for call in [first, second] {
        assert_eq!(world.end(anna, call), Some(EndReason::Transferred));
    }
    assert_eq!(world.end(carl, carls), Some(EndReason::Replaced));
    assert_eq!(world.end(ben, bens), Some(EndReason::Transferred));
    assert_eq!(world.call(ben, follows).state, CallState::Active);
    let ends = |event: &PhoneEvent| if let PhoneEvent::CallChanged { call, .. } = event { Some(call.clone()) } else { None };
    let taken = world.events[carl].iter().rev().filter_map(ends).find(|call| call.replaces == Some(carls)).unwrap();
    assert_eq!((taken.state, taken.muted), (CallState::Active, true), "muting goes over with the person");
    let rang = world.events[carl].iter().filter(|event| matches!(event, PhoneEvent::IncomingCall { .. })).count();
    assert_eq!(rang, 1, "what replaces a call does not ring");
}

#[test]
fn two_calls_of_different_accounts_are_joined_by_the_name_that_the_second_account_knows() {
    let (mut world, [anna, ben, carl], first, bens) = talking();
    world.srv("_sips._tcp.provider.example", 10, "sip.example.org", 5061);
    let (account, second) = (AccountId(7), CallId(1000));
    let mut config = world::account("nina");
    config.address = Pii("nina@provider.example".into());
    world.command(anna, Command::AddAccount { account, config: Box::new(config) });
    let target = "carl@provider.example".into();
    world.command(anna, Command::Dial { call: second, account: Some(account), target, anonymous: false, subject: None });
    let carls = world.incoming(carl).unwrap();
    assert_eq!(world.call(carl, carls).peer.address.reveal(), "sip:nina@provider.example");
    world.command(carl, Command::Answer(carls));
    world.command(anna, Command::TransferTo { call: first, other: second });
    let follows = follow(&mut world, ben, bens);
    for call in [first, second] {
        assert_eq!(world.end(anna, call), Some(EndReason::Transferred));
    }
    assert_eq!((world.end(carl, carls), world.end(ben, bens)), (Some(EndReason::Replaced), Some(EndReason::Transferred)));
    assert_eq!(asked(&world, ben)[0].0, "sip:carl@provider.example");
    assert_eq!(world.call(ben, follows).state, CallState::Active);
}

#[test]
fn a_call_is_handed_over_to_somebody_who_is_still_being_called() {
    let (mut world, [anna, ben, carl], first, bens) = talking();
    let second = world.dial(anna, "carl@example.org");
    let rang = world.incoming(carl).unwrap();
    world.command(anna, Command::TransferTo { call: first, other: second });
    assert_eq!(world.end(anna, second), Some(EndReason::Cancelled(Side::Us)));
    assert_eq!(world.end(carl, rang), Some(EndReason::Cancelled(Side::Peer)));
    let follows = follow(&mut world, ben, bens);
    let rings = world.incoming(carl).unwrap();
    assert_ne!(rings, rang);
    world.command(carl, Command::Answer(rings));
    assert_eq!(world.call(carl, rings).peer.address.reveal(), "sip:ben@example.org");
    assert_eq!(world.end(anna, first), Some(EndReason::Transferred));
    assert_eq!(world.call(ben, follows).state, CallState::Active);
}

#[test]
fn what_cannot_be_handed_over_is_said_at_once() {
    let (mut world, [anna, _, carl], first, _) = talking();
    world.dial(carl, "anna@example.org");
    let second = world.incoming(anna).unwrap();
    let refused = PhoneEvent::ActionFailed { call: first, action: CallAction::Transfer, status: None };
    let count = |world: &World| world.events[anna].iter().filter(|event| **event == refused).count();
    world.command(anna, Command::TransferTo { call: first, other: second });
    assert_eq!(count(&world), 1, "who calls us has to be answered first");
    world.command(anna, Command::TransferTo { call: first, other: first });
    world.command(anna, Command::Transfer { call: first, target: "no address".into() });
    assert_eq!(count(&world), 3);
    assert_eq!((world.call(anna, first).state, world.call(anna, second).state), (CallState::Active, CallState::Ringing));
}

#[test]
fn nobody_is_sent_to_whom_they_have_blocked() {
    let (mut world, [anna, ben, carl], annas, bens) = talking();
    world.command(ben, Command::SetBlocked(vec![BlockRule::parse("carl@example.org").unwrap()]));
    world.command(anna, Command::Transfer { call: annas, target: "carl".into() });
    assert_eq!(asked(&world, ben), [(CARL.to_owned(), TransferDecision::Refused)]);
    assert_eq!((world.incoming(carl), world.call(anna, annas).transfer), (None, Some(TransferProgress::Failed(603))));
    assert_eq!((world.call(anna, annas).state, world.call(ben, bens).state), (CallState::Active, CallState::Active));
}

#[test]
fn nobody_is_sent_to_an_emergency_number() {
    for (trusted, target) in
        [(false, "sip:144@example.org"), (false, "144@example.org"), (true, "sip:144@example.org;user=phone"), (true, "tel:144")]
    {
        let mut world = World::new();
        let anna = world.registered("anna");
        let ben = world.add_phone();
        let mut config = account("ben");
        config.follow_transfers = trusted;
        world.add_account(ben, config);
        // Only at ben's is that number one for help.
        world.command(ben, Command::SetNumbering(Box::new(Numbering { region: Some("CH".parse().unwrap()), ..Numbering::default() })));
        let annas = world.dial(anna, "ben@example.org");
        let bens = world.incoming(ben).unwrap();
        world.command(ben, Command::Answer(bens));
        world.command(anna, Command::Transfer { call: annas, target: target.into() });
        let decisions: Vec<_> = asked(&world, ben).into_iter().map(|(_, decision)| decision).collect();
        assert_eq!(decisions, [TransferDecision::Emergency], "{target}");
        assert_eq!(world.call(anna, annas).transfer, Some(TransferProgress::Failed(403)), "{target}");
        assert!(!world.server.seen.iter().any(|seen| seen.starts_with("INVITE 144")), "{target}");
        assert_eq!(world.call(ben, bens).state, CallState::Active);
    }
}

fn outcome(world: &World, phone: usize, id: u64) -> Option<Result<(), MessageTrouble>> {
    world.events[phone].iter().find_map(|event| match event {
        PhoneEvent::MessageDelivered(message) if message.0 == id => Some(Ok(())),
        PhoneEvent::MessageFailed { message, trouble } if message.0 == id => Some(Err(*trouble)),
        _ => None,
    })
}

fn send(world: &mut World, phone: usize, id: u64, target: &str, text: &str) -> Option<Result<(), MessageTrouble>> {
    world.command(phone, Command::SendMessage { message: MessageId(id), account: None, target: target.to_owned(), text: text.to_owned() });
    outcome(world, phone, id)
}

#[test]
fn texts_arrive_unless_their_sender_is_blocked_or_they_are_none() {
    let mut world = World::new();
    let (anna, ben) = (world.registered("anna"), world.registered("ben"));
    let received = |world: &World| world.events[ben].iter().filter(|event| matches!(event, PhoneEvent::MessageReceived { .. })).count();
    assert_eq!(send(&mut world, anna, 1, "ben", "Hello"), Some(Ok(())));
    assert_eq!(received(&world), 1);
    world.command(ben, Command::SetBlocked(vec![BlockRule::parse("anna@example.org").unwrap()]));
    assert_eq!(send(&mut world, anna, 2, "ben", "Hello?"), Some(Ok(())), "who is blocked learns nothing of it");
    assert_eq!(received(&world), 1);
    assert_eq!(send(&mut world, anna, 3, "ben", ""), Some(Err(MessageTrouble::Length)));
    assert_eq!(send(&mut world, anna, 4, "ben", &"x".repeat(901)), Some(Err(MessageTrouble::Length)));
    assert_eq!(send(&mut world, anna, 5, "nobody", "x"), Some(Err(MessageTrouble::Refused(404))));
    let lonely = world.add_phone();
    assert_eq!(send(&mut world, lonely, 6, "ben@example.org", "x"), Some(Err(MessageTrouble::NoAccount)));
}

#[test]
fn texts_that_nobody_answers_for_fail_and_their_number_is_bounded() {
    let mut world = World::new();
    let anna = world.registered("anna");
    world.server.login = world::Login::Silent;
    for id in 0..32 {
        assert_eq!(send(&mut world, anna, id, "ben", "x"), None);
    }
    assert_eq!(send(&mut world, anna, 32, "ben", "x"), Some(Err(MessageTrouble::TooMany)));
    world.pass_seconds(33);
    assert!((0..32).all(|id| outcome(&world, anna, id) == Some(Err(MessageTrouble::NoAnswer))));
    send(&mut world, anna, 40, "ben", "x");
    world.command(anna, Command::RemoveAccount(ACCOUNT));
    world.pass_seconds(40);
    assert!(outcome(&world, anna, 40).is_some_and(|outcome| outcome.is_err()), "it is answered for, whatever happens");
    assert_eq!(world.phones[anna].account_state(AccountId(1)), None);
}
