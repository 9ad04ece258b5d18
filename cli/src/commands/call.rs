//! `cooee call`: one call, then done.

use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallId, CallState, EndReason};
use cooee_engine::{Engine, EngineEvent};
use cooee_phone::AccountId;
use tokio::time::{Instant, sleep_until};

use crate::args::{Call, Common};
use crate::exit::{self, Exit, Failure};
use crate::keys::{self, Key, Keyboard};
use crate::open::{self, Purpose};
use crate::report::Reporter;
use crate::stop;
use crate::tell::Teller;

/// Calls, tells what happens, and answers with the exit code that fits how it ended.
pub async fn run(common: &Common, call: &Call, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &call.sound, Purpose::Call, reporter).await?;
    let from = account(&engine, call.from.as_deref())?;
    let id = engine.dial(&call.address, from).map_err(|refused| Failure::new(Exit::NotReached, format!("Not called: {refused}.")))?;
    let (keyboard, keys) = Keyboard::open();
    reporter.set_raw(keyboard.is_raw());
    if keyboard.is_raw() {
        reporter.say(keys::HELP);
    }
    let seconds = call.sound.seconds.map(Duration::from_secs);
    let reason = Conversation { id, engine: &engine, teller: Teller::new(Arc::clone(reporter)), seconds, muted: false }.run(keys).await;
    engine.shut_down().await;
    reporter.set_raw(false);
    drop(keyboard);
    match reason.as_ref().and_then(exit::of_call) {
        None => Ok(()),
        Some(exit) => Err(Failure::told(exit).into()),
    }
}

/// The account whose address was named, or none for the engine's own choice.
pub fn account(engine: &Engine, address: Option<&str>) -> anyhow::Result<Option<AccountId>> {
    let snapshot = engine.snapshot();
    if snapshot.accounts.is_empty() {
        return Err(Failure::new(Exit::Local, "You have no address to call from yet. Add one: cooee account add anna@example.org").into());
    }
    let Some(address) = address else { return Ok(None) };
    let found = snapshot.accounts.iter().find(|view| view.address.reveal().eq_ignore_ascii_case(address));
    let found =
        found.ok_or_else(|| Failure::new(Exit::Local, format!("{address} is none of your addresses. See them: cooee account list")))?;
    Ok(Some(found.id))
}

/// One call from dialling to its end.
struct Conversation<'a> {
    id: CallId,
    engine: &'a Engine,
    teller: Teller,
    seconds: Option<Duration>,
    muted: bool,
}

impl Conversation<'_> {
    /// Until it is over; `None` if the engine ended first.
    async fn run(mut self, mut keys: tokio::sync::mpsc::Receiver<Key>) -> Option<EndReason> {
        let mut hang_up_at = None;
        let mut asked = std::pin::pin!(stop::asked());
        let mut leaving = false;
        loop {
            let alarm = hang_up_at.unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
            tokio::select! {
                event = self.engine.next_event() => {
                    let event = event?;
                    self.teller.tell(&event, &self.engine.snapshot());
                    match event {
                        EngineEvent::CallEnded { entry, .. } if entry.call.id == self.id => return Some(entry.reason),
                        EngineEvent::DialRefused { call, reason } if call == self.id => return Some(reason.end_reason()),
                        EngineEvent::CallChanged { call, .. } if call.id == self.id && call.state == CallState::Active => {
                            hang_up_at = hang_up_at.or(self.seconds.map(|seconds| Instant::now() + seconds));
                        }
                        _ => {}
                    }
                }
                () = sleep_until(alarm), if hang_up_at.is_some() && !leaving => leaving = self.hang_up(),
                () = &mut asked, if !leaving => leaving = self.hang_up(),
                Some(key) = keys.recv() => match key {
                    Key::HangUp | Key::Quit => leaving = self.hang_up(),
                    other => self.press(other),
                },
            }
        }
    }

    fn hang_up(&self) -> bool {
        let _ = self.engine.hang_up(self.id); // refused only if it is over, and then the event is under way
        true
    }

    fn press(&mut self, key: Key) {
        let done = match key {
            Key::Mute => {
                self.muted = !self.muted;
                self.teller.note(if self.muted { "Muted." } else { "They hear you again." });
                self.engine.mute(self.id, self.muted).map(drop)
            }
            Key::Digit(digit) => self.engine.digit(self.id, digit).map(drop),
            Key::Help => {
                self.teller.note(keys::HELP);
                Ok(())
            }
            Key::Answer | Key::HangUp | Key::Quit => Ok(()),
        };
        if let Err(refused) = done {
            self.teller.note(&format!("Not done: {refused}."));
        }
    }
}
