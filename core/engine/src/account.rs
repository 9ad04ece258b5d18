use cooee_machine::{Pii, Secret, Transport};

/// An account to add. Only the address and the password are needed; the rest is discovered.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Its password; kept by the platform, never in the database.
    pub password: Secret,
    /// The name in credentials where it is not the address's user part.
    pub auth_user: Option<Pii<String>>,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// `host` or `host:port`: where to connect to, in place of the address's domain.
    pub proxy: Option<String>,
    /// The only transport to use; `None`: TLS.
    pub transport: Option<Transport>,
}

impl NewAccount {
    /// An account that needs nothing but its address and password.
    pub fn new(address: impl Into<String>, password: Secret) -> Self {
        Self { address: Pii(address.into()), password, auth_user: None, display_name: None, proxy: None, transport: None }
    }
}
