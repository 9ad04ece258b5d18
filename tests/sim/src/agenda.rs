use std::collections::BTreeMap;
use std::time::Duration;

/// What is yet to happen, by moment; entries of one moment keep the order in which they were added.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    entries: BTreeMap<(Duration, u64), T>,
    added: u64,
}

impl<T> Agenda<T> {
    /// Nothing to do.
    pub(crate) fn new() -> Self {
        Self { entries: BTreeMap::new(), added: 0 }
    }

    /// Adds an entry.
    pub(crate) fn add(&mut self, at: Duration, entry: T) {
        self.entries.insert((at, self.added), entry);
        self.added += 1;
    }

    /// When the next entry is due.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next entry.
    pub(crate) fn take(&mut self) -> Option<(Duration, T)> {
        self.entries.pop_first().map(|((at, _), entry)| (at, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_by_moment_and_those_of_one_moment_in_the_order_added() {
        let mut agenda = Agenda::new();
        for (at, name) in [(2, "c"), (1, "a"), (2, "d"), (1, "b")] {
            agenda.add(Duration::from_secs(at), name);
        }
        assert_eq!(agenda.next_at(), Some(Duration::from_secs(1)));
        let order: Vec<_> = std::iter::from_fn(|| agenda.take().map(|(_, name)| name)).collect();
        assert_eq!(order, ["a", "b", "c", "d"]);
    }
}
