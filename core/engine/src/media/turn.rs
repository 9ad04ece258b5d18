//! A turn of the thread: all calls take what has come, do what is due and let sound pass; many calls on several threads.

use std::collections::BTreeMap;
use std::collections::btree_map::IterMut;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cooee_call::CallId;
use cooee_codec::{BLOCK_TIME, Block, SILENCE, mix};
use cooee_machine::Now;
use tokio::runtime::Handle;

use super::MediaUpdate;
use super::call::{CallMedia, CallOutput};

/// From so much work on that of a tick is shared, a quarter of the time there is for it: what is less is cheaper done by one thread than
/// by one that has to be begun first, and whose processor knows nothing of these calls yet.
const SHARED: Duration = Duration::from_millis(5);
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
    /// What the last tick took, of all threads together.
    pub(super) worked: Duration,
}

impl Turn<'_> {
    /// How many threads take it.
    fn threads(&self) -> usize {
        if self.spoken.is_empty() || self.worked < SHARED { 1 } else { *PROCESSORS }
    }

    /// The moment at which this block would have been asked for, were blocks asked for one by one, the last of them now. Packets are read
    /// once a tick, so this leaves those for the later blocks as much time to arrive as those for the first.
    fn asked(&self, block: usize) -> Now {
        let later = self.spoken.len().saturating_sub(block + 1).min(self.step.saturating_sub(1));
        before(self.now, BLOCK_TIME * u32::try_from(later).unwrap_or(0))
    }
}

/// So much earlier.
pub(super) fn before(now: Now, earlier: Duration) -> Now {
    Now { instant: now.instant.checked_sub(earlier).unwrap_or(now.instant), unix: now.unix.saturating_sub(earlier) }
}

/// What came of it: sound to play, and what to tell.
pub(super) struct Outcome {
    pub(super) played: Vec<Block>,
    pub(super) updates: Vec<MediaUpdate>,
    /// What it took, of all threads together.
    pub(super) worked: Duration,
}

/// The calls whose turn it is yet.
type Waiting<'a> = Mutex<IterMut<'a, CallId, CallMedia>>;

/// Lets all calls take a turn.
pub(super) fn take(calls: &mut BTreeMap<CallId, CallMedia>, turn: Turn<'_>) -> Outcome {
    let threads = turn.threads();
    let waiting = Mutex::new(calls.iter_mut());
    thread::scope(|scope| {
        // Where the system has no further thread to give, fewer do.
        let others = (1..threads).filter_map(|_| thread::Builder::new().spawn_scoped(scope, some_elsewhere(&waiting, turn)).ok());
        let others: Vec<_> = others.collect();
        let mut outcome = some(&waiting, turn);
        for other in others.into_iter().map(thread::ScopedJoinHandle::join) {
            match other {
                Ok(other) => {
                    outcome.played.iter_mut().zip(&other.played).for_each(|(played, other)| mix(played, other));
                    outcome.updates.extend(other.updates);
                    outcome.worked += other.worked;
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
    let begun = Instant::now();
    let mut outcome = Outcome { played: vec![SILENCE; turn.spoken.len()], updates: Vec::new(), worked: Duration::ZERO };
    let mut buffer = [0; LONGEST];
    loop {
        // Taking the next one cannot panic.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((call, media)) = next else { break };
        one(*call, media, turn, &mut buffer, &mut outcome);
    }
    outcome.worked = begun.elapsed();
    outcome
}

fn one(call: CallId, media: &mut CallMedia, turn: Turn<'_>, buffer: &mut [u8], outcome: &mut Outcome) {
    let Turn { now, spoken, live, .. } = turn;
    if !spoken.is_empty() || media.is_watched() {
        media.receive(buffer, now);
    }
    media.handle_timeout(now);
    for (at, (spoken, played)) in spoken.iter().zip(&mut outcome.played).enumerate() {
        if let Some(CallOutput::RecordingFailed(error)) = media.tick(spoken, played, turn.asked(at), now) {
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

#[cfg(test)]
mod tests {
    use cooee_rtc::jitter::{Content, JitterBuffer, Packet};
    use cooee_sdp::Codec;

    use super::*;
    use crate::media::Speaker;

    fn turn(blocks: &[Block], step: usize, now: Now) -> Turn<'_> {
        Turn { now, spoken: blocks, live: false, step, worked: Duration::ZERO }
    }

    #[test]
    fn a_tick_is_shared_once_the_last_one_was_much_work() {
        let quick = turn(&[SILENCE; 2], 2, cooee_net::now());
        let between = Turn { spoken: &[], worked: SHARED, ..quick };
        assert_eq!([quick.threads(), between.threads(), Turn { worked: SHARED, ..quick }.threads()], [1, 1, *PROCESSORS]);
    }

    #[test]
    fn blocks_of_one_tick_are_asked_for_as_if_one_by_one_and_late_ones_at_once() {
        let now = Now { instant: Instant::now() + Duration::from_secs(9), unix: Duration::from_secs(9) };
        let (blocks, ago) = ([SILENCE; 4], |turn: &Turn<'_>, block| (now.instant - turn.asked(block).instant).as_millis());
        assert_eq!(ago(&turn(&blocks[..1], 1, now), 0), 0);
        assert_eq!([0, 1].map(|block| ago(&turn(&blocks[..2], 2, now), block)), [10, 0]);
        assert_eq!([0, 1, 2, 3].map(|block| ago(&turn(&blocks, 2, now), block)), [10, 10, 10, 0]);
    }

    #[test]
    fn nothing_is_made_up_for_packets_that_are_read_by_ticks_whenever_they_come_between_them() {
        let start = Now { instant: Instant::now(), unix: Duration::from_secs(9) };
        for phase in 0..20 {
            let (mut jitter, mut speaker) = (JitterBuffer::new(None), Speaker::new(&[Codec::pcma()]));
            let mut sent = 0;
            let came = |packet: u64| start.after(Duration::from_millis(packet * 20 + phase + packet * 7 % 4));
            for tick in 0..1_000_u32 {
                let now = start.after(Duration::from_millis(20) * tick);
                while came(sent).instant <= now.instant {
                    let (sequence, timestamp, payload) = (sent, i64::try_from(sent).unwrap() * 160, [0xd5; 160][..].into());
                    let packet = Packet { sequence, timestamp, clock_rate: 8_000, payload_type: 8, content: Content::Audio, payload };
                    jitter.insert(packet, came(sent).instant);
                    sent += 1;
                }
                let turn = turn(&[SILENCE; 2], 2, now);
                for block in 0..2 {
                    speaker.next_block(|| jitter.playout(turn.asked(block).instant));
                }
            }
            let (counters, waited) = (jitter.counters(), jitter.delays().0);
            assert!((990..=1_010).contains(&(counters.played - counters.dropped)), "{phase}: {counters:?}");
            assert_eq!((speaker.concealed(), counters.late), (Duration::ZERO, 0), "{phase}: {counters:?}");
            assert!(waited < Duration::from_millis(45), "{phase}: {waited:?}");
        }
    }
}
