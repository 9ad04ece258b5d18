//! The signalling task: drives the phone on a thread of its own and spreads what it says.

use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallId, MediaEvent};
use cooee_machine::Event;
use cooee_net::{Driver, Feed, InterfaceWatch, Resolver, drive};
use cooee_phone::probe::ResolverClass;
use cooee_phone::{Command, Input, Phone};
use tokio::sync::{mpsc, watch};

use crate::desk::Desk;
use crate::engine::Shared;
use crate::media::{MediaCommand, MediaThread, MediaUpdate};
use crate::outlet::Outlet;
use crate::prober::conditions as means;
use crate::{Conditions, EngineEvent};

/// How long connections may take to close when the phone is shut down.
const GOODBYE: Duration = Duration::from_millis(500);

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
        let outlet = Outlet::new(&self.media, &self.desk, &self.shared, self.ring);
        let work = phone(&mut self.phone, &mut self.driver, &mut self.feed, outlet);
        let given_up = async {
            self.shared.closing.notified().await;
            tokio::select! {
                () = tokio::time::sleep(self.patience) => tracing::warn!("the phone did not shut down in time"),
                () = self.shared.hurry.notified() => {}
            }
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
                if !pass_up(call, event, feed).await {
                    break;
                }
            }
            MediaUpdate::Sound { call, trouble, begins } => {
                shared.events.push(EngineEvent::Sound { call, trouble, begins });
                if !pass_up(call, MediaEvent::Sound { trouble, begins }, feed).await {
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

/// Whether the phone is still there.
async fn pass_up(call: CallId, event: MediaEvent, feed: &mpsc::WeakSender<PhoneFeed>) -> bool {
    let Some(feed) = feed.upgrade() else { return false };
    feed.send(Feed::Input(Input::Media { call, event })).await.is_ok()
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

/// Brings the networks, and changes of power and money, to the phone. Where the platform tells no networks, we look ourselves.
async fn watch_conditions(conditions: &mut watch::Receiver<Conditions>, feed: &mpsc::WeakSender<PhoneFeed>, resolver: &Resolver) {
    let (mut ours, mut networks, mut said) = (None, None, None);
    let mut found = None;
    loop {
        let known = conditions.borrow_and_update().clone();
        let Some(open) = feed.upgrade() else { break };
        // Whom a resolver's questions go to is the prober's business.
        let means = means(ResolverClass::None, &known);
        if said.replace(means) != Some(means) && open.send(Feed::Command(Command::SetConditions(means))).await.is_err() {
            break;
        }
        let (is_told, fresh) = (known.networks.is_some(), known.networks.or(found.take()));
        if let Some(fresh) = fresh.filter(|fresh| networks.as_ref() != Some(fresh)) {
            if networks.replace(fresh.clone()).is_some() {
                resolver.forget();
            }
            if open.send(Feed::Input(Input::Io(Event::NetworkChanged(fresh)))).await.is_err() {
                break;
            }
        }
        // Whoever waits keeps nobody alive.
        drop(open);
        tokio::select! {
            changed = conditions.changed() => if changed.is_err() { break },
            fresh = async { ours.get_or_insert_with(InterfaceWatch::new).changed().await }, if !is_told => found = Some(fresh),
        }
    }
    std::future::pending::<()>().await;
}
