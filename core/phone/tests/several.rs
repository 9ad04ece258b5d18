//! Several calls at once, and who is let through.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod world;

use cooee_call::{CallAction, CallId, CallState, EndReason, Held, Side};
use cooee_phone::{BlockRule, Command};
use world::{World, account};

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
        world.dial(ben, "anna@example.org");
        assert!(world.incoming(anna).is_some());
    }
}

#[test]
fn a_silent_server_over_udp_is_silent_by_every_way_of_asking() {
    use cooee_call::NetworkTrouble;
    use cooee_machine::Transport;
    use cooee_phone::AccountConfig;
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
