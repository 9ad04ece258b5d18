use std::net::SocketAddr;
use std::time::Duration;

use cooee_call::{CallId, CallState, DialogId, MediaEvent, MediaRequest};
use cooee_machine::{Entropy, Now, Secret, Transport, Wake};
use cooee_phone::{AccountConfig, AccountId, AccountState, BlockRule, Command, MessageId, Phone, PhoneConfig, PhoneEvent};
use cooee_rtc::{LocalTransport, MediaFailure, MediaSecurity, OneWayCause, Path, SessionEvent, Statistics};
use cooee_sdp::{Candidate, CandidateKind, Fingerprint, IceCredentials};

use super::watch::Watch;
use crate::mutate::pick;

/// How far the phones of a run got, in times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) registered: u32,
    pub(crate) rang: u32,
    pub(crate) active: u32,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { registered: self.registered + other.registered, rang: self.rang + other.rang, active: self.active + other.active }
    }
}

/// A phone and the person in front of it.
pub(super) struct Seat {
    pub(super) phone: Phone,
    pub(super) watch: Watch,
    pub(super) wake: Option<Wake>,
    pub(super) address: SocketAddr,
    pub(super) is_shut_down: bool,
    pub(super) tally: Tally,
    calls: Vec<CallId>,
    dialogs: Vec<(CallId, DialogId)>,
    number: u64,
}

/// Whom people call.
const TARGETS: [&str; 12] = [
    "ben@example.org",
    "anna@example.org",
    "ben@example.org",
    "anna@example.org",
    "ben@example.org",
    "anna@example.org",
    "sip:ben@example.org",
    "anna",
    "carl",
    "x@elsewhere.example",
    "",
    "sip:",
];

const ACCOUNT: AccountId = AccountId(1);
/// Calls and dialogs a person remembers to press a key for.
const REMEMBERED: usize = 12;

impl Seat {
    pub(super) fn new(place: u8, entropy: Entropy, now: Now) -> Self {
        let config = PhoneConfig { max_calls: 2, ..PhoneConfig::default() };
        Self {
            phone: Phone::new(config, entropy),
            watch: Watch::new("phone", now),
            wake: None,
            address: SocketAddr::from(([198, 51, 100, place + 1], 40_000)),
            is_shut_down: false,
            tally: Tally::default(),
            calls: Vec::new(),
            dialogs: Vec::new(),
            number: 0,
        }
    }

    /// The account to begin with: over TLS as found in DNS, or over UDP to a server by its address.
    pub(super) fn account(place: u8, user: &str, transport: Transport) -> Command {
        let mut config = AccountConfig::new(format!("{user}@example.org"), Secret::new("secret"), format!("urn:uuid:{place}"));
        if transport == Transport::Udp {
            (config.proxy, config.transport) = (Some("192.0.2.1:5060".to_owned()), Some(Transport::Udp));
        }
        Command::AddAccount { account: ACCOUNT, config: Box::new(config) }
    }

    pub(super) fn hears(&mut self, event: &PhoneEvent) {
        let tally = &mut self.tally;
        match event {
            PhoneEvent::IncomingCall { call, .. } => {
                tally.rang += 1;
                self.remember(*call);
            }
            PhoneEvent::AccountChanged { state: AccountState::Registered { .. }, .. } => tally.registered += 1,
            PhoneEvent::CallChanged { call, .. } if call.state == CallState::Active => tally.active += 1,
            _ => {}
        }
    }

    fn remember(&mut self, call: CallId) {
        self.calls.push(call);
        if self.calls.len() > REMEMBERED {
            self.calls.remove(0);
        }
    }

    /// A key somebody presses.
    pub(super) fn key(&mut self, place: u8, entropy: &mut Entropy) -> Command {
        let (call, other) = (self.some_call(entropy), self.some_call(entropy));
        let target = (*pick(&TARGETS, entropy)).to_owned();
        self.number += 2;
        match entropy.below(40) {
            0..=7 => {
                self.remember(CallId(self.number));
                Command::Dial { call: CallId(self.number), account: None, target, anonymous: entropy.below(4) == 0, subject: None }
            }
            8..=17 => Command::Answer(call),
            18 => Command::AnswerEnding(call),
            19 => Command::Decline(call),
            20 => Command::DeclineBusy(call),
            21..=23 => Command::HangUp(call),
            24..=26 => Command::Hold(call),
            27..=28 => Command::Resume(call),
            29 => Command::Transfer { call, target },
            30 if entropy.below(3) == 0 => Command::TransferTo { call, other },
            30 if entropy.below(4) == 0 => Command::RefuseTransfer(call),
            30 => Command::FollowTransfer(call),
            31..=32 => Command::Digit { call, digit: *pick(&['1', '#', 'D', 'x', '\u{1F600}'], entropy) },
            33 => Command::Mute { call, muted: entropy.below(2) == 0 },
            34 => Command::SetDoNotDisturb(entropy.below(4) == 0),
            35 => Command::SetBlocked(BlockRule::parse("ben@example.org").into_iter().filter(|_| entropy.below(4) == 0).collect()),
            36..=37 => {
                let text = "x".repeat(*pick(&[0, 1, 100, 20_000], entropy));
                Command::SendMessage { message: MessageId(self.number), account: None, target, text }
            }
            38 if entropy.below(4) == 0 => Self::account(place, "anna", *pick(&[Transport::Tls, Transport::Udp], entropy)),
            _ => Command::SetRejectAnonymous(entropy.below(2) == 0),
        }
    }

    /// Mostly the latest: that is the one on the screen.
    fn some_call(&self, entropy: &mut Entropy) -> CallId {
        match self.calls.last() {
            Some(latest) if entropy.below(4) != 0 => *latest,
            Some(_) => *pick(&self.calls, entropy),
            None => CallId(99),
        }
    }

    /// What the media side says to a request.
    pub(super) fn media(&mut self, place: u8, request: &MediaRequest, is_spoiled: bool, entropy: &mut Entropy) -> Vec<MediaEvent> {
        if let MediaRequest::Start { call, dialog, .. } = request {
            self.dialogs.push((*call, *dialog));
            if self.dialogs.len() > REMEMBERED {
                self.dialogs.remove(0);
            }
        }
        match request {
            MediaRequest::Gather { .. } if is_spoiled => vec![MediaEvent::GatherFailed("no socket".to_owned())],
            MediaRequest::Gather { .. } => vec![MediaEvent::Gathered(transport(place))],
            MediaRequest::Stop { .. } => vec![MediaEvent::Stopped { statistics: (!is_spoiled).then(Statistics::default) }],
            MediaRequest::Keep { dialog, .. } if is_spoiled => vec![MediaEvent::Session { dialog: *dialog, event: session_event(entropy) }],
            MediaRequest::Keep { dialog, .. } => {
                let secured = SessionEvent::Secured { security: MediaSecurity::EndToEnd, cipher: "AEAD_AES_128_GCM" };
                let events = [SessionEvent::Path(path()), secured, SessionEvent::Active];
                events.into_iter().map(|event| MediaEvent::Session { dialog: *dialog, event }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Something a media session says unasked.
    pub(super) fn media_news(&self, entropy: &mut Entropy) -> Option<(CallId, MediaEvent)> {
        if self.dialogs.is_empty() {
            return None;
        }
        let (call, dialog) = *pick(&self.dialogs, entropy);
        Some((call, MediaEvent::Session { dialog, event: session_event(entropy) }))
    }
}

fn session_event(entropy: &mut Entropy) -> SessionEvent {
    let events = [
        SessionEvent::Path(path()),
        SessionEvent::Active,
        SessionEvent::OneWay(OneWayCause::NothingReceived),
        SessionEvent::PathLost,
        SessionEvent::Report(Statistics::default()),
        SessionEvent::Digit('5'),
        SessionEvent::Closed,
        SessionEvent::Failed(MediaFailure::NoPath),
        SessionEvent::Failed(MediaFailure::Fingerprint),
        SessionEvent::Failed(MediaFailure::ConsentExpired),
    ];
    pick(&events, entropy).clone()
}

fn path() -> Path {
    let at = |octet| SocketAddr::from(([192, 0, 2, octet], 4000));
    let rtt = Some(Duration::from_millis(20));
    Path { local: at(10), local_kind: CandidateKind::Host, remote: at(11), remote_kind: CandidateKind::Host, rtt }
}

fn transport(place: u8) -> LocalTransport {
    let address = SocketAddr::from(([198, 51, 100, place + 1], 4000));
    let kind = CandidateKind::Host;
    let candidate = Candidate { foundation: "1".into(), component: 1, priority: 2_130_706_431, address, kind, related: None };
    LocalTransport {
        rtcp: None,
        candidates: vec![candidate],
        ice: IceCredentials { ufrag: format!("ufrag{place}"), pwd: "abcdefghijklmnopqrstuvwx".into() },
        fingerprint: Fingerprint { hash: "sha-256".into(), digest: vec![place; 32] },
        address,
    }
}
