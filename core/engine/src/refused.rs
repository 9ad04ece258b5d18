/// Why a command was refused at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not an address.
    #[error("that is no address: write it like anna@example.org")]
    BadAddress,
    /// There is no such account.
    #[error("there is no such account: add it first")]
    NoSuchAccount,
    /// The address is there already.
    #[error("that account is there already: remove it first")]
    AccountExists,
    /// There is no such call, or it is over.
    #[error("there is no such call, or it is over")]
    NoSuchCall,
    /// Digits are `0` to `9`, `*`, `#`, `A` to `D`.
    #[error("that cannot be sent as a digit: use 0 to 9, *, #, A to D")]
    NotADigit,
    /// The call is not in a state for this.
    #[error("that is not possible with this call now")]
    NotNow,
    /// A call cannot be handed over to itself.
    #[error("a call cannot be handed over to itself")]
    SameCall,
    /// Texts have a length.
    #[error("a text has 1 to {most} octets", most = cooee_phone::MAX_TEXT)]
    Length,
    /// Nobody of that name is blocked.
    #[error("nobody of that address is blocked")]
    NotBlocked,
    /// Nobody of that name is allowed to ring at any time.
    #[error("nobody of that address is allowed to ring at any time")]
    NotAllowed,
    /// More cannot be blocked.
    #[error("the list of who is blocked is full: unblock somebody first")]
    TooManyBlocked,
    /// More cannot be allowed.
    #[error("the list of who may ring at any time is full: take somebody off it first")]
    TooManyAllowed,
    /// What must be kept before it is done cannot be.
    #[error("it cannot be kept")]
    NotKept,
    /// The engine was started offline.
    #[error("this phone was started offline")]
    Offline,
    /// The engine is shutting down, or overloaded beyond reason.
    #[error("the phone is shutting down")]
    ShuttingDown,
}

impl Refused {
    /// A stable name for scripts; never changes its meaning.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::BadAddress => "bad-address",
            Self::NoSuchAccount => "no-such-account",
            Self::AccountExists => "account-exists",
            Self::NoSuchCall => "no-such-call",
            Self::NotADigit => "not-a-digit",
            Self::NotNow => "not-now",
            Self::SameCall => "same-call",
            Self::Length => "length",
            Self::NotBlocked => "not-blocked",
            Self::NotAllowed => "not-allowed",
            Self::TooManyBlocked => "too-many-blocked",
            Self::TooManyAllowed => "too-many-allowed",
            Self::NotKept => "not-kept",
            Self::Offline => "offline",
            Self::ShuttingDown => "shutting-down",
        }
    }
}
