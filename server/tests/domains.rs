//! Two servers of two domains with real sockets and certificates: who calls from one to the other, and whose word counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::net::SocketAddr;
use std::time::Duration;

use cooee_machine::{Entropy, Record, Secret, SrvRecord, Transport};
use cooee_net::{Certificate, DnsServers, Overrides, ResolverConfig, Trust};
use cooee_server::throwaway::Throwaway;
use cooee_server::{MemoryStore, OtherDomains, ServeConfig, Service, Storage, UserName};
use cooee_sip::digest::{Login, challenges, strongest};
use cooee_sip::{Frame, Framer, Framing, HeaderName, Message, Method, RequestBuilder, response_to};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Nothing here takes so long; it only keeps a failing test from hanging.
const HANG: Duration = Duration::from_secs(120);
const PASSWORD: &str = "a secret";

/// Where a server of a domain listens.
struct Doors {
    tls: u16,
    tcp: SocketAddr,
}

/// A server of `domain` with one user, that shows `own` and believes `other`'s authority; `names` are all it knows of the DNS.
fn start(domain: &str, user: &str, own: &Throwaway, other: &Throwaway, names: Overrides) -> Doors {
    let mut store = MemoryStore::new();
    store.add_user(UserName::parse(user).unwrap(), domain, &Secret::new(PASSWORD), &mut Entropy::for_test(1)).unwrap();
    let mut config = ServeConfig::new(domain, Storage::Memory(Box::new(store)));
    let here = || vec!["127.0.0.1:0".parse().unwrap()];
    (config.tls, config.tcp, config.stun) = (here(), here(), Vec::new());
    config.certificate = Some(Certificate::from_pem(own.chain.as_bytes(), own.key.as_bytes()).unwrap());
    let resolver = ResolverConfig { servers: DnsServers::Nobody, overrides: names, ..ResolverConfig::default() };
    let trust = Trust::nobody().with_pem(other.authority.as_bytes()).unwrap();
    config.other_domains = Some(OtherDomains { trust, resolver, private_addresses: true });
    let service = Service::start(config).unwrap();
    let of = |wanted| service.addresses().iter().find(|(transport, _)| *transport == wanted).unwrap().1;
    let doors = Doors { tls: of(Transport::Tls).port(), tcp: of(Transport::Tcp) };
    // It ends with the test's runtime.
    tokio::spawn(service.run(std::future::pending::<()>(), |_| {}));
    doors
}

/// b.lab has two servers. Nobody listens at the preferred one: the socket keeps its port from others.
fn names(port: u16) -> (Overrides, TcpSocket) {
    let server = |priority, port| Record::Srv(SrvRecord { priority, weight: 0, port, target: "host.b.lab".to_owned() });
    let down = TcpSocket::new_v4().unwrap();
    down.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let names = Overrides::new()
        .with_record("_sips._tcp.b.lab", server(1, down.local_addr().unwrap().port()))
        .with_record("_sips._tcp.b.lab", server(2, port))
        .with_address("host.b.lab", [127, 0, 0, 1].into());
    (names, down)
}

/// A phone at one of the servers.
struct Phone {
    aor: &'static str,
    stream: TcpStream,
    framer: Framer,
    count: u32,
}

impl Phone {
    async fn at(doors: &Doors, aor: &'static str) -> Self {
        let mut phone = Self { aor, stream: TcpStream::connect(doors.tcp).await.unwrap(), framer: Framer::default(), count: 0 };
        let registrar = format!("sip:{}", aor.rsplit_once('@').unwrap().1);
        assert!(phone.ask(Method::Register, &registrar, aor).await.starts_with(b"SIP/2.0 200 "));
        phone
    }

    fn request(&mut self, method: Method<'_>, uri: &str, to: &str, to_tag: Option<&str>, challenge: Option<&[u8]>) -> RequestBuilder {
        self.count += 1;
        let request = RequestBuilder::new(method, uri)
            .via("TCP", "10.0.0.1:5070", &format!("z9hG4bK{}", self.count))
            .max_forwards(70)
            .from(&format!("<{}>", self.aor), "f")
            .to(&format!("<{to}>"), to_tag)
            .call_id("call")
            .cseq(self.count, method)
            .contact("<sip:phone@10.0.0.1:5070;transport=tcp>");
        let Some(challenge) = challenge else { return request };
        let response = Message::parse(challenge, Framing::Stream).unwrap();
        let username = self.aor.trim_start_matches("sip:").split('@').next().unwrap();
        let password = Secret::new(PASSWORD);
        let proof = strongest(challenges(&response)).unwrap().answer(Login { username, password: &password }, method, uri, b"", 1, "c");
        let is_proxy = response.status() == Some(407);
        request.header(if is_proxy { HeaderName::ProxyAuthorization } else { HeaderName::Authorization }, proof)
    }

    /// Sends a request, proves who sent it when asked; what comes then, but for 100.
    async fn ask(&mut self, method: Method<'_>, uri: &str, to: &str) -> Vec<u8> {
        let mut challenge: Option<Vec<u8>> = None;
        loop {
            let request = self.request(method, uri, to, None, challenge.as_deref()).into_bytes();
            self.send(&request).await;
            let answer = self.next().await;
            let is_challenge = answer.starts_with(b"SIP/2.0 401 ") || answer.starts_with(b"SIP/2.0 407 ");
            match is_challenge && challenge.is_none() {
                true => challenge = Some(answer),
                false => return answer,
            }
        }
    }

    async fn send(&mut self, message: &[u8]) {
        self.stream.write_all(message).await.unwrap();
    }

    /// The next message but a 100.
    async fn next(&mut self) -> Vec<u8> {
        let mut buffer = [0; 4096];
        loop {
            match self.framer.poll() {
                Some(Ok(Frame::Message(message))) if message.starts_with(b"SIP/2.0 100 ") => {}
                Some(Ok(Frame::Message(message))) => return message,
                Some(other) => panic!("{other:?}"),
                None => {
                    let length = timeout(HANG, self.stream.read(&mut buffer)).await.expect("something comes").unwrap();
                    assert!(length > 0, "the server hung up");
                    self.framer.push(&buffer[..length]);
                }
            }
        }
    }

    /// Answers a request with 200.
    async fn accept(&mut self, request: &[u8]) {
        let request = Message::parse(request, Framing::Stream).unwrap();
        let ok = response_to(&request, 200, "", Some("b")).header(HeaderName::Contact, "<sip:phone@10.0.0.2:5070;transport=tcp>");
        let routes = request.header_values(HeaderName::RecordRoute);
        let ok = routes.fold(ok, |ok, route| ok.header(HeaderName::RecordRoute, route));
        self.send(&ok.into_bytes()).await;
    }

    /// A request inside the dialog that `ok` has made.
    async fn say(&mut self, method: Method<'_>, to: &str, ok: &[u8]) {
        let ok = Message::parse(ok, Framing::Stream).unwrap();
        let mut routes: Vec<String> = ok.record_routes().map(|route| format!("<{}>", route.uri())).collect();
        routes.reverse();
        let request = self.request(method, "sip:phone@10.0.0.2:5070;transport=tcp", to, ok.to().tag(), None);
        let request = routes.iter().fold(request, |request, route| request.header(HeaderName::Route, route));
        self.send(&request.into_bytes()).await;
    }
}

fn line(message: &[u8]) -> String {
    String::from_utf8_lossy(message).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_call_goes_from_one_domain_to_another_whose_first_server_is_down_and_is_hung_up() {
    let (a, b) = (Throwaway::new("a.lab", &[]).unwrap(), Throwaway::new("b.lab", &[]).unwrap());
    let at_b = start("b.lab", "ben", &b, &a, Overrides::new());
    let (names, _down) = names(at_b.tls);
    let at_a = start("a.lab", "anna", &a, &b, names);
    let mut ben = Phone::at(&at_b, "sip:ben@b.lab").await;
    let mut anna = Phone::at(&at_a, "sip:anna@a.lab").await;
    let called = async {
        let invite = ben.next().await;
        assert_eq!(line(&invite), "INVITE sip:phone@10.0.0.1:5070;transport=tcp SIP/2.0");
        ben.accept(&invite).await;
        let ack = ben.next().await;
        assert!(ack.starts_with(b"ACK "), "{}", line(&ack));
        let bye = ben.next().await;
        assert!(bye.starts_with(b"BYE "), "{}", line(&bye));
        ben.accept(&bye).await;
    };
    let calling = async {
        let ok = anna.ask(Method::Invite, "sip:ben@b.lab", "sip:ben@b.lab").await;
        assert_eq!(line(&ok), "SIP/2.0 200 OK");
        anna.say(Method::Ack, "sip:ben@b.lab", &ok).await;
        anna.say(Method::Bye, "sip:ben@b.lab", &ok).await;
        assert_eq!(line(&anna.next().await), "SIP/2.0 200 OK");
    };
    tokio::join!(called, calling);
}

#[tokio::test]
async fn a_server_with_a_certificate_for_another_name_is_told_nothing() {
    let (a, evil) = (Throwaway::new("a.lab", &[]).unwrap(), Throwaway::new("evil.lab", &[]).unwrap());
    let at_b = start("b.lab", "ben", &evil, &a, Overrides::new());
    let (names, _down) = names(at_b.tls);
    let at_a = start("a.lab", "anna", &a, &evil, names);
    let mut anna = Phone::at(&at_a, "sip:anna@a.lab").await;
    let answer = anna.ask(Method::Invite, "sip:ben@b.lab", "sip:ben@b.lab").await;
    assert_eq!(line(&answer), "SIP/2.0 502 The other domain's server has no certificate for it");
}

#[tokio::test]
async fn a_server_whose_certificate_is_not_believed_calls_nobody_here() {
    let (a, b, unknown) = (Throwaway::new("a.lab", &[]).unwrap(), Throwaway::new("b.lab", &[]).unwrap(), Throwaway::new("x", &[]).unwrap());
    let at_b = start("b.lab", "ben", &b, &unknown, Overrides::new());
    let (names, _down) = names(at_b.tls);
    let at_a = start("a.lab", "anna", &a, &b, names);
    let _ben = Phone::at(&at_b, "sip:ben@b.lab").await;
    let mut anna = Phone::at(&at_a, "sip:anna@a.lab").await;
    let answer = anna.ask(Method::Invite, "sip:ben@b.lab", "sip:ben@b.lab").await;
    assert_eq!(line(&answer), "SIP/2.0 403 Only the server of the caller's domain can call here");
}
