use std::time::Duration;

use cooee_call::MediaPreferences;
use cooee_machine::{ClientKey, Pii, Secret, ServerTrust, Transport};

/// One account of a person with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// `anna@example.org`; with `sip:` or `sips:` before it also good.
    pub address: Pii<String>,
    /// The name in digest credentials where it is not the address's user part.
    pub auth_user: Option<Pii<String>>,
    /// The password.
    pub password: Secret,
    /// Shown to the people called.
    pub display_name: Option<Pii<String>>,
    /// `host`, `host:port`, `sip:host;transport=tcp`: where to connect to, in place of the address's domain. A TLS certificate
    /// must then name this host.
    pub proxy: Option<String>,
    /// The only transport to use. `None`: TLS. UDP and TCP are used only when said here (or in `proxy`), never fallen back to.
    pub transport: Option<Transport>,
    /// Whom to believe about who the server is.
    pub trust: ServerTrust,
    /// By what this device proves itself to the server, where it asks for that.
    pub key: Option<ClientKey>,
    /// `host` or `host:port` of a STUN server, in place of those that the domain publishes. For a bare address the port is 3478.
    pub stun_server: Option<String>,
    /// Its server (a provider, an exchange) takes telephone numbers: they are dialled over it.
    pub numbers: bool,
    /// By the person's word its server connects every phone of the domain by TLS and lets nobody call under another's name: keys may
    /// travel through it in descriptions (SDES), and count as encrypted to the servers.
    pub tls_throughout: bool,
    /// Whom its server asks us to call instead (RFC 3515) is called without asking the person, where the way there is TLS. For an
    /// exchange that hands its own calls over and passes no caller's REFER on.
    pub follow_transfers: bool,
    /// How long a registration is asked for, in whole seconds; the server decides. `None`: an hour.
    pub expires: Option<Duration>,
    /// Take calls, not only make them.
    pub register: bool,
    /// This device for ever, `urn:uuid:…` (RFC 5626 4.1).
    pub instance: String,
    /// What is allowed and preferred for the sound.
    pub media: MediaPreferences,
}

impl AccountConfig {
    /// An account that needs nothing but its address and password: TLS to the address's domain, registered, encrypted calls only.
    pub fn new(address: impl Into<String>, password: Secret, instance: impl Into<String>) -> Self {
        Self {
            address: Pii(address.into()),
            auth_user: None,
            password,
            display_name: None,
            proxy: None,
            transport: None,
            trust: ServerTrust::default(),
            key: None,
            stun_server: None,
            numbers: false,
            tls_throughout: false,
            follow_transfers: false,
            expires: None,
            register: true,
            instance: instance.into(),
            media: MediaPreferences::default(),
        }
    }
}
