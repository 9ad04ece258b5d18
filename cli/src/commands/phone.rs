//! `cooee phone`: stay reachable.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallDirection, CallId, CallState};
use cooee_engine::{Engine, EngineEvent, Refused};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::args::{Common, Phone};
use crate::exit::{Exit, Failure};
use crate::keys::{self, Key, Keyboard};
use crate::open::{self, Purpose};
use crate::report::Reporter;
use crate::stop;
use crate::tell::Teller;

/// Rings, answers and hangs up until told to leave.
pub async fn run(common: &Common, phone: &Phone, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let engine = open::phone(common, &phone.sound, Purpose::Reachable, reporter).await?;
    if engine.snapshot().accounts.is_empty() {
        engine.shut_down().await;
        return Err(
            Failure::new(Exit::Local, "You have no address to be called at yet. Add one: cooee account add anna@example.org").into()
        );
    }
    let (keyboard, keys) = Keyboard::open();
    reporter.set_raw(keyboard.is_raw());
    if keyboard.is_raw() {
        reporter.say(keys::HELP);
    }
    let mut desk = Desk {
        engine,
        teller: Teller::new(Arc::clone(reporter)),
        answer: phone.answer,
        seconds: phone.sound.seconds.map(Duration::from_secs),
        ends: BTreeMap::new(),
        muted: false,
    };
    desk.run(keys).await;
    desk.leave().await;
    reporter.set_raw(false);
    Ok(())
}

/// The phone and who sits at it.
struct Desk {
    engine: Engine,
    teller: Teller,
    answer: bool,
    seconds: Option<Duration>,
    /// When to hang up which call.
    ends: BTreeMap<CallId, Instant>,
    muted: bool,
}

impl Desk {
    async fn run(&mut self, mut keys: mpsc::Receiver<Key>) {
        let mut asked = std::pin::pin!(stop::asked());
        loop {
            let next = self.ends.iter().map(|(call, at)| (*at, *call)).min();
            let alarm = next.map_or_else(|| Instant::now() + Duration::from_secs(86_400), |(at, _)| at);
            tokio::select! {
                event = self.engine.next_event() => {
                    let Some(event) = event else { return };
                    self.teller.tell(&event, &self.engine.snapshot());
                    self.take(event);
                }
                () = sleep_until(alarm), if next.is_some() => if let Some((_, call)) = next {
                    self.ends.remove(&call);
                    let _ = self.engine.hang_up(call); // refused only if it is over
                },
                () = &mut asked => return,
                Some(key) = keys.recv() => if key == Key::Quit { return } else { self.press(key) },
            }
        }
    }

    /// Hangs up and unregisters, and tells how calls ended by that.
    async fn leave(&mut self) {
        self.engine.shut_down().await;
        while let Some(event) = self.engine.next_event().await {
            self.teller.tell(&event, &self.engine.snapshot());
        }
    }

    fn take(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::IncomingCall { call, .. } if self.answer => {
                if let Err(refused) = self.engine.answer(call) {
                    self.teller.note(&format!("Not answered: {refused}."));
                }
            }
            EngineEvent::CallChanged { call, .. } if call.state == CallState::Active => {
                if let Some(seconds) = self.seconds {
                    self.ends.entry(call.id).or_insert_with(|| Instant::now() + seconds);
                }
            }
            EngineEvent::CallEnded { entry, .. } => {
                self.ends.remove(&entry.call.id);
                self.muted &= !self.engine.snapshot().calls.is_empty();
            }
            _ => {}
        }
    }

    fn press(&mut self, key: Key) {
        let done = match key {
            Key::Answer => self.with(self.ringing(), |engine, call| engine.answer(call)),
            Key::HangUp => match self.ringing() {
                Some(call) => self.engine.decline(call).map(drop),
                None => self.with(self.current(), |engine, call| engine.hang_up(call)),
            },
            Key::Mute => {
                let muted = !self.muted;
                let done = self.with(self.current(), |engine, call| engine.mute(call, muted));
                if done.is_ok() {
                    self.muted = muted;
                    self.teller.note(if muted { "Muted." } else { "They hear you again." });
                }
                done
            }
            Key::Digit(digit) => self.with(self.current(), |engine, call| engine.digit(call, digit)),
            Key::Help => {
                self.teller.note(keys::HELP);
                Ok(())
            }
            Key::Quit => Ok(()),
        };
        if let Err(refused) = done {
            self.teller.note(&format!("Not done: {refused}."));
        }
    }

    fn with(&self, call: Option<CallId>, act: impl Fn(&Engine, CallId) -> Result<CallId, Refused>) -> Result<(), Refused> {
        act(&self.engine, call.ok_or(Refused::NoSuchCall)?).map(drop)
    }

    /// The first call that rings here.
    fn ringing(&self) -> Option<CallId> {
        let snapshot = self.engine.snapshot();
        let mut calls = snapshot.calls.iter().map(|view| &view.call);
        calls.find(|call| call.state == CallState::Ringing && call.direction == CallDirection::Incoming).map(|call| call.id)
    }

    /// The first call that does not ring here.
    fn current(&self) -> Option<CallId> {
        let snapshot = self.engine.snapshot();
        let mut calls = snapshot.calls.iter().map(|view| &view.call);
        calls.find(|call| call.state != CallState::Ringing || call.direction == CallDirection::Outgoing).map(|call| call.id)
    }
}
