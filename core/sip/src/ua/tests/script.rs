use std::time::Duration;

use cooee_machine::{Entropy, Now, Transport};

use super::super::*;
use super::scene::{config, flow, summary};
use crate::build::response_to;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::transaction::start_of_test;

/// One user agent (anna) whose server is a script.
pub(super) struct Script {
    pub(super) now: Now,
    pub(super) agent: UserAgent,
    pub(super) flow: Flow,
    /// Octets sent since the last look.
    pub(super) sent: Vec<Vec<u8>>,
    pub(super) events: Vec<LegEvent>,
    pub(super) registrations: Vec<RegistrationEvent>,
    pub(super) failed_flows: usize,
    pub(super) texts: Vec<MessageEvent>,
    pub(super) queries: Vec<QueryEvent>,
    pub(super) waiting: Vec<MessagesWaiting>,
}

impl Script {
    pub(super) fn new(transport: Transport) -> Self {
        Self::with(transport, config("anna"))
    }

    pub(super) fn with(transport: Transport, config: UserAgentConfig) -> Self {
        let (now, flow) = (start_of_test(), flow(transport, 1, 9));
        let mut agent = UserAgent::new(config, Entropy::for_test(5));
        agent.flow_opened(flow, now);
        Self {
            now,
            agent,
            flow,
            sent: Vec::new(),
            events: Vec::new(),
            registrations: Vec::new(),
            failed_flows: 0,
            texts: Vec::new(),
            queries: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes what the agent has to say.
    pub(super) fn collect(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                UserAgentOutput::Send { payload, .. } => self.sent.push(payload),
                UserAgentOutput::Leg { event, .. } => self.events.push(event),
                UserAgentOutput::Registration(event) => self.registrations.push(event),
                UserAgentOutput::Message(event) => self.texts.push(event),
                UserAgentOutput::Query(event) => self.queries.push(event),
                UserAgentOutput::MessagesWaiting(waiting) => self.waiting.push(waiting),
                UserAgentOutput::FlowFailed(_) => self.failed_flows += 1,
            }
        }
    }

    /// What has been sent since the last look, keep-alives aside.
    pub(super) fn sent(&mut self) -> Vec<Vec<u8>> {
        self.collect();
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter().filter(|payload| summary(payload) != "ping").collect()
    }

    pub(super) fn sent_lines(&mut self) -> Vec<String> {
        self.sent().iter().map(|message| summary(message)).collect()
    }

    /// The only message sent since the last look.
    pub(super) fn only(&mut self) -> Vec<u8> {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{:?}", sent.iter().map(|message| summary(message)).collect::<Vec<_>>());
        sent.remove(0)
    }

    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.agent.handle_message(self.flow.id, bytes, self.now);
        self.collect();
    }

    /// Answers a request of the agent's; `extra` are whole header lines.
    pub(super) fn answer(&mut self, request: &[u8], status: u16, tag: &str, extra: &str, body: &[u8]) {
        let response = response(request, status, tag, extra, body);
        self.receive(&response);
    }

    /// Lets time pass until a message is sent (keep-alives are answered), for `span` at the most.
    pub(super) fn run_until_sent(&mut self, span: Duration) {
        let end = self.now.instant + span;
        while let Some(wake) = self.agent.next_wake().filter(|wake| wake.at <= end) {
            self.run(wake.at.saturating_duration_since(self.now.instant));
            if self.sent.iter().any(|payload| summary(payload) != "ping") {
                return;
            }
            self.agent.handle_keep_alive(self.now);
        }
    }

    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now.instant + span;
        self.collect();
        while let Some(wake) = self.agent.next_wake().filter(|wake| wake.at <= end) {
            self.now = self.now.after(wake.at.saturating_duration_since(self.now.instant));
            self.agent.handle_timeout(self.now);
            self.collect();
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    /// The account's registrar has asked for its password in the realm `r`; now it is not asked any more.
    pub(super) fn learn_realm(&mut self) {
        self.agent.register(self.now);
        let register = self.only();
        self.answer(&register, 401, "s", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"", b"");
        let register = self.only();
        self.answer(&register, 403, "s", "Server: x", b"");
        self.registrations.clear();
    }

    pub(super) fn call(&mut self) -> (LegId, Vec<u8>) {
        let leg = self.agent.invite("sip:ben@example.org", super::scene::OFFER.to_vec(), InviteOptions::default(), self.now);
        (leg, self.only())
    }
}

pub(super) fn response(request: &[u8], status: u16, tag: &str, extra: &str, body: &[u8]) -> Vec<u8> {
    let request = Message::parse(request, Framing::Datagram).expect("a request");
    let mut response = response_to(&request, status, "", Some(tag).filter(|tag| !tag.is_empty()));
    for line in extra.lines() {
        let (name, value) = line.split_once(": ").expect("a header line");
        response = response.header(HeaderName::from_bytes(name.as_bytes()), value);
    }
    if body.is_empty() { response.into_bytes() } else { response.body("application/sdp", body).into_bytes() }
}

/// A header's value.
pub(super) fn header(message: &[u8], name: HeaderName<'static>) -> Option<String> {
    let message = Message::parse(message, Framing::Datagram).expect("a message");
    message.header(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// The message as text, with what chance has put in replaced by a word that stands for it.
pub(super) fn golden(message: &[u8]) -> String {
    let parsed = Message::parse(message, Framing::Datagram).expect("a message");
    let mut text = String::from_utf8_lossy(message).replace("\r\n", "\n");
    let mut put = |what: Option<&str>, word: &str| {
        if let Some(what) = what.filter(|what| what.len() > 8) {
            text = text.replace(what, word);
        }
    };
    put(parsed.via().branch(), "BRANCH");
    put(Some(parsed.call_id()), "CALL-ID");
    put(parsed.from().tag(), "FROM-TAG");
    put(parsed.to().tag(), "TO-TAG");
    let session = parsed.header_text(HeaderName::SessionId).and_then(|value| value.split(';').next());
    put(session, "SESSION");
    for name in [HeaderName::Authorization, HeaderName::ProxyAuthorization] {
        let value = parsed.header_text(name).unwrap_or_default();
        for part in ["response=\"", "cnonce=\""] {
            let found = value.split(part).nth(1).and_then(|rest| rest.split('"').next());
            put(found, if part.starts_with('r') { "PROOF" } else { "CNONCE" });
        }
    }
    text
}
