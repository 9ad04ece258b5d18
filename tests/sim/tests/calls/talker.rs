//! Media without signalling: two sides that are told each other's description by the test.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cooee_machine::{Action, Entropy, Event, Now, SocketId, Wake};
use cooee_rtc::{CandidatePolicy, LocalTransport, SessionEvent, SessionId};
use cooee_sdp::{Codec, Description, Direction, DtlsRole, LocalMedia, Negotiated, Origin, SecurityPolicy, accept, answer, offer};
use cooee_sim::{Desk, HostId, Input, Node, World};

use crate::sound::{Heard, Sound, SoundEvent};

/// One side of a call.
pub(crate) struct Talker {
    locals: Vec<SocketAddr>,
    stun_servers: Vec<SocketAddr>,
    policy: CandidatePolicy,
    entropy: Entropy,
    bound: BTreeMap<SocketAddr, SocketId>,
    by_socket: BTreeMap<SocketId, SocketAddr>,
    pub(crate) sound: Option<Sound>,
    pub(crate) gathered: Option<LocalTransport>,
    pub(crate) events: Vec<SessionEvent>,
    pub(crate) session: Option<SessionId>,
}

impl Talker {
    /// With a socket at each of these addresses (port 0 for any).
    pub(crate) fn new(locals: &[&str], stun_servers: &[&str], entropy: Entropy) -> Self {
        let parse = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        Self {
            locals: parse(locals),
            stun_servers: parse(stun_servers),
            policy: CandidatePolicy::All,
            entropy,
            bound: BTreeMap::new(),
            by_socket: BTreeMap::new(),
            sound: None,
            gathered: None,
            events: Vec::new(),
            session: None,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.events.contains(&SessionEvent::Active)
    }

    pub(crate) fn failure(&self) -> Option<&SessionEvent> {
        self.events.iter().find(|event| matches!(event, SessionEvent::Failed(_)))
    }

    /// What was heard of the only session.
    pub(crate) fn heard(&self) -> Heard {
        let heard = self.sound.as_ref().zip(self.session).and_then(|(sound, session)| sound.heard.get(&session));
        heard.cloned().unwrap_or_default()
    }

    fn local_media(&self) -> LocalMedia {
        let transport = self.gathered.clone().expect("gathered");
        LocalMedia {
            address: transport.address,
            candidates: transport.candidates,
            end_of_candidates: true,
            ice: Some(transport.ice),
            fingerprint: Some(transport.fingerprint),
            crypto: Vec::new(),
            security: SecurityPolicy::DTLS_ONLY,
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

    pub(crate) fn start(&mut self, negotiated: &Negotiated, desk: &mut Desk, now: Now) {
        let sound = self.sound.as_mut().expect("gathered");
        let session = sound.start(negotiated, now);
        sound.speaking = Some(session);
        self.session = Some(session);
        self.drain(desk);
    }

    fn drain(&mut self, desk: &mut Desk) {
        let Some(sound) = &mut self.sound else { return };
        for news in sound.drain(desk) {
            match news {
                SoundEvent::Gathered(transport) => self.gathered = Some(transport),
                SoundEvent::Session(_, event) => self.events.push(event),
            }
        }
    }
}

impl Node for Talker {
    fn handle(&mut self, input: Input<'_>, desk: &mut Desk, now: Now) {
        match input {
            Input::Started => {
                for (socket, local) in (0..).zip(&self.locals) {
                    desk.act(Action::Bind { socket: SocketId(socket), local: *local });
                }
            }
            Input::Io(Event::Bound { socket, local }) => {
                let local = local.unwrap();
                self.bound.insert(local, socket);
                self.by_socket.insert(socket, local);
                if self.bound.len() == self.locals.len() {
                    let entropy = self.entropy.fork();
                    self.sound = Some(Sound::new(self.bound.clone(), self.stun_servers.clone(), self.policy, entropy, now));
                }
            }
            Input::Io(Event::Datagram { socket, remote, payload, .. }) => {
                if let (Some(sound), Some(local)) = (&mut self.sound, self.by_socket.get(&socket)) {
                    sound.datagram(*local, remote, payload, now);
                }
            }
            Input::Io(Event::Timeout) => {
                if let Some(sound) = &mut self.sound {
                    sound.timeout(now);
                }
            }
            _ => {}
        }
        self.drain(desk);
    }

    fn next_wake(&self) -> Option<Wake> {
        self.sound.as_ref().and_then(Sound::next_wake)
    }
}

/// Lets two [`Talker`]s gather, then tells each what the other described, both at once.
pub(crate) fn introduce(world: &mut World, anna: HostId, ben: HostId) {
    let both = [anna, ben];
    let ready = |world: &World| both.iter().all(|host| world.node::<Talker>(*host).gathered.is_some());
    world.run_to(std::time::Duration::from_secs(2), ready).expect("both gather within the budget");
    let [annas, bens] = both.map(|host| world.node::<Talker>(host).local_media());
    let offered = offer(&annas, &Origin::anonymous(1)).to_string();
    let offered = Description::parse(offered.as_bytes()).unwrap();
    let (answered, to_ben) = answer(&offered, &bens, &Origin::anonymous(2)).unwrap();
    let answered = Description::parse(answered.to_string().as_bytes()).unwrap();
    let to_anna = accept(&offered, &answered, SecurityPolicy::DTLS_ONLY).unwrap();
    world.with(ben, |ben: &mut Talker, desk, now| ben.start(&to_ben, desk, now));
    world.with(anna, |anna: &mut Talker, desk, now| anna.start(&to_anna, desk, now));
}
