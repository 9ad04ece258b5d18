use crate::NoAddress;

/// Why one record of an ENUM answer is of no use. The others are looked at all the same (RFC 6116 5.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleFault {
    /// None of its services is one to call by, e.g. `E2U+email:mailto`.
    #[error("it is not for calls")]
    Service,
    /// A flag other than `u`, which no terminal ENUM rule has.
    #[error("its flag is not known")]
    Flag,
    /// Not `!expression!replacement!`.
    #[error("it is no substitution expression")]
    Shape,
    /// The expression means nothing in POSIX, or another thing.
    #[error("its expression is no POSIX extended regular expression")]
    Dialect,
    /// The expression, or what it makes, is too large.
    #[error("its expression is too large")]
    TooLarge,
    /// It does not apply to this number.
    #[error("it does not apply to the number")]
    NoMatch,
    /// What it makes is no address, or not of the kind that the service promises.
    #[error("what it makes is no such address: {0}")]
    Address(NoAddress),
    /// It leads on to a name that was asked before, or too far.
    #[error("it leads in a circle")]
    Circle,
}
