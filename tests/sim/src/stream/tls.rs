use std::collections::BTreeSet;
use std::time::Duration;

use cooee_machine::{PeerIdentity, TlsFailure};

use crate::clock::Clock;

/// Who signs certificates. Two of one name are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authority(pub String);

impl Authority {
    /// The one that every host trusts from the start.
    #[must_use]
    pub fn well_known() -> Self {
        Self("well-known".to_owned())
    }
}

/// What a host shows in TLS handshakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SIP domains it stands for (RFC 5922 7.1).
    pub domains: Vec<String>,
    /// Who signed it.
    pub issuer: Authority,
    /// First moment it holds, since the Unix epoch.
    pub not_before: Duration,
    /// Last moment it holds, since the Unix epoch.
    pub not_after: Duration,
}

impl Certificate {
    /// By the well-known authority, from a day before the world's beginning to 90 days after.
    #[must_use]
    pub fn new(domains: &[&str]) -> Self {
        let day = Duration::from_secs(86_400);
        Self {
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            issuer: Authority::well_known(),
            not_before: Clock::CALENDAR_START - day,
            not_after: Clock::CALENDAR_START + day * 90,
        }
    }

    /// Signed by someone else.
    #[must_use]
    pub fn by(self, issuer: &str) -> Self {
        Self { issuer: Authority(issuer.to_owned()), ..self }
    }

    /// Past its end since an hour before the world began.
    #[must_use]
    pub fn expired(self) -> Self {
        Self { not_after: Clock::CALENDAR_START - Duration::from_secs(3600), ..self }
    }

    /// A stand-in for the SHA-256 of its octets: FNV-1a over what it says, spread to 32 octets.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let text = format!("{self:?}");
        let mut print = [0; 32];
        for (lane, octets) in print.chunks_exact_mut(8).enumerate() {
            let start = 0xcbf2_9ce4_8422_2325_u64 ^ lane as u64;
            let hash = text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
            octets.copy_from_slice(&hash.to_be_bytes());
        }
        print
    }
}

/// Whom a host believes.
#[derive(Clone, Debug)]
pub struct TrustStore {
    /// Authorities it trusts.
    pub authorities: BTreeSet<Authority>,
}

impl Default for TrustStore {
    fn default() -> Self {
        Self { authorities: BTreeSet::from([Authority::well_known()]) }
    }
}

impl TrustStore {
    /// What the handshake with a server that shows `certificate` comes to, having dialled `domain`, at `unix`.
    pub(crate) fn verify(&self, certificate: &Certificate, domain: &str, unix: Duration) -> Result<PeerIdentity, TlsFailure> {
        if !self.authorities.contains(&certificate.issuer) {
            return Err(TlsFailure::UnknownAuthority(certificate.fingerprint()));
        }
        if unix < certificate.not_before || unix > certificate.not_after {
            return Err(TlsFailure::Expired);
        }
        if !certificate.domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)) {
            return Err(TlsFailure::WrongName(certificate.domains.clone()));
        }
        Ok(PeerIdentity { domains: certificate.domains.clone(), fingerprint: Some(certificate.fingerprint()), ..PeerIdentity::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(certificate: &Certificate) -> Result<Vec<String>, TlsFailure> {
        TrustStore::default().verify(certificate, "Example.org", Clock::CALENDAR_START).map(|peer| peer.domains)
    }

    #[test]
    fn the_chain_is_judged_first_then_the_dates_then_the_name() {
        let good = Certificate::new(&["example.org", "example.net"]);
        assert_eq!(verdict(&good), Ok(vec!["example.org".to_owned(), "example.net".to_owned()]));
        let of_somebody = good.clone().by("somebody").expired();
        assert_eq!(verdict(&of_somebody), Err(TlsFailure::UnknownAuthority(of_somebody.fingerprint())));
        assert_eq!(verdict(&Certificate::new(&["other.org"]).expired()), Err(TlsFailure::Expired));
        assert_eq!(verdict(&Certificate::new(&["other.org"])), Err(TlsFailure::WrongName(vec!["other.org".to_owned()])));
    }

    #[test]
    fn a_store_that_trusts_the_issuer_accepts_it() {
        let mut store = TrustStore::default();
        store.authorities.insert(Authority("home".to_owned()));
        let certificate = Certificate::new(&["example.org"]).by("home");
        assert!(store.verify(&certificate, "example.org", Clock::CALENDAR_START).is_ok());
    }

    #[test]
    fn different_certificates_have_different_fingerprints() {
        assert_ne!(Certificate::new(&["a.org"]).fingerprint(), Certificate::new(&["b.org"]).fingerprint());
    }
}
