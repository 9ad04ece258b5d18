//! TLS with one provider, ring: whom we trust, who a peer is, what went wrong.

mod authority;
mod cause;
mod certificate;
mod client;
mod client_key;
mod identity;
mod server;
mod trust;

pub(crate) use cause::failure;
pub(crate) use client::{authority_config, client_config, host_config, pinned_config};
pub(crate) use identity::{sip_domains, valid_until};
pub(crate) use server::{judge, server_config};

pub(crate) use client_key::{held_elsewhere, not_signed};

pub use certificate::{Certificate, CertificateError};
pub use client_key::{SignError, Signer, sign_by_pem};
pub use identity::sha256;
pub use trust::{Trust, TrustError};

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// The one provider, always named: rustls panics at run time where it must guess between two.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
