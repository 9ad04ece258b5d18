//! A fact as a name and arguments: for scripts, translations and the store.

use std::time::Duration;

use cooee_machine::{Pii, Transport};
use cooee_rtc::{MediaSecurity, OneWayCause};
use cooee_sdp::CandidateKind;

use super::{AddressKind, Fact, LinkWeakness, SoundTrouble, Story, Stream};
use crate::{EndReason, Side};

/// What belongs into the sentence that [`Fact::id`] stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Names a person: an address, as it is dialled.
    Person(Pii<String>),
    /// Names a server or a domain.
    Server(String),
    /// Somebody else's words: a server's, a system's.
    Text(String),
    /// One of few words that never change their meaning.
    Word(&'static str),
    /// A count, or a SIP status.
    Number(u64),
    /// A duration.
    Milliseconds(u64),
    /// Yes or no.
    Flag(bool),
}

impl Argument {
    /// As text, to be stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Person(address) => address.reveal().clone(),
            Self::Server(text) | Self::Text(text) => text.clone(),
            Self::Word(word) => (*word).to_owned(),
            Self::Number(number) | Self::Milliseconds(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

type Arguments = Vec<(&'static str, Argument)>;

fn milliseconds(time: Duration) -> Argument {
    Argument::Milliseconds(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

impl Fact {
    /// A stable name for scripts and translations, e.g. `rang-there`. Never changes its meaning.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::LookingUp { .. } => "looking-up",
            Self::ServersFound { .. } => "servers-found",
            Self::Connecting { .. } => "connecting",
            Self::NotConnected(_) => "not-connected",
            Self::Connected { .. } => "connected",
            Self::LoggedIn { .. } => "logged-in",
            Self::ServerFailed(_) => "server-failed",
            Self::ServerLost => "server-lost",
            Self::ServerReady { .. } => "server-ready",
            Self::NumberLookedUp { .. } => "number-looked-up",
            Self::Dialled { .. } => "dialled",
            Self::Called { .. } => "called",
            Self::Gathered { .. } => "gathered",
            Self::Invited => "invited",
            Self::ServerTook => "server-took",
            Self::Progress { .. } => "progress",
            Self::RangThere => "rang-there",
            Self::EarlySound => "early-sound",
            Self::LegFailed(_) => "leg-failed",
            Self::OfferedOtherwise => "offered-otherwise",
            Self::Redirected { .. } => "redirected",
            Self::NextTried { .. } => "next-tried",
            Self::Introduced { .. } => "introduced",
            Self::Returned => "returned",
            Self::RangHere { .. } => "rang-here",
            Self::Answered(_) => "answered",
            Self::PathFound { .. } => "path-found",
            Self::PathLost => "path-lost",
            Self::NetworkLost => "network-lost",
            Self::Secured { .. } => "secured",
            Self::KeyVerified => "key-verified",
            Self::KeyChanged => "key-changed",
            Self::SoundCame => "sound-came",
            Self::SoundArrived => "sound-arrived",
            Self::OneWay(_) => "one-way",
            Self::BothWays => "both-ways",
            Self::Weak { .. } => "weak",
            Self::Strong { .. } => "strong",
            Self::Sound { .. } => "sound",
            Self::Muted { .. } => "muted",
            Self::Held(_) => "held",
            Self::Resumed(_) => "resumed",
            Self::Ended(_) => "ended",
            Self::Traffic { .. } => "traffic",
            Self::Omitted { .. } => "omitted",
        }
    }

    /// What belongs into its sentence, by name.
    #[must_use]
    pub fn arguments(&self) -> Arguments {
        use Argument::{Flag, Number, Person, Server, Word};
        match self {
            Self::LookingUp { domain } => vec![("domain", Server(domain.clone()))],
            Self::ServersFound { places } => vec![("places", Number(u64::from(*places)))],
            Self::Connecting { server, transport, at } => {
                vec![("server", Server(server.clone())), ("transport", Word(transport.as_str())), ("at", Word(at.as_str()))]
            }
            Self::Connected { transport } => vec![("transport", Word(transport.as_str()))],
            Self::LoggedIn { devices } => vec![("devices", Number(u64::from(*devices)))],
            Self::ServerReady { server, transport, since } => {
                vec![("server", Server(server.clone())), ("transport", Word(transport.as_str())), ("since_ms", milliseconds(*since))]
            }
            Self::NumberLookedUp { found } => vec![("found", Number(u64::from(*found)))],
            Self::Dialled { address } | Self::Called { address } | Self::Redirected { address } | Self::NextTried { address } => {
                vec![("address", Person(address.clone()))]
            }
            Self::Gathered { own, seen, relayed } => {
                [("own", own), ("seen", seen), ("relayed", relayed)].map(|(name, count)| (name, Number(u64::from(*count)))).into()
            }
            Self::Progress { status } => vec![("status", Number(u64::from(*status)))],
            Self::Introduced { domain, line } => {
                let line = line.clone().map(|line| ("line", Argument::Text(line.0)));
                domain.clone().map(|domain| ("domain", Server(domain))).into_iter().chain(line).collect()
            }
            Self::RangHere { silently } => vec![("silently", Flag(*silently))],
            Self::PathFound { local, local_kind, remote, remote_kind, rtt } => {
                let ends = [("local", local.as_str()), ("local_kind", local_kind.as_str()), ("remote", remote.as_str())];
                let ends = ends.into_iter().chain([("remote_kind", remote_kind.as_str())]).map(|(name, word)| (name, Word(word)));
                ends.chain(rtt.map(|rtt| ("rtt_ms", milliseconds(rtt)))).collect()
            }
            Self::Secured { security, cipher } => {
                vec![("security", Word(security.as_str())), ("cipher", Argument::Text(cipher.clone()))]
            }
            Self::OneWay(cause) => vec![("cause", Word(cause_word(*cause)))],
            Self::Weak { stream, weakness, loss, jitter, rtt } => vec![
                ("stream", Word(stream.as_str())),
                ("weakness", Word(weakness.as_str())),
                ("loss_permille", Number(u64::from(*loss))),
                ("jitter_ms", milliseconds(*jitter)),
                ("rtt_ms", milliseconds(*rtt)),
            ],
            Self::Strong { stream } => vec![("stream", Word(stream.as_str()))],
            Self::Sound { trouble, begins } => vec![("trouble", Word(trouble.id())), ("begins", Flag(*begins))],
            Self::Muted { muted } => vec![("muted", Flag(*muted))],
            Self::Answered(side) | Self::Held(side) | Self::Resumed(side) => vec![("side", Word(side_word(*side)))],
            Self::NotConnected(reason) | Self::ServerFailed(reason) | Self::LegFailed(reason) | Self::Ended(reason) => {
                reason_arguments(reason)
            }
            Self::Traffic { sent, received } => {
                [("sent", sent), ("received", received)].map(|(name, octets)| (name, Number(u64::from(*octets)))).into()
            }
            Self::Omitted { facts } => vec![("facts", Number(u64::from(*facts)))],
            _ => Vec::new(),
        }
    }

    /// The fact that a name and its arguments stand for. `None` where that is none of this version's.
    #[must_use]
    pub fn from_parts(id: &str, argument: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let text = |name: &str| argument(name).unwrap_or_default();
        let number = |name: &str| argument(name)?.parse().ok();
        let flag = |name: &str| argument(name).as_deref() == Some("true");
        let time = |name: &str| argument(name)?.parse().ok().map(Duration::from_millis);
        let address = || Pii(text("address"));
        let side = || [Side::Us, Side::Peer].into_iter().find(|side| side_word(*side) == text("side"));
        let transport = || Transport::ALL.into_iter().find(|one| one.as_str() == text("transport"));
        let place = |name: &str| AddressKind::ALL.into_iter().find(|kind| kind.as_str() == text(name));
        let kind = |name: &str| CandidateKind::ALL.into_iter().find(|kind| kind.as_str() == text(name));
        let stream = || [Stream::Theirs, Stream::Ours].into_iter().find(|stream| stream.as_str() == text("stream"));
        let reason = || EndReason::from_parts(&text("reason"), &argument);
        Some(match id {
            "looking-up" => Self::LookingUp { domain: text("domain") },
            "servers-found" => Self::ServersFound { places: number("places")? },
            "connecting" => Self::Connecting { server: text("server"), transport: transport()?, at: place("at")? },
            "not-connected" => Self::NotConnected(reason()?),
            "connected" => Self::Connected { transport: transport()? },
            "logged-in" => Self::LoggedIn { devices: number("devices")? },
            "server-failed" => Self::ServerFailed(reason()?),
            "server-lost" => Self::ServerLost,
            "server-ready" => Self::ServerReady { server: text("server"), transport: transport()?, since: time("since_ms")? },
            "number-looked-up" => Self::NumberLookedUp { found: number("found")? },
            "dialled" => Self::Dialled { address: address() },
            "called" => Self::Called { address: address() },
            "gathered" => Self::Gathered { own: number("own")?, seen: number("seen")?, relayed: number("relayed")? },
            "invited" => Self::Invited,
            "server-took" => Self::ServerTook,
            "progress" => Self::Progress { status: u16::try_from(number("status")?).ok()? },
            "rang-there" => Self::RangThere,
            "early-sound" => Self::EarlySound,
            "leg-failed" => Self::LegFailed(reason()?),
            "offered-otherwise" => Self::OfferedOtherwise,
            "redirected" => Self::Redirected { address: address() },
            "next-tried" => Self::NextTried { address: address() },
            "introduced" => Self::Introduced { domain: argument("domain"), line: argument("line").map(Pii) },
            "returned" => Self::Returned,
            "rang-here" => Self::RangHere { silently: flag("silently") },
            "answered" => Self::Answered(side()?),
            "path-found" => Self::PathFound {
                local: place("local")?,
                local_kind: kind("local_kind")?,
                remote: place("remote")?,
                remote_kind: kind("remote_kind")?,
                rtt: time("rtt_ms"),
            },
            "path-lost" => Self::PathLost,
            "network-lost" => Self::NetworkLost,
            "secured" => {
                let security = MediaSecurity::ALL.into_iter().find(|security| security.as_str() == text("security"))?;
                Self::Secured { security, cipher: text("cipher") }
            }
            "key-verified" => Self::KeyVerified,
            "key-changed" => Self::KeyChanged,
            "sound-came" => Self::SoundCame,
            "sound-arrived" => Self::SoundArrived,
            "one-way" => Self::OneWay(CAUSES.into_iter().find(|cause| cause_word(*cause) == text("cause"))?),
            "both-ways" => Self::BothWays,
            "weak" => Self::Weak {
                stream: stream()?,
                weakness: WEAKNESSES.into_iter().find(|weakness| weakness.as_str() == text("weakness"))?,
                loss: number("loss_permille")?,
                jitter: time("jitter_ms")?,
                rtt: time("rtt_ms")?,
            },
            "strong" => Self::Strong { stream: stream()? },
            "sound" => {
                Self::Sound { trouble: TROUBLES.into_iter().find(|trouble| trouble.id() == text("trouble"))?, begins: flag("begins") }
            }
            "muted" => Self::Muted { muted: flag("muted") },
            "held" => Self::Held(side()?),
            "resumed" => Self::Resumed(side()?),
            "ended" => Self::Ended(reason()?),
            "traffic" => Self::Traffic { sent: number("sent")?, received: number("received")? },
            "omitted" => Self::Omitted { facts: number("facts")? },
            _ => return None,
        })
    }

    /// The same without whatever may say who is meant; [`Story::LEFT_OUT`] stands in its place.
    pub(super) fn redacted(&self) -> Self {
        let arguments = self.arguments();
        let value = |name: &str| {
            let (_, argument) = arguments.iter().find(|(known, _)| *known == name)?;
            Some(match argument {
                Argument::Text(_) if name == "cipher" || name == "offered" => argument.to_text(),
                Argument::Person(_) | Argument::Server(_) | Argument::Text(_) => Story::LEFT_OUT.to_owned(),
                argument => argument.to_text(),
            })
        };
        Self::from_parts(self.id(), value).unwrap_or(Self::Omitted { facts: 1 })
    }
}

fn reason_arguments(reason: &EndReason) -> Arguments {
    let argument = |(name, value): (&'static str, String)| match name {
        "domain" | "names" => (name, Argument::Server(value)),
        "status" => (name, Argument::Number(value.parse().unwrap_or_default())),
        _ => (name, Argument::Text(value)),
    };
    std::iter::once(("reason", Argument::Word(reason.id()))).chain(reason.arguments().into_iter().map(argument)).collect()
}

const CAUSES: [OneWayCause; 4] = [OneWayCause::NothingReceived, OneWayCause::Undecryptable, OneWayCause::NotHeard, OneWayCause::Neither];
const WEAKNESSES: [LinkWeakness; 4] = [LinkWeakness::Loss, LinkWeakness::Jitter, LinkWeakness::LossAndJitter, LinkWeakness::Delay];
const TROUBLES: [SoundTrouble; 3] = [SoundTrouble::MicrophoneSilent, SoundTrouble::Clipping, SoundTrouble::NothingArrives];

fn side_word(side: Side) -> &'static str {
    match side {
        Side::Us => "us",
        Side::Peer => "peer",
    }
}

fn cause_word(cause: OneWayCause) -> &'static str {
    match cause {
        OneWayCause::NothingReceived => "nothing-received",
        OneWayCause::Undecryptable => "undecryptable",
        OneWayCause::NotHeard => "not-heard",
        _ => "neither",
    }
}

impl Stream {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Theirs => "theirs",
            Self::Ours => "ours",
        }
    }
}

impl LinkWeakness {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Jitter => "jitter",
            Self::LossAndJitter => "loss-and-jitter",
            Self::Delay => "delay",
        }
    }
}
