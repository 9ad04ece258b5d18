use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{Entropy, Now, SocketId, StreamId, Transport};

use crate::flow::{Flow, FlowId};
use crate::proxy::{Caller, Gate, GateRefusal, Location, Names, OtherDomain, Proxy, ProxyConfig, ProxyOutput};
use crate::registrar::{Binding, BindingKey};
use crate::transaction::start_of_test;
use crate::{Framing, HeaderName, Message, response_to};

pub(super) const EPOCH: u64 = 77;

/// A proxy, the bindings it asks for, and what it sent.
pub(super) struct Bench {
    pub(super) proxy: Proxy,
    pub(super) bindings: BTreeMap<String, Vec<Binding>>,
    pub(super) now: Now,
    /// In order, and not yet looked at.
    pub(super) sent: Vec<(FlowId, Vec<u8>)>,
    /// Whether storage answers by itself.
    pub(super) storage_answers: bool,
    /// Whether nobody may call.
    pub(super) refuses_callers: bool,
    pub(super) located: Vec<(crate::registrar::Ticket, String)>,
    /// Domains that are to be reached.
    pub(super) reached: Vec<(crate::registrar::Ticket, OtherDomain, Option<FlowId>)>,
}

pub(super) fn tls(number: u64) -> Flow {
    Flow {
        id: FlowId::Stream(StreamId(number)),
        transport: Transport::Tls,
        local: "192.0.2.1:5061".parse().unwrap(),
        remote: format!("198.51.100.{number}:40000").parse().unwrap(),
    }
}

pub(super) fn udp(number: u8) -> Flow {
    let remote = format!("198.51.100.{number}:5070").parse().unwrap();
    Flow { id: FlowId::Udp { socket: SocketId(0), remote }, transport: Transport::Udp, local: "192.0.2.1:5060".parse().unwrap(), remote }
}

pub(super) fn binding(key: u64, contact: &str, flow: Flow) -> Binding {
    Binding {
        key: BindingKey(key),
        contact: contact.into(),
        params: String::new(),
        instance: None,
        reg_id: None,
        q: 1000,
        expires: Duration::from_secs(2_000_000_000),
        updated: Duration::from_secs(1_799_999_000),
        call_id: "r".into(),
        cseq: 1,
        path: Vec::new(),
        flow,
        epoch: EPOCH,
        user_agent: None,
    }
}

/// A request as a phone writes it; `extra` are whole header lines.
pub(super) fn request(method: &str, uri: &str, transport: &str, branch: &str, tags: (&str, &str), extra: &str) -> Vec<u8> {
    let to = if tags.1.is_empty() { String::new() } else { format!(";tag={}", tags.1) };
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} 10.0.0.1:5070;branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
         From: \"A\" <sip:anna@example.org>;tag={}\r\nTo: <sip:ben@example.org>{to}\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\n{extra}\
         Contact: <sip:anna@10.0.0.1:5070>\r\nContent-Length: 0\r\n\r\n",
        tags.0
    )
    .into_bytes()
}

pub(super) fn invite() -> Vec<u8> {
    request("INVITE", "sip:ben@example.org", "TLS", "i1", ("a", ""), "X-Odd:  kept \u{e9}\r\n")
}

impl Bench {
    /// Anna on stream 1, Ben's devices on streams 2 and 3, all registered.
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same, with other bounds.
    pub(super) fn with(change: impl FnOnce(&mut ProxyConfig)) -> Self {
        let addresses = ["192.0.2.1:5061", "192.0.2.1:5060"].map(|address| address.parse().unwrap()).to_vec();
        let names = Names { domain: "example.org".into(), host: "example.org".into(), addresses };
        let mut config = ProxyConfig::new(names, [5; 32], EPOCH);
        change(&mut config);
        let mut proxy = Proxy::new(config, Entropy::for_test(1));
        proxy.socket_bound(SocketId(0), "192.0.2.1:5060".parse().unwrap());
        (1..=3).for_each(|number| proxy.flow_opened(tls(number)));
        let mut bindings = BTreeMap::new();
        bindings.insert("sip:anna@example.org".into(), vec![binding(10, "sip:anna@10.0.0.1:5070", tls(1))]);
        let ben = vec![binding(20, "sip:ben@10.0.0.2", tls(2)), binding(30, "sip:ben@10.0.0.3", tls(3))];
        bindings.insert("sip:ben@example.org".into(), ben);
        Self {
            proxy,
            bindings,
            now: start_of_test(),
            sent: Vec::new(),
            storage_answers: true,
            refuses_callers: false,
            reached: Vec::new(),
            located: Vec::new(),
        }
    }

    /// A message arrives; what claims to be Anna's is.
    pub(super) fn give(&mut self, flow: Flow, bytes: &[u8]) {
        let message = Message::parse(bytes, Framing::Datagram).unwrap();
        if message.is_request() {
            let caller = message.from().uri().address_of_record().map_or(Caller::Stranger, Caller::User);
            self.proxy.handle_request(flow, &message, |_| Gate::Admit(caller), self.now);
        } else {
            self.proxy.handle_response(&message, self.now);
        }
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.proxy.poll_output() {
            match output {
                ProxyOutput::Send { flow, payload } => self.sent.push((flow, payload)),
                ProxyOutput::Admit { ticket, .. } => {
                    let caller = Caller::User("sip:anna@example.org".into());
                    let verdict = if self.refuses_callers { Err(GateRefusal::new(407, "")) } else { Ok(caller) };
                    self.proxy.handle_admitted(ticket, verdict, self.now);
                }
                ProxyOutput::Reach { ticket, domain, instead_of } => self.reached.push((ticket, domain, instead_of)),
                ProxyOutput::Locate { ticket, aor } => {
                    self.located.push((ticket, aor));
                    if self.storage_answers {
                        self.answer_storage();
                    }
                }
            }
        }
    }

    pub(super) fn answer_storage(&mut self) {
        for (ticket, aor) in std::mem::take(&mut self.located) {
            let location = self.bindings.get(&aor).map_or(Location::Unknown, |bindings| Location::Bindings(bindings.clone()));
            self.proxy.handle_located(ticket, Ok(location), self.now);
        }
        if self.storage_answers {
            return;
        }
        self.drain();
    }

    /// Time passes, timer by timer.
    pub(super) fn pass(&mut self, time: Duration) {
        let until = self.now.after(time);
        while let Some(wake) = self.proxy.next_wake().filter(|wake| wake.at <= until.instant) {
            self.now = self.now.after(wake.at.saturating_duration_since(self.now.instant));
            self.proxy.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    /// What went out over a flow since the last look.
    pub(super) fn take(&mut self, flow: Flow) -> Vec<Vec<u8>> {
        let (taken, kept) = std::mem::take(&mut self.sent).into_iter().partition(|(to, _)| *to == flow.id);
        self.sent = kept;
        let taken: Vec<(FlowId, Vec<u8>)> = taken;
        taken.into_iter().map(|(_, payload)| payload).collect()
    }

    /// The start lines of what went out over a flow since the last look.
    pub(super) fn lines(&mut self, flow: Flow) -> Vec<String> {
        self.take(flow).iter().map(|payload| first_line(payload)).collect()
    }

    /// The one message that went out over a flow since the last look.
    pub(super) fn only(&mut self, flow: Flow) -> Vec<u8> {
        let mut taken = self.take(flow);
        assert_eq!(taken.len(), 1, "{:?}", taken.iter().map(|payload| first_line(payload)).collect::<Vec<_>>());
        taken.remove(0)
    }

    /// The phone behind a flow answers `request`.
    pub(super) fn reply(&mut self, flow: Flow, request: &[u8], status: u16, tag: &str) {
        let request = Message::parse(request, Framing::Datagram).unwrap();
        let mut response = response_to(&request, status, "", Some(tag)).header(HeaderName::Contact, format!("<sip:{tag}@10.0.0.9>"));
        for route in request.header_values(HeaderName::RecordRoute) {
            response = response.header(HeaderName::RecordRoute, route);
        }
        self.give(flow, &response.into_bytes());
    }
}

pub(super) fn first_line(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).lines().next().unwrap_or_default().to_owned()
}

pub(super) fn header(payload: &[u8], name: HeaderName<'_>) -> Option<String> {
    let message = Message::parse(payload, Framing::Datagram).unwrap();
    message.header(name).map(|value| String::from_utf8_lossy(value).into_owned())
}
