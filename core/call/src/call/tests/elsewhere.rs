use super::*;
use crate::{LegOutcome, NetworkTrouble};

/// Placed over the account 1, and there is another way.
fn placed(elsewhere: Elsewhere) -> Bench {
    let mut bench = Bench::placed();
    bench.act(|call, now| call.may_go_elsewhere(elsewhere, now));
    bench
}

fn way(elsewhere: Elsewhere) -> Detour {
    Detour {
        address: Pii("sip:+41446681800@provider.example".into()),
        account: AccountId(2),
        media: MediaPreferences::default(),
        is_stun_known: true,
        shown: CandidatePolicy::All,
        row: OfferTable::row(TargetKind::Trunk, Signalling::ToServer, MediaProtection::Encrypted),
        elsewhere,
    }
}

fn asks(bench: &Bench) -> usize {
    bench.wanted.iter().filter(|output| matches!(output, CallOutput::Elsewhere(_))).count()
}

fn is_silent(bench: &Bench) -> bool {
    bench.wanted.contains(&CallOutput::Silent)
}

fn outcomes(bench: &Bench) -> Vec<LegOutcome> {
    bench.call.snapshot().legs.into_iter().map(|leg| leg.outcome).collect()
}

/// The phone takes the call there, over an account that is ready.
fn go(bench: &mut Bench) {
    bench.act(|call, now| call.detour(way(Elsewhere::Nowhere), now));
    assert_eq!(bench.legs().len(), 1, "not before that account's server is there");
    bench.act(|call, now| call.server_ready(now));
    bench.call.placed(Leg::Sip(LegId(2)));
}

#[test]
fn where_one_way_comes_to_nothing_the_next_is_tried_and_both_are_remembered() {
    for status in [403, 404, 408, 480, 500, 503, 604] {
        let mut bench = placed(Elsewhere::AfterFailure);
        bench.now = bench.now.after(Duration::from_secs(1));
        bench.leg(ended(EndKind::Rejected, Some(status)));
        assert_eq!((bench.end(), asks(&bench)), (None, 1), "{status}");
        go(&mut bench);
        let sdp = bench.answer(2);
        bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
        let legs = bench.call.snapshot().legs;
        let told: Vec<_> = legs.iter().map(|leg| (leg.account, leg.after.as_secs(), leg.outcome == LegOutcome::Answered)).collect();
        assert_eq!(told, [(AccountId(1), 0, false), (AccountId(2), 1, true)], "{status}");
        assert_eq!(bench.requests()[..1], ["gather"], "the candidates serve again");
    }
    for kind in [EndKind::Timeout, EndKind::Transport, EndKind::WrongPassword, EndKind::BadTarget] {
        let mut bench = placed(Elsewhere::AfterFailure);
        bench.leg(ended(kind, None));
        assert_eq!((bench.end(), asks(&bench)), (None, 1), "{kind:?}");
    }
}

#[test]
fn who_is_busy_or_says_no_is_not_called_in_another_way() {
    for status in [486, 600, 603, 607, 608, 699] {
        let mut bench = placed(Elsewhere::AfterSilence);
        bench.leg(ended(EndKind::Rejected, Some(status)));
        assert!(bench.end().is_some() && asks(&bench) == 0, "{status}");
        assert_eq!(outcomes(&bench), [LegOutcome::Failed(bench.end().unwrap())]);
    }
    let mut bench = placed(Elsewhere::AfterSilence);
    bench.act(Call::hang_up);
    bench.after(5);
    assert_eq!((bench.end(), asks(&bench), is_silent(&bench)), (Some(EndReason::Cancelled(Side::Us)), 0, false));
}

#[test]
fn a_way_that_does_not_ring_within_four_seconds_is_cancelled_before_the_next_is_tried() {
    let mut bench = placed(Elsewhere::AfterSilence);
    bench.after(3);
    assert!(!is_silent(&bench));
    bench.after(1);
    assert!(is_silent(&bench));
    bench.act(Call::give_up_silence);
    assert!(matches!(bench.legs()[..], [LegCommand::Place { .. }, LegCommand::HangUp { .. }]));
    bench.act(|call, now| call.detour(way(Elsewhere::Nowhere), now));
    bench.act(|call, now| call.server_ready(now));
    assert!(matches!(bench.legs()[..], [_, LegCommand::HangUp { .. }, LegCommand::Place { .. }]));
    assert_eq!(outcomes(&bench), [LegOutcome::Failed(EndReason::NoSign), LegOutcome::Open]);
    bench.after(60);
    assert_eq!(bench.end(), None, "the last way may take its time");
}

#[test]
fn whatever_shows_that_something_lives_over_there_is_waited_for() {
    for status in [180, 181, 182, 183, 199] {
        let mut bench = placed(Elsewhere::AfterSilence);
        bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status, sdp: None });
        bench.after(60);
        assert!(!is_silent(&bench) && bench.end().is_none(), "{status}");
    }
    let mut bench = placed(Elsewhere::AfterFailure);
    bench.after(60);
    assert!(!is_silent(&bench), "where the other way is only for failures");
}

#[test]
fn silence_that_is_borne_is_told_of_again() {
    let mut bench = placed(Elsewhere::AfterSilence);
    bench.after(4);
    bench.act(Call::bear_silence);
    bench.wanted.clear();
    bench.after(3);
    assert!(!is_silent(&bench));
    bench.after(1);
    assert!(is_silent(&bench) && bench.end().is_none());
}

#[test]
fn an_account_that_cannot_reach_its_server_leaves_the_call_to_another() {
    let mut bench = Bench::outgoing();
    bench.act(|call, now| call.may_go_elsewhere(Elsewhere::AfterFailure, now));
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.act(|call, now| call.server_failed(EndReason::Unreachable(NetworkTrouble::Refused), now));
    assert_eq!((bench.end(), asks(&bench)), (None, 1));
    bench.act(|call, now| call.detour(way(Elsewhere::Nowhere), now));
    bench.act(|call, now| call.server_ready(now));
    assert_eq!(bench.legs().len(), 1);
    let mut bench = Bench::outgoing();
    bench.act(|call, now| call.may_go_elsewhere(Elsewhere::AfterFailure, now));
    bench.after(20);
    assert_eq!((bench.end(), asks(&bench)), (None, 1));
}

#[test]
fn where_no_way_is_left_the_call_ends_as_its_last_leg_did() {
    let mut bench = placed(Elsewhere::AfterFailure);
    bench.leg(ended(EndKind::Rejected, Some(404)));
    bench.act(Call::no_detour);
    assert_eq!(bench.end(), Some(EndReason::NotFound));
    bench.act(|call, now| call.detour(way(Elsewhere::Nowhere), now));
    assert_eq!((outcomes(&bench).len(), bench.legs().len()), (1, 1), "who is over goes nowhere");
}

#[test]
fn what_one_way_points_to_is_tried_before_another_way() {
    let mut bench = placed(Elsewhere::AfterFailure);
    let contacts = vec![Pii("sip:desk@example.net".to_owned())];
    let moved = Ended { by: EndedBy::Peer, kind: EndKind::Redirected, status: Some(302), reason: None, cause: None, contacts };
    bench.leg(ua::LegEvent::Ended(moved));
    let row = OfferTable::row(TargetKind::ForeignDomain, Signalling::Plain, MediaProtection::Encrypted);
    bench.act(|call, now| call.redirected(row, CandidatePolicy::All, now));
    assert_eq!(asks(&bench), 0);
    bench.leg(ended(EndKind::Rejected, Some(404)));
    assert_eq!((asks(&bench), bench.end()), (1, None));
    bench.act(|call, now| call.detour(way(Elsewhere::Nowhere), now));
    assert_eq!(bench.sent_on(), ["sip:desk@example.net", "sip:+41446681800@provider.example"]);
}
