//! A provider's exchange of the plain old kind: UDP, RTP without ICE or keys, and sound before the answer.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Action, Event, Now, SocketId, Wake};
use cooee_sdp::{Codec, Description, Direction, DtlsRole, LocalMedia, Origin, SecurityPolicy, answer, offer};
use cooee_sim::{Desk, Input, Node};
use cooee_sip::{Framing, HeaderName, Message, Method, RequestBuilder, StartLine, respond};

use crate::sound::FRAME;

/// Where it is.
pub(crate) const EXCHANGE: &str = "192.0.2.50";
const SIGNALLING: SocketId = SocketId(0);
const SOUND: SocketId = SocketId(1);
/// Where the other of two phones has its sound.
const OTHER_SOUND: SocketId = SocketId(2);
const TAG: &str = "exchange";
const OTHER_TAG: &str = "other";

/// What becomes of an INVITE.
pub(crate) enum Turn {
    Refuse(u16),
    /// Nothing rings, until the caller gives up.
    Silent,
    MoveTo(&'static str),
    /// An announcement for so long, then the answer; it speaks all the time.
    Announce(Duration),
    /// Two phones ring. One has something to say at once, reliably, and then would rather say it in A-law and hear nothing; the other
    /// answers.
    Fork,
}

/// The call it is in.
struct Line {
    invite: Vec<u8>,
    /// Of the phone that speaks, and where its sound comes from.
    tag: &'static str,
    socket: SocketId,
    phone: SocketAddr,
    description: Description,
    sound_to: SocketAddr,
    payload_type: u8,
    /// By which digits may come.
    digits: Vec<u8>,
    number: u32,
    next_frame: Instant,
    answers_at: Option<Instant>,
    cseq: u32,
}

/// The exchange.
pub(crate) struct Exchange {
    turns: VecDeque<Turn>,
    line: Option<Line>,
    /// An INVITE of which nothing has come yet.
    pending: Option<Vec<u8>>,
    /// Calls that were given up before anything rang.
    pub(crate) cancelled: u64,
    /// Request-URIs of the INVITEs that came, and their offers.
    pub(crate) invites: Vec<(String, String)>,
    /// Frames of speech that came.
    pub(crate) heard: u64,
    /// Digits that were pressed, each once.
    pub(crate) pressed: BTreeSet<u8>,
    /// It says nothing.
    pub(crate) is_quiet: bool,
}

impl Exchange {
    pub(crate) fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Self {
            turns: turns.into_iter().collect(),
            line: None,
            pending: None,
            cancelled: 0,
            invites: Vec::new(),
            heard: 0,
            pressed: BTreeSet::new(),
            is_quiet: false,
        }
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
            Method::Prack => {
                desk.act(ok);
                self.change_early(desk);
            }
            Method::Invite if message.to().tag().is_none() => self.invited(message, remote, desk, now),
            Method::Cancel => {
                desk.act(ok);
                self.cancelled += 1;
                let invite = self.pending.take().expect("an INVITE to cancel");
                let invite = Message::parse(&invite, Framing::Datagram).unwrap();
                let terminated = respond(&invite, Some(remote), 487, "", Some(TAG)).into_bytes();
                desk.act(Action::Send { socket: SIGNALLING, remote, payload: terminated });
            }
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
            Turn::Silent => {
                self.pending = Some(message.as_bytes().to_vec());
                response(100)
            }
            Turn::MoveTo(place) => response(302).contact(&format!("<{place}>")),
            Turn::Announce(time) => {
                let line = Line::new(message, remote, Some(now.instant + time), now);
                let description = line.description.to_string();
                self.line = Some(line);
                response(183).contact(&contact()).body("application/sdp", description)
            }
            Turn::Fork => {
                let line = Line::new(message, remote, None, now);
                let description = line.description.to_string();
                self.line = Some(line);
                let reliable = response(183).header(HeaderName::Require, "100rel").header(HeaderName::RSeq, "1");
                reliable.contact(&contact()).body("application/sdp", description)
            }
        };
        desk.act(Action::Send { socket: SIGNALLING, remote, payload: response.into_bytes() });
    }

    /// The phone that spoke first offers another description by UPDATE (RFC 3311).
    fn change_early(&mut self, desk: &mut Desk) {
        let line = self.line.as_mut().expect("a call");
        line.cseq += 1;
        let media = LocalMedia { codecs: vec![Codec::new(8, "PCMA", 8000, 1)], direction: Direction::SendOnly, ..local_media(SOUND) };
        let offer = offer(&media, &line.description.origin.next_version());
        let request = line.request(Method::Update).contact(&contact()).body("application/sdp", offer.to_string());
        desk.act(line.send(request.into_bytes()));
    }

    /// It was agreed on, and the other phone answers.
    fn answer_elsewhere(&mut self, desk: &mut Desk) {
        let line = self.line.as_mut().expect("a call");
        let invite = Message::parse(&line.invite, Framing::Datagram).unwrap();
        let offered = Description::parse(invite.body()).unwrap();
        let (description, negotiated) = answer(&offered, &local_media(OTHER_SOUND), &Origin::anonymous(6)).unwrap();
        let ok = respond(&invite, Some(line.phone), 200, "", Some(OTHER_TAG)).contact(&contact());
        let ok = ok.body("application/sdp", description.to_string()).into_bytes();
        (line.tag, line.socket, line.payload_type, line.description) = (OTHER_TAG, OTHER_SOUND, negotiated.codec.payload_type, description);
        desk.act(line.send(ok));
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
    /// One of its phones has taken notice of an INVITE.
    fn new(invite: &Message<'_>, phone: SocketAddr, answers_at: Option<Instant>, now: Now) -> Self {
        let offered = Description::parse(invite.body()).unwrap();
        let (description, negotiated) = answer(&offered, &local_media(SOUND), &Origin::anonymous(5)).unwrap();
        Self {
            invite: invite.as_bytes().to_vec(),
            tag: TAG,
            socket: SOUND,
            phone,
            description,
            sound_to: negotiated.remote_address.unwrap(),
            payload_type: negotiated.codec.payload_type,
            digits: negotiated.receive.iter().filter(|codec| codec.is_telephone_event()).map(|codec| codec.payload_type).collect(),
            number: 0,
            next_frame: now.instant,
            answers_at,
            cseq: 0,
        }
    }

    /// A request within the call, as the called side sends it.
    fn request(&self, method: Method<'_>) -> RequestBuilder {
        let invite = Message::parse(&self.invite, Framing::Datagram).unwrap();
        let (from, to) = (invite.from(), invite.to());
        let target = invite.contacts().next().unwrap().uri().as_str().to_owned();
        RequestBuilder::new(method, &target)
            .via("UDP", &format!("{EXCHANGE}:5060"), &format!("z9hG4bK{}{}", self.cseq, String::from_utf8_lossy(method.as_bytes())))
            .max_forwards(70)
            .from(&format!("<{}>", to.uri().as_str()), self.tag)
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
        Action::Send { socket: self.socket, remote: self.sound_to, payload }
    }
}

fn contact() -> String {
    format!("<sip:exchange@{EXCHANGE}:5060>")
}

/// Where the sound of a socket comes from.
fn port(socket: SocketId) -> u16 {
    if socket == SOUND { 4000 } else { 4002 }
}

fn local_media(socket: SocketId) -> LocalMedia {
    LocalMedia {
        address: format!("{EXCHANGE}:{}", port(socket)).parse().unwrap(),
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
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

impl Node for Exchange {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                desk.bind(SIGNALLING, SocketAddr::from(([0, 0, 0, 0], 5060)));
                for socket in [SOUND, OTHER_SOUND] {
                    desk.bind(socket, SocketAddr::from(([0, 0, 0, 0], port(socket))));
                }
            }
            Input::Io(Event::Datagram { socket: SIGNALLING, remote, payload, .. }) => {
                let Ok(message) = Message::parse(payload, Framing::Datagram) else { return };
                match message.start_line() {
                    StartLine::Request { .. } => self.request(&message, remote, desk, now),
                    StartLine::Response { status: 200, .. } if message.cseq().method == Method::Update => self.answer_elsewhere(desk),
                    // Else only re-INVITEs are asked.
                    StartLine::Response { status: 200, .. } => {
                        let line = self.line.as_ref().expect("a call");
                        desk.act(line.send(line.request(Method::Ack).into_bytes()));
                    }
                    StartLine::Response { .. } => {}
                }
            }
            Input::Io(Event::Datagram { socket: SOUND | OTHER_SOUND, payload, .. }) => {
                let is_speech = payload.get(12..17) == Some(b"cooee");
                self.heard += u64::from(is_speech);
                let kind = payload.get(1).map_or(0, |octet| octet & 0x7f);
                let is_digit = self.line.as_ref().is_some_and(|line| line.digits.contains(&kind));
                self.pressed.extend(payload.get(12).filter(|_| is_digit));
            }
            Input::Io(Event::Timeout) => self.timeout(desk, now),
            _ => {}
        }
    }

    fn next_wake(&self) -> Option<Wake> {
        self.line.as_ref().map(|line| Wake::at(line.next_frame, "exchange: frame"))
    }
}
