//! A phone with somebody at it: tells what happens, and does what keys or commands on standard input ask for.

mod action;
mod key;
mod keyboard;
mod meters;
mod order;
mod perform;
mod press;
mod prompt;
mod status;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use cooee_call::{CallId, CallState, EndReason};
use cooee_engine::{Engine, EngineEvent};
use crossterm::event::KeyEvent;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::line::Line;
use crate::report::Reporter;
use crate::stop;
use crate::tell::Teller;
use action::Action;
use key::{HELP, Key};
use keyboard::Keyboard;
use meters::Meters;
use order::Order;
use perform::{Done, Refusal, perform};
use press::Purpose;
use prompt::Prompt;

/// How long recordings and the log may take when the person does not want to wait.
const HURRIED: Duration = Duration::from_secs(2);

/// A phone and who sits at it.
pub struct Console {
    engine: Engine,
    reporter: Arc<Reporter>,
    teller: Teller,
    /// Answer every call at once.
    pub answer: bool,
    /// Hang up after this much sound.
    pub time: Option<Duration>,
    /// The call that all this is for: with it, and the last one beside it, this ends.
    pub own: Option<CallId>,
    ends: BTreeMap<CallId, Instant>,
    outcome: Option<EndReason>,
    is_leaving: bool,
    prompt: Option<Prompt<Purpose>>,
    meters: Option<Meters>,
}

impl Console {
    /// Nobody is answered, and it ends only when told to.
    #[must_use]
    pub fn new(engine: Engine, reporter: Arc<Reporter>) -> Self {
        Self {
            engine,
            teller: Teller::new(Arc::clone(&reporter)),
            reporter,
            answer: false,
            time: None,
            own: None,
            ends: BTreeMap::new(),
            outcome: None,
            is_leaving: false,
            prompt: None,
            meters: None,
        }
    }

    /// Until it is over; then everything is hung up, unregistered and told. How the own call ended, if there was one.
    ///
    /// # Errors
    /// Asked once more to end, it did not wait for all of that; recordings are complete all the same.
    pub async fn run(mut self) -> anyhow::Result<Option<EndReason>> {
        let (keyboard, mut keys) = Keyboard::open(!self.reporter.is_json());
        let mut orders = if self.reporter.is_json() { order::read() } else { mpsc::channel(1).1 };
        self.reporter.set_raw(keyboard.is_raw());
        if keyboard.is_raw() {
            self.reporter.say(HELP);
        }
        if self.engine.snapshot().do_not_disturb {
            self.reporter.tell(&Line::Disturbance { do_not_disturb: true });
        }
        if self.engine.snapshot().low_data {
            self.reporter.tell(&Line::Data { low_data: true });
        }
        self.attend(&mut keys, &mut orders).await;
        self.reporter.set_live(None);
        let is_hurried = tokio::select! {
            () = self.engine.shut_down() => false,
            () = asked_again(&mut keys, &mut orders) => true,
        };
        if is_hurried {
            self.engine.hurry();
            // A disk that hangs is not waited for.
            let _ = tokio::time::timeout(HURRIED, self.engine.shut_down()).await;
            self.reporter.set_raw(false);
            return Err(stop::at_once());
        }
        while let Some(event) = self.engine.next_event().await {
            self.teller.tell(&event, &self.engine.snapshot());
        }
        self.reporter.set_raw(false);
        Ok(self.outcome)
    }

    async fn attend(&mut self, keys: &mut mpsc::Receiver<KeyEvent>, orders: &mut mpsc::Receiver<Order>) {
        let mut asked = Box::pin(stop::asked());
        loop {
            let next = self.ends.iter().map(|(call, at)| (*at, *call)).min();
            let alarm = next.map_or_else(|| Instant::now() + Duration::from_secs(86_400), |(at, _)| at);
            let flow = tokio::select! {
                event = self.engine.next_event() => match event {
                    Some(event) => self.take(&event),
                    None => ControlFlow::Break(()),
                },
                () = sleep_until(alarm), if next.is_some() => {
                    if let Some((_, call)) = next {
                        self.ends.remove(&call);
                        let _ = self.engine.hang_up(call); // refused only if it is over
                    }
                    ControlFlow::Continue(())
                }
                () = &mut asked => {
                    asked = Box::pin(stop::asked());
                    self.leave()
                }
                Some(key) = keys.recv() => self.press(key).await,
                () = meters::changed(&mut self.meters) => {
                    self.show_meters();
                    ControlFlow::Continue(())
                }
                Some(order) = orders.recv() => self.obey(order).await,
            };
            if flow.is_break() {
                return;
            }
        }
    }

    /// A phone that is for one call hangs it up and tells how it ended; asked again, it does not wait for that.
    fn leave(&mut self) -> ControlFlow<()> {
        let snapshot = self.engine.snapshot();
        if self.own.is_none() || self.is_leaving || self.outcome.is_some() && snapshot.calls.is_empty() {
            return ControlFlow::Break(());
        }
        self.is_leaving = true;
        for call in snapshot.calls.iter().map(|view| view.call.id).chain(self.own) {
            let _ = self.engine.hang_up(call); // refused only if it is over, and then the event is under way
        }
        ControlFlow::Continue(())
    }

    fn take(&mut self, event: &EngineEvent) -> ControlFlow<()> {
        let snapshot = self.engine.snapshot();
        self.teller.tell(event, &snapshot);
        match event {
            EngineEvent::IncomingCall { call, .. } if self.answer => {
                if let Err(refused) = self.engine.answer(*call) {
                    self.teller.note(&format!("Not answered: {refused}."));
                }
            }
            EngineEvent::CallChanged { call, .. } if call.state == CallState::Active => {
                if let Some(time) = self.time {
                    self.ends.entry(call.id).or_insert_with(|| Instant::now() + time);
                }
            }
            EngineEvent::CallEnded { entry, .. } => {
                self.ends.remove(&entry.call.id);
                self.over(entry.call.id, &entry.reason);
            }
            EngineEvent::DialRefused { call, reason } => self.over(*call, &reason.end_reason()),
            _ => {}
        }
        let is_done = self.own.is_some() && self.outcome.is_some() && snapshot.calls.is_empty();
        if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn over(&mut self, call: CallId, reason: &EndReason) {
        if self.own == Some(call) {
            self.outcome = Some(reason.clone());
        }
    }

    async fn obey(&mut self, order: Order) -> ControlFlow<()> {
        let Order { id, action } = order;
        let action = match action {
            Ok(action) => action,
            Err(text) => {
                self.reporter.tell(&Line::Error { id, text });
                return ControlFlow::Continue(());
            }
        };
        let command = action.name();
        match perform(&self.engine, self.teller.numbers(), &action).await {
            Ok(done) => {
                let call = if let Done::Call(call) = done { Some(call.0) } else { None };
                let message = if let Done::Message(message) = done { Some(message.0) } else { None };
                self.reporter.tell(&Line::Accepted { id: id.clone(), command, call, message });
                self.tell_done(&action, &done);
            }
            Err(Refusal { reason, text }) => {
                self.reporter.tell(&Line::Refused { id, command, reason, text });
                return ControlFlow::Continue(());
            }
        }
        match action {
            Action::Quit {} => self.leave(),
            Action::Reach {} => {
                self.reach();
                ControlFlow::Continue(())
            }
            Action::Status {} => {
                self.status(Some(id));
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Ends when the person or a script asks once more to leave.
async fn asked_again(keys: &mut mpsc::Receiver<KeyEvent>, orders: &mut mpsc::Receiver<Order>) {
    let mut asked = std::pin::pin!(stop::asked());
    loop {
        tokio::select! {
            () = &mut asked => return,
            Some(key) = keys.recv() => if Key::of(key) == Some(Key::Quit) { return },
            Some(order) = orders.recv() => if matches!(order.action, Ok(Action::Quit {})) { return },
        }
    }
}
