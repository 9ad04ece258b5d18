use std::time::Duration;

/// What became of an attempt to register.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationEvent {
    /// The binding is in place. Comes again with every refresh.
    Registered {
        /// How long the server keeps it.
        expires: Duration,
        /// How many devices the address of record has now, this one included; 0 when the server does not say.
        contacts: usize,
        /// RFC 3608: the way our requests take.
        service_route: Vec<String>,
        /// RFC 5626 is in force from end to end: the server proves the flow alive.
        outbound: bool,
        /// What the server can do beyond the standards, by name (RFC 6809).
        features: Vec<String>,
        /// What time the server took it for, since the Unix epoch (RFC 3261 20.17).
        date: Option<Duration>,
    },
    /// The server said no.
    Refused {
        /// The final status.
        status: u16,
        /// The server's words, cut to a sane length.
        reason: String,
        /// What it means for the account.
        kind: RefusalKind,
        /// When we try again by ourselves; `None`: not before [`UserAgent::register`](super::UserAgent::register) is called again.
        retry_in: Option<Duration>,
    },
    /// No usable answer: time-out, a server error, no flow.
    Failed {
        /// Why.
        cause: RegistrationFailure,
        /// When we try again by ourselves; `None`: as soon as there is a new flow.
        retry_in: Option<Duration>,
    },
    /// The binding is gone, as asked, or was given up unanswered.
    Unregistered,
}

/// Why a server refuses to register us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// Fresh credentials were not accepted, or the server asks for a kind of proof we do not have.
    WrongPassword,
    /// 404, 410, 604: no such user here.
    UnknownUser,
    /// 403.
    Forbidden,
    /// Any other final answer of class 3xx, 4xx or 6xx.
    Other,
}

/// Why registering came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistrationFailure {
    /// No answer within 64*T1.
    Timeout,
    /// The flow closed under it.
    FlowClosed,
    /// The server is there but not able (5xx, 408, 480, …).
    ServerError(u16),
    /// A 200 that does not name our binding as living.
    NoBinding,
}
