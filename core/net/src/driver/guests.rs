use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cooee_machine::{Throttle, source};

use super::limits::Limits;

/// Addresses of which is remembered how often they came.
const SOURCES: usize = 10_000;

/// How many connections each address has, and how often it came of late.
pub(super) struct Guests {
    limit: usize,
    book: Arc<Mutex<Book>>,
}

struct Book {
    counts: BTreeMap<IpAddr, usize>,
    newcomers: Throttle<IpAddr>,
}

/// One of them, until it is dropped.
pub(super) struct Guest {
    source: IpAddr,
    book: Arc<Mutex<Book>>,
}

impl Guests {
    pub(super) fn new(limits: &Limits) -> Self {
        let book = Book { counts: BTreeMap::new(), newcomers: Throttle::new(limits.newcomers, SOURCES) };
        Self { limit: limits.connections_from_one, book: Arc::new(Mutex::new(book)) }
    }

    /// Counts another one; `None`: that would be too many, or too often.
    pub(super) fn enter(&self, address: IpAddr, now: Instant) -> Option<Guest> {
        let source = source(address);
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let has = book.counts.get(&source).copied().unwrap_or_default();
        if has >= self.limit || book.newcomers.admit(source, now).is_err() {
            return None;
        }
        book.counts.insert(source, has + 1);
        Some(Guest { source, book: Arc::clone(&self.book) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        match book.counts.get_mut(&self.source) {
            Some(has) if *has > 1 => *has -= 1,
            _ => _ = book.counts.remove(&self.source),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cooee_machine::Rate;

    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_places_and_each_is_given_back() {
        let (guests, now) = (Guests::new(&Limits { connections_from_one: 2, ..Limits::default() }), Instant::now());
        let first = guests.enter(at("2001:db8::1"), now);
        let _second = guests.enter(at("2001:db8::2"), now);
        assert!(first.is_some() && guests.enter(at("2001:db8::3"), now).is_none() && guests.enter(at("192.0.2.1"), now).is_some());
        drop(first);
        assert!(guests.enter(at("2001:db8::3"), now).is_some());
        assert_eq!(guests.book.lock().unwrap().counts.len(), 1, "who has gone is forgotten");
    }

    #[test]
    fn who_comes_and_goes_too_often_waits() {
        let newcomers = Rate { burst: 3, every: Duration::from_secs(1) };
        let (guests, now) = (Guests::new(&Limits { newcomers, ..Limits::default() }), Instant::now());
        let came = |times: usize, now| (0..times).filter(|_| guests.enter(at("192.0.2.1"), now).is_some()).count();
        assert_eq!(came(10, now), 3);
        assert!(guests.enter(at("192.0.2.2"), now).is_some());
        assert_eq!(came(10, now + Duration::from_secs(2)), 2);
    }
}
