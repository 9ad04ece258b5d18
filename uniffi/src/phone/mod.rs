//! The handle that the app holds.

mod accounts;
mod calls;
mod history;
mod keys;
mod people;
mod requests;
mod settings;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cooee_engine::{Engine, Queue};

use crate::board::{Board, Keeper};
use crate::platform::Lender;
use crate::room::{Begun, Room};
use crate::stream::{CallStream, PeopleStream, StatusStream};
use crate::{Conditions, Config, Event, Platform, Refused, StartError, WakeReason, Woken};

/// More moments than this wait for nobody: the oldest go, and [`Event::Overflow`] says how many.
const EVENTS_MAX: usize = 256;

/// So many things a page has at most.
const PAGE_MAX: usize = 100;

/// A running phone, on threads of its own. One lives for as long as the app does; [`Phone::shutdown`] ends it.
#[derive(uniffi::Object)]
pub struct Phone {
    engine: Arc<Engine>,
    lender: Arc<Lender>,
    board: Board,
    events: Arc<Queue<Event>>,
    has_listener: AtomicBool,
    keeping: Mutex<Option<Begun<()>>>,
    /// Where the app's answers are waited for, and nothing else.
    platform_room: Arc<Room>,
    /// Where all else is done.
    room: Room,
}

#[uniffi::export]
impl Phone {
    /// Opens what is stored and, bit by bit, brings the accounts up; how that goes shows in the streams.
    ///
    /// # Errors
    /// Storage, platform or system do not allow it. Nothing keeps running then.
    #[uniffi::constructor]
    pub async fn start(config: Config, platform: Arc<dyn Platform>) -> Result<Arc<Self>, StartError> {
        let system = |error: std::io::Error| StartError::System { text: error.to_string() };
        let room = Room::open("cooee-phone").map_err(system)?;
        let platform_room = Arc::new(Room::open("cooee-platform").map_err(system)?);
        let lender = Arc::new(Lender::new(platform, Arc::clone(&platform_room)));
        let config = config.into_engine(Arc::clone(&lender) as _)?;
        let started = room.begin(async move { Box::pin(Engine::start(config)).await }).end().await;
        let engine = Arc::new(started.map_err(|error| StartError::System { text: error.to_string() })??);
        let events = Arc::new(Queue::new(EVENTS_MAX, |dropped| Event::Overflow { dropped }));
        let (keeper, board) = Keeper::new(Arc::clone(&engine), Arc::clone(&events), cooee_engine::Platform::conditions(&*lender));
        let keeping = Mutex::new(Some(room.begin(keeper.keep())));
        Ok(Arc::new(Self { engine, lender, board, events, has_listener: AtomicBool::new(false), keeping, platform_room, room }))
    }

    /// Whether the phone can call and be called, now and after each change.
    #[must_use]
    pub fn status(&self) -> Arc<StatusStream> {
        Arc::new(StatusStream::new(self.board.status.clone()))
    }

    /// The calls that are not over, now and after each change.
    #[must_use]
    pub fn calls(&self) -> Arc<CallStream> {
        Arc::new(CallStream::new(self.board.calls.clone()))
    }

    /// A number that grows when something else is known of people: of their addresses, of who may ring, of past calls and texts.
    #[must_use]
    pub fn people(&self) -> Arc<PeopleStream> {
        Arc::new(PeopleStream::new(self.board.people.clone()))
    }

    /// The next moment, when it comes; none when the phone has ended. For one consumer in the app; a wait that is dropped loses nothing.
    ///
    /// # Errors
    /// Somebody waits already.
    pub async fn next_event(&self) -> Result<Option<Event>, Refused> {
        let _listening = Listening::begin(&self.has_listener)?;
        Ok(self.events.next().await)
    }

    /// Networks and power are like this now.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.lender.set(conditions);
    }

    /// The device has slept, or its networks have changed while it did, and is awake now: what came due is done, dead connections are
    /// replaced, and the call that may be waiting rings. Answers when that is so, after 20 s at most. The app keeps the device awake until
    /// then, or until it was told to by [`Platform::awake`](crate::Platform::awake).
    ///
    /// # Errors
    /// The phone is shutting down.
    pub async fn wake(&self, reason: WakeReason) -> Result<Woken, Refused> {
        let engine = Arc::clone(&self.engine);
        self.room.run(async move { Ok(engine.wake(reason.into()).await?.into()) }).await
    }

    /// Hangs up, unregisters, completes the log, and waits for that, a few seconds at most. Then streams and moments end. May be called
    /// again.
    pub async fn shutdown(&self) {
        let engine = Arc::clone(&self.engine);
        let ended = self.room.run(async move {
            engine.shut_down().await;
            Ok(())
        });
        if ended.await.is_ok() {
            let keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(keeping) = keeping
                && keeping.end().await.is_err()
            {
                tracing::error!("the board was given up before the phone had ended");
            }
            self.platform_room.close();
            self.room.close();
        }
    }
}

impl Phone {
    /// Passes on what became of a change in what is known of people; done, pages of them are to be read again.
    fn of_people<T>(&self, changed: Result<T, Refused>) -> Result<T, Refused> {
        if changed.is_ok() {
            self.board.people_changed.notify_one();
        }
        changed
    }
}

/// Room for one consumer of moments, free again when it stops to wait.
struct Listening<'a>(&'a AtomicBool);

impl<'a> Listening<'a> {
    fn begin(taken: &'a AtomicBool) -> Result<Self, Refused> {
        if taken.swap(true, Ordering::AcqRel) { Err(Refused::AnotherListens) } else { Ok(Self(taken)) }
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// So much is on one page.
fn bounded(n: usize) -> Result<usize, Refused> {
    if n > PAGE_MAX { Err(Refused::Length) } else { Ok(n) }
}
