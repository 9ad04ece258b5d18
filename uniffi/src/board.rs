//! What the streams show, kept up to date from what the engine says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use cooee_call::{CallId, CallSnapshot};
use cooee_engine::{Engine, EngineEvent, Queue, Snapshot};
use cooee_phone::AccountId;
use cooee_rtc::Statistics;
use tokio::sync::{Notify, watch};

use crate::call::{Call, Figures, SoundTrouble};
use crate::status::{Mailbox, Status};
use crate::{Conditions, Event};

/// The states that streams are made of. They end with the phone.
pub(crate) struct Board {
    pub(crate) status: watch::Receiver<Status>,
    pub(crate) calls: watch::Receiver<Vec<Call>>,
    pub(crate) people: watch::Receiver<u64>,
    /// Says that the app has changed what is known of people: no event of the engine does.
    pub(crate) people_changed: Arc<Notify>,
}

/// Keeps a board, and passes moments on.
pub(crate) struct Keeper {
    engine: Arc<Engine>,
    events: Arc<Queue<Event>>,
    conditions: watch::Receiver<cooee_engine::Conditions>,
    status: watch::Sender<Status>,
    calls: watch::Sender<Vec<Call>>,
    people: watch::Sender<u64>,
    people_changed: Arc<Notify>,
    mailboxes: BTreeMap<AccountId, Mailbox>,
    troubles: BTreeMap<CallId, BTreeSet<SoundTrouble>>,
    measured: BTreeMap<CallId, Measured>,
}

/// The last two measurements of a call.
struct Measured {
    at: Instant,
    counted: Statistics,
    sending: Option<u32>,
    receiving: Option<u32>,
}

impl Keeper {
    /// A keeper and its board, which shows how things are.
    pub(crate) fn new(
        engine: Arc<Engine>,
        events: Arc<Queue<Event>>,
        conditions: watch::Receiver<cooee_engine::Conditions>,
    ) -> (Self, Board) {
        let mut keeper = Self {
            engine,
            events,
            conditions,
            status: watch::Sender::default(),
            calls: watch::Sender::default(),
            people: watch::Sender::default(),
            people_changed: Arc::default(),
            mailboxes: BTreeMap::new(),
            troubles: BTreeMap::new(),
            measured: BTreeMap::new(),
        };
        keeper.show();
        let board = Board {
            status: keeper.status.subscribe(),
            calls: keeper.calls.subscribe(),
            people: keeper.people.subscribe(),
            people_changed: Arc::clone(&keeper.people_changed),
        };
        (keeper, board)
    }

    /// Until the engine has ended; then moments end, and the streams.
    pub(crate) async fn keep(mut self) {
        let mut snapshots = self.engine.watch();
        // What changed since the board was made.
        snapshots.mark_changed();
        loop {
            tokio::select! {
                event = self.engine.next_event() => match event {
                    Some(EngineEvent::Stopped) => {}
                    Some(EngineEvent::Overflow { lost }) => self.events.lose(lost),
                    Some(event) => self.take(&event),
                    None => break,
                },
                Ok(()) = snapshots.changed() => self.show(),
                Ok(()) = self.conditions.changed() => self.show(),
                () = self.people_changed.notified() => self.grow(),
            }
        }
        self.show();
        self.events.close();
    }

    /// A moment. What it is about is shown before it is told.
    fn take(&mut self, event: &EngineEvent) {
        match event {
            EngineEvent::MessagesWaiting { account, waiting } => _ = self.mailboxes.insert(*account, (*waiting).into()),
            EngineEvent::Sound { call, trouble, begins } => {
                let (troubles, trouble) = (self.troubles.entry(*call).or_default(), SoundTrouble::of(*trouble));
                match (trouble, begins) {
                    (Some(trouble), true) => _ = troubles.insert(trouble),
                    (Some(trouble), false) => _ = troubles.remove(&trouble),
                    (None, _) => {}
                }
            }
            EngineEvent::Found { .. }
            | EngineEvent::Probed(_)
            | EngineEvent::CallLogged { .. }
            | EngineEvent::MessageReceived { .. }
            | EngineEvent::MessageDelivered(_)
            | EngineEvent::MessageFailed { .. } => self.grow(),
            _ => {}
        }
        self.show();
        if let Some(event) = Event::of(event) {
            self.events.push(event);
        }
    }

    /// Pages of people and of what was are to be read again.
    fn grow(&self) {
        self.people.send_modify(|revision| *revision += 1);
    }

    fn show(&mut self) {
        let snapshot = self.engine.snapshot();
        self.forget_what_is_over(&snapshot);
        let conditions = Conditions::from(&*self.conditions.borrow());
        let mailbox = |account| self.mailboxes.get(&AccountId(account)).copied();
        put(&self.status, Status::new(&snapshot, self.engine.ring_lines(), conditions, mailbox));
        let calls = snapshot.calls.iter().map(|view| {
            let troubles = self.troubles.get(&view.call.id).into_iter().flatten().copied().collect();
            Call::new(view, troubles, figures(&mut self.measured, &view.call))
        });
        let calls = calls.collect();
        put(&self.calls, calls);
    }

    fn forget_what_is_over(&mut self, snapshot: &Snapshot) {
        let is_there = |call: CallId| snapshot.calls.iter().any(|view| view.call.id == call);
        self.troubles.retain(|call, _| is_there(*call));
        self.measured.retain(|call, _| is_there(*call));
        self.mailboxes.retain(|account, _| snapshot.accounts.iter().any(|view| view.id == *account));
    }
}

/// Shows a state, if it is another.
fn put<T: PartialEq>(state: &watch::Sender<T>, value: T) {
    state.send_if_modified(|shown| {
        let is_news = *shown != value;
        *shown = value;
        is_news
    });
}

/// A call's figures; what flows in a second is measured from one report to the next.
fn figures(measured: &mut BTreeMap<CallId, Measured>, call: &CallSnapshot) -> Option<Figures> {
    let counted = call.statistics?;
    let at = Instant::now();
    let (sending, receiving) = match measured.get(&call.id) {
        Some(last) if last.counted == counted => (last.sending, last.receiving),
        Some(last) => {
            let rate = |now: u64, before: u64| {
                let seconds = at.saturating_duration_since(last.at).as_secs_f64().max(0.001);
                Some((now.saturating_sub(before) as f64 / seconds) as u32)
            };
            (rate(counted.wire_sent, last.counted.wire_sent), rate(counted.wire_received, last.counted.wire_received))
        }
        None => (None, None),
    };
    if measured.get(&call.id).is_none_or(|last| last.counted != counted) {
        measured.insert(call.id, Measured { at, counted, sending, receiving });
    }
    Some(Figures::new(&counted, sending, receiving))
}
