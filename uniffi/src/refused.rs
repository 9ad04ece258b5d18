use cooee_engine::Refused as EngineRefused;

/// Why a command was refused at once. Nothing has happened then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not an address.
    #[error("that is no address: write it like anna@example.org")]
    BadAddress,
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The address is there already.
    #[error("that account is there already")]
    AccountExists,
    /// There is no such call, or it is over.
    #[error("there is no such call, or it is over")]
    NoSuchCall,
    /// Digits are `0` to `9`, `*`, `#`, `A` to `D`.
    #[error("that cannot be sent as a digit")]
    NotADigit,
    /// The call is not in a state for this: it is not among its allowed actions.
    #[error("that is not possible with this call now")]
    NotNow,
    /// A call cannot be handed over to itself.
    #[error("a call cannot be handed over to itself")]
    SameCall,
    /// Texts have 1 to 900 octets; a page has at most 100 lines.
    #[error("that is too long or empty")]
    Length,
    /// Nobody of that name is blocked.
    #[error("nobody of that address is blocked")]
    NotBlocked,
    /// Nobody of that name is allowed to ring at any time.
    #[error("nobody of that address is allowed to ring at any time")]
    NotAllowed,
    /// More cannot be blocked.
    #[error("the list of who is blocked is full")]
    TooManyBlocked,
    /// More cannot be allowed.
    #[error("the list of who may ring at any time is full")]
    TooManyAllowed,
    /// There is no such country.
    #[error("there is no such region: write it like CH")]
    BadRegion,
    /// Not a domain.
    #[error("that is no domain: write it like example.org")]
    BadDomain,
    /// No key of theirs is known, or it is another one by now.
    #[error("there is no such key to compare")]
    NoSuchKey,
    /// A pin or fingerprint is the SHA-256 of a certificate: 32 octets, or 64 hexadecimal digits.
    #[error("a fingerprint has 32 octets")]
    BadPin,
    /// A client key has a name of letters, digits, `-` and `.`, and certificates.
    #[error("that is no key that could prove anything")]
    BadKey,
    /// This version cannot do that yet.
    #[error("this version cannot do that yet")]
    NotYet,
    /// Somebody waits for the next event already; there is one consumer.
    #[error("somebody else waits for events already")]
    AnotherListens,
    /// What is stored cannot be read or written.
    #[error("what is stored here cannot be read or written")]
    Storage,
    /// The phone is shutting down, or overloaded beyond reason.
    #[error("the phone is shutting down")]
    ShuttingDown,
    /// Something broke in here, and the phone goes on. Worth a report.
    #[error("something broke inside the phone")]
    Broken,
}

impl From<EngineRefused> for Refused {
    fn from(refused: EngineRefused) -> Self {
        match refused {
            EngineRefused::BadAddress => Self::BadAddress,
            EngineRefused::NoSuchAccount => Self::NoSuchAccount,
            EngineRefused::AccountExists => Self::AccountExists,
            EngineRefused::NoSuchCall => Self::NoSuchCall,
            EngineRefused::NotADigit => Self::NotADigit,
            EngineRefused::NotNow => Self::NotNow,
            EngineRefused::SameCall => Self::SameCall,
            EngineRefused::Length => Self::Length,
            EngineRefused::NotBlocked => Self::NotBlocked,
            EngineRefused::NotAllowed => Self::NotAllowed,
            EngineRefused::TooManyBlocked => Self::TooManyBlocked,
            EngineRefused::TooManyAllowed => Self::TooManyAllowed,
            EngineRefused::NotKept => Self::Storage,
            EngineRefused::ShuttingDown => Self::ShuttingDown,
            _ => Self::Broken,
        }
    }
}

impl From<cooee_engine::StoreError> for Refused {
    fn from(error: cooee_engine::StoreError) -> Self {
        if error == cooee_engine::StoreError::Closed {
            return Self::ShuttingDown;
        }
        tracing::warn!(%error, "what is stored cannot be used");
        Self::Storage
    }
}

/// Why a phone does not start. Nothing keeps running then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What is stored cannot be used.
    #[error("what is stored cannot be used: {text}")]
    Storage {
        /// Why and what to do, for a report.
        text: String,
    },
    /// The platform does not lend what is needed.
    #[error("this device does not lend what is needed: {text}")]
    Platform {
        /// Why, for a report.
        text: String,
    },
    /// TLS, certificates, sound, threads.
    #[error("this device has no room for a phone: {text}")]
    System {
        /// Why, for a report.
        text: String,
    },
    /// A region is the code of a country, e.g. `CH`.
    #[error("there is no such region")]
    BadRegion,
    /// A DNS server is an address, or `tls://` or `https://` and a name.
    #[error("there is no such DNS server")]
    BadDnsServer,
    /// The files that stand in for sound cannot be used.
    #[error("the sound files cannot be used: {text}")]
    Sound {
        /// Why, for a report.
        text: String,
    },
}

impl From<cooee_engine::StartError> for StartError {
    fn from(error: cooee_engine::StartError) -> Self {
        use cooee_engine::StartError as Engine;
        let text = error.to_string();
        match error {
            Engine::Store(_) => Self::Storage { text },
            Engine::Platform(_) => Self::Platform { text },
            _ => Self::System { text },
        }
    }
}
