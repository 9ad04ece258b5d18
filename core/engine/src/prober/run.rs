use std::time::Duration;

use cooee_machine::{Action, Event, Interface, Machine, Pii, QuestionId, Resolution, Wake};
use cooee_net::{Resolver, interfaces, now};
use cooee_phone::probe::{Finding, ProbeCommand, ProbeOutput, Prober};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::conditions::conditions;
use super::{ProberFeed, ProberStart};
use crate::desk::Job;
use crate::{Conditions as Device, EngineEvent};

/// Without a wake-up of the prober's own. Any moment would do.
const FOREVER: Duration = Duration::from_secs(365 * 86_400);

/// Drives the prober until its handle is gone.
pub(super) struct Run {
    prober: Prober,
    resolver: Resolver,
    start: ProberStart,
    feed: mpsc::UnboundedReceiver<ProberFeed>,
    device: watch::Receiver<Device>,
    /// The networks that the last answers came from.
    networks: Option<Vec<Interface>>,
    questions: JoinSet<(QuestionId, Resolution)>,
}

/// What happened.
enum News {
    Feed(Option<ProberFeed>),
    Answer(QuestionId, Resolution),
    Device,
    Alarm,
}

impl Run {
    pub(super) fn new(prober: Prober, resolver: Resolver, start: ProberStart, feed: mpsc::UnboundedReceiver<ProberFeed>) -> Self {
        let device = start.platform.conditions();
        Self { prober, resolver, start, feed, device, networks: None, questions: JoinSet::new() }
    }

    pub(super) async fn run(mut self) {
        self.look();
        loop {
            let wake = self.drain();
            match self.news(wake).await {
                News::Feed(None) => return,
                News::Feed(Some(ProberFeed::Command(command))) => {
                    self.look();
                    self.prober.handle_command(command, now());
                }
                News::Feed(Some(ProberFeed::Book(domains))) => {
                    let (reply, known) = oneshot::channel();
                    self.start.desk.put(Job::Findings { domains: domains.iter().cloned().collect(), reply });
                    self.prober.handle_command(ProbeCommand::SetBook(domains), now());
                    // The store tells its troubles itself.
                    if let Ok(Ok(known)) = known.await {
                        self.prober.handle_command(ProbeCommand::Recall(known), now());
                    }
                }
                News::Answer(id, resolution) => self.prober.handle_input(Event::Resolved { id, resolution }, now()),
                News::Device => self.look(),
                News::Alarm => {
                    self.look();
                    self.prober.handle_input(Event::Timeout, now());
                }
            }
        }
    }

    async fn news(&mut self, wake: Option<Wake>) -> News {
        // Nobody waits for a background probe: it comes as late as it may, when others are likely to be awake.
        let rest = wake.map_or(FOREVER, |wake| (wake.at + wake.slack / 2).saturating_duration_since(now().instant));
        tokio::select! {
            biased;
            Some(Ok((id, resolution))) = self.questions.join_next() => News::Answer(id, resolution),
            feed = self.feed.recv() => News::Feed(feed),
            Ok(()) = self.device.changed() => News::Device,
            () = tokio::time::sleep(rest.min(FOREVER)) => News::Alarm,
        }
    }

    /// Looks at the device, and tells the prober if anything is other than before.
    fn look(&mut self) {
        self.start.platform.look();
        let device = self.device.borrow_and_update().clone();
        // A device that does not tell is looked at; one that cannot be looked at is where it was.
        let networks = device.networks.clone().or_else(|| interfaces().ok());
        if self.networks.is_some() && networks.is_some() && networks != self.networks {
            self.resolver.forget();
            self.prober.handle_input(Event::NetworkChanged(networks.clone().unwrap_or_default()), now());
        }
        self.networks = networks.or(self.networks.take());
        let conditions = conditions(self.start.class, &device);
        self.prober.handle_command(ProbeCommand::SetConditions(conditions), now());
    }

    /// Does all that the prober asks for.
    fn drain(&mut self) -> Option<Wake> {
        let (mut found, mut progress, mut end) = (Vec::new(), None, Vec::new());
        let wake = loop {
            match self.prober.poll_output() {
                ProbeOutput::Io(Action::Resolve { id, question }) => {
                    let resolver = self.resolver.clone();
                    self.questions.spawn(async move { (id, resolver.resolve(question).await) });
                }
                ProbeOutput::Found { domain, finding } => found.push((domain, finding)),
                ProbeOutput::Progress { done, total } => progress = Some(EngineEvent::Probing { done, total }),
                ProbeOutput::Captive => end.push(EngineEvent::CaptiveNetwork),
                ProbeOutput::Done(burst) => end.push(EngineEvent::Probed(burst)),
                ProbeOutput::Wake(wake) => break wake,
                other => tracing::error!(?other, "an output of the prober has nowhere to go"),
            }
        };
        self.keep(found);
        progress.into_iter().chain(end).for_each(|event| self.start.shared.events.push(event));
        wake
    }

    /// First kept, then told: whoever hears of it finds it in the store.
    fn keep(&self, found: Vec<(String, Finding)>) {
        if found.is_empty() {
            return;
        }
        self.start.desk.put(Job::KeepFindings(found.clone()));
        for (domain, finding) in found {
            self.start.shared.events.push(EngineEvent::Found { domain: Pii(domain), finding });
        }
    }
}
