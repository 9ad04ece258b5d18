use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use cooee_machine::StreamId;
use tokio::sync::oneshot;

/// Handshakes that are not done, oldest first.
pub(super) struct HalfOpen {
    limit: usize,
    waiting: Mutex<VecDeque<Handshake>>,
}

struct Handshake {
    id: StreamId,
    source: IpAddr,
    go: oneshot::Sender<()>,
}

impl HalfOpen {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, waiting: Mutex::new(VecDeque::new()) }
    }

    /// The receiver answers when this one must go. Where there are too many it is the oldest of who has most of them.
    pub(super) fn enter(&self, id: StreamId, source: IpAddr) -> oneshot::Receiver<()> {
        let (go, told) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|handshake| !handshake.go.is_closed());
        waiting.push_back(Handshake { id, source, go });
        if waiting.len() > self.limit
            && let Some(last) = first_to_go(&waiting).and_then(|place| waiting.remove(place))
        {
            // Whoever does not listen any more has gone by itself.
            let _ = last.go.send(());
        }
        told
    }

    pub(super) fn leave(&self, id: StreamId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|handshake| handshake.id != id);
    }
}

fn first_to_go(waiting: &VecDeque<Handshake>) -> Option<usize> {
    let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
    waiting.iter().for_each(|handshake| *counts.entry(handshake.source).or_default() += 1);
    let most = counts.values().max()?;
    waiting.iter().position(|handshake| counts.get(&handshake.source) == Some(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_most_handshakes_gives_way_and_not_who_is_slow() {
        let half_open = HalfOpen::new(3);
        let from = |last: u8| IpAddr::from([192, 0, 2, last]);
        let mut slow = half_open.enter(StreamId(1), from(1));
        let mut flood: Vec<_> = (2..9).map(|id| half_open.enter(StreamId(id), from(2))).collect();
        assert!(slow.try_recv().is_err(), "one of another address stays, however old");
        let gone: Vec<bool> = flood.iter_mut().map(|told| told.try_recv().is_ok()).collect();
        assert_eq!(gone, [true, true, true, true, true, false, false]);
        half_open.leave(StreamId(1));
        let mut next = half_open.enter(StreamId(9), from(3));
        assert!(next.try_recv().is_err() && flood.iter_mut().skip(5).all(|told| told.try_recv().is_err()));
    }
}
