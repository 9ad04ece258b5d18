//! Authorities by their fingerprint: which one a chain leads to, and whether that is the one that was compared.

use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::identity::{Purpose, path_is_good, sha256};

/// Of the certificates that a server shows beside its own, so many are looked at.
const LONGEST: usize = 8;

/// The SHA-256 of the topmost certificate shown that signs the chain below it; of the server's own where none does. What is merely
/// put beside, as a copy of an honest authority, is not named: people are to compare what holds the chain up.
pub(super) fn topmost(certificate: &CertificateDer<'_>, chain: &[CertificateDer<'_>], now: UnixTime) -> [u8; 32] {
    let top =
        chain.iter().take(LONGEST).rev().find(|authority| holds_up(authority, certificate, chain, now).is_ok()).unwrap_or(certificate);
    sha256(top)
}

/// Path, time and purpose, from the certificate to the authority with this fingerprint among those that are shown with it; not the name.
/// `None`: it leads to no such authority.
pub(super) fn judge(
    pin: &[u8; 32],
    certificate: &CertificateDer<'_>,
    chain: &[CertificateDer<'_>],
    now: UnixTime,
) -> Option<Result<(), webpki::Error>> {
    let is_pinned = |shown: &&CertificateDer<'_>| sha256(shown) == *pin;
    if is_pinned(&certificate) {
        return Some(is_current(certificate, now));
    }
    let authority = chain.iter().take(LONGEST).find(is_pinned)?;
    match holds_up(authority, certificate, chain, now) {
        Err(error) if super::cause::is_unsigned(&error) => None,
        judged => Some(judged),
    }
}

fn holds_up(
    authority: &CertificateDer<'_>,
    certificate: &CertificateDer<'_>,
    chain: &[CertificateDer<'_>],
    now: UnixTime,
) -> Result<(), webpki::Error> {
    let anchor = webpki::anchor_from_trusted_cert(authority)?;
    path_is_good(certificate, chain, &[anchor], Purpose::Server, now)
}

/// Of a certificate that is its own authority, webpki judges nothing.
fn is_current(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), webpki::Error> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| webpki::Error::BadDer)?;
    let seconds = |time: x509_parser::time::ASN1Time| {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0)))
    };
    let (not_before, not_after) = (seconds(parsed.validity().not_before), seconds(parsed.validity().not_after));
    if now < not_before {
        return Err(webpki::Error::CertNotValidYet { time: now, not_before });
    }
    if now > not_after { Err(webpki::Error::CertExpired { time: now, not_after }) } else { Ok(()) }
}
