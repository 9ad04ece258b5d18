use cooee_call::EndReason;

#[cfg(doc)]
use crate::Command;

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
            Self::BadAddress | Self::NoAccount => EndReason::BadAddress,
            Self::NotSecure => EndReason::SecurityRefused,
            Self::CallExists => EndReason::Overload,
            Self::ShuttingDown => EndReason::ShutDown,
        }
    }
}
