//! TLS between two drivers on loopback.

use crate::support::*;
use cooee_machine::{Action, ClientKey, CloseReason, OpenStream, PeerIdentity, ServerTrust, StreamId, TlsFailure};
use cooee_net::{Certificate, Driver, DriverConfig, Limits, SignError, Signer, Trust, sign_by_pem};
use rcgen::ExtendedKeyUsagePurpose;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

/// What a phone that dials `example.org` and trusts `trust` meets at a server with this certificate.
async fn dial(certificate: std::sync::Arc<Certificate>, trust: Trust) -> Told {
    let (mut server, tls, _) = server(certificate, Trust::nobody(), Limits::default());
    let mut client = phone(trust, Limits::default());
    open(&mut client, 2, tls, Some("example.org"));
    outcome(&mut client, &mut server).await
}

fn failed(failure: TlsFailure) -> Told {
    Told::Closed(CloseReason::Tls(failure))
}

#[tokio::test]
async fn a_server_that_speaks_for_the_dialled_domain_is_let_in_and_bytes_go_both_ways() {
    let authority = Authority::new();
    let certificate = authority.issue(&["sip-7.provider.example"], |p| p.subject_alt_names.push(sip_uri("example.org")));
    let (mut server, tls, _) = server(certificate, Trust::nobody(), Limits::default());
    let mut client = phone(authority.trust(), Limits::default());
    let ours = open(&mut client, 2, tls, Some("Example.ORG."));
    let Told::Opened(peer) = outcome(&mut client, &mut server).await else { panic!("not opened") };
    assert_eq!(peer.domains, ["example.org"]);
    assert!(peer.fingerprint.is_some());
    client.perform(Action::Write { stream: ours, payload: b"hello".to_vec() });
    let (theirs, told) = next_of_stream(&mut server).await;
    // The server's own `Opened` may have been taken by `outcome`.
    let told = if matches!(told, Told::Opened(_)) { next_of_stream(&mut server).await.1 } else { told };
    assert_eq!(told, Told::Bytes(b"hello".to_vec()));
    assert_eq!(theirs.0 % 2, 1);
    server.perform(Action::Write { stream: theirs, payload: vec![7; 100_000] });
    server.perform(Action::Close(theirs));
    let mut got = 0;
    let end = loop {
        match outcome(&mut client, &mut server).await {
            Told::Bytes(bytes) => got += bytes.len(),
            other => break other,
        }
    };
    assert_eq!((got, end), (100_000, Told::Closed(CloseReason::ByPeer)));
}

#[tokio::test]
async fn a_server_that_only_an_added_authority_vouches_for_is_told_apart() {
    let (makers, added) = (Authority::new(), Authority::new());
    let trust = || Trust::nobody().with_der([makers.der()]);
    for (trust, by_added) in [
        (trust().with_added([added.der()]), true),
        (trust().with_added([added.der(), makers.der()]), true),
        (trust().with_der([added.der()]), false),
        (trust().with_der([added.der()]).with_added([added.der()]), false),
    ] {
        let Told::Opened(peer) = dial(added.issue(&["example.org"], |_| {}), trust).await else { panic!("not opened") };
        assert_eq!(peer.by_added_authority, by_added);
    }
    let Told::Opened(peer) = dial(makers.issue(&["example.org"], |_| {}), trust().with_added([added.der()])).await else { panic!() };
    assert!(!peer.by_added_authority, "the maker's stays the maker's");
}

/// What a phone that trusts nobody else meets at a server of whom it believes this.
async fn dial_believing(certificate: std::sync::Arc<Certificate>, trust: ServerTrust) -> Told {
    let (mut server, tls, _) = server(certificate, Trust::nobody(), Limits::default());
    let mut client = phone(Trust::nobody(), Limits::default());
    open_trusting(&mut client, StreamId(2), tls, Some("example.org"), trust);
    outcome(&mut client, &mut server).await
}

#[tokio::test]
async fn a_pinned_certificate_is_taken_whoever_signed_it_and_no_other_is() {
    let certificate = Authority::new().issue(&["old.example"], |p| p.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let Told::Closed(CloseReason::Tls(TlsFailure::NotPinned(shown))) = dial_believing(certificate.clone(), ServerTrust::Pin([7; 32])).await
    else {
        panic!("another pin was taken")
    };
    let Told::Opened(peer) = dial_believing(certificate, ServerTrust::Pin(shown)).await else { panic!("the pinned one was refused") };
    assert_eq!(peer.fingerprint, Some(shown));
    let other = Authority::new().issue(&["example.org"], |_| {});
    assert!(matches!(dial_believing(other, ServerTrust::Pin(shown)).await, Told::Closed(CloseReason::Tls(TlsFailure::NotPinned(_)))));
}

#[tokio::test]
async fn authorities_of_one_server_are_believed_for_it_alone() {
    let authority = Authority::new();
    let own = ServerTrust::Authorities(vec![authority.der()]);
    assert!(matches!(dial_believing(authority.issue(&["example.org"], |_| {}), own.clone()).await, Told::Opened(_)));
    assert!(matches!(shown_authority(&dial_believing(Authority::new().issue(&["example.org"], |_| {}), own).await), Some((false, _))));
    let misnamed = authority.issue(&["example.net"], |_| {});
    let told = dial_believing(misnamed, ServerTrust::Authorities(vec![authority.der()])).await;
    assert_eq!(told, failed(TlsFailure::WrongName(vec!["example.net".to_owned()])));
}

/// The certificate that people are to compare, and whether another one was named before.
fn shown_authority(told: &Told) -> Option<(bool, [u8; 32])> {
    match told {
        Told::Closed(CloseReason::Tls(TlsFailure::UnknownAuthority(shown))) => Some((false, *shown)),
        Told::Closed(CloseReason::Tls(TlsFailure::OtherAuthority(shown))) => Some((true, *shown)),
        _ => None,
    }
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_named_by_its_fingerprint() {
    let authority = Authority::new();
    let certificate = authority.issue_with_chain(&["example.org"], &[&authority.pem()]);
    assert_eq!(shown_authority(&dial(certificate, Authority::new().trust()).await), Some((false, authority.fingerprint())));
}

#[tokio::test]
async fn an_authority_that_signs_nothing_of_the_chain_is_not_named() {
    let (honest, forger) = (Authority::new(), Authority::new());
    let certificate = forger.issue_with_chain(&["example.org"], &[&forger.pem(), &honest.pem()]);
    assert_eq!(shown_authority(&dial(certificate, Trust::nobody()).await), Some((false, forger.fingerprint())));
    let bare = forger.issue_with_chain(&["example.org"], &[&honest.pem()]);
    let (_, shown) = shown_authority(&dial(std::sync::Arc::clone(&bare), Trust::nobody()).await).unwrap();
    assert!(shown != honest.fingerprint() && shown != forger.fingerprint(), "it is the server's own");
    let told = dial_believing(bare, ServerTrust::Authority(honest.fingerprint())).await;
    assert_eq!(shown_authority(&told), Some((true, shown)), "the honest one vouches for nobody here");
}

#[tokio::test]
async fn an_authority_named_by_its_fingerprint_is_believed_about_names_and_dates_and_no_other_is() {
    let authority = Authority::new();
    let pinned = || ServerTrust::Authority(authority.fingerprint());
    for _renewed in 0..2 {
        let certificate = authority.issue_with_chain(&["example.org"], &[&authority.pem()]);
        assert!(matches!(dial_believing(certificate, pinned()).await, Told::Opened(_)));
    }
    let misnamed = authority.issue_with_chain(&["example.net"], &[&authority.pem()]);
    assert_eq!(dial_believing(misnamed, pinned()).await, failed(TlsFailure::WrongName(vec!["example.net".to_owned()])));
    let (leaf, key) = authority.issue_pem(&["example.org"], |p| p.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let late = Certificate::from_pem((leaf + &authority.pem()).as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(dial_believing(late, pinned()).await, failed(TlsFailure::Expired));
    let changed = Authority::new();
    let other = changed.issue_with_chain(&["example.org"], &[&changed.pem()]);
    assert_eq!(shown_authority(&dial_believing(other, pinned()).await), Some((true, changed.fingerprint())));
}

/// A certificate that signs itself, as `openssl req -x509` makes one: it calls itself an authority, too.
fn self_signed(name: &str, change: impl FnOnce(&mut rcgen::CertificateParams)) -> (std::sync::Arc<Certificate>, [u8; 32]) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    change(&mut params);
    let made = params.self_signed(&key).unwrap();
    (Certificate::from_pem(made.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap(), sha256(made.der()))
}

#[tokio::test]
async fn a_self_signed_certificate_is_its_own_authority_and_names_and_dates_count() {
    let made = rcgen::generate_simple_self_signed(["example.org".to_owned()]).unwrap();
    let plain = Certificate::from_pem(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes()).unwrap();
    for (certificate, own) in [(plain, sha256(made.cert.der())), self_signed("example.org", |_| {})] {
        let unknown = dial(std::sync::Arc::clone(&certificate), Authority::new().trust()).await;
        assert_eq!(shown_authority(&unknown), Some((false, own)));
        assert!(matches!(dial_believing(certificate, ServerTrust::Authority(own)).await, Told::Opened(_)));
    }
    let (misnamed, own) = self_signed("example.net", |_| {});
    let told = dial_believing(misnamed, ServerTrust::Authority(own)).await;
    assert_eq!(told, failed(TlsFailure::WrongName(vec!["example.net".to_owned()])));
    for (from, until) in [(2000, 2020), (3000, 3001)] {
        let (untimely, own) = self_signed("example.org", |p| {
            (p.not_before, p.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(until, 1, 1));
        });
        assert_eq!(dial_believing(untimely, ServerTrust::Authority(own)).await, failed(TlsFailure::Expired));
    }
}

#[tokio::test]
async fn an_expired_certificate_and_one_of_the_future_are_refused() {
    let authority = Authority::new();
    let past = authority.issue(&["example.org"], |p| p.not_after = rcgen::date_time_ymd(2020, 1, 1));
    assert_eq!(dial(past, authority.trust()).await, failed(TlsFailure::Expired));
    let future = authority.issue(&["example.org"], |p| p.not_before = rcgen::date_time_ymd(3000, 1, 1));
    assert_eq!(dial(future, authority.trust()).await, failed(TlsFailure::Expired));
}

#[tokio::test]
async fn a_certificate_for_other_names_is_refused_and_says_which() {
    let authority = Authority::new();
    let host = authority.issue(&["sip.example.org", "*.org"], |_| {});
    assert_eq!(dial(host, authority.trust()).await, failed(TlsFailure::WrongName(vec!["sip.example.org".to_owned()])));
    let uri = authority.issue(&["example.org"], |p| p.subject_alt_names.push(sip_uri("example.net")));
    assert_eq!(dial(uri, authority.trust()).await, failed(TlsFailure::WrongName(vec!["example.net".to_owned()])));
}

#[tokio::test]
async fn the_purpose_must_be_a_servers_or_a_sip_domains() {
    let authority = Authority::new();
    let mail = authority.issue(&["example.org"], |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection]);
    assert!(matches!(dial(mail, authority.trust()).await, Told::Closed(CloseReason::Tls(TlsFailure::Other(_)))));
    let sip_domain = ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 20]);
    let sip = authority.issue(&["example.org"], |p| p.extended_key_usages = vec![sip_domain]);
    assert!(matches!(dial(sip, authority.trust()).await, Told::Opened(_)));
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_to_the_next_client() {
    let authority = Authority::new();
    let certificate = authority.issue(&["old.example"], |_| {});
    let (mut server, tls, _) = server(std::sync::Arc::clone(&certificate), Trust::nobody(), Limits::default());
    let mut client = phone(authority.trust(), Limits::default());
    open(&mut client, 2, tls, Some("new.example"));
    assert!(matches!(outcome(&mut client, &mut server).await, Told::Closed(CloseReason::Tls(TlsFailure::WrongName(_)))));
    let (chain, key) = authority.issue_pem(&["new.example"], |_| {});
    certificate.replace(chain.as_bytes(), key.as_bytes()).unwrap();
    open(&mut client, 4, tls, Some("new.example"));
    assert!(matches!(outcome(&mut client, &mut server).await, Told::Opened(_)));
}

/// Who the server takes a client with this certificate for.
async fn judged(own: std::sync::Arc<Certificate>, authority: &Authority) -> Told {
    let (mut server, tls, _) = server(authority.issue(&["example.org"], |_| {}), authority.trust(), Limits::default());
    let config = DriverConfig { certificate: Some(own), ..DriverConfig::new(authority.trust(), nobody_to_ask()) };
    let mut client = Driver::new(config).unwrap();
    open(&mut client, 2, tls, Some("example.org"));
    tokio::select! {
        told = next_of_stream(&mut server) => told.1,
        _ = async { loop { next(&mut client).await; } } => unreachable!(),
    }
}

#[tokio::test]
async fn a_clients_certificate_is_judged_and_one_that_proves_nothing_does_no_harm() {
    let authority = Authority::new();
    let Told::Opened(peer) = judged(authority.issue(&["peer.example"], |_| {}), &authority).await else { panic!() };
    assert_eq!(peer.domains, ["peer.example"]);
    let Told::Opened(peer) = judged(Authority::new().issue(&["peer.example"], |_| {}), &authority).await else { panic!() };
    assert_eq!((peer.domains.len(), peer.fingerprint.is_some()), (0, true));
}

/// A key store that has one key or none.
struct Store {
    pem: Option<String>,
    /// Where nothing may wait.
    signalling: std::thread::ThreadId,
}

impl Signer for Store {
    fn sign(&self, key: &str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        assert_ne!(std::thread::current().id(), self.signalling, "nothing else happens meanwhile");
        assert_eq!(key, "device");
        // It takes its time.
        std::thread::sleep(std::time::Duration::from_millis(20));
        sign_by_pem(self.pem.as_deref().ok_or(SignError::Lost)?.as_bytes(), message)
    }
}

/// What becomes of a client whose key lies elsewhere, and for whom the server takes it.
async fn proven(store: Option<Store>, certificate: &str, authority: &Authority) -> (Told, Option<PeerIdentity>) {
    let (mut server, tls, _) = server(authority.issue(&["example.org"], |_| {}), authority.trust(), Limits::default());
    let signer = store.map(|store| -> std::sync::Arc<dyn Signer> { std::sync::Arc::new(store) });
    let mut client = Driver::new(DriverConfig { signer, ..DriverConfig::new(authority.trust(), nobody_to_ask()) }).unwrap();
    let chain = vec![pem_to_der(certificate)];
    let key = Some(ClientKey { name: "device".to_owned(), chain });
    let target = OpenStream { remote: tls, tls: Some("example.org".to_owned()), trust: ServerTrust::Known, key };
    client.perform(Action::Open { stream: StreamId(2), target });
    let (mut told, mut seen) = (None, None);
    while told.is_none() || matches!(told, Some(Told::Opened(_))) && seen.is_none() {
        tokio::select! {
            (_, event) = next_of_stream(&mut client) => told = told.or(Some(event)),
            (_, event) = next_of_stream(&mut server) => seen = seen.or(Some(event)),
        }
    }
    match (told.unwrap(), seen) {
        (Told::Opened(ours), Some(Told::Opened(theirs))) => (Told::Opened(ours), Some(theirs)),
        (Told::Opened(_), seen) => panic!("{seen:?}"),
        (told, _) => (told, None),
    }
}

#[tokio::test]
async fn a_client_proves_itself_by_a_key_that_lies_elsewhere_and_nothing_waits_for_it() {
    let authority = Authority::new();
    let (certificate, pem) = authority.issue_pem(&["anna.example"], |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let store = || Store { pem: Some(pem.clone()), signalling: std::thread::current().id() };
    let (_, peer) = proven(Some(store()), &certificate, &authority).await;
    let peer = peer.expect("it was let in");
    assert_eq!((peer.domains, peer.fingerprint), (vec!["anna.example".to_owned()], Some(sha256(&pem_to_der(&certificate)))));
}

/// A key store that never answers, as long as the test runs.
struct Hanging(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);

impl Signer for Hanging {
    fn sign(&self, _key: &str, _message: &[u8]) -> Result<Vec<u8>, SignError> {
        let _ = self.0.lock().unwrap().recv();
        Err(SignError::Lost)
    }
}

#[tokio::test]
async fn a_handshake_ends_in_time_though_its_key_store_hangs() {
    let authority = Authority::new();
    let (certificate, _) = authority.issue_pem(&["anna.example"], |_| {});
    let (_server, tls, _) = server(authority.issue(&["example.org"], |_| {}), authority.trust(), Limits::default());
    let (until, hangs) = std::sync::mpsc::channel();
    let signer: std::sync::Arc<dyn Signer> = std::sync::Arc::new(Hanging(std::sync::Mutex::new(hangs)));
    let limits = Limits { handshake: std::time::Duration::from_secs(2), ..Limits::default() };
    let config = DriverConfig { signer: Some(signer), limits, ..DriverConfig::new(authority.trust(), nobody_to_ask()) };
    let mut client = Driver::new(config).unwrap();
    let key = Some(ClientKey { name: "device".to_owned(), chain: vec![pem_to_der(&certificate)] });
    let target = OpenStream { remote: tls, tls: Some("example.org".to_owned()), trust: ServerTrust::Known, key };
    client.perform(Action::Open { stream: StreamId(2), target });
    let (_, told) = next_of_stream(&mut client).await;
    assert!(
        matches!(&told, Told::Closed(CloseReason::Tls(TlsFailure::Other(text))) if text.contains("did not answer in time")),
        "{told:?}"
    );
    drop(until);
}

#[tokio::test]
async fn a_lost_key_is_told_as_such_and_one_that_cannot_be_used_now_in_words() {
    let authority = Authority::new();
    let (certificate, _) = authority.issue_pem(&["anna.example"], |_| {});
    let store = |pem: Option<&str>| Store { pem: pem.map(str::to_owned), signalling: std::thread::current().id() };
    for lost in [None, Some(store(None))] {
        assert_eq!(proven(lost, &certificate, &authority).await.0, failed(TlsFailure::KeyLost));
    }
    let (told, _) = proven(Some(store(Some("no key"))), &certificate, &authority).await;
    assert!(matches!(&told, Told::Closed(CloseReason::Tls(TlsFailure::Other(text))) if text.contains("cannot be used now")), "{told:?}");
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_speaks_no_tls() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = Limits { handshake: std::time::Duration::from_millis(100), ..Limits::default() };
    let mut client = phone(Trust::nobody(), limits);
    open(&mut client, 2, mute.local_addr().unwrap(), Some("example.org"));
    assert_eq!(next_of_stream(&mut client).await.1, Told::Closed(CloseReason::Tls(TlsFailure::NoTls)));
}

#[tokio::test]
async fn a_port_without_tls_is_named_as_such() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = phone(Trust::nobody(), Limits::default());
    open(&mut client, 2, plain.local_addr().unwrap(), Some("example.org"));
    let (stream, _) = plain.accept().await.unwrap();
    stream.try_write(b"SIP/2.0 400 Bad Request\r\n\r\n").unwrap();
    assert_eq!(next_of_stream(&mut client).await.1, Told::Closed(CloseReason::Tls(TlsFailure::NoTls)));
}

#[tokio::test]
async fn silent_newcomers_are_bounded_and_keep_no_honest_client_out() {
    let authority = Authority::new();
    let limits = Limits { handshakes: 8, connections: 64, ..Limits::default() };
    let (mut server, tls, _) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), limits);
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(tls).await.unwrap());
    }
    let mut client = phone(authority.trust(), Limits::default());
    open(&mut client, 2, tls, Some("example.org"));
    assert!(matches!(outcome(&mut client, &mut server).await, Told::Opened(_)));
    // The oldest had to go: its socket is closed while the handshake's time is not yet over.
    let read = tokio::time::timeout(FOREVER, silent[0].read(&mut [0; 1])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_ended_by_the_server() {
    let authority = Authority::new();
    let limits = Limits { handshake: std::time::Duration::from_millis(100), ..Limits::default() };
    let (_server, tls, _) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), limits);
    let mut silent = TcpStream::connect(tls).await.unwrap();
    let read = tokio::time::timeout(FOREVER, silent.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_driver_that_closes_says_so_to_everybody() {
    let authority = Authority::new();
    let certificate = authority.issue(&["example.org"], |_| {});
    let (mut server, tls, _) = server(certificate, Trust::nobody(), Limits::default());
    let mut client = phone(authority.trust(), Limits::default());
    let ours = open(&mut client, 2, tls, Some("example.org"));
    assert!(matches!(outcome(&mut client, &mut server).await, Told::Opened(_)));
    client.perform(Action::Write { stream: ours, payload: b"hello".to_vec() });
    let theirs = loop {
        if let (stream, Told::Bytes(_)) = next_of_stream(&mut server).await {
            break stream;
        }
    };
    server.perform(Action::Write { stream: theirs, payload: vec![7; 100_000] });
    let (end, ()) = tokio::join!(
        async {
            let mut got = 0;
            loop {
                match next_of_stream(&mut client).await.1 {
                    Told::Bytes(bytes) => got += bytes.len(),
                    told => break (got, told),
                }
            }
        },
        server.close(FOREVER)
    );
    // Without close_notify it would be a network's failure: anybody can end a TCP connection.
    assert_eq!(end, (100_000, Told::Closed(CloseReason::ByPeer)));
}
