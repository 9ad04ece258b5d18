//! The server's half. Any client may come, with any certificate or none; the handshake proves only that it holds the key.
//! Who it is, is judged after every handshake, so also after a resumption, with today's clock and roots.

use std::sync::Arc;

use cooee_machine::PeerIdentity;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

use super::identity::{Purpose, path_is_good, sha256, sip_domains, valid_until};
use super::{Certificate, Trust};

#[derive(Debug)]
struct AnyPeer(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyPeer {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// Empty: with hints, clients offer a certificate only if one of the named authorities issued it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(&self, _: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// Asks for a client certificate and takes any or none.
pub(crate) fn server_config(own: Arc<Certificate>) -> Result<Arc<ServerConfig>, Error> {
    let provider = super::provider();
    let peer = Arc::new(AnyPeer(provider.signature_verification_algorithms));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(peer)
        .with_cert_resolver(own);
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// Who came: the domains of a certificate whose path is good, else nobody.
pub(crate) fn judge(trust: &Trust, chain: Option<&[CertificateDer<'_>]>, now: UnixTime) -> PeerIdentity {
    let Some((certificate, rest)) = chain.and_then(<[_]>::split_first) else { return PeerIdentity::default() };
    let domains = match path_is_good(certificate, rest, &trust.roots().roots, Purpose::Peer, now) {
        Ok(()) => sip_domains(certificate),
        Err(error) => {
            tracing::debug!(%error, "a peer's certificate proves nothing");
            Vec::new()
        }
    };
    PeerIdentity { domains, fingerprint: Some(sha256(certificate)), valid_until: valid_until(certificate), ..PeerIdentity::default() }
}
