//! States as streams: the first value at once, then each change; whoever is slow sees the latest alone.

use tokio::sync::{Mutex, watch};

use crate::{Call, Status};

/// One reader's view of a state.
struct Latest<T> {
    values: Mutex<watch::Receiver<T>>,
    closed: watch::Sender<bool>,
}

impl<T: Clone> Latest<T> {
    fn new(mut values: watch::Receiver<T>) -> Self {
        values.mark_changed();
        Self { values: Mutex::new(values), closed: watch::Sender::new(false) }
    }

    /// The state when it is other than last given; `None` once the stream or the phone has ended. A waiting call that is
    /// dropped loses nothing.
    async fn next(&self) -> Option<T> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => None,
            value = self.changed() => value,
        }
    }

    async fn changed(&self) -> Option<T> {
        let mut values = self.values.lock().await;
        values.changed().await.ok()?;
        Some(values.borrow_and_update().clone())
    }

    fn end(&self) {
        self.closed.send_replace(true);
    }
}

/// Whether the phone can call and be called.
#[derive(uniffi::Object)]
pub struct StatusStream(Latest<Status>);

/// The calls that are not over.
#[derive(uniffi::Object)]
pub struct CallStream(Latest<Vec<Call>>);

/// A number that grows when something else is known of people: pages of them are to be read again.
#[derive(uniffi::Object)]
pub struct PeopleStream(Latest<u64>);

impl StatusStream {
    pub(crate) fn new(values: watch::Receiver<Status>) -> Self {
        Self(Latest::new(values))
    }
}

impl CallStream {
    pub(crate) fn new(values: watch::Receiver<Vec<Call>>) -> Self {
        Self(Latest::new(values))
    }
}

impl PeopleStream {
    pub(crate) fn new(values: watch::Receiver<u64>) -> Self {
        Self(Latest::new(values))
    }
}

#[uniffi::export]
impl StatusStream {
    /// The state when it is other than last given, at first at once; none once ended, or when the phone has.
    pub async fn next(&self) -> Option<Status> {
        self.0.next().await
    }

    /// Ends it, also for who waits.
    pub fn end(&self) {
        self.0.end();
    }
}

#[uniffi::export]
impl CallStream {
    /// The state when it is other than last given, at first at once; none once ended, or when the phone has.
    pub async fn next(&self) -> Option<Vec<Call>> {
        self.0.next().await
    }

    /// Ends it, also for who waits.
    pub fn end(&self) {
        self.0.end();
    }
}

#[uniffi::export]
impl PeopleStream {
    /// The state when it is other than last given, at first at once; none once ended, or when the phone has.
    pub async fn next(&self) -> Option<u64> {
        self.0.next().await
    }

    /// Ends it, also for who waits.
    pub fn end(&self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn the_first_value_is_there_at_once_and_the_latest_wins() {
        let state = watch::Sender::new(7);
        let stream = PeopleStream::new(state.subscribe());
        assert_eq!(stream.next().await, Some(7));
        for value in 8..100 {
            state.send_replace(value);
        }
        assert_eq!(stream.next().await, Some(99));
        state.send_replace(100);
        drop(state);
        assert_eq!((stream.next().await, stream.next().await), (Some(100), None), "the last state, then the end");
    }

    #[tokio::test]
    async fn each_reader_has_a_stream_of_its_own() {
        let state = watch::Sender::new(1);
        let (one, other) = (PeopleStream::new(state.subscribe()), PeopleStream::new(state.subscribe()));
        assert_eq!(one.next().await, Some(1));
        state.send_replace(2);
        assert_eq!((one.next().await, other.next().await), (Some(2), Some(2)));
    }

    #[tokio::test]
    async fn it_can_be_ended_for_who_waits_and_for_who_comes_later() {
        let state = watch::Sender::new(1);
        let stream = Arc::new(PeopleStream::new(state.subscribe()));
        stream.next().await;
        let waiting = tokio::spawn({
            let stream = Arc::clone(&stream);
            async move { stream.next().await }
        });
        tokio::task::yield_now().await;
        stream.end();
        assert_eq!(waiting.await.unwrap(), None);
        state.send_replace(2);
        assert_eq!(stream.next().await, None);
    }

    #[tokio::test]
    async fn a_wait_that_is_dropped_loses_nothing() {
        let state = watch::Sender::new(1);
        let stream = PeopleStream::new(state.subscribe());
        stream.next().await;
        tokio::select! { biased;
            _ = stream.next() => panic!("nothing has changed"),
            () = tokio::task::yield_now() => {}
        }
        state.send_replace(2);
        assert_eq!(stream.next().await, Some(2));
    }
}
