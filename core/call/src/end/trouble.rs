use cooee_machine::{TlsFailure, hexadecimal};
use cooee_rtc::MediaFailure;

/// One of the two sides of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// This phone, or its owner.
    Us,
    /// The other one.
    Peer,
}

/// Whose fault it is that a call did not come about or did not last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// This phone's: its owner can do something about it.
    Ours,
    /// The other phone's.
    Theirs,
    /// The other side's server.
    TheirServer,
    /// The account's own server.
    OurServer,
    /// What lies between.
    Network,
    /// Calls end.
    Nobody,
}

/// Why the account's server does not let us in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoginTrouble {
    /// It asked for proof and ours was wrong.
    WrongPassword,
    /// Whoever is called, or a server on the way, asked for proof that is for the own server alone, and got none.
    Withheld,
    /// This device does not have the password any more, or cannot read it.
    PasswordLost,
    /// The key that this device proves itself by is lost.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TlsTrouble {
    /// Signed by nobody we trust.
    UnknownAuthority {
        /// The SHA-256 of the authority that signed it, of those the server showed, in hexadecimal; its own where it showed none. What was
        /// kept by earlier versions lacks it.
        shown: Option<String>,
    },
    /// Signed by another authority than the one that was named, by its fingerprint, for this account: by this one.
    OtherAuthority {
        /// As for [`TlsTrouble::UnknownAuthority`].
        shown: String,
    },
    /// Past its end, or not yet valid.
    Expired,
    /// Made for other names: these.
    WrongName {
        /// Separated by `, `.
        names: String,
    },
    /// It is not the one that was pinned, but this one.
    NotPinned {
        /// The SHA-256 of its DER, in hexadecimal.
        shown: String,
    },
    /// It has no version of TLS from 1.2 on.
    OldVersion,
    /// It takes the connection and says nothing, or nothing that is TLS.
    NoTls,
    /// The handshake failed otherwise.
    Other {
        /// The TLS library's words.
        text: String,
    },
}

impl From<&TlsFailure> for TlsTrouble {
    fn from(failure: &TlsFailure) -> Self {
        match failure {
            TlsFailure::UnknownAuthority(shown) => Self::UnknownAuthority { shown: Some(hexadecimal(shown)) },
            TlsFailure::OtherAuthority(shown) => Self::OtherAuthority { shown: hexadecimal(shown) },
            TlsFailure::Expired => Self::Expired,
            TlsFailure::OldVersion => Self::OldVersion,
            TlsFailure::NoTls => Self::NoTls,
            // An account says so otherwise; calls of it end as its log-in does.
            TlsFailure::KeyLost => Self::Other { text: "this device has lost its key".to_owned() },
            TlsFailure::WrongName(names) => Self::WrongName { names: names.join(", ") },
            TlsFailure::NotPinned(shown) => Self::NotPinned { shown: hexadecimal(shown) },
            TlsFailure::Other(text) => Self::Other { text: text.clone() },
        }
    }
}

/// Why the account's server cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

impl From<MediaFailure> for MediaTrouble {
    fn from(failure: MediaFailure) -> Self {
        match failure {
            MediaFailure::NoAddress => Self::NoAddress,
            MediaFailure::Handshake => Self::Handshake,
            MediaFailure::Fingerprint => Self::Fingerprint,
            MediaFailure::NoSrtpProfile => Self::NoCommonCipher,
            MediaFailure::TooManySessions | MediaFailure::Crypto => Self::Internal,
            // Consent that expires is no path any more; the call tells it apart once it was active.
            _ => Self::NoPath,
        }
    }
}
