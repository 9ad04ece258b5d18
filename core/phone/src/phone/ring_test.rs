//! Calling oneself, to see whether it rings: the call goes to the account's server and comes back as any other would.

use std::time::{Duration, Instant};

use cooee_call::{CallId, CallState, EndReason, Fact, Side, Story};
use cooee_machine::{Now, Pii, Wake};
use cooee_sip::feature::LONGEST_WAIT;
use cooee_sip::new_session_id;
use cooee_sip::ua::{HangUp, InviteOptions, LegEvent, LegId};

use super::{Phone, Shutdown};
use crate::ringing::RingTestResult;
use crate::{AccountId, PhoneEvent};

/// The call is waited for so long.
const PATIENCE: Duration = Duration::from_secs(20);
/// It rings so long, which is enough to be heard.
const RINGS: Duration = Duration::from_secs(3);

/// A test under way.
#[derive(Debug)]
pub(super) struct RingTest {
    /// What it has shown so far.
    result: RingTestResult,
    /// The call that goes out.
    leg: LegId,
    /// By which the one that comes back is known (RFC 7989).
    session: String,
    begun: Now,
    /// By then something has to have happened.
    until: Instant,
    /// We have ended it.
    is_over: bool,
}

impl RingTest {
    fn note(&mut self, fact: Fact, now: Now) {
        self.result.story.note(fact, now.instant.saturating_duration_since(self.begun.instant));
    }
}

impl Phone {
    /// Calls the account's own address; after this time, if its server can wait. One test at a time: the one before is given up.
    pub(super) fn test_ringing(&mut self, id: AccountId, after: Duration, now: Now) {
        self.give_up_ring_test(&EndReason::Cancelled(Side::Us), now);
        let Some(account) = self.accounts.get_mut(&id).filter(|account| !account.is_leaving() && self.shutdown == Shutdown::No) else {
            return self.tell_untested(id, after, Story::default());
        };
        let mut story = Story::default();
        account.way(now).into_iter().for_each(|fact| story.note(fact, Duration::ZERO));
        if !account.is_ready() {
            return self.tell_untested(id, after, story);
        }
        let waits = if account.rings_later() { after.min(LONGEST_WAIT) } else { Duration::ZERO };
        let (uri, session) = (account.own.aor.reveal().clone(), new_session_id(&mut self.entropy));
        let mut options = InviteOptions::default();
        options.session_id = Some(session.clone());
        options.ring_later = Some(waits).filter(|waits| !waits.is_zero());
        let leg = account.agent.invite(&uri, Vec::new(), options, now);
        let until = now.instant + waits + PATIENCE;
        let result = RingTestResult::new(id, after, waits, story);
        let mut test = RingTest { result, leg, session, begun: now, until, is_over: false };
        test.note(Fact::Dialled { address: Pii(uri) }, now);
        test.note(Fact::Invited, now);
        self.ring_test = Some(test);
    }

    fn tell_untested(&mut self, account: AccountId, after: Duration, story: Story) {
        self.tell(PhoneEvent::RingTested(Box::new(RingTestResult::new(account, after, Duration::ZERO, story))));
    }

    /// Whether an INVITE is the test's own, come back: by its Session-ID, or where a server on the way has taken that out, by the address.
    pub(super) fn is_ring_test(&self, account: AccountId, session: Option<&str>, from: &str) -> bool {
        let Some(test) = self.ring_test.as_ref().filter(|test| test.result.account == account && test.result.call.is_none()) else {
            return false;
        };
        let is_from_us = || self.accounts.get(&account).is_some_and(|account| account.is_own(from));
        session.map_or_else(is_from_us, |session| session == test.session)
    }

    /// It came back, and rings or does not.
    pub(super) fn ring_test_returned(&mut self, call: CallId, state: &CallState, now: Now) {
        let Some(test) = &mut self.ring_test else { return };
        test.result.call = Some(call);
        test.note(Fact::Returned, now);
        match state {
            CallState::Ended(reason) => test.note(Fact::Ended(reason.clone()), now),
            _ => {
                test.note(Fact::RangHere { silently: false }, now);
                let since = now.instant.saturating_duration_since(test.begun.instant);
                test.result.took = Some(since.saturating_sub(test.result.waited));
            }
        }
        test.until = now.instant + RINGS;
    }

    /// Takes what becomes of the call that goes out. Whether it was that one's.
    pub(super) fn ring_test_leg(&mut self, account: AccountId, leg: LegId, event: &LegEvent, now: Now) -> bool {
        let Some(test) = self.ring_test.as_mut().filter(|test| test.result.account == account && test.leg == leg) else { return false };
        match event {
            LegEvent::Trying => test.note(Fact::ServerTook, now),
            LegEvent::Progress { status: 180, .. } => test.note(Fact::RangThere, now),
            LegEvent::Progress { status, .. } => test.note(Fact::Progress { status: *status }, now),
            LegEvent::Answered { .. } => {
                test.note(Fact::Answered(Side::Peer), now);
                self.end_ring_test(now);
            }
            LegEvent::Ended(ended) => {
                self.conclude_ring_test(&EndReason::of_unanswered(ended), now);
            }
            _ => {}
        }
        true
    }

    /// Tells what it has shown. `reason`: why nothing more comes.
    fn conclude_ring_test(&mut self, reason: &EndReason, now: Now) {
        let Some(mut test) = self.ring_test.take() else { return };
        if test.result.call.is_none() && !test.is_over {
            test.note(Fact::Ended(reason.clone()), now);
        }
        self.tell(PhoneEvent::RingTested(Box::new(test.result)));
    }

    /// Hangs up what goes out; the one that came back ends with it.
    fn end_ring_test(&mut self, now: Now) {
        let Some(test) = &mut self.ring_test else { return };
        test.is_over = true;
        test.until = now.instant + PATIENCE;
        let (account, leg) = (test.result.account, test.leg);
        if let Some(account) = self.accounts.get_mut(&account) {
            account.agent.hang_up(leg, HangUp::default(), now);
        }
    }

    pub(super) fn ring_test_timeout(&mut self, now: Now) {
        let Some(test) = self.ring_test.as_mut().filter(|test| test.until <= now.instant) else { return };
        if test.is_over {
            return self.conclude_ring_test(&EndReason::ServerGone, now);
        }
        if test.result.call.is_none() {
            test.note(Fact::Ended(EndReason::NoSign), now);
        }
        self.end_ring_test(now);
    }

    /// Nothing more is waited for.
    pub(super) fn give_up_ring_test(&mut self, reason: &EndReason, now: Now) {
        let Some(test) = &mut self.ring_test else { return };
        if test.result.call.is_none() {
            test.note(Fact::Ended(reason.clone()), now);
        }
        self.end_ring_test(now);
        self.conclude_ring_test(reason, now);
    }

    pub(super) fn ring_test_wake(&self) -> Option<Wake> {
        self.ring_test.as_ref().map(|test| Wake::at(test.until, "test of ringing"))
    }

    /// An account is gone, and with it what was tested over it.
    pub(super) fn drop_ring_test(&mut self, account: AccountId, now: Now) {
        if self.ring_test.as_ref().is_some_and(|test| test.result.account == account) {
            self.give_up_ring_test(&EndReason::ServerGone, now);
        }
    }
}
