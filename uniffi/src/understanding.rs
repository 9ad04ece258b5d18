use cooee_engine::Explained;
use cooee_machine::DnsSecurity;
use cooee_phone as core;
use cooee_phone::{Address, LookAlike, Number};

use crate::reach::AddressReach;

/// What a text was understood as, and what calling it would do; nobody was asked anything.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Understanding {
    /// As the question had it: an answer to older text is dropped.
    pub seq: u64,
    /// What it means.
    pub meaning: Meaning,
}

/// What a text means.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Meaning {
    /// Somebody that can be called.
    Somebody {
        /// What it is taken for.
        kind: AddressKind,
        /// As people write it.
        address: String,
        /// The name that stood beside it.
        name: Option<String>,
        /// What was assumed or left out, and what to look at twice.
        remarks: Vec<Remark>,
        /// What else it could be; to be dialled like this if it is meant.
        or_else: Vec<String>,
        /// All ways to call it, the best first.
        routes: Vec<Route>,
    },
    /// Nobody.
    Nobody {
        /// Why.
        why: NoAddress,
    },
}

/// What an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum AddressKind {
    /// By SIP and nothing else.
    Sip,
    /// By XMPP and nothing else.
    Xmpp,
    /// `anna@example.org`, by whatever its domain publishes.
    Mailbox,
    /// A telephone number of the whole world.
    Number,
    /// For help: the ordinary dialler's alone, at once.
    EmergencyNumber,
    /// A short number of the region's telephone network.
    ShortNumber,
    /// What only the exchange of the calling account can make sense of.
    LocalNumber,
    /// A bare user of the calling account's own domain.
    User,
}

/// Something to know about how a text was understood.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum Remark {
    /// Written without a protocol: all that the domain publishes are tried.
    AnyProtocol,
    /// A bare user: whoever that is in the calling account's domain.
    OwnDomain,
    /// The domain in the form that DNS is asked for.
    AsciiDomain {
        /// That form.
        domain: String,
    },
    /// Its letters can be taken for others: look twice.
    LookAlike {
        /// What it looks like; none where letters of several scripts are mixed.
        of: Option<String>,
    },
    /// Parts that say how or about what to call were left out.
    PartsLeftOut,
    /// No region is set that would make it a number of the whole world.
    NoRegion,
    /// A number as it is dialled there.
    NumberOf {
        /// E.g. `CH`.
        region: String,
    },
    /// It begins with what is dialled there for calls abroad.
    InternationalPrefix {
        /// E.g. `CH`.
        region: String,
    },
    /// It begins with that region's country code, without a plus sign.
    CountryCodeOf {
        /// E.g. `CH`.
        region: String,
    },
    /// The zero or the like that is only dialled inside a country was left out.
    TrunkPrefixLeftOut,
    /// No number of that region is dialled like this.
    NoNumberOf {
        /// E.g. `CH`.
        region: String,
    },
    /// No country has such a number.
    NoSuchNumber,
    /// The number is only meant there.
    Context {
        /// A domain, or a number that it stands below.
        within: String,
    },
    /// To be dialled once somebody answered.
    DialAfterwards {
        /// Digits.
        digits: String,
    },
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum NoAddress {
    /// There is nothing.
    Empty,
    /// More than 512 octets.
    TooLong,
    /// More than one address.
    Several,
    /// A scheme that nobody is called by.
    Scheme {
        /// E.g. `https`.
        scheme: String,
    },
    /// What should be the domain is none.
    Domain,
    /// What should be a number has no digits, or other signs.
    Number,
    /// A password or headers, which an address that is called has not.
    TooMuch,
    /// Anything else.
    Malformed,
}

/// One way to call somebody.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Route {
    /// By what.
    pub way: Way,
    /// Whom, as people write it.
    pub address: String,
    /// Over which account; none where there is none, or none is needed.
    pub account: Option<u64>,
    /// Why it is there and stands where it stands.
    pub reasons: Vec<RouteReason>,
    /// Why it cannot be used; none if it can.
    pub obstacle: Option<Obstacle>,
    /// What is known of the address.
    pub reach: AddressReach,
}

/// By what somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Way {
    /// Over the Internet, by SIP.
    Sip,
    /// Over the Internet, by XMPP.
    Xmpp,
    /// As a number that the account's server takes.
    Exchange,
    /// By the telephone that is there besides.
    OrdinaryDialler,
}

/// Why a route is there.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum RouteReason {
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
    /// The number was found below this domain.
    Found {
        /// Where.
        domain: String,
        /// Whether that was validated.
        secure: bool,
    },
    /// An emergency number, which only the ordinary dialler may have.
    Emergency,
    /// A short number of the region's telephone network.
    Short,
    /// The telephone network has every number.
    LastResort,
}

/// Why a route cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
#[non_exhaustive]
pub enum Obstacle {
    /// There is no account to call from.
    NoAccount,
    /// A `sips:` address, and the account's signalling is not encrypted.
    NotSecure,
    /// It leads to another number of the telephone network than the one that was dialled, which may cost.
    OtherNumber,
    /// This version cannot call so.
    NotYet,
}

impl Understanding {
    /// The answer to a question of this number.
    pub(crate) fn new(seq: u64, explained: Result<Explained, core::NoAddress>) -> Self {
        let meaning = match explained {
            Ok(explained) => Meaning::of(&explained),
            Err(why) => Meaning::Nobody { why: why.into() },
        };
        Self { seq, meaning }
    }
}

impl Meaning {
    fn of(explained: &Explained) -> Self {
        let understood = &explained.understood;
        Self::Somebody {
            kind: AddressKind::of(&understood.address),
            address: understood.address.written().0,
            name: understood.name.as_ref().map(|name| name.reveal().clone()),
            remarks: understood.remarks.iter().filter_map(Remark::of).collect(),
            or_else: understood.or_else.iter().map(|address| address.canonical().0).collect(),
            routes: explained.routes.iter().map(Route::from).collect(),
        }
    }
}

impl AddressKind {
    fn of(address: &Address) -> Self {
        match address {
            Address::Sip(_) => Self::Sip,
            Address::Xmpp(_) => Self::Xmpp,
            Address::Mailbox(_) => Self::Mailbox,
            Address::Number(Number::International(_)) => Self::Number,
            Address::Number(Number::Emergency(_)) => Self::EmergencyNumber,
            Address::Number(Number::Short(_)) => Self::ShortNumber,
            Address::Number(_) => Self::LocalNumber,
            _ => Self::User,
        }
    }
}

impl Remark {
    /// `None` for what only a later version has a word for.
    fn of(remark: &core::Remark) -> Option<Self> {
        use core::Remark as Core;
        let code = |region: &core::Region| region.code().to_owned();
        Some(match remark {
            Core::AnyProtocol => Self::AnyProtocol,
            Core::OwnDomain => Self::OwnDomain,
            Core::AsciiDomain(domain) => Self::AsciiDomain { domain: domain.clone() },
            Core::LookAlike(LookAlike::Of(other)) => Self::LookAlike { of: Some(other.clone()) },
            Core::LookAlike(LookAlike::MixedScripts) => Self::LookAlike { of: None },
            Core::PartsLeftOut => Self::PartsLeftOut,
            Core::NoRegion => Self::NoRegion,
            Core::NumberOf(region) => Self::NumberOf { region: code(region) },
            Core::InternationalPrefix(region) => Self::InternationalPrefix { region: code(region) },
            Core::CountryCodeOf(region) => Self::CountryCodeOf { region: code(region) },
            Core::TrunkPrefixLeftOut => Self::TrunkPrefixLeftOut,
            Core::NoNumberOf(region) => Self::NoNumberOf { region: code(region) },
            Core::NoSuchNumber => Self::NoSuchNumber,
            Core::Context(within) => Self::Context { within: within.clone() },
            Core::DialAfterwards(digits) => Self::DialAfterwards { digits: digits.reveal().clone() },
            _ => return None,
        })
    }
}

impl From<core::NoAddress> for NoAddress {
    fn from(why: core::NoAddress) -> Self {
        match why {
            core::NoAddress::Empty => Self::Empty,
            core::NoAddress::TooLong => Self::TooLong,
            core::NoAddress::Several => Self::Several,
            core::NoAddress::Scheme(scheme) => Self::Scheme { scheme },
            core::NoAddress::Domain => Self::Domain,
            core::NoAddress::Number => Self::Number,
            core::NoAddress::TooMuch => Self::TooMuch,
            _ => Self::Malformed,
        }
    }
}

impl From<&core::Route> for Route {
    fn from(route: &core::Route) -> Self {
        Self {
            way: route.way.into(),
            address: route.address.written().0,
            account: route.account.map(|account| account.0),
            reasons: route.reasons.iter().filter_map(RouteReason::of).collect(),
            obstacle: route.obstacle.map(Obstacle::from),
            reach: (&route.reach).into(),
        }
    }
}

impl From<core::Way> for Way {
    fn from(way: core::Way) -> Self {
        match way {
            core::Way::Sip => Self::Sip,
            core::Way::Xmpp => Self::Xmpp,
            core::Way::Exchange => Self::Exchange,
            core::Way::OrdinaryDialler => Self::OrdinaryDialler,
        }
    }
}

impl RouteReason {
    fn of(reason: &core::Reason) -> Option<Self> {
        use core::Reason as Core;
        Some(match reason {
            Core::Named => Self::Named,
            Core::ChosenAccount => Self::ChosenAccount,
            Core::ChosenAddress => Self::ChosenAddress,
            Core::SameDomain => Self::SameDomain,
            Core::TakesNumbers => Self::TakesNumbers,
            Core::FirstThatWorks => Self::FirstThatWorks,
            Core::Found { suffix, security } => {
                Self::Found { domain: suffix.domain().to_owned(), secure: *security == DnsSecurity::Secure }
            }
            Core::Emergency => Self::Emergency,
            Core::Short => Self::Short,
            Core::LastResort => Self::LastResort,
            _ => return None,
        })
    }
}

impl From<core::Obstacle> for Obstacle {
    fn from(obstacle: core::Obstacle) -> Self {
        match obstacle {
            core::Obstacle::NoAccount => Self::NoAccount,
            core::Obstacle::NotSecure => Self::NotSecure,
            core::Obstacle::OtherNumber => Self::OtherNumber,
            _ => Self::NotYet,
        }
    }
}
