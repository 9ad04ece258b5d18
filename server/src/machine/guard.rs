use std::net::IpAddr;
use std::time::{Duration, Instant};

use cooee_machine::{Rate, Throttle, site, source};

use crate::account::UserName;
use crate::config::LoginLimits;

/// What is remembered of each kind.
const CAPACITY: usize = 10_000;

/// Slows down who guesses passwords. Only proofs that were wrong count, whether or not there is such a user. Who has logged in
/// from an address of late is not disturbed by what others there do, and an address that has not failed may always try: nobody
/// can keep a user out from elsewhere.
pub(super) struct Guard {
    from_one_for_one: Throttle<(IpAddr, UserName)>,
    from_one: Throttle<IpAddr>,
    /// Which sites have failed at all: a new /64 of theirs is no newcomer.
    from_site: Throttle<IpAddr>,
    for_one: Throttle<UserName>,
    /// Counts what is good: whom it knows has logged in.
    welcome: Throttle<(IpAddr, UserName)>,
}

impl Guard {
    pub(super) fn new(limits: LoginLimits) -> Self {
        Self {
            from_one_for_one: Throttle::new(limits.from_one_for_one, CAPACITY),
            from_one: Throttle::new(limits.from_one, CAPACITY),
            from_site: Throttle::new(limits.from_one, CAPACITY),
            for_one: Throttle::new(limits.for_one, CAPACITY),
            welcome: Throttle::new(Rate { burst: 1, every: limits.welcome }, CAPACITY),
        }
    }

    /// How long this user must wait before another proof from there is looked at; `None`: not at all.
    pub(super) fn wait(&self, address: IpAddr, user: &UserName, now: Instant) -> Option<Duration> {
        let from = source(address);
        let pair = (from, user.clone());
        if let Some(wait) = self.from_one_for_one.wait(&pair, now) {
            return Some(wait);
        }
        if self.welcome.knows(&pair, now) {
            return None;
        }
        let under_attack = self.for_one.wait(user, now).filter(|_| self.from_site.knows(&site(address), now));
        self.from_one.wait(&from, now).max(under_attack)
    }

    /// A proof was wrong.
    pub(super) fn failed(&mut self, address: IpAddr, user: &UserName, now: Instant) {
        let from = source(address);
        self.from_one_for_one.count((from, user.clone()), now);
        self.from_one.count(from, now);
        self.from_site.count(site(address), now);
        self.for_one.count(user.clone(), now);
    }

    /// A proof was right.
    pub(super) fn succeeded(&mut self, address: IpAddr, user: &UserName, now: Instant) {
        let pair = (source(address), user.clone());
        if self.welcome.wait(&pair, now).is_none() {
            self.welcome.count(pair, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_has_failed_is_no_newcomer_from_its_next_network() {
        let (mut guard, now) = (Guard::new(LoginLimits::default()), Instant::now());
        let anna = UserName::parse("anna").unwrap();
        let address = |site: u16, network: u16| IpAddr::from([0x2001, 0xdb8, site, network, 0, 0, 0, 1]);
        for network in 0..200 {
            guard.failed(address(1, network), &anna, now);
        }
        assert!(guard.wait(address(1, 999), &anna, now).is_some());
        assert_eq!(guard.wait(address(2, 0), &anna, now), None, "nobody keeps a user out from elsewhere");
    }
}
