//! Calls that are handed over: by us, to us, and calls that take the place of others (RFC 3515, 3891, 5589).

use cooee_call::{
    Call, CallAction, CallDirection, CallId, CallState, EndReason, Leg, Peer, TransferProgress, TransferRequest, TransferTarget,
};
use cooee_machine::{Now, Pii, Transport};
use cooee_sip::Uri;

use super::{Phone, Running, Shutdown};
use crate::account::Account;
use crate::address::Target;
use crate::{AccountId, PhoneEvent, TransferDecision};

/// How a call that was asked for goes, told to who asked.
#[derive(Debug)]
pub(super) struct Errand {
    /// The call in which it was asked.
    pub(super) asked_in: CallId,
    /// What was told last; nothing more once it is final.
    told: u16,
}

impl Phone {
    /// The person hands a call over to an address.
    pub(super) fn transfer(&mut self, id: CallId, target: &str, now: Now) {
        let target = self.numbering.understand(target).ok().map(|understood| self.seen_for_help(understood.address));
        let target = target.and_then(|address| Target::of(&address));
        let uri = target.zip(self.account_of(id)).map(|(target, account)| target.within(&account.own.domain));
        match uri {
            Some(uri) => self.with_call(id, |call| call.transfer(TransferTarget::Address(Pii(uri)), now)),
            None => self.refuse_transfer(id),
        }
    }

    /// The person joins two calls and leaves both. One that is still on its way is given up, and the peer of the first calls there instead.
    pub(super) fn transfer_to(&mut self, id: CallId, other: CallId, now: Now) {
        let can = |running: &&Running| running.call.allowed().contains(&CallAction::Transfer);
        let pair = self.calls.get(&id).filter(can).zip(self.calls.get(&other)).filter(|_| id != other);
        let to = pair.and_then(|(_, two)| match two.call.leg() {
            Some(leg) if can(&two) => Some(TransferTarget::Leg(leg)),
            _ if is_on_its_way(&two.call) => Some(TransferTarget::Address(two.target.clone())),
            _ => None,
        });
        let Some(to) = to else { return self.refuse_transfer(id) };
        match &to {
            TransferTarget::Leg(_) => self.with_call(other, |call| call.join(true)),
            TransferTarget::Address(_) => self.with_call(other, |call| call.hang_up(now)),
        }
        if let Some(running) = self.calls.get_mut(&id) {
            running.joins = Some(other);
            running.call.transfer(to, now);
        }
    }

    fn refuse_transfer(&mut self, call: CallId) {
        self.tell(PhoneEvent::ActionFailed { call, action: CallAction::Transfer, status: None });
    }

    /// What became of it.
    pub(super) fn transfer_goes(&mut self, id: CallId, progress: TransferProgress, now: Now) {
        let over = matches!(progress, TransferProgress::Succeeded | TransferProgress::Failed(_));
        let joined = self.calls.get_mut(&id).filter(|_| over).and_then(|running| running.joins.take());
        if let Some(other) = joined {
            self.with_call(other, |call| match progress {
                TransferProgress::Succeeded => call.hand_over_ends(now),
                _ => call.join(false),
            });
        }
        self.tell(PhoneEvent::Transfer { call: id, progress });
    }

    /// A peer asks us to call somebody else instead. Whoever speaks with us could send us to a number that costs: the person is
    /// asked, unless the account's exchange is trusted with that.
    pub(super) fn transfer_asked(&mut self, id: CallId, target: Pii<String>, now: Now) {
        let is_trusted = self.account_of(id).is_some_and(Account::follows_transfers);
        match self.errand(id, &target) {
            Err(status) => self.with_call(id, |call| call.reject_transfer(status)),
            Ok(_) if is_trusted => self.follow_transfer(id, now),
            Ok(_) => self.tell_asked(id, target, TransferDecision::Open { within: self.config.times.decision }),
        }
    }

    /// The person, or the account's option, wants to be called by whom the peer names.
    pub(super) fn follow_transfer(&mut self, id: CallId, now: Now) {
        let request = self.calls.get(&id).and_then(|running| running.call.transfer_request()).cloned();
        let Some(TransferRequest { target, replaces, referred_by }) = request else {
            return self.tell(PhoneEvent::ActionFailed { call: id, action: CallAction::FollowTransfer, status: None });
        };
        let placed = self.errand(id, &target).and_then(|(account_id, uri)| {
            let follows = self.next_id();
            let peer = Peer { address: Pii(uri.clone()), display_name: None };
            let caller = cooee_call::Caller { referred_by: referred_by.as_deref().and_then(address_in), ..Default::default() };
            let setup = self.setup(follows, account_id, peer, caller, CallDirection::Outgoing).ok_or(481_u16)?;
            let mut running = Running::new(account_id, Call::outgoing(setup, now), Pii(uri));
            running.errand = Some(Errand { asked_in: id, told: 100 });
            (running.options.replaces, running.options.referred_by) = (replaces, referred_by);
            // Who is not to be known to one is not to be known to the other.
            running.options.anonymous = self.calls.get(&id).is_some_and(|asking| asking.options.anonymous);
            Ok((follows, running))
        });
        match placed {
            Err(status) => self.with_call(id, |call| call.reject_transfer(status)),
            Ok((follows, mut running)) => {
                running.call.mute(self.calls.get(&id).is_some_and(|asking| asking.call.is_muted()), now);
                if self.accounts.get(&running.account).is_some_and(Account::is_ready) {
                    running.call.server_ready(now);
                }
                self.with_call(id, |call| drop(call.accept_transfer()));
                self.calls.insert(follows, running);
                self.tell_asked(id, target, TransferDecision::Follows(follows));
            }
        }
    }

    /// The person does not want to.
    pub(super) fn refuse_transfer_request(&mut self, id: CallId) {
        self.with_call(id, |call| call.reject_transfer(603));
    }

    /// What a peer has asked for is not done.
    pub(super) fn tell_refused(&mut self, call: CallId, target: Pii<String>) {
        let is_help = self.points_to_help(target.reveal());
        self.tell_asked(call, target, if is_help { TransferDecision::Emergency } else { TransferDecision::Refused });
    }

    /// News of what the peer of a call has asked for.
    pub(super) fn tell_asked(&mut self, call: CallId, target: Pii<String>, decision: TransferDecision) {
        let by = self.calls.get(&call).map(|running| running.call.snapshot().peer.address).unwrap_or_default();
        self.tell(PhoneEvent::TransferAsked { call, by, target, decision });
    }

    /// The account and URI to call if a peer's wish is followed; else the status to refuse it with. One wish of a call at a time,
    /// and no more calls than there may be: the new one takes the place of the one in which it was asked.
    fn errand(&self, id: CallId, target: &Pii<String>) -> Result<(AccountId, String), u16> {
        let is_busy = self.calls.values().any(|running| running.is_errand_of(id) && !running.call.is_over());
        let account_id = self.calls.get(&id).map(|asking| asking.account).ok_or(481_u16)?;
        let account = self.accounts.get(&account_id).ok_or(481_u16)?;
        if self.points_to_help(target.reveal()) {
            return Err(403);
        }
        let parsed = Target::parse(target.reveal()).ok_or(416_u16)?;
        if is_busy {
            return Err(491);
        }
        if self.screen.blocks(target.reveal())
            || (parsed.is_secure && account.transport() != Transport::Tls)
            || self.shutdown != Shutdown::No
        {
            return Err(603);
        }
        if self.calls().filter(|call| call.id() != id).count() >= self.config.max_calls {
            return Err(486);
        }
        Ok((account_id, parsed.within(&account.own.domain)))
    }

    fn account_of(&self, id: CallId) -> Option<&Account> {
        self.accounts.get(&self.calls.get(&id)?.account)
    }

    /// Tells who asked for a call how it goes, and lets it take the place of the call in which it was asked.
    pub(super) fn run_errand(&mut self, id: CallId, now: Now) {
        let Some(running) = self.calls.get_mut(&id) else { return };
        let Some(errand) = running.errand.as_mut().filter(|errand| errand.told < 200) else { return };
        let status = match running.call.state() {
            CallState::Dialing => 100,
            CallState::Ringing => 180,
            CallState::Ended(reason) => status_of(reason),
            _ if running.call.is_answered() => 200,
            _ => 100,
        };
        if std::mem::replace(&mut errand.told, status) == status {
            return;
        }
        let asked_in = errand.asked_in;
        self.with_call(asked_in, |call| {
            call.notify_transfer(status);
            if status == 200 {
                call.step_aside();
            }
        });
        if status == 200 {
            self.interruption.replaced(asked_in, id);
        }
        if status == 200 && self.floor == Some(asked_in) {
            self.floor = Some(id);
            // It may have been held while it was only heard.
            self.with_call(id, |call| call.resume(now));
        }
    }

    /// Which call of ours one that comes in is to replace, if it may: one that is answered, or that we make (RFC 3891 3).
    pub(super) fn to_replace(&self, account: AccountId, leg: Option<Leg>) -> Option<CallId> {
        let may = |call: &Call| !call.is_over() && (call.is_answered() || call.direction() == CallDirection::Outgoing);
        let is_it = |running: &&Running| running.account == account && leg.is_some() && running.call.leg() == leg && may(&running.call);
        let found = self.calls.values().find(is_it).map(|running| running.call.id());
        // One at a time: the next one rings like any other.
        found.filter(|old| !self.calls.values().any(|running| running.replaces == Some(*old)))
    }

    /// A call that replaces another does so once it is answered; the other says good-bye.
    pub(super) fn replace(&mut self, id: CallId, now: Now) {
        let Some(running) = self.calls.get_mut(&id).filter(|running| running.call.is_answered()) else { return };
        let Some(old) = running.replaces.take() else { return };
        let Some(old_running) = self.calls.get_mut(&old) else { return };
        let was_held = old_running.call.is_held();
        old_running.call.replaced(now);
        if self.floor == Some(old) {
            self.floor = Some(id);
        }
        if was_held {
            self.hold(id, now);
        }
        self.interruption.replaced(old, id);
    }
}

impl Running {
    fn is_errand_of(&self, call: CallId) -> bool {
        self.errand.as_ref().is_some_and(|errand| errand.asked_in == call)
    }
}

/// We call, and nobody has answered yet.
fn is_on_its_way(call: &Call) -> bool {
    call.direction() == CallDirection::Outgoing && matches!(call.state(), CallState::Dialing | CallState::Ringing)
}

/// The address in a `Referred-By` header.
fn address_in(header: &str) -> Option<Pii<String>> {
    let inner = header.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(header, |(uri, _)| uri);
    let bare = inner.split(';').next()?.trim();
    Uri::parse(bare).ok().map(|uri| Pii(uri.as_str().to_owned()))
}

/// How a call that ended is told to who asked for it.
fn status_of(reason: &EndReason) -> u16 {
    match reason {
        EndReason::Busy(_) => 486,
        EndReason::Declined(_) => 603,
        EndReason::NotFound => 404,
        EndReason::BadAddress => 484,
        EndReason::NoAnswer(_) | EndReason::Unavailable => 480,
        EndReason::Cancelled(_) | EndReason::HungUp(_) => 487,
        EndReason::Forbidden { .. } | EndReason::Login(_) => 403,
        EndReason::NoCommonCodec | EndReason::SecurityRefused | EndReason::NotAcceptable { .. } => 488,
        EndReason::ServerError { status, .. } | EndReason::PeerError { status, .. } if (400..700).contains(status) => *status,
        _ => 503,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sent_us_is_read_whatever_stands_around_it() {
        let address = |header: &str| address_in(header).map(|address| address.0);
        for header in ["<sip:anna@example.org>", "\"Anna\" <sip:anna@example.org>;cid=1", "sip:anna@example.org;cid=\"x@y\""] {
            assert_eq!(address(header).as_deref(), Some("sip:anna@example.org"), "{header}");
        }
        assert_eq!(address("nobody"), None);
    }
}
