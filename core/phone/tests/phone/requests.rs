//! Whose calls ring aloud, and who asks to be let through.

use crate::world::{World, account};
use cooee_call::{Advice, CallDirection, CallId, CallState, EndReason, Fact, Request, Side};
use cooee_machine::Pii;
use cooee_phone::{Address, BlockRule, Command, PhoneEvent, WhoRings};
use cooee_sip::feature::PROVEN_CALLERS;

/// A request of the call of `from`, which comes over Anna's connection with these further lines.
fn of_caller(method: &str, from: &str, lines: &str) -> Vec<u8> {
    of_peer(method, from, lines, "")
}

fn of_peer(method: &str, from: &str, lines: &str, body: &str) -> Vec<u8> {
    let name: String = from.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        "{method} sip:anna@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TLS example.org;branch=z9hG4bK{name}\r\nMax-Forwards: 70\r\n\
         From: <{from}>;tag=1\r\nTo: <sip:anna@example.org>\r\nCall-ID: {name}\r\nCSeq: 1 {method}\r\nContact: <sip:x@192.0.2.99>\r\n\
         {lines}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

struct Scene {
    world: World,
    anna: usize,
}

impl Scene {
    fn new() -> Self {
        Self::with(World::new(), account("anna"))
    }

    fn with(mut world: World, account: cooee_phone::AccountConfig) -> Self {
        let anna = world.add_phone_with(cooee_phone::PhoneConfig { max_calls: 20, ..cooee_phone::PhoneConfig::default() });
        world.add_account(anna, account);
        Self { world, anna }
    }

    fn command(&mut self, command: Command) {
        self.world.command(self.anna, command);
    }

    /// Somebody calls.
    fn call(&mut self, from: &str, lines: &str) -> CallId {
        self.world.tell(self.anna, &of_caller("INVITE", from, lines));
        self.world.incoming(self.anna).unwrap()
    }

    /// Whether the last call that came was announced without a sound, as the phone says it.
    fn is_silent(&self) -> bool {
        let silently = |event: &PhoneEvent| if let PhoneEvent::IncomingCall { silently, .. } = event { Some(*silently) } else { None };
        self.world.events[self.anna].iter().rev().find_map(silently).unwrap()
    }

    /// Whether somebody who calls now rings aloud.
    fn rings(&mut self, from: &str, lines: &str) -> bool {
        let call = self.call(from, lines);
        let request = self.world.call(self.anna, call).request;
        assert_eq!(request.is_some(), self.is_silent());
        self.command(Command::Decline(call));
        request.is_none()
    }

    /// Whether a text that somebody writes now makes a sound.
    fn beeps(&mut self, from: &str) -> bool {
        self.world.tell(self.anna, &of_peer("MESSAGE", from, "Content-Type: text/plain\r\n", "hi"));
        match self.world.events[self.anna].last() {
            Some(PhoneEvent::MessageReceived { silently, .. }) => !silently,
            other => panic!("{other:?}"),
        }
    }

    fn request(&self, call: CallId) -> Option<Request> {
        self.world.call(self.anna, call).request
    }

    fn heard(&self, begin: &str) -> usize {
        self.world.server.messages.iter().filter(|message| message.starts_with(begin)).count()
    }
}

const EVE: &str = "sip:eve@evil.example";

fn understood(text: &str) -> Address {
    Address::understand(text, None).unwrap().address
}

#[test]
fn who_is_not_known_hears_it_ring_and_is_announced_without_a_sound_and_missed() {
    let mut scene = Scene::new();
    let call = scene.call(EVE, "Subject: The keys\r\n\tare here\r\n");
    assert!(scene.is_silent());
    assert_eq!(scene.heard("SIP/2.0 180 "), 1);
    assert_eq!(scene.request(call), Some(Request { domain: None, line: Some(Pii("The keys are here".into())) }));
    scene.world.tell(scene.anna, &of_caller("CANCEL", EVE, ""));
    let entry = scene.world.log(scene.anna).remove(0);
    assert!(entry.missed && entry.reason == EndReason::Cancelled(Side::Peer), "{:?}", entry.reason);
    let facts: Vec<&Fact> = entry.story.steps().iter().map(|step| &step.fact).collect();
    assert!(facts.contains(&&Fact::RangHere { silently: true }), "{facts:?}");
    let verdict = entry.story.verdict().unwrap();
    assert_eq!((verdict.fact, verdict.advice), (Fact::RangHere { silently: true }, Advice::AllowCaller));
    assert_eq!(entry.story.request().and_then(|request| request.line), Some(Pii("The keys are here".into())));
}

#[test]
fn whoever_is_in_the_book_was_called_or_written_to_is_allowed_or_of_the_own_domain_rings_aloud() {
    let mut scene = Scene::new();
    scene.command(Command::SetContacts(["ben@elsewhere.example", "+41446681800"].map(understood).to_vec()));
    scene.command(Command::AddCalled(vec![Pii("sip:carl@elsewhere.example".into())]));
    scene.command(Command::SetAllowed(vec![BlockRule::parse("friends.example").unwrap()]));
    scene.world.dial(scene.anna, "dora@elsewhere.example");
    let text = |target: &str| Command::SendMessage {
        message: cooee_phone::MessageId(1),
        account: None,
        target: target.into(),
        text: "hello".into(),
    };
    scene.command(text("emil@elsewhere.example"));
    for who in ["ben", "carl", "dora", "emil"] {
        assert!(scene.rings(&format!("sip:{who}@Elsewhere.example;user=ip"), ""), "{who}");
    }
    let number = ("sip:+41446681800@example.org;user=phone", "P-Asserted-Identity: <tel:+41446681800>\r\n");
    assert!(scene.rings(number.0, number.1));
    for who in ["tel:+41446681800", "sip:anybody@friends.example", "sip:frank@example.org"] {
        assert!(scene.rings(who, ""), "{who}");
    }
    let of_evil = "sip:+41446681800@evil.example";
    for who in [EVE, of_evil, "sip:Ben@elsewhere.example", "sip:+41446681801@any.example", "sip:ben@sub.elsewhere.example"] {
        assert!(!scene.rings(who, ""), "{who}");
    }
}

#[test]
fn texts_of_who_would_ask_make_no_sound_nor_does_any_while_not_to_be_disturbed() {
    let mut scene = Scene::new();
    scene.command(Command::SetContacts(vec![understood("ben@elsewhere.example")]));
    let writers = ["sip:ben@elsewhere.example", "sip:frank@example.org", EVE, "sip:anonymous@anonymous.invalid"];
    assert_eq!(writers.map(|from| scene.beeps(from)), [true, true, false, false]);
    scene.command(Command::SetWhoRings(WhoRings::Everybody));
    assert!(scene.beeps("sip:dora@evil.example"));
    scene.command(Command::SetDoNotDisturb(true));
    assert!(!scene.beeps("sip:emil@example.org"));
    scene.command(Command::SetAllowed(vec![BlockRule::parse("emil@example.org").unwrap()]));
    assert!(scene.beeps("sip:emil@example.org;again=1"));
}

#[test]
fn whose_calls_ring_is_for_the_owner_to_say() {
    let lines = "P-Asserted-Identity: <tel:+49301234567>\r\n";
    let withheld = ("sip:anonymous@anonymous.invalid", "");
    let callers = [("sip:frank@example.org", ""), ("sip:+49301234567@example.org", lines), ("sip:1@evil.example", ""), (EVE, ""), withheld];
    for (who, expected) in
        [(WhoRings::Everybody, [true; 5]), (WhoRings::OwnDomain, [true, true, false, false, false]), (WhoRings::Known, [false; 5])]
    {
        let mut scene = Scene::with(World::new(), cooee_phone::AccountConfig { numbers: true, ..account("anna") });
        scene.command(Command::SetWhoRings(who));
        assert_eq!(callers.map(|(from, lines)| scene.rings(from, lines)), expected, "{who}");
        assert!(scene.rings("sip:anna@example.org", "P-Asserted-Identity: <sip:anna@example.org>\r\n"), "oneself is known");
        assert_eq!(scene.rings("sip:anna@example.org;again=1", ""), who != WhoRings::Known, "{who}: every caller knows whom it calls");
    }
}

#[test]
fn the_word_of_the_own_server_counts_more_than_the_name_of_somebody_known() {
    let mut scene = Scene::new();
    scene.command(Command::SetWhoRings(WhoRings::Known));
    scene.command(Command::SetAllowed(vec![BlockRule::parse("ben@example.org").unwrap()]));
    assert!(scene.rings("sip:ben@example.org", ""));
    assert!(!scene.rings("sip:ben@example.org;again=1", "P-Asserted-Identity: <sip:eve@example.org>\r\n"));
    assert!(!scene.rings(EVE, "P-Asserted-Identity: <sip:ben@friends.example>\r\n"), "of others it knows nothing");
}

#[test]
fn a_domain_is_shown_where_it_is_proven_and_nowhere_else() {
    let domain = |features, lines: &str| {
        let mut world = World::new();
        world.server.features = features;
        let mut scene = Scene::with(world, account("anna"));
        scene.command(Command::SetWhoRings(WhoRings::Known));
        let call = scene.call("sip:eve@Evil.example", lines);
        scene.request(call).unwrap().domain
    };
    assert_eq!(domain(&[], ""), None);
    assert_eq!(domain(&[PROVEN_CALLERS], ""), Some("evil.example".into()));
    assert_eq!(domain(&["+g.other"], ""), None);
    assert_eq!(domain(&[], "P-Asserted-Identity: <sip:eve@example.org>\r\n"), Some("example.org".into()));
    assert_eq!(domain(&[], "P-Asserted-Identity: <sip:eve@bank.example>\r\n"), None, "any caller could have written that");
}

#[test]
fn who_asks_just_now_rings_aloud_when_let_through_and_is_gone_when_blocked() {
    let rule = || vec![BlockRule::parse("eve@evil.example").unwrap()];
    let mut scene = Scene::new();
    let call = scene.call(EVE, "");
    scene.command(Command::SetAllowed(rule()));
    assert_eq!((scene.request(call), scene.world.call(scene.anna, call).state), (None, CallState::Ringing));
    scene.world.tell(scene.anna, &of_caller("CANCEL", EVE, ""));
    assert_eq!(scene.world.log(scene.anna)[0].story.request(), None);
    for command in [Command::SetContacts(vec![understood("eve@evil.example")]), Command::SetWhoRings(WhoRings::Everybody)] {
        let mut scene = Scene::new();
        let call = scene.call(EVE, "");
        scene.command(command);
        assert_eq!(scene.request(call), None);
    }
    let mut scene = Scene::new();
    let call = scene.call(EVE, "");
    scene.command(Command::SetBlocked(rule()));
    assert_eq!((scene.world.end(scene.anna, call), scene.heard("SIP/2.0 603 ")), (Some(EndReason::Declined(Side::Us)), 1));
}

#[test]
fn who_is_answered_once_asks_again_the_next_time() {
    let mut scene = Scene::new();
    let call = scene.call(EVE, "");
    scene.command(Command::Answer(call));
    assert_eq!(scene.heard("SIP/2.0 200 OK"), 1);
    scene.command(Command::HangUp(call));
    assert_eq!(scene.world.log(scene.anna)[0].story.request(), None, "it was let through");
    assert!(!scene.rings("sip:eve@evil.example;again=1", ""));
}

#[test]
fn nobody_is_asked_to_let_somebody_through_who_withholds_the_name() {
    let mut scene = Scene::new();
    let call = scene.call("sip:anonymous@anonymous.invalid", "Subject: Guess\r\n");
    assert!(scene.request(call).is_some() && scene.is_silent());
    scene.world.tell(scene.anna, &of_caller("CANCEL", "sip:anonymous@anonymous.invalid", ""));
    let entry = scene.world.log(scene.anna).remove(0);
    assert!(entry.missed && entry.story.request().is_none());
}

#[test]
fn what_a_call_is_about_is_said_in_one_line() {
    let mut scene = Scene::new();
    let (target, subject) = ("ben@elsewhere.example".to_owned(), Some(Pii("The keys\r\nX-Evil: 1".to_owned())));
    scene.command(Command::Dial { call: CallId(2), account: None, target, anonymous: false, subject });
    let invite = scene.world.server.messages.iter().find(|message| message.starts_with("INVITE ")).unwrap();
    assert!(invite.contains("\r\nSubject: The keys X-Evil: 1\r\n"), "{invite}");
    assert_eq!(scene.world.call(scene.anna, CallId(2)).direction, CallDirection::Outgoing);
}

#[test]
fn a_number_at_a_domain_of_the_callers_own_is_let_in_nowhere() {
    let mut scene = Scene::new();
    scene.command(Command::SetAllowed(vec![BlockRule::parse("+41446681800").unwrap()]));
    scene.command(Command::SetDoNotDisturb(true));
    scene.world.tell(scene.anna, &of_caller("INVITE", "sip:+41446681800@evil.example", ""));
    assert_eq!(scene.world.log(scene.anna)[0].reason, EndReason::DoNotDisturb);
    assert!(scene.rings("sip:+41446681800@example.org", ""), "the account's own server connects it");
}
