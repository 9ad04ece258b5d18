use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Events on their way to whoever pulls them, never more than fit: the oldest go, and one event says how many those were.
#[derive(Debug)]
pub struct Queue<E> {
    state: Mutex<State<E>>,
    news: Notify,
    most: usize,
    overflow: fn(u64) -> E,
}

#[derive(Debug)]
struct State<E> {
    waiting: VecDeque<E>,
    lost: u64,
    is_closed: bool,
}

impl<E> Queue<E> {
    /// Room for so many events. `overflow` makes the event that stands for those that were lost.
    #[must_use]
    pub fn new(most: usize, overflow: fn(u64) -> E) -> Self {
        let state = State { waiting: VecDeque::new(), lost: 0, is_closed: false };
        Self { state: Mutex::new(state), news: Notify::new(), most, overflow }
    }

    /// Adds an event; never blocks. After the end it is dropped.
    pub fn push(&self, event: E) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        if state.waiting.len() >= self.most {
            state.waiting.pop_front();
            state.lost += 1;
        }
        state.waiting.push_back(event);
        drop(state);
        self.news.notify_one();
    }

    /// So many more were lost before they came here.
    pub fn lose(&self, events: u64) {
        self.state().lost += events;
        self.news.notify_one();
    }

    /// Nothing comes after what is in it now.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.news.notify_waiters();
        self.news.notify_one();
    }

    /// The next event; `None` once it is closed and empty. For one caller at a time; one that is dropped while it waits loses nothing.
    pub async fn next(&self) -> Option<E> {
        loop {
            {
                let mut state = self.state();
                if state.lost > 0 {
                    return Some((self.overflow)(std::mem::take(&mut state.lost)));
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

    fn state(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost events show as negative numbers.
    fn queue(most: usize) -> Queue<i64> {
        Queue::new(most, |lost| -i64::try_from(lost).unwrap())
    }

    #[tokio::test]
    async fn too_many_events_become_one_that_says_how_many_are_lost() {
        let queue = queue(256);
        (0..10_000).for_each(|number| queue.push(number));
        assert_eq!(queue.next().await, Some(256 - 10_000));
        for number in 10_000 - 256..10_000 {
            assert_eq!(queue.next().await, Some(number));
        }
        assert!(queue.state().waiting.capacity() <= 512, "what is kept does not grow with what comes");
    }

    #[tokio::test]
    async fn what_was_lost_on_the_way_is_told_together_with_what_is_lost_here() {
        let queue = queue(1);
        queue.lose(3);
        (0..3).for_each(|number| queue.push(number));
        assert_eq!((queue.next().await, queue.next().await), (Some(-5), Some(2)));
    }

    #[tokio::test]
    async fn a_waiting_reader_is_told_of_an_event_and_of_the_end() {
        let queue = std::sync::Arc::new(queue(4));
        let reader = tokio::spawn({
            let queue = std::sync::Arc::clone(&queue);
            async move { (queue.next().await, queue.next().await, queue.next().await) }
        });
        tokio::task::yield_now().await;
        queue.push(1);
        tokio::task::yield_now().await;
        queue.push(2);
        queue.close();
        queue.push(3);
        assert_eq!(reader.await.unwrap(), (Some(1), Some(2), None));
    }

    #[tokio::test]
    async fn a_reader_that_is_dropped_while_it_waits_loses_nothing() {
        let queue = queue(4);
        tokio::select! { biased;
            _ = queue.next() => panic!("there is nothing"),
            () = tokio::task::yield_now() => {}
        }
        queue.push(1);
        assert_eq!(queue.next().await, Some(1));
    }
}
