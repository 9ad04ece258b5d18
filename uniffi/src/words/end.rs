use cooee_call as core;

use super::{LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, TlsTrouble};
use crate::Side;

/// How a call ended, or why an account does not work. Not an error: every call ends.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum EndReason {
    /// After an answer, this side hung up.
    HungUp {
        /// Who.
        by: Side,
    },
    /// The calling side gave up before an answer.
    Cancelled {
        /// Who.
        by: Side,
    },
    /// The called side said no.
    Declined {
        /// Who.
        by: Side,
    },
    /// The called side is in another call.
    Busy {
        /// Who.
        who: Side,
    },
    /// The called side did not answer in time.
    NoAnswer {
        /// Who.
        of: Side,
    },
    /// Nothing rang over there within a few seconds, and the person could be called in another way.
    NoSign,
    /// A call was announced here, and never came.
    NotArrived,
    /// Another device of ours answered.
    AnsweredElsewhere,
    /// Another device of ours said no.
    DeclinedElsewhere,
    /// The called person exists, but no phone of theirs is there.
    Unavailable,
    /// There is no such person at that address.
    NotFound,
    /// What was dialled is no address, or none that can be called.
    BadAddress,
    /// There is no account to call from.
    NoAccount,
    /// An emergency number: it is the ordinary dialler's alone.
    Emergency,
    /// A number that is not reached over the Internet.
    OrdinaryDialler,
    /// An address of a kind that this version cannot call.
    NotYet,
    /// The called side pointed elsewhere, and that way led nowhere.
    Redirected {
        /// Why.
        trouble: RedirectTrouble,
    },
    /// The call went on without us: we handed it over, or the peer did.
    Transferred,
    /// Another call took its place.
    Replaced,
    /// We do not want to be disturbed; nothing rang.
    DoNotDisturb,
    /// The caller is blocked here; nothing rang.
    Blocked,
    /// The caller withholds who it is, and such calls are not taken here; nothing rang.
    Anonymous,
    /// The other side does not take calls from here.
    Forbidden {
        /// Its words.
        text: String,
    },
    /// The account's domain does not exist.
    NoSuchDomain {
        /// The domain.
        domain: String,
    },
    /// The account's domain says that it offers no calls.
    NoService {
        /// The domain.
        domain: String,
    },
    /// The account's domain offers calls, but not by a transport that the account allows.
    InsecureOnly {
        /// The domain.
        domain: String,
        /// What it offers, e.g. `UDP, TCP`.
        offered: String,
    },
    /// The account's server does not let us in.
    Login {
        /// Why.
        trouble: LoginTrouble,
    },
    /// The account's server cannot prove who it is.
    Untrusted {
        /// Why.
        trouble: TlsTrouble,
    },
    /// The account's server cannot be reached.
    Unreachable {
        /// Why.
        trouble: NetworkTrouble,
    },
    /// What the DNS says of a domain is forged, or signed wrongly.
    WrongSignatures {
        /// The domain.
        domain: String,
    },
    /// The account's server went away during the call.
    ServerGone,
    /// A server on the way failed.
    ServerError {
        /// SIP status.
        status: u16,
        /// Its words.
        text: String,
    },
    /// No sound could be had.
    Media {
        /// Why.
        trouble: MediaTrouble,
    },
    /// The other phone stopped answering.
    PeerSilent,
    /// The network that it went over is gone from this device, and did not come back.
    NetworkChanged,
    /// The other side did not confirm in time that it is still in the call.
    SessionExpired,
    /// The two phones share no codec.
    NoCommonCodec,
    /// The two phones share no way to protect the call that both allow.
    SecurityRefused,
    /// The other phone cannot take such a call, it says.
    NotAcceptable {
        /// Its words.
        text: String,
    },
    /// The other phone's description of the call could not be used.
    BadDescription,
    /// The other side failed otherwise.
    PeerError {
        /// SIP status.
        status: u16,
        /// Its words.
        text: String,
    },
    /// This phone was shut down, or the account removed.
    ShutDown,
    /// This phone was ended in the middle of it, by the system or a fault.
    CutOff,
    /// The same before anybody had answered.
    CutOffUnanswered,
    /// More than this phone takes at once.
    Overload,
    /// A reason that only a later version has a word for.
    Other {
        /// Its stable name.
        name: String,
    },
}

/// Whose side it was on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Fault {
    /// This phone's: its owner can do something about it.
    Ours,
    /// The other phone's.
    Theirs,
    /// The other side's server.
    TheirServer,
    /// The account's own server.
    OurServer,
    /// What lies between.
    Network,
    /// Calls end.
    Nobody,
}

impl From<&core::EndReason> for EndReason {
    fn from(reason: &core::EndReason) -> Self {
        use core::EndReason as Core;
        match reason.clone() {
            Core::HungUp(side) => Self::HungUp { by: side.into() },
            Core::Cancelled(side) => Self::Cancelled { by: side.into() },
            Core::Declined(side) => Self::Declined { by: side.into() },
            Core::Busy(side) => Self::Busy { who: side.into() },
            Core::NoAnswer(side) => Self::NoAnswer { of: side.into() },
            Core::NoSign => Self::NoSign,
            Core::NotArrived => Self::NotArrived,
            Core::AnsweredElsewhere => Self::AnsweredElsewhere,
            Core::DeclinedElsewhere => Self::DeclinedElsewhere,
            Core::Unavailable => Self::Unavailable,
            Core::NotFound => Self::NotFound,
            Core::BadAddress => Self::BadAddress,
            Core::NoAccount => Self::NoAccount,
            Core::Emergency => Self::Emergency,
            Core::OrdinaryDialler => Self::OrdinaryDialler,
            Core::NotYet => Self::NotYet,
            Core::Redirected(trouble) => Self::Redirected { trouble: trouble.into() },
            Core::Transferred => Self::Transferred,
            Core::Replaced => Self::Replaced,
            Core::DoNotDisturb => Self::DoNotDisturb,
            Core::Blocked => Self::Blocked,
            Core::Anonymous => Self::Anonymous,
            Core::Forbidden { text } => Self::Forbidden { text },
            Core::NoSuchDomain { domain } => Self::NoSuchDomain { domain },
            Core::NoService { domain } => Self::NoService { domain },
            Core::InsecureOnly { domain, offered } => Self::InsecureOnly { domain, offered },
            Core::Login(trouble) => Self::Login { trouble: trouble.into() },
            Core::Untrusted(trouble) => Self::Untrusted { trouble: trouble.into() },
            Core::Unreachable(trouble) => Self::Unreachable { trouble: trouble.into() },
            Core::WrongSignatures { domain } => Self::WrongSignatures { domain },
            Core::ServerGone => Self::ServerGone,
            Core::ServerError { status, text } => Self::ServerError { status, text },
            Core::Media(trouble) => Self::Media { trouble: trouble.into() },
            Core::PeerSilent => Self::PeerSilent,
            Core::NetworkChanged => Self::NetworkChanged,
            Core::SessionExpired => Self::SessionExpired,
            Core::NoCommonCodec => Self::NoCommonCodec,
            Core::SecurityRefused => Self::SecurityRefused,
            Core::NotAcceptable { text } => Self::NotAcceptable { text },
            Core::BadDescription => Self::BadDescription,
            Core::PeerError { status, text } => Self::PeerError { status, text },
            Core::ShutDown => Self::ShutDown,
            Core::CutOff => Self::CutOff,
            Core::CutOffUnanswered => Self::CutOffUnanswered,
            Core::Overload => Self::Overload,
            other => Self::Other { name: other.id().to_owned() },
        }
    }
}

impl From<core::Fault> for Fault {
    fn from(fault: core::Fault) -> Self {
        match fault {
            core::Fault::Ours => Self::Ours,
            core::Fault::Theirs => Self::Theirs,
            core::Fault::TheirServer => Self::TheirServer,
            core::Fault::OurServer => Self::OurServer,
            core::Fault::Network => Self::Network,
            core::Fault::Nobody => Self::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_core_has_a_word_here_with_the_same_arguments() {
        for reason in core::EndReason::examples("its words") {
            let word = EndReason::from(&reason);
            assert!(!matches!(word, EndReason::Other { .. }), "{reason} has no word: add it to EndReason");
            let shown = format!("{word:?}");
            for (name, value) in reason.arguments() {
                assert!(shown.contains(&value), "{name} of {reason} is lost in {shown}");
            }
        }
    }
}
