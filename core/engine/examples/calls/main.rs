//! Many calls in one process, measured: `cargo run -p cooee-engine --example calls [CALLS [CODEC [SECONDS]]]`, or `./x bench calls`.
//!
//! One media thread, as a phone has it, speaks and hears on CALLS real calls: sockets, ICE, DTLS-SRTP, RTCP, jitter buffer, and the codec both
//! ways. The peers are another process, and cheap: they protect and send payloads that were encoded before, and decide what they would play
//! without decoding it.
//!
//! A *late block* is 10 ms of sound that was worked on a tick (20 ms) after it was due, or later; it is *ours* if the blocks before were still
//! being worked on then, and otherwise the system had not woken us. A thread that does nothing but sleep by the same ticks shows how
//! often that happens to anybody on this machine meanwhile.
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod control;
mod peers;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use cooee_audio::{Device, DeviceError, FileDevice, FileDeviceConfig, Repeat, Speech};
use cooee_call::{CallId, DialogId, MediaEvent, MediaRequest};
use cooee_engine::media::{Interfaces, MediaCommand, MediaConfig, MediaSummary, MediaThread, MediaUpdate};
use cooee_rtc::{CandidatePolicy, Certificate, LocalTransport, SessionEvent};
use cooee_sdp::{Codec, Description, Direction, DtlsRole, LocalMedia, Origin, SecurityPolicy, accept, offer};
use tokio::sync::mpsc::UnboundedReceiver;

const DIALOG: DialogId = DialogId(0);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str);
    if argument(0) == Some("--peers") {
        return peers::run(&codec(argument(1)));
    }
    let count = argument(0).map_or(200, |count| count.parse().expect("a number of calls"));
    let seconds = argument(2).map_or(20, |seconds| seconds.parse().expect("a number of seconds"));
    Bench::new(codec(argument(1))).run(count, Duration::from_secs(seconds));
}

fn codec(name: Option<&str>) -> Codec {
    match name {
        None | Some("opus") => Codec::opus(),
        Some("g722") => Codec::g722(),
        Some("pcma") => Codec::pcma(),
        Some(other) => panic!("no codec is called {other}: opus, g722, pcma"),
    }
}

fn speech(name: &str) -> Speech {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/speech");
    Speech::open(&folder.join(name)).unwrap()
}

/// What one end says of itself.
fn described(transport: LocalTransport, codec: &Codec) -> LocalMedia {
    LocalMedia {
        address: transport.address,
        candidates: transport.candidates,
        end_of_candidates: true,
        ice: Some(transport.ice),
        fingerprint: Some(transport.fingerprint),
        crypto: Vec::new(),
        security: SecurityPolicy::DTLS_ONLY,
        codecs: vec![codec.clone()],
        direction: Direction::SendRecv,
        ptime: Some(Duration::from_millis(20)),
        max_ptime: None,
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

struct Bench {
    codec: Codec,
    media: MediaThread,
    updates: UnboundedReceiver<MediaUpdate>,
    peers: Child,
    answers: BufReader<ChildStdout>,
}

impl Bench {
    fn new(codec: Codec) -> Self {
        let voice = speech("anna.wav");
        let device = move || -> Result<Box<dyn Device>, DeviceError> {
            let config = FileDeviceConfig { speak: Some(voice.clone()), repeat: Repeat::Forever, ..FileDeviceConfig::default() };
            Ok(Box::new(FileDevice::open(config)?))
        };
        let config =
            MediaConfig { interfaces: Interfaces::Loopback, ..MediaConfig::new(Arc::new(device), Certificate::generate().unwrap()) };
        let (media, updates) = MediaThread::start(config).unwrap();
        let program = std::env::current_exe().unwrap();
        let mut peers = Command::new(program)
            .args(["--peers", &codec.name.to_lowercase()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(peers.stdout.take().unwrap());
        Self { codec, media, updates, peers, answers }
    }

    fn run(mut self, count: u64, time: Duration) {
        (1..count).for_each(|call| self.call(CallId(call)));
        // The handshakes are over, and packets wait for ticks.
        std::thread::sleep(Duration::from_secs(4));
        let (control, before) = (control::Control::start(), control::processor_time());
        // What has happened since the last call began is told at its end.
        self.call(CallId(count));
        std::thread::sleep(time);
        let (used, control) = (control::processor_time() - before, control.stop());
        let summary = self.stop(CallId(count));
        let peers = self.hear_peers();
        let lasted = control.lasted.as_secs_f64();
        println!("{count} calls, {}, {lasted:.0} s:", self.codec.name);
        println!(
            "  this process      {:5.1} % of a core, {:.2} % a call, {} MB",
            used.as_secs_f64() / lasted * 100.0,
            used.as_secs_f64() / lasted * 100.0 / count as f64,
            control::resident_megabytes()
        );
        println!(
            "  late blocks       {} of {:.0}, ours {}, left out {}",
            summary.late_blocks,
            lasted * 100.0,
            summary.overrun_blocks,
            summary.skipped_blocks
        );
        println!("  who only sleeps   {} ticks of 20 ms late by one or more, {:?} at worst", control.late, control.worst);
        println!("  the peers         {peers}");
    }

    /// A call, up to the moment at which sound goes both ways.
    fn call(&mut self, call: CallId) {
        self.media.send(MediaRequest::Gather { call, account: None, policy: CandidatePolicy::All, stun_servers: Vec::new(), rtcp: false });
        let transport = self.until(|update| match update {
            MediaUpdate::Call { event: MediaEvent::Gathered(transport), .. } => Some(transport),
            _ => None,
        });
        let offered = offer(&described(transport, &self.codec), &Origin::anonymous(call.0));
        writeln!(self.peers.stdin.as_mut().unwrap(), "{}", peers::line(&offered)).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let answered = Description::parse(peers::unline(&answer).as_bytes()).unwrap();
        let negotiated = Box::new(accept(&offered, &answered, SecurityPolicy::DTLS_ONLY).unwrap());
        self.media.send(MediaRequest::Start { call, dialog: DIALOG, negotiated });
        self.media.send(MediaCommand::Request(MediaRequest::Keep { call, dialog: DIALOG }));
        self.until(|update| match update {
            MediaUpdate::Call { event: MediaEvent::Session { event: SessionEvent::Failed(failure), .. }, .. } => panic!("{failure}"),
            MediaUpdate::Call { call: of, event: MediaEvent::Session { event: SessionEvent::Active, .. } } => (of == call).then_some(()),
            _ => None,
        });
    }

    fn stop(&mut self, call: CallId) -> MediaSummary {
        self.media.send(MediaRequest::Stop { call });
        self.until(|update| match update {
            MediaUpdate::Summary { call: of, summary } => (of == call).then_some(*summary),
            _ => None,
        })
    }

    /// What the peers have to say, at the end.
    fn hear_peers(&mut self) -> String {
        drop(self.peers.stdin.take());
        let mut said = String::new();
        self.answers.read_line(&mut said).unwrap();
        assert!(self.peers.wait().unwrap().success());
        said.trim_end().to_owned()
    }

    /// Waits until something is told of which this makes a value.
    fn until<T>(&mut self, mut wanted: impl FnMut(MediaUpdate) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.updates.blocking_recv().expect("the media thread ended")) {
                return found;
            }
        }
    }
}
