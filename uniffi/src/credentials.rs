use cooee_machine::Secret;

use crate::Refused;

/// How somebody shows that an account is theirs. Never printed.
#[derive(Clone, uniffi::Enum)]
pub enum Credentials {
    /// By a password.
    Password {
        /// Kept by the platform, never in a database.
        password: String,
    },
    /// By an invitation of the server's family.
    Invite {
        /// As it was scanned or pasted.
        link: String,
    },
    /// As a guest of that domain.
    Guest {
        /// The domain that takes guests.
        domain: String,
    },
    /// By a key that never leaves the platform's key store.
    ClientKey {
        /// Its name there.
        key: String,
    },
}

impl Credentials {
    /// The password, where that is what they are; else this version cannot use them.
    pub(crate) fn into_password(self) -> Result<Secret, Refused> {
        match self {
            Self::Password { password } => Ok(Secret::new(password)),
            Self::Invite { .. } | Self::Guest { .. } | Self::ClientKey { .. } => Err(Refused::NotYet),
        }
    }
}
