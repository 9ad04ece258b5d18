use cooee_engine::SecretName;
use cooee_machine::{ClientKey, Secret};

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
        /// Its name there: letters, digits, `-` and `.`, at most 64. A key for ECDSA with P-256.
        key: String,
        /// The certificate that the server's family issued for it, then those that lead to its authority; as DER.
        certificates: Vec<Vec<u8>>,
    },
}

impl Credentials {
    /// The password, or the key in place of one.
    pub(crate) fn into_engine(self) -> Result<(Secret, Option<ClientKey>), Refused> {
        match self {
            Self::Password { password } => Ok((Secret::new(password), None)),
            Self::ClientKey { key, certificates } => {
                let is_usable = SecretName::client_key(&key).is_some() && !certificates.is_empty();
                if is_usable {
                    Ok((Secret::new(String::new()), Some(ClientKey { name: key, chain: certificates })))
                } else {
                    Err(Refused::BadKey)
                }
            }
            Self::Invite { .. } | Self::Guest { .. } => Err(Refused::NotYet),
        }
    }
}
