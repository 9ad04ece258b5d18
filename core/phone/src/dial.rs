use std::time::Duration;

use cooee_call::{EndReason, Side};
use cooee_machine::Pii;

use crate::AccountId;
#[cfg(doc)]
use crate::Command;

/// A number that was looked up, and what came of it was no call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedUp {
    /// Which, by [`Address::canonical`](crate::Address::canonical).
    pub address: Pii<String>,
    /// Who would have called.
    pub account: Option<AccountId>,
    /// When it was dialled, since the Unix epoch.
    pub begun: Duration,
    /// How long after that it was over.
    pub took: Duration,
    /// How many addresses it was found to have.
    pub found: u32,
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
    /// An emergency number: the ordinary dialler's, at once.
    #[error("this is an emergency number")]
    Emergency,
    /// A number that nobody here takes: the ordinary dialler's.
    #[error("no way over the Internet to this number is known")]
    OrdinaryDialler,
    /// What this domain says of the number bears wrong signatures (DNSSEC): it was not used, and there is no other way.
    #[error("what {0} says of this number was not used: its signatures are wrong")]
    WrongSignatures(String),
    /// An address that this version cannot call.
    #[error("such addresses cannot be called with this version")]
    NotYet,
    /// It was given up before there was a call.
    #[error("it was given up")]
    GivenUp,
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
            Self::BadAddress => EndReason::BadAddress,
            Self::NoAccount => EndReason::NoAccount,
            Self::Emergency => EndReason::Emergency,
            Self::OrdinaryDialler => EndReason::OrdinaryDialler,
            Self::WrongSignatures(domain) => EndReason::WrongSignatures { domain: domain.clone() },
            Self::NotYet => EndReason::NotYet,
            Self::GivenUp => EndReason::Cancelled(Side::Us),
            Self::NotSecure => EndReason::SecurityRefused,
            Self::CallExists => EndReason::Overload,
            Self::ShuttingDown => EndReason::ShutDown,
        }
    }
}
