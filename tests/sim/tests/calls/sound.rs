//! The media of one call as the engine's media thread would run it, with a codec that speaks in numbers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Action, Entropy, Now, SocketId, Wake};
use cooee_rtc::{
    CandidatePolicy, Certificate, EncodedFrame, Gathering, GatheringConfig, GatheringOutput, LocalTransport, Playout, SessionEvent,
    SessionId, Timing,
};
use cooee_sdp::Negotiated;
use cooee_sim::Desk;

/// Length of a frame.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// What came out of the loudspeaker of one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// When the first frame was played, since the epoch of the world.
    pub(crate) first: Option<Duration>,
    /// When the last frame was played.
    pub(crate) last: Option<Duration>,
    /// Frames decoded.
    pub(crate) decoded: u64,
    /// Frames concealed or recovered.
    pub(crate) concealed: u64,
    /// The number in the last frame; numbers never run backwards.
    pub(crate) number: Option<u32>,
}

/// News for whoever has the call.
#[derive(Debug)]
pub(crate) enum SoundEvent {
    Gathered(LocalTransport),
    Session(SessionId, SessionEvent),
}

/// Microphone, loudspeaker, codec, sockets and the gathering of one call.
pub(crate) struct Sound {
    pub(crate) gathering: Gathering,
    sockets: BTreeMap<SocketAddr, SocketId>,
    sessions: Vec<SessionId>,
    /// The session that the microphone goes to; silence to the others.
    pub(crate) speaking: Option<SessionId>,
    pub(crate) heard: BTreeMap<SessionId, Heard>,
    number: u32,
    next_frame: Option<Instant>,
    wake: Option<Wake>,
}

/// Drawn once for the whole test run: what it holds shows in no trace.
fn certificate() -> Certificate {
    static CERTIFICATE: std::sync::OnceLock<Certificate> = std::sync::OnceLock::new();
    CERTIFICATE.get_or_init(|| Certificate::generate().unwrap()).clone()
}

impl Sound {
    /// Over sockets that are bound already.
    pub(crate) fn new(
        sockets: BTreeMap<SocketAddr, SocketId>,
        stun_servers: Vec<SocketAddr>,
        policy: CandidatePolicy,
        mut entropy: Entropy,
        now: Now,
    ) -> Self {
        let config = GatheringConfig {
            sockets: sockets.keys().copied().collect(),
            rtcp_sockets: Vec::new(),
            stun_servers,
            policy,
            certificate: certificate(),
            budget: Duration::from_millis(500),
            cname: entropy.token(16),
            timing: Timing::default(),
        };
        let gathering = Gathering::new(config, entropy, now);
        let (sessions, heard) = (Vec::new(), BTreeMap::new());
        Self { gathering, sockets, sessions, speaking: None, heard, number: 0, next_frame: None, wake: None }
    }

    pub(crate) fn datagram(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8], now: Now) {
        self.gathering.handle_datagram(local, remote, payload, now);
    }

    pub(crate) fn start(&mut self, negotiated: &Negotiated, now: Now) -> SessionId {
        let session = self.gathering.start(negotiated, now);
        self.sessions.push(session);
        self.heard.insert(session, Heard::default());
        self.next_frame.get_or_insert(now.instant);
        session
    }

    pub(crate) fn stop(&mut self, session: SessionId, now: Now) {
        self.gathering.stop(session, now);
        self.sessions.retain(|known| *known != session);
        if self.sessions.is_empty() {
            self.next_frame = None;
        }
    }

    pub(crate) fn stop_all(&mut self, now: Now) {
        for session in self.sessions.clone() {
            self.stop(session, now);
        }
    }

    pub(crate) fn timeout(&mut self, now: Now) {
        self.gathering.handle_timeout(now);
        while let Some(at) = self.next_frame.filter(|at| *at <= now.instant) {
            self.next_frame = Some(at + FRAME);
            for session in self.sessions.clone() {
                self.speak(session, now);
                self.listen(session, now);
            }
            self.number += 1;
        }
    }

    fn speak(&mut self, session: SessionId, now: Now) {
        let mut payload = b"cooee".to_vec();
        payload.extend(self.number.to_be_bytes());
        payload.resize(40, 0);
        if self.speaking != Some(session) {
            payload.clear();
        }
        self.gathering.send(session, EncodedFrame { payload: &payload, samples: 960, marker: false }, now);
    }

    fn listen(&mut self, session: SessionId, now: Now) {
        let played = self.gathering.playout(session, now);
        let heard = self.heard.entry(session).or_default();
        match played {
            Playout::Decode { payload, .. } => {
                let number = number_in(&payload);
                assert!(number.is_some(), "what was played is not what was spoken: {payload:?}");
                assert!(number >= heard.number, "frame {number:?} came after {:?}", heard.number);
                heard.number = number;
                heard.decoded += 1;
                heard.first.get_or_insert(now.unix);
                heard.last = Some(now.unix);
            }
            Playout::Fec { .. } | Playout::Conceal { .. } => heard.concealed += 1,
            Playout::Silence { .. } | Playout::ComfortNoise { .. } => {}
        }
    }

    /// Hands over what is to be sent, and the news.
    pub(crate) fn drain(&mut self, desk: &mut Desk) -> Vec<SoundEvent> {
        let mut news = Vec::new();
        loop {
            match self.gathering.poll_output() {
                GatheringOutput::Transmit { local, remote, payload } => {
                    let socket = self.sockets.get(&local).copied().unwrap_or_else(|| panic!("{local} is no socket of this call"));
                    desk.act(Action::Send { socket, remote, payload: payload.to_vec() });
                }
                GatheringOutput::Gathered(transport) => {
                    desk.note(format_args!("gathered {} candidates", transport.candidates.len()));
                    news.push(SoundEvent::Gathered(transport));
                }
                GatheringOutput::Open { local } => panic!("{local} is for reports of a peer without rtcp-mux, which these calls have not"),
                GatheringOutput::Session(session, event) => {
                    desk.note(format_args!("session {} {}", session.0, described(&event)));
                    news.push(SoundEvent::Session(session, event));
                }
                GatheringOutput::Wake(wake) => {
                    self.wake = wake;
                    return news;
                }
            }
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Wake> {
        Wake::earlier(self.wake, self.next_frame.map(|at| Wake::at(at, "sound frame")))
    }
}

fn number_in(payload: &[u8]) -> Option<u32> {
    let number = payload.strip_prefix(b"cooee")?.get(..4)?;
    Some(u32::from_be_bytes(number.try_into().ok()?))
}

/// An event without its figures, which depend on how the ciphers work.
fn described(event: &SessionEvent) -> String {
    match event {
        SessionEvent::Report(_) => "report".to_owned(),
        SessionEvent::Path(path) => format!("path {} {:?} to {} {:?}", path.local, path.local_kind, path.remote, path.remote_kind),
        event => format!("{event:?}"),
    }
}
