use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Waits for ticks with two timers: while one runs out the next is set already. A runtime whose only timer has run out pays a
/// system call and a needless round for the next one, which at a hundred ticks a second is felt.
pub(super) struct Ticker {
    /// The one that runs out first, and the one after it; none while there are no ticks.
    timers: Option<[Pin<Box<Sleep>>; 2]>,
}

/// The timers cannot tell moments apart that are nearer to each other than this.
const TOLERANCE: Duration = Duration::from_millis(1);

fn apart(one: Instant, other: Instant) -> Duration {
    one.max(other) - one.min(other)
}

impl Ticker {
    /// Does not tick yet.
    pub(super) fn new() -> Self {
        Self { timers: None }
    }

    /// The next tick is due after this, and the others at such intervals; `None`: no ticks.
    pub(super) fn set(&mut self, wait: Option<Duration>, period: Duration) {
        let Some(wait) = wait else {
            *self = Self::new();
            return;
        };
        let deadline = Instant::now() + wait;
        let [first, second] = self.timers.get_or_insert_with(|| [deadline, deadline + period].map(|at| Box::pin(sleep_until(at))));
        if apart(first.deadline(), deadline) < TOLERANCE {
            return;
        }
        std::mem::swap(first, second);
        if apart(first.deadline(), deadline) >= TOLERANCE {
            first.as_mut().reset(deadline);
        }
        let after = first.deadline() + period;
        second.as_mut().reset(after);
    }

    /// Waits for the next tick; for ever without one.
    pub(super) async fn tick(&mut self) {
        poll_fn(|context| {
            let Some([first, second]) = &mut self.timers else { return Poll::Pending };
            // Asked as well so that it runs; that it has run out as well does not matter.
            let _later = second.as_mut().poll(context);
            first.as_mut().poll(context)
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::BLOCK_TIME;

    use super::*;

    #[tokio::test]
    async fn ticks_come_when_they_are_due_and_never_before() {
        let start = Instant::now();
        let mut ticker = Ticker::new();
        for tick in 1..=20 {
            let due = BLOCK_TIME * tick;
            ticker.set(Some(due.saturating_sub(start.elapsed())), BLOCK_TIME);
            ticker.tick().await;
            assert!(start.elapsed() + TOLERANCE >= due, "{tick}");
        }
    }

    #[tokio::test]
    async fn a_changed_tick_replaces_the_old() {
        let start = Instant::now();
        let mut ticker = Ticker::new();
        ticker.set(Some(Duration::from_secs(3_600)), BLOCK_TIME);
        ticker.set(Some(BLOCK_TIME), BLOCK_TIME);
        ticker.tick().await;
        assert!(start.elapsed() < Duration::from_secs(3_600));
    }

    #[tokio::test]
    async fn without_a_tick_nothing_comes() {
        let mut ticker = Ticker::new();
        ticker.set(Some(BLOCK_TIME), BLOCK_TIME);
        ticker.set(None, BLOCK_TIME);
        assert!(tokio::time::timeout(5 * BLOCK_TIME, ticker.tick()).await.is_err());
    }
}
