use cooee_machine::Pii;
use cooee_rtc::{MediaSecurity, OneWayCause, Path, Statistics};
use cooee_sdp::Codec;

use crate::{CallAction, CallId, EndReason, KeyTrust, LinkQuality, MediaKeys, PlacedLeg, Request, Side, Story, Timeline, TransferProgress};

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallDirection {
    /// We called.
    Outgoing,
    /// We were called.
    Incoming,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// Incoming: a push says that somebody calls, and the call itself is on its way. It rings.
    Announced,
    /// Outgoing: on its way to the other phone.
    Dialing,
    /// The called phone rings: theirs, or ours.
    Ringing,
    /// Answered; sound does not flow yet.
    Connecting,
    /// Answered, keys agreed, and each direction of sound proven; or answered and one-way ([`CallSnapshot::warning`] says so).
    Active,
    /// This side has put the call on hold; us, if both have ([`CallSnapshot::held`] tells).
    Held(Side),
    /// The network path is lost and looked for.
    Reconnecting,
    /// Over.
    Ended(EndReason),
}

impl CallState {
    /// For logs and scripts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Dialing => "dialing",
            Self::Ringing => "ringing",
            Self::Connecting => "connecting",
            Self::Active => "active",
            Self::Held(_) => "held",
            Self::Reconnecting => "reconnecting",
            Self::Ended(_) => "ended",
        }
    }

    /// A call there of this direction rings on this phone, be it that only its announcement is here.
    pub(crate) fn rings_here(&self, direction: CallDirection) -> bool {
        direction == CallDirection::Incoming && matches!(self, Self::Announced | Self::Ringing)
    }
}

/// The person at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// E.g. `sip:ben@example.org`.
    pub address: Pii<String>,
    /// The name it shows.
    pub display_name: Option<Pii<String>>,
}

/// Who has put a call on hold; both may at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Held {
    /// We want to hear and say nothing.
    pub by_us: bool,
    /// The peer does; what it plays meanwhile is heard.
    pub by_peer: bool,
}

/// A call as one sees it at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSnapshot {
    /// Which.
    pub id: CallId,
    /// Who called whom.
    pub direction: CallDirection,
    /// The other end.
    pub peer: Peer,
    /// Where it is.
    pub state: CallState,
    /// What can be done with it now, in the order of [`CallAction`].
    pub allowed: Vec<CallAction>,
    /// The caller withholds who it is.
    pub anonymous: bool,
    /// Who the caller is by word of our own server (RFC 3325), where it says so over TLS.
    pub asserted: Option<Pii<String>>,
    /// Outgoing: the addresses it went to, one after the other, each where the called side sent us on to or another one of the same
    /// person; the last is being called.
    pub legs: Vec<PlacedLeg>,
    /// Who asked for this call, where it came of a transfer (RFC 3892).
    pub referred_by: Option<Pii<String>>,
    /// The call of ours whose place it took (RFC 3891).
    pub replaces: Option<CallId>,
    /// Incoming: it makes no sound while it rings, and asks to be let through.
    pub request: Option<Request>,
    /// Incoming: it is our own, come back, to see whether it rings; it ends by itself and is not missed.
    pub is_test: bool,
    /// Incoming: it has rung aloud for [`CallTimes::permission`](crate::CallTimes::permission); an app that waits for its system's word
    /// before it makes a sound waits no longer.
    pub is_overdue: bool,
    /// Who holds it.
    pub held: Held,
    /// How far handing it over has come.
    pub transfer: Option<TransferProgress>,
    /// Whom the peer asks us to call instead, while that is undecided.
    pub transfer_asked: Option<Pii<String>>,
    /// How the sound is protected, once that is proven.
    pub security: Option<MediaSecurity>,
    /// The keys of both ends, where the sound is encrypted end to end and we do not withhold who we are.
    pub keys: Option<MediaKeys>,
    /// Whether the other end's is one that the two people have compared.
    pub key_trust: KeyTrust,
    /// The SRTP profile, once the keys are agreed.
    pub cipher: Option<&'static str>,
    /// What we send.
    pub codec: Option<Codec>,
    /// The way packets take.
    pub path: Option<Path>,
    /// Why sound may flow one way only.
    pub warning: Option<OneWayCause>,
    /// How good the link is just now.
    pub link: LinkQuality,
    /// The microphone is not sent.
    pub muted: bool,
    /// The latest figures.
    pub statistics: Option<Statistics>,
    /// What happened when.
    pub timeline: Timeline,
}

impl CallSnapshot {
    /// It rings on this phone, be it that only its announcement is here.
    #[must_use]
    pub fn rings_here(&self) -> bool {
        self.state.rings_here(self.direction)
    }
}

/// One line of the call log, made when the call is over.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// The call at its end; its state is [`CallState::Ended`].
    pub call: CallSnapshot,
    /// The same reason, taken out.
    pub reason: EndReason,
    /// Somebody called and nobody here, on no device of ours, took notice: worth calling back.
    pub missed: bool,
    /// What happened.
    pub story: Story,
}
