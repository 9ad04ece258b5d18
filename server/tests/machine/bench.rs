use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use cooee_machine::{
    Action, CloseReason, DnsSecurity, Entropy, Event, Machine, Now, PeerIdentity, Record, RecordType, Resolution, Secret, SocketId,
    StreamEvent, StreamId, StreamOrigin, Transport, Wake,
};
use cooee_server::{
    MemoryStore, Server, ServerConfig, ServerEvent, ServerInput, ServerOutput, StoreFailure, StoreReply, StoreRequest, UserName,
};
use cooee_sip::digest::{Login, challenges, strongest};
use cooee_sip::{Framing, HeaderName, Message, Method, RequestBuilder, response_to};

pub(crate) const UDP: &str = "192.0.2.1:5060";

/// A server, its store, its clock, and what it did that nobody has looked at.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) store: MemoryStore,
    pub(crate) now: Now,
    pub(crate) actions: Vec<Action>,
    pub(crate) events: Vec<ServerEvent>,
    pub(crate) wake: Option<Wake>,
    /// Storage says this and nothing else.
    pub(crate) failure: Option<StoreFailure>,
    /// Storage is asked and does not answer yet.
    pub(crate) is_slow: bool,
    pub(crate) asked: Vec<StoreRequest>,
}

pub(crate) fn config() -> ServerConfig {
    let mut config = ServerConfig::new("example.org", [3; 32], 11);
    config.udp = vec![UDP.parse().unwrap()];
    config.stun = vec!["192.0.2.1:3478".parse().unwrap()];
    config.streams = vec!["192.0.2.1:5061".parse().unwrap()];
    config
}

pub(crate) fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

impl Bench {
    /// Anna and Ben have accounts; their passwords are their names and "-secret".
    pub(crate) fn new(config: ServerConfig) -> Self {
        // Hashing passwords takes its time, on purpose: once is enough.
        static STORE: OnceLock<MemoryStore> = OnceLock::new();
        let store = STORE.get_or_init(|| {
            let mut store = MemoryStore::new();
            for name in ["anna", "ben"] {
                let password = Secret::new(format!("{name}-secret"));
                store.add_user(user(name), "example.org", &password, &mut Entropy::for_test(9)).unwrap();
            }
            store
        });
        let now = Now { instant: Instant::now(), unix: Duration::from_secs(1_800_000_000) };
        Self::above(config, store.clone(), now)
    }

    /// A server that starts above what another has left.
    pub(crate) fn above(config: ServerConfig, store: MemoryStore, now: Now) -> Self {
        let server = Server::new(config, Entropy::for_test(1));
        let (actions, events, asked) = (Vec::new(), Vec::new(), Vec::new());
        let mut bench = Self { server, store, now, actions, events, wake: None, failure: None, is_slow: false, asked };
        bench.drain();
        let binds: Vec<(SocketId, SocketAddr)> = std::mem::take(&mut bench.actions)
            .into_iter()
            .filter_map(|action| if let Action::Bind { socket, local } = action { Some((socket, local)) } else { None })
            .collect();
        for (socket, local) in binds {
            bench.io(Event::Bound { socket, local: Ok(local) });
        }
        bench
    }

    pub(crate) fn io(&mut self, event: Event<'_>) {
        self.server.handle_input(event.into(), self.now);
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        loop {
            match self.server.poll_output() {
                ServerOutput::Io(action) => self.actions.push(action),
                ServerOutput::Log(event) => self.events.push(event),
                ServerOutput::Store(request) if self.is_slow => self.asked.push(request),
                ServerOutput::Store(request) => self.answer(request),
                ServerOutput::Wake(wake) => {
                    self.wake = wake;
                    return;
                }
            }
        }
    }

    pub(crate) fn answer(&mut self, request: StoreRequest) {
        let reply = match &self.failure {
            Some(failure) => StoreReply { ticket: request.ticket, outcome: Err(failure.clone()) },
            None => self.store.perform(request),
        };
        self.server.handle_input(ServerInput::Stored(reply), self.now);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now.after(time);
        while let Some(wake) = self.wake.filter(|wake| wake.at <= until.instant) {
            self.now = self.now.after(wake.at.saturating_duration_since(self.now.instant));
            self.io(Event::Timeout);
        }
        self.now = until;
    }

    pub(crate) fn open(&mut self, number: u64) {
        self.open_from(number, &format!("198.51.100.{number}:40000"));
    }

    pub(crate) fn open_from(&mut self, number: u64, remote: &str) {
        self.opened(number, remote, &[], StreamOrigin::Accepted(Transport::Tls));
    }

    /// A connection comes up whose other end has proven to speak for these domains.
    pub(crate) fn opened(&mut self, number: u64, remote: &str, domains: &[&str], origin: StreamOrigin) {
        let (local, remote) = ("192.0.2.1:5061".parse().unwrap(), remote.parse().unwrap());
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        let event = StreamEvent::Opened { local, remote, peer: PeerIdentity { domains, ..PeerIdentity::default() }, origin };
        self.io(Event::Stream { stream: StreamId(number), event });
    }

    /// Answers all questions to the DNS by these records, the rest by "no such record"; how many there were.
    pub(crate) fn answer_dns(&mut self, records: &[(&str, Record)]) -> usize {
        let mut asked = 0;
        while let Some(place) = self.actions.iter().position(|action| matches!(action, Action::Resolve { .. })) {
            let Action::Resolve { id, question } = self.actions.remove(place) else { unreachable!() };
            let kind = |record: &Record| match record {
                Record::A(_) => RecordType::A,
                Record::Aaaa(_) => RecordType::Aaaa,
                Record::Srv(_) => RecordType::Srv,
                Record::Naptr(_) => RecordType::Naptr,
            };
            let is_meant = |(name, record): &&(&str, Record)| *name == question.name && kind(record) == question.kind;
            let found: Vec<Record> = records.iter().filter(is_meant).map(|(_, record)| record.clone()).collect();
            let (ttl, security) = (Duration::from_secs(60), DnsSecurity::Insecure);
            let resolution = match found.is_empty() {
                true => Resolution::Nothing { no_such_name: false, ttl, security },
                false => Resolution::Records { records: found, ttl, security },
            };
            self.io(Event::Resolved { id, resolution });
            asked += 1;
        }
        asked
    }

    /// The connection that is to be opened: its number, where to and to whom.
    pub(crate) fn opening(&mut self) -> Option<(u64, String, Option<String>)> {
        let place = self.actions.iter().position(|action| matches!(action, Action::Open { .. }))?;
        let Action::Open { stream, target } = self.actions.remove(place) else { unreachable!() };
        Some((stream.0, target.remote.to_string(), target.tls))
    }

    pub(crate) fn close(&mut self, number: u64) {
        self.io(Event::Stream { stream: StreamId(number), event: StreamEvent::Closed(CloseReason::ByPeer) });
    }

    pub(crate) fn bytes(&mut self, number: u64, bytes: &[u8]) {
        self.io(Event::Stream { stream: StreamId(number), event: StreamEvent::Bytes(bytes) });
    }

    pub(crate) fn datagram(&mut self, socket: u64, remote: &str, payload: &[u8]) {
        let (local, remote) = (UDP.parse().unwrap(), remote.parse().unwrap());
        self.io(Event::Datagram { socket: SocketId(socket), local, remote, payload });
    }

    /// What was written to a connection since the last look.
    pub(crate) fn written(&mut self, number: u64) -> Vec<Vec<u8>> {
        let mut written = Vec::new();
        self.actions.retain(|action| match action {
            Action::Write { stream, payload } if *stream == StreamId(number) => {
                written.push(payload.clone());
                false
            }
            _ => true,
        });
        written
    }

    pub(crate) fn only(&mut self, number: u64) -> Vec<u8> {
        let mut written = self.written(number);
        assert_eq!(written.len(), 1, "{:?}", written.iter().map(|bytes| line(bytes)).collect::<Vec<_>>());
        written.remove(0)
    }

    pub(crate) fn lines(&mut self, number: u64) -> Vec<String> {
        self.written(number).iter().map(|bytes| line(bytes)).collect()
    }

    /// What was sent to an address since the last look.
    pub(crate) fn sent(&mut self, remote: &str) -> Vec<Vec<u8>> {
        let to: SocketAddr = remote.parse().unwrap();
        let mut sent = Vec::new();
        self.actions.retain(|action| match action {
            Action::Send { remote, payload, .. } if *remote == to => {
                sent.push(payload.clone());
                false
            }
            _ => true,
        });
        sent
    }

    pub(crate) fn is_closed(&self, number: u64) -> bool {
        self.actions.contains(&Action::Close(StreamId(number)))
    }

    /// Registers over a new connection, challenge and all.
    pub(crate) fn register(&mut self, name: &str, number: u64) {
        self.open(number);
        let phone = Phone::new(name, number);
        self.bytes(number, &phone.register(1, None));
        let challenge = self.only(number);
        assert_eq!(line(&challenge), "SIP/2.0 401 Unauthorized");
        self.bytes(number, &phone.register(2, Some(&challenge)));
        assert_eq!(self.lines(number), ["SIP/2.0 200 OK"]);
    }

    /// Calls with credentials: gives the INVITE as sent in the end.
    pub(crate) fn call(&mut self, phone: &Phone, target: &str) -> Vec<u8> {
        self.bytes(phone.number, &phone.invite(target, 1, None));
        let challenge = self.only(phone.number);
        assert_eq!(line(&challenge), "SIP/2.0 407 Proxy Authentication Required");
        let invite = phone.invite(target, 2, Some(&challenge));
        self.bytes(phone.number, &invite);
        invite
    }

    /// The phone behind a connection answers a request.
    pub(crate) fn reply(&mut self, number: u64, request: &[u8], status: u16, tag: &str) {
        let request = Message::parse(request, Framing::Stream).unwrap();
        let mut response = response_to(&request, status, "", Some(tag)).header(HeaderName::Contact, format!("<sip:{tag}@10.0.0.{number}>"));
        for route in request.header_values(HeaderName::RecordRoute) {
            response = response.header(HeaderName::RecordRoute, route);
        }
        self.bytes(number, &response.into_bytes());
    }
}

/// A phone of a user, on one connection.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) name: String,
    pub(crate) password: Secret,
    pub(crate) number: u64,
    pub(crate) agent: &'static str,
    pub(crate) transport: &'static str,
}

impl Phone {
    pub(crate) fn new(name: &str, number: u64) -> Self {
        let password = Secret::new(format!("{name}-secret"));
        Self { name: name.into(), password, number, agent: "Test/1", transport: "TLS" }
    }

    pub(crate) fn aor(&self) -> String {
        format!("sip:{}@example.org", self.name)
    }

    /// A request with credentials for the strongest challenge of a 401 or 407.
    pub(crate) fn request(&self, method: Method<'_>, uri: &str, to: &str, cseq: u32, challenge: Option<&[u8]>) -> RequestBuilder {
        let branch = format!("z9hG4bK{}{}{cseq}{method}", self.name, self.number);
        let request = RequestBuilder::new(method, uri)
            .via(self.transport, &format!("10.0.0.{}:5070", self.number), &branch)
            .max_forwards(70)
            .from(&format!("<{}>", self.aor()), &format!("t{}", self.number))
            .to(&format!("<{to}>"), None)
            .call_id(&format!("{method}-{}-{}", self.name, self.number))
            .cseq(cseq, method)
            .header(HeaderName::UserAgent, self.agent);
        let Some(challenge) = challenge else { return request };
        let response = Message::parse(challenge, Framing::Stream).unwrap();
        let best = strongest(challenges(&response)).unwrap();
        let login = Login { username: &self.name, password: &self.password };
        let answer = best.answer(login, method, uri, b"", 1, "cnonce");
        let name = if response.status() == Some(407) { HeaderName::ProxyAuthorization } else { HeaderName::Authorization };
        request.header(name, answer)
    }

    pub(crate) fn register(&self, cseq: u32, challenge: Option<&[u8]>) -> Vec<u8> {
        let contact = format!(
            "<sip:{}@10.0.0.{};transport=tls>;reg-id=1;+sip.instance=\"<urn:uuid:{}-{}>\"",
            self.name, self.number, self.name, self.number
        );
        self.request(Method::Register, "sip:example.org", &self.aor(), cseq, challenge)
            .header(HeaderName::Supported, "path, outbound")
            .contact(&contact)
            .into_bytes()
    }

    pub(crate) fn invite(&self, target: &str, cseq: u32, challenge: Option<&[u8]>) -> Vec<u8> {
        self.request(Method::Invite, target, target, cseq, challenge)
            .contact(&format!("<sip:{}@10.0.0.{}>", self.name, self.number))
            .into_bytes()
    }
}

pub(crate) fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

pub(crate) fn header(bytes: &[u8], name: HeaderName<'_>) -> Vec<String> {
    let message = Message::parse(bytes, Framing::Datagram).unwrap();
    message.header_values(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}
