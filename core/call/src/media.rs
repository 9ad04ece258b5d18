use std::net::SocketAddr;
use std::time::Duration;

use cooee_rtc::{CandidatePolicy, LocalTransport, SessionEvent, Statistics};
use cooee_sdp::{Codec, Negotiated};

use crate::{AccountId, CallId, DialogId, MediaProtection, SoundTrouble};

/// What a call asks of the media side: the engine's media thread, or a test's. Only values cross.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaRequest {
    /// Open sockets and gather candidates; [`MediaEvent::Gathered`] or [`MediaEvent::GatherFailed`] follows. Comes once a call,
    /// before anything else of it.
    Gather {
        /// Which call.
        call: CallId,
        /// By whose key the media proves itself; `None`: by one made for this call, so that nobody is recognised by it.
        account: Option<AccountId>,
        /// Which of our addresses the peer may learn.
        policy: CandidatePolicy,
        /// Whom to ask for our public address.
        stun_servers: Vec<SocketAddr>,
        /// Also for a second component, which reports have to themselves.
        rtcp: bool,
    },
    /// Open more sockets and gather candidates for a second component, since the peer turns out to have one; [`MediaEvent::Gathered`]
    /// follows once more, unless there are no sockets. Comes once a call, if it has not been gathered for from the beginning.
    GatherRtcp {
        /// Which call.
        call: CallId,
    },
    /// Start a media session with one answerer. Several may run at once before the answer; only one is heard: the one that was
    /// kept, or else the latest.
    Start {
        /// Which call.
        call: CallId,
        /// Names the session in all that follows.
        dialog: DialogId,
        /// What was agreed.
        negotiated: Box<Negotiated>,
    },
    /// The same session, agreed anew: direction, codec or address changed; ICE and keys did not.
    Update {
        /// Which call.
        call: CallId,
        /// Which session.
        dialog: DialogId,
        /// What was agreed.
        negotiated: Box<Negotiated>,
    },
    /// This session won: the call is answered. From now on the microphone is sent, and it alone is heard.
    Keep {
        /// Which call.
        call: CallId,
        /// Which session.
        dialog: DialogId,
    },
    /// This session lost: stop it.
    Drop {
        /// Which call.
        call: CallId,
        /// Which session.
        dialog: DialogId,
    },
    /// The call is over: stop all of it, close its sockets. [`MediaEvent::Stopped`] follows, the last of this call.
    Stop {
        /// Which call.
        call: CallId,
    },
    /// Send a digit.
    Digit {
        /// Which call.
        call: CallId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long it sounds.
        length: Duration,
    },
    /// Send silence instead of the microphone, or the microphone again.
    Mute {
        /// Which call.
        call: CallId,
        /// Silence.
        muted: bool,
    },
}

impl MediaRequest {
    /// Which call it is about.
    #[must_use]
    pub fn call(&self) -> CallId {
        match self {
            Self::Gather { call, .. }
            | Self::GatherRtcp { call }
            | Self::Start { call, .. }
            | Self::Update { call, .. }
            | Self::Keep { call, .. }
            | Self::Drop { call, .. }
            | Self::Stop { call }
            | Self::Digit { call, .. }
            | Self::Mute { call, .. } => *call,
        }
    }
}

/// What the media side tells a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MediaEvent {
    /// What can be described of our side.
    Gathered(LocalTransport),
    /// No socket could be opened, in the system's words.
    GatherFailed(String),
    /// News of a session.
    Session {
        /// As [`MediaRequest::Start`] named it.
        dialog: DialogId,
        /// What.
        event: SessionEvent,
    },
    /// Something is wrong with the sound on this device, or is right again.
    Sound {
        /// What.
        trouble: SoundTrouble,
        /// It begins now; otherwise it is over.
        begins: bool,
    },
    /// All is closed.
    Stopped {
        /// How the session that was heard last has fared in the end.
        statistics: Option<Statistics>,
    },
}

/// What an account allows and prefers for the media of its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaPreferences {
    /// How the account wants the sound protected.
    pub protection: MediaProtection,
    /// In order of preference, `telephone-event` included: see [`Codec::with_telephone_events`].
    pub codecs: Vec<Codec>,
    /// What one packet should hold.
    pub ptime: Option<Duration>,
    /// Data is dear: no more than 20 kbit/s with all headers (IPv4) are sent, and asked for. A peer that knows no codec for so little may
    /// send more.
    pub low_data: bool,
    /// Which of our addresses any peer may learn.
    pub candidates: CandidatePolicy,
    /// Whom to ask for our public address.
    pub stun_servers: Vec<SocketAddr>,
}

impl Default for MediaPreferences {
    fn default() -> Self {
        Self {
            protection: MediaProtection::default(),
            codecs: Codec::defaults(),
            ptime: Some(Duration::from_millis(20)),
            low_data: false,
            candidates: CandidatePolicy::All,
            stun_servers: Vec::new(),
        }
    }
}
