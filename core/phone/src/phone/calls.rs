use cooee_call::{Call, CallId, CallSetup, Leg, Peer};
use cooee_machine::{Now, Pii, Transport};
use cooee_rtc::CandidatePolicy;
use cooee_sip::ua::{LegEvent, LegId};

use super::{Phone, Running, Shutdown};
use crate::account::Account;
use crate::address::Target;
use crate::{AccountId, AccountState, DialRefusal, PhoneEvent};

impl Phone {
    pub(super) fn dial(&mut self, id: CallId, account: Option<AccountId>, target: &str, now: Now) {
        if let Err(reason) = self.try_dial(id, account, target, now) {
            self.tell(PhoneEvent::DialRefused { call: id, reason });
        }
    }

    fn try_dial(&mut self, id: CallId, account: Option<AccountId>, target: &str, now: Now) -> Result<(), DialRefusal> {
        if self.shutdown != Shutdown::No {
            return Err(DialRefusal::ShuttingDown);
        }
        if self.calls.contains_key(&id) {
            return Err(DialRefusal::CallExists);
        }
        let target = Target::parse(target).ok_or(DialRefusal::BadAddress)?;
        let account_id = account.or_else(|| self.choose_account(&target)).ok_or(DialRefusal::NoAccount)?;
        let account = self.accounts.get_mut(&account_id).filter(|account| !account.is_leaving()).ok_or(DialRefusal::NoAccount)?;
        if target.is_secure && account.transport() != Transport::Tls {
            return Err(DialRefusal::NotSecure);
        }
        let trouble = account.hurry(&mut self.ids, now);
        let is_ready = account.is_ready();
        let uri = target.within(&account.own.domain);
        let peer = Peer { address: Pii(uri.clone()), display_name: None };
        let mut media = account.media();
        media.candidates = candidate_policy(account, &uri);
        let setup = CallSetup { id, peer, media, times: self.config.times, entropy: self.entropy.fork() };
        let mut call = Call::outgoing(setup, now);
        match trouble {
            Some(trouble) => call.server_failed(trouble.end_reason(), now),
            None if is_ready => call.server_ready(now),
            None => {}
        }
        self.calls.insert(id, Running { account: account_id, call, target: Pii(uri) });
        Ok(())
    }

    /// The account of the dialled domain, else the first that works, else the first.
    fn choose_account(&self, target: &Target) -> Option<AccountId> {
        let staying = || self.accounts.iter().filter(|(_, account)| !account.is_leaving());
        let of_domain = |account: &Account| target.domain.as_deref() == Some(account.own.domain.as_str());
        let works = |account: &Account| matches!(account.state(), AccountState::Registered { .. } | AccountState::Connected);
        let chosen = staying().find(|(_, account)| of_domain(account));
        let chosen = chosen.or_else(|| staying().find(|(_, account)| works(account))).or_else(|| staying().next());
        chosen.map(|(id, _)| *id)
    }

    pub(super) fn handle_leg(&mut self, account: AccountId, leg: LegId, event: LegEvent, now: Now) {
        if let LegEvent::Incoming { from, display, sdp, .. } = event {
            let peer = Peer { address: from, display_name: display };
            self.incoming(account, leg, peer, sdp.as_deref(), now);
        } else if let Some(call) = self.call_of(account, leg) {
            call.handle_leg(cooee_call::LegEvent::Sip(event), now);
        }
    }

    fn call_of(&mut self, account: AccountId, leg: LegId) -> Option<&mut Call> {
        let is_it = |running: &&mut Running| running.account == account && running.call.leg() == Some(Leg::Sip(leg));
        self.calls.values_mut().find(is_it).map(|running| &mut running.call)
    }

    fn incoming(&mut self, account_id: AccountId, leg: LegId, peer: Peer, sdp: Option<&[u8]>, now: Now) {
        let is_full = self.calls().count() >= self.config.max_calls || self.shutdown != Shutdown::No;
        let Some(account) = self.accounts.get(&account_id) else { return };
        let is_busy = is_full || account.is_leaving();
        let id = CallId(self.next_incoming);
        self.next_incoming += 2;
        let mut media = account.media();
        media.candidates = candidate_policy(account, peer.address.reveal());
        let setup = CallSetup { id, peer: peer.clone(), media, times: self.config.times, entropy: self.entropy.fork() };
        let leg = Leg::Sip(leg);
        let call = if is_busy { Call::incoming_while_busy(setup, leg, now) } else { Call::incoming(setup, leg, sdp, now) };
        if !call.is_over() {
            self.tell(PhoneEvent::IncomingCall { call: id, account: account_id, from: peer });
        }
        self.calls.insert(id, Running { account: account_id, call, target: Pii::default() });
    }

    pub(super) fn with_call(&mut self, id: CallId, act: impl FnOnce(&mut Call)) {
        if let Some(running) = self.calls.get_mut(&id) {
            act(&mut running.call);
        }
    }
}

/// Which of our addresses the peer may learn before the answer. People of the own domain and all others alike get what the
/// account allows; a stricter rule for strangers belongs here, where both are known.
fn candidate_policy(account: &Account, _peer: &str) -> CandidatePolicy {
    account.config.media.candidates
}
