//! Whatever happens in whatever order: a call ends once, keeps the rules of its leg, and does not spin on its timer.

use super::*;
use crate::{CallAction, OfferRow, TransferTarget};
use ua::TransferEvent;

/// Watches what a call asks of its leg.
#[derive(Default)]
struct Rules {
    seen: usize,
    /// An offer of ours is under way.
    offers: bool,
    /// The leg was ended by us.
    is_left: bool,
    logs: usize,
}

impl Rules {
    fn check(&mut self, bench: &Bench, what: &str) {
        for output in bench.wanted.get(self.seen..).unwrap_or_default() {
            assert_eq!(self.logs, 0, "{what}: nothing comes after the log: {output:?}");
            match output {
                CallOutput::Leg(LegCommand::Reoffer { fork: None, .. }) => {
                    assert!(!self.offers && !self.is_left, "{what}: one offer at a time, and none after the end");
                    self.offers = true;
                }
                CallOutput::Leg(LegCommand::HangUp { .. } | LegCommand::Reject { .. }) => self.is_left = true,
                CallOutput::Log(_) => self.logs += 1,
                _ => {}
            }
        }
        self.seen = bench.wanted.len();
        let snapshot = bench.call.snapshot();
        let can = |action| snapshot.allowed.contains(&action);
        assert!(!(can(CallAction::Hold) && can(CallAction::Resume)), "{what}");
        assert_eq!(snapshot.allowed.is_empty(), bench.call.is_over(), "{what}");
        let wake = bench.call.next_wake();
        assert!(wake.is_none_or(|wake| wake.at > bench.now.instant || wake.at == bench.now.instant && !bench.call.is_finished()), "{what}");
    }
}

fn directions() -> [Direction; 4] {
    [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
}

/// The peer's answer to our last offer, or none if there was none.
fn reanswer(bench: &Bench, direction: Direction) -> Option<Vec<u8>> {
    let ours = bench
        .legs()
        .into_iter()
        .rev()
        .find_map(|command| if let LegCommand::Reoffer { offer, .. } = command { Some(offer) } else { None })?;
    let media = LocalMedia { direction, ..their_media(2) };
    let answered = answer(&Description::parse(ours).ok()?, &media, &Origin::anonymous(9)).ok()?;
    Some(answered.0.to_string().into_bytes())
}

fn row() -> OfferRow {
    OfferTable::row(TargetKind::Trunk, Signalling::ToServer, MediaProtection::BestEffort)
}

/// One thing that the person does.
fn person(bench: &mut Bench, dice: &mut Entropy) {
    match dice.below(12) {
        0..3 => bench.act(Call::hold),
        3..6 => bench.act(Call::resume),
        6 => bench.act(|call, now| call.mute(true, now)),
        7 => bench.act(|call, now| call.mute(false, now)),
        8 => bench.act(|call, now| call.digit('5', now)),
        9 => bench.act(|call, now| call.transfer(TransferTarget::Address(Pii("sip:carl@example.org".into())), now)),
        10 => bench.act(Call::answer),
        _ if dice.below(8) == 0 => bench.act(Call::hang_up),
        _ => bench.act(|call, _| call.step_aside()),
    }
}

/// One thing that the leg tells. What answers an offer of ours comes only if one is under way.
fn peer(bench: &mut Bench, rules: &mut Rules, dice: &mut Entropy) {
    let direction = directions()[dice.below(4) as usize];
    match dice.below(12) {
        0..3 if rules.offers => {
            rules.offers = false;
            let sdp = reanswer(bench, direction);
            bench.leg(ua::LegEvent::Reanswered { sdp });
        }
        3..5 if rules.offers => {
            rules.offers = false;
            let status = [491, 491, 488, 500][dice.below(4) as usize];
            bench.leg(ua::LegEvent::ReofferFailed { status });
        }
        5 => bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(direction, 2 + dice.below(2) as u8)) }),
        6 => bench.leg(ua::LegEvent::Reoffer { sdp: None }),
        7 => bench.leg(ua::LegEvent::ReofferConfirmed { sdp: None }),
        8 => bench.leg(ua::LegEvent::Reoffer { sdp: Some(b"nonsense".to_vec()) }),
        9 => {
            let events = [TransferEvent::Accepted, TransferEvent::Progress(180), TransferEvent::Failed(486)];
            bench.leg(ua::LegEvent::Transfer(events[dice.below(3) as usize]));
        }
        10 => bench.leg(ua::LegEvent::Refreshed { sdp: None }),
        11 if dice.below(20) == 0 => bench.leg(ended(EndKind::HungUp, None)),
        _ => {}
    }
}

fn media(bench: &mut Bench, dice: &mut Entropy) {
    let events = [path(), secured(), SessionEvent::Active, SessionEvent::PathLost, SessionEvent::OneWay(OneWayCause::NothingReceived)];
    bench.media(session(0, events[dice.below(5) as usize].clone()));
}

fn networks(bench: &mut Bench, dice: &mut Entropy) {
    let ours = [transport(1).address.ip()];
    let (up, lost) = if dice.below(2) == 0 { (&ours[..], &[][..]) } else { (&[][..], &ours[..]) };
    bench.act(|call, now| call.handle_networks(up, lost, now));
}

#[test]
fn an_answered_call_bears_whatever_comes_in_any_order() {
    for seed in 0..400 {
        let mut dice = Entropy::for_test(seed);
        let mut bench = Bench::talking();
        let mut rules = Rules::default();
        for step in 0..60 {
            match dice.below(9) {
                0..3 => person(&mut bench, &mut dice),
                3..6 => peer(&mut bench, &mut rules, &mut dice),
                6 => media(&mut bench, &mut dice),
                7 => networks(&mut bench, &mut dice),
                _ => bench.after(dice.below(3)),
            }
            rules.check(&bench, &format!("seed {seed}, step {step}"));
        }
        bench.act(Call::hang_up);
        bench.after(2);
        rules.check(&bench, &format!("seed {seed}, at the end"));
        assert!(rules.logs == 1 && bench.call.is_finished() && bench.call.next_wake().is_none(), "seed {seed}");
    }
}

#[test]
fn a_call_on_its_way_bears_whatever_comes_in_any_order() {
    for seed in 0..400 {
        let mut dice = Entropy::for_test(seed);
        let mut bench = Bench::placed();
        let mut rules = Rules::default();
        for step in 0..40 {
            let name = ["desk", "mobile", ""][dice.below(3) as usize];
            match dice.below(12) {
                10 => bench.leg(ua::LegEvent::EarlyReofferFailed { dialog: fork(name), status: 405 }),
                11 => {
                    let sdp = reanswer(&bench, Direction::RecvOnly);
                    bench.leg(ua::LegEvent::EarlyReanswered { dialog: fork(name), sdp });
                }
                0 => bench.leg(ua::LegEvent::Progress { dialog: fork(name), status: 180, sdp: None }),
                1 => {
                    let sdp = bench.answer(2 + dice.below(3) as u8);
                    bench.leg(ua::LegEvent::Progress { dialog: fork(name), status: 183, sdp: Some(sdp) });
                }
                2 => bench.leg(ua::LegEvent::EarlyReoffer { dialog: fork(name), sdp: reoffer(Direction::SendOnly, 2) }),
                3 => bench.leg(ua::LegEvent::ForkDropped { dialog: fork(name) }),
                4 => {
                    let contacts = vec![Pii(format!("sip:{step}@example.net"))];
                    let moved =
                        Ended { by: EndedBy::Peer, kind: EndKind::Redirected, status: Some(302), reason: None, cause: None, contacts };
                    bench.leg(ua::LegEvent::Ended(moved));
                    bench.act(|call, now| call.redirected(row(), CandidatePolicy::NoHost, now));
                    bench.call.placed(Leg::Sip(LegId(step)));
                }
                5 if dice.below(3) == 0 => bench.leg(ended(EndKind::Rejected, Some(488))),
                6 if dice.below(3) == 0 => {
                    let sdp = bench.answer(2);
                    bench.leg(ua::LegEvent::Answered { dialog: fork(name), sdp: Some(sdp) });
                }
                7 => person(&mut bench, &mut dice),
                8 => media(&mut bench, &mut dice),
                _ => bench.after(dice.below(30)),
            }
            if !bench.call.is_answered() {
                rules.offers = false;
            }
            rules.check(&bench, &format!("seed {seed}, step {step}"));
        }
        bench.act(Call::hang_up);
        bench.after(2);
        rules.check(&bench, &format!("seed {seed}, at the end"));
        assert!(rules.logs == 1 && bench.call.is_finished(), "seed {seed}");
    }
}
