//! 10 ms of sound of all calls; of many calls on several threads.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::thread;

use cooee_call::CallId;
use cooee_codec::{Block, SILENCE, mix};
use cooee_machine::Now;

use super::MediaUpdate;
use super::call::{CallMedia, CallOutput};

/// From so many calls on the work of a tick is shared: fewer are done before another thread has begun.
const SHARED: usize = 16;
/// Threads that share it at most.
const MOST: usize = 8;

static PROCESSORS: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from).min(MOST));

/// What the microphone gave.
#[derive(Clone, Copy)]
pub(super) struct Spoken<'a> {
    pub(super) block: &'a Block,
    /// A person could have spoken into it.
    pub(super) live: bool,
}

/// What came of a tick: sound to play, and what to tell.
pub(super) struct Ticked {
    pub(super) played: Block,
    pub(super) updates: Vec<MediaUpdate>,
}

/// Lets all calls send and play 10 ms.
pub(super) fn tick(calls: &mut BTreeMap<CallId, CallMedia>, spoken: Spoken<'_>, now: Now) -> Ticked {
    let mut calls: Vec<(CallId, &mut CallMedia)> = calls.iter_mut().map(|(call, media)| (*call, media)).collect();
    let threads = if calls.len() < SHARED { 1 } else { *PROCESSORS };
    let share = calls.len().div_ceil(threads).max(1);
    let mut shares = calls.chunks_mut(share);
    let mine = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(move || some(share, spoken, now))).collect();
        let mut ticked = some(mine, spoken, now);
        for other in others.into_iter().map(thread::ScopedJoinHandle::join) {
            match other {
                Ok(other) => {
                    mix(&mut ticked.played, &other.played);
                    ticked.updates.extend(other.updates);
                }
                Err(_) => tracing::error!("the sound of some calls has failed"),
            }
        }
        ticked
    })
}

/// The same for some calls, one after the other.
fn some(calls: &mut [(CallId, &mut CallMedia)], spoken: Spoken<'_>, now: Now) -> Ticked {
    let mut ticked = Ticked { played: SILENCE, updates: Vec::new() };
    for (call, media) in calls {
        let call = *call;
        if let Some(CallOutput::RecordingFailed(error)) = media.tick(spoken.block, &mut ticked.played, now) {
            ticked.updates.push(MediaUpdate::RecordingFailed { call, error });
        }
        media.watch(Some(spoken.block).filter(|_| spoken.live));
        let troubles = std::iter::from_fn(|| media.poll_trouble());
        ticked.updates.extend(troubles.map(|(trouble, begins)| MediaUpdate::Sound { call, trouble, begins }));
    }
    ticked
}
