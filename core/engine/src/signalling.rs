//! The signalling task: drives the phone on a thread of its own and spreads what it says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_call::{CallDirection, CallId, CallSnapshot, CallState};
use cooee_machine::{Event, Wake};
use cooee_net::{Driver, Feed, Resolver, Step, drive, now, since_boot};
use cooee_phone::{AccountId, Command, Input, Output, Phone, PhoneEvent};
use tokio::sync::{mpsc, watch};

use crate::desk::{Desk, Job};
use crate::engine::Shared;
use crate::media::{CallSound, MediaCommand, MediaThread, MediaUpdate};
use crate::snapshot::CallView;
use crate::{Conditions, EngineEvent};

pub(crate) type PhoneFeed = Feed<Command, Input<'static>>;

/// What runs until the phone is shut down.
pub(crate) struct Signalling {
    pub(crate) phone: Phone,
    pub(crate) driver: Driver,
    pub(crate) resolver: Resolver,
    pub(crate) feed: mpsc::Receiver<PhoneFeed>,
    /// For what comes up from media and platform.
    pub(crate) to_feed: mpsc::WeakSender<PhoneFeed>,
    pub(crate) media: MediaThread,
    /// What the owner asks of it directly.
    pub(crate) media_commands: mpsc::UnboundedReceiver<MediaCommand>,
    pub(crate) updates: mpsc::UnboundedReceiver<MediaUpdate>,
    pub(crate) conditions: watch::Receiver<Conditions>,
    pub(crate) desk: Desk,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ring: bool,
    /// After a shutdown was asked for, the phone gets this long.
    pub(crate) patience: Duration,
}

impl Signalling {
    /// Until the phone has shut down, was given up on, or its owner is gone. Recordings are complete afterwards.
    pub(crate) async fn run(mut self) {
        let outlet = Outlet {
            media: &self.media,
            desk: &self.desk,
            shared: &self.shared,
            ring: self.ring,
            sounds: HashMap::new(),
            announced: HashMap::new(),
            alarm: None,
            awake: false,
        };
        let work = phone(&mut self.phone, &mut self.driver, &mut self.feed, outlet);
        let given_up = async {
            self.shared.closing.notified().await;
            tokio::time::sleep(self.patience).await;
            tracing::warn!("the phone did not shut down in time");
        };
        tokio::select! {
            () = work => {}
            () = given_up => {}
            () = pass_on(&mut self.media_commands, &self.media) => {}
            () = spread(&mut self.updates, &self.to_feed, &self.shared) => {}
            () = watch_conditions(&mut self.conditions, &self.to_feed, &self.resolver) => {}
        }
        // Waits until the media thread has said good-bye and completed its files.
        drop(self.media);
        while let Ok(update) = self.updates.try_recv() {
            if let Some(event) = event_of(update) {
                self.shared.events.push(event);
            }
        }
    }
}

async fn phone(phone: &mut Phone, driver: &mut Driver, feed: &mut mpsc::Receiver<PhoneFeed>, mut outlet: Outlet<'_>) {
    drive(phone, driver, feed, |output| outlet.take(output)).await;
    driver.close(GOODBYE).await;
}

/// Where the phone's outputs go.
struct Outlet<'a> {
    media: &'a MediaThread,
    desk: &'a Desk,
    shared: &'a Shared,
    ring: bool,
    sounds: HashMap<CallId, CallSound>,
    /// Incoming calls that the snapshot does not show yet: whoever hears of one must be able to answer it at once.
    announced: HashMap<CallId, EngineEvent>,
    alarm: Option<Instant>,
    awake: bool,
}

/// How long connections may take to close when the phone is shut down.
const GOODBYE: Duration = Duration::from_millis(500);
/// Sleep shorter than this is not worth an alarm: the device does not sleep so soon.
const ALARM_FROM: Duration = Duration::from_secs(5);

impl Outlet<'_> {
    fn take(&mut self, output: Output) -> Step {
        match output {
            Output::Io(action) => return Step::Io(action),
            Output::Wake(wake) => {
                self.set_alarm(wake);
                return Step::Wake(wake);
            }
            Output::ShutDown => return Step::Stop,
            Output::Media(request) => self.media.send(request),
            Output::Event(event) => self.tell(event),
            other => tracing::error!(?other, "an output of the phone has nowhere to go"),
        }
        Step::Taken
    }

    fn tell(&mut self, event: PhoneEvent) {
        let event = match event {
            PhoneEvent::AccountChanged { account, state } => {
                self.shared.change(|snapshot| {
                    if let Some(view) = snapshot.account_mut(account) {
                        view.state = Some(state.clone());
                    }
                });
                EngineEvent::AccountChanged { account, state }
            }
            PhoneEvent::IncomingCall { call, account, from } => {
                self.announced.insert(call, EngineEvent::IncomingCall { call, account, from });
                return;
            }
            PhoneEvent::CallChanged { account, call } => {
                self.sound(&call);
                self.shared.change(|snapshot| snapshot.put_call(CallView { account, call: (*call).clone() }));
                self.keep_awake();
                if let Some(incoming) = self.announced.remove(&call.id) {
                    self.shared.events.push(incoming);
                }
                EngineEvent::CallChanged { account, call }
            }
            PhoneEvent::Digit { call, digit } => EngineEvent::Digit { call, digit },
            PhoneEvent::CallEnded { account, entry } => {
                self.sounds.remove(&entry.call.id);
                self.announced.remove(&entry.call.id);
                self.shared.change(|snapshot| snapshot.calls.retain(|view| view.call.id != entry.call.id));
                self.keep_awake();
                self.desk.put(Job::Log { account: self.address(account), entry: entry.clone() });
                EngineEvent::CallEnded { account, entry }
            }
            PhoneEvent::DialRefused { call, reason } => EngineEvent::DialRefused { call, reason },
            other => return tracing::error!(?other, "an event of the phone has nowhere to go"),
        };
        self.shared.events.push(event);
    }

    fn address(&self, account: AccountId) -> cooee_machine::Pii<String> {
        self.shared.snapshot().account(account).map(|view| view.address.clone()).unwrap_or_default()
    }

    /// Rings here, or plays that it rings there.
    fn sound(&mut self, call: &CallSnapshot) {
        let wanted = match (&call.state, call.direction) {
            (CallState::Ringing, CallDirection::Incoming) if self.ring => Some(CallSound::Ringing),
            (CallState::Ringing, CallDirection::Outgoing) if self.ring => Some(CallSound::Ringback),
            _ => None,
        };
        if self.sounds.get(&call.id).copied() == wanted {
            return;
        }
        match wanted {
            Some(sound) => _ = self.sounds.insert(call.id, sound),
            None => _ = self.sounds.remove(&call.id),
        }
        self.media.send(MediaCommand::Sound { call: call.id, sound: wanted });
    }

    /// A device must not sleep during a call.
    fn keep_awake(&mut self) {
        let needed = !self.shared.snapshot().calls.is_empty();
        if needed != self.awake {
            self.awake = needed;
            self.desk.put(Job::Awake(needed));
        }
    }

    /// Tells the platform when to wake us, if that is far enough away and not what it knows already.
    fn set_alarm(&mut self, wake: Option<Wake>) {
        let moment = now().instant;
        let wanted = wake.filter(|wake| wake.at.saturating_duration_since(moment) >= ALARM_FROM);
        if wanted.map(|wake| wake.at) == self.alarm || (wanted.is_none() && self.alarm.is_none_or(|alarm| alarm > moment)) {
            return;
        }
        self.alarm = wanted.map(|wake| wake.at);
        let boot_time = wanted.map(|wake| since_boot() + wake.at.saturating_duration_since(moment));
        self.desk.put(Job::WakeAt { boot_time, slack: wanted.map(|wake| wake.slack).unwrap_or_default() });
    }
}

/// Brings what the owner asks of the media thread to it.
async fn pass_on(commands: &mut mpsc::UnboundedReceiver<MediaCommand>, media: &MediaThread) {
    while let Some(command) = commands.recv().await {
        media.send(command);
    }
    std::future::pending::<()>().await;
}

/// Brings what the media thread says to the phone and to the owner.
async fn spread(updates: &mut mpsc::UnboundedReceiver<MediaUpdate>, feed: &mpsc::WeakSender<PhoneFeed>, shared: &Shared) {
    while let Some(update) = updates.recv().await {
        match update {
            MediaUpdate::Call { call, event } => {
                let Some(feed) = feed.upgrade() else { break };
                if feed.send(Feed::Input(Input::Media { call, event })).await.is_err() {
                    break;
                }
            }
            other => {
                if let Some(event) = event_of(other) {
                    shared.events.push(event);
                }
            }
        }
    }
    std::future::pending::<()>().await;
}

fn event_of(update: MediaUpdate) -> Option<EngineEvent> {
    Some(match update {
        MediaUpdate::Summary { call, summary } => EngineEvent::MediaSummary { call, summary },
        MediaUpdate::Sound { call, trouble, begins } => EngineEvent::Sound { call, trouble, begins },
        MediaUpdate::Device(event) => EngineEvent::Device(event),
        MediaUpdate::DeviceFailed(error) => EngineEvent::DeviceFailed(error),
        MediaUpdate::RecordingFailed { call, error } => EngineEvent::RecordingFailed { call, error },
        // The phone is gone already.
        MediaUpdate::Call { .. } => return None,
    })
}

/// Brings changes of the platform's networks, and wake-ups, to the phone.
async fn watch_conditions(conditions: &mut watch::Receiver<Conditions>, feed: &mpsc::WeakSender<PhoneFeed>, resolver: &Resolver) {
    let mut known = conditions.borrow_and_update().clone();
    while conditions.changed().await.is_ok() {
        let fresh = conditions.borrow_and_update().clone();
        let Some(feed) = feed.upgrade() else { break };
        let news = match &fresh.networks {
            Some(networks) if fresh.networks != known.networks => {
                resolver.forget();
                Feed::Input(Input::Io(Event::NetworkChanged(networks.clone())))
            }
            _ => Feed::Nudge,
        };
        if feed.send(news).await.is_err() {
            break;
        }
        known = fresh;
    }
    std::future::pending::<()>().await;
}
