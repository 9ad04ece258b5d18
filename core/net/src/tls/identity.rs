//! Which SIP domains a certificate speaks for (RFC 5922 7), and whether its path is good. Pure.

use std::net::IpAddr;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage};
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

/// RFC 5922 7.1: the `sip:` URIs without a user part; DNS names only if there is none; never the common name. Lower case,
/// without a final dot. A wildcard stands for nothing (7.2). IP addresses are kept for accounts that name one.
pub(crate) fn sip_domains(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return Vec::new() };
    let (mut uris, mut names) = (Vec::new(), Vec::new());
    for extension in certificate.extensions() {
        let ParsedExtension::SubjectAlternativeName(alternative) = extension.parsed_extension() else { continue };
        for name in &alternative.general_names {
            match name {
                GeneralName::URI(uri) => uris.extend(host_of_sip_uri(uri)),
                GeneralName::DNSName(name) if !name.contains('*') => names.push(fold(name)),
                GeneralName::IPAddress(octets) => names.extend(address(octets)),
                _ => {}
            }
        }
    }
    if uris.is_empty() { names } else { uris }
}

/// RFC 5922 7.2: whole names only.
pub(crate) fn speaks_for(domains: &[String], dialled: &str) -> bool {
    let dialled = fold(dialled);
    domains.contains(&dialled)
}

/// Path, time and purpose; not the name.
pub(super) fn path_is_good(
    certificate: &CertificateDer<'_>,
    chain: &[CertificateDer<'_>],
    roots: &[TrustAnchor<'_>],
    purpose: Purpose,
    now: UnixTime,
) -> Result<(), webpki::Error> {
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    EndEntityCert::try_from(certificate)?.verify_for_usage(algorithms, roots, chain, now, purpose, None, None).map(|_| ())
}

/// SHA-256 of a certificate as DER: its fingerprint.
#[must_use]
pub fn sha256(der: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, der).as_ref().try_into().unwrap_or_default()
}

/// Until when a certificate holds, by its own word, since the Unix epoch.
pub(crate) fn valid_until(certificate: &CertificateDer<'_>) -> Option<Duration> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    u64::try_from(parsed.validity().not_after.timestamp()).ok().map(Duration::from_secs)
}

/// What the other end's certificate must be for; one without the extension is for everything.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// A server: `serverAuth`, or `sipDomain` (RFC 5924).
    Server,
    /// A peer that came to us: as above or `clientAuth`; public authorities no longer issue the latter.
    Peer,
}

const SIP_DOMAIN: &[usize] = &[1, 3, 6, 1, 5, 5, 7, 3, 20];
const ANY: &[usize] = &[2, 5, 29, 37, 0];

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut present = Vec::new();
        for purpose in purposes {
            let oid = purpose?.to_decoded_oid();
            let fits = match oid.as_slice() {
                KeyUsage::SERVER_AUTH_REPR | SIP_DOMAIN | ANY => true,
                KeyUsage::CLIENT_AUTH_REPR => matches!(self, Self::Peer),
                _ => false,
            };
            if fits {
                return Ok(());
            }
            present.push(oid);
        }
        if present.is_empty() {
            return Ok(());
        }
        let required = KeyUsage::server_auth();
        Err(webpki::Error::RequiredEkuNotFoundContext(webpki::RequiredEkuNotFoundContext { required, present }))
    }
}

fn host_of_sip_uri(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("sip") || rest.contains('@') {
        return None;
    }
    let host = rest.split([';', '?', ':']).next()?;
    (!host.is_empty() && !host.contains('*')).then(|| fold(host))
}

fn address(octets: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    four.or(sixteen).ok().map(|address| address.to_string())
}

fn fold(name: &str) -> String {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, SanType, string::Ia5String};

    fn with(names: Vec<SanType>) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn dns(name: &str) -> SanType {
        SanType::DnsName(Ia5String::try_from(name).unwrap())
    }

    fn uri(uri: &str) -> SanType {
        SanType::URI(Ia5String::try_from(uri).unwrap())
    }

    #[test]
    fn a_sip_uri_outweighs_dns_names() {
        let domains = sip_domains(&with(vec![dns("host.example.org"), uri("sip:Example.ORG"), uri("sip:anna@example.net")]));
        assert_eq!(domains, ["example.org"]);
        assert!(speaks_for(&domains, "EXAMPLE.org."));
        assert!(!speaks_for(&domains, "host.example.org"));
    }

    #[test]
    fn dns_names_count_when_no_sip_uri_is_there_and_wildcards_never() {
        let domains = sip_domains(&with(vec![dns("example.org"), dns("*.example.org"), uri("https://example.com/")]));
        assert_eq!(domains, ["example.org"]);
        assert!(!speaks_for(&domains, "sub.example.org"));
    }

    #[test]
    fn an_address_stands_for_itself_only() {
        let domains =
            sip_domains(&with(vec![SanType::IpAddress("192.0.2.7".parse().unwrap()), SanType::IpAddress("2001:db8::1".parse().unwrap())]));
        assert!(speaks_for(&domains, "192.0.2.7") && speaks_for(&domains, "[2001:db8::1]"));
        assert!(!speaks_for(&domains, "192.0.2.8"));
    }

    #[test]
    fn a_certificate_says_until_when_it_holds() {
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2031, 5, 6);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(valid_until(certificate.der()), Some(Duration::from_secs(1_935_792_000)));
    }

    #[test]
    fn garbage_stands_for_nobody() {
        let garbage = CertificateDer::from(vec![0x30, 0x03, 1, 2, 3]);
        assert!(sip_domains(&garbage).is_empty() && valid_until(&garbage).is_none());
    }
}
