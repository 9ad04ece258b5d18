use std::io;

use cooee_machine::{CloseReason, TlsFailure};
use rustls::{AlertDescription, CertificateError, Error, OtherError, PeerIncompatible};

use super::SignError;
use super::client::{NotPinned, NotTrusted};

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
        Error::AlertReceived(AlertDescription::ProtocolVersion) => TlsFailure::OldVersion,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => TlsFailure::OldVersion,
        Error::AlertReceived(alert) => TlsFailure::Other(in_words(*alert)),
        // `SIP/2.0 …`, `<?xml`, `HTTP/1.1`: the first octet is no TLS content type.
        Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TlsFailure::NoTls,
        Error::Other(error) if matches!(error.0.downcast_ref(), Some(SignError::Lost)) => TlsFailure::KeyLost,
        Error::Other(error) if error.0.is::<SignError>() => TlsFailure::Other(error.0.to_string()),
        other => TlsFailure::Other(other.to_string()),
    }
}

/// What the other end has to say, as far as that helps anybody.
fn in_words(alert: AlertDescription) -> String {
    use AlertDescription as A;
    match alert {
        A::HandshakeFailure | A::InsufficientSecurity => "the other end knows none of our ciphers".to_owned(),
        A::CertificateRequired | A::NoCertificate | A::BadCertificate => "the other end wants a certificate of ours".to_owned(),
        A::UnrecognisedName => "the other end has no certificate for the name that was asked for".to_owned(),
        A::AccessDenied => "the other end does not let us in".to_owned(),
        other => format!("the other end refused: {other:?}"),
    }
}

fn of_certificate(error: &CertificateError) -> TlsFailure {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => TlsFailure::Expired,
        E::NotValidForName => TlsFailure::WrongName(Vec::new()),
        E::NotValidForNameContext { presented, .. } => TlsFailure::WrongName(presented.clone()),
        E::Other(error) => of_ours(error).unwrap_or_else(|| TlsFailure::Other(format!("bad certificate: {error:?}"))),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => TlsFailure::Other("the certificate is not for servers".to_owned()),
        other => TlsFailure::Other(format!("bad certificate: {other:?}")),
    }
}

/// What our own verifier said.
fn of_ours(error: &OtherError) -> Option<TlsFailure> {
    if let Some(NotPinned(shown)) = error.0.downcast_ref() {
        return Some(TlsFailure::NotPinned(*shown));
    }
    Some(match error.0.downcast_ref()? {
        NotTrusted { shown, by_pin: false } => TlsFailure::UnknownAuthority(*shown),
        NotTrusted { shown, by_pin: true } => TlsFailure::OtherAuthority(*shown),
    })
}

/// Not signed by anything we trust: a forged copy of a known root's name gives the second, a self-signed certificate that calls itself
/// an authority the third.
pub(super) fn is_unsigned(error: &webpki::Error) -> bool {
    use webpki::Error as W;
    matches!(error, W::UnknownIssuer | W::InvalidSignatureForPublicKey | W::CaUsedAsEndEntity)
}

/// webpki's verdict as rustls's, so that the right alert is sent; rustls keeps its own mapping private.
pub(super) fn to_rustls(error: webpki::Error) -> Error {
    use webpki::Error as W;
    Error::InvalidCertificate(match error {
        W::CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        W::CertNotValidYet { time, not_before } => CertificateError::NotValidYetContext { time, not_before },
        W::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        W::CertRevoked => CertificateError::Revoked,
        W::BadDer | W::BadDerTime | W::TrailingData(_) => CertificateError::BadEncoding,
        other => CertificateError::Other(OtherError(std::sync::Arc::new(other))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_end_refuses_is_said_in_words() {
        let alert = |alert| of_rustls(&Error::AlertReceived(alert));
        assert_eq!(alert(AlertDescription::ProtocolVersion), TlsFailure::OldVersion);
        let old = Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13);
        assert_eq!(of_rustls(&old), TlsFailure::OldVersion);
        assert_eq!(alert(AlertDescription::HandshakeFailure), TlsFailure::Other("the other end knows none of our ciphers".to_owned()));
        assert_eq!(alert(AlertDescription::InternalError), TlsFailure::Other("the other end refused: InternalError".to_owned()));
    }
}
