use cooee_call::{Call, CallDirection, CallId, CallSetup, Caller, IncomingOffer, Leg, MediaPreferences, Peer, RedirectTrouble, Screened};
use cooee_machine::{Now, Pii, Transport};
use cooee_sip::ua::{LegEvent, LegId};
use cooee_sip::{Scheme, Uri};

use super::acquaintances::before_the_answer;
use super::route::{is_vouched_for, row};
use super::who::Who;
use super::{Phone, Running, Shutdown};
use crate::account::Account;
use crate::address::Target;
use crate::number::dialled_for;
use crate::wake::CallIds;
use crate::{AccountId, BlockRule};

/// An INVITE that came.
struct Arrival {
    ids: CallIds,
    peer: Peer,
    caller: Caller,
    sdp: Option<Vec<u8>>,
    wants_early_offer: bool,
    replaces: Option<LegId>,
    subject: Option<Pii<String>>,
}

impl Phone {
    pub(super) fn handle_leg(&mut self, account: AccountId, leg: LegId, event: LegEvent, now: Now) {
        if self.ring_test_leg(account, leg, &event, now) {
            return;
        }
        if let LegEvent::Incoming {
            from,
            display,
            sdp,
            asserted,
            referred_by,
            anonymous,
            replaces,
            wants_early_offer,
            subject,
            session_id,
            call_id,
            ..
        } = event
        {
            let ids = CallIds { session: session_id, call: Some(call_id) };
            let peer = Peer { address: from, display_name: display };
            let caller = Caller { anonymous, asserted, referred_by, ..Caller::default() };
            self.arrive(account, leg, Arrival { ids, peer, caller, sdp, wants_early_offer, replaces, subject }, now);
        } else if let Some(call) = self.call_of(account, leg) {
            call.handle_leg(cooee_call::LegEvent::Sip(event), now);
        }
    }

    fn call_of(&mut self, account: AccountId, leg: LegId) -> Option<&mut Call> {
        let is_it = |running: &&mut Running| running.account == account && running.call.leg() == Some(Leg::Sip(leg));
        self.calls.values_mut().find(is_it).map(|running| &mut running.call)
    }

    fn arrive(&mut self, account_id: AccountId, leg: LegId, arrival: Arrival, now: Now) {
        let Arrival { ids, peer, mut caller, sdp, wants_early_offer, replaces, subject } = arrival;
        if self.known.is_declined(&ids) {
            if let Some(account) = self.accounts.get_mut(&account_id) {
                account.agent.reject(leg, 603, "Decline", now);
            }
            return;
        }
        let announced = self.announced(&ids);
        let Some(account) = self.accounts.get(&account_id) else { return };
        caller.is_test = self.is_ring_test(account_id, ids.session.as_deref(), peer.address.reveal());
        let is_stranger = !self.is_known_by_name(account, &peer, &caller);
        let is_full = self.places_taken(is_stranger) >= self.config.max_calls;
        let is_busy = is_full || self.shutdown != Shutdown::No || account.is_leaving();
        caller.replaces = self.to_replace(account_id, replaces.map(Leg::Sip));
        let replaces = caller.replaces;
        caller.request = if replaces.is_some() { None } else { self.request_of(account, &peer, &caller, subject.as_ref()) };
        // Who replaces a call that is spoken in is let in by its peer.
        let screened =
            if replaces.is_some() { None } else { self.screen.judge(account, &peer, &caller).or(is_busy.then_some(Screened::Busy)) };
        let id = announced.as_ref().map_or_else(|| self.next_id(), Call::id);
        let is_news = announced.is_none();
        self.known.came(ids, id);
        let (leg, is_test) = (Leg::Sip(leg), caller.is_test);
        let Some(mut setup) = self.setup(id, account_id, peer, caller, CallDirection::Incoming) else { return };
        let offer = match &sdp {
            Some(sdp) => IncomingOffer::Theirs(sdp),
            None if wants_early_offer && self.may_learn_early(account_id, &setup) => IncomingOffer::OursEarly,
            None => IncomingOffer::Ours,
        };
        if offer == IncomingOffer::OursEarly {
            setup.shown = before_the_answer(setup.shown);
        }
        let mut call = match (screened, announced) {
            (Some(why), _) => Call::screened(setup, leg, why, now),
            (None, Some(announced)) => announced.arrives(setup, leg, offer, now),
            (None, None) => Call::incoming(setup, leg, offer, now),
        };
        if is_test {
            self.ring_test_returned(id, call.state(), now);
        }
        match replaces.and_then(|old| self.calls.get(&old)) {
            Some(old) => {
                call.mute(old.call.is_muted(), now);
                call.answer(now);
            }
            None if is_news && !call.is_over() => self.announce(&call, account_id),
            None => {}
        }
        self.calls.insert(id, Running { replaces, is_of_stranger: is_stranger, ..Running::new(account_id, call, Pii::default()) });
    }

    /// Who is blocked does not go on ringing.
    pub(super) fn set_blocked(&mut self, rules: Vec<BlockRule>, now: Now) {
        self.screen.set_blocked(rules);
        for call in self.calls.values_mut().map(|running| &mut running.call).filter(|call| call.rings_here()) {
            if self.screen.blocker(&call.peer().address, call.caller().asserted.as_ref()).is_some() {
                call.decline(now);
            }
        }
    }

    /// How many of the calls that may be at a time there are for somebody who calls. Strangers who only make the phone ring do not keep
    /// others from doing so.
    pub(super) fn places_taken(&self, by_stranger: bool) -> usize {
        let counts = |running: &&Running| by_stranger || !running.is_of_stranger || !running.call.rings_here();
        self.calls.values().filter(|running| !running.call.is_over()).filter(counts).count() + self.interruption.places()
    }

    /// Whether who calls bears the name of somebody known. Others may bear it, too: it is no proof.
    pub(super) fn is_known_by_name(&self, account: &Account, peer: &Peer, caller: &Caller) -> bool {
        let is_known = |who: Who<'_>| self.acquaintances.knows(account, who.address) || self.is_known(account, who);
        !caller.anonymous && Who::names(account, &peer.address, caller.asserted.as_ref()).any(is_known)
    }

    /// Whether who calls gets an offer of ours, addresses and all, before a person has taken the call: somebody we know, and by a name that
    /// others cannot use. Anybody can write any name into `From`; it counts where the account's server sees to that.
    fn may_learn_early(&self, account: AccountId, setup: &CallSetup) -> bool {
        let Some(account) = self.accounts.get(&account).filter(|_| !setup.caller.anonymous) else { return false };
        let who = Who::of(account, &setup.peer.address, setup.caller.asserted.as_ref());
        let is_proven = who.is_asserted || is_vouched_for(account, who.address);
        is_proven && (self.acquaintances.knows(account, who.address) || self.screen.allows([who]))
    }

    /// A name for a call that the phone begins by itself.
    pub(super) fn next_id(&mut self) -> CallId {
        let id = CallId(self.next_incoming);
        self.next_incoming += 2;
        id
    }

    pub(super) fn setup(
        &mut self,
        id: CallId,
        account_id: AccountId,
        peer: Peer,
        caller: Caller,
        direction: CallDirection,
    ) -> Option<CallSetup> {
        let account = self.accounts.get(&account_id)?;
        let media = MediaPreferences { low_data: self.low_data, ..account.media() };
        let shown = self.acquaintances.shown(account, peer.address.reveal(), direction);
        // The word of our own server counts more than the caller's.
        let who = caller.asserted.as_ref().unwrap_or(&peer.address);
        let (row, is_stun_known, times) = (row(account, who.reveal(), direction), account.is_stun_known(), self.config.times);
        let caller = Caller { asserted: caller.asserted.filter(|who| knows(account, who.reveal())), ..caller };
        let (hides_us, entropy) = (false, self.entropy.fork());
        Some(CallSetup { id, account: account_id, peer, caller, media, shown, row, is_stun_known, hides_us, times, entropy })
    }

    /// The called side pointed elsewhere: the call goes there over the same account, if that may be.
    pub(super) fn redirect(&mut self, id: CallId, place: &Pii<String>, now: Now) {
        let is_help = self.points_to_help(place.reveal());
        let Some(running) = self.calls.get_mut(&id) else { return };
        if is_help {
            return running.call.redirected_in_vain(RedirectTrouble::Emergency, now);
        }
        let account = self.accounts.get(&running.account);
        let target = Target::parse(place.reveal()).zip(account);
        match target.filter(|(target, account)| !target.is_secure || account.transport() == Transport::Tls) {
            None => running.call.redirected_in_vain(RedirectTrouble::Nowhere, now),
            Some((target, account)) => {
                let uri = target.within(&account.own.domain);
                // Whoever answers for an address of another domain could name a number that costs; what was dialled is no news.
                let is_ours = running
                    .further
                    .iter()
                    .any(|way| way.account == running.account && way.target.clone().within(&account.own.domain) == uri);
                if !is_ours && number_over(account, &uri) == Some(true) && number_over(account, running.target.reveal()).is_none() {
                    return running.call.redirected_in_vain(RedirectTrouble::Number, now);
                }
                running.target = Pii(uri);
                let (target, direction) = (running.target.reveal(), CallDirection::Outgoing);
                running.call.redirected(row(account, target, direction), self.acquaintances.shown(account, target, direction), now);
            }
        }
    }

    pub(super) fn with_call(&mut self, id: CallId, act: impl FnOnce(&mut Call)) {
        if let Some(running) = self.calls.get_mut(&id) {
            act(&mut running.call);
        }
    }
}

/// Whether the account's server can know who this is. Of people of other domains it cannot, though there are servers that pass on
/// what strangers assert; telephone numbers stand for themselves in whatever domain.
pub(super) fn knows(account: &Account, asserted: &str) -> bool {
    let Ok(uri) = Uri::parse(asserted) else { return false };
    uri.scheme() == Scheme::Tel || account.is_at(uri.host()) || is_number(&uri)
}

pub(super) fn is_number(uri: &Uri<'_>) -> bool {
    let user = uri.user().unwrap_or_default();
    let digits = user.strip_prefix('+').unwrap_or(user);
    !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit())
}

/// For a URI at the account's own server: whether it is a telephone number there.
fn number_over(account: &Account, uri: &str) -> Option<bool> {
    let uri = Uri::parse(uri).ok().filter(|uri| account.is_at(uri.host()))?;
    Some(dialled_for(&uri).is_some())
}
