use cooee_call as core;

/// Why the account's server does not let us in.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LoginTrouble {
    /// It asked for proof and ours was wrong.
    WrongPassword,
    /// Whoever is called, or a server on the way, asked for proof that is for the own server alone, and got none.
    Withheld,
    /// This device does not have the password any more, or cannot read it: give it again.
    PasswordLost,
    /// The key that this device proves itself by is lost: sign in again.
    KeyLost,
    /// It knows no such user.
    UnknownUser,
    /// It forbids.
    Forbidden,
    /// It refuses otherwise.
    Other {
        /// SIP status.
        status: u16,
        /// The server's words.
        text: String,
    },
}

/// Why the certificate of the account's server cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TlsTrouble {
    /// Signed by nobody we trust.
    UnknownAuthority {
        /// The SHA-256 of the authority that signed it, of those the server showed, in hexadecimal; its own where it showed none. To be
        /// compared with the server's owner before [`Phone::trust_authority`](crate::Phone::trust_authority). Old lines lack it.
        shown: Option<String>,
    },
    /// Signed by another authority than the one that was named for this account: by this one.
    OtherAuthority {
        /// As for `UnknownAuthority`.
        shown: String,
    },
    /// Past its end, or not yet valid.
    Expired,
    /// Made for other names.
    WrongName {
        /// These, separated by `, `.
        names: String,
    },
    /// It is not the one that was pinned.
    NotPinned {
        /// The SHA-256 of the one that was shown, in hexadecimal.
        shown: String,
    },
    /// It has no version of TLS from 1.2 on.
    OldVersion,
    /// It takes the connection and says nothing that is TLS.
    NoTls,
    /// The handshake failed otherwise.
    Other {
        /// The TLS library's words.
        text: String,
    },
}

/// Why the account's server cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NetworkTrouble {
    /// Nobody listens there.
    Refused,
    /// No connection in time.
    Timeout,
    /// Connected, but it answers nothing.
    Silent,
    /// The domain has no address.
    NoAddress {
        /// The account's domain.
        domain: String,
    },
    /// The domain could not be looked up.
    Dns {
        /// Why.
        text: String,
    },
    /// This device has no network, or the network says no.
    Network {
        /// The system's words.
        text: String,
    },
}

/// Why a pointer to another address was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RedirectTrouble {
    /// It named no address that can be called.
    Nowhere,
    /// It led from one address to the next, more often than is followed.
    TooMany,
    /// It led back to an address that had been tried.
    Loop,
    /// It led from a `sips:` address to one that may be called without encryption.
    Insecure,
    /// It led from somebody of another domain to a telephone number, which may cost.
    Number,
    /// It led to an emergency number, which no account carries.
    Emergency,
}

/// Why there is no sound.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MediaTrouble {
    /// No path between the two.
    NoPath,
    /// The peer named no place to send to.
    NoAddress,
    /// The keys could not be agreed in time.
    Handshake,
    /// The peer's certificate is not the one that signalling announced.
    Fingerprint,
    /// No common way to encrypt.
    NoCommonCipher,
    /// This phone could not open a socket.
    NoSocket {
        /// The system's words.
        text: String,
    },
    /// This phone's cryptography refused its work, or too many answers came.
    Internal,
    /// The media stayed undecided for too long.
    Timeout,
}

impl From<core::LoginTrouble> for LoginTrouble {
    fn from(trouble: core::LoginTrouble) -> Self {
        match trouble {
            core::LoginTrouble::WrongPassword => Self::WrongPassword,
            core::LoginTrouble::Withheld => Self::Withheld,
            core::LoginTrouble::PasswordLost => Self::PasswordLost,
            core::LoginTrouble::KeyLost => Self::KeyLost,
            core::LoginTrouble::UnknownUser => Self::UnknownUser,
            core::LoginTrouble::Forbidden => Self::Forbidden,
            core::LoginTrouble::Other { status, text } => Self::Other { status, text },
        }
    }
}

impl From<core::TlsTrouble> for TlsTrouble {
    fn from(trouble: core::TlsTrouble) -> Self {
        match trouble {
            core::TlsTrouble::UnknownAuthority { shown } => Self::UnknownAuthority { shown },
            core::TlsTrouble::OtherAuthority { shown } => Self::OtherAuthority { shown },
            core::TlsTrouble::Expired => Self::Expired,
            core::TlsTrouble::WrongName { names } => Self::WrongName { names },
            core::TlsTrouble::NotPinned { shown } => Self::NotPinned { shown },
            core::TlsTrouble::OldVersion => Self::OldVersion,
            core::TlsTrouble::NoTls => Self::NoTls,
            core::TlsTrouble::Other { text } => Self::Other { text },
        }
    }
}

impl From<core::NetworkTrouble> for NetworkTrouble {
    fn from(trouble: core::NetworkTrouble) -> Self {
        match trouble {
            core::NetworkTrouble::Refused => Self::Refused,
            core::NetworkTrouble::Timeout => Self::Timeout,
            core::NetworkTrouble::Silent => Self::Silent,
            core::NetworkTrouble::NoAddress { domain } => Self::NoAddress { domain },
            core::NetworkTrouble::Dns { text } => Self::Dns { text },
            core::NetworkTrouble::Network { text } => Self::Network { text },
        }
    }
}

impl From<core::RedirectTrouble> for RedirectTrouble {
    fn from(trouble: core::RedirectTrouble) -> Self {
        match trouble {
            core::RedirectTrouble::Nowhere => Self::Nowhere,
            core::RedirectTrouble::TooMany => Self::TooMany,
            core::RedirectTrouble::Loop => Self::Loop,
            core::RedirectTrouble::Insecure => Self::Insecure,
            core::RedirectTrouble::Number => Self::Number,
            core::RedirectTrouble::Emergency => Self::Emergency,
        }
    }
}

impl From<core::MediaTrouble> for MediaTrouble {
    fn from(trouble: core::MediaTrouble) -> Self {
        match trouble {
            core::MediaTrouble::NoPath => Self::NoPath,
            core::MediaTrouble::NoAddress => Self::NoAddress,
            core::MediaTrouble::Handshake => Self::Handshake,
            core::MediaTrouble::Fingerprint => Self::Fingerprint,
            core::MediaTrouble::NoCommonCipher => Self::NoCommonCipher,
            core::MediaTrouble::NoSocket { text } => Self::NoSocket { text },
            core::MediaTrouble::Internal => Self::Internal,
            core::MediaTrouble::Timeout => Self::Timeout,
        }
    }
}
