use std::io;

use cooee_machine::{CloseReason, TlsFailure};
use rustls::{CertificateError, Error};

use super::client::NotPinned;

/// Why a handshake or a read failed: tokio-rustls hands out `io::Error` with rustls's own error inside.
pub(crate) fn failure(error: &io::Error) -> CloseReason {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return CloseReason::Tls(of_rustls(error));
    }
    match error.kind() {
        // A close without close_notify: SIP is framed, so nothing can have been cut off unseen.
        io::ErrorKind::UnexpectedEof => CloseReason::ByPeer,
        io::ErrorKind::ConnectionRefused => CloseReason::Refused,
        io::ErrorKind::TimedOut => CloseReason::Timeout,
        _ => CloseReason::Network(error.to_string()),
    }
}

fn of_rustls(error: &Error) -> TlsFailure {
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::AlertReceived(alert) => TlsFailure::Other(format!("the other end refused: {alert:?}")),
        // `SIP/2.0 …`, `<?xml`, `HTTP/1.1`: the first octet is no TLS content type.
        Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            TlsFailure::Other("the other end does not speak TLS on this port".to_owned())
        }
        other => TlsFailure::Other(other.to_string()),
    }
}

fn of_certificate(error: &CertificateError) -> TlsFailure {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => TlsFailure::Expired,
        E::UnknownIssuer => TlsFailure::UnknownAuthority,
        E::NotValidForName => TlsFailure::WrongName(Vec::new()),
        E::NotValidForNameContext { presented, .. } => TlsFailure::WrongName(presented.clone()),
        E::Other(error) if error.0.is::<NotPinned>() => {
            TlsFailure::NotPinned(error.0.downcast_ref::<NotPinned>().map(|shown| shown.0).unwrap_or_default())
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => TlsFailure::Other("the certificate is not for servers".to_owned()),
        other => TlsFailure::Other(format!("bad certificate: {other:?}")),
    }
}

/// webpki's verdict as rustls's, so that the right alert is sent; rustls keeps its own mapping private.
pub(super) fn to_rustls(error: webpki::Error) -> Error {
    use webpki::Error as W;
    Error::InvalidCertificate(match error {
        W::CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        W::CertNotValidYet { time, not_before } => CertificateError::NotValidYetContext { time, not_before },
        // All mean "not signed by anything we trust": a forged copy of a known root's name gives the second, a
        // self-signed certificate that calls itself an authority the third.
        W::UnknownIssuer | W::InvalidSignatureForPublicKey | W::CaUsedAsEndEntity => CertificateError::UnknownIssuer,
        W::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        W::CertRevoked => CertificateError::Revoked,
        W::BadDer | W::BadDerTime | W::TrailingData(_) => CertificateError::BadEncoding,
        other => CertificateError::Other(rustls::OtherError(std::sync::Arc::new(other))),
    })
}
