use super::{Fact, SoundTrouble};
use crate::{EndReason, Fault, Side};

/// Where something happened, or whose it is to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StorySide {
    /// This phone, or its owner.
    Yours,
    /// The account's own server.
    YourServer,
    /// What lies between.
    Network,
    /// The other side's server.
    TheirServer,
    /// The other phone, or its owner.
    Theirs,
}

impl StorySide {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yours => "yours",
            Self::YourServer => "your-server",
            Self::Network => "network",
            Self::TheirServer => "their-server",
            Self::Theirs => "theirs",
        }
    }

    fn of(side: Side) -> Self {
        match side {
            Side::Us => Self::Yours,
            Side::Peer => Self::Theirs,
        }
    }
}

impl Fault {
    /// Where it is; `None` where nothing is wrong.
    #[must_use]
    pub fn side(self) -> Option<StorySide> {
        Some(match self {
            Self::Ours => StorySide::Yours,
            Self::Theirs => StorySide::Theirs,
            Self::TheirServer => StorySide::TheirServer,
            Self::OurServer => StorySide::YourServer,
            Self::Network => StorySide::Network,
            Self::Nobody => return None,
        })
    }
}

impl Fact {
    /// Where it happened.
    #[must_use]
    pub fn side(&self) -> StorySide {
        match self {
            Self::Dialled { .. } | Self::NextTried { .. } | Self::Invited | Self::OfferedOtherwise | Self::RangHere { .. } => {
                StorySide::Yours
            }
            Self::Traffic { .. } => StorySide::Network,
            Self::Gathered { .. } | Self::Muted { .. } | Self::Omitted { .. } | Self::LookingUp { .. } | Self::Connecting { .. } => {
                StorySide::Yours
            }
            Self::Called { .. }
            | Self::Introduced { .. }
            | Self::RangThere
            | Self::EarlySound
            | Self::Redirected { .. }
            | Self::Progress { .. } => StorySide::Theirs,
            Self::ServersFound { .. } | Self::Connected { .. } | Self::LoggedIn { .. } | Self::ServerReady { .. } => StorySide::YourServer,
            Self::ServerTook | Self::ServerLost | Self::Returned => StorySide::YourServer,
            Self::NumberLookedUp { .. } | Self::PathFound { .. } | Self::PathLost | Self::BothWays => StorySide::Network,
            Self::Secured { .. } | Self::KeyVerified | Self::KeyChanged | Self::SoundCame => StorySide::Theirs,
            Self::SoundArrived | Self::NetworkLost => StorySide::Yours,
            Self::OneWay(_) | Self::Weak { .. } | Self::Strong { .. } => StorySide::Network,
            Self::Sound { trouble: SoundTrouble::NothingArrives, .. } => StorySide::Theirs,
            Self::Sound { .. } => StorySide::Yours,
            Self::Answered(side) | Self::Held(side) | Self::Resumed(side) => StorySide::of(*side),
            Self::NotConnected(reason) | Self::ServerFailed(reason) => reason.fault().side().unwrap_or(StorySide::YourServer),
            Self::LegFailed(reason) | Self::Ended(reason) => reason.fault().side().unwrap_or_else(|| reason.doer()),
        }
    }
}

impl EndReason {
    /// Who brought about an end that is nobody's fault.
    fn doer(&self) -> StorySide {
        match self {
            Self::HungUp(side) | Self::Cancelled(side) | Self::Declined(side) | Self::Busy(side) | Self::NoAnswer(side) => {
                StorySide::of(*side)
            }
            Self::Unavailable
            | Self::NoSign
            | Self::NotArrived
            | Self::NotAcceptable { .. }
            | Self::NoCommonCodec
            | Self::SecurityRefused => StorySide::Theirs,
            _ => StorySide::Yours,
        }
    }
}
