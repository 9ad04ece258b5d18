use std::fmt;
use std::time::Duration;

use cooee_call::{CallId, CallSnapshot, CallTimes, EndReason, LogEntry, MediaEvent, MediaRequest, Peer};
use cooee_machine::{Action, Event, Wake};

use crate::{AccountConfig, AccountId, AccountState};

/// Settings of the whole phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneConfig {
    /// Name and version for `User-Agent`.
    pub user_agent: String,
    /// With this many calls going on, a further incoming one is answered 486; 1. Outgoing calls are never refused.
    pub max_calls: usize,
    /// How long calls wait.
    pub times: CallTimes,
    /// How accounts come back after failures.
    pub reconnect: ReconnectTimes,
    /// How long [`Command::Shutdown`] waits for servers and peers; 3 s.
    pub shutdown: Duration,
}

impl Default for PhoneConfig {
    fn default() -> Self {
        Self {
            user_agent: concat!("Cooee/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_calls: 1,
            times: CallTimes::default(),
            reconnect: ReconnectTimes::default(),
            shutdown: Duration::from_secs(3),
        }
    }
}

/// Back-off after failures: doubled each time from `first` to `most`, then drawn from its upper half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReconnectTimes {
    /// After the first failure of a connection that had worked; 1 s.
    pub first: Duration,
    /// Never longer; 5 min.
    pub most: Duration,
    /// How long one connect (and TLS handshake) may take; 8 s.
    pub connect: Duration,
    /// The same while there is a further server or address to try; 3 s.
    pub connect_before_next: Duration,
}

impl Default for ReconnectTimes {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_secs(300),
            connect: Duration::from_secs(8),
            connect_before_next: Duration::from_secs(3),
        }
    }
}

/// What the phone's owner asks of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Use this account from now on. With an id that is in use: the old one is removed first.
    AddAccount {
        /// Its name.
        account: AccountId,
        /// What it is.
        config: Box<AccountConfig>,
    },
    /// Hang up its calls, unregister, forget it.
    RemoveAccount(AccountId),
    /// Call somebody. [`PhoneEvent::CallChanged`] follows with this id, or [`PhoneEvent::DialRefused`].
    Dial {
        /// Names the call: an even number that no other call has had.
        call: CallId,
        /// Which account calls; `None`: the one whose domain is dialled, else the first that works, else the first.
        account: Option<AccountId>,
        /// `anna@example.org`, `sip:…`, `sips:…`, or a bare user of the account's own domain.
        target: String,
    },
    /// Take an incoming call.
    Answer(CallId),
    /// Refuse an incoming call.
    Decline(CallId),
    /// End a call in whatever state it is.
    HangUp(CallId),
    /// Send a digit (`0`-`9`, `*`, `#`, `A`-`D`).
    Digit {
        /// Which call.
        call: CallId,
        /// Which digit.
        digit: char,
    },
    /// Send silence, or the microphone again.
    Mute {
        /// Which call.
        call: CallId,
        /// Silence.
        muted: bool,
    },
    /// Hang up everything, unregister, close; [`Output::ShutDown`] follows.
    Shutdown,
}

/// Without what is dialled, which tells who a person is.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddAccount { account, .. } => write!(f, "AddAccount({account:?})"),
            Self::RemoveAccount(account) => write!(f, "RemoveAccount({account:?})"),
            Self::Dial { call, account, .. } => write!(f, "Dial({call:?}, {account:?})"),
            Self::Answer(call) => write!(f, "Answer({call:?})"),
            Self::Decline(call) => write!(f, "Decline({call:?})"),
            Self::HangUp(call) => write!(f, "HangUp({call:?})"),
            Self::Digit { call, .. } => write!(f, "Digit({call:?})"),
            Self::Mute { call, muted } => write!(f, "Mute({call:?}, {muted})"),
            Self::Shutdown => f.write_str("Shutdown"),
        }
    }
}

/// What the world tells the phone.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// The network, the resolver, the clock.
    Io(Event<'a>),
    /// The media side of a call.
    Media {
        /// Which call.
        call: CallId,
        /// What.
        event: MediaEvent,
    },
}

impl<'a> From<Event<'a>> for Input<'a> {
    fn from(event: Event<'a>) -> Self {
        Self::Io(event)
    }
}

/// What the phone asks of the world and tells its owner.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Output {
    /// Do this.
    Io(Action),
    /// Do this with the media of a call.
    Media(MediaRequest),
    /// News for the owner.
    Event(PhoneEvent),
    /// Everything is hung up, unregistered and closed (or was given up on). Comes once; the phone does nothing afterwards.
    ShutDown,
    /// Nothing more for now. Come back then; `None`: only when something comes in.
    Wake(Option<Wake>),
}

/// News for the owner of the phone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PhoneEvent {
    /// An account came to another state.
    AccountChanged {
        /// Which.
        account: AccountId,
        /// Where it is now.
        state: AccountState,
    },
    /// Somebody calls: it rings here. [`PhoneEvent::CallChanged`] with the same id follows.
    IncomingCall {
        /// The new call's name.
        call: CallId,
        /// The account that is called.
        account: AccountId,
        /// Who calls, as the server let it pass.
        from: Peer,
    },
    /// A call changed in any way: here is how it is now.
    CallChanged {
        /// Which account it runs over.
        account: AccountId,
        /// How it is.
        call: Box<CallSnapshot>,
    },
    /// The peer pressed a digit.
    Digit {
        /// In which call.
        call: CallId,
        /// Which.
        digit: char,
    },
    /// A call is over; this is its line in the log, the last that is heard of it.
    CallEnded {
        /// Which account it ran over.
        account: AccountId,
        /// The line.
        entry: Box<LogEntry>,
    },
    /// [`Command::Dial`] was refused outright; no call came of it.
    DialRefused {
        /// The name it would have had.
        call: CallId,
        /// Why.
        reason: DialRefusal,
    },
}

/// Why no call comes of a [`Command::Dial`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialRefusal {
    /// There is no account, or not that one.
    #[error("there is no such account")]
    NoAccount,
    /// What was dialled is no address.
    #[error("that is no address")]
    BadAddress,
    /// A `sips:` address, and the account's signalling is not encrypted.
    #[error("this address is only called over an encrypted account")]
    NotSecure,
    /// The name is in use.
    #[error("a call of that name exists")]
    CallExists,
    /// The phone is shutting down.
    #[error("the phone is shutting down")]
    ShuttingDown,
}

impl DialRefusal {
    /// The same in the words of the log.
    #[must_use]
    pub fn end_reason(&self) -> EndReason {
        match self {
            Self::BadAddress | Self::NoAccount => EndReason::BadAddress,
            Self::NotSecure => EndReason::SecurityRefused,
            Self::CallExists => EndReason::Overload,
            Self::ShuttingDown => EndReason::ShutDown,
        }
    }
}
