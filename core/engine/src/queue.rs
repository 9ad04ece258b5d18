use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::EngineEvent;

/// More events than this wait for nobody: the oldest go, and their number is told.
const WAITING_MAX: usize = 1024;

/// Events on their way to whoever pulls them.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<EngineEvent>,
    lost: u64,
    is_closed: bool,
}

impl Queue {
    pub(crate) fn push(&self, event: EngineEvent) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        if state.waiting.len() >= WAITING_MAX {
            state.waiting.pop_front();
            state.lost += 1;
        }
        state.waiting.push_back(event);
        drop(state);
        self.news.notify_one();
    }

    /// Nothing comes after what is in it now.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.news.notify_waiters();
        self.news.notify_one();
    }

    /// The next event; `None` once it is closed and empty. For one caller at a time.
    pub(crate) async fn next(&self) -> Option<EngineEvent> {
        loop {
            {
                let mut state = self.state();
                if state.lost > 0 {
                    return Some(EngineEvent::Overflow { lost: std::mem::take(&mut state.lost) });
                }
                if let Some(event) = state.waiting.pop_front() {
                    return Some(event);
                }
                if state.is_closed {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cooee_phone::AccountId;

    use super::*;

    #[tokio::test]
    async fn too_many_events_become_one_that_says_how_many_are_lost() {
        let queue = Queue::default();
        for number in 0..WAITING_MAX as u64 + 5 {
            queue.push(EngineEvent::AccountAdded(AccountId(number)));
        }
        assert!(matches!(queue.next().await, Some(EngineEvent::Overflow { lost: 5 })));
        assert!(matches!(queue.next().await, Some(EngineEvent::AccountAdded(AccountId(5)))));
    }

    #[tokio::test]
    async fn a_waiting_reader_is_told_of_an_event_and_of_the_end() {
        let queue = std::sync::Arc::new(Queue::default());
        let reader = tokio::spawn({
            let queue = std::sync::Arc::clone(&queue);
            async move { (queue.next().await, queue.next().await, queue.next().await.is_none()) }
        });
        tokio::task::yield_now().await;
        queue.push(EngineEvent::Stopped);
        tokio::task::yield_now().await;
        queue.push(EngineEvent::Stopped);
        queue.close();
        queue.push(EngineEvent::Stopped);
        let (first, second, ended) = reader.await.unwrap();
        assert!(first.is_some() && second.is_some() && ended);
    }
}
