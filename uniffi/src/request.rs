use std::time::Duration;

use cooee_call::Request as CoreRequest;
use cooee_engine::PastRequest;
use cooee_phone::WhoRings as CoreWhoRings;

use crate::Person;

/// How somebody unknown asks to be let through: the call makes no sound.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Introduction {
    /// The domain that stands for them, where that is proven; none: it may be anybody.
    pub domain: Option<String>,
    /// One line of theirs.
    pub line: Option<String>,
}

/// Without what a stranger says.
impl std::fmt::Debug for Introduction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Introduction")
    }
}

/// Somebody who asked to be let through, and of whom the owner has said nothing yet.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CallRequest {
    /// The last call's number in the log.
    pub call: u64,
    /// The own address that was called.
    pub account: String,
    /// Who asks.
    pub from: Person,
    /// When it called last, since the Unix epoch.
    pub at: Duration,
    /// So many times in a row.
    pub times: u32,
    /// Who stands for it, and one line: what it said when it called, else the last text that came.
    pub introduction: Introduction,
}

/// Whose calls ring aloud; those of all others are requests. Known are the people of the contacts, who was called or written to, and who
/// is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, uniffi::Enum)]
pub enum WhoRings {
    /// Everybody's.
    Everybody,
    /// Those of people who are known, of the account's own domain, and telephone numbers that its server connects.
    #[default]
    OwnDomain,
    /// Those of people who are known.
    Known,
}

impl From<&CoreRequest> for Introduction {
    fn from(request: &CoreRequest) -> Self {
        Self { domain: request.domain.clone(), line: request.line.as_ref().map(|line| line.reveal().clone()) }
    }
}

impl From<PastRequest> for CallRequest {
    fn from(request: PastRequest) -> Self {
        Self {
            call: request.call,
            account: request.account.0,
            from: Person { address: request.peer.0, name: request.peer_name.map(|name| name.0) },
            at: request.at,
            times: request.times,
            introduction: Introduction::from(&request.request),
        }
    }
}

impl From<CoreWhoRings> for WhoRings {
    fn from(who: CoreWhoRings) -> Self {
        match who {
            CoreWhoRings::Everybody => Self::Everybody,
            CoreWhoRings::OwnDomain => Self::OwnDomain,
            CoreWhoRings::Known => Self::Known,
        }
    }
}

impl From<WhoRings> for CoreWhoRings {
    fn from(who: WhoRings) -> Self {
        match who {
            WhoRings::Everybody => Self::Everybody,
            WhoRings::OwnDomain => Self::OwnDomain,
            WhoRings::Known => Self::Known,
        }
    }
}
