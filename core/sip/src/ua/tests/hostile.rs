//! Anything at all comes in, in any order: nothing panics, nothing grows.

use std::collections::BTreeMap;
use std::time::Duration;

use cooee_machine::{Entropy, Now, SocketId, StreamId, Transport};

use super::super::*;
use super::scene::{ANSWER, OFFER, config, flow};
use crate::build::response_to;
use crate::header::HeaderName;
use crate::message::{Framing, Message};
use crate::transaction::start_of_test;

const METHODS: [&str; 14] =
    ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "PRACK", "UPDATE", "ODD", "REFER", "NOTIFY", "MESSAGE", "INVITE"];
const EXTRA: [&str; 32] = [
    "Require: 100rel",
    "Contact: <sip:ben@192.0.2.2>",
    "Contact: *",
    "Record-Route: <sip:a.example.org;lr>",
    "Record-Route: <sip:strict.example.org>",
    "Expires: 1",
    "Reason: SIP;cause=200",
    "Content-Type: application/sdp",
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"",
    "Proxy-Authenticate: Digest realm=\"p\", nonce=\"m\", stale=true",
    "Retry-After: 0",
    "Min-Expires: 5000",
    "RSeq: 1",
    "RSeq: 2",
    "RSeq: 4294967295",
    "RAck: 1 1 INVITE",
    "Session-Expires: 90;refresher=uas",
    "Session-Expires: 4294967295;refresher=uac",
    "Session-Expires: 1",
    "Supported: timer, 100rel, replaces",
    "Min-SE: 4294967295",
    "Min-SE: 2000",
    "Allow: INVITE, UPDATE",
    "Event: refer",
    "Event: refer;id=2",
    "Event: message-summary",
    "Subscription-State: terminated;reason=noresource",
    "Content-Type: message/sipfrag",
    "Content-Type: text/plain",
    "Refer-To: <sip:carol@example.org?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3>",
    "Refer-To: <tel:+4930123>",
    "Replaces: 1;to-tag=2;from-tag=3",
];

const BODIES: [&str; 6] =
    ["x", "", "SIP/2.0 100 Trying\r\n", "SIP/2.0 200 OK", "Messages-Waiting: yes\r\nVoice-Message: 1/2", "Signal=5\r\n"];

/// A peer that sends what comes to its mind, partly in answer to what it got.
struct Peer {
    entropy: Entropy,
    heard: Vec<Vec<u8>>,
}

impl Peer {
    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[usize::try_from(self.entropy.below(of.len() as u64)).unwrap()]
    }

    fn small(&mut self, bound: u64) -> u64 {
        self.entropy.below(bound)
    }

    fn request(&mut self) -> Vec<u8> {
        let method = self.pick(&METHODS);
        let tag = if self.small(2) == 0 { self.known_tag() } else { String::new() };
        let mut text = format!(
            "{method} sip:anna@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{}\r\nFrom: <sip:ben@example.org>;tag={}\r\n\
             To: <sip:anna@example.org>{tag}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n",
            self.small(400),
            self.small(3),
            self.small(20),
            self.small(6),
        );
        for _ in 0..self.small(4) {
            text += self.pick(&EXTRA);
            text += "\r\n";
        }
        let body = self.pick(&BODIES);
        text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        text.into_bytes()
    }

    /// A tag the agent put on some response.
    fn known_tag(&mut self) -> String {
        let heard = self.heard_of(false);
        heard.and_then(|bytes| Some(format!(";tag={}", Message::parse(&bytes, Framing::Datagram).ok()?.to().tag()?))).unwrap_or_default()
    }

    fn heard_of(&mut self, requests: bool) -> Option<Vec<u8>> {
        let fits = |bytes: &&Vec<u8>| Message::parse(bytes, Framing::Datagram).is_ok_and(|message| message.is_request() == requests);
        let heard: Vec<&Vec<u8>> = self.heard.iter().filter(fits).collect();
        let at = usize::try_from(self.entropy.below(heard.len() as u64)).unwrap();
        heard.get(at).map(|bytes| (*bytes).clone())
    }

    fn response(&mut self) -> Option<Vec<u8>> {
        let request = self.heard_of(true)?;
        let status = [100, 180, 183, 199, 200, 200, 200, 202, 302, 401, 407, 408, 423, 481, 486, 487, 491, 500, 503, 603];
        let status = status[usize::try_from(self.small(20)).unwrap()];
        let tag = format!("t{}", self.small(40));
        let request = Message::parse(&request, Framing::Datagram).ok()?;
        let mut response = response_to(&request, status, "", Some(&tag));
        for _ in 0..self.small(4) {
            let (name, value) = self.pick(&EXTRA).split_once(": ").unwrap();
            let value = value.replace("\"n\"", &format!("\"n{}\"", self.small(9)));
            response = response.header(HeaderName::from_bytes(name.as_bytes()), value);
        }
        Some(response.into_bytes())
    }

    fn garbage(&mut self, of: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = of.unwrap_or_default();
        for _ in 0..=self.small(5) {
            let at = usize::try_from(self.entropy.below(bytes.len() as u64 + 1)).unwrap();
            match self.small(3) {
                0 => bytes.insert(at, u8::try_from(self.small(256)).unwrap()),
                1 if at < bytes.len() => bytes[at] = u8::try_from(self.small(256)).unwrap(),
                _ => bytes.truncate(at),
            }
        }
        bytes
    }

    fn message(&mut self) -> Vec<u8> {
        match self.small(10) {
            0..4 => self.request(),
            4..8 => self.response().unwrap_or_default(),
            8 => {
                let seed = self.response();
                self.garbage(seed)
            }
            _ => {
                let seed = Some(self.request());
                self.garbage(seed)
            }
        }
    }
}

/// Whatever the owner of a phone may ask of it, fitting or not.
fn command(agent: &mut UserAgent, peer: &mut Peer, now: Now) {
    let leg = LegId(peer.small(60));
    // Before the answer, a dialog has to be named.
    let fork = agent.legs.get(&leg).and_then(|leg| leg.keys().next().cloned()).filter(|_| peer.small(2) == 0);
    match peer.small(20) {
        0 | 1 => {
            agent.invite("sip:ben@example.org", OFFER.to_vec(), InviteOptions::default(), now);
        }
        2 => agent.ring(leg, (peer.small(2) == 0).then(|| OFFER.to_vec()), now),
        3 | 4 => agent.answer(leg, ANSWER.to_vec(), now),
        5 => agent.reject(leg, u16::try_from(peer.small(900)).unwrap(), "no\r\nX: y", now),
        6 | 7 => agent.hang_up(leg, HangUp { status: Some(200), text: Some("x".to_owned()) }, now),
        8 => {
            agent.reoffer(leg, OFFER.to_vec(), now);
            agent.message("sip:ben@example.org", "hello", now);
        }
        9 => agent.accept_reoffer(leg, fork.as_ref(), ANSWER.to_vec(), now),
        10 => agent.reject_reoffer(leg, fork.as_ref(), 488, now),
        18 => fork.iter().for_each(|fork| agent.reoffer_early(leg, fork, OFFER.to_vec(), now)),
        13 => agent.refer(leg, &ReferTo { target: "sip:carol@example.org".to_owned(), replaces: None }, now),
        14 => {
            let other = agent.take_over(LegId(peer.small(60)));
            other.iter().for_each(|other| agent.refer(leg, other, now));
        }
        15 => agent.accept_transfer(leg, now),
        16 => agent.reject_transfer(leg, u16::try_from(peer.small(900)).unwrap(), now),
        17 => agent.notify_transfer(leg, u16::try_from(peer.small(900)).unwrap(), "x\r\nY: z", now),
        11 => agent.register(now),
        12 => agent.unregister(now),
        _ => {
            agent.handle_keep_alive(now);
            agent.handle_ping(now);
        }
    }
}

/// A message, a keep-alive, or an answer that has to repeat what was wrong with the question.
fn is_valid(payload: &[u8]) -> bool {
    let must_repeat = ["400", "501", "505", "513"].iter().any(|status| payload.starts_with(format!("SIP/2.0 {status} ").as_bytes()));
    must_repeat || payload.trim_ascii().is_empty() || stun::is_stun(payload) || Message::parse(payload, Framing::Stream).is_ok()
}

fn flows(transport: Transport, number: u64) -> Flow {
    let mut flow = flow(transport, 1, 9);
    flow.id = match transport {
        Transport::Udp => FlowId::Udp { socket: SocketId(number), remote: flow.remote },
        Transport::Tcp | Transport::Tls => FlowId::Stream(StreamId(number)),
    };
    flow
}

/// Whether a leg that was told of has ended; after its end, nothing more may be told.
fn note(told: &mut BTreeMap<LegId, bool>, leg: LegId, event: &LegEvent) {
    let before = told.insert(leg, matches!(event, LegEvent::Ended(_)));
    assert_ne!(before, Some(true), "{event:?} after the end");
}

#[test]
fn anything_in_any_order_neither_panics_nor_grows() {
    for (seed, transport) in (0..24).zip([Transport::Udp, Transport::Tls].into_iter().cycle()) {
        let (mut now, mut entropy) = (start_of_test(), Entropy::for_test(seed));
        let mut config = config("anna");
        config.limits.legs = 8;
        let limits = config.limits;
        let mut agent = UserAgent::new(config, entropy.fork());
        let mut peer = Peer { entropy, heard: Vec::new() };
        let mut current = flows(transport, 0);
        agent.flow_opened(current, now);
        let mut legs_told = BTreeMap::new();
        for step in 0..4000 {
            match peer.small(100) {
                0..60 => agent.handle_message(current.id, &peer.message(), now),
                60..85 => command(&mut agent, &mut peer, now),
                85..98 => {
                    now = now.after(Duration::from_millis(peer.small(3000)));
                    agent.handle_timeout(now);
                }
                98 => agent.flow_closed(now),
                _ => {
                    current = flows(transport, step);
                    agent.flow_opened(current, now);
                }
            }
            while let Some(output) = agent.poll_output() {
                match output {
                    UserAgentOutput::Send { payload, .. } => {
                        assert!(is_valid(&payload), "{}", String::from_utf8_lossy(&payload));
                        peer.heard.push(payload);
                    }
                    UserAgentOutput::Leg { leg, event } => note(&mut legs_told, leg, &event),
                    UserAgentOutput::Query(QueryEvent::Asked { id, .. }) => agent.answer_query(id, step % 2 == 0, now),
                    UserAgentOutput::Registration(_)
                    | UserAgentOutput::Query(_)
                    | UserAgentOutput::Message(_)
                    | UserAgentOutput::MessagesWaiting(_)
                    | UserAgentOutput::FlowFailed(_) => {}
                }
            }
            let excess = peer.heard.len().saturating_sub(50);
            peer.heard.drain(..excess);
            let (core, legs) = (&agent.core, &agent.legs);
            assert!(legs.len() <= limits.legs);
            assert!(core.transactions.len() <= limits.transactions.client + limits.transactions.server);
            assert!(core.purposes.len() <= limits.transactions.client && core.acks.len() <= limits.transactions.client);
            assert!(core.acks.values().all(|acks| acks.len() <= limits.forks));
            assert!(core.transactions.kept_bytes() <= limits.transactions.bytes + 65_536);
        }
        for leg in 0..5000 {
            agent.hang_up(LegId(leg), HangUp::default(), now);
        }
        agent.unregister(now);
        for _ in 0..700 {
            now = now.after(Duration::from_secs(1));
            agent.handle_timeout(now);
            while let Some(output) = agent.poll_output() {
                if let UserAgentOutput::Leg { leg, event } = output {
                    note(&mut legs_told, leg, &event);
                }
            }
        }
        assert!(legs_told.len() > 20 && legs_told.values().all(|ended| *ended), "seed {seed}: {legs_told:?}");
        assert!(agent.is_idle(), "seed {seed}");
        assert!(agent.core.transactions.is_empty() && agent.core.purposes.is_empty() && agent.core.acks.is_empty(), "seed {seed}");
    }
}
