use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Entropy, Now, Pii, Secret, SocketId, StreamId, Transport};

use super::super::*;
use crate::message::{Framing, Message, StartLine};
use crate::transaction::start_of_test;

/// Anna, the caller.
pub(super) const ANNA: usize = 0;
/// Ben, the callee.
pub(super) const BEN: usize = 1;

pub(super) const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
pub(super) const ANSWER: &[u8] = b"v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\n";

/// One user agent and what it has said.
pub(super) struct End {
    pub(super) agent: UserAgent,
    pub(super) flow: Flow,
    pub(super) events: Vec<(LegId, LegEvent)>,
    pub(super) registrations: Vec<RegistrationEvent>,
    pub(super) failed_flows: usize,
    pub(super) texts: Vec<MessageEvent>,
    pub(super) queries: Vec<QueryEvent>,
}

/// Called with sender, first line and how often it came before; true loses the message.
type Loses = Box<dyn FnMut(usize, &str, usize) -> bool>;
/// Called with sender, first line and message; what comes out is sent.
type Rewrites = Box<dyn FnMut(usize, &str, Vec<u8>) -> Vec<u8>>;

/// What the network does to messages.
pub(super) struct Air {
    pub(super) delay: Duration,
    /// Up to so much more for each message, by chance: reorders.
    pub(super) jitter: Duration,
    /// In percent.
    pub(super) loss: u64,
    pub(super) entropy: Entropy,
    pub(super) loses: Loses,
    pub(super) rewrites: Rewrites,
}

/// Two user agents, each the other's server, and the air between them.
pub(super) struct Scene {
    pub(super) now: Now,
    pub(super) ends: [End; 2],
    pub(super) air: Air,
    in_flight: BTreeMap<(Instant, u64), (usize, Vec<u8>)>,
    sent: u64,
    /// `anna INVITE`, `ben 180 INVITE` … in the order of sending.
    pub(super) ladder: Vec<String>,
    /// The messages of the ladder.
    pub(super) messages: Vec<String>,
}

pub(super) fn config(user: &str) -> UserAgentConfig {
    let mut config = UserAgentConfig::new(
        format!("sip:{user}@example.org"),
        Secret::new(format!("{user}-pw")),
        format!("urn:uuid:00000000-0000-4000-8000-00000000000{}", user.len()),
    );
    config.display_name = Some(Pii(user.to_owned()));
    config.user_agent = "Cooee/test".to_owned();
    config
}

pub(super) fn flow(transport: Transport, local: u8, remote: u8) -> Flow {
    let address = |host: u8| SocketAddr::from(([192, 0, 2, host], 5060));
    let id = match transport {
        Transport::Udp => FlowId::Udp { socket: SocketId(1), remote: address(remote) },
        Transport::Tcp | Transport::Tls => FlowId::Stream(StreamId(2)),
    };
    Flow { id, transport, local: address(local), remote: address(remote) }
}

/// `INVITE` or `180 INVITE`; the whole is what ladders are made of.
pub(super) fn summary(bytes: &[u8]) -> String {
    let Ok(message) = Message::parse(bytes, Framing::Datagram) else {
        return if bytes == b"\r\n\r\n" { "ping".to_owned() } else { format!("{} octets", bytes.len()) };
    };
    match message.start_line() {
        StartLine::Request { method, .. } => method.to_string(),
        StartLine::Response { status, .. } => format!("{status} {}", message.method()),
    }
}

impl Scene {
    pub(super) fn new(transport: Transport) -> Self {
        Self::with(transport, 1, config("anna"), config("ben"))
    }

    pub(super) fn with(transport: Transport, seed: u64, anna: UserAgentConfig, ben: UserAgentConfig) -> Self {
        let now = start_of_test();
        let mut entropy = Entropy::for_test(seed);
        let mut end = |config: UserAgentConfig, local, remote| {
            let flow = flow(transport, local, remote);
            let mut agent = UserAgent::new(config, entropy.fork());
            agent.flow_opened(flow, now);
            End { agent, flow, events: Vec::new(), registrations: Vec::new(), failed_flows: 0, texts: Vec::new(), queries: Vec::new() }
        };
        let ends = [end(anna, 1, 2), end(ben, 2, 1)];
        let air = Air {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss: 0,
            entropy: entropy.fork(),
            loses: Box::new(|_, _, _| false),
            rewrites: Box::new(|_, _, message| message),
        };
        Self { now, ends, air, in_flight: BTreeMap::new(), sent: 0, ladder: Vec::new(), messages: Vec::new() }
    }

    pub(super) fn anna(&mut self) -> &mut UserAgent {
        &mut self.ends[ANNA].agent
    }

    pub(super) fn ben(&mut self) -> &mut UserAgent {
        &mut self.ends[BEN].agent
    }

    /// Takes what the agents have to say; messages go into the air.
    pub(super) fn collect(&mut self) {
        for who in [ANNA, BEN] {
            while let Some(output) = self.ends[who].agent.poll_output() {
                match output {
                    UserAgentOutput::Send { payload, .. } => self.launch(who, payload),
                    UserAgentOutput::Leg { leg, event } => self.ends[who].events.push((leg, event)),
                    UserAgentOutput::Registration(event) => self.ends[who].registrations.push(event),
                    UserAgentOutput::Message(event) => self.ends[who].texts.push(event),
                    UserAgentOutput::Query(event) => self.ends[who].queries.push(event),
                    UserAgentOutput::MessagesWaiting(_) => {}
                    UserAgentOutput::FlowFailed(_) => self.ends[who].failed_flows += 1,
                }
            }
        }
    }

    fn launch(&mut self, who: usize, payload: Vec<u8>) {
        let line = summary(&payload);
        if line == "ping" {
            return;
        }
        let payload = (self.air.rewrites)(who, &line, payload);
        let entry = format!("{} {line}", ["anna", "ben"][who]);
        let before = self.ladder.iter().filter(|other| **other == entry).count();
        self.ladder.push(entry);
        self.messages.push(String::from_utf8_lossy(&payload).into_owned());
        let lost = (self.air.loses)(who, &line, before) || self.air.entropy.below(100) < self.air.loss;
        if !lost {
            let jitter = self.air.entropy.below(u64::try_from(self.air.jitter.as_millis()).unwrap() + 1);
            let at = self.now.instant + self.air.delay + Duration::from_millis(jitter);
            self.sent += 1;
            self.in_flight.insert((at, self.sent), (1 - who, payload));
        }
    }

    /// Puts octets into the air as if `who` had sent them.
    pub(super) fn inject(&mut self, who: usize, payload: Vec<u8>) {
        self.launch(who, payload);
    }

    /// Lets time pass, messages arrive and timers fire.
    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now.instant + span;
        loop {
            self.collect();
            let arrival = self.in_flight.first_key_value().map(|((at, _), _)| *at);
            let wake = self.ends.iter().filter_map(|end| end.agent.next_wake()).map(|wake| wake.at).min();
            let Some(next) = [arrival, wake].into_iter().flatten().min().filter(|next| *next <= end) else { break };
            self.now = self.now.after(next.saturating_duration_since(self.now.instant));
            if arrival == Some(next) {
                let (_, (to, payload)) = self.in_flight.pop_first().unwrap();
                let end = &mut self.ends[to];
                end.agent.handle_message(end.flow.id, &payload, self.now);
            } else {
                for end in &mut self.ends {
                    end.agent.handle_timeout(self.now);
                }
            }
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    /// Long enough for messages to arrive, too short for any timer.
    pub(super) fn settle(&mut self) {
        self.run(Duration::from_millis(100));
    }

    pub(super) fn call(&mut self) -> LegId {
        let now = self.now;
        self.anna().invite("sip:ben@example.org", OFFER.to_vec(), InviteOptions::default(), now)
    }

    /// The leg of an end that rang or called last.
    pub(super) fn leg(&self, who: usize) -> LegId {
        self.ends[who].events.iter().rev().find(|(_, event)| !matches!(event, LegEvent::Ended(_))).expect("a leg").0
    }

    /// A call that both sides know to be up.
    pub(super) fn established(transport: Transport) -> (Self, LegId, LegId) {
        let mut scene = Self::new(transport);
        let anna = scene.call();
        scene.settle();
        let (ben, now) = (scene.leg(BEN), scene.now);
        scene.ben().answer(ben, ANSWER.to_vec(), now);
        scene.settle();
        scene.ladder.clear();
        scene.messages.clear();
        (scene, anna, ben)
    }

    /// Has the text replaced in every message with this first line.
    pub(super) fn rewrite(&mut self, of: usize, in_line: &'static str, from: &'static str, to: &'static str) {
        self.air.rewrites = Box::new(move |who, line, message| {
            if who != of || line != in_line {
                return message;
            }
            let text = String::from_utf8(message).unwrap();
            assert!(text.contains(from), "no {from} in {text}");
            text.replace(from, to).into_bytes()
        });
    }

    /// How a leg ended; fails unless it did, once, and last.
    pub(super) fn ended(&self, who: usize, leg: LegId) -> Ended {
        let events: Vec<_> = self.ends[who].events.iter().filter(|(of, _)| *of == leg).map(|(_, event)| event).collect();
        let ends = events.iter().filter(|event| matches!(event, LegEvent::Ended(_))).count();
        match events.last() {
            Some(LegEvent::Ended(ended)) if ends == 1 => ended.clone(),
            _ => panic!("leg of {who} has not ended once and last: {events:?}"),
        }
    }

    pub(super) fn has(&self, who: usize, matches: impl Fn(&LegEvent) -> bool) -> bool {
        self.ends[who].events.iter().any(|(_, event)| matches(event))
    }

    /// A message of the ladder, by its entry.
    pub(super) fn message(&self, entry: &str) -> &str {
        let at = self.ladder.iter().position(|other| other == entry).unwrap_or_else(|| panic!("no {entry} in {:?}", self.ladder));
        &self.messages[at]
    }
}
