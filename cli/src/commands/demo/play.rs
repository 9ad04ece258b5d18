//! The play: two phones log in, one calls, the other answers, both speak, one hangs up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_call::{CallId, CallSnapshot, EndReason};
use cooee_engine::{Engine, EngineConfig, EngineEvent, Interfaces, MediaSummary, NewAccount, StoreLocation, TestPlatform};
use cooee_net::Trust;
use cooee_phone::AccountState;
use indicatif::{ProgressBar, ProgressStyle};

use super::voice::Voice;
use super::{DOMAIN, Lab, PATIENCE, is_up};
use crate::exit::{self, Exit, Failure};
use crate::report::Reporter;
use crate::sound::Opener;
use crate::stop;
use crate::tell::{Teller, explain, explain_account};

/// How long it rings before ben answers: long enough to be seen.
const RINGING: Duration = Duration::from_millis(700);
/// After the last word, so that the last packets arrive.
const AFTER: Duration = Duration::from_millis(600);

/// One phone of the play.
pub struct Actor {
    /// Who it is.
    pub voice: Voice,
    engine: Engine,
}

/// Both phones, logged in.
pub struct Play {
    anna: Actor,
    ben: Actor,
    registered: Duration,
}

/// What one side can say of the call when it is over.
pub struct Side {
    /// Who it was.
    pub voice: Voice,
    /// The call at its end.
    pub call: CallSnapshot,
    /// How the sound fared.
    pub media: MediaSummary,
}

/// How it went.
pub struct Outcome {
    /// The caller.
    pub anna: Side,
    /// The called.
    pub ben: Side,
    /// From the first packet to both logged in.
    pub registered: Duration,
}

impl Play {
    /// Starts both phones and waits until both are logged in.
    pub async fn prepare(lab: &Lab, anna: Voice, ben: Voice, play: bool, reporter: &Arc<Reporter>) -> anyhow::Result<Self> {
        let began = Instant::now();
        let anna = Actor::start(lab, anna, false, reporter).await?;
        let ben = Actor::start(lab, ben, play, reporter).await?;
        for actor in [&anna, &ben] {
            actor.log_in(reporter).await?;
        }
        Ok(Self { anna, ben, registered: began.elapsed() })
    }

    /// The call from dialling to hanging up. Both phones are shut down whatever happens.
    pub async fn perform(self, reporter: &Arc<Reporter>) -> anyhow::Result<Outcome> {
        let Self { anna, ben, registered } = &self;
        let script = async {
            let outgoing = anna.engine.dial(&format!("{}@{DOMAIN}", ben.voice.name), None)?;
            let incoming = timed("ben's phone did not ring", ben.rings()).await?;
            let mut teller = Teller::new(Arc::clone(reporter));
            let (to_anna, to_ben) = tokio::join!(anna.until_active(outgoing, &mut teller), async {
                tokio::time::sleep(RINGING).await;
                ben.engine.answer(incoming)?;
                ben.until_active_quietly(incoming).await
            });
            to_anna.and(to_ben)?;
            speak(anna.voice.speech.duration().max(ben.voice.speech.duration()) + AFTER, reporter).await;
            anna.engine.hang_up(outgoing)?;
            let (anna, ben) = tokio::join!(anna.end(outgoing), ben.end(incoming));
            anyhow::Ok(Outcome { anna: anna?, ben: ben?, registered: *registered })
        };
        let outcome = tokio::select! {
            outcome = script => outcome,
            () = stop::asked() => Err(Failure::new(Exit::NotReached, "Stopped. The recordings are complete up to here.").into()),
        };
        tokio::join!(self.anna.engine.shut_down(), self.ben.engine.shut_down());
        outcome
    }
}

impl Actor {
    async fn start(lab: &Lab, voice: Voice, play: bool, reporter: &Arc<Reporter>) -> anyhow::Result<Self> {
        let device = Opener::files(voice.speech.clone(), voice.heard.clone(), play, Arc::clone(reporter));
        let mut config = EngineConfig::new(Arc::new(TestPlatform::new()), StoreLocation::Memory, Arc::new(device));
        config.extra_trust = Trust::nobody().with_pem(lab.authority.as_bytes())?;
        config.dns.overrides = lab.names();
        config.interfaces = Interfaces::Loopback;
        config.ring = false;
        let engine = Engine::start(config).await?;
        let password = lab.people.iter().find(|(name, _)| name == voice.name).map(|(_, password)| password.clone());
        engine.add_account(NewAccount::new(format!("{}@{DOMAIN}", voice.name), password.unwrap_or_default())).await?;
        Ok(Self { voice, engine })
    }

    async fn next(&self) -> anyhow::Result<EngineEvent> {
        let stopped = || Failure::new(Exit::Local, format!("{}'s phone stopped.", self.voice.name));
        self.engine.next_event().await.ok_or_else(|| stopped().into())
    }

    async fn log_in(&self, reporter: &Reporter) -> anyhow::Result<()> {
        let name = self.voice.name;
        timed(&format!("{name} could not log in"), async {
            loop {
                match self.next().await? {
                    EngineEvent::AccountChanged { state: AccountState::Registered { .. }, .. } => break Ok(()),
                    EngineEvent::AccountChanged { state: AccountState::Failed { trouble, .. }, .. } => {
                        break Err(
                            Failure::new(Exit::Server, format!("{name} could not log in. {}", explain_account(name, &trouble))).into()
                        );
                    }
                    EngineEvent::AccountFailed { trouble, .. } => break Err(Failure::new(Exit::Local, trouble.to_string()).into()),
                    _ => {}
                }
            }
        })
        .await?;
        reporter.say(format!("{name}@{DOMAIN} is registered over TLS"));
        Ok(())
    }

    async fn rings(&self) -> anyhow::Result<CallId> {
        loop {
            if let EngineEvent::IncomingCall { call, .. } = self.next().await? {
                return Ok(call);
            }
        }
    }

    async fn until_active(&self, call: CallId, teller: &mut Teller) -> anyhow::Result<()> {
        let watched = self.watch(call, |event| teller.tell(event, &self.engine.snapshot()));
        timed("no sound came about", watched).await
    }

    async fn until_active_quietly(&self, call: CallId) -> anyhow::Result<()> {
        timed("no sound came about", self.watch(call, |_| {})).await
    }

    async fn watch(&self, call: CallId, mut tell: impl FnMut(&EngineEvent)) -> anyhow::Result<()> {
        loop {
            let event = self.next().await?;
            tell(&event);
            let state = match &event {
                EngineEvent::CallChanged { call: changed, .. } if changed.id == call => is_up(&changed.state),
                EngineEvent::CallEnded { entry, .. } if entry.call.id == call => Err(entry.reason.clone()),
                EngineEvent::DeviceFailed(error) => return Err(Failure::new(Exit::Local, error.to_string()).into()),
                EngineEvent::RecordingFailed { error, .. } => return Err(Failure::new(Exit::Local, error.to_string()).into()),
                _ => Ok(false),
            };
            match state {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(reason) => return Err(ended_early(&reason)),
            }
        }
    }

    /// Both last words on a call: how the sound fared, and how the call ended.
    async fn end(&self, call: CallId) -> anyhow::Result<Side> {
        let mut media = None;
        let ended = timed("the call did not end", async {
            loop {
                match self.next().await? {
                    EngineEvent::MediaSummary { call: of, summary } if of == call => media = Some(*summary),
                    EngineEvent::CallEnded { entry, .. } if entry.call.id == call => break anyhow::Ok(entry.call),
                    _ => {}
                }
            }
        })
        .await?;
        let media = media.ok_or_else(|| Failure::new(Exit::NoSound, format!("{} had no sound at all.", self.voice.name)))?;
        Ok(Side { voice: self.voice.clone(), call: ended, media })
    }
}

fn ended_early(reason: &EndReason) -> anyhow::Error {
    Failure::new(exit::of_call(reason).unwrap_or(Exit::NotReached), explain(reason)).into()
}

async fn timed<T>(failure: &str, step: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let late = |_| Failure::new(Exit::NotReached, format!("After {} s {failure}.", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, step).await.map_err(late)?
}

/// Waits while they speak, with a bar for people.
async fn speak(duration: Duration, reporter: &Reporter) {
    let length = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let bar = if reporter.is_json() { ProgressBar::hidden() } else { ProgressBar::new(length) };
    if let Ok(style) = ProgressStyle::with_template("both speak {bar:40} {msg}") {
        bar.set_style(style);
    }
    let began = Instant::now();
    while began.elapsed() < duration {
        let elapsed = began.elapsed();
        bar.set_position(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        bar.set_message(format!("{:.0} of {:.0} s", elapsed.as_secs_f32(), duration.as_secs_f32()));
        tokio::time::sleep(Duration::from_millis(100).min(duration.saturating_sub(elapsed))).await;
    }
    bar.finish_and_clear();
}
