//! A provider's exchange of the plain old kind: UDP, RTP without ICE or keys, and sound before the answer.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Action, Event, Now, SocketId, Wake};
use cooee_sdp::{Codec, Description, Direction, DtlsRole, LocalMedia, Origin, SecurityPolicy, answer};
use cooee_sim::{Desk, Input, Node};
use cooee_sip::{Framing, Message, Method, RequestBuilder, StartLine, respond};

use crate::sound::FRAME;

/// Where it is.
pub(crate) const EXCHANGE: &str = "192.0.2.50";
const SIGNALLING: SocketId = SocketId(0);
const SOUND: SocketId = SocketId(1);
const TAG: &str = "exchange";

/// What becomes of an INVITE.
pub(crate) enum Turn {
    Refuse(u16),
    MoveTo(&'static str),
    /// An announcement for so long, then the answer; it speaks all the time.
    Announce(Duration),
}

/// The call it is in.
struct Line {
    invite: Vec<u8>,
    phone: SocketAddr,
    description: Description,
    sound_to: SocketAddr,
    payload_type: u8,
    number: u32,
    next_frame: Instant,
    answers_at: Option<Instant>,
    cseq: u32,
}

/// The exchange.
pub(crate) struct Exchange {
    turns: VecDeque<Turn>,
    line: Option<Line>,
    /// Request-URIs of the INVITEs that came, and their offers.
    pub(crate) invites: Vec<(String, String)>,
    /// Frames of speech that came.
    pub(crate) heard: u64,
    /// It says nothing.
    pub(crate) is_quiet: bool,
}

impl Exchange {
    pub(crate) fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Self { turns: turns.into_iter().collect(), line: None, invites: Vec::new(), heard: 0, is_quiet: false }
    }

    /// Puts the phone on hold by naming no address (RFC 2543), or takes it back.
    pub(crate) fn hold(&mut self, on: bool, desk: &mut Desk) {
        let line = self.line.as_mut().expect("a call");
        line.cseq += 1;
        let mut offer = line.description.clone();
        offer.origin.session_version += u64::from(line.cseq);
        if on {
            offer.media[0].address = Some("0.0.0.0".parse().unwrap());
        }
        let request = line.request(Method::Invite).contact(&contact()).body("application/sdp", offer.to_string());
        desk.act(line.send(request.into_bytes()));
    }

    fn request(&mut self, message: &Message<'_>, remote: SocketAddr, desk: &mut Desk, now: Now) {
        let ok = Action::Send { socket: SIGNALLING, remote, payload: respond(message, Some(remote), 200, "", Some(TAG)).into_bytes() };
        match message.method() {
            Method::Ack => {}
            Method::Invite if message.to().tag().is_none() => self.invited(message, remote, desk, now),
            Method::Bye => {
                self.line = None;
                desk.act(ok);
            }
            _ => desk.act(ok),
        }
    }

    fn invited(&mut self, message: &Message<'_>, remote: SocketAddr, desk: &mut Desk, now: Now) {
        let uri = message.request_uri().map(|uri| uri.as_str().to_owned()).unwrap_or_default();
        self.invites.push((uri, String::from_utf8_lossy(message.body()).into_owned()));
        let response = |status| respond(message, Some(remote), status, "", Some(TAG));
        let response = match self.turns.pop_front().expect("a turn for every INVITE") {
            Turn::Refuse(status) => response(status),
            Turn::MoveTo(place) => response(302).contact(&format!("<{place}>")),
            Turn::Announce(time) => {
                let offered = Description::parse(message.body()).unwrap();
                let (description, negotiated) = answer(&offered, &local_media(), &Origin::anonymous(5)).unwrap();
                self.line = Some(Line {
                    invite: message.as_bytes().to_vec(),
                    phone: remote,
                    description: description.clone(),
                    sound_to: negotiated.remote_address.unwrap(),
                    payload_type: negotiated.codec.payload_type,
                    number: 0,
                    next_frame: now.instant,
                    answers_at: Some(now.instant + time),
                    cseq: 0,
                });
                response(183).contact(&contact()).body("application/sdp", description.to_string())
            }
        };
        desk.act(Action::Send { socket: SIGNALLING, remote, payload: response.into_bytes() });
    }

    fn timeout(&mut self, desk: &mut Desk, now: Now) {
        let Some(line) = &mut self.line else { return };
        if line.answers_at.take_if(|at| *at <= now.instant).is_some() {
            let invite = Message::parse(&line.invite, Framing::Datagram).unwrap();
            let ok = respond(&invite, Some(line.phone), 200, "", Some(TAG)).contact(&contact());
            let payload = ok.body("application/sdp", line.description.to_string()).into_bytes();
            desk.act(Action::Send { socket: SIGNALLING, remote: line.phone, payload });
        }
        while line.next_frame <= now.instant {
            line.next_frame += FRAME;
            let frame = line.frame();
            if !self.is_quiet {
                desk.act(frame);
            }
        }
    }
}

impl Line {
    /// A request within the call, as the called side sends it.
    fn request(&self, method: Method<'_>) -> RequestBuilder {
        let invite = Message::parse(&self.invite, Framing::Datagram).unwrap();
        let (from, to) = (invite.from(), invite.to());
        let target = invite.contacts().next().unwrap().uri().as_str().to_owned();
        RequestBuilder::new(method, &target)
            .via("UDP", &format!("{EXCHANGE}:5060"), &format!("z9hG4bK{}{}", self.cseq, String::from_utf8_lossy(method.as_bytes())))
            .max_forwards(70)
            .from(&format!("<{}>", to.uri().as_str()), TAG)
            .to(&format!("<{}>", from.uri().as_str()), from.tag())
            .call_id(invite.call_id())
            .cseq(self.cseq, method)
    }

    fn send(&self, payload: Vec<u8>) -> Action {
        Action::Send { socket: SIGNALLING, remote: self.phone, payload }
    }

    /// 20 ms of sound in the simulator's own language.
    fn frame(&mut self) -> Action {
        let mut payload = vec![0x80, self.payload_type];
        payload.extend(u16::try_from(self.number % 65_536).unwrap().to_be_bytes());
        payload.extend((self.number * 960).to_be_bytes());
        payload.extend([0, 0, 0, 9]);
        payload.extend(b"cooee");
        payload.extend(self.number.to_be_bytes());
        payload.resize(12 + 40, 0);
        self.number += 1;
        Action::Send { socket: SOUND, remote: self.sound_to, payload }
    }
}

fn contact() -> String {
    format!("<sip:exchange@{EXCHANGE}:5060>")
}

fn local_media() -> LocalMedia {
    LocalMedia {
        address: format!("{EXCHANGE}:4000").parse().unwrap(),
        candidates: Vec::new(),
        end_of_candidates: true,
        ice: None,
        fingerprint: None,
        crypto: Vec::new(),
        security: SecurityPolicy::PLAIN_ONLY,
        codecs: Codec::defaults(),
        direction: Direction::SendRecv,
        ptime: None,
        max_ptime: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

impl Node for Exchange {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                desk.bind(SIGNALLING, SocketAddr::from(([0, 0, 0, 0], 5060)));
                desk.bind(SOUND, SocketAddr::from(([0, 0, 0, 0], 4000)));
            }
            Input::Io(Event::Datagram { socket: SIGNALLING, remote, payload, .. }) => {
                let Ok(message) = Message::parse(payload, Framing::Datagram) else { return };
                match message.start_line() {
                    StartLine::Request { .. } => self.request(&message, remote, desk, now),
                    // Only re-INVITEs are asked.
                    StartLine::Response { status: 200, .. } => {
                        let line = self.line.as_ref().expect("a call");
                        desk.act(line.send(line.request(Method::Ack).into_bytes()));
                    }
                    StartLine::Response { .. } => {}
                }
            }
            Input::Io(Event::Datagram { socket: SOUND, payload, .. }) => {
                let is_speech = payload.get(12..17) == Some(b"cooee");
                self.heard += u64::from(is_speech);
            }
            Input::Io(Event::Timeout) => self.timeout(desk, now),
            _ => {}
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        self.line.as_ref().map(|line| Wake::at(line.next_frame, "exchange: frame"))
    }
}
