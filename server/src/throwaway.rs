//! A certificate authority for a moment, and one server certificate of it: for demonstrations and tests.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

/// All of it as PEM. Nothing is kept anywhere else.
#[derive(Clone)]
pub struct Throwaway {
    /// What clients have to trust.
    pub authority: String,
    /// The server's certificate and, so that people can compare it, the authority.
    pub chain: String,
    /// The server's private key.
    pub key: String,
}

/// Why none could be made.
#[derive(Debug, thiserror::Error)]
#[error("no certificate can be made for “{domain}”: {source}")]
pub struct ThrowawayError {
    domain: String,
    source: rcgen::Error,
}

impl Throwaway {
    /// For `domain` as a SIP server's certificate has it (RFC 5922: the bare domain as a DNS name), for `localhost`, and for these
    /// addresses.
    ///
    /// # Errors
    /// `domain` cannot stand in a certificate.
    pub fn new(domain: &str, addresses: &[IpAddr]) -> Result<Self, ThrowawayError> {
        make(domain, addresses).map_err(|source| ThrowawayError { domain: domain.to_owned(), source })
    }
}

fn make(domain: &str, addresses: &[IpAddr]) -> Result<Throwaway, rcgen::Error> {
    let authority_key = KeyPair::generate()?;
    let mut authority = named("Cooee throw-away authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let server_key = KeyPair::generate()?;
    let mut server = named("Cooee throw-away server");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let mut names = vec!["localhost"];
    if domain.parse::<IpAddr>().is_err() && domain != "localhost" {
        names.insert(0, domain);
    }
    for name in names {
        server.subject_alt_names.push(SanType::DnsName(name.try_into()?));
    }
    let own = domain.parse::<IpAddr>().ok();
    server.subject_alt_names.extend(own.iter().chain(addresses).map(|address| SanType::IpAddress(*address)));
    let certificate = server.signed_by(&server_key, &issuer)?;
    Ok(Throwaway { authority: root.pem(), chain: certificate.pem() + &root.pem(), key: server_key.serialize_pem() })
}

/// Valid long enough for any clock: nothing of it outlives the process that made it.
fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params
}

impl std::fmt::Debug for Throwaway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Throwaway")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_fits_and_every_one_is_new() {
        let one = Throwaway::new("example.org", &["127.0.0.1".parse().unwrap()]).unwrap();
        assert!(cooee_net::Certificate::from_pem(one.chain.as_bytes(), one.key.as_bytes()).is_ok());
        let two = Throwaway::new("example.org", &[]).unwrap();
        assert!(cooee_net::Certificate::from_pem(one.chain.as_bytes(), two.key.as_bytes()).is_err());
        assert!(cooee_net::Trust::nobody().with_pem(one.authority.as_bytes()).is_ok());
        assert!(Throwaway::new("127.0.0.1", &[]).is_ok() && Throwaway::new("localhost", &[]).is_ok());
        assert!(Throwaway::new("münchen.example", &[]).is_err());
    }
}
