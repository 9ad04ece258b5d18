//! A turn of the thread: all calls take what has come, do what is due and let sound pass; many calls on several threads.

use std::collections::BTreeMap;
use std::collections::btree_map::IterMut;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use cooee_call::CallId;
use cooee_codec::{BLOCK_TIME, Block, SILENCE, mix};
use cooee_machine::Now;
use tokio::runtime::Handle;

use super::MediaUpdate;
use super::call::{CallMedia, CallOutput};

/// From so many calls on the work of a tick is shared: fewer are done before another thread has begun.
const SHARED: usize = 16;
/// Threads that share it at most.
const MOST: usize = 8;
/// The longest datagram that is read: more than any path carries unfragmented.
const LONGEST: usize = 4_096;

static PROCESSORS: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from).min(MOST));

/// What a turn is about.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) now: Now,
    /// The blocks that are due, as the microphone gave them; none between ticks.
    pub(super) spoken: &'a [Block],
    /// A person could have spoken into it.
    pub(super) live: bool,
    /// Blocks of one tick: of those that are due, so many are in time.
    pub(super) step: usize,
}

impl Turn<'_> {
    /// How long after now this block will be played, as the last of those that are due.
    fn ahead(&self, block: usize) -> Duration {
        let late = self.spoken.len().saturating_sub(self.step);
        BLOCK_TIME * u32::try_from(block.saturating_sub(late)).unwrap_or(0)
    }
}

/// What came of it: sound to play, and what to tell.
pub(super) struct Outcome {
    pub(super) played: Vec<Block>,
    pub(super) updates: Vec<MediaUpdate>,
}

/// The calls whose turn it is yet.
type Waiting<'a> = Mutex<IterMut<'a, CallId, CallMedia>>;

/// Lets all calls take a turn.
pub(super) fn take(calls: &mut BTreeMap<CallId, CallMedia>, turn: Turn<'_>) -> Outcome {
    let threads = if turn.spoken.is_empty() || calls.len() < SHARED { 1 } else { *PROCESSORS };
    let waiting = Mutex::new(calls.iter_mut());
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some_elsewhere(&waiting, turn))).collect();
        let mut outcome = some(&waiting, turn);
        for other in others.into_iter().map(thread::ScopedJoinHandle::join) {
            match other {
                Ok(other) => {
                    outcome.played.iter_mut().zip(&other.played).for_each(|(played, other)| mix(played, other));
                    outcome.updates.extend(other.updates);
                }
                Err(_) => tracing::error!("the sound of some calls has failed"),
            }
        }
        outcome
    })
}

/// The same, to be done on another thread.
fn some_elsewhere(waiting: &Waiting<'_>, turn: Turn<'_>) -> impl FnOnce() -> Outcome {
    // Sockets that are watched belong to it.
    let runtime = Handle::current();
    move || {
        let _inside = runtime.enter();
        some(waiting, turn)
    }
}

/// The turns of as many calls as there is time for before others have taken theirs.
fn some(waiting: &Waiting<'_>, turn: Turn<'_>) -> Outcome {
    let mut outcome = Outcome { played: vec![SILENCE; turn.spoken.len()], updates: Vec::new() };
    let mut buffer = [0; LONGEST];
    loop {
        // Taking the next one cannot panic.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((call, media)) = next else { return outcome };
        one(*call, media, turn, &mut buffer, &mut outcome);
    }
}

fn one(call: CallId, media: &mut CallMedia, turn: Turn<'_>, buffer: &mut [u8], outcome: &mut Outcome) {
    let Turn { now, spoken, live, .. } = turn;
    if !spoken.is_empty() || media.is_watched() {
        media.receive(buffer, now);
    }
    media.handle_timeout(now);
    for (at, (spoken, played)) in spoken.iter().zip(&mut outcome.played).enumerate() {
        if let Some(CallOutput::RecordingFailed(error)) = media.tick(spoken, played, turn.ahead(at), now) {
            outcome.updates.push(MediaUpdate::RecordingFailed { call, error });
        }
        media.watch(Some(spoken).filter(|_| live));
        let troubles = std::iter::from_fn(|| media.poll_trouble());
        outcome.updates.extend(troubles.map(|(trouble, begins)| MediaUpdate::Sound { call, trouble, begins }));
    }
    while let Some(CallOutput::Event(event)) = media.poll_output(now) {
        outcome.updates.push(MediaUpdate::Call { call, event });
    }
    if !spoken.is_empty() {
        media.settle(now);
    }
}
