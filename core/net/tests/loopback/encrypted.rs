//! DNS over TLS and HTTPS against small servers on loopback that prove who they are, or not.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cooee_machine::{DnsSecurity, Question, Record, RecordType, Resolution, ResolveFailure};
use cooee_net::{DnsObserver, DnsServers, Overrides, Resolver, ResolverConfig, Trust};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::{self, Name, RData, rdata};
use http::{Request, Response, StatusCode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::{Authority, FOREVER};

const NAME: &str = "dns.provider.example";

/// A door that shows a certificate for `names`, and counts who came.
struct Door {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    came: Arc<AtomicU32>,
}

impl Door {
    async fn open(authority: &Authority, names: &[&str], alpn: &[&[u8]]) -> Self {
        let (chain, key) = authority.issue_pem(names, |_| {});
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), came: Arc::default() }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The next peer that believes the certificate.
    async fn next(&self) -> TlsStream<TcpStream> {
        loop {
            let (stream, _) = self.listener.accept().await.unwrap();
            self.came.fetch_add(1, Ordering::Relaxed);
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return stream;
            }
        }
    }
}

async fn read(stream: &mut TlsStream<TcpStream>) -> Option<Message> {
    let mut octets = vec![0; stream.read_u16().await.ok()?.into()];
    stream.read_exact(&mut octets).await.ok()?;
    assert_eq!(octets.len() % 128, 0, "every question fills whole blocks");
    Some(Message::from_vec(&octets).unwrap())
}

async fn write(stream: &mut TlsStream<TcpStream>, message: &Message) {
    let octets = message.to_vec().unwrap();
    stream.write_u16(octets.len() as u16).await.unwrap();
    stream.write_all(&octets).await.unwrap();
    stream.flush().await.unwrap();
}

/// What was asked, at 192.0.2.`last`, validated.
fn answer(query: &Message, last: u8) -> Message {
    let mut message = query.clone();
    message.metadata.message_type = MessageType::Response;
    message.metadata.authentic_data = true;
    let owner = query.queries[0].name().clone();
    message.add_answer(rr::Record::from_rdata(owner, 300, RData::A(rdata::A(Ipv4Addr::new(192, 0, 2, last)))));
    message
}

/// One that resolves by `scheme` at this address, whose name it finds in a table.
fn resolver(scheme: &str, address: SocketAddr, trust: Trust, patience: Duration) -> Resolver {
    let servers: DnsServers = format!("{scheme}://{NAME}:{}", address.port()).parse().unwrap();
    Resolver::new(ResolverConfig {
        servers,
        trust,
        patience,
        overrides: Overrides::new().with_address(NAME, address.ip()),
        ..ResolverConfig::default()
    })
}

async fn ask(resolver: &Resolver, name: &str) -> Resolution {
    tokio::time::timeout(FOREVER, resolver.resolve(Question { name: name.to_owned(), kind: RecordType::A })).await.unwrap()
}

#[track_caller]
fn is_at(resolution: &Resolution, last: u8) {
    let Resolution::Records { records, security, .. } = resolution else { panic!("{resolution:?}") };
    assert_eq!((records.as_slice(), *security), (&[Record::A(Ipv4Addr::new(192, 0, 2, last))][..], DnsSecurity::Secure));
}

#[tokio::test]
async fn questions_over_tls_share_a_connection_and_are_answered_in_any_order() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[]).await;
    let (address, came) = (door.address(), Arc::clone(&door.came));
    tokio::spawn(async move {
        let mut stream = door.next().await;
        assert_eq!(stream.get_ref().1.server_name(), Some(NAME));
        let mut queries = Vec::new();
        while queries.len() < 3 {
            queries.push(read(&mut stream).await.unwrap());
        }
        // One that nobody asked is in the way.
        let mut stray = answer(&queries[0], 66);
        stray.metadata.id = (0..).find(|id| queries.iter().all(|query| query.metadata.id != *id)).unwrap();
        write(&mut stream, &stray).await;
        for query in queries.iter().rev() {
            let number = query.queries[0].name().to_ascii().trim_start_matches('h').trim_end_matches(".example.").parse().unwrap();
            write(&mut stream, &answer(query, number)).await;
        }
        std::future::pending::<()>().await;
    });
    let resolver = resolver("tls", address, authority.trust(), FOREVER);
    let all = tokio::join!(ask(&resolver, "h1.example"), ask(&resolver, "h2.example"), ask(&resolver, "h3.example"));
    is_at(&all.0, 1);
    is_at(&all.1, 2);
    is_at(&all.2, 3);
    assert_eq!(came.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_opened_again() {
    let authority = Authority::new();
    let door = Door::open(&authority, &["*.provider.example"], &[]).await;
    let (address, came) = (door.address(), Arc::clone(&door.came));
    tokio::spawn(async move {
        loop {
            let mut stream = door.next().await;
            if let Some(query) = read(&mut stream).await {
                write(&mut stream, &answer(&query, 1)).await;
            }
        }
    });
    let resolver = resolver("tls", address, authority.trust(), FOREVER);
    for name in ["a.example", "b.example", "c.example"] {
        is_at(&ask(&resolver, name).await, 1);
    }
    assert!(came.load(Ordering::Relaxed) >= 3);
}

#[tokio::test]
async fn a_server_that_closes_every_connection_is_not_asked_for_ever() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[]).await;
    let (address, came) = (door.address(), Arc::clone(&door.came));
    tokio::spawn(async move {
        loop {
            drop(door.next().await);
        }
    });
    let resolver = resolver("tls", address, authority.trust(), FOREVER);
    assert_eq!(ask(&resolver, "host.example").await, Resolution::Failed(ResolveFailure::NoResolver));
    assert!(came.load(Ordering::Relaxed) <= 2);
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_is_asked_nothing() {
    let authority = Authority::new();
    for (names, trust) in [(&["evil.example"][..], authority.trust()), (&[NAME], Authority::new().trust()), (&[NAME], Trust::nobody())] {
        let door = Door::open(&authority, names, &[]).await;
        let (address, came) = (door.address(), Arc::clone(&door.came));
        tokio::spawn(async move { panic!("somebody believed it: {:?}", door.next().await) });
        let resolver = resolver("tls", address, trust, FOREVER);
        for _ in 0..20 {
            assert_eq!(ask(&resolver, "host.example").await, Resolution::Failed(ResolveFailure::Untrusted));
        }
        assert!(came.load(Ordering::Relaxed) < 20, "who failed a moment ago is not tried again at once");
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_told_apart() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["tls", "https"] {
        let resolver = resolver(scheme, address, Trust::nobody(), FOREVER);
        assert_eq!(ask(&resolver, "host.example").await, Resolution::Failed(ResolveFailure::NoResolver));
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_none() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[]).await;
    let address = door.address();
    tokio::spawn(async move {
        let mut stream = door.next().await;
        while let Some(mut query) = read(&mut stream).await {
            query.queries[0].set_name(Name::from_ascii("evil.example.").unwrap());
            write(&mut stream, &answer(&query, 66)).await;
        }
    });
    let resolver = resolver("tls", address, authority.trust(), FOREVER);
    assert_eq!(ask(&resolver, "host.example").await, Resolution::Failed(ResolveFailure::Refused));
}

#[tokio::test]
async fn a_connection_over_which_nothing_comes_is_given_up() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[]).await;
    let address = door.address();
    tokio::spawn(async move {
        let _silent = door.next().await;
        let mut stream = door.next().await;
        while let Some(query) = read(&mut stream).await {
            write(&mut stream, &answer(&query, 1)).await;
        }
    });
    let resolver = resolver("tls", address, authority.trust(), FOREVER);
    let hasty = resolver.with_patience(Duration::from_millis(300));
    assert_eq!(ask(&hasty, "host.example").await, Resolution::Failed(ResolveFailure::Timeout));
    is_at(&ask(&resolver, "host.example").await, 1);
}

#[derive(Debug, Default)]
struct Journal(Mutex<Vec<String>>);

impl DnsObserver for Journal {
    fn asked(&self, server: &str, question: &Question) {
        self.0.lock().unwrap().push(format!("{} {:?} {server}", question.name, question.kind));
    }
}

#[tokio::test]
async fn who_is_asked_what_is_told_once_and_answers_from_memory_are_not() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[]).await;
    let address = door.address();
    tokio::spawn(async move {
        let mut stream = door.next().await;
        while let Some(query) = read(&mut stream).await {
            write(&mut stream, &answer(&query, 1)).await;
        }
    });
    let journal = Arc::new(Journal::default());
    let resolver = Resolver::new(ResolverConfig {
        servers: format!("tls://{NAME}:{}@127.0.0.1", address.port()).parse().unwrap(),
        trust: authority.trust(),
        observer: Some(Arc::clone(&journal) as Arc<dyn DnsObserver>),
        ..ResolverConfig::default()
    });
    for _ in 0..2 {
        is_at(&ask(&resolver, "host.example").await, 1);
    }
    is_at(&ask(&resolver, "HOST.example.").await, 1);
    assert!(matches!(ask(&resolver, "127.0.0.1").await, Resolution::Records { .. }));
    assert_eq!(*journal.0.lock().unwrap(), [format!("host.example A tls://{NAME}:{}@127.0.0.1", address.port())]);
}

/// Serves HTTP/2 on every connection; `reply` makes a whole response of the question.
fn serve_https(door: Door, reply: impl Fn(&Request<()>, &Message) -> Response<Vec<u8>> + Send + Sync + 'static) {
    let reply = Arc::new(reply);
    tokio::spawn(async move {
        loop {
            let stream = door.next().await;
            let reply = Arc::clone(&reply);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let (head, mut body) = request.into_parts();
                    let reply = Arc::clone(&reply);
                    tokio::spawn(async move {
                        let mut octets = Vec::new();
                        while let Some(Ok(part)) = body.data().await {
                            body.flow_control().release_capacity(part.len()).unwrap();
                            octets.extend_from_slice(&part);
                        }
                        assert_eq!(octets.len() % 128, 0, "every question fills whole blocks");
                        let (head, octets) = reply(&Request::from_parts(head, ()), &Message::from_vec(&octets).unwrap()).into_parts();
                        let mut sending = respond.send_response(Response::from_parts(head, ()), false).unwrap();
                        // Whoever asked may have had enough.
                        let _ = sending.send_data(Bytes::from(octets), true);
                    });
                }
            });
        }
    });
}

fn dns_response(message: &Message) -> Response<Vec<u8>> {
    Response::builder().header("content-type", "application/dns-message").body(message.to_vec().unwrap()).unwrap()
}

#[tokio::test]
async fn questions_over_https_are_posts_on_one_connection() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[b"h2", b"http/1.1"]).await;
    let (address, came) = (door.address(), Arc::clone(&door.came));
    serve_https(door, move |request, query| {
        let of = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/dns-query"));
        assert_eq!(request.uri().authority().unwrap().as_str(), format!("{NAME}:{}", address.port()));
        assert_eq!((of("content-type"), of("accept")), ("application/dns-message", "application/dns-message"));
        assert_eq!(of("user-agent"), "", "nothing tells one client from another");
        assert_eq!(query.metadata.id, 0);
        dns_response(&answer(query, 7))
    });
    let resolver = resolver("https", address, authority.trust(), FOREVER);
    let names: Vec<String> = (0..50).map(|number| format!("h{number}.example")).collect();
    let mut all = tokio::task::JoinSet::new();
    for name in names {
        let resolver = resolver.clone();
        all.spawn(async move { is_at(&ask(&resolver, &name).await, 7) });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    assert_eq!(came.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_answer_out_of_an_http_cache_is_as_old_as_it_says() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[b"h2"]).await;
    let address = door.address();
    serve_https(door, |_, query| {
        let mut response = dns_response(&answer(query, 1));
        response.headers_mut().insert("age", "250".parse().unwrap());
        response
    });
    let resolution = ask(&resolver("https", address, authority.trust(), FOREVER), "host.example").await;
    assert!(matches!(resolution, Resolution::Records { ttl, .. } if ttl == Duration::from_secs(50)), "{resolution:?}");
}

#[tokio::test]
async fn what_is_no_dns_message_in_a_good_response_is_no_answer() {
    let authority = Authority::new();
    let door = Door::open(&authority, &[NAME], &[b"h2"]).await;
    let address = door.address();
    serve_https(door, |_, query| {
        let mut response = dns_response(&answer(query, 66));
        match query.queries[0].name().to_ascii().as_str() {
            "broken.example." => *response.status_mut() = StatusCode::BAD_GATEWAY,
            "absent.example." => *response.status_mut() = StatusCode::NOT_FOUND,
            "moved.example." => *response.status_mut() = StatusCode::FOUND,
            "page.example." => {
                response.headers_mut().insert("content-type", "text/html".parse().unwrap());
            }
            "cut.example." => response.body_mut().truncate(20),
            "endless.example." => *response.body_mut() = vec![0; 1_000_000],
            "servfail.example." => {
                let mut message = answer(query, 66);
                message.metadata.response_code = ResponseCode::ServFail;
                *response.body_mut() = message.to_vec().unwrap();
            }
            other => assert_eq!(other, "good.example."),
        }
        response
    });
    let resolver = resolver("https", address, authority.trust(), FOREVER);
    for (name, failure) in [
        ("broken.example", ResolveFailure::ServerFailure),
        ("servfail.example", ResolveFailure::ServerFailure),
        ("absent.example", ResolveFailure::Refused),
        ("moved.example", ResolveFailure::Refused),
        ("page.example", ResolveFailure::Refused),
        ("cut.example", ResolveFailure::Refused),
        ("endless.example", ResolveFailure::Refused),
    ] {
        assert_eq!(ask(&resolver, name).await, Resolution::Failed(failure), "{name}");
    }
    is_at(&ask(&resolver, "good.example").await, 66);
}
