use std::time::Duration;

use cooee_call::MediaProtection;
use cooee_machine::{ClientKey, Pii, Secret, ServerTrust, Transport};

/// An account to add. Only the address and the password are needed; the rest is discovered.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// `anna@example.org`.
    pub address: Pii<String>,
    /// Its password; kept by the platform, never in the database.
    pub password: Secret,
    /// Whatever is not as usual.
    pub options: AccountOptions,
}

impl NewAccount {
    /// An account that needs nothing but its address and password.
    pub fn new(address: impl Into<String>, password: Secret) -> Self {
        Self { address: Pii(address.into()), password, options: AccountOptions::default() }
    }
}

/// What people, providers and exchanges rightly differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOptions {
    /// The name in credentials where it is not the address's user part.
    pub auth_user: Option<Pii<String>>,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// `host` or `host:port`: where to connect to, in place of the address's domain.
    pub proxy: Option<String>,
    /// The only transport to use; `None`: TLS.
    pub transport: Option<Transport>,
    /// Whom to believe about who the server is.
    pub trust: ServerTrust,
    /// By what this device proves itself to the server, beside a password or in place of it: an empty one is none.
    pub key: Option<ClientKey>,
    /// How the sound of its calls is to be protected.
    pub protection: MediaProtection,
    /// `host` or `host:port` of the STUN server, in place of those that the domain publishes.
    pub stun_server: Option<String>,
    /// How long a registration is to last, in whole seconds; the server decides. `None`: an hour.
    pub expires: Option<Duration>,
    /// Take calls, not only make them.
    pub register: bool,
    /// Telephone numbers are dialled over it.
    pub numbers: bool,
    /// Its server connects every phone by TLS and lets nobody call under another's name: keys may travel through it (SDES).
    pub tls_throughout: bool,
    /// Calls whom its exchange asks us to call, without asking the person; over TLS only.
    pub follow_transfers: bool,
}

impl Default for AccountOptions {
    fn default() -> Self {
        Self {
            auth_user: None,
            display_name: None,
            proxy: None,
            transport: None,
            trust: ServerTrust::default(),
            key: None,
            protection: MediaProtection::default(),
            stun_server: None,
            expires: None,
            register: true,
            numbers: false,
            tls_throughout: false,
            follow_transfers: false,
        }
    }
}
