//! What the operating system lends: UDP, TCP, TLS, DNS, interfaces, and the one loop that drives any machine.
//!
//! [`Driver`] performs a machine's [`Action`](cooee_machine::Action)s and yields [`Event`](cooee_machine::Event)s;
//! [`drive`] runs a machine on it. [`Listeners`] open a server's doors, [`Trust`] and [`Certificate`] say who is who,
//! [`Resolver`] asks the DNS. Everything runs on tokio, one thread is enough.
#![forbid(unsafe_code)]

mod alarm;
mod clock;
mod dns;
mod drive;
mod driver;
mod files;
mod interfaces;
mod tls;

pub use clock::{now, seed, since_boot};
pub use dns::{
    DnsObserver, DnsServer, DnsServerError, DnsServers, EncryptedServer, Overrides, RawAnswer, RawDns, Resolver, ResolverConfig,
};
pub use drive::{Feed, Step, drive};
pub use driver::{Driver, DriverConfig, DriverError, Incoming, Limits, ListenConfig, ListenError, Listeners};
pub use files::raise_file_limit;
pub use interfaces::{InterfaceWatch, interfaces};
pub use tls::{Certificate, CertificateError, SignError, Signer, Trust, TrustError, sha256, sign_by_pem};
