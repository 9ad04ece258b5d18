mod again;
mod announced;
mod data;
mod early;
mod elsewhere;
mod forks;
mod gather;
mod hold;
mod network;
mod random;
mod rtcp;
mod transfer;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Pii};
use cooee_rtc::{LocalTransport, MediaFailure, MediaSecurity, OneWayCause, Path, SessionEvent, Statistics};
use cooee_sdp::{
    Candidate, CandidateKind, Codec, Crypto, Description, Direction, DtlsRole, Fingerprint, IceCredentials, LocalMedia, Negotiated,
    NegotiatedSecurity, Origin, SecurityPolicy, answer, offer,
};
use cooee_sip::ua::{self, DialogKey, EndKind, Ended, EndedBy, LegId};

use super::*;
use crate::{
    EndReason, LegEvent, LogEntry, MediaEvent, MediaProtection, MediaTrouble, Milestone, OfferTable, Side, Signalling, TargetKind,
};

/// A call under test, its clock, and everything it wanted so far.
struct Bench {
    call: Call,
    now: Now,
    wanted: Vec<CallOutput>,
}

#[allow(clippy::disallowed_methods, reason = "a test needs some instant to begin with")]
fn start() -> Now {
    Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) }
}

fn setup(media: MediaPreferences) -> CallSetup {
    let peer = Peer { address: Pii("sip:ben@example.org".into()), display_name: None };
    CallSetup {
        id: CallId(2),
        account: AccountId(1),
        peer,
        caller: Caller::default(),
        media,
        shown: CandidatePolicy::All,
        row: OfferTable::row(TargetKind::OwnDomain, Signalling::EveryHop, MediaProtection::Encrypted),
        is_stun_known: true,
        hides_us: false,
        times: CallTimes::default(),
        entropy: Entropy::for_test(1),
    }
}

fn transport(octet: u8) -> LocalTransport {
    let address = SocketAddr::from(([192, 0, 2, octet], 4000));
    LocalTransport {
        rtcp: None,
        candidates: vec![Candidate {
            foundation: "1".into(),
            component: 1,
            priority: 2_130_706_431,
            address,
            kind: CandidateKind::Host,
            related: None,
        }],
        ice: IceCredentials { ufrag: format!("ufrag{octet}"), pwd: "abcdefghijklmnopqrstuvwx".into() },
        fingerprint: Fingerprint { hash: "sha-256".into(), digest: vec![octet; 32] },
        address,
    }
}

/// What the other phone would describe.
fn their_media(octet: u8) -> LocalMedia {
    let transport = transport(octet);
    LocalMedia {
        address: transport.address,
        candidates: transport.candidates,
        end_of_candidates: true,
        ice: Some(transport.ice),
        fingerprint: Some(transport.fingerprint),
        crypto: Vec::new(),
        security: SecurityPolicy::DTLS_ONLY,
        codecs: Codec::defaults(),
        direction: Direction::SendRecv,
        ptime: None,
        max_ptime: None,
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

fn fork(name: &str) -> DialogKey {
    DialogKey { call_id: "call".into(), local_tag: "anna".into(), remote_tag: name.into() }
}

fn session(dialog: u32, event: SessionEvent) -> MediaEvent {
    MediaEvent::Session { dialog: DialogId(dialog), event }
}

fn path() -> SessionEvent {
    let (local, remote) = (transport(1).address, transport(2).address);
    SessionEvent::Path(Path { local, local_kind: CandidateKind::Host, remote, remote_kind: CandidateKind::Host, rtt: None })
}

fn secured() -> SessionEvent {
    SessionEvent::Secured { security: MediaSecurity::EndToEnd, cipher: "AEAD_AES_128_GCM" }
}

fn ended(kind: EndKind, status: Option<u16>) -> ua::LegEvent {
    ua::LegEvent::Ended(Ended { by: EndedBy::Peer, kind, status, reason: None, cause: None, contacts: Vec::new() })
}

impl Bench {
    fn outgoing() -> Self {
        let now = start();
        let mut bench = Self { call: Call::outgoing(setup(MediaPreferences::default()), now), now, wanted: Vec::new() };
        bench.drain();
        bench
    }

    /// Dialled, gathered, placed.
    fn placed() -> Self {
        let mut bench = Self::outgoing();
        bench.act(|call, now| call.server_ready(now));
        bench.media(MediaEvent::Gathered(transport(1)));
        bench.call.placed(Leg::Sip(LegId(1)));
        bench
    }

    fn incoming(sdp: Option<&[u8]>) -> Self {
        let now = start();
        let offer = sdp.map_or(IncomingOffer::Ours, IncomingOffer::Theirs);
        let call = Call::incoming(setup(MediaPreferences::default()), Leg::Sip(LegId(1)), offer, now);
        let mut bench = Self { call, now, wanted: Vec::new() };
        bench.drain();
        bench
    }

    /// An answered call with sound.
    fn talking() -> Self {
        let mut bench = Self::placed();
        let sdp = bench.answer(2);
        bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
        for event in [path(), secured(), SessionEvent::Active] {
            bench.media(session(0, event));
        }
        assert_eq!(bench.call.snapshot().state, CallState::Active);
        bench
    }

    fn act(&mut self, act: impl FnOnce(&mut Call, Now)) {
        act(&mut self.call, self.now);
        self.drain();
    }

    fn leg(&mut self, event: ua::LegEvent) {
        self.act(|call, now| call.handle_leg(LegEvent::Sip(event), now));
    }

    fn media(&mut self, event: MediaEvent) {
        self.act(|call, now| call.handle_media(event, now));
    }

    fn after(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
        self.act(|call, now| call.handle_timeout(now));
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            self.wanted.push(output);
        }
    }

    fn legs(&self) -> Vec<&LegCommand> {
        self.wanted.iter().filter_map(|output| if let CallOutput::Leg(command) = output { Some(command) } else { None }).collect()
    }

    fn requests(&self) -> Vec<String> {
        let name = |request: &MediaRequest| match request {
            MediaRequest::Gather { rtcp, .. } => if *rtcp { "gather both" } else { "gather" }.into(),
            MediaRequest::GatherRtcp { .. } => "gather rtcp".into(),
            MediaRequest::Start { dialog, .. } => format!("start {}", dialog.0),
            MediaRequest::Update { dialog, negotiated, .. } => format!("update {} {}", dialog.0, negotiated.direction.as_str()),
            MediaRequest::Keep { dialog, .. } => format!("keep {}", dialog.0),
            MediaRequest::Drop { dialog, .. } => format!("drop {}", dialog.0),
            MediaRequest::Stop { .. } => "stop".into(),
            MediaRequest::Digit { digit, .. } => format!("digit {digit}"),
            MediaRequest::Mute { muted, .. } => format!("mute {muted}"),
        };
        self.wanted.iter().filter_map(|output| if let CallOutput::Media(request) = output { Some(name(request)) } else { None }).collect()
    }

    fn offer(&self) -> Description {
        let sdp = self.legs().into_iter().find_map(|command| if let LegCommand::Place { offer } = command { Some(offer) } else { None });
        Description::parse(sdp.unwrap()).unwrap()
    }

    /// The answer of a phone at this address.
    fn answer(&self, octet: u8) -> Vec<u8> {
        answer(&self.offer(), &their_media(octet), &Origin::anonymous(9)).unwrap().0.to_string().into_bytes()
    }

    /// The addresses it went to after the first.
    fn sent_on(&self) -> Vec<String> {
        self.call.snapshot().legs.into_iter().skip(1).map(|leg| leg.address.0).collect()
    }

    fn end(&self) -> Option<EndReason> {
        if let CallState::Ended(reason) = self.call.snapshot().state { Some(reason) } else { None }
    }

    fn log(&self) -> Option<&LogEntry> {
        self.wanted.iter().find_map(|output| if let CallOutput::Log(entry) = output { Some(&**entry) } else { None })
    }

    /// What its media was told last.
    fn updated(&self) -> Negotiated {
        let update = |output: &CallOutput| match output {
            CallOutput::Media(MediaRequest::Update { negotiated, .. }) => Some((**negotiated).clone()),
            _ => None,
        };
        self.wanted.iter().rev().find_map(update).unwrap()
    }

    fn started(&self) -> Negotiated {
        let start = |output: &CallOutput| match output {
            CallOutput::Media(MediaRequest::Start { negotiated, .. }) => Some((**negotiated).clone()),
            _ => None,
        };
        self.wanted.iter().find_map(start).unwrap()
    }
}

#[test]
fn a_call_is_placed_only_when_both_the_server_and_the_candidates_are_there() {
    let mut bench = Bench::outgoing();
    assert_eq!(bench.requests(), ["gather"]);
    bench.media(MediaEvent::Gathered(transport(1)));
    assert!(bench.legs().is_empty());
    bench.act(|call, now| call.server_ready(now));
    assert_eq!(bench.offer().media[0].candidates, transport(1).candidates);
    bench.act(|call, now| call.server_ready(now));
    assert_eq!(bench.legs().len(), 1, "placed once");
}

#[test]
fn a_call_is_active_only_when_it_is_answered_and_its_media_says_so() {
    let mut bench = Bench::placed();
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 180, sdp: None });
    assert_eq!(bench.call.snapshot().state, CallState::Ringing);
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    assert_eq!(bench.call.snapshot().state, CallState::Connecting);
    bench.now = bench.now.after(Duration::from_millis(40));
    bench.media(session(0, path()));
    bench.media(session(0, secured()));
    assert_eq!(bench.call.snapshot().state, CallState::Connecting);
    bench.now = bench.now.after(Duration::from_millis(60));
    bench.media(session(0, SessionEvent::Active));
    let snapshot = bench.call.snapshot();
    assert_eq!(snapshot.state, CallState::Active);
    assert_eq!((snapshot.security, snapshot.cipher), (Some(MediaSecurity::EndToEnd), Some("AEAD_AES_128_GCM")));
    assert_eq!(snapshot.codec.unwrap().name, "opus");
    assert_eq!(snapshot.timeline.between(Milestone::Answered, Milestone::Active), Some(Duration::from_millis(100)));
    let steps: Vec<_> = snapshot.timeline.steps().iter().map(|step| step.milestone.as_str()).collect();
    assert_eq!(steps, ["begun", "gathered", "invited", "ringing", "answered", "path-found", "secured", "active"]);
    assert!(bench.call.next_wake().is_none(), "a call that talks wakes nobody");
}

#[test]
fn media_that_is_active_before_the_answer_makes_no_active_call() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    for event in [path(), secured(), SessionEvent::Active] {
        bench.media(session(0, event));
    }
    assert_eq!(bench.call.snapshot().state, CallState::Ringing);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: None });
    assert_eq!(bench.call.snapshot().state, CallState::Active);
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0"]);
}

#[test]
fn a_fork_has_one_winner_and_the_losers_media_stops() {
    let mut bench = Bench::placed();
    for (name, octet) in [("desk", 2), ("mobile", 3), ("car", 4)] {
        let sdp = bench.answer(octet);
        bench.leg(ua::LegEvent::Progress { dialog: fork(name), status: 183, sdp: Some(sdp) });
    }
    let sdp = bench.answer(3);
    bench.leg(ua::LegEvent::Answered { dialog: fork("mobile"), sdp: Some(sdp) });
    assert_eq!(bench.requests(), ["gather", "start 0", "start 1", "start 2", "keep 1", "drop 0", "drop 2"]);
    bench.media(session(0, SessionEvent::Active));
    assert_eq!(bench.call.snapshot().state, CallState::Connecting, "a loser's news means nothing");
    bench.leg(ua::LegEvent::ForkDropped { dialog: fork("mobile") });
    bench.media(session(1, SessionEvent::Active));
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}

#[test]
fn a_fork_that_was_dropped_is_stopped_at_once() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("desk"), status: 183, sdp: Some(sdp) });
    bench.leg(ua::LegEvent::ForkDropped { dialog: fork("desk") });
    assert_eq!(bench.requests(), ["gather", "start 0", "drop 0"]);
}

#[test]
fn an_answer_that_differs_from_the_early_one_gets_a_session_of_its_own() {
    let mut bench = Bench::placed();
    let (early, late) = (bench.answer(2), bench.answer(5));
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(early.clone()) });
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(early) });
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(late) });
    assert_eq!(bench.requests(), ["gather", "start 0", "drop 0", "start 1", "keep 1"]);
}

#[test]
fn seventeen_forks_are_not_followed() {
    let mut bench = Bench::placed();
    for index in 0..40 {
        let sdp = bench.answer(index + 2);
        bench.leg(ua::LegEvent::Progress { dialog: fork(&index.to_string()), status: 183, sdp: Some(sdp) });
    }
    assert_eq!(bench.requests().len(), 17, "gather and sixteen starts");
}

#[test]
fn one_way_sound_is_active_with_a_warning_until_it_is_better() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    bench.media(session(0, SessionEvent::OneWay(OneWayCause::NothingReceived)));
    let snapshot = bench.call.snapshot();
    assert_eq!((snapshot.state, snapshot.warning), (CallState::Active, Some(OneWayCause::NothingReceived)));
    assert!(snapshot.timeline.step(Milestone::Active).is_none());
    bench.media(session(0, SessionEvent::Active));
    let snapshot = bench.call.snapshot();
    assert_eq!((snapshot.state, snapshot.warning), (CallState::Active, None));
    assert!(snapshot.timeline.step(Milestone::Active).is_some());
}

#[test]
fn failed_media_ends_the_call_and_tells_the_peer_why() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    bench.media(session(0, SessionEvent::Failed(MediaFailure::NoPath)));
    assert_eq!(bench.end(), Some(EndReason::Media(MediaTrouble::NoPath)));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::HangUp { status: Some(488), text: Some("No Media Path") }));
}

#[test]
fn media_that_failed_while_early_ends_the_call_when_that_fork_wins() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 183, sdp: Some(sdp) });
    bench.media(session(0, SessionEvent::Failed(MediaFailure::Fingerprint)));
    assert_eq!(bench.end(), None);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: None });
    assert_eq!(bench.end(), Some(EndReason::Media(MediaTrouble::Fingerprint)));
}

#[test]
fn media_that_never_decides_is_given_up() {
    let mut bench = Bench::placed();
    let sdp = bench.answer(2);
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(sdp) });
    bench.after(29);
    assert_eq!(bench.end(), None);
    bench.after(1);
    assert_eq!(bench.end(), Some(EndReason::Media(MediaTrouble::Timeout)));
}

#[test]
fn a_lost_path_is_waited_for_and_then_the_peer_is_silent() {
    let mut bench = Bench::talking();
    bench.media(session(0, SessionEvent::PathLost));
    assert_eq!(bench.call.snapshot().state, CallState::Reconnecting);
    bench.after(20);
    bench.media(session(0, path()));
    assert_eq!(bench.call.snapshot().state, CallState::Active);
    assert!(bench.call.next_wake().is_none());
    bench.media(session(0, SessionEvent::PathLost));
    bench.after(30);
    assert_eq!(bench.end(), Some(EndReason::PeerSilent));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::HangUp { status: Some(408), text: Some("Media Silent") }));
}

#[test]
fn consent_that_expires_after_sound_is_a_silent_peer() {
    let mut bench = Bench::talking();
    bench.media(session(0, SessionEvent::Failed(MediaFailure::ConsentExpired)));
    assert_eq!(bench.end(), Some(EndReason::PeerSilent));
}

#[test]
fn nobody_answers_for_ever() {
    let mut bench = Bench::placed();
    bench.after(119);
    assert_eq!(bench.end(), None);
    bench.after(1);
    assert_eq!(bench.end(), Some(EndReason::NoAnswer(Side::Peer)));
    assert!(matches!(bench.legs().last(), Some(LegCommand::HangUp { status: Some(408), .. })));
    let times = |seconds| CallTimes { answer: Duration::from_secs(seconds), ..CallTimes::default() }.answer_within_bounds().as_secs();
    assert_eq!([times(1), times(90), times(9999)], [60, 90, 180]);
}

#[test]
fn a_server_that_never_comes_ends_the_call_as_unreachable() {
    let mut bench = Bench::outgoing();
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.after(20);
    assert_eq!(bench.end(), Some(EndReason::Unreachable(NetworkTrouble::Timeout)));
    assert!(bench.legs().is_empty());
}

#[test]
fn the_accounts_trouble_is_the_calls_end_before_it_is_placed_and_not_after() {
    let trouble = || EndReason::Untrusted(crate::TlsTrouble::Expired);
    let mut bench = Bench::outgoing();
    bench.act(|call, now| call.server_failed(trouble(), now));
    assert_eq!(bench.end(), Some(trouble()));
    let mut bench = Bench::placed();
    bench.act(|call, now| call.server_failed(trouble(), now));
    assert_eq!(bench.end(), None);
}

#[test]
fn without_a_socket_there_is_no_call() {
    let mut bench = Bench::outgoing();
    bench.media(MediaEvent::GatherFailed("address in use".into()));
    assert_eq!(bench.end().unwrap().to_string(), "media.no-socket (text=address in use)");
}

#[test]
fn giving_up_cancels_and_hanging_up_says_good_bye() {
    let mut bench = Bench::placed();
    bench.act(Call::hang_up);
    assert_eq!(bench.end(), Some(EndReason::Cancelled(Side::Us)));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::HangUp { status: None, text: None }));
    let mut bench = Bench::talking();
    bench.act(Call::hang_up);
    assert_eq!(bench.end(), Some(EndReason::HungUp(Side::Us)));
    let mut bench = Bench::outgoing();
    bench.act(Call::hang_up);
    assert_eq!((bench.end(), bench.legs().len()), (Some(EndReason::Cancelled(Side::Us)), 0), "nothing was placed");
}

#[test]
fn what_a_call_took_of_the_network_is_told_at_the_end_of_its_story() {
    let mut bench = Bench::talking();
    bench.after(10);
    bench.leg(ended(EndKind::HungUp, None));
    let figures = Statistics { wire_sent: 25_000, wire_received: 113_000, ..Statistics::default() };
    bench.media(MediaEvent::Stopped { statistics: Some(figures) });
    let told = bench.log().unwrap().story.clone();
    assert_eq!(told.steps().last().map(|step| &step.fact), Some(&Fact::Traffic { sent: 2_500, received: 11_300 }));
    assert_eq!(told.traffic(), Some((2_500, 11_300)));
    let mut bench = Bench::outgoing();
    bench.act(Call::hang_up);
    bench.media(MediaEvent::Stopped { statistics: None });
    assert_eq!(bench.log().unwrap().story.traffic(), None, "there was no sound");
}

#[test]
fn the_log_line_waits_for_the_last_figures_but_not_long() {
    let mut bench = Bench::talking();
    bench.leg(ended(EndKind::HungUp, None));
    assert!(bench.log().is_none());
    let figures = Statistics { packets_sent: 50, ..Statistics::default() };
    bench.media(MediaEvent::Stopped { statistics: Some(figures) });
    let entry = bench.log().unwrap();
    assert_eq!((entry.call.statistics, &entry.reason), (Some(figures), &EndReason::HungUp(Side::Peer)));
    assert!(entry.call.timeline.step(Milestone::Ended).is_some());
    assert!(bench.call.is_finished() && bench.call.next_wake().is_none());

    let mut bench = Bench::talking();
    bench.leg(ended(EndKind::HungUp, None));
    bench.after(1);
    assert!(bench.log().is_some());
    bench.media(MediaEvent::Stopped { statistics: None });
    let lines = bench.wanted.iter().filter(|output| matches!(output, CallOutput::Log(_))).count();
    assert_eq!(lines, 1, "one call, one line");
}

#[test]
fn a_refused_call_ends_for_the_reason_the_peer_gave() {
    let mut bench = Bench::placed();
    bench.leg(ended(EndKind::Rejected, Some(486)));
    assert_eq!(bench.end(), Some(EndReason::Busy(Side::Peer)));
    let mut bench = Bench::placed();
    bench.leg(ua::LegEvent::Progress { dialog: fork("ben"), status: 180, sdp: None });
    bench.leg(ended(EndKind::Rejected, Some(480)));
    assert_eq!(bench.end(), Some(EndReason::NoAnswer(Side::Peer)));
}

#[test]
fn an_answer_that_cannot_be_used_is_hung_up() {
    let mut bench = Bench::placed();
    let weak = String::from_utf8(bench.answer(2)).unwrap().replace("a=fingerprint", "a=finger");
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: Some(weak.into_bytes()) });
    assert_eq!(bench.end(), Some(EndReason::SecurityRefused));
    assert!(matches!(bench.legs().last(), Some(LegCommand::HangUp { status: Some(488), .. })));
    let mut bench = Bench::placed();
    bench.leg(ua::LegEvent::Answered { dialog: fork("ben"), sdp: None });
    assert_eq!(bench.end(), Some(EndReason::BadDescription));
}

fn their_offer() -> Vec<u8> {
    offer(&their_media(2), &Origin::anonymous(9)).to_string().into_bytes()
}

#[test]
fn an_incoming_call_rings_gathers_and_is_answered_when_both_person_and_candidates_are_ready() {
    let mut bench = Bench::incoming(Some(&their_offer()));
    assert_eq!(bench.legs(), [&LegCommand::Ring { offer: None }]);
    assert_eq!((bench.requests(), bench.call.snapshot().state), (vec!["gather".into()], CallState::Ringing));
    bench.act(Call::answer);
    assert_eq!((bench.legs().len(), bench.call.snapshot().state), (1, CallState::Connecting));
    bench.media(MediaEvent::Gathered(transport(1)));
    assert!(matches!(bench.legs().last(), Some(LegCommand::Answer { .. })));
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0"]);
    bench.leg(ua::LegEvent::Confirmed { sdp: None });
    bench.media(session(0, SessionEvent::Active));
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}

#[test]
fn a_call_that_rings_aloud_is_overdue_once_the_system_has_not_said_for_two_seconds_that_it_may() {
    let mut bench = Bench::incoming(Some(&their_offer()));
    let due = bench.call.next_wake().unwrap();
    assert_eq!((due.at - bench.now.instant, bench.call.snapshot().is_overdue), (Duration::from_secs(2), false));
    bench.after(1);
    assert!(!bench.call.snapshot().is_overdue);
    bench.after(1);
    assert!(bench.call.snapshot().is_overdue && bench.wanted.contains(&CallOutput::Changed));
    bench.act(Call::answer);
    assert!(!bench.call.snapshot().is_overdue, "it rings no more");
}

#[test]
fn an_incoming_call_without_an_offer_gets_ours_and_begins_with_the_acknowledgement() {
    let mut bench = Bench::incoming(None);
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.act(Call::answer);
    let Some(LegCommand::Answer { description }) = bench.legs().last().copied() else { panic!("no answer") };
    let ours = Description::parse(description).unwrap();
    let theirs = answer(&ours, &their_media(2), &Origin::anonymous(9)).unwrap().0.to_string().into_bytes();
    assert_eq!(bench.requests(), ["gather"]);
    bench.leg(ua::LegEvent::Confirmed { sdp: Some(theirs) });
    assert_eq!(bench.requests(), ["gather", "start 0", "keep 0"]);
    assert!(bench.started().controlling, "the side that offered");
}

#[test]
fn what_could_never_be_answered_does_not_ring() {
    let other_codecs = LocalMedia { codecs: vec![Codec::new(3, "GSM", 8000, 1)], ..their_media(2) };
    let sdp = offer(&other_codecs, &Origin::anonymous(9)).to_string();
    let bench = Bench::incoming(Some(sdp.as_bytes()));
    assert_eq!(bench.legs(), [&LegCommand::Reject { status: 488, text: "No Common Codec" }]);
    assert_eq!((bench.end(), bench.requests().len()), (Some(EndReason::NoCommonCodec), 0));
    assert!(bench.log().is_some());
    let plain = LocalMedia { security: SecurityPolicy::PLAIN_ONLY, ..their_media(2) };
    let bench = Bench::incoming(Some(offer(&plain, &Origin::anonymous(9)).to_string().as_bytes()));
    assert_eq!(bench.end(), Some(EndReason::SecurityRefused));
    assert_eq!(Bench::incoming(Some(b"nonsense")).end(), Some(EndReason::BadDescription));
}

#[test]
fn an_incoming_call_can_be_declined_missed_cancelled_and_taken_elsewhere() {
    let mut bench = Bench::incoming(Some(&their_offer()));
    bench.act(Call::decline);
    assert_eq!(bench.end(), Some(EndReason::Declined(Side::Us)));
    assert_eq!(bench.legs().last(), Some(&&LegCommand::Reject { status: 603, text: "Decline" }));
    let mut bench = Bench::incoming(Some(&their_offer()));
    bench.after(120);
    assert_eq!(bench.end(), Some(EndReason::NoAnswer(Side::Us)));
    let mut bench = Bench::incoming(Some(&their_offer()));
    bench.leg(ended(EndKind::Cancelled, None));
    assert_eq!(bench.end(), Some(EndReason::Cancelled(Side::Peer)));
    bench.act(Call::answer);
    assert_eq!(bench.legs().len(), 1, "only the ringing: a call that is over cannot be answered");
    let mut bench = Bench::incoming(Some(&their_offer()));
    bench.leg(ended(EndKind::AnsweredElsewhere, None));
    assert_eq!(bench.end(), Some(EndReason::AnsweredElsewhere));
}

#[test]
fn one_call_too_many_is_busy_and_logged() {
    let mut call = Call::screened(setup(MediaPreferences::default()), Leg::Sip(LegId(4)), Screened::Busy, start());
    let outputs: Vec<_> = std::iter::from_fn(|| call.poll_output()).collect();
    assert!(outputs.contains(&CallOutput::Leg(LegCommand::Reject { status: 486, text: "Busy Here" })));
    assert!(matches!(outputs.last(), Some(CallOutput::Log(entry)) if entry.reason == EndReason::Busy(Side::Us)));
}

fn reoffer(direction: Direction, octet: u8) -> Vec<u8> {
    let media = LocalMedia { direction, ..their_media(octet) };
    offer(&media, &Origin::anonymous(9).next_version()).to_string().into_bytes()
}

#[test]
fn the_peer_holds_and_takes_back() {
    let mut bench = Bench::talking();
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendOnly, 2)) });
    assert_eq!(bench.call.snapshot().state, CallState::Held(Side::Peer));
    let Some(LegCommand::AcceptReoffer { description, .. }) = bench.legs().last().copied() else { panic!("no answer") };
    let answered = Description::parse(description).unwrap();
    assert_eq!((answered.media[0].direction, answered.origin.session_version), (Direction::RecvOnly, 2));
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 2)) });
    assert_eq!(bench.call.snapshot().state, CallState::Active);
    assert_eq!(bench.requests().iter().rev().take(2).rev().collect::<Vec<_>>(), ["update 0 recvonly", "update 0 sendrecv"]);
}

#[test]
fn a_refreshed_session_changes_nothing_and_a_restart_of_ice_gets_fresh_credentials_once() {
    let mut bench = Bench::talking();
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 2)) });
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 2)) });
    let versions: Vec<u64> = bench
        .legs()
        .iter()
        .filter_map(
            |command| if let LegCommand::AcceptReoffer { description, .. } = command { Description::parse(description).ok() } else { None },
        )
        .map(|description| description.origin.session_version)
        .collect();
    assert_eq!(versions.first(), versions.last(), "the same answer keeps its version");
    let mut restart = || {
        bench.leg(ua::LegEvent::Reoffer { sdp: Some(reoffer(Direction::SendRecv, 7)) });
        let Some(LegCommand::AcceptReoffer { description, .. }) = bench.legs().last().copied() else { panic!("no answer") };
        let described = Description::parse(description).unwrap().media[0].ice.clone().unwrap();
        (described, bench.updated().ice.unwrap())
    };
    let (described, ice) = restart();
    assert_eq!((&described, ice.credentials.ufrag.as_str()), (&ice.ours, "ufrag7"));
    assert_ne!(described, transport(1).ice);
    assert_eq!(restart().0, described, "what is only said again restarts nothing");
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}

#[test]
fn our_key_is_another_when_another_endpoint_takes_the_peers_place_and_else_the_same() {
    let theirs = |address: u8, key: u64| {
        let crypto = Crypto::fresh(&mut Entropy::for_test(key));
        let media = LocalMedia { ice: None, crypto, security: SecurityPolicy::SDES_ONLY, ..their_media(address) };
        Some(offer(&media, &Origin::anonymous(9)).to_string().into_bytes())
    };
    let mut bench = Bench::incoming(theirs(2, 20).as_deref());
    bench.media(MediaEvent::Gathered(transport(1)));
    bench.act(Call::answer);
    let keys = |negotiated: Negotiated| match negotiated.security {
        NegotiatedSecurity::Sdes { ours, theirs } => (ours.key_salt, theirs.key_salt),
        other => panic!("{other:?}"),
    };
    let first = keys(bench.started());
    bench.leg(ua::LegEvent::Confirmed { sdp: None });
    let mut again = |address, key| {
        bench.leg(ua::LegEvent::Reoffer { sdp: theirs(address, key) });
        keys(bench.updated())
    };
    let rekeyed = again(2, 21);
    assert!(rekeyed.0 == first.0 && rekeyed.1 != first.1);
    assert_eq!(again(3, 21), rekeyed, "the same endpoint elsewhere");
    let moved = again(4, 22);
    assert!(moved.0 != first.0 && moved.1 != rekeyed.1);
    assert_eq!(again(4, 22), moved);
}

#[test]
fn a_peer_that_asks_for_our_offer_again_gets_it() {
    let mut bench = Bench::talking();
    bench.leg(ua::LegEvent::Reoffer { sdp: None });
    let Some(LegCommand::AcceptReoffer { description, .. }) = bench.legs().last().copied() else { panic!("no offer") };
    let ours = Description::parse(description).unwrap();
    let held = LocalMedia { direction: Direction::Inactive, answer_role: DtlsRole::Client, ..their_media(2) };
    let theirs = answer(&ours, &held, &Origin::anonymous(9)).unwrap().0.to_string().into_bytes();
    bench.leg(ua::LegEvent::ReofferConfirmed { sdp: Some(theirs) });
    assert_eq!(bench.call.snapshot().state, CallState::Held(Side::Peer));
}

#[test]
fn digits_and_muting_reach_the_media_only_when_they_can_mean_something() {
    let mut bench = Bench::placed();
    bench.act(|call, now| call.digit('1', now));
    bench.act(|call, now| call.mute(true, now));
    let mut talking = Bench::talking();
    talking.act(|call, now| call.digit('x', now));
    talking.act(|call, now| call.digit('#', now));
    talking.act(|call, now| call.mute(false, now));
    talking.media(session(0, SessionEvent::Digit('5')));
    assert_eq!(bench.requests(), ["gather", "mute true"]);
    assert_eq!(talking.requests().last().unwrap(), "digit #");
    assert!(talking.wanted.contains(&CallOutput::Digit('5')));
    assert!(bench.call.snapshot().muted && !talking.call.snapshot().muted);
}

#[test]
fn media_that_says_good_bye_without_signalling_is_believed_after_a_while() {
    let mut bench = Bench::talking();
    bench.media(session(0, SessionEvent::Closed));
    bench.after(4);
    assert_eq!(bench.end(), None);
    bench.after(1);
    assert_eq!(bench.end(), Some(EndReason::HungUp(Side::Peer)));
}

#[test]
fn media_that_goes_on_after_a_good_bye_takes_it_back() {
    let mut bench = Bench::talking();
    bench.media(session(0, SessionEvent::Closed));
    bench.after(4);
    bench.media(session(0, SessionEvent::Reopened));
    bench.after(60);
    assert_eq!((bench.end(), bench.call.snapshot().state), (None, CallState::Active));
}

#[test]
fn a_peer_that_rejects_the_sound_in_mid_call_is_refused_and_the_call_goes_on() {
    let mut bench = Bench::talking();
    let mut offered = offer(&their_media(2), &Origin::anonymous(9).next_version());
    offered.media[0].port = 0;
    bench.leg(ua::LegEvent::Reoffer { sdp: Some(offered.to_string().into_bytes()) });
    assert!(matches!(bench.legs().last(), Some(LegCommand::RejectReoffer { status: 488, .. })));
    assert_eq!(bench.call.snapshot().state, CallState::Active);
}
