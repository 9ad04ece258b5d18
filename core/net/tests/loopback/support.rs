//! Certificates and drivers for the tests of real sockets on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cooee_machine::{Action, CloseReason, Event, OpenStream, PeerIdentity, ServerTrust, StreamEvent, StreamId, Transport};
use cooee_net::{
    Certificate, DnsServers, Driver, DriverConfig, Incoming, Limits, ListenConfig, Listeners, Resolver, ResolverConfig, Trust,
};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};

/// Nothing here takes so long: whoever waits this long waits for ever.
pub(crate) const FOREVER: Duration = Duration::from_secs(30);

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority for tests");
        let own = params.self_signed(&key).unwrap();
        let (pem, der) = (own.pem(), own.der().to_vec());
        Self { issuer: Issuer::new(params, key), pem, der }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.der.clone()
    }

    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// A certificate that is shown together with these.
    pub(crate) fn issue_with_chain(&self, names: &[&str], beside: &[&str]) -> Arc<Certificate> {
        let (leaf, key) = self.issue_pem(names, |_| {});
        Certificate::from_pem((leaf + &beside.concat()).as_bytes(), key.as_bytes()).unwrap()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::nobody().with_pem(self.pem.as_bytes()).unwrap()
    }

    pub(crate) fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Arc<Certificate> {
        let (chain, key) = self.issue_pem(names, change);
        Certificate::from_pem(chain.as_bytes(), key.as_bytes()).unwrap()
    }

    pub(crate) fn issue_pem(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

pub(crate) use cooee_net::sha256;

pub(crate) fn pem_to_der(pem: &str) -> Vec<u8> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

pub(crate) fn sip_uri(domain: &str) -> SanType {
    SanType::URI(rcgen::string::Ia5String::try_from(format!("sip:{domain}")).unwrap())
}

pub(crate) fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub(crate) fn nobody_to_ask() -> Resolver {
    Resolver::new(ResolverConfig { servers: DnsServers::Nobody, ..ResolverConfig::default() })
}

pub(crate) fn phone(trust: Trust, limits: Limits) -> Driver {
    Driver::new(DriverConfig { limits, ..DriverConfig::new(trust, nobody_to_ask()) }).unwrap()
}

/// A server with one TLS door and one TCP door.
pub(crate) fn server(certificate: Arc<Certificate>, trust: Trust, limits: Limits) -> (Driver, SocketAddr, SocketAddr) {
    let config =
        ListenConfig { udp: vec![], tcp: vec![loopback()], tls: vec![loopback()], certificate: Some(certificate), trust: trust.clone() };
    let listeners = Listeners::bind(config).unwrap();
    let at = |wanted| listeners.addresses().find(|(transport, _)| *transport == wanted).unwrap().1;
    let (tls, tcp) = (at(Transport::Tls), at(Transport::Tcp));
    let mut driver = phone(trust, limits);
    driver.listen(listeners);
    (driver, tls, tcp)
}

pub(crate) fn open(driver: &mut Driver, id: u64, remote: SocketAddr, domain: Option<&str>) -> StreamId {
    let stream = StreamId(id);
    open_trusting(driver, stream, remote, domain, ServerTrust::Known);
    stream
}

pub(crate) fn open_trusting(driver: &mut Driver, stream: StreamId, remote: SocketAddr, domain: Option<&str>, trust: ServerTrust) {
    driver.perform(Action::Open { stream, target: OpenStream { remote, tls: domain.map(str::to_owned), trust, key: None } });
}

pub(crate) async fn next(driver: &mut Driver) -> Incoming {
    tokio::time::timeout(FOREVER, driver.next()).await.expect("an event")
}

/// The next event, which is a stream's.
pub(crate) async fn next_of_stream(driver: &mut Driver) -> (StreamId, Told) {
    loop {
        let incoming = next(driver).await;
        let Event::Stream { stream, event } = incoming.event() else { continue };
        return (
            stream,
            match event {
                StreamEvent::Opened { peer, .. } => Told::Opened(peer),
                StreamEvent::Bytes(bytes) => Told::Bytes(bytes.to_vec()),
                StreamEvent::Blocked => Told::Blocked,
                StreamEvent::Closed(reason) => Told::Closed(reason),
            },
        );
    }
}

#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    Opened(PeerIdentity),
    Bytes(Vec<u8>),
    Blocked,
    Closed(CloseReason),
}

/// How the connection to `server` ends while `server`'s own driver runs beside it.
pub(crate) async fn outcome(client: &mut Driver, server: &mut Driver) -> Told {
    tokio::select! {
        told = next_of_stream(client) => told.1,
        _ = async { loop { next(server).await; } } => unreachable!(),
    }
}
