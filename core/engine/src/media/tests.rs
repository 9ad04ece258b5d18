//! Two media threads on loopback, with real sockets, keys and speech.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cooee_audio::{Device, DeviceError, FileDevice, FileDeviceConfig, NullDevice, OpenDevice, Speech};
use cooee_call::{CallId, DialogId, MediaEvent, MediaRequest};
use cooee_codec::Arrival;
use cooee_rtc::{CandidatePolicy, Certificate, LocalTransport, MediaSecurity, SessionEvent};
use cooee_sdp::{Codec, Direction, DtlsRole, LocalMedia, Negotiated, Origin, SecurityPolicy, accept, answer, offer};
use tokio::sync::mpsc::UnboundedReceiver;

use super::*;

const CALL: CallId = CallId(1);
const DIALOG: DialogId = DialogId(0);

/// Whose turn it is: voices are spoken in real time, one conversation after the other.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn clip(name: &str) -> Speech {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/speech").join(name);
    // The first four seconds will do.
    Speech::from(Speech::open(&path).unwrap().samples()[..4 * 48_000].to_vec())
}

fn place(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("cooee-media-{}-{name}.wav", std::process::id()))
}

/// One phone's media: its thread, and what it has told so far.
struct End {
    thread: MediaThread,
    updates: UnboundedReceiver<MediaUpdate>,
    told: Vec<MediaUpdate>,
}

impl End {
    fn new(device: Arc<dyn OpenDevice>) -> Self {
        let config = MediaConfig { interfaces: Interfaces::Loopback, ..MediaConfig::new(device, Certificate::generate().unwrap()) };
        let (thread, updates) = MediaThread::start(config).unwrap();
        Self { thread, updates, told: Vec::new() }
    }

    /// Speaks this clip.
    fn speaking(clip: Speech) -> Self {
        Self::new(Arc::new(move || -> Result<Box<dyn Device>, DeviceError> {
            Ok(Box::new(FileDevice::open(FileDeviceConfig { speak: Some(clip.clone()), ..FileDeviceConfig::default() })?))
        }))
    }

    fn silent() -> Self {
        Self::new(Arc::new(|| -> Result<Box<dyn Device>, DeviceError> { Ok(Box::new(NullDevice)) }))
    }

    /// Waits until something is told of which this makes a value.
    fn until<T>(&mut self, mut wanted: impl FnMut(&MediaUpdate) -> Option<T>) -> T {
        loop {
            let update = self.updates.blocking_recv().expect("the media thread ended");
            let found = wanted(&update);
            self.told.push(update);
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn until_session<T>(&mut self, mut wanted: impl FnMut(&SessionEvent) -> Option<T>) -> T {
        self.until(|update| match update {
            MediaUpdate::Call { event: MediaEvent::Session { event: SessionEvent::Failed(failure), .. }, .. } => panic!("{failure}"),
            MediaUpdate::Call { event: MediaEvent::Session { event, .. }, .. } => wanted(event),
            _ => None,
        })
    }

    fn gather(&mut self) -> LocalTransport {
        self.gather_for(CALL)
    }

    fn gather_for(&mut self, call: CallId) -> LocalTransport {
        self.thread.send(MediaRequest::Gather { call, account: None, policy: CandidatePolicy::All, stun_servers: Vec::new(), rtcp: false });
        self.until(|update| match update {
            MediaUpdate::Call { event: MediaEvent::Gathered(transport), .. } => Some(transport.clone()),
            _ => None,
        })
    }

    fn start_for(&self, call: CallId, negotiated: Negotiated) {
        self.thread.send(MediaRequest::Start { call, dialog: DIALOG, negotiated: Box::new(negotiated) });
        self.thread.send(MediaRequest::Keep { call, dialog: DIALOG });
    }

    fn stop(&mut self) -> Option<MediaSummary> {
        self.told.clear();
        self.stop_for(CALL)
    }

    fn stop_for(&mut self, call: CallId) -> Option<MediaSummary> {
        self.thread.send(MediaRequest::Stop { call });
        self.until(|update| matches!(update, MediaUpdate::Call { event: MediaEvent::Stopped { .. }, .. }).then_some(()));
        self.told.iter().find_map(|update| match update {
            MediaUpdate::Summary { call: of, summary } if *of == call => Some((**summary).clone()),
            _ => None,
        })
    }
}

fn described(transport: LocalTransport, codecs: Vec<Codec>) -> LocalMedia {
    LocalMedia {
        address: transport.address,
        candidates: transport.candidates,
        end_of_candidates: true,
        ice: Some(transport.ice),
        fingerprint: Some(transport.fingerprint),
        crypto: Vec::new(),
        security: SecurityPolicy::DTLS_ONLY,
        codecs: Codec::with_telephone_events(codecs),
        direction: Direction::SendRecv,
        ptime: Some(Duration::from_millis(20)),
        max_ptime: None,
        bandwidth: cooee_sdp::Bandwidth::default(),
        rtcp: None,
        rtcp_mux: true,
        answer_role: DtlsRole::Client,
    }
}

/// Lets two ends agree as two phones would, and starts both.
fn connect(anna: &mut End, ben: &mut End, codecs: &[Codec]) {
    connect_for(CALL, anna, ben, codecs);
}

fn connect_for(call: CallId, anna: &mut End, ben: &mut End, codecs: &[Codec]) {
    let offered = offer(&described(anna.gather_for(call), codecs.to_vec()), &Origin::anonymous(1));
    let (answered, for_ben) = answer(&offered, &described(ben.gather_for(call), codecs.to_vec()), &Origin::anonymous(2)).unwrap();
    ben.start_for(call, for_ben);
    anna.start_for(call, accept(&offered, &answered, SecurityPolicy::DTLS_ONLY).unwrap());
}

/// A voice is judged in so many parts. The machine may be busy, and what stands still for a moment spoils one of them: of all, a third must
/// be as the codec has it.
const PARTS: usize = 9;

#[track_caller]
fn assert_well_heard(arrivals: &[Arrival]) {
    assert!(arrivals.get(PARTS / 3 - 1).is_some_and(|arrival| arrival.score > 0.8 && arrival.complete > 0.9), "{arrivals:?}");
}

/// A call of two voices; what each end heard of the other, and how it fared.
fn converse(codec: &Codec, name: &str) -> [(Vec<Arrival>, MediaSummary); 2] {
    let _turn = turn();
    let (voice_a, voice_b) = (clip("anna.wav"), clip("ben.wav"));
    let (mut anna, mut ben) = (End::speaking(voice_a.clone()), End::speaking(voice_b.clone()));
    let (at_anna, at_ben) = (place(&format!("{name}-anna")), place(&format!("{name}-ben")));
    anna.thread.send(MediaCommand::Record { call: CALL, path: at_anna.clone() });
    ben.thread.send(MediaCommand::Record { call: CALL, path: at_ben.clone() });
    connect(&mut anna, &mut ben, std::slice::from_ref(codec));
    let ended = |update: &MediaUpdate| matches!(update, MediaUpdate::Device(cooee_audio::DeviceEvent::SpeechEnded)).then_some(());
    anna.until(ended);
    ben.until(ended);
    // The last words are still in the jitter buffers.
    std::thread::sleep(Duration::from_millis(500));
    let (summary_a, summary_b) = (anna.stop().unwrap(), ben.stop().unwrap());
    let (heard_a, heard_b) = (Speech::open(&at_anna).unwrap(), Speech::open(&at_ben).unwrap());
    std::fs::remove_file(at_anna).unwrap();
    std::fs::remove_file(at_ben).unwrap();
    let parts = |voice: &Speech, heard: &Speech| Arrival::measure_parts(voice.samples(), heard.samples(), PARTS);
    let arrivals = [parts(&voice_b, &heard_a), parts(&voice_a, &heard_b)];
    println!("{codec:?}: {arrivals:?}\n{summary_a:#?}\n{summary_b:#?}");
    let [at_a, at_b] = arrivals;
    [(at_a, summary_a), (at_b, summary_b)]
}

#[test]
fn two_voices_speak_and_hear_each_other_over_opus() {
    for (arrivals, summary) in converse(&Codec::opus(), "opus") {
        assert_well_heard(&arrivals);
        assert_eq!(summary.security, Some(MediaSecurity::EndToEnd));
        assert_eq!((summary.codec.as_str(), summary.codec_received.as_deref()), ("opus", Some("opus")));
        assert!(summary.path.is_some() && summary.statistics.packets_received > 100, "{summary:?}");
        assert_eq!(summary.malformed, 0);
    }
}

#[test]
fn two_voices_speak_and_hear_each_other_over_g711() {
    for (arrivals, summary) in converse(&Codec::pcma(), "pcma") {
        assert_well_heard(&arrivals);
        assert_eq!(summary.codec, "PCMA");
    }
}

#[test]
fn two_voices_speak_and_hear_each_other_over_g722() {
    for (arrivals, summary) in converse(&Codec::g722(), "g722") {
        assert_well_heard(&arrivals);
        assert_eq!((summary.codec.as_str(), summary.codec_received.as_deref()), ("G722", Some("G722")));
    }
}

/// Counts what was not ready in time, for as many calls as `COOEE_CALLS` says: on a machine that has nothing else to do, it is our fault.
#[test]
fn many_calls_at_once_have_sound_all_of_them() {
    let _turn = turn();
    let count: u64 = std::env::var("COOEE_CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(4);
    let (mut anna, mut ben) = (End::speaking(clip("anna.wav")), End::speaking(clip("ben.wav")));
    for call in 1..=count {
        connect_for(CallId(call), &mut anna, &mut ben, &[Codec::opus()]);
        anna.until_session(|event| matches!(event, SessionEvent::Active).then_some(()));
    }
    std::thread::sleep(Duration::from_secs(2));
    let (mut late, mut skipped, mut concealed, mut heard) = (0, 0, Duration::ZERO, 0);
    for call in 1..=count {
        let summary = anna.stop_for(CallId(call)).unwrap();
        // All calls tick together: the first one saw the most.
        (late, skipped) = (late.max(summary.late_blocks), skipped.max(summary.skipped_blocks));
        concealed += summary.concealed;
        heard += summary.statistics.packets_received;
        assert!(summary.statistics.packets_received > 0 && summary.codec_received.is_some(), "call {call}: {summary:?}");
    }
    println!(
        "{count} calls, {heard} packets heard: {late} blocks late, {skipped} left out, {concealed:?} concealed, of all calls together"
    );
}

#[test]
fn digits_arrive_in_order_and_a_muted_voice_does_not() {
    let (mut anna, mut ben) = (End::speaking(clip("anna.wav")), End::silent());
    let path = place("digits");
    ben.thread.send(MediaCommand::Record { call: CALL, path: path.clone() });
    connect(&mut anna, &mut ben, &[Codec::opus()]);
    anna.thread.send(MediaRequest::Mute { call: CALL, muted: true });
    anna.until_session(|event| matches!(event, SessionEvent::Active).then_some(()));
    for digit in ['1', '#', 'D'] {
        anna.thread.send(MediaRequest::Digit { call: CALL, digit, length: Duration::from_millis(100) });
    }
    let mut digits = Vec::new();
    while digits.len() < 3 {
        digits.push(ben.until_session(|event| match event {
            SessionEvent::Digit(digit) => Some(*digit),
            _ => None,
        }));
    }
    assert_eq!(digits, ['1', '#', 'D']);
    anna.stop();
    ben.stop();
    let heard = Speech::open(&path).unwrap();
    assert!(cooee_codec::Level::of(heard.samples()).rms < -60.0, "muted, and yet something is heard");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn the_device_is_opened_for_the_first_call_and_dropped_after_the_last() {
    /// Counts those alive.
    struct Counted(Arc<AtomicUsize>);
    impl Device for Counted {
        fn read(&mut self, block: &mut cooee_codec::Block) {
            *block = cooee_codec::SILENCE;
        }
        fn write(&mut self, _: &cooee_codec::Block) {}
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let alive = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&alive);
    let mut end = End::new(Arc::new(move || -> Result<Box<dyn Device>, DeviceError> {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Counted(Arc::clone(&count))))
    }));
    end.gather();
    assert_eq!(alive.load(Ordering::SeqCst), 0, "no sound is needed yet");
    let mut levels = end.thread.levels();
    end.thread.send(MediaCommand::Sound { call: CALL, sound: Some(CallSound::Ringing) });
    while !levels.has_changed().unwrap() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(levels.borrow_and_update().first().map(|levels| levels.call), Some(CALL));
    while alive.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(end.stop().is_none(), "no session, no summary");
    assert_eq!(alive.load(Ordering::SeqCst), 0);
}

#[test]
fn a_missing_device_and_a_recording_that_cannot_be_are_told_and_the_thread_lives_on() {
    let mut end = End::new(Arc::new(|| -> Result<Box<dyn Device>, DeviceError> { Err(DeviceError::NoMicrophone) }));
    end.thread.send(MediaCommand::Record { call: CALL, path: "/nowhere/at all.wav".into() });
    end.until(|update| matches!(update, MediaUpdate::RecordingFailed { call: CALL, .. }).then_some(()));
    end.gather();
    end.thread.send(MediaCommand::Sound { call: CALL, sound: Some(CallSound::Ringback) });
    end.until(|update| matches!(update, MediaUpdate::DeviceFailed(DeviceError::NoMicrophone)).then_some(()));
    assert!(end.stop().is_none());
    assert!(end.stop().is_none(), "a call that is no more is told as stopped again");
}

#[test]
fn when_the_thread_is_dropped_the_peer_hears_good_bye_and_the_recording_is_complete() {
    let (mut anna, mut ben) = (End::speaking(clip("anna.wav")), End::silent());
    let path = place("dropped");
    ben.thread.send(MediaCommand::Record { call: CALL, path: path.clone() });
    connect(&mut anna, &mut ben, &[Codec::pcmu()]);
    for end in [&mut anna, &mut ben] {
        end.until_session(|event| matches!(event, SessionEvent::Active).then_some(()));
    }
    std::thread::sleep(Duration::from_millis(300));
    drop(ben);
    assert!(Speech::open(&path).unwrap().duration() > Duration::from_millis(200));
    anna.until_session(|event| matches!(event, SessionEvent::Closed).then_some(()));
    std::fs::remove_file(path).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_even_be_opened_in_time_keeps_no_call_and_no_end_waiting() {
    let (mut anna, mut ben) = (End::speaking(clip("anna.wav")), End::silent());
    // Opening a pipe waits for who reads it, as opening a file waits for a disk that hangs.
    let path = place("hanging");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    ben.thread.send(MediaCommand::Record { call: CALL, path: path.clone() });
    connect(&mut anna, &mut ben, &[Codec::pcmu()]);
    for end in [&mut anna, &mut ben] {
        end.until_session(|event| matches!(event, SessionEvent::Active).then_some(()));
    }
    drop(ben);
    anna.until_session(|event| matches!(event, SessionEvent::Closed).then_some(()));
    // Who waits at it still may go on.
    drop(std::fs::File::open(&path).unwrap());
    std::fs::remove_file(path).unwrap();
}

/// 2 Mbit/s of junk, in 4,000 datagrams a second, until this is dropped.
struct Flood(Arc<AtomicUsize>, Option<std::thread::JoinHandle<()>>);

impl Flood {
    fn of(victims: Vec<std::net::SocketAddr>) -> Self {
        let over = Arc::new(AtomicUsize::new(0));
        let ends = Arc::clone(&over);
        let work = move || {
            let (socket, junk) = (std::net::UdpSocket::bind("127.0.0.1:0").unwrap(), [0x80; 62]);
            while ends.load(Ordering::SeqCst) == 0 {
                for victim in (0..8).flat_map(|_| &victims) {
                    // What the system does not take is less junk.
                    let _sent = socket.send_to(&junk, victim);
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        };
        Self(over, Some(std::thread::spawn(work)))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.0.store(1, Ordering::SeqCst);
        self.1.take().unwrap().join().unwrap();
    }
}

#[test]
fn junk_at_the_port_pushes_out_no_sound() {
    let _turn = turn();
    let (mut anna, mut ben) = (End::speaking(clip("anna.wav")), End::speaking(clip("ben.wav")));
    let offered = offer(&described(anna.gather_for(CALL), vec![Codec::pcma()]), &Origin::anonymous(1));
    let at_ben = ben.gather_for(CALL);
    let victim = at_ben.address;
    let (answered, for_ben) = answer(&offered, &described(at_ben, vec![Codec::pcma()]), &Origin::anonymous(2)).unwrap();
    ben.start_for(CALL, for_ben);
    anna.start_for(CALL, accept(&offered, &answered, SecurityPolicy::DTLS_ONLY).unwrap());
    ben.until_session(|event| matches!(event, SessionEvent::Active).then_some(()));
    // From then on nobody is woken for a datagram: they wait for ticks.
    std::thread::sleep(Duration::from_secs(4));
    let flood = Flood::of(vec![victim]);
    std::thread::sleep(Duration::from_secs(4));
    let (told, sent) = (ben.stop().unwrap().statistics, anna.stop().unwrap().statistics.packets_sent);
    drop(flood);
    println!("{sent} packets sent, {} received, {} lost", told.packets_received, told.packets_lost);
    assert!(told.packets_received > sent / 10 * 8, "{told:?}");
}
