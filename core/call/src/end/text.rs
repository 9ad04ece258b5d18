use std::fmt;

use super::{EndReason, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side, TlsTrouble};

impl EndReason {
    /// A stable name for logs, scripts and translations, e.g. `untrusted.expired`. Never changes its meaning.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::HungUp(side) => side.of("hung-up.us", "hung-up.peer"),
            Self::Cancelled(side) => side.of("cancelled.us", "cancelled.peer"),
            Self::Declined(side) => side.of("declined.us", "declined.peer"),
            Self::Busy(side) => side.of("busy.us", "busy.peer"),
            Self::NoAnswer(side) => side.of("no-answer.us", "no-answer.peer"),
            Self::NoSign => "no-sign",
            Self::NotArrived => "not-arrived",
            Self::AnsweredElsewhere => "answered-elsewhere",
            Self::DeclinedElsewhere => "declined-elsewhere",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not-found",
            Self::BadAddress => "bad-address",
            Self::NoAccount => "no-account",
            Self::Emergency => "emergency-number",
            Self::OrdinaryDialler => "ordinary-dialler",
            Self::NotYet => "not-yet",
            Self::Redirected(trouble) => trouble.id(),
            Self::Transferred => "transferred",
            Self::Replaced => "replaced",
            Self::DoNotDisturb => "do-not-disturb",
            Self::Blocked => "blocked",
            Self::Anonymous => "anonymous",
            Self::SessionExpired => "session-expired",
            Self::Forbidden { .. } => "forbidden",
            Self::NoSuchDomain { .. } => "no-such-domain",
            Self::NoService { .. } => "no-service",
            Self::InsecureOnly { .. } => "insecure-only",
            Self::ServerGone => "server-gone",
            Self::WrongSignatures { .. } => "wrong-signatures",
            Self::ServerError { .. } => "server-error",
            Self::PeerSilent => "peer-silent",
            Self::NetworkChanged => "network-changed",
            Self::NoCommonCodec => "no-common-codec",
            Self::SecurityRefused => "security-refused",
            Self::NotAcceptable { .. } => "not-acceptable",
            Self::BadDescription => "bad-description",
            Self::PeerError { .. } => "peer-error",
            Self::ShutDown => "shut-down",
            Self::CutOff => "cut-off",
            Self::CutOffUnanswered => "cut-off-unanswered",
            Self::Overload => "overload",
            Self::Login(trouble) => trouble.id(),
            Self::Untrusted(trouble) => trouble.id(),
            Self::Unreachable(trouble) => trouble.id(),
            Self::Media(trouble) => trouble.id(),
        }
    }

    /// What belongs into the sentence that [`EndReason::id`] stands for, by name.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NoSuchDomain { domain } | Self::NoService { domain } | Self::WrongSignatures { domain } => {
                vec![("domain", domain.clone())]
            }
            Self::Unreachable(NetworkTrouble::NoAddress { domain }) => vec![("domain", domain.clone())],
            Self::InsecureOnly { domain, offered } => vec![("domain", domain.clone()), ("offered", offered.clone())],
            Self::ServerError { status, text } | Self::PeerError { status, text } => with_status(*status, text),
            Self::Login(LoginTrouble::Other { status, text }) => with_status(*status, text),
            Self::Forbidden { text } | Self::NotAcceptable { text } => vec![("text", text.clone())],
            Self::Untrusted(TlsTrouble::Other { text }) | Self::Media(MediaTrouble::NoSocket { text }) => vec![("text", text.clone())],
            Self::Unreachable(NetworkTrouble::Dns { text } | NetworkTrouble::Network { text }) => vec![("text", text.clone())],
            Self::Untrusted(TlsTrouble::NotPinned { shown } | TlsTrouble::OtherAuthority { shown }) => vec![("shown", shown.clone())],
            Self::Untrusted(TlsTrouble::UnknownAuthority { shown: Some(shown) }) => vec![("shown", shown.clone())],
            Self::Untrusted(TlsTrouble::WrongName { names }) => vec![("names", names.clone())],
            _ => Vec::new(),
        }
    }

    /// The reason that a name and its arguments stand for; `argument` looks one up, a missing one is empty. `None` for a
    /// name of a later version.
    #[must_use]
    pub fn from_parts(id: &str, argument: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let get = |name: &str| argument(name).unwrap_or_default();
        let status = || get("status").parse().unwrap_or(0);
        let (domain, text) = (|| get("domain"), || get("text"));
        Some(match id {
            "forbidden" => Self::Forbidden { text: text() },
            "no-such-domain" => Self::NoSuchDomain { domain: domain() },
            "no-service" => Self::NoService { domain: domain() },
            "insecure-only" => Self::InsecureOnly { domain: domain(), offered: get("offered") },
            "login.other" => Self::Login(LoginTrouble::Other { status: status(), text: text() }),
            "untrusted.wrong-name" => Self::Untrusted(TlsTrouble::WrongName { names: get("names") }),
            "untrusted.unknown-authority" => Self::Untrusted(TlsTrouble::UnknownAuthority { shown: argument("shown") }),
            "untrusted.other-authority" => Self::Untrusted(TlsTrouble::OtherAuthority { shown: get("shown") }),
            "untrusted.not-pinned" => Self::Untrusted(TlsTrouble::NotPinned { shown: get("shown") }),
            "untrusted.other" => Self::Untrusted(TlsTrouble::Other { text: text() }),
            "unreachable.no-address" => Self::Unreachable(NetworkTrouble::NoAddress { domain: domain() }),
            "unreachable.dns" => Self::Unreachable(NetworkTrouble::Dns { text: text() }),
            "unreachable.network" => Self::Unreachable(NetworkTrouble::Network { text: text() }),
            "wrong-signatures" => Self::WrongSignatures { domain: domain() },
            "server-error" => Self::ServerError { status: status(), text: text() },
            "not-acceptable" => Self::NotAcceptable { text: text() },
            "peer-error" => Self::PeerError { status: status(), text: text() },
            "media.no-socket" => Self::Media(MediaTrouble::NoSocket { text: text() }),
            _ => return PLAIN.into_iter().find(|reason| reason.id() == id),
        })
    }

    /// One of each, with this wherever somebody else's words or a name stand: for who translates them, and for tests that none is left out.
    #[must_use]
    pub fn examples(words: &str) -> Vec<Self> {
        let text = || words.to_owned();
        let domain = || words.to_owned();
        let mut all = PLAIN.to_vec();
        all.extend([
            Self::Forbidden { text: text() },
            Self::NoSuchDomain { domain: domain() },
            Self::NoService { domain: domain() },
            Self::InsecureOnly { domain: domain(), offered: "UDP".into() },
            Self::Login(LoginTrouble::Other { status: 400, text: text() }),
            Self::Untrusted(TlsTrouble::WrongName { names: text() }),
            Self::Untrusted(TlsTrouble::UnknownAuthority { shown: Some(text()) }),
            Self::Untrusted(TlsTrouble::OtherAuthority { shown: text() }),
            Self::Untrusted(TlsTrouble::NotPinned { shown: text() }),
            Self::Untrusted(TlsTrouble::Other { text: text() }),
            Self::Unreachable(NetworkTrouble::NoAddress { domain: domain() }),
            Self::Unreachable(NetworkTrouble::Dns { text: text() }),
            Self::Unreachable(NetworkTrouble::Network { text: text() }),
            Self::WrongSignatures { domain: domain() },
            Self::ServerError { status: 500, text: text() },
            Self::NotAcceptable { text: text() },
            Self::PeerError { status: 420, text: text() },
            Self::Media(MediaTrouble::NoSocket { text: text() }),
        ]);
        all
    }
}

/// Every reason that needs no argument.
const PLAIN: [EndReason; 62] = [
    EndReason::HungUp(Side::Us),
    EndReason::HungUp(Side::Peer),
    EndReason::Cancelled(Side::Us),
    EndReason::Cancelled(Side::Peer),
    EndReason::Declined(Side::Us),
    EndReason::Declined(Side::Peer),
    EndReason::Busy(Side::Us),
    EndReason::Busy(Side::Peer),
    EndReason::NoAnswer(Side::Us),
    EndReason::NoAnswer(Side::Peer),
    EndReason::NoSign,
    EndReason::NotArrived,
    EndReason::AnsweredElsewhere,
    EndReason::DeclinedElsewhere,
    EndReason::Unavailable,
    EndReason::NotFound,
    EndReason::BadAddress,
    EndReason::NoAccount,
    EndReason::Emergency,
    EndReason::OrdinaryDialler,
    EndReason::NotYet,
    EndReason::Redirected(RedirectTrouble::Nowhere),
    EndReason::Redirected(RedirectTrouble::TooMany),
    EndReason::Redirected(RedirectTrouble::Loop),
    EndReason::Redirected(RedirectTrouble::Insecure),
    EndReason::Redirected(RedirectTrouble::Number),
    EndReason::Redirected(RedirectTrouble::Emergency),
    EndReason::Transferred,
    EndReason::Replaced,
    EndReason::DoNotDisturb,
    EndReason::Blocked,
    EndReason::Anonymous,
    EndReason::SessionExpired,
    EndReason::Login(LoginTrouble::WrongPassword),
    EndReason::Login(LoginTrouble::Withheld),
    EndReason::Login(LoginTrouble::PasswordLost),
    EndReason::Login(LoginTrouble::KeyLost),
    EndReason::Login(LoginTrouble::UnknownUser),
    EndReason::Login(LoginTrouble::Forbidden),
    EndReason::Untrusted(TlsTrouble::Expired),
    EndReason::Untrusted(TlsTrouble::OldVersion),
    EndReason::Untrusted(TlsTrouble::NoTls),
    EndReason::Unreachable(NetworkTrouble::Refused),
    EndReason::Unreachable(NetworkTrouble::Timeout),
    EndReason::Unreachable(NetworkTrouble::Silent),
    EndReason::ServerGone,
    EndReason::Media(MediaTrouble::NoPath),
    EndReason::Media(MediaTrouble::NoAddress),
    EndReason::Media(MediaTrouble::Handshake),
    EndReason::Media(MediaTrouble::Fingerprint),
    EndReason::Media(MediaTrouble::NoCommonCipher),
    EndReason::Media(MediaTrouble::Internal),
    EndReason::Media(MediaTrouble::Timeout),
    EndReason::PeerSilent,
    EndReason::NetworkChanged,
    EndReason::NoCommonCodec,
    EndReason::BadDescription,
    EndReason::SecurityRefused,
    EndReason::ShutDown,
    EndReason::CutOff,
    EndReason::CutOffUnanswered,
    EndReason::Overload,
];

fn with_status(status: u16, text: &str) -> Vec<(&'static str, String)> {
    vec![("status", status.to_string()), ("text", text.to_owned())]
}

impl Side {
    fn of<T>(self, us: T, peer: T) -> T {
        match self {
            Self::Us => us,
            Self::Peer => peer,
        }
    }
}

impl LoginTrouble {
    /// As in [`EndReason::id`].
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::WrongPassword => "login.wrong-password",
            Self::Withheld => "login.withheld",
            Self::PasswordLost => "login.password-lost",
            Self::KeyLost => "login.key-lost",
            Self::UnknownUser => "login.unknown-user",
            Self::Forbidden => "login.forbidden",
            Self::Other { .. } => "login.other",
        }
    }
}

impl TlsTrouble {
    /// As in [`EndReason::id`].
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnknownAuthority { .. } => "untrusted.unknown-authority",
            Self::OtherAuthority { .. } => "untrusted.other-authority",
            Self::Expired => "untrusted.expired",
            Self::WrongName { .. } => "untrusted.wrong-name",
            Self::NotPinned { .. } => "untrusted.not-pinned",
            Self::OldVersion => "untrusted.old-version",
            Self::NoTls => "untrusted.no-tls",
            Self::Other { .. } => "untrusted.other",
        }
    }
}

impl NetworkTrouble {
    /// As in [`EndReason::id`].
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Refused => "unreachable.refused",
            Self::Timeout => "unreachable.timeout",
            Self::Silent => "unreachable.silent",
            Self::NoAddress { .. } => "unreachable.no-address",
            Self::Dns { .. } => "unreachable.dns",
            Self::Network { .. } => "unreachable.network",
        }
    }
}

impl RedirectTrouble {
    /// As in [`EndReason::id`].
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Nowhere => "redirected",
            Self::TooMany => "redirected.too-many",
            Self::Loop => "redirected.loop",
            Self::Insecure => "redirected.insecure",
            Self::Number => "redirected.number",
            Self::Emergency => "redirected.emergency",
        }
    }
}

impl MediaTrouble {
    /// As in [`EndReason::id`].
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoPath => "media.no-path",
            Self::NoAddress => "media.no-address",
            Self::Handshake => "media.handshake",
            Self::Fingerprint => "media.fingerprint",
            Self::NoCommonCipher => "media.no-common-cipher",
            Self::NoSocket { .. } => "media.no-socket",
            Self::Internal => "media.internal",
            Self::Timeout => "media.timeout",
        }
    }
}

/// The id, and the arguments in brackets: `server-error (status=500, text=Oops)`.
impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())?;
        let arguments: Vec<String> = self.arguments().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if arguments.is_empty() { Ok(()) } else { write!(f, " ({})", arguments.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_comes_back_from_its_name_and_arguments_and_no_two_share_a_name() {
        let mut names = Vec::new();
        for reason in EndReason::examples("its words") {
            let arguments = reason.arguments();
            let find = |name: &str| arguments.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
            assert_eq!(EndReason::from_parts(reason.id(), find), Some(reason.clone()));
            assert!(!names.contains(&reason.id()), "{}", reason.id());
            names.push(reason.id());
        }
        assert_eq!(EndReason::from_parts("from-the-future", |_| None), None);
    }

    #[test]
    fn a_reason_prints_as_its_name_and_arguments() {
        assert_eq!(EndReason::HungUp(Side::Peer).to_string(), "hung-up.peer");
        let reason = EndReason::ServerError { status: 500, text: "Oops".into() };
        assert_eq!(reason.to_string(), "server-error (status=500, text=Oops)");
    }
}
