use std::cmp::Reverse;
use std::time::Duration;

use cooee_machine::DnsSecurity;

use crate::probe::{Protocol, Reach, ReachState};
use crate::{AccountId, Address, EnumSuffix};

/// One way to call somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// By what.
    pub way: Way,
    /// Whom.
    pub address: Address,
    /// Over which account; `None` where there is none, or none is needed.
    pub account: Option<AccountId>,
    /// Why it is there and stands where it stands.
    pub reasons: Vec<Reason>,
    /// Why it cannot be used; `None` if it can.
    pub obstacle: Option<Obstacle>,
    /// What is known of the address.
    pub reach: Reach,
}

/// By what somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// Over the Internet, by SIP.
    Sip,
    /// Over the Internet, by XMPP.
    Xmpp,
    /// As a number that the account's server takes.
    Exchange,
    /// By the telephone that is there besides: nothing of it runs through here.
    OrdinaryDialler,
}

/// Why a route is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The account was named.
    Named,
    /// The account was chosen for this person before.
    ChosenAccount,
    /// This address was chosen for this person before.
    ChosenAddress,
    /// The account is of the domain that is called.
    SameDomain,
    /// The account takes numbers.
    TakesNumbers,
    /// No account fits better.
    FirstThatWorks,
    /// The number was found below this suffix.
    Found {
        /// Where.
        suffix: EnumSuffix,
        /// Whether that was validated.
        security: DnsSecurity,
    },
    /// An emergency number, which only the ordinary dialler may have.
    Emergency,
    /// A short number of the region's telephone network.
    Short,
    /// The telephone network has every number.
    LastResort,
}

/// Why a route cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// There is no account to call from.
    NoAccount,
    /// A `sips:` address, and the account's signalling is not encrypted.
    NotSecure,
    /// It leads to another number of the telephone network than the one that was dialled, which may cost.
    OtherNumber,
    /// This version makes no calls by XMPP.
    NotYet,
}

impl Route {
    /// Whether it can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.obstacle.is_none()
    }

    /// Less is better: what was chosen and can be used, what can be used at all, who took a call last, whose phone was there last, what is
    /// not known to refuse or to say nothing, what is validated, SIP before XMPP, what was checked last. Equals stay in the order in which they were found. A cache is a hint: it moves a route, and takes none away.
    pub(super) fn rank(&self, unix: Duration) -> impl Ord + use<> {
        let protocol = if self.way == Way::Xmpp { Protocol::Xmpp } else { Protocol::Sip };
        let state = self.reach.state();
        let is_there = matches!(state, ReachState::Answered(_));
        let answered = self.reach.answered.filter(|answered| answered.protocol == protocol && is_there);
        let asked = self.reach.inquiry.and_then(|inquiry| inquiry.there()).filter(|_| protocol == Protocol::Sip && is_there);
        let doubt = match state {
            ReachState::Answered(_) | ReachState::PublishesCalls => 0_u8,
            ReachState::Unknown(_) => 1,
            ReachState::NotPublished => 2,
            ReachState::Refuses | ReachState::NoSuchUser => 3,
        };
        let security = self.found().or(self.reach.security());
        let is_chosen = self.is_usable() && self.reasons.contains(&Reason::ChosenAddress);
        let last_resort = matches!(self.way, Way::Exchange | Way::OrdinaryDialler).then_some(self.way);
        (
            !is_chosen,
            // On an Internet route or not at all: the other two come behind, in their order.
            last_resort,
            !self.is_usable(),
            Reverse(answered.map(|answered| answered.when)),
            Reverse(asked),
            doubt,
            security != Some(DnsSecurity::Secure),
            self.way,
            self.reach.age(unix).unwrap_or(Duration::MAX),
        )
    }

    fn found(&self) -> Option<DnsSecurity> {
        self.reasons.iter().find_map(|reason| if let Reason::Found { security, .. } = reason { Some(*security) } else { None })
    }
}
