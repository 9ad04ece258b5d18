//! How a call ended, as data: for the log, the command line and the app alike.

mod explain;
mod sip;
mod text;
mod trouble;

pub use explain::Explanation;
pub use trouble::{Fault, LoginTrouble, MediaTrouble, NetworkTrouble, RedirectTrouble, Side, TlsTrouble};

pub(crate) use sip::{NO_COMMON_CODEC, NO_MEDIA, NO_MEDIA_KEYS, NO_MEDIA_PATH, Progress, SECURITY_REFUSED, reason_of};

/// How a call ended. Not an error: every call ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// After an answer, this side hung up.
    HungUp(Side),
    /// The calling side gave up before an answer.
    Cancelled(Side),
    /// The called side said no.
    Declined(Side),
    /// The called side is in another call.
    Busy(Side),
    /// The called side did not answer in time.
    NoAnswer(Side),
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
    Redirected(RedirectTrouble),
    /// The call went on without us: we handed it over, or the peer did.
    Transferred,
    /// Another call took its place: one of ours (RFC 3891), or the peer's.
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
    Login(LoginTrouble),
    /// The account's server cannot prove who it is.
    Untrusted(TlsTrouble),
    /// The account's server cannot be reached.
    Unreachable(NetworkTrouble),
    /// The account's server went away during the call.
    ServerGone,
    /// What the DNS says of where to call bears wrong signatures (DNSSEC): it was not used, and there is no other way.
    WrongSignatures {
        /// Which domain's word it is.
        domain: String,
    },
    /// A server on the way failed.
    ServerError {
        /// SIP status.
        status: u16,
        /// Its words.
        text: String,
    },
    /// No sound could be had.
    Media(MediaTrouble),
    /// The other phone stopped answering.
    PeerSilent,
    /// The network that it went over is gone from this device, and did not come back.
    NetworkChanged,
    /// The other side did not confirm in time that it is still in the call (RFC 4028).
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
    /// This phone was ended in the middle of it, by the system or a fault: whoever starts it again finds that.
    CutOff,
    /// The same before anybody had answered.
    CutOffUnanswered,
    /// More than this phone takes at once.
    Overload,
}

impl EndReason {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::HungUp(_) | Self::Cancelled(_) | Self::Declined(_) | Self::Busy(_) | Self::NoAnswer(_) => Fault::Nobody,
            Self::AnsweredElsewhere | Self::DeclinedElsewhere | Self::Unavailable | Self::NoSign | Self::NotArrived => Fault::Nobody,
            Self::Transferred | Self::Replaced | Self::DoNotDisturb | Self::Blocked | Self::Anonymous => Fault::Nobody,
            Self::Emergency | Self::OrdinaryDialler | Self::NotYet => Fault::Nobody,
            Self::NotFound | Self::BadAddress | Self::NoAccount | Self::NoSuchDomain { .. } => Fault::Ours,
            Self::ShutDown | Self::CutOff | Self::CutOffUnanswered | Self::Overload | Self::NetworkChanged => Fault::Ours,
            Self::Login(LoginTrouble::WrongPassword | LoginTrouble::PasswordLost | LoginTrouble::KeyLost | LoginTrouble::UnknownUser) => {
                Fault::Ours
            }
            Self::Login(LoginTrouble::Withheld) => Fault::TheirServer,
            Self::Login(_) | Self::Untrusted(_) | Self::NoService { .. } | Self::InsecureOnly { .. } => Fault::OurServer,
            Self::Unreachable(NetworkTrouble::Refused | NetworkTrouble::Silent | NetworkTrouble::NoAddress { .. }) => Fault::OurServer,
            Self::Unreachable(_) | Self::PeerSilent | Self::SessionExpired | Self::Media(MediaTrouble::NoPath | MediaTrouble::Timeout) => {
                Fault::Network
            }
            Self::ServerGone => Fault::OurServer,
            Self::Forbidden { .. } | Self::ServerError { .. } | Self::WrongSignatures { .. } => Fault::TheirServer,
            Self::Media(MediaTrouble::NoSocket { .. } | MediaTrouble::Internal) => Fault::Ours,
            Self::Media(_) | Self::PeerError { .. } | Self::BadDescription | Self::Redirected(_) => Fault::Theirs,
            Self::NoCommonCodec | Self::SecurityRefused | Self::NotAcceptable { .. } => Fault::Nobody,
        }
    }
}
