//! One account's user agent: it registers, keeps its flow alive, makes and takes calls (RFC 3261, 5626).

mod announce;
mod backoff;
mod binding;
mod body;
mod bye;
mod callee;
mod caller;
mod config;
mod core;
mod credentials;
mod early;
mod ended;
mod event;
mod identity;
mod inbound;
mod info;
mod keep_alive;
mod leg;
mod offered;
mod outcome;
mod pace;
mod print;
mod query;
mod referral;
mod refresh;
mod registration;
mod reliable;
mod reoffer;
mod replaces;
mod request;
mod screen;
mod session;
mod sipfrag;
mod standalone;
mod stun;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod timer;
mod transfer;
mod within;

pub use config::{KeepAliveTimes, UserAgentConfig, UserAgentLimits};
pub use event::{
    EndKind, Ended, EndedBy, HangUp, InviteOptions, LegEvent, LegId, MessageEvent, MessageId, MessagesWaiting, QueryEvent, QueryId,
    ReferTo, RefusalKind, RegistrationEvent, RegistrationFailure, TransferEvent, UserAgentOutput,
};
pub use text::MAX_TEXT;

pub use crate::dialog::DialogKey;

use std::collections::BTreeMap;

use cooee_machine::{Entropy, Now, Wake};

use self::caller::{Caller, Plan};
use self::core::{Core, Purpose};
use self::keep_alive::{Beat, KeepAlive};
use self::leg::{Leg, Next};
use self::registration::Registration;
use crate::flow::{Flow, FlowId};

/// One account's user agent. Everything it sends goes over the account's current flow, to the account's own server.
///
/// After every call, drain [`UserAgent::poll_output`], then ask [`UserAgent::next_wake`].
pub struct UserAgent {
    core: Core,
    registration: Registration,
    keep_alive: KeepAlive,
    legs: BTreeMap<LegId, Leg>,
    next_leg: u64,
    next_message: u64,
    next_query: u64,
}

impl UserAgent {
    /// A user agent without a flow, which wants nothing yet.
    #[must_use]
    pub fn new(config: UserAgentConfig, mut entropy: Entropy) -> Self {
        let keep_alive = KeepAlive::new(config.keep_alive, entropy.fork());
        let mut core = Core::new(config, entropy);
        let registration = Registration::new(&mut core);
        Self { registration, core, keep_alive, legs: BTreeMap::new(), next_leg: 0, next_message: 0, next_query: 0 }
    }

    /// There is a way to the server now. Registers if that is wanted (after a refusal with a time to wait, not before it is
    /// over); calls in progress move to it.
    pub fn flow_opened(&mut self, flow: Flow, now: Now) {
        if self.core.flow.is_some() {
            self.flow_closed(now);
        }
        if let Some(last) = self.core.last_flow.replace(flow) {
            self.core.transactions.reroute(last.id, flow.id);
        }
        self.core.flow = Some(flow);
        self.keep_alive.flow_opened(flow.transport, now);
        self.registration.flow_opened(&mut self.core, now);
        for (id, leg) in &mut self.legs {
            if let Leg::Session(session) = leg {
                session.send_bye(&mut self.core, *id, now);
            }
        }
        self.drain(now);
    }

    /// The current flow is gone: requests under way fail, dialogs wait for the next flow.
    pub fn flow_closed(&mut self, now: Now) {
        let Some(flow) = self.core.flow.take() else { return };
        self.keep_alive.flow_closed();
        self.registration.flow_closed(&mut self.core);
        self.core.transactions.flow_closed(flow.id);
        self.drain(now);
    }

    /// Takes one whole message off a stream, or one datagram: a message, a STUN response or a bare CRLF. What comes by
    /// another flow than the current one is ignored: only the account's own server has anything to say.
    pub fn handle_message(&mut self, flow: FlowId, bytes: &[u8], now: Now) {
        let Some(current) = self.core.flow.filter(|current| current.id == flow) else { return };
        if matches!(flow, FlowId::Udp { .. }) && stun::is_stun(bytes) {
            let beat = self.keep_alive.handle_stun(bytes);
            self.beat(beat);
        } else {
            self.receive(&current, bytes, now);
        }
        self.drain(now);
    }

    /// A single CRLF came between two messages of the stream: the server's pong.
    pub fn handle_keep_alive(&mut self, _now: Now) {
        self.keep_alive.handle_pong();
    }

    /// A double CRLF came between two messages of the stream: the server's ping, answered by a pong (RFC 5626 4.4.1). It also
    /// counts as a pong, for two of those may look like a ping.
    pub fn handle_ping(&mut self, _now: Now) {
        self.keep_alive.handle_ping();
        self.core.send(b"\r\n".to_vec());
    }

    /// Lets every timer fire that is due. Early calls do no harm.
    pub fn handle_timeout(&mut self, now: Now) {
        self.core.transactions.handle_timeout(now);
        self.drain(now);
        self.registration.handle_timeout(&mut self.core, now);
        let beat = self.keep_alive.handle_timeout(now);
        self.beat(beat);
        let ids: Vec<LegId> = self.legs.keys().copied().collect();
        for id in ids {
            self.with_leg(id, |leg, core| leg.handle_timeout(core, id, now));
        }
        self.drain(now);
    }

    /// Finds out at once whether the flow still leads to the server, as after the device has slept: by a ping where that is answered, else
    /// by another REGISTER. [`UserAgentOutput::FlowFailed`] follows if not.
    pub fn check_flow(&mut self, now: Now) {
        match self.keep_alive.check(now) {
            None if self.keep_alive.is_waiting() => {}
            None => self.registration.say_again(&mut self.core, now),
            beat => self.beat(beat),
        }
        self.drain(now);
    }

    /// From now on, be registered: on this flow and on every later one. Also tries again after a refusal.
    pub fn register(&mut self, now: Now) {
        self.registration.register(&mut self.core, now);
        self.drain(now);
    }

    /// From now on, be not registered; [`RegistrationEvent::Unregistered`] follows.
    pub fn unregister(&mut self, now: Now) {
        self.registration.unregister(&mut self.core, now);
        self.drain(now);
    }

    /// Calls `target` (`sip:ben@example.org`) with an offer; an empty one leaves it to the other side. What becomes of it comes as [`LegEvent`]s, failures included.
    pub fn invite(&mut self, target: &str, sdp: Vec<u8>, options: InviteOptions, now: Now) -> LegId {
        let id = self.new_leg();
        let session = options.session_id.clone().filter(|id| crate::session_id::is_valid(id));
        let session = session.unwrap_or_else(|| self.core.session_id());
        let plan = Plan { target: target.to_owned(), sdp, session, options };
        let caller = if self.legs.len() < self.core.config.limits.legs {
            Caller::start(&mut self.core, id, plan, now)
        } else {
            Err(Ended::silent(EndedBy::Us, EndKind::Overload, None))
        };
        match caller {
            Ok(caller) => {
                self.legs.insert(id, Leg::Caller(Box::new(caller)));
            }
            Err(ended) => self.core.tell(id, LegEvent::Ended(ended)),
        }
        self.drain(now);
        id
    }

    /// Incoming leg: 180. A caller that [`wants_early_offer`](LegEvent::Incoming) hears it once ours comes along.
    pub fn ring(&mut self, leg: LegId, offer: Option<Vec<u8>>, now: Now) {
        self.with_leg(leg, |leg, core| {
            if let Leg::Callee(callee) = leg {
                callee.ring(core, offer, now);
            }
            Next::Same
        });
        self.drain(now);
    }

    /// Incoming leg: 200 with the answer (or with the offer, where the INVITE had none). Where an offer of ours was answered before, the
    /// description is the one agreed on, and is not sent.
    pub fn answer(&mut self, leg: LegId, sdp: Vec<u8>, now: Now) {
        self.with_leg(leg, |leg, core| match leg {
            Leg::Callee(callee) => callee.answer(core, sdp, now),
            Leg::Caller(_) | Leg::Session(_) => Next::Same,
        });
        self.drain(now);
    }

    /// Incoming leg: a final response 3xx-6xx; an empty reason becomes the standard's phrase.
    pub fn reject(&mut self, leg: LegId, status: u16, reason: &str, now: Now) {
        self.with_leg(leg, |leg, core| match leg {
            Leg::Callee(callee) => callee.reject(core, status, reason, now),
            Leg::Caller(_) | Leg::Session(_) => Next::Same,
        });
        self.drain(now);
    }

    /// Ends the leg by whatever fits its state: CANCEL, BYE or a final response.
    pub fn hang_up(&mut self, leg: LegId, reason: HangUp, now: Now) {
        self.with_leg(leg, |state, core| match state {
            Leg::Caller(caller) => {
                caller.hang_up(core, reason, now);
                Next::Same
            }
            Leg::Callee(callee) => callee.hang_up(core, &reason, now),
            Leg::Session(session) => {
                let ended = Ended::silent(EndedBy::Us, EndKind::HungUp, None);
                session.hang_up(core, leg, reason.header(), ended, now);
                Next::Same
            }
        });
        self.drain(now);
    }

    /// Sends a re-INVITE with a new offer; [`LegEvent::Reanswered`] or [`LegEvent::ReofferFailed`] follows. Where the peer's
    /// crosses it, it is sent again after a while.
    pub fn reoffer(&mut self, leg: LegId, sdp: Vec<u8>, now: Now) {
        self.with_session(leg, |session, core| session.start_reoffer(core, leg, sdp, now));
        self.drain(now);
    }

    /// Outgoing leg, before the answer: offers one of the places it went to another description by UPDATE (RFC 3311), where that one
    /// takes UPDATE and has answered reliably. [`LegEvent::EarlyReanswered`] or [`LegEvent::EarlyReofferFailed`] follows.
    pub fn reoffer_early(&mut self, leg: LegId, dialog: &DialogKey, sdp: Vec<u8>, now: Now) {
        self.with_leg(leg, |state, core| {
            match state {
                Leg::Caller(caller) => caller.offer_early(core, leg, dialog, sdp, now),
                Leg::Callee(_) | Leg::Session(_) => {
                    core.tell(leg, LegEvent::EarlyReofferFailed { dialog: dialog.clone(), status: 491 });
                }
            }
            Next::Same
        });
        self.drain(now);
    }

    /// Answers [`LegEvent::Reoffer`], or with its dialog [`LegEvent::EarlyReoffer`], by 200.
    pub fn accept_reoffer(&mut self, leg: LegId, fork: Option<&DialogKey>, sdp: Vec<u8>, now: Now) {
        self.with_leg(leg, |state, core| {
            match (state, fork) {
                (Leg::Caller(caller), Some(fork)) => caller.answer_update(core, fork, Ok(sdp), now),
                (Leg::Callee(callee), Some(fork)) => callee.answer_offer(core, fork, Ok(sdp), now),
                (Leg::Session(session), fork) if session.is_asking(fork) => session.accept_reoffer(core, leg, sdp, now),
                _ => {}
            }
            Next::Same
        });
        self.drain(now);
    }

    /// Answers [`LegEvent::Reoffer`], or with its dialog [`LegEvent::EarlyReoffer`], by a final response, usually 488.
    pub fn reject_reoffer(&mut self, leg: LegId, fork: Option<&DialogKey>, status: u16, now: Now) {
        self.with_leg(leg, |state, core| {
            match (state, fork) {
                (Leg::Caller(caller), Some(fork)) => caller.answer_update(core, fork, Err(status), now),
                (Leg::Callee(callee), Some(fork)) => callee.answer_offer(core, fork, Err(status), now),
                (Leg::Session(session), fork) if session.is_asking(fork) => session.reject_reoffer(core, status, now),
                _ => {}
            }
            Next::Same
        });
        self.drain(now);
    }

    /// The next thing to do; drain until `None`.
    pub fn poll_output(&mut self) -> Option<UserAgentOutput> {
        self.core.outputs.pop_front()
    }

    /// When to call [`UserAgent::handle_timeout`] next.
    #[must_use]
    pub fn next_wake(&self) -> Option<Wake> {
        let wakes = [self.core.transactions.next_wake(), self.registration.next_wake(), self.keep_alive.next_wake()];
        wakes.into_iter().chain(self.legs.values().map(Leg::next_wake)).fold(None, Wake::earlier)
    }

    /// The next moment that must not be slept through, or the server loses us: the keep-alive and the registration. What goes on
    /// between messages ([`UserAgent::is_idle`], [`UserAgent::awaits_server`]) is not slept through at all, and what is only tidied up has time.
    #[must_use]
    pub fn next_alarm(&self) -> Option<Wake> {
        Wake::together([self.registration.next_wake(), self.keep_alive.next_ping()].into_iter().flatten())
    }

    /// Whether the server is yet to say that it has us: a REGISTER or a ping is on its way.
    #[must_use]
    pub fn awaits_server(&self) -> bool {
        self.registration.is_in_flight() || self.keep_alive.is_waiting()
    }

    /// Whether nothing is under way that a peer or the server should still hear of: no leg, no BYE, no text or question, no REGISTER.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let stray = |purpose: &Purpose| matches!(purpose, Purpose::StrayBye(_) | Purpose::Standalone(_));
        self.legs.is_empty() && !self.registration.is_in_flight() && !self.core.purposes.values().any(stray)
    }

    fn new_leg(&mut self) -> LegId {
        self.next_leg += 1;
        LegId(self.next_leg)
    }

    fn beat(&mut self, beat: Option<Beat>) {
        match beat {
            Some(Beat::Send(payload)) => self.core.send(payload),
            Some(Beat::Failed) => self.core.outputs.extend(self.core.flow.map(|flow| UserAgentOutput::FlowFailed(flow.id))),
            None => {}
        }
    }

    /// Lets a leg take an input and draws the consequences.
    fn with_leg(&mut self, id: LegId, input: impl FnOnce(&mut Leg, &mut Core) -> Next) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match input(leg, &mut self.core) {
            Next::Same => {}
            Next::Session(session) => *leg = Leg::Session(session),
            Next::Ended(ended) => {
                let keys = leg.keys().cloned().collect();
                self.core.remember(keys);
                self.legs.remove(&id);
                self.core.tell(id, LegEvent::Ended(ended));
            }
        }
    }

    fn with_session(&mut self, id: LegId, input: impl FnOnce(&mut session::Session, &mut Core)) {
        self.with_leg(id, |leg, core| {
            if let Leg::Session(session) = leg {
                input(session, core);
            }
            Next::Same
        });
    }
}

/// Counts what there is; the rest tells who people are.
impl std::fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserAgent({} legs, {} transactions)", self.legs.len(), self.core.transactions.len())
    }
}
