use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use cooee_audio::{Device, DeviceEvent, RecordError, Recording};
use cooee_call::{AccountId, CallId, MediaEvent, MediaRequest};
use cooee_codec::{Block, EncoderConfig, SILENCE};
use cooee_machine::{Entropy, Now};
use cooee_rtc::{Certificate, Gathering, GatheringConfig};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use super::call::{CallMedia, Standing};
use super::handset::{Handset, Opened};
use super::pace::Pace;
use super::sockets::Sockets;
use super::ticker::Ticker;
use super::turn::{self, Turn};
use super::{Levels, MediaCommand, MediaConfig, MediaUpdate, summary};

/// Blocks from one report of levels to the next.
const LEVELS: u32 = 10;
/// How long files and devices are waited for at the end: more than a recording takes to give up a disk, and not for ever.
const FAREWELL: Duration = Duration::from_secs(8);

/// What runs on the media thread.
pub(super) struct Worker {
    config: MediaConfig,
    entropy: Entropy,
    calls: BTreeMap<CallId, CallMedia>,
    /// Recordings that came before their call.
    recordings: BTreeMap<CallId, Recording>,
    handset: Handset,
    pace: Pace,
    /// Blocks since levels were reported.
    unreported: u32,
    /// What the last tick took, of all threads together.
    worked: Duration,
    updates: UnboundedSender<MediaUpdate>,
    levels: watch::Sender<Levels>,
    /// How those who may wait tell that they are ready.
    done: UnboundedSender<Done>,
    /// Calls that are being closed.
    closing: usize,
}

/// What was done where waiting does no harm.
enum Done {
    Opened(Opened),
    Recording(CallId, Result<Recording, RecordError>),
    Closed(Vec<MediaUpdate>),
}

impl Worker {
    /// Runs until the commands end, then stops all calls and completes their files.
    pub(super) async fn run(
        config: MediaConfig,
        entropy: Entropy,
        mut commands: UnboundedReceiver<MediaCommand>,
        updates: UnboundedSender<MediaUpdate>,
        levels: watch::Sender<Levels>,
    ) {
        let (done, mut ready) = unbounded_channel();
        let handset = Handset::new(config.device.clone());
        let (calls, recordings, pace) = (BTreeMap::new(), BTreeMap::new(), Pace::default());
        let (unreported, worked, closing) = (0, Duration::ZERO, 0);
        let mut worker = Self { config, entropy, calls, recordings, handset, pace, unreported, worked, updates, levels, done, closing };
        let mut ticker = Ticker::new();
        loop {
            let now = cooee_net::now();
            ticker.set(worker.pace.wait(now.instant), worker.pace.period());
            let wake = worker.wake(now);
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(command) => {
                        let began = cooee_net::now();
                        worker.command(command, began);
                        worker.pace.finish(began.instant, cooee_net::now().instant);
                    }
                    None => break,
                },
                Some(done) = ready.recv() => worker.done(done),
                () = hurry(&worker.calls) => {}
                () = ticker.tick() => {}
                () = sleep(wake) => {}
            }
            worker.advance(cooee_net::now());
        }
        worker.stop_all(&mut ready).await;
    }

    fn tell(&self, update: MediaUpdate) {
        // Nobody listens only while all is being taken down.
        let _told = self.updates.send(update);
    }

    /// How long until a machine wants to be called, if that is in a hurry and before the next tick.
    fn wake(&self, now: Now) -> Option<Duration> {
        let hurried = self.calls.values().filter(|media| media.is_watched());
        let first = hurried.filter_map(CallMedia::wake).min()?.saturating_duration_since(now.instant);
        self.pace.wait(now.instant).is_none_or(|tick| first < tick).then_some(first)
    }

    fn command(&mut self, command: MediaCommand, now: Now) {
        match command {
            MediaCommand::Request(request) => self.request(request, now),
            MediaCommand::Sound { call, sound } => {
                if let Some(media) = self.calls.get_mut(&call) {
                    media.sound(sound, self.config.region);
                }
            }
            MediaCommand::Record { call, path } => self.elsewhere(move || Done::Recording(call, Recording::create(&path))),
            MediaCommand::Device(source) => {
                let old = self.handset.replace(source);
                self.drop_device(old);
            }
            MediaCommand::Reopen => {
                let old = self.handset.close();
                self.drop_device(old);
            }
        }
    }

    fn request(&mut self, request: MediaRequest, now: Now) {
        let call = request.call();
        let encoder = EncoderConfig { complexity: complexity(self.config.encoder.complexity, self.calls.len()), ..self.config.encoder };
        if let MediaRequest::Gather { .. } = request {
            return self.gather(request, now);
        }
        let Some(media) = self.calls.get_mut(&call) else {
            // A call whose sockets could not be opened still wants to hear that it is over.
            if matches!(request, MediaRequest::Stop { .. }) {
                let recording = self.recordings.remove(&call);
                let stopped = MediaUpdate::Call { call, event: MediaEvent::Stopped { statistics: None } };
                self.elsewhere(move || Done::Closed(completed(call, recording).into_iter().chain([stopped]).collect()));
            }
            return;
        };
        match request {
            MediaRequest::GatherRtcp { .. } => media.gather_rtcp(now),
            MediaRequest::Start { dialog, negotiated, .. } => media.start(dialog, &negotiated, encoder, now),
            MediaRequest::Update { dialog, negotiated, .. } => media.update(dialog, &negotiated, encoder, now),
            MediaRequest::Keep { dialog, .. } => media.keep(dialog),
            MediaRequest::Drop { dialog, .. } => media.drop_session(dialog, now),
            MediaRequest::Digit { digit, length, .. } => media.digit(digit, length, now),
            MediaRequest::Mute { muted, .. } => media.mute(muted),
            MediaRequest::Stop { .. } => self.stop(call, now),
            other => tracing::warn!(call = other.call().0, "a request that the media thread does not know"),
        }
    }

    fn gather(&mut self, request: MediaRequest, now: Now) {
        let MediaRequest::Gather { call, account, policy, stun_servers, rtcp } = request else { return };
        if self.calls.contains_key(&call) {
            return;
        }
        let mut sockets = match Sockets::bind(&self.config.interfaces.addresses()) {
            Ok(sockets) => sockets,
            Err(error) => return self.tell(MediaUpdate::Call { call, event: MediaEvent::GatherFailed(error.to_string()) }),
        };
        let config = GatheringConfig {
            sockets: sockets.addresses(),
            rtcp_sockets: if rtcp { sockets.open_for_rtcp() } else { Vec::new() },
            stun_servers,
            policy,
            certificate: self.certificate(account),
            budget: self.config.gathering_budget,
            cname: self.entropy.token(16),
            timing: self.config.timing,
        };
        let gathering = Gathering::new(config, self.entropy.fork(), now);
        let mut media = CallMedia::new(call, gathering, sockets, Standing::now(&self.pace), now);
        media.recording = self.recordings.remove(&call);
        self.calls.insert(call, media);
    }

    /// What a call proves itself with. Where nobody is to be recognised, that is one that nobody has seen.
    fn certificate(&self, account: Option<AccountId>) -> Certificate {
        let of_account = account.and_then(|account| self.config.identities.of(account));
        let fresh = || if account.is_none() { Certificate::generate().ok() } else { None };
        of_account.or_else(fresh).unwrap_or_else(|| self.config.certificate.clone())
    }

    /// Does what may take its time on another thread.
    fn elsewhere(&mut self, work: impl FnOnce() -> Done + Send + 'static) {
        let done = self.done.clone();
        self.closing += 1;
        tokio::task::spawn_blocking(move || {
            // The worker waits for all before it ends, so somebody listens.
            let _told = done.send(work());
        });
    }

    fn done(&mut self, done: Done) {
        self.closing -= 1;
        match done {
            Done::Opened(opened) => {
                let (trouble, unwanted) = self.handset.opened(opened);
                if let Some(trouble) = trouble {
                    self.tell(MediaUpdate::DeviceFailed(trouble));
                }
                if let Some(device) = unwanted {
                    self.elsewhere(move || {
                        drop(device);
                        Done::Closed(Vec::new())
                    });
                }
            }
            Done::Recording(call, Ok(recording)) => {
                let replaced = match self.calls.get_mut(&call) {
                    Some(media) => media.recording.replace(recording),
                    None => self.recordings.insert(call, recording),
                };
                if replaced.is_some() {
                    self.elsewhere(move || Done::Closed(completed(call, replaced).into_iter().collect()));
                }
            }
            Done::Recording(call, Err(error)) => self.tell(MediaUpdate::RecordingFailed { call, error }),
            Done::Closed(updates) => updates.into_iter().for_each(|update| self.tell(update)),
        }
    }

    /// Does all that is due.
    fn advance(&mut self, now: Now) {
        if self.calls.values().any(CallMedia::needs_sound) {
            self.pace.start(self.handset.step(), now.instant);
            if let Some(opening) = self.handset.open() {
                self.elsewhere(move || Done::Opened(opening.run()));
            }
        } else {
            self.pace.stop();
        }
        let due = self.pace.due(now.instant);
        let spoken = self.spoken(due);
        let step = self.handset.step() as usize;
        let (live, worked) = (self.handset.has_microphone(), self.worked);
        let outcome = turn::take(&mut self.calls, Turn { now, spoken: &spoken, live, step, worked });
        outcome.played.iter().for_each(|block| self.handset.write(block));
        outcome.updates.into_iter().for_each(|update| self.tell(update));
        if due > 0 {
            self.worked = outcome.worked;
            self.device_events();
            self.report_levels(due);
        }
        self.pace.finish(now.instant, cooee_net::now().instant);
    }

    /// As many blocks from the microphone, if anybody is to hear them.
    fn spoken(&mut self, count: u32) -> Vec<Block> {
        let speaks = count > 0 && self.calls.values().any(CallMedia::speaks);
        (0..count).map(|_| if speaks { self.handset.read() } else { SILENCE }).collect()
    }

    fn report_levels(&mut self, blocks: u32) {
        self.unreported += blocks;
        if self.unreported >= LEVELS && self.levels.receiver_count() > 0 {
            self.unreported = 0;
            self.levels.send_replace(self.calls.values().map(CallMedia::levels).collect());
        }
    }

    fn device_events(&mut self) {
        while let Some(event) = self.handset.poll_event() {
            if event == DeviceEvent::Disconnected {
                // The next tick opens whatever is there now.
                let gone = self.handset.lose();
                self.drop_device(gone);
            }
            self.tell(MediaUpdate::Device(event));
        }
    }

    /// Closing one takes its time.
    fn drop_device(&mut self, device: Option<Box<dyn Device>>) {
        self.elsewhere(move || {
            drop(device);
            Done::Closed(Vec::new())
        });
    }

    /// Ends a call's media; its files are completed elsewhere, and only then it is told as stopped.
    fn stop(&mut self, call: CallId, now: Now) {
        let Some(mut media) = self.calls.remove(&call) else { return };
        media.stop(now);
        let summary = summary::of(&media, Standing::now(&self.pace), self.handset.delay(), now.instant);
        let statistics = summary.as_ref().map(|summary| summary.statistics);
        let recording = media.recording.take();
        let device = if self.calls.values().any(CallMedia::needs_sound) { None } else { self.handset.close() };
        self.elsewhere(move || {
            drop(device);
            let mut updates: Vec<_> = completed(call, recording).into_iter().collect();
            updates.extend(summary.map(|summary| MediaUpdate::Summary { call, summary: Box::new(summary) }));
            updates.push(MediaUpdate::Call { call, event: MediaEvent::Stopped { statistics } });
            Done::Closed(updates)
        });
    }

    async fn stop_all(&mut self, ready: &mut UnboundedReceiver<Done>) {
        let now = cooee_net::now();
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        calls.into_iter().for_each(|call| self.stop(call, now));
        let all_closed = async {
            while self.closing > 0
                && let Some(done) = ready.recv().await
            {
                self.done(done);
            }
        };
        if tokio::time::timeout(FAREWELL, all_closed).await.is_err() {
            tracing::warn!("a disk or a sound device hangs, and is left to itself");
        }
    }
}

/// Completes a recording, if there is one. May wait. What is to be told of it.
fn completed(call: CallId, recording: Option<Recording>) -> Option<MediaUpdate> {
    let error = recording?.finish().err()?;
    Some(MediaUpdate::RecordingFailed { call, error })
}

/// Waits that long; for ever without an end.
async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// How much work an encoder may take that is one of so many: sound in time is worth more than the last bit of its quality.
fn complexity(ours: u8, calls: usize) -> u8 {
    match calls {
        0..8 => ours,
        8..32 => ours.min(3),
        _ => ours.min(1),
    }
}

/// Waits until a datagram may have come that is in a hurry, of any call.
async fn hurry(calls: &BTreeMap<CallId, CallMedia>) {
    poll_fn(|context| {
        let mut ready = Poll::Pending;
        for media in calls.values().filter(|media| media.is_watched()) {
            if media.poll_ready(context).is_ready() {
                ready = Poll::Ready(());
            }
        }
        ready
    })
    .await;
}
