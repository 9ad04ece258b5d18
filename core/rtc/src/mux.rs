use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::SessionId;

/// What a datagram is, by its first octets (RFC 7983, RFC 5761 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Other,
}

pub(crate) fn classify(datagram: &[u8]) -> Class {
    match datagram {
        [0..=3, ..] => Class::Stun,
        [20..=63, ..] => Class::Dtls,
        [128..=191, 192..=223, ..] => Class::Rtcp,
        [128..=191, ..] => Class::Rtp,
        _ => Class::Other,
    }
}

/// Whose packets come from where, the latest proof last. Only authenticated STUN makes an entry.
#[derive(Debug, Default)]
pub(crate) struct Routes(Vec<(SocketAddr, SocketAddr, SessionId)>);

/// A peer that can authenticate, or its NAT, may come from ever new ports.
const MAX_ROUTES: usize = 64;

impl Routes {
    pub(crate) fn find(&self, local: SocketAddr, remote: SocketAddr) -> Option<SessionId> {
        self.0.iter().find(|route| (route.0, route.1) == (local, remote)).map(|route| route.2)
    }

    /// The latest proof wins. In a full table it takes the place of the oldest.
    pub(crate) fn prove(&mut self, local: SocketAddr, remote: SocketAddr, session: SessionId) {
        self.0.retain(|route| (route.0, route.1) != (local, remote));
        if self.0.len() >= MAX_ROUTES {
            self.0.remove(0);
        }
        self.0.push((local, remote, session));
    }

    pub(crate) fn forget(&mut self, session: SessionId) {
        self.0.retain(|route| route.2 != session);
    }
}

/// A datagram that came before its session.
#[derive(Debug)]
pub(crate) struct Early {
    at: Instant,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) payload: Vec<u8>,
}

/// Datagrams that nobody can make sense of yet, bounded in number, by source, in size and in time.
#[derive(Debug, Default)]
pub(crate) struct Hold(VecDeque<Early>);

const MAX_HELD: usize = 64;
const MAX_HELD_PER_SOURCE: usize = 12;
const MAX_HELD_OCTETS: usize = 1500;
const HOLD_FOR: Duration = Duration::from_secs(5);

impl Hold {
    pub(crate) fn keep(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8], now: Instant) {
        self.0.retain(|early| now.saturating_duration_since(early.at) < HOLD_FOR);
        let from_there = self.0.iter().filter(|early| early.remote.ip() == remote.ip()).count();
        if payload.len() > MAX_HELD_OCTETS || from_there >= MAX_HELD_PER_SOURCE {
            return;
        }
        if self.0.len() >= MAX_HELD {
            self.0.pop_front();
        }
        self.0.push_back(Early { at: now, local, remote, payload: payload.to_vec() });
    }

    /// Everything still fresh; the hold is empty afterwards.
    pub(crate) fn release(&mut self, now: Instant) -> impl Iterator<Item = Early> {
        std::mem::take(&mut self.0).into_iter().filter(move |early| now.saturating_duration_since(early.at) < HOLD_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_octets_tell_the_classes_apart() {
        for (octets, class) in [
            (&[0, 1][..], Class::Stun),
            (&[22, 254], Class::Dtls),
            (&[0x40, 1], Class::Other),
            (&[0x80, 111], Class::Rtp),
            (&[0x80, 0xef], Class::Rtp),
            (&[0x80, 200], Class::Rtcp),
            (&[0x81, 201], Class::Rtcp),
            (&[255, 1], Class::Other),
            (&[], Class::Other),
        ] {
            assert_eq!(classify(octets), class, "{octets:?}");
        }
    }

    #[test]
    fn one_source_cannot_fill_the_hold_and_old_packets_leave_it() {
        let begin = crate::some_moment();
        let here = SocketAddr::from(([127, 0, 0, 1], 4000));
        let mut hold = Hold::default();
        for port in 1..1000 {
            hold.keep(here, SocketAddr::from(([192, 0, 2, 1], port)), &[22; 100], begin);
        }
        assert_eq!(hold.0.len(), MAX_HELD_PER_SOURCE);
        for host in 0..255 {
            hold.keep(here, SocketAddr::from(([192, 0, 3, host], 1)), &[22; 100], begin);
        }
        assert_eq!(hold.0.len(), MAX_HELD);
        hold.keep(here, SocketAddr::from(([192, 0, 4, 1], 1)), &[22; 2000], begin);
        assert!(hold.0.iter().all(|early| early.payload.len() == 100));
        assert_eq!(hold.release(begin + HOLD_FOR).count(), 0);
        assert_eq!(hold.0.len(), 0);
    }

    #[test]
    fn the_table_of_routes_is_bounded_and_its_oldest_proof_gives_way() {
        let here = SocketAddr::from(([127, 0, 0, 1], 4000));
        let there = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let mut routes = Routes::default();
        for port in 1..200 {
            routes.prove(here, there(port), SessionId(1));
            routes.prove(here, there(1), SessionId(2));
            assert!(routes.find(here, there(port)).is_some(), "a new address is known at once");
        }
        assert_eq!(routes.0.len(), MAX_ROUTES);
        assert_eq!(
            (routes.find(here, there(1)), routes.find(here, there(2))),
            (Some(SessionId(2)), None),
            "one that is proven again stays"
        );
        routes.forget(SessionId(1));
        assert_eq!((routes.find(here, there(199)), routes.0.len()), (None, 1));
    }
}
