use std::collections::BTreeMap;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use cooee_audio::{RecordError, Recording};
use cooee_call::{CallId, DialogId, MediaEvent};
use cooee_codec::{Block, EncoderConfig, Meter, SILENCE, Tone, ToneGenerator, mix};
use cooee_machine::{Now, Wake};
use cooee_rtc::{Gathering, GatheringOutput, SessionEvent};
use cooee_sdp::Negotiated;

use super::arrival::TIMES_ARE_NOTED;
use super::pace::Pace;
use super::session::Session;
use super::sockets::Sockets;
use super::turn::before;
use super::watch::SoundWatch;
use super::{CallLevels, CallSound, Region, SoundTrouble};

/// Quieter than this, in dBFS, nobody hears a peer's early media.
const AUDIBLE: f32 = -55.0;
/// Blocks for which early media may be silent: 6 s, more than a ringing tone pauses.
const EARLY_MEDIA: u32 = 600;
/// After something was agreed or changed, packets are looked at as they come, for so long at least: handshakes are in a hurry. Later they
/// may wait for the next tick.
const SETTLING: Duration = Duration::from_secs(3);
/// Clocks that say that a datagram has waited longer than this have been set meanwhile.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
/// Datagrams that a call is given before it is the next one's turn: about as many small ones as wait at a socket, so that junk pushes
/// out no sound. A stranger's cost little, and what may be the peer's is bounded by its rate.
const BATCH: usize = 256;

/// The media of one call.
pub(super) struct CallMedia {
    call: CallId,
    gathering: Gathering,
    sockets: Sockets,
    sessions: BTreeMap<DialogId, Session>,
    /// The one that won, and the one that began last.
    kept: Option<DialogId>,
    latest: Option<DialogId>,
    muted: bool,
    wake: Option<Wake>,
    sound: Option<(CallSound, ToneGenerator)>,
    /// A digit as the person who pressed it hears it.
    digit: Option<ToneGenerator>,
    pub(super) recording: Option<Recording>,
    sent: Meter,
    heard: Meter,
    watch: SoundWatch,
    /// When something was last agreed or changed.
    changed: Instant,
    /// Blocks since anything could be heard of the peer.
    unheard: u32,
    /// How the thread stood when the call began.
    pub(super) began: Standing,
}

/// What the media thread has used and missed so far.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) cpu: Option<Duration>,
    pub(super) late: u64,
    pub(super) overrun: u64,
    pub(super) skipped: u64,
}

impl Standing {
    pub(super) fn now(pace: &Pace) -> Self {
        Self { cpu: super::cpu::thread_time(), late: pace.late, overrun: pace.overrun, skipped: pace.skipped }
    }
}

/// What became of a tick or an event.
pub(super) enum CallOutput {
    /// For the phone.
    Event(MediaEvent),
    /// The recording is over.
    RecordingFailed(RecordError),
}

impl CallMedia {
    pub(super) fn new(call: CallId, gathering: Gathering, sockets: Sockets, began: Standing, now: Now) -> Self {
        Self {
            call,
            gathering,
            sockets,
            sessions: BTreeMap::new(),
            kept: None,
            latest: None,
            muted: false,
            wake: None,
            sound: None,
            digit: None,
            recording: None,
            sent: Meter::new(),
            heard: Meter::new(),
            watch: SoundWatch::default(),
            changed: now.instant,
            unheard: u32::MAX,
            began,
        }
    }

    /// The peer has a second component, for reports.
    pub(super) fn gather_rtcp(&mut self, now: Now) {
        let sockets = self.sockets.open_for_rtcp();
        self.gathering.gather_rtcp(sockets, now);
    }

    /// Starts a session, or agrees anew if the dialog has one.
    pub(super) fn start(&mut self, dialog: DialogId, negotiated: &Negotiated, encoder: EncoderConfig, now: Now) {
        if self.sessions.contains_key(&dialog) {
            return self.update(dialog, negotiated, encoder, now);
        }
        self.changed = now.instant;
        let id = self.gathering.start(negotiated, now);
        self.sessions.insert(dialog, Session::new(id, negotiated, encoder));
        self.latest = Some(dialog);
    }

    pub(super) fn update(&mut self, dialog: DialogId, negotiated: &Negotiated, encoder: EncoderConfig, now: Now) {
        if let Some(session) = self.sessions.get_mut(&dialog) {
            self.changed = now.instant;
            session.update(negotiated, encoder);
            self.gathering.update(session.id, negotiated, now);
        }
    }

    pub(super) fn keep(&mut self, dialog: DialogId) {
        self.kept = Some(dialog);
        self.sound = None;
    }

    pub(super) fn drop_session(&mut self, dialog: DialogId, now: Now) {
        if let Some(session) = self.sessions.remove(&dialog) {
            self.gathering.stop(session.id, now);
        }
        self.kept = self.kept.filter(|kept| *kept != dialog);
        if self.latest == Some(dialog) {
            self.latest = self.sessions.keys().next_back().copied();
        }
    }

    pub(super) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    pub(super) fn digit(&mut self, digit: char, length: Duration, now: Now) {
        self.digit = Some(ToneGenerator::new(Tone::Digit(digit)));
        let Some(session) = self.heard_dialog().and_then(|dialog| self.sessions.get_mut(&dialog)) else { return };
        if !self.gathering.send_digit(session.id, digit, length, now) {
            session.microphone.dial(digit);
        }
    }

    pub(super) fn sound(&mut self, sound: Option<CallSound>, region: Region) {
        if self.sound.as_ref().map(|(playing, _)| *playing) != sound {
            self.sound = sound.map(|sound| (sound, ToneGenerator::new(region.tone(sound))));
        }
    }

    /// The dialog that is heard: the one that was kept, or else the latest.
    fn heard_dialog(&self) -> Option<DialogId> {
        self.kept.or(self.latest)
    }

    /// Its session.
    pub(super) fn heard_session(&self) -> Option<&Session> {
        self.sessions.get(&self.heard_dialog()?)
    }

    /// Whether ticks are needed.
    pub(super) fn needs_sound(&self) -> bool {
        !self.sessions.is_empty() || self.sound.is_some() || self.digit.is_some()
    }

    /// Whether the microphone is sent.
    pub(super) fn speaks(&self) -> bool {
        self.kept.and_then(|kept| self.sessions.get(&kept)).is_some_and(|session| session.secured.is_some())
    }

    /// 10 ms of sound: from `spoken` to the peer, and from the peer (and our own tones) into `played`, which counts as `asked` for then.
    pub(super) fn tick(&mut self, spoken: &Block, played: &mut Block, asked: Now, now: Now) -> Option<CallOutput> {
        let (kept, heard) = (self.kept, self.heard_dialog());
        let spoken = if self.muted { &SILENCE } else { spoken };
        let mut sound = SILENCE;
        for (dialog, session) in &mut self.sessions {
            let speaks = kept == Some(*dialog) && session.secured.is_some();
            if let Some(frame) = session.microphone.push(speaks.then_some(spoken)) {
                self.gathering.send(session.id, frame, now);
            }
            let block = session.speaker.next_block(|| self.gathering.playout(session.id, asked));
            if heard == Some(*dialog) {
                sound = block;
            }
        }
        self.sent.update(spoken);
        let level = self.heard.update(&sound);
        self.unheard = if level.rms > AUDIBLE { 0 } else { self.unheard.saturating_add(1) };
        mix(played, &sound);
        self.play_tones(played);
        self.record(&sound)
    }

    fn play_tones(&mut self, played: &mut Block) {
        // Early media takes the place of ringback, once something is heard of it, and for as long (RFC 3960 3.2).
        let early = self.unheard < EARLY_MEDIA;
        if let Some((sound, generator)) = &mut self.sound
            && !(early && *sound == CallSound::Ringback)
        {
            mix(played, &generator.next_block());
        }
        if let Some(digit) = &mut self.digit {
            mix(played, &digit.next_block());
            if digit.is_over() {
                self.digit = None;
            }
        }
    }

    fn record(&mut self, sound: &Block) -> Option<CallOutput> {
        // A recording begins with the first sound that the session could bring.
        self.heard_session()?.secured?;
        let error = self.recording.as_mut()?.write(sound).err()?;
        self.recording = None;
        Some(CallOutput::RecordingFailed(error))
    }

    /// Sees whether the sound is as it should be: each 10 ms, with what a live microphone gave (`None` without one).
    pub(super) fn watch(&mut self, microphone: Option<&Block>) {
        let kept = self.kept.and_then(|kept| self.sessions.get(&kept)).filter(|session| session.secured.is_some());
        let speaks = !self.muted && kept.is_some_and(|session| session.sends);
        self.watch.spoken(microphone.filter(|_| speaks));
        let receiving = kept.filter(|session| session.receives);
        self.watch
            .arrived(receiving.and_then(|session| self.gathering.statistics(session.id)).map(|statistics| statistics.packets_received));
    }

    /// The next trouble with the sound that began (`true`) or is over.
    pub(super) fn poll_trouble(&mut self) -> Option<(SoundTrouble, bool)> {
        self.watch.poll()
    }

    pub(super) fn levels(&self) -> CallLevels {
        CallLevels { call: self.call, sent: self.sent.level(), heard: self.heard.level() }
    }

    /// Waits until a datagram may have come that is in a hurry.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<()> {
        self.sockets.poll_ready(context)
    }

    /// Hands over what has come, as of when it came.
    pub(super) fn receive(&mut self, buffer: &mut [u8], now: Now) {
        for _ in 0..BATCH {
            let Some((local, datagram)) = self.sockets.receive(buffer) else { return };
            let waited = datagram.came.map_or(Duration::ZERO, |came| now.unix.saturating_sub(came)).min(LONGEST_WAIT);
            let payload = buffer.get(..datagram.length).unwrap_or_default();
            self.gathering.handle_datagram(local, datagram.remote, payload, before(now, waited));
        }
    }

    /// Whether what comes wakes the thread. Otherwise somebody must look at each tick.
    pub(super) fn is_watched(&self) -> bool {
        self.sockets.is_watched()
    }

    /// At each tick: lets packets wake the thread only as long as they are in a hurry.
    pub(super) fn settle(&mut self, now: Now) {
        let is_secured = !self.sessions.is_empty() && self.sessions.values().all(|session| session.secured.is_some());
        let is_settled = TIMES_ARE_NOTED && is_secured && now.instant.saturating_duration_since(self.changed) >= SETTLING;
        if is_settled == self.sockets.is_watched() {
            self.sockets.watch(!is_settled);
        }
    }

    /// When the machine wants to be called.
    pub(super) fn wake(&self) -> Option<Instant> {
        self.wake.map(|wake| wake.at)
    }

    /// Calls the machine if its time has come.
    pub(super) fn handle_timeout(&mut self, now: Now) {
        if self.wake.is_some_and(|wake| wake.is_due(now)) {
            self.gathering.handle_timeout(now);
        }
    }

    /// Sends what is to be sent; the next thing to tell, until there is none.
    pub(super) fn poll_output(&mut self, now: Now) -> Option<CallOutput> {
        loop {
            match self.gathering.poll_output() {
                GatheringOutput::Transmit { local, remote, payload } => self.sockets.send(local, remote, &payload),
                GatheringOutput::Gathered(transport) => return Some(CallOutput::Event(MediaEvent::Gathered(transport))),
                GatheringOutput::Open { local } => self.sockets.open(local),
                GatheringOutput::Session(id, event) => {
                    // Of a session that was dropped just now: nobody wants to know.
                    let Some((dialog, session)) = self.sessions.iter_mut().find(|(_, session)| session.id == id) else { continue };
                    session.note(&event, now);
                    if !matches!(event, SessionEvent::Report(_)) {
                        self.changed = now.instant;
                    }
                    return Some(CallOutput::Event(MediaEvent::Session { dialog: *dialog, event }));
                }
                GatheringOutput::Wake(wake) => {
                    self.wake = wake;
                    return None;
                }
            }
        }
    }

    /// Takes the last figures of the session that is heard, then says good-bye to all.
    pub(super) fn stop(&mut self, now: Now) {
        for session in self.sessions.values_mut() {
            if let Some(statistics) = self.gathering.statistics(session.id) {
                session.statistics = statistics;
            }
            self.gathering.stop(session.id, now);
        }
        while self.poll_output(now).is_some() {}
    }
}
