//! Peers that cost little: real keys and packets, but what they say was encoded before, and what they hear is not decoded.

use std::io::{BufRead, Write};
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use cooee_codec::{CodecKind, Encoder, EncoderConfig};
use cooee_machine::{Now, Wake};
use cooee_net::{now, seed};
use cooee_rtc::{
    CandidatePolicy, Certificate, EncodedFrame, Gathering, GatheringConfig, GatheringOutput, Playout, SessionEvent, SessionId, Timing,
};
use cooee_sdp::{Codec, Description, Origin, answer};

/// From one turn to the next, and how many turns there are until it is a peer's turn again: each speaks every 20 ms, but not all at once.
const TURN: Duration = Duration::from_millis(2);
const TURNS: usize = 10;

/// A description in one line.
pub(crate) fn line(description: &Description) -> String {
    description.to_string().replace("\r\n", "\t")
}

/// And back.
pub(crate) fn unline(line: &str) -> String {
    line.trim_end_matches('\n').replace('\t', "\r\n")
}

/// Answers each offer on standard input and speaks until that ends; then says how it was.
pub(crate) fn run(codec: &Codec) {
    let (offers, waiting) = channel();
    std::thread::spawn(move || std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| offers.send(line)));
    let (certificate, payloads) = (Certificate::generate().unwrap(), payloads(codec));
    let mut peers: Vec<Peer> = Vec::new();
    let (start, mut buffer) = (Instant::now(), [0; 2_048]);
    for turn in 0.. {
        let due = start + TURN * u32::try_from(turn).unwrap();
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if !answer_all(&waiting, &mut peers, codec, &certificate) {
            break;
        }
        peers.iter_mut().skip(turn % TURNS).step_by(TURNS).for_each(|peer| peer.serve(&payloads, &mut buffer));
    }
    println!("{}", judged(&peers));
}

/// Answers what was offered meanwhile. Whether more may come.
fn answer_all(waiting: &Receiver<String>, peers: &mut Vec<Peer>, codec: &Codec, certificate: &Certificate) -> bool {
    loop {
        match waiting.try_recv() {
            Ok(offered) => {
                let (peer, answered) = Peer::answer(&Description::parse(unline(&offered).as_bytes()).unwrap(), codec, certificate);
                peers.push(peer);
                println!("{}", line(&answered));
                std::io::stdout().flush().unwrap();
            }
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
    }
}

fn judged(peers: &[Peer]) -> String {
    let statistics: Vec<_> = peers.iter().filter_map(|peer| peer.gathering.statistics(peer.session)).collect();
    let (received, lost): (u64, u64) =
        statistics.iter().fold((0, 0), |(received, lost), of| (received + of.packets_received, lost + of.packets_lost));
    let late: u64 = statistics.iter().map(|of| of.packets_late).sum();
    let concealed: u64 = statistics.iter().map(|of| of.frames_concealed).sum();
    format!("{received} packets received, {lost} lost, {late} too late to be played, {concealed} frames that had to be concealed")
}

/// Half a minute of speech or so, as payloads of 20 ms.
fn payloads(codec: &Codec) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(CodecKind::from_name(&codec.name).unwrap(), EncoderConfig::default()).unwrap();
    let encode = |frame: &[i16]| {
        let mut payload = Vec::new();
        encoder.encode(frame, &mut payload).unwrap();
        payload
    };
    super::speech("ben.wav").samples().chunks_exact(960).map(encode).collect()
}

struct Peer {
    gathering: Gathering,
    socket: UdpSocket,
    session: SessionId,
    /// Sound in one packet, in ticks of the RTP clock.
    samples: u32,
    wake: Option<Wake>,
    is_secured: bool,
    spoken: usize,
}

impl Peer {
    fn answer(offered: &Description, codec: &Codec, certificate: &Certificate) -> (Self, Description) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let config = GatheringConfig {
            sockets: vec![socket.local_addr().unwrap()],
            rtcp_sockets: Vec::new(),
            stun_servers: Vec::new(),
            policy: CandidatePolicy::All,
            certificate: certificate.clone(),
            budget: Duration::from_millis(500),
            cname: "peer".into(),
            timing: Timing::default(),
        };
        let mut gathering = Gathering::new(config, seed().unwrap(), now());
        let transport = loop {
            match gathering.poll_output() {
                GatheringOutput::Gathered(transport) => break transport,
                GatheringOutput::Wake(_) => panic!("without servers there is nothing to wait for"),
                _ => {}
            }
        };
        let (answered, negotiated) = answer(offered, &super::described(transport, codec), &Origin::anonymous(2)).unwrap();
        let session = gathering.start(&negotiated, now());
        let samples = codec.clock_rate / 50;
        (Self { gathering, socket, session, samples, wake: None, is_secured: false, spoken: 0 }, answered)
    }

    /// 20 ms.
    fn serve(&mut self, payloads: &[Vec<u8>], buffer: &mut [u8]) {
        let now = now();
        let local = self.socket.local_addr().unwrap();
        while let Ok((length, remote)) = self.socket.recv_from(buffer) {
            self.gathering.handle_datagram(local, remote, buffer.get(..length).unwrap(), now);
        }
        if self.wake.is_some_and(|wake| wake.is_due(now)) {
            self.gathering.handle_timeout(now);
        }
        if self.is_secured {
            let payload = payloads.get(self.spoken % payloads.len()).unwrap();
            self.gathering.send(self.session, EncodedFrame { payload, samples: self.samples, marker: false }, now);
            self.spoken += 1;
            self.hear(now);
        }
        self.send();
    }

    /// Asks what to play, for 20 ms.
    fn hear(&mut self, now: Now) {
        let mut left = Duration::from_millis(20);
        while !left.is_zero() {
            let played = match self.gathering.playout(self.session, now) {
                Playout::Decode { .. } => Duration::from_millis(20),
                Playout::Fec { duration, .. }
                | Playout::Conceal { duration }
                | Playout::ComfortNoise { duration, .. }
                | Playout::Silence { duration } => duration,
            };
            left = left.saturating_sub(played);
        }
    }

    fn send(&mut self) {
        loop {
            match self.gathering.poll_output() {
                GatheringOutput::Transmit { remote, payload, .. } => {
                    self.socket.send_to(&payload, remote).unwrap();
                }
                GatheringOutput::Session(_, SessionEvent::Secured { .. }) => self.is_secured = true,
                GatheringOutput::Wake(wake) => {
                    self.wake = wake;
                    return;
                }
                _ => {}
            }
        }
    }
}
