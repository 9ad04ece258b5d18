//! Calls that are handed over, and short texts, through the server.

use cooee_call::{CallId, CallState, EndReason, Side, TransferProgress};
use cooee_machine::Transport;
use cooee_phone::{Command, MessageId, MessageTrouble, PhoneEvent};
use cooee_sim::HostId;

use crate::phone::Manners;
use crate::stage::{ANSWER_AT_ONCE, Stage, seconds};

/// Anna speaks with ben, who answers whoever calls; carl has these manners. Anna's name for her call comes last.
fn anna_speaks_with_ben(seed: u64, transport: Transport, carls: Manners) -> (Stage, [HostId; 3], CallId) {
    let mut stage = Stage::new(seed);
    stage.transport = transport;
    let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
    let ben = stage.add_phone("ben", "203.0.113.1", ANSWER_AT_ONCE);
    let carl = stage.add_phone("carl", "203.0.113.3", carls);
    stage.register_all();
    let call = stage.dial(anna, "ben");
    stage.reach_active(&[anna, ben], seconds(4));
    (stage, [anna, ben, carl], call)
}

fn progress(stage: &Stage, host: HostId) -> Vec<TransferProgress> {
    let progress = |(_, event): &(_, PhoneEvent)| if let PhoneEvent::Transfer { progress, .. } = event { Some(*progress) } else { None };
    stage.phone(host).events.iter().filter_map(progress).collect()
}

const TRANSPORTS: [Transport; 2] = [Transport::Tls, Transport::Udp];

#[test]
fn a_call_is_handed_over_to_somebody_who_has_to_be_called() {
    for (seed, transport) in (1..).zip(TRANSPORTS) {
        let (mut stage, [anna, ben, carl], call) = anna_speaks_with_ben(seed, transport, ANSWER_AT_ONCE);
        stage.command(anna, Command::Transfer { call, target: "carl@example.org".into() });
        stage.reach("anna is out of it", seconds(10), |stage| stage.phone(anna).end().is_some());
        assert_eq!(stage.phone(anna).end(), Some(EndReason::Transferred), "{transport:?}");
        assert_eq!(progress(&stage, anna).last(), Some(&TransferProgress::Succeeded));
        stage.reach_active(&[ben, carl], seconds(4));
        stage.assert_sound(&[ben, carl], seconds(3), 0.95);
        let bens = stage.phone(ben).snapshot().unwrap();
        assert_eq!(bens.peer.address.reveal(), "sip:carl@example.org");
        assert!(bens.referred_by.is_some_and(|by| by.reveal().starts_with("sip:anna@example.org")));
        stage.hang_up(carl);
        assert_eq!(stage.reach_end(&[carl, ben], seconds(3)), [EndReason::HungUp(Side::Us), EndReason::HungUp(Side::Peer)]);
    }
}

#[test]
fn a_call_that_cannot_be_handed_over_goes_on() {
    for (seed, transport) in (3..).zip(TRANSPORTS) {
        let (mut stage, [anna, ben, _], call) = anna_speaks_with_ben(seed, transport, Manners::DeclineAfter(seconds(1)));
        for target in ["carl@example.org", "nobody@example.org"] {
            stage.command(anna, Command::Transfer { call, target: target.into() });
            let failed = |stage: &Stage| matches!(progress(stage, anna).last(), Some(TransferProgress::Failed(_)));
            stage.reach("it fails", seconds(10), failed);
            let expected = if target.starts_with("carl") { 603 } else { 404 };
            assert_eq!(progress(&stage, anna).last(), Some(&TransferProgress::Failed(expected)), "{transport:?}");
            stage.reach("anna is active again", seconds(5), |stage| stage.phone(anna).is_active());
            stage.world.run_for(seconds(2));
            let state = |call: CallId| stage.phone(ben).snapshots()[&call].state.clone();
            let first = *stage.phone(ben).snapshots().keys().next().unwrap();
            assert_eq!(state(first), CallState::Active, "{transport:?} {target}");
            stage.assert_sound(&[anna], seconds(2), 0.95);
        }
    }
}

#[test]
fn two_calls_are_joined_and_who_joined_them_leaves() {
    for (seed, transport) in (5..).zip(TRANSPORTS) {
        let (mut stage, [anna, ben, carl], first) = anna_speaks_with_ben(seed, transport, ANSWER_AT_ONCE);
        let second = stage.dial(anna, "carl");
        stage.reach_active(&[anna, carl], seconds(4));
        stage.assert_sound(&[anna, carl], seconds(1), 0.9);
        stage.command(anna, Command::TransferTo { call: first, other: second });
        stage.reach("anna is out of both", seconds(10), |stage| stage.phone(anna).log.len() == 2);
        assert!(stage.phone(anna).log.iter().all(|entry| entry.reason == EndReason::Transferred), "{transport:?}");
        stage.reach_active(&[ben, carl], seconds(4));
        stage.assert_sound(&[ben, carl], seconds(3), 0.95);
        let carls = stage.phone(carl).snapshot().unwrap();
        assert_eq!(carls.peer.address.reveal(), "sip:ben@example.org");
        assert!(carls.replaces.is_some());
        assert_eq!(stage.phone(carl).log[0].reason, EndReason::Replaced);
        stage.hang_up(ben);
        stage.reach_end(&[ben, carl], seconds(3));
        assert!(stage.phone(anna).is_idle());
    }
}

#[test]
fn a_text_arrives_or_its_sender_hears_why_not() {
    for (seed, transport) in (7..).zip(TRANSPORTS) {
        let mut stage = Stage::new(seed);
        stage.transport = transport;
        let anna = stage.add_phone("anna", "198.51.100.1", Manners::Ring);
        let ben = stage.add_phone("ben", "203.0.113.1", Manners::Ring);
        stage.register_all();
        let mut send = |id: u64, target: &str, text: &str| {
            let message = MessageId(id);
            stage.command(anna, Command::SendMessage { message, account: None, target: target.into(), text: text.into() });
            let over = |event: &PhoneEvent| match event {
                PhoneEvent::MessageDelivered(known) if *known == message => Some(Ok(())),
                PhoneEvent::MessageFailed { message: known, trouble } if *known == message => Some(Err(*trouble)),
                _ => None,
            };
            let outcome = |stage: &Stage| stage.phone(anna).events.iter().find_map(|(_, event)| over(event));
            stage.reach("something becomes of it", seconds(40), |stage| outcome(stage).is_some());
            outcome(&stage).unwrap()
        };
        assert_eq!(send(1, "ben@example.org", "Grüße, „Ben“"), Ok(()));
        assert_eq!(send(2, "nobody@example.org", "?"), Err(MessageTrouble::Refused(404)));
        assert_eq!(send(3, "ben", ""), Err(MessageTrouble::Length));
        assert_eq!(send(4, "ben", &"x".repeat(901)), Err(MessageTrouble::Length));
        assert_eq!(send(5, "ben ben", "x"), Err(MessageTrouble::BadAddress));
        let texts: Vec<&PhoneEvent> = stage
            .phone(ben)
            .events
            .iter()
            .map(|(_, event)| event)
            .filter(|event| matches!(event, PhoneEvent::MessageReceived { .. }))
            .collect();
        let [PhoneEvent::MessageReceived { from, text, .. }] = texts[..] else { panic!("{transport:?}: {texts:?}") };
        assert_eq!((from.address.reveal().as_str(), text.reveal().as_str()), ("sip:anna@example.org", "Grüße, „Ben“"));
    }
}
