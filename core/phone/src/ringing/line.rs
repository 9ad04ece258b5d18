use std::time::Duration;

use cooee_call::{Advice, EndReason};
use cooee_machine::Pii;

use super::RingCondition;
use crate::WhoRings;

/// How far a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RingLevel {
    /// It is.
    Met,
    /// Calls ring, but not all of them, not always, or not for long any more.
    Limited,
    /// Without it none does.
    Unmet,
}

impl RingLevel {
    /// A stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Limited => "limited",
            Self::Unmet => "unmet",
        }
    }
}

/// What belongs into the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingFigure {
    /// When the server was heard last, since the Unix epoch.
    HeardAt(Duration),
    /// Until when the certificate holds, since the Unix epoch.
    HoldsUntil(Duration),
    /// Only an authority vouches for the server that was added to this device: whoever added it could be in between.
    AddedAuthority,
    /// The device's clock differs from the server's by so much.
    ClockOff(Duration),
    /// Whose calls ring aloud.
    Rings(WhoRings),
    /// So many devices have this address.
    Devices(usize),
}

/// One condition, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingLine {
    /// Which.
    pub condition: RingCondition,
    /// Of which account; `None`: of the whole phone.
    pub account: Option<Pii<String>>,
    /// How far it is met.
    pub level: RingLevel,
    /// Why not, where a server or the network said so.
    pub reason: Option<EndReason>,
    /// What belongs into the sentence.
    pub figure: Option<RingFigure>,
    /// What mends it.
    pub advice: Advice,
}

/// Whether a call would ring: nothing of the whole phone is missing, and nothing of one account at least.
#[must_use]
pub fn would_ring(lines: &[RingLine]) -> bool {
    let is_met =
        |account: Option<&Pii<String>>| lines.iter().all(|line| line.account.as_ref() != account || line.level != RingLevel::Unmet);
    let mut accounts = lines.iter().filter_map(|line| line.account.as_ref());
    is_met(None) && accounts.any(|account| is_met(Some(account)))
}
