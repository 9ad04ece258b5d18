//! The client's half: proves that the server speaks for the dialled SIP domain, not for the host that DNS named.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::Trust;
use super::authority::{self, topmost};
use super::cause::{is_unsigned, to_rustls};
use super::certificate::Certificate;
use super::identity::{Purpose, path_is_good, sha256, sip_domains, speaks_for};

/// What a server's certificate must be.
#[derive(Debug)]
enum Wanted {
    /// Signed by one of these, valid, and for the dialled domain.
    SignedBy(Trust),
    /// Signed by the authority with this SHA-256 of its DER, valid, and for the dialled domain.
    SignedByPinned([u8; 32]),
    /// This one, by the SHA-256 of its DER.
    Pinned([u8; 32]),
}

#[derive(Debug)]
struct SpeaksForDomain {
    wanted: Wanted,
    algorithms: WebPkiSupportedAlgorithms,
}

/// The certificate shown is not the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("another certificate than the pinned one")]
pub(super) struct NotPinned(pub(super) [u8; 32]);

/// The chain ends at nobody trusted.
#[derive(Debug, thiserror::Error)]
#[error("signed by nobody we trust")]
pub(super) struct NotTrusted {
    /// The SHA-256 of the topmost certificate that holds the chain up.
    pub(super) shown: [u8; 32],
    /// One authority was named, by its SHA-256.
    pub(super) by_pin: bool,
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    CertificateError::Other(OtherError(Arc::new(error))).into()
}

impl ServerCertVerifier for SpeaksForDomain {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let not_trusted = |by_pin| other(NotTrusted { shown: topmost(certificate, chain, now), by_pin });
        match &self.wanted {
            Wanted::SignedBy(trust) => match path_is_good(certificate, chain, &trust.roots().roots, Purpose::Server, now) {
                Err(error) if is_unsigned(&error) => return Err(not_trusted(false)),
                judged => judged.map_err(to_rustls)?,
            },
            Wanted::SignedByPinned(pin) => {
                authority::judge(pin, certificate, chain, now).ok_or_else(|| not_trusted(true))?.map_err(to_rustls)?;
            }
            Wanted::Pinned(pin) => {
                let shown = sha256(certificate);
                return if shown == *pin { Ok(ServerCertVerified::assertion()) } else { Err(other(NotPinned(shown))) };
            }
        }
        let presented = sip_domains(certificate);
        if !speaks_for(&presented, &name.to_str()) {
            return Err(CertificateError::NotValidForNameContext { expected: name.to_owned(), presented }.into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// `own`: what we show to a server that asks for it.
///
/// No ALPN: none is registered for SIP. No resumption: a resumed session skips the verifier, and an expired or withdrawn
/// certificate would live on as long as its tickets; a full handshake costs a tenth of a millisecond.
pub(crate) fn client_config(trust: Trust, own: Option<Arc<Certificate>>) -> Result<Arc<ClientConfig>, Error> {
    config(Wanted::SignedBy(trust), own)
}

/// As [`client_config`], for a server of whom one authority is believed, by its fingerprint.
pub(crate) fn authority_config(pin: [u8; 32], own: Option<Arc<Certificate>>) -> Result<Arc<ClientConfig>, Error> {
    config(Wanted::SignedByPinned(pin), own)
}

/// As [`client_config`], for a server whose very certificate is known.
pub(crate) fn pinned_config(pin: [u8; 32], own: Option<Arc<Certificate>>) -> Result<Arc<ClientConfig>, Error> {
    config(Wanted::Pinned(pin), own)
}

/// For servers that are no SIP domains: the certificate must be for the name that is asked for, wildcards count (RFC 6125 6.4.3).
pub(crate) fn host_config(trust: &Trust, protocols: &[&[u8]]) -> Result<Arc<ClientConfig>, Error> {
    let builder = ClientConfig::builder_with_provider(super::provider()).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(trust.shared()).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn config(wanted: Wanted, own: Option<Arc<Certificate>>) -> Result<Arc<ClientConfig>, Error> {
    let provider = super::provider();
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(SpeaksForDomain { wanted, algorithms }));
    let mut config = match own {
        Some(own) => builder.with_client_cert_resolver(own),
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}
